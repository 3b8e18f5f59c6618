//! From the model in a file to the domain's, every rule checked with its path.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{ModelFileError, ModelFileErrorKind};
use super::json_path::key_path;
use super::v1;
use super::wire_model::{direction, input_kind, semantics};
use crate::band::{Action, Band, Bands};
use crate::calibration::{Calibration, OutcomePolarity, ProbabilityCurve};
use crate::component::{Category, Component, Indicator, Missing};
use crate::fault::Fault;
use crate::model::Model;
use crate::normalisation::{Bins, Knots, Normalisation};
use crate::policy::{Fit, Gates};
use crate::scorecard::Scorecard;
use crate::scorecard_toml::{is_name, is_version};
use crate::trend::{Trend, TrendRule};

/// How far a sum of weights may lie from what it has to be.
const WEIGHT_TOLERANCE: f64 = 1e-9;
/// Where the model stands in the document.
const PLACE: &str = "$.model";

type Checked<T> = Result<T, ModelFileError>;

fn wrong(path: impl Into<String>, message: impl Into<String>) -> ModelFileError {
    ModelFileError::new(ModelFileErrorKind::Meaning, path, message)
}

/// The model of a file, if it is one.
pub(super) fn from_wire(wire: &v1::Model) -> Checked<Model> {
    check_head(wire)?;
    let mut components = Vec::new();
    for (index, component) in wire.components.iter().enumerate() {
        components.push(self::component(&format!("{PLACE}.components[{index}]"), component)?);
    }
    check_weights(&components)?;
    let bands = bands(&format!("{PLACE}.bands"), &wire.bands)?;
    let trend = trend(&wire.trend, &bands)?;
    let scorecard = Scorecard {
        name: wire.name.clone(),
        version: wire.version.clone(),
        components,
        bands,
        trend,
        fit: Fit::default(),
        gates: Gates::default(),
    };
    check_indicators(wire, &scorecard)?;
    let references: Vec<f64> =
        scorecard.indicators().map(|indicator| indicator.reference_sub_score).collect();
    let place =
        |fault: crate::model::ModelFault| wrong(format!("{PLACE}.{}", fault.field), fault.message);
    let model = Model::from_scorecard(&scorecard, calibration(&wire.calibration)?, &references)
        .map_err(place)?;
    match &wire.segments {
        None => Ok(model),
        Some(segments) => {
            let levels = segment_references(segments, &scorecard)?;
            model.with_segments(&segments.column, &levels).map_err(place)
        }
    }
}

fn check_head(wire: &v1::Model) -> Checked<()> {
    if !is_name(&wire.name) {
        return Err(wrong(
            format!("{PLACE}.name"),
            format!("`{}` is no name; expected letters, digits, `_`, `-`", wire.name),
        ));
    }
    if !is_version(&wire.version) {
        let message = format!("`{}` is no version; expected one such as \"1.4.0\"", wire.version);
        return Err(wrong(format!("{PLACE}.version"), message));
    }
    if wire.semantics != semantics() {
        let message = "other semantics than format 1.0 defines; a score would mean another thing";
        return Err(wrong(format!("{PLACE}.semantics"), message));
    }
    if wire.components.is_empty() {
        return Err(wrong(format!("{PLACE}.components"), "no component; expected at least one"));
    }
    Ok(())
}

/// Weights sum to 100, each component's to its own.
fn check_weights(components: &[Component]) -> Checked<()> {
    let mut total = 0.0;
    for (index, component) in components.iter().enumerate() {
        let mut sum = 0.0;
        for indicator in &component.indicators {
            sum += indicator.weight;
            total += indicator.weight;
        }
        if (sum - component.weight).abs() > WEIGHT_TOLERANCE {
            let message = format!("{}, but its indicators' weights sum to {sum}", component.weight);
            return Err(wrong(format!("{PLACE}.components[{index}].weight"), message));
        }
    }
    if (total - 100.0).abs() > WEIGHT_TOLERANCE {
        let message = format!("the weights of the indicators sum to {total}; expected 100");
        return Err(wrong(format!("{PLACE}.components"), message));
    }
    Ok(())
}

/// Names stand once, and each indicator has its input, in the same order.
fn check_indicators(wire: &v1::Model, scorecard: &Scorecard) -> Checked<()> {
    let mut components = BTreeSet::new();
    for (index, component) in wire.components.iter().enumerate() {
        if !components.insert(component.name.as_str()) {
            let message = format!("component `{}` stands twice", component.name);
            return Err(wrong(format!("{PLACE}.components[{index}].name"), message));
        }
    }
    let (mut names, mut codes) = (BTreeSet::new(), BTreeSet::new());
    let mut inputs = wire.inputs.iter().enumerate();
    let wire_indicators = wire.components.iter().flat_map(|component| &component.indicators);
    for (indicator, wire) in scorecard.indicators().zip(wire_indicators) {
        let (index, input) = inputs.next().ok_or_else(|| {
            let message = format!("no input for indicator `{}`", indicator.name);
            wrong(format!("{PLACE}.inputs"), message)
        })?;
        check_input(&format!("{PLACE}.inputs[{index}]"), input, indicator)?;
        if !names.insert(indicator.name.as_str()) {
            let message = format!("indicator `{}` stands twice", indicator.name);
            return Err(wrong(format!("{PLACE}.inputs[{index}].name"), message));
        }
        if wire.reason_code.is_empty() || !codes.insert(wire.reason_code.as_str()) {
            let message = format!("reason code `{}` is empty or stands twice", wire.reason_code);
            return Err(wrong(format!("{PLACE}.components"), message));
        }
    }
    match inputs.next() {
        None => Ok(()),
        Some((index, input)) => {
            let message = format!("`{}` feeds no indicator", input.name);
            Err(wrong(format!("{PLACE}.inputs[{index}]"), message))
        }
    }
}

fn check_input(place: &str, input: &v1::Input, indicator: &Indicator) -> Checked<()> {
    let differs = |field: &str, message: String| Err(wrong(format!("{place}.{field}"), message));
    if input.name != indicator.name {
        let message = format!(
            "`{}`; expected `{}`, for inputs follow the order of the indicators",
            input.name, indicator.name
        );
        return differs("name", message);
    }
    if input.kind != input_kind(&indicator.normalisation) {
        return differs("type", "not the type that the normalisation reads".to_owned());
    }
    if input.required != (indicator.missing == Missing::Reject) {
        let message = "an input is required where its indicator says `missing: reject`, else not";
        return differs("required", message.to_owned());
    }
    match input.valid_range {
        Some((least, most)) if least > most => {
            differs("valid_range", format!("{least} to {most}; expected ascending"))
        }
        _ => Ok(()),
    }
}

fn component(place: &str, wire: &v1::Component) -> Checked<Component> {
    check_name(&format!("{place}.name"), &wire.name)?;
    if wire.indicators.is_empty() {
        return Err(wrong(format!("{place}.indicators"), "no indicator; expected at least one"));
    }
    let mut indicators = Vec::new();
    for (index, indicator) in wire.indicators.iter().enumerate() {
        indicators.push(self::indicator(&format!("{place}.indicators[{index}]"), indicator)?);
    }
    Ok(Component {
        name: wire.name.clone(),
        weight: wire.weight,
        category: wire.category.map(|category| match category {
            v1::Category::Declarative => Category::Declarative,
            v1::Category::Behavioral => Category::Behavioral,
            v1::Category::Operational => Category::Operational,
            v1::Category::Financial => Category::Financial,
            v1::Category::Qualitative => Category::Qualitative,
            v1::Category::Relationship => Category::Relationship,
        }),
        share: None,
        indicators,
        on_decline: actions(&format!("{place}.on_decline"), &wire.on_decline)?,
        bands: match &wire.bands {
            None => None,
            Some(own) => Some(bands(&format!("{place}.bands"), own)?),
        },
    })
}

fn indicator(place: &str, wire: &v1::Indicator) -> Checked<Indicator> {
    check_name(&format!("{place}.name"), &wire.name)?;
    within_percent(&format!("{place}.weight"), wire.weight)?;
    within_percent(&format!("{place}.reference_sub_score"), wire.reference_sub_score)?;
    let normalisation = normalisation(&format!("{place}.normalisation"), &wire.normalisation)?;
    if wire.direction != direction(&normalisation) {
        let message = "not the direction in which the normalisation runs";
        return Err(wrong(format!("{place}.direction"), message));
    }
    Ok(Indicator {
        name: wire.name.clone(),
        weight: wire.weight,
        normalisation,
        missing: match wire.missing {
            v1::Missing::Reweight => Missing::Reweight,
            v1::Missing::Reject => Missing::Reject,
            v1::Missing::SubScore(sub_score) => {
                within_percent(&format!("{place}.missing.sub_score"), sub_score)?;
                Missing::Score(sub_score)
            }
        },
        reference_sub_score: wire.reference_sub_score,
        share: None,
        on_decline: actions(&format!("{place}.on_decline"), &wire.on_decline)?,
    })
}

fn normalisation(place: &str, wire: &v1::Normalisation) -> Checked<Normalisation> {
    match wire {
        v1::Normalisation::Knots(points) => Knots::new(points.clone())
            .map(Normalisation::Knots)
            .map_err(|faults| first_fault(&format!("{place}.knots"), faults)),
        v1::Normalisation::Bins { edges, scores } => {
            let place = format!("{place}.bins");
            let at = |list: &str, faults| first_fault(&format!("{place}.{list}"), faults);
            let broken = || match Bins::check_edges(edges) {
                faults if faults.is_empty() => at("scores", Bins::check_scores(edges, scores)),
                faults => at("edges", faults),
            };
            Bins::new(edges.clone(), scores.clone()).map(Normalisation::Bins).ok_or_else(broken)
        }
        v1::Normalisation::Map(map) => {
            let place = format!("{place}.map");
            if map.is_empty() {
                return Err(wrong(place, "no word; expected at least one"));
            }
            for (word, sub_score) in map {
                within_percent(&key_path(&place, word), *sub_score)?;
            }
            Ok(Normalisation::Map(map.clone()))
        }
    }
}

fn bands(place: &str, wire: &[v1::Band]) -> Checked<Bands> {
    let mut bands = Vec::new();
    for (index, band) in wire.iter().enumerate() {
        if band.name.is_empty() {
            return Err(wrong(format!("{place}[{index}].name"), "the name is empty"));
        }
        bands.push(Band {
            name: band.name.clone(),
            from: band.from,
            color: band.color.clone(),
            grade: band.grade.clone(),
            actions: actions(&format!("{place}[{index}].actions"), &band.actions)?,
        });
    }
    let edges: Vec<f64> = bands.iter().map(|band| band.from).collect();
    let names: Vec<&str> = bands.iter().map(|band| band.name.as_str()).collect();
    let faults: Vec<Fault> =
        Bands::check_edges(&edges).into_iter().chain(Bands::check_names(&names)).collect();
    Bands::new(bands).ok_or_else(|| first_fault(place, faults))
}

fn actions(place: &str, wire: &[v1::Action]) -> Checked<Vec<Action>> {
    let action = |(index, action): (usize, &v1::Action)| {
        if action.what.is_empty() {
            return Err(wrong(format!("{place}[{index}].do"), "the text is empty"));
        }
        let (what, owner) = (action.what.clone(), action.owner.clone());
        Ok(Action { what, owner, within_days: action.within_days })
    };
    wire.iter().enumerate().map(action).collect()
}

fn trend(wire: &v1::Trend, bands: &Bands) -> Checked<Trend> {
    let place = format!("{PLACE}.trend");
    if wire.window_days == Some(0) {
        return Err(wrong(format!("{place}.window_days"), "a window of no days"));
    }
    let points = |path: String, points: f64| {
        let sound = points > 0.0 && points <= 100.0;
        let message = format!("{points} points; expected more than 0, at most 100");
        if sound { Ok(points) } else { Err(wrong(path, message)) }
    };
    let mut rules = Vec::new();
    for (index, rule) in wire.rules.iter().enumerate() {
        let place = format!("{place}.rules[{index}]");
        let at_best = bands.as_slice().iter().position(|band| band.name == rule.at_best);
        rules.push(TrendRule {
            fall: points(format!("{place}.fall"), rule.fall)?,
            at_best: at_best.ok_or_else(|| {
                wrong(format!("{place}.at_best"), format!("no band is named `{}`", rule.at_best))
            })?,
        });
    }
    let threshold = points(format!("{place}.threshold"), wire.threshold)?;
    Ok(Trend { window_days: wire.window_days, threshold, rules })
}

fn calibration(wire: &v1::Calibration) -> Checked<Calibration> {
    let curve = match (wire.method, wire.intercept, wire.slope, &wire.points) {
        (v1::CalibrationMethod::Logistic, Some(intercept), Some(slope), None) => {
            ProbabilityCurve::Logistic { intercept, slope }
        }
        (v1::CalibrationMethod::Isotonic, None, None, Some(points)) => ProbabilityCurve::Isotonic {
            points: points.iter().map(|[score, probability]| (*score, *probability)).collect(),
        },
        _ => {
            let message = "expected `intercept` and `slope` alone for `logistic`, `points` alone for \
                           `isotonic`";
            return Err(wrong(format!("{PLACE}.calibration"), message));
        }
    };
    Ok(Calibration {
        curve,
        outcome: wire.outcome.clone(),
        polarity: match wire.polarity {
            v1::Polarity::Adverse => OutcomePolarity::Adverse,
            v1::Polarity::Favourable => OutcomePolarity::Favourable,
        },
        lead_time: wire.lead_time.clone(),
        horizon: wire.horizon.clone(),
        base_rate: wire.base_rate,
    })
}

/// Reference sub-scores of each level, in the order of the indicators.
fn segment_references(
    wire: &v1::Segments,
    scorecard: &Scorecard,
) -> Checked<BTreeMap<String, Vec<f64>>> {
    let mut levels = BTreeMap::new();
    for (level, by_indicator) in &wire.reference_sub_scores {
        let place = key_path(&format!("{PLACE}.segments.reference_sub_scores"), level);
        let references: Vec<f64> = (scorecard.indicators())
            .filter_map(|indicator| by_indicator.get(&indicator.name).copied())
            .collect();
        if references.len() != scorecard.indicators().count()
            || references.len() != by_indicator.len()
        {
            return Err(wrong(place, "expected exactly one sub-score per indicator"));
        }
        for (name, reference) in by_indicator {
            within_percent(&key_path(&place, name), *reference)?;
        }
        levels.insert(level.clone(), references);
    }
    Ok(levels)
}

fn check_name(path: &str, name: &str) -> Checked<()> {
    let message = || format!("`{name}` is no name; expected letters, digits, `_`, `-`");
    if is_name(name) { Ok(()) } else { Err(wrong(path, message())) }
}

fn within_percent(path: &str, number: f64) -> Checked<()> {
    let sound = (0.0..=100.0).contains(&number);
    if sound { Ok(()) } else { Err(wrong(path, format!("{number}; expected 0 to 100"))) }
}

fn first_fault(place: &str, faults: Vec<Fault>) -> ModelFileError {
    match faults.into_iter().next() {
        Some(fault) => wrong(format!("{place}[{}]", fault.index), fault.message),
        None => wrong(place, "unsound"),
    }
}
