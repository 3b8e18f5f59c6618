//! What a fit learned, how it holds out of time, and whether a model left it.

use chs_backtest::backtest_json::v1::{Comparison, Metric};
use chs_fit::fit_json::v1::{Calibration, Edge, Fit, Gate, Reason, Weight};

use crate::chart::{Axis, Chart, Drawing, Forest, Mark, Reference, Tone, WeightPair};
use crate::difference_table::rival_table;
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::label::{auc_heading, auc_in_words, rate_heading};
use crate::lookup::{WITHIN, overall};
use crate::section::further::further;
use crate::wording::{fixed, level, listed, plain, signed, spaced, thousands};
use crate::{Column, Table};

/// Figures of the fitted score that are told, and how they are called and written.
const FIGURES: [(&str, &str, Format); 5] = [
    (WITHIN, "", Format::Thousandths),
    ("log_loss", "log loss", Format::Loss),
    ("brier_scaled", "Brier score, scaled", Format::Thousandths),
    ("calibration_slope", "calibration slope", Format::Thousandths),
    ("calibration_intercept", "calibration intercept", Format::Thousandths),
];

/// Nothing where nothing was fitted.
pub(crate) fn fitted(document: &mut Document, fit: Option<&Fit>) {
    let Some(fit) = fit else { return };
    document.section("What did the fit find?");
    outcome(document, fit);
    document.subsection("Gates");
    document.paragraph("A gate that cannot be evaluated counts as failed.");
    document.list(&gates(fit));
    weights(document, fit);
    out_of_time(document, fit);
    meaning(document, fit);
    further(document, fit);
}

/// `7 of 7 passed: model validated`
pub(crate) fn gate_tally(fit: &Fit) -> String {
    let with = |status: &str| fit.gates.iter().filter(|gate| gate.status == status).count();
    let waived = match with("waived") {
        0 => String::new(),
        count => format!(", {count} waived"),
    };
    let end = if is_refused(fit) { "no model" } else { "model validated" };
    format!("{} of {} passed{waived}: {end}", with("pass"), fit.gates.len())
}

/// Whether there is no model.
pub(crate) fn is_refused(fit: &Fit) -> bool {
    fit.outcome != "validated"
}

fn is_learned(fit: &Fit) -> bool {
    fit.settings.weights == "learned"
}

fn outcome(document: &mut Document, fit: &Fit) {
    let prior = format!("{} version {}", code(&fit.scorecard.name), code(&fit.scorecard.version));
    if is_refused(fit) {
        document.paragraph(&format!(
            "**No model left the fit.** The weights of {prior} stay in force."
        ));
        document.list(&reasons(fit));
        if fit.calibration.is_some() {
            document.paragraph(
                "What was learned stands below so that the refusal can be judged. It is not for use.",
            );
        }
    } else if let (true, Some(moved)) = (is_learned(fit), fit.moved) {
        document.paragraph(&format!(
            "**A model left the fit.** The history moved {} % of the weight away from {prior}, and every \
             gate is open.",
            fixed(moved, 0)
        ));
    } else {
        document.paragraph(&format!(
            "**A model left the fit**, with the weights of {prior} as they are; every gate is open."
        ));
    }
    document.paragraph(&format!("{}.", taught_by(fit)));
}

/// Closed gates by name, as they are told of below; other reasons in full.
fn reasons(fit: &Fit) -> Vec<String> {
    let is_gate = |code: &str| fit.gates.iter().any(|gate| gate.name == code);
    let (gates, others): (Vec<&Reason>, Vec<&Reason>) =
        fit.reasons.iter().partition(|reason| is_gate(&reason.code));
    let mut reasons: Vec<String> = others.iter().map(|reason| prose(&reason.sentence)).collect();
    let closed: Vec<String> = gates.iter().map(|reason| prose(&spaced(&reason.code))).collect();
    match closed.as_slice() {
        [] => {}
        [only] => reasons.push(format!("A gate is closed: {only}.")),
        all => reasons.push(format!("{} gates are closed: {}.", all.len(), listed(all))),
    }
    reasons
}

fn taught_by(fit: &Fit) -> String {
    let data = &fit.data;
    let days = match (&data.from, &data.to) {
        (Some(from), Some(to)) if from != to => format!(" from {from} to {to}"),
        _ => String::new(),
    };
    let estimator = if is_learned(fit) {
        let pull = fit.selection.as_ref().map_or_else(String::new, |selection| {
            format!(", drawn to the weights before it with lambda {:.2e}", selection.chosen)
        });
        format!("; estimator {}{pull}", code(&fit.settings.estimator))
    } else {
        String::new()
    };
    format!(
        "It read {} rows of {} accounts{}, {} of them with {}{estimator}",
        thousands(data.rows),
        thousands(data.accounts),
        prose(&days),
        thousands(data.event_accounts),
        prose(&fit.label.outcome)
    )
}

fn gates(fit: &Fit) -> Vec<String> {
    let told = |gate: &Gate| {
        let (name, status) = (spaced(&gate.name), spaced(&gate.status));
        format!("**{}, {}:** {}", prose(&name), prose(&status), prose(&gate.sentence))
    };
    fit.gates.iter().map(told).collect()
}

fn range(weight: &Weight) -> Option<(f64, f64)> {
    weight.range_lower.zip(weight.range_upper)
}

fn weights(document: &mut Document, fit: &Fit) {
    if !is_learned(fit) || fit.weights.iter().all(|weight| weight.fitted.is_none()) {
        return;
    }
    document.subsection("Weights");
    document.chart(weight_chart(fit));
    document.table(&weight_table(fit));
    if fit.weights.iter().any(|weight| range(weight).is_some()) {
        document.paragraph(&format!(
            "The range is that of {} resamples of the accounts: it tells how far a weight moves with \
             them, and is no confidence interval.",
            thousands(fit.settings.resamples)
        ));
    }
    if fit.weights.iter().any(|weight| !weight.why.is_empty()) {
        document.subsection("Why weights moved");
        document.list(&fit.weights.iter().map(why).collect::<Vec<_>>());
        document.paragraph(
            "What an old weight costs is how much the log loss of held-out rows rises when that weight is \
             held as it was and the others are fitted around it; below 0 the old weight does better.",
        );
    }
    for removed in &fit.removed {
        document.paragraph(&format!(
            "{} was left out for there to be fewer indicators; that cost {:.1e} nats.",
            code(&removed.indicator),
            removed.cost
        ));
    }
}

fn why(weight: &Weight) -> String {
    let bounds = weight.keeping_lower.zip(weight.keeping_upper);
    let price = weight.keeping.map_or_else(String::new, |keeping| {
        let price = Figure { estimate: Some(keeping), bounds, reason: None };
        let price = price.words(Format::LossDifference).0;
        format!("; the old weight costs {price} nats per row")
    });
    format!("{}: {}{price}.", code(&weight.indicator), prose(&weight.why))
}

fn weight_chart(fit: &Fit) -> Chart {
    let pair = |weight: &Weight| {
        let fitted = weight.fitted?;
        let bounds = range(weight).map_or(String::new(), |(lower, upper)| {
            format!(" [{}, {}]", fixed(lower, 0), fixed(upper, 0))
        });
        Some(WeightPair {
            name: weight.indicator.clone(),
            prior: weight.prior,
            fitted,
            range: range(weight),
            label: format!("{} to {} %{bounds}", plain(weight.prior), plain(fitted)),
        })
    };
    let pairs: Vec<WeightPair> = fit.weights.iter().filter_map(pair).collect();
    let words: Vec<String> =
        pairs.iter().map(|pair| format!("{}: {}", pair.name, pair.label)).collect();
    Chart {
        name: "weights".to_owned(),
        title: "Weights, before and fitted".to_owned(),
        description: format!("{}.", words.join("; ")),
        drawing: Drawing::Weights(pairs),
    }
}

fn weight_table(fit: &Fit) -> Table {
    let mut table = Table::new(vec![
        Column::words("component"),
        Column::words("indicator"),
        Column::numbers("before, %"),
        Column::numbers("fitted, %"),
        Column::words("range"),
    ]);
    for weight in &fit.weights {
        let range = match range(weight) {
            _ if weight.silent => "never varied".to_owned(),
            Some((lower, upper)) => format!("[{}, {}]", fixed(lower, 1), fixed(upper, 1)),
            None => "none".to_owned(),
        };
        table.push(vec![
            weight.component.clone(),
            weight.indicator.clone(),
            plain(weight.prior),
            weight.fitted.map_or("none".to_owned(), plain),
            range,
        ]);
    }
    table
}

fn out_of_time(document: &mut Document, fit: &Fit) {
    let evidence = &fit.evidence;
    document.subsection("On rows that no fit had seen");
    document.paragraph(&format!("How they were held out: {}.", prose(&evidence.design)));
    document.table(&figures(fit));
    let rivals: Vec<&Comparison> = evidence
        .comparisons
        .iter()
        .filter(|own| own.name == WITHIN && own.slice.is_empty() && own.estimate.is_some())
        .collect();
    if !rivals.is_empty() {
        document.chart(rival_chart(fit, &rivals));
    }
    if !evidence.comparisons.is_empty() {
        document.paragraph(&format!(
            "Against the others, each on the rows that both have, with {} intervals. An AUC above 0, and \
             a log loss below 0, speaks for {}.",
            level(fit.settings.level),
            code(&evidence.candidate)
        ));
        document.table(&rival_table(&evidence.candidate, &evidence.comparisons, &fit.label));
    }
}

/// Of the fitted score alone.
fn figures(fit: &Fit) -> Table {
    let evidence = &fit.evidence;
    let mut table = Table::new(vec![
        Column::words("figure"),
        Column::words(format!("{} [{}]", evidence.candidate, level(fit.settings.level))),
    ]);
    for (name, words, format) in FIGURES {
        let words = if name == WITHIN { auc_heading(&fit.label) } else { words };
        let cell = table.figure(overall(&evidence.metrics, name), format);
        table.push(vec![words.to_owned(), cell]);
    }
    table
}

/// The fitted score minus each rival.
fn rival_chart(fit: &Fit, rivals: &[&Comparison]) -> Chart {
    let mark = |own: &&Comparison| Mark {
        name: spaced(&own.b),
        estimate: own.estimate,
        bounds: own.lower.zip(own.upper),
        label: Figure::from(*own).words(Format::Difference).0,
        tone: Tone::Main,
    };
    let marks: Vec<Mark> = rivals.iter().map(mark).collect();
    let ends = || {
        marks.iter().flat_map(|mark| {
            let (lower, upper) = mark.bounds.unzip();
            [mark.estimate, lower, upper].into_iter().flatten()
        })
    };
    let axis = Axis {
        from: (ends().fold(-0.05, f64::min) * 20.0).floor() / 20.0,
        to: (ends().fold(0.05, f64::max) * 20.0).ceil() / 20.0,
        reference: Some(Reference { value: 0.0, label: "as good".to_owned() }),
        write: |value| signed(value, 2),
    };
    let forest = Forest { marks, axis };
    Chart {
        name: "out-of-time".to_owned(),
        title: format!(
            "{}: {}, fitted minus others [{}]",
            fit.scorecard.name,
            auc_in_words(&fit.label),
            level(fit.settings.level)
        ),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

/// What a score would mean: bands and probability.
fn meaning(document: &mut Document, fit: &Fit) {
    let Some(calibration) = &fit.calibration else { return };
    document.subsection("Bands and probability");
    if !fit.bands.edges.is_empty() {
        document.table(&bands(fit));
        let rule = match (fit.bands.rule.as_str(), fit.bands.found) {
            ("keep", _) => "The edges are those from before.".to_owned(),
            (rule, true) => format!("The edges were found by {}.", prose(&spaced(rule))),
            (rule, false) => format!(
                "By {}, no edges were found: those from before are kept.",
                prose(&spaced(rule))
            ),
        };
        document.paragraph(&format!(
            "{rule} Rates are those of the rows that no fit had seen, each in the band of the fit that \
             was tested on it."
        ));
    }
    document.paragraph(&format!(
        "Probability: {}. Of the rows that taught it, {} % had the outcome.",
        curve(calibration, &fit.label.outcome),
        fixed(100.0 * calibration.base_rate, 1)
    ));
    if let Some(count) = fit.folds_of_another_probability() {
        document.paragraph(&format!(
            "{count} of {} folds had too few accounts for it: what is shown of their probabilities above is \
             shown of logistic ones.",
            fit.evidence.folds.len()
        ));
    }
}

fn curve(calibration: &Calibration, outcome: &str) -> String {
    let outcome = prose(outcome);
    if let (Some(intercept), Some(slope)) = (calibration.intercept, calibration.slope) {
        let sign = if slope < 0.0 { '-' } else { '+' };
        let (intercept, slope) = (fixed(intercept, 3), fixed(slope.abs(), 4));
        return format!("logit P({outcome}) = {intercept} {sign} {slope} x score");
    }
    let point = |[score, probability]: &[f64; 2]| {
        format!("{} % at {}", fixed(100.0 * probability, 1), fixed(*score, 1))
    };
    let points: Vec<String> = calibration.points.iter().map(point).collect();
    format!(
        "P({outcome}) is {}, straight between these scores and level beyond them",
        listed(&points)
    )
}

fn bands(fit: &Fit) -> Table {
    let interval = level(fit.settings.level);
    let mut table = Table::new(vec![
        Column::words("band"),
        Column::numbers("before"),
        Column::numbers("fitted"),
        Column::words("range"),
        Column::numbers("rows"),
        Column::words(format!("{} [{interval}]", rate_heading(&fit.label))),
        Column::words(format!("lift [{interval}]")),
    ]);
    for Edge { band, prior, fitted, lower, upper } in &fit.bands.edges {
        let own = fit.evidence.bands.iter().find(|own| own.name == *band);
        let figure = |found: Option<&Metric>, table: &mut Table, format| {
            let none = Figure::absent("no row was held out in this band");
            table.figure(Some(found.map_or(none, Figure::from)), format)
        };
        let rate = figure(own.map(|own| &own.event_rate), &mut table, Format::Percent);
        let lift = figure(own.map(|own| &own.lift), &mut table, Format::Ratio);
        table.push(vec![
            band.clone(),
            plain(*prior),
            fitted.map_or("none".to_owned(), plain),
            edge_range(lower.zip(*upper)),
            own.map_or("0".to_owned(), |own| thousands(own.n)),
            rate,
            lift,
        ]);
    }
    table
}

/// Over resamples of the accounts.
fn edge_range(bounds: Option<(f64, f64)>) -> String {
    bounds.map_or("none".to_owned(), |(lower, upper)| {
        format!("[{}, {}]", fixed(lower, 0), fixed(upper, 0))
    })
}

#[cfg(test)]
mod tests {
    use super::{curve, gate_tally, taught_by};
    use crate::examples::fit;

    #[test]
    fn a_probability_by_points_is_told_by_its_points() {
        let mut own = fit().calibration.unwrap();
        assert_eq!(curve(&own, "churn"), "logit P(churn) = 1.190 - 0.0782 x score");
        (own.intercept, own.slope, own.points) = (None, None, vec![[20.5, 0.31], [70.0, 0.015]]);
        assert_eq!(
            curve(&own, "churn"),
            "P(churn) is 31.0 % at 20.5 and 1.5 % at 70.0, straight between these scores and level \
             beyond them"
        );
    }

    #[test]
    fn folds_with_another_probability_are_counted() {
        let mut own = fit();
        assert_eq!(own.folds_of_another_probability(), None);
        own.calibration.as_mut().unwrap().method = "isotonic".into();
        let fold = |probability: &str| chs_fit::fit_json::v1::Fold {
            origin: None,
            training_rows: 900,
            training_event_accounts: 80,
            test_rows: 200,
            lambda: None,
            probability: Some(probability.into()),
            weights: Vec::new(),
            kept_prior: None,
        };
        own.evidence.folds = vec![fold("logistic"), fold("isotonic"), fold("logistic")];
        assert_eq!(own.folds_of_another_probability(), Some(2));
    }

    #[test]
    fn gates_are_counted_with_what_came_of_them() {
        let mut fit = fit();
        assert_eq!(gate_tally(&fit), "1 of 2 passed: no model");
        fit.outcome = "validated".into();
        fit.gates[0].status = "waived".into();
        assert_eq!(gate_tally(&fit), "1 of 2 passed, 1 waived: model validated");
    }

    #[test]
    fn the_teacher_is_told() {
        let mut fit = fit();
        assert_eq!(
            taught_by(&fit),
            "It read 32,000 rows of 1,900 accounts from 2024-01-31 to 2024-02-29, 410 of them with \
             churn; estimator `constrained`, drawn to the weights before it with lambda 3.00e-2"
        );
        (fit.data.from, fit.data.to) = (None, None);
        fit.settings.weights = "prior".into();
        let words = "It read 32,000 rows of 1,900 accounts, 410 of them with churn";
        assert_eq!(taught_by(&fit), words);
    }
}
