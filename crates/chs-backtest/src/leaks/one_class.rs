//! Indicators that are filled for one class and not for the other.

use chs_panel::{Finding, Level, NumberColumn};
use chs_stats::{ClusteredProportion, clustered_proportion};

use crate::leaks::rules::ONE_CLASS;
use crate::leaks::{AUDIT_LEVEL, suspected};
use crate::sample::{Frame, Sample};

/// How many times as often the one class is surely filled as the other.
const TIMES: f64 = 10.0;
/// Or by how much more of its rows.
const MORE: f64 = 0.5;

pub(super) fn findings(frame: &Frame<'_>) -> Vec<Finding> {
    let names = frame.panel.indicators().iter();
    names
        .map(|indicator| {
            let filled = |row: usize| !indicator.column.is_missing(row);
            finding(frame, &indicator.name, filled)
        })
        .collect()
}

fn finding(frame: &Frame<'_>, name: &str, filled: impl Fn(usize) -> bool) -> Finding {
    // Snapshots before the first value and after the last say nothing of the classes.
    let present: Vec<u32> = (0..frame.panel.len())
        .filter(|row| filled(*row))
        .filter_map(|row| frame.stratum.get(row).copied())
        .collect();
    let range = present.iter().min().zip(present.iter().max());
    let in_range = |row: usize| {
        let snapshot = frame.stratum.get(row);
        range.zip(snapshot).is_some_and(|((first, last), own)| (first..=last).contains(&own))
    };
    let constant = NumberColumn::new(vec![0.0; frame.panel.len()]);
    let of_class = |class: bool| -> Option<ClusteredProportion> {
        let keep = |row: usize| frame.label.value(row) == Some(class) && in_range(row);
        let sample = Sample::new(frame, &constant, keep);
        let flags: Vec<bool> = sample.rows.iter().map(|row| filled(*row)).collect();
        clustered_proportion(&flags, &sample.cluster, AUDIT_LEVEL)
    };
    let (Some(with), Some(without)) = (of_class(true), of_class(false)) else {
        let sentence = format!("`{name}`: one class has no row where it has values");
        return ONE_CLASS.finding(Level::NotApplicable, name, sentence);
    };
    let exceeds = |one: &ClusteredProportion, other: &ClusteredProportion| {
        let (lower, upper) = (one.interval.lower, other.interval.upper);
        lower > TIMES * upper || lower - upper > MORE
    };
    let sentence = format!(
        "`{name}` is filled in {} before the outcome and in {} without it",
        shown(&with),
        shown(&without)
    );
    ONE_CLASS
        .finding(suspected(exceeds(&with, &without) || exceeds(&without, &with)), name, sentence)
        .with_figure("with_outcome", with.rate)
        .with_figure("without_outcome", without.rate)
}

fn shown(share: &ClusteredProportion) -> String {
    let [rate, lower, upper] =
        [share.rate, share.interval.lower, share.interval.upper].map(|share| 100.0 * share);
    format!("{rate:.1} % [{lower:.1}, {upper:.1}] of the rows")
}
