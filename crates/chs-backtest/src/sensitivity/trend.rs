//! Whether the change of a score says anything beside the score.

use super::Subject;
use crate::sample::{Frame, Sample};
use crate::within_logit::within_fit;
use crate::{Metric, Slice};

/// Name of the figure.
const NAME: &str = "effect_of_score_change";

/// By how much the outcome rate moves when the score rose by one standard deviation of its changes since the
/// account's row at the snapshot before, at the same score; among accounts of the same snapshot.
pub(super) fn score_change(subject: &Subject<'_>) -> Metric {
    let frame = subject.frame;
    if frame.panel.is_cross_section() {
        let counts = Sample::new(frame, &subject.contender.predictor, |_| true).counts();
        let reason = "a cross-section has no snapshot before".to_owned();
        return Metric::undefined(NAME, &Slice::all(), counts, reason);
    }
    let changes = changes(frame, subject);
    let change = |row: usize| changes.get(row).copied().flatten();
    let sample = Sample::new(frame, &subject.contender.predictor, |row| change(row).is_some());
    let of_rows = sample.rows.iter().map(|row| change(*row).unwrap_or(f64::NAN)).collect();
    let found = within_fit(&sample, &[sample.predictor.clone(), of_rows])
        .and_then(|fit| fit.effect(1, frame.settings.level));
    match found {
        Ok(figure) => Metric::new(NAME, &Slice::all(), sample.counts(), figure),
        Err(reason) => Metric::undefined(NAME, &Slice::all(), sample.counts(), reason),
    }
}

/// The score minus that of the account's row at the snapshot before.
fn changes(frame: &Frame<'_>, subject: &Subject<'_>) -> Vec<Option<f64>> {
    let mut before: Vec<Option<(u32, f64)>> = vec![None; frame.panel.accounts().len()];
    let rows = frame.panel.account().iter().zip(&frame.stratum).enumerate();
    rows.map(|(row, (account, stratum))| {
        let score = subject.scores.score.get(row)?;
        let held = before.get_mut(*account as usize)?;
        let earlier = held.replace((*stratum, score));
        let (last, earlier) = earlier?;
        (last + 1 == *stratum).then_some(score - earlier)
    })
    .collect()
}
