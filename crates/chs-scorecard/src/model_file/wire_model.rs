//! Between the domain's model and the one in the file.

use std::collections::BTreeMap;

use super::InputNote;
use super::v1;
use crate::band::{Action, Band};
use crate::calibration::{Calibration, OutcomePolarity, ProbabilityCurve};
use crate::component::{Category, Component, Indicator, Missing};
use crate::model::Model;
use crate::normalisation::{Better, Normalisation};
use crate::scorecard::Scorecard;
use crate::trend::Trend;

/// The model as it stands in a file; `notes` say more of inputs.
pub(super) fn to_wire(model: &Model, notes: &BTreeMap<String, InputNote>) -> v1::Model {
    let scorecard = model.scorecard();
    let input = |indicator: &Indicator| {
        let note = notes.get(&indicator.name);
        v1::Input {
            name: indicator.name.clone(),
            kind: input_kind(&indicator.normalisation),
            unit: note.and_then(|note| note.unit.clone()),
            required: indicator.missing == Missing::Reject,
            valid_range: note.and_then(|note| note.valid_range),
        }
    };
    v1::Model {
        name: scorecard.name().to_owned(),
        version: scorecard.version().to_owned(),
        semantics: semantics(),
        inputs: scorecard.indicators().map(input).collect(),
        components: scorecard.components().iter().map(component).collect(),
        bands: scorecard.bands().iter().map(band).collect(),
        trend: trend(scorecard.trend(), scorecard.bands()),
        calibration: calibration(model.calibration()),
        segments: model.segment_column().map(|column| v1::Segments {
            column: column.to_owned(),
            reference_sub_scores: (model.segments())
                .map(|(level, scorecard)| (level.to_owned(), references(scorecard)))
                .collect(),
        }),
    }
}

/// What a score means in version 1.0.
pub(super) fn semantics() -> v1::Semantics {
    let text = str::to_owned;
    v1::Semantics {
        direction: text("0 to 100, higher is healthier"),
        aggregation: text(
            "W is the sum of the weights of the indicators that have a sub-score, in declared order; \
             the score is the sum of weight / W * sub-score in declared order, held within 0 to 100; \
             without an observed indicator of positive weight there is no score",
        ),
        missing: text(
            "null, NaN, infinite numbers, unknown words and values of the wrong type are missing; \
             what an indicator says under `missing` then applies",
        ),
        bands: text(
            "decided on the unrounded score; an edge belongs to the higher band; a trend rule that \
             fires caps the band",
        ),
        arithmetic: text(
            "IEEE 754 doubles, between knots y0 + (x - x0) / (x1 - x0) * (y1 - y0), at a knot the \
             segment on its right, no fused multiply-add, no reassociation",
        ),
    }
}

pub(super) fn input_kind(normalisation: &Normalisation) -> v1::InputKind {
    match normalisation {
        Normalisation::Map(_) => v1::InputKind::Text,
        _ => v1::InputKind::Number,
    }
}

pub(super) fn direction(normalisation: &Normalisation) -> v1::Direction {
    match normalisation.direction() {
        Some(Better::Higher) => v1::Direction::HigherIsBetter,
        Some(Better::Lower) => v1::Direction::LowerIsBetter,
        None => v1::Direction::Neither,
    }
}

fn component(component: &Component) -> v1::Component {
    v1::Component {
        name: component.name.clone(),
        weight: component.weight,
        category: component.category.map(|category| match category {
            Category::Declarative => v1::Category::Declarative,
            Category::Behavioral => v1::Category::Behavioral,
            Category::Operational => v1::Category::Operational,
            Category::Financial => v1::Category::Financial,
            Category::Qualitative => v1::Category::Qualitative,
            Category::Relationship => v1::Category::Relationship,
        }),
        bands: component.bands().map(|bands| bands.iter().map(band).collect()),
        on_decline: actions(&component.on_decline),
        indicators: component.indicators.iter().map(indicator).collect(),
    }
}

fn indicator(indicator: &Indicator) -> v1::Indicator {
    v1::Indicator {
        name: indicator.name.clone(),
        weight: indicator.weight,
        normalisation: match &indicator.normalisation {
            Normalisation::Knots(knots) => v1::Normalisation::Knots(knots.points().to_vec()),
            Normalisation::Bins(bins) => v1::Normalisation::Bins {
                edges: bins.edges().to_vec(),
                scores: bins.scores().to_vec(),
            },
            Normalisation::Map(map) => v1::Normalisation::Map(map.clone()),
            // A model has none; an empty list is refused on the way back.
            Normalisation::Percentile(_) => v1::Normalisation::Knots(Vec::new()),
        },
        direction: direction(&indicator.normalisation),
        missing: match indicator.missing {
            Missing::Reweight => v1::Missing::Reweight,
            Missing::Reject => v1::Missing::Reject,
            Missing::Score(sub_score) => v1::Missing::SubScore(sub_score),
        },
        reason_code: indicator.name.clone(),
        reference_sub_score: indicator.reference_sub_score,
        on_decline: actions(&indicator.on_decline),
    }
}

fn band(band: &Band) -> v1::Band {
    v1::Band {
        name: band.name.clone(),
        from: band.from,
        color: band.color.clone(),
        grade: band.grade.clone(),
        actions: actions(&band.actions),
    }
}

fn actions(actions: &[Action]) -> Vec<v1::Action> {
    (actions.iter())
        .map(|action| v1::Action {
            what: action.what.clone(),
            owner: action.owner.clone(),
            within_days: action.within_days,
        })
        .collect()
}

fn trend(trend: &Trend, bands: &[Band]) -> v1::Trend {
    let name = |index: usize| bands.get(index).map(|band| band.name.clone()).unwrap_or_default();
    v1::Trend {
        window_days: trend.window_days,
        threshold: trend.threshold,
        rules: (trend.rules.iter())
            .map(|rule| v1::TrendRule { fall: rule.fall, at_best: name(rule.at_best) })
            .collect(),
    }
}

fn calibration(calibration: &Calibration) -> v1::Calibration {
    let (method, intercept, slope, points) = match &calibration.curve {
        ProbabilityCurve::Logistic { intercept, slope } => {
            (v1::CalibrationMethod::Logistic, Some(*intercept), Some(*slope), None)
        }
        ProbabilityCurve::Isotonic { points } => {
            let points = points.iter().map(|(score, probability)| [*score, *probability]).collect();
            (v1::CalibrationMethod::Isotonic, None, None, Some(points))
        }
    };
    v1::Calibration {
        method,
        intercept,
        slope,
        points,
        outcome: calibration.outcome.clone(),
        polarity: match calibration.polarity {
            OutcomePolarity::Adverse => v1::Polarity::Adverse,
            OutcomePolarity::Favourable => v1::Polarity::Favourable,
        },
        lead_time: calibration.lead_time.clone(),
        horizon: calibration.horizon.clone(),
        base_rate: calibration.base_rate,
    }
}

fn references(scorecard: &Scorecard) -> BTreeMap<String, f64> {
    (scorecard.indicators())
        .map(|indicator| (indicator.name.clone(), indicator.reference_sub_score))
        .collect()
}
