//! Where the scores of the two labels lie.

use chs_scorecard::HealthScore;

use crate::Scores;
use crate::sample::{Frame, Sample};

/// Width of a bin in points.
const WIDTH: f64 = 5.0;
/// Bins from 0 to 100.
const BINS: usize = 20;

/// Rows whose score lies in `from <= score < to`; the last bin holds 100 too.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreBin {
    /// Lower edge, which belongs to the bin.
    pub from: f64,
    /// Upper edge, which does not.
    pub to: f64,
    /// Rows with a label.
    pub n: usize,
    /// Of those, rows with label 1.
    pub events: usize,
    /// `events` among all rows with label 1; `None` where there is none.
    pub share_of_events: Option<f64>,
    /// The other rows among all rows with label 0; `None` where there is none.
    pub share_of_others: Option<f64>,
}

/// Twenty bins over the rows with a label, from the lowest score on; none where a score lies outside 0
/// to 100, or no row has both a score and a label.
pub(crate) fn distribution(frame: &Frame<'_>, scores: &Scores) -> Vec<ScoreBin> {
    let sample = Sample::new(frame, &scores.score, |_| true);
    let is_outside = |score: &f64| HealthScore::new(*score).is_err();
    if sample.rows.is_empty() || sample.predictor.iter().any(is_outside) {
        return Vec::new();
    }
    let mut counts = [(0, 0); BINS];
    for (score, label) in sample.predictor.iter().zip(&sample.label) {
        if let Some((n, events)) = counts.get_mut(bin(*score)) {
            *n += 1;
            *events += usize::from(*label);
        }
    }
    let (rows, positive) = (sample.counts().n, sample.counts().events);
    let share = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
    counts
        .into_iter()
        .enumerate()
        .map(|(bin, (n, events))| ScoreBin {
            from: bin as f64 * WIDTH,
            to: (bin + 1) as f64 * WIDTH,
            n,
            events,
            share_of_events: share(events, positive),
            share_of_others: share(n - events, rows - positive),
        })
        .collect()
}

/// The bin of a score from 0 to 100.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of bins"
)]
fn bin(score: f64) -> usize {
    ((score / WIDTH) as usize).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::bin;

    #[test]
    fn an_edge_belongs_to_the_higher_bin() {
        assert_eq!([0.0, 4.999, 5.0, 99.9, 100.0].map(bin), [0, 0, 1, 19, 19]);
    }
}
