//! What the edges and the decision curve come to.

use chs_panel::{Finding, Level};

use super::{Decision, EdgeChoice, EdgeGround};
use crate::Metric;
use crate::conclude::{finding, with_metric};
use crate::wording::listed;

/// Findings on the edge and on the worth of the probabilities.
pub(crate) fn findings(decision: &Decision, primary: &str) -> Vec<Finding> {
    [edge(decision, primary), worth(decision, primary)].into_iter().flatten().collect()
}

fn bounds(choice: &EdgeChoice) -> Option<(f64, f64, f64)> {
    choice.metric("edge").and_then(Metric::bounds)
}

/// `46 (41 to 52)`
fn in_words((edge, lower, upper): (f64, f64, f64)) -> String {
    format!("{edge:.0} ({lower:.0} to {upper:.0})")
}

fn edge(decision: &Decision, primary: &str) -> Option<Finding> {
    let Some(current) = decision.current.filter(|_| !decision.edges.is_empty()) else {
        let why = decision.reason.as_deref().unwrap_or("the score has no bands");
        let sentence = format!("cannot tell: {why}");
        return finding("CHS243", Level::NotApplicable, primary, sentence);
    };
    let of = |is_it: fn(&EdgeGround) -> bool| {
        decision.edges.iter().filter(move |choice| is_it(&choice.ground))
    };
    let costs: Vec<&EdgeChoice> = of(|ground| matches!(ground, EdgeGround::Cost { .. })).collect();
    let fitting: Vec<&&EdgeChoice> = costs
        .iter()
        .filter(|choice| {
            bounds(choice).is_some_and(|(_, lower, upper)| (lower..=upper).contains(&current))
        })
        .collect();
    let level = if fitting.is_empty() { Level::Warning } else { Level::Note };
    let verdict = if fitting.is_empty() {
        format!("the edge at {current} is the best one at none of the prices that were tried")
    } else {
        let names: Vec<String> = fitting.iter().map(|choice| choice.name.clone()).collect();
        format!("the edge at {current} fits a price of {}", listed(&names))
    };
    let costs = costs.iter().filter_map(|choice| Some((choice, bounds(choice)?)));
    let costs: Vec<String> = costs
        .filter(|(choice, _)| {
            matches!(choice.ground, EdgeGround::Cost { threshold } if (0.04..0.25).contains(&threshold))
        })
        .map(|(choice, found)| format!("{} at {}", in_words(found), choice.name))
        .collect();
    let rooms: Vec<String> = of(|ground| !matches!(ground, EdgeGround::Cost { .. }))
        .filter_map(|choice| Some(format!("{} with {}", in_words(bounds(choice)?), choice.name)))
        .collect();
    let sentence =
        format!("{verdict}; the best edge is {}; it is {}", listed(&costs), listed(&rooms));
    Some(finding("CHS243", level, primary, sentence)?.with_figure("edge", current))
}

fn worth(decision: &Decision, primary: &str) -> Option<Finding> {
    let gains: Vec<&Metric> =
        decision.curve.iter().filter(|metric| metric.name == "net_benefit_gain").collect();
    if gains.iter().all(|metric| metric.bounds().is_none()) {
        let reason = gains.first().and_then(|metric| metric.reason.as_deref());
        let sentence = format!("cannot tell: {}", reason.unwrap_or("there are no probabilities"));
        return finding("CHS245", Level::NotApplicable, primary, sentence);
    }
    let is_sure = |metric: &&&Metric| metric.bounds().is_some_and(|(_, lower, _)| lower > 0.0);
    let useful: Vec<&&Metric> = gains.iter().filter(is_sure).collect();
    let threshold =
        |metric: &Metric| metric.slice.parts().get("threshold").cloned().unwrap_or_default();
    if useful.is_empty() {
        let sentence = "acting on its probabilities is not shown to be worth more than acting on \
                        everybody or on nobody, at any cost that was tried"
            .to_owned();
        return finding("CHS245", Level::Warning, primary, sentence);
    }
    let words: Vec<String> = useful
        .iter()
        .filter_map(|metric| {
            let (estimate, lower, upper) = metric.bounds()?;
            Some(format!(
                "{:.1} needed alerts per 1,000 rows ({:.1} to {:.1}) from {} on",
                1_000.0 * estimate,
                1_000.0 * lower,
                1_000.0 * upper,
                threshold(metric)
            ))
        })
        .collect();
    let sentence = format!(
        "acting where its probability is high is worth more than acting on everybody or on nobody: {}",
        listed(&words)
    );
    let best = useful.first()?;
    Some(with_metric(finding("CHS245", Level::Passed, primary, sentence)?, best))
}
