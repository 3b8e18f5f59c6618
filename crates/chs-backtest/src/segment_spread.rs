//! Whether a score ranks alike in all levels of a segment.

use chs_stats::{Auc, Interval, auc_difference, auc_within};

use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::segment_levels;
use crate::{BOOTSTRAP_BELOW, Slice};

/// The two levels of a segment that differ most clearly.
#[derive(Clone, Debug)]
pub(crate) struct SegmentSpread {
    pub(crate) segment: String,
    /// Level with the higher AUC, and the AUC.
    pub(crate) high: (String, f64),
    /// Level with the lower AUC, and the AUC.
    pub(crate) low: (String, f64),
    /// Difference of the within-snapshot AUC.
    pub(crate) difference: f64,
    /// Its interval, widened for the number of pairs of levels.
    pub(crate) interval: Interval,
}

/// One spread per segment with two levels or more that have enough accounts with events.
pub(crate) fn segment_spreads(frame: &Frame<'_>, contender: &Contender) -> Vec<SegmentSpread> {
    let all = Sample::new(frame, &contender.predictor, |_| true);
    let levels: Vec<(Slice, Option<Auc>)> = segment_levels(frame)
        .map(|(slice, keep)| {
            let auc = level_auc(frame, &all.restrict(frame.panel, keep));
            (slice, auc)
        })
        .collect();
    frame
        .classes
        .iter()
        .filter_map(|segment| {
            let aucs: Vec<(&str, &Auc)> = levels
                .iter()
                .filter_map(|(slice, auc)| {
                    Some((slice.parts().get(&segment.name)?.as_str(), auc.as_ref()?))
                })
                .collect();
            widest(&segment.name, &aucs, frame.settings.level)
        })
        .collect()
}

/// AUC of a level, its influences by account of the panel so that levels can share accounts.
fn level_auc(frame: &Frame<'_>, sample: &Sample) -> Option<Auc> {
    if sample.accounts_with(true) < BOOTSTRAP_BELOW {
        return None;
    }
    let cluster: Vec<u32> =
        sample.rows.iter().filter_map(|row| frame.panel.account().get(*row).copied()).collect();
    let observations = chs_stats::Observations { cluster: &cluster, ..sample.observations() };
    let mut auc = auc_within(&observations, &sample.stratum)?;
    auc.influence.resize(frame.panel.accounts().len(), 0.0);
    Some(auc)
}

fn widest(segment: &str, aucs: &[(&str, &Auc)], level: f64) -> Option<SegmentSpread> {
    let pairs = aucs.len() * aucs.len().saturating_sub(1) / 2;
    let adjusted = 1.0 - (1.0 - level) / pairs.max(1) as f64;
    let mut spreads: Vec<SegmentSpread> = Vec::new();
    for (number, first) in aucs.iter().enumerate() {
        for second in aucs.iter().skip(number + 1) {
            let (high, low) = if first.1.estimate >= second.1.estimate {
                (first, second)
            } else {
                (second, first)
            };
            let Some(found) = auc_difference(high.1, low.1, adjusted) else { continue };
            spreads.push(SegmentSpread {
                segment: segment.to_owned(),
                high: (high.0.to_owned(), high.1.estimate),
                low: (low.0.to_owned(), low.1.estimate),
                difference: found.estimate,
                interval: found.interval,
            });
        }
    }
    spreads.into_iter().max_by(|a, b| a.interval.lower.total_cmp(&b.interval.lower))
}
