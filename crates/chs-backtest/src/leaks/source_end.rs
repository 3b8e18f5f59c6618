//! Sources that begin when accounts end, or that end for one class before the other.

use chs_panel::{Finding, Level, NumberColumn};
use chs_stats::{clustered_proportion, jeffreys};

use crate::leaks::rules::{BEGINS_AT_THE_END, ENDS_EARLY};
use crate::leaks::{AUDIT_LEVEL, SourceTraces, suspected};
use crate::sample::{Frame, Sample};

/// Share of the accounts that ended which surely begin with their end.
const MOST: f64 = 0.5;

/// Whether a source has its first row of most accounts only when their end was known.
pub(super) fn begun_at_end(source: &SourceTraces) -> Option<Finding> {
    let SourceTraces { name, ended, begun_at_end, .. } = source;
    if *ended == 0 {
        return None;
    }
    let interval = jeffreys(*begun_at_end as f64, *ended as f64, AUDIT_LEVEL);
    let sentence = format!(
        "`{name}`: {begun_at_end} of {ended} accounts that ended have their first row only when the end was known or later, {:.1} % [{:.1}, {:.1}]",
        100.0 * *begun_at_end as f64 / *ended as f64,
        100.0 * interval.lower,
        100.0 * interval.upper
    );
    let finding = BEGINS_AT_THE_END.finding(suspected(interval.lower > MOST), name, sentence);
    Some(
        finding
            .with_figure("accounts", *begun_at_end as f64)
            .with_figure("ended", *ended as f64)
            .with_figure("lower", interval.lower),
    )
}

/// The rows of one class beside a source.
struct Class {
    /// Rows, by cluster and snapshot, with whether the source spoke.
    sample: Sample,
    spoke: Vec<bool>,
    /// Last snapshot at which it spoke of anybody.
    last: Option<u32>,
}

impl Class {
    fn new(frame: &Frame<'_>, source: &SourceTraces, class: bool) -> Self {
        let constant = NumberColumn::new(vec![0.0; frame.panel.len()]);
        let sample = Sample::new(frame, &constant, |row| frame.label.value(row) == Some(class));
        let spoke: Vec<bool> =
            sample.rows.iter().map(|row| source.spoke.get(*row) == Some(&true)).collect();
        let spoken = sample.stratum.iter().zip(&spoke).filter(|(_, spoke)| **spoke);
        let last = spoken.map(|(snapshot, _)| *snapshot).max();
        Self { sample, spoke, last }
    }

    /// Lower bound of the share of rows with one in the source up to its last snapshot, the accounts with
    /// a row after it, and the upper bound of their share, none of them having one.
    fn silence(&self, frame: &Frame<'_>) -> Option<(f64, usize, f64)> {
        let last = self.last?;
        let until: Vec<bool> = self.sample.stratum.iter().map(|own| *own <= last).collect();
        let of = |values: &[bool]| -> Vec<bool> {
            values
                .iter()
                .zip(&until)
                .filter(|(_, until)| **until)
                .map(|(value, _)| *value)
                .collect()
        };
        let clusters: Vec<u32> = (self.sample.cluster.iter().zip(&until))
            .filter(|(_, until)| **until)
            .map(|(cluster, _)| *cluster)
            .collect();
        let before = clustered_proportion(&of(&self.spoke), &clusters, AUDIT_LEVEL)?;
        let later = |row: usize| frame.stratum.get(row).is_some_and(|own| *own > last);
        let after = self.sample.restrict(frame.panel, later).accounts;
        let upper = jeffreys(0.0, after as f64, AUDIT_LEVEL).upper;
        (after > 0).then_some((before.interval.lower, after, upper))
    }
}

/// Whether a source goes silent for one class at a snapshot after which it still speaks of the other.
pub(super) fn ended_early(frame: &Frame<'_>, source: &SourceTraces) -> Option<Finding> {
    if frame.panel.is_cross_section() {
        return None;
    }
    let name = &source.name;
    let classes = [true, false].map(|class| Class::new(frame, source, class));
    for (one, other, words) in [
        (&classes[0], &classes[1], ["before the outcome", "without it"]),
        (&classes[1], &classes[0], ["without the outcome", "before it"]),
    ] {
        let Some((before, accounts, after)) = one.silence(frame) else { continue };
        if other.last <= one.last || after >= before {
            continue;
        }
        let last = one.last.and_then(|last| frame.panel.snapshots().get(last as usize));
        let day = last.map(ToString::to_string).unwrap_or_default();
        let sentence = format!(
            "`{name}`: after the snapshot {day} none of {accounts} accounts {} has a row in the {} days before a snapshot (at most {:.1} %), where at least {:.1} % had one until then; accounts {} still have",
            words[0],
            source.spoke_days,
            100.0 * after,
            100.0 * before,
            words[1]
        );
        return Some(
            ENDS_EARLY
                .finding(Level::Warning, name, sentence)
                .with_figure("accounts", accounts as f64)
                .with_figure("before_lower", before)
                .with_figure("after_upper", after),
        );
    }
    let sentence = format!("`{name}` speaks of both classes as long as there are rows of them");
    Some(ENDS_EARLY.finding(Level::Passed, name, sentence))
}
