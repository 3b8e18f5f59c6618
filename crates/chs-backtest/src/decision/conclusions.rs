//! What the edges and the decision curve come to.

use std::cmp::Ordering;

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
    let (level, verdict) = match decision.edges.first().filter(|_| decision.is_declared) {
        Some(choice) => as_declared(choice, current)?,
        None => price(&costs, current),
    };
    let middle = |choice: &&&EdgeChoice| matches!(choice.ground, EdgeGround::Cost { threshold } if (0.04..0.25).contains(&threshold));
    let costs: Vec<String> = costs
        .iter()
        .filter(middle)
        .filter_map(|choice| Some(format!("{} at {}", in_words(bounds(choice)?), choice.name)))
        .collect();
    let rooms: Vec<String> = of(|ground| !matches!(ground, EdgeGround::Cost { .. }))
        .filter_map(|choice| Some(format!("{} with {}", in_words(bounds(choice)?), choice.name)))
        .collect();
    let sentence =
        format!("{verdict}; the best edge is {}; it is {}", listed(&costs), listed(&rooms));
    Some(finding("CHS243", level, primary, sentence)?.with_figure("edge", current))
}

/// Whether an edge is where the scorecard's own costs or room put it.
fn as_declared(choice: &EdgeChoice, current: f64) -> Option<(Level, String)> {
    let found = bounds(choice)?;
    let (words, name) = (in_words(found), &choice.name);
    Some(if (found.1..=found.2).contains(&current) {
        (
            Level::Passed,
            format!("the edge at {current} fits what the scorecard declares, {name}: {words}"),
        )
    } else {
        let verdict = format!(
            "the edge at {current} is not where the scorecard's own declaration puts it, {name}: {words}"
        );
        (Level::Warning, verdict)
    })
}

/// The prices that an edge is right for: those whose own edges are neither all on the one side of it, with
/// their whole intervals, nor all on the other.
fn price(costs: &[&EdgeChoice], current: f64) -> (Level, String) {
    let lies = |choice: &EdgeChoice| -> Option<Ordering> {
        let (_, lower, upper) = bounds(choice)?;
        Some(match () {
            () if lower > current => Ordering::Greater,
            () if upper < current => Ordering::Less,
            () => Ordering::Equal,
        })
    };
    // By price, so that the edges go one way.
    let told: Vec<(&str, Ordering)> =
        costs.iter().filter_map(|choice| Some((choice.name.as_str(), lies(choice)?))).collect();
    let fitting: Vec<String> = (told.iter())
        .filter(|(_, side)| side.is_eq())
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if !fitting.is_empty() {
        return (Level::Note, format!("the edge at {current} fits {}", listed(&fitting)));
    }
    let between = told.windows(2).find(|pair| pair[0].1 != pair[1].1);
    match between {
        Some([(cheap, _), (dear, _)]) => {
            (Level::Note, format!("the edge at {current} fits a price between {cheap} and {dear}"))
        }
        _ => (
            Level::Warning,
            format!("the edge at {current} is right at none of the prices that were tried"),
        ),
    }
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

#[cfg(test)]
mod tests {
    use chs_panel::Level;
    use chs_stats::Interval;

    use super::{as_declared, price};
    use crate::decision::{EdgeChoice, EdgeGround};
    use crate::metric::{Figure, Method};
    use crate::{Counts, Metric, Slice};

    fn choice(threshold: f64, lower: f64, upper: f64) -> EdgeChoice {
        let interval = Some(Interval { lower, upper });
        let figure = Figure::new(f64::midpoint(lower, upper), interval, Method::ClusterBootstrap);
        let ground = EdgeGround::Cost { threshold };
        EdgeChoice {
            ground,
            name: ground.in_words(),
            metrics: vec![Metric::new("edge", &Slice::all(), Counts::default(), figure)],
        }
    }

    #[test]
    fn what_is_declared_decides() {
        let declared = choice(0.1, 42.0, 52.0);
        assert_eq!(as_declared(&declared, 45.0).unwrap().0, Level::Passed);
        assert_eq!(as_declared(&declared, 40.0).unwrap().0, Level::Warning);
    }

    #[test]
    fn an_edge_stands_for_a_price() {
        let choices = [choice(0.05, 56.0, 60.0), choice(0.1, 42.0, 52.0), choice(0.2, 0.0, 37.0)];
        let costs: Vec<&EdgeChoice> = choices.iter().collect();
        let of = |current: f64| price(&costs, current);
        assert_eq!(
            of(45.0),
            (Level::Note, "the edge at 45 fits 9 needless alerts per needed one".into())
        );
        let (level, sentence) = of(40.0);
        assert_eq!(level, Level::Note);
        assert!(sentence.contains("between 9 needless alerts per needed one and 4"), "{sentence}");
        assert_eq!(of(70.0).0, Level::Warning);
        assert_eq!(of(-1.0).0, Level::Warning);
    }
}
