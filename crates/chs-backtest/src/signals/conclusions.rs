//! What the tear sheets come to.

use std::fmt::Write as _;

use chs_panel::{Finding, Level};

use super::{Direction, Signal};
use crate::conclude::finding;
use crate::wording::listed;

/// Points of AUC that an indicator is worth keeping for: one is idle whose loss is surely smaller.
const IDLE: f64 = 0.005;

/// Findings on the indicators of the primary score; each is one sentence on all of them.
pub(crate) fn findings(signals: &[Signal], primary: &str) -> Vec<Finding> {
    if signals.is_empty() {
        let sentence = "the score is not computed from indicators here".to_owned();
        return ["CHS230", "CHS231", "CHS232", "CHS233"]
            .into_iter()
            .filter_map(|code| finding(code, Level::NotApplicable, primary, sentence.clone()))
            .collect();
    }
    let conclusions = [alone(signals), against(signals), unsupported(signals), redundant(signals)];
    conclusions
        .into_iter()
        .filter_map(|found| {
            let named = found.named.len() as f64;
            let of = signals.len() as f64;
            let finding = finding(found.code, found.level, primary, found.sentence)?;
            Some(finding.with_figure("indicators", named).with_figure("of", of))
        })
        .collect()
}

struct Conclusion<'a> {
    code: &'static str,
    level: Level,
    sentence: String,
    named: Vec<&'a Signal>,
}

fn those(signals: &[Signal], is_it: impl Fn(&Signal) -> bool) -> Vec<&Signal> {
    signals.iter().filter(|signal| is_it(signal)).collect()
}

fn names(signals: &[&Signal]) -> String {
    let names: Vec<String> =
        signals.iter().map(|signal| format!("`{}`", signal.indicator)).collect();
    listed(&names)
}

/// Their figures and their weight: `` `a` (-0.7 points, 5 % of the weight) ``.
fn with_effects(signals: &[&Signal]) -> String {
    let words: Vec<String> = signals
        .iter()
        .map(|signal| {
            let weight = format!("{:.0} % of the weight", signal.weight);
            match signal.metric("effect_of_one_sd").and_then(crate::Metric::bounds) {
                Some((estimate, lower, upper)) => format!(
                    "`{}` ({:+.2} points per standard deviation, {:.2} to {:.2}; {weight})",
                    signal.indicator,
                    100.0 * estimate,
                    100.0 * lower,
                    100.0 * upper
                ),
                None => format!("`{}` ({weight})", signal.indicator),
            }
        })
        .collect();
    listed(&words)
}

/// Which indicators tell something alone.
fn alone(signals: &[Signal]) -> Conclusion<'_> {
    let right = those(signals, |signal| signal.alone == Direction::Right);
    let wrong = those(signals, |signal| signal.alone == Direction::Wrong);
    let open = those(signals, |signal| signal.alone == Direction::CannotTell);
    let mut sentence =
        format!("{} of {} indicators tell the outcome alone", right.len(), signals.len());
    if !open.is_empty() {
        let _ = write!(sentence, "; not shown for {}", names(&open));
    }
    let level = if !wrong.is_empty() {
        let _ = write!(sentence, "; the wrong way round: {}", names(&wrong));
        Level::Warning
    } else if open.is_empty() {
        Level::Passed
    } else {
        Level::Note
    };
    Conclusion { code: "CHS230", level, sentence, named: right }
}

/// Weights that the outcomes speak against once the other indicators are known.
fn against(signals: &[Signal]) -> Conclusion<'_> {
    let wrong = those(signals, |signal| signal.joint == Direction::Wrong && signal.weight > 0.0);
    let told = those(signals, |signal| {
        signal.metric("joint_log_odds").is_some_and(|metric| metric.estimate.is_some())
    });
    let (level, sentence) = if told.is_empty() {
        let reason =
            signals.first().and_then(|signal| signal.metric("joint_log_odds")?.reason.clone());
        let why = reason.unwrap_or_else(|| "they cannot be fitted together".to_owned());
        (Level::NotApplicable, format!("cannot tell: {why}"))
    } else if wrong.is_empty() {
        let right = those(signals, |signal| signal.joint == Direction::Right);
        let sentence = format!(
            "{} of {} indicators tell the outcome after the others, and none is shown to point the wrong way",
            right.len(),
            signals.len()
        );
        (Level::Passed, sentence)
    } else {
        let sentence = format!(
            "after the other indicators a better sub-score goes with a worse outcome: {}",
            with_effects(&wrong)
        );
        (Level::Warning, sentence)
    };
    Conclusion { code: "CHS231", level, sentence, named: wrong }
}

/// Whether the score surely loses next to nothing without it.
fn is_idle(signal: &Signal) -> bool {
    let lost = signal.metric("auc_lost_when_dropped");
    let bounds = lost.and_then(crate::Metric::bounds);
    signal.weight > 0.0
        && signal.joint == Direction::CannotTell
        && bounds.is_some_and(|(_, _, upper)| upper < IDLE)
}

fn unsupported(signals: &[Signal]) -> Conclusion<'_> {
    let found = those(signals, |signal| is_idle(signal) && signal.alone != Direction::Right);
    idle(
        "CHS232",
        found,
        ["tell nothing, alone or after the others", "tells nothing, alone or after the others"],
    )
}

fn redundant(signals: &[Signal]) -> Conclusion<'_> {
    let found = those(signals, |signal| is_idle(signal) && signal.alone == Direction::Right);
    idle(
        "CHS233",
        found,
        [
            "tell something alone and nothing after the others",
            "tells something alone and nothing after the others",
        ],
    )
}

/// Indicators that could go; `what` they do, in the plural and as it is said of one.
fn idle<'a>(code: &'static str, named: Vec<&'a Signal>, what: [&str; 2]) -> Conclusion<'a> {
    let [they, one] = what;
    if named.is_empty() {
        let sentence = format!("of no indicator is it shown that it {one}");
        return Conclusion { code, level: Level::Passed, sentence, named };
    }
    let weight: f64 = named.iter().map(|signal| signal.weight).sum();
    let (what, which, hold) = if named.len() == 1 {
        (one, "it", "it holds")
    } else {
        (they, "any one of them", "they hold")
    };
    let mut sentence = format!(
        "{} {what}: without {which} the score loses less than {:.1} points of AUC; {hold} {weight:.0} % of the \
         weight",
        names(&named),
        100.0 * IDLE
    );
    let partners: Vec<String> = named
        .iter()
        .filter(|signal| !signal.goes_with.is_empty())
        .map(|signal| {
            let with: Vec<String> =
                signal.goes_with.iter().map(|name| format!("`{name}`")).collect();
            format!("`{}` goes with {}", signal.indicator, listed(&with))
        })
        .collect();
    if !partners.is_empty() {
        let _ = write!(sentence, " ({})", listed(&partners));
    }
    Conclusion { code, level: Level::Warning, sentence, named }
}
