//! What the drift comes to.

use chs_panel::{Finding, Level};
use jiff::civil::Date;

use super::{DistributionShift, Drift};
use crate::Slice;
use crate::conclude::{finding, with_metric};
use crate::wording::{listed, points_with_interval};

/// Decline of the AUC that would matter.
const DECLINE: f64 = 0.05;

/// Findings on distributions and on the ranking over time.
pub(crate) fn findings(drift: &Drift, primary: &str) -> Vec<Finding> {
    [population(drift, primary), decay(drift, primary)].into_iter().flatten().collect()
}

fn population(drift: &Drift, primary: &str) -> Option<Finding> {
    let Some(reference) = drift.reference.filter(|_| !drift.indices.is_empty()) else {
        let why = drift.reason.as_deref().unwrap_or("fewer than two snapshots with 100 accounts");
        let sentence = format!("cannot tell: {why}");
        return finding("CHS238", Level::NotApplicable, primary, sentence);
    };
    let last = drift.indices.iter().map(|shift| shift.snapshot).max()?;
    let moved = |rule: &str| -> Vec<&DistributionShift> {
        let at_last = drift.indices.iter().filter(|shift| shift.snapshot == last);
        at_last.filter(|shift| shift.beyond_chance && shift.rule_of_thumb == rule).collect()
    };
    let words = |shifts: &[&DistributionShift]| {
        let words: Vec<String> = shifts
            .iter()
            .map(|shift| {
                format!(
                    "`{}` (PSI {:.2}, chance gives up to {:.2})",
                    shift.subject, shift.index, shift.critical_value
                )
            })
            .collect();
        listed(&words)
    };
    let (far, some) = (moved("moved"), moved("moving"));
    let (level, sentence) = if !far.is_empty() {
        let calendar = weekdays(reference, last);
        (Level::Warning, format!("moved from {reference} to {last}: {}{calendar}", words(&far)))
    } else if !some.is_empty() {
        let calendar = weekdays(reference, last);
        (Level::Note, format!("moving from {reference} to {last}: {}{calendar}", words(&some)))
    } else {
        let sentence = format!(
            "from {reference} to {last} neither the score nor its indicators moved by a PSI of 0.1 that is \
             beyond chance"
        );
        (Level::Passed, sentence)
    };
    let largest = drift.indices.iter().filter(|shift| shift.snapshot == last);
    let largest = largest.max_by(|a, b| a.index.total_cmp(&b.index))?;
    let found = finding("CHS238", level, primary, sentence)?;
    Some(
        found
            .with_figure("largest_index", largest.index)
            .with_figure("critical_value", largest.critical_value),
    )
}

/// That the days compared are different ones of the week, where they are: month ends mostly are.
fn weekdays(reference: Date, last: Date) -> String {
    let [before, now] = [reference, last].map(|day| day.strftime("%A").to_string());
    if before == now {
        return String::new();
    }
    format!(
        "; the first day is a {before}, the last a {now}, and what follows the week, such as the days since \
         the last use, moves with that"
    )
}

fn decay(drift: &Drift, primary: &str) -> Option<Finding> {
    let all = drift.decline.iter().find(|metric| metric.slice == Slice::all());
    let Some((metric, bounds)) = all.and_then(|metric| Some((metric, metric.bounds()?))) else {
        let reason = all.and_then(|metric| metric.reason.as_deref()).or(drift.reason.as_deref());
        let sentence = format!("cannot tell: {}", reason.unwrap_or("nothing varies"));
        return finding("CHS239", Level::NotApplicable, primary, sentence);
    };
    let difference = points_with_interval(bounds);
    let (level, sentence) = match (drift.decayed_since, bounds) {
        (Some(day), _) => (
            Level::Warning,
            format!(
                "ranks worse since {day}; earlier half of the events minus the later one: {difference}"
            ),
        ),
        (None, (_, lower, _)) if lower > 0.0 => (
            Level::Warning,
            format!(
                "ranks worse in the later half of the events: {difference} of AUC lost, from no \
                     single snapshot on"
            ),
        ),
        (None, (_, _, upper)) if upper < DECLINE => (
            Level::Passed,
            format!(
                "no decay of {:.0} points of AUC: earlier half of the events minus the later one \
                     {difference}",
                100.0 * DECLINE
            ),
        ),
        _ => (
            Level::Note,
            format!(
                "decay is neither shown nor excluded: earlier half of the events minus the later one \
                     {difference}"
            ),
        ),
    };
    Some(with_metric(finding("CHS239", level, primary, sentence)?, metric))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::weekdays;

    #[test]
    fn days_of_different_weekdays_are_named() {
        let words = weekdays(date(2024, 1, 31), date(2024, 3, 31));
        assert!(words.contains("a Wednesday") && words.contains("a Sunday"), "{words}");
        assert_eq!(weekdays(date(2024, 1, 3), date(2024, 1, 31)), "");
    }
}
