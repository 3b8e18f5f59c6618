//! What the bands of a score mean.

use chs_panel::Polarity;
use chs_stats::{Difference, LabelledRows, exact_sum, proportion_difference};

use crate::figures::event_rate;
use crate::resampling::Resampling;
use crate::sample::{Frame, Sample};
use crate::sufficiency::too_few;
use crate::{BandRow, BandStep, BandTable, Metric, Monotone, Scores, Slice};

/// The table of a score with bands; `None` where it has none. `edges` are the lower edges of the bands.
pub(crate) fn band_table(frame: &Frame<'_>, scores: &Scores, edges: &[f64]) -> Option<BandTable> {
    if scores.band_names.is_empty() {
        return None;
    }
    let all = Sample::new(frame, &scores.score, |row| band_of(scores, row).is_some());
    let samples: Vec<Sample> = (0..scores.band_names.len())
        .map(|band| all.restrict(frame.panel, |row| band_of(scores, row) == Some(band)))
        .collect();
    let lifts = lifts(frame, scores, &all, &samples);
    let values: Vec<Option<f64>> = samples.iter().map(|sample| value_of(frame, sample)).collect();
    let total = exact_sum(values.iter().flatten().copied());
    let rows = scores
        .band_names
        .iter()
        .zip(edges)
        .zip(samples.iter().zip(lifts).zip(values))
        .map(|((name, from), ((sample, lift), value))| BandRow {
            name: name.clone(),
            from: *from,
            counts: sample.counts(),
            share: if all.rows.is_empty() {
                0.0
            } else {
                sample.rows.len() as f64 / all.rows.len() as f64
            },
            value,
            value_share: value.filter(|_| total > 0.0).map(|value| value / total),
            event_rate: event_rate(
                "band_event_rate",
                sample,
                &Slice::of("band", name),
                frame.settings,
            ),
            lift,
        })
        .collect();
    let steps = steps(frame, scores, &all, &samples);
    let monotone = monotone(&steps);
    Some(BandTable { rows, steps, monotone })
}

fn band_of(scores: &Scores, row: usize) -> Option<usize> {
    scores.band.get(row).copied().flatten().map(|band| band as usize)
}

/// Sum of the values of a sample's rows, where the panel has values.
fn value_of(frame: &Frame<'_>, sample: &Sample) -> Option<f64> {
    let values = frame.panel.value()?;
    Some(exact_sum(sample.rows.iter().filter_map(|row| values.get(*row))))
}

/// `band_lift` of each band.
fn lifts(frame: &Frame<'_>, scores: &Scores, all: &Sample, samples: &[Sample]) -> Vec<Metric> {
    let bands = scores.band_names.len();
    let names = vec!["band_lift".to_owned(); bands];
    let resampling =
        Resampling { sample: all, slice: &Slice::all(), settings: frame.settings, names: &names };
    let mut metrics = if let Some(reason) = too_few(all) {
        resampling.undefined(&reason)
    } else {
        let counts = AccountCounts::of(all, scores, bands);
        resampling.by_account(|weights| counts.lifts(weights))
    };
    for ((name, sample), metric) in scores.band_names.iter().zip(samples).zip(&mut metrics) {
        metric.slice = Slice::of("band", name);
        metric.counts = sample.counts();
    }
    metrics
}

/// Rows and events of each account in each band.
struct AccountCounts {
    bands: usize,
    /// By account, then band.
    counts: Vec<(u64, u64)>,
}

impl AccountCounts {
    fn of(all: &Sample, scores: &Scores, bands: usize) -> Self {
        let mut counts = vec![(0, 0); all.accounts * bands];
        for ((row, label), cluster) in all.rows.iter().zip(&all.label).zip(&all.cluster) {
            let cell = band_of(scores, *row).map(|band| *cluster as usize * bands + band);
            if let Some((rows, events)) = cell.and_then(|cell| counts.get_mut(cell)) {
                *rows += 1;
                *events += u64::from(*label);
            }
        }
        Self { bands, counts }
    }

    fn lifts(&self, weights: &[u32]) -> Vec<Option<f64>> {
        let mut sums = vec![(0_u64, 0_u64); self.bands];
        for (account, weight) in self.counts.chunks_exact(self.bands).zip(weights) {
            for (sum, (rows, events)) in sums.iter_mut().zip(account) {
                sum.0 += rows * u64::from(*weight);
                sum.1 += events * u64::from(*weight);
            }
        }
        let all = sums.iter().fold((0, 0), |all, band| (all.0 + band.0, all.1 + band.1));
        let rate = |(rows, events): (u64, u64)| (rows > 0).then(|| events as f64 / rows as f64);
        let base = rate(all).filter(|base| *base > 0.0);
        sums.into_iter().map(|band| Some(rate(band)? / base?)).collect()
    }
}

/// Each band with rows against the next one with rows.
fn steps(frame: &Frame<'_>, scores: &Scores, all: &Sample, samples: &[Sample]) -> Vec<BandStep> {
    let bands: Vec<(&String, usize)> = scores
        .band_names
        .iter()
        .zip(0..)
        .filter(|(_, band)| samples.get(*band).is_some_and(|sample| !sample.rows.is_empty()))
        .collect();
    let step = |pair: &[(&String, usize)]| {
        let [(lower_name, lower), (higher_name, higher)] = pair else { return None };
        let columns = |band: usize| -> (Vec<bool>, Vec<u32>) {
            let rows = all.rows.iter().zip(all.label.iter().zip(&all.cluster));
            rows.filter(|(row, _)| band_of(scores, **row) == Some(band))
                .map(|(_, (label, cluster))| (*label, *cluster))
                .unzip()
        };
        let (lower, higher) = (columns(*lower), columns(*higher));
        let found = difference(frame, &lower, &higher);
        Some(BandStep {
            lower_band: (*lower_name).clone(),
            higher_band: (*higher_name).clone(),
            difference: found.map(|found| found.estimate),
            interval: found.map(|found| found.interval),
            p_value: found.map(|found| found.p_value),
        })
    };
    bands.windows(2).filter_map(step).collect()
}

/// The event rate ought to fall with the score for an adverse label, and to rise for a favourable one.
fn difference(
    frame: &Frame<'_>,
    lower: &(Vec<bool>, Vec<u32>),
    higher: &(Vec<bool>, Vec<u32>),
) -> Option<Difference> {
    let [lower, higher] = [lower, higher].map(|(label, cluster)| LabelledRows { label, cluster });
    match frame.label.definition.polarity {
        Polarity::Adverse => proportion_difference(higher, lower, frame.settings.level),
        Polarity::Favourable => proportion_difference(lower, higher, frame.settings.level),
    }
}

fn monotone(steps: &[BandStep]) -> Monotone {
    let bound = |step: &BandStep| step.interval.map(|interval| (interval.lower, interval.upper));
    if steps.iter().any(|step| bound(step).is_some_and(|(_, upper)| upper < 0.0)) {
        Monotone::No
    } else if !steps.is_empty()
        && steps.iter().all(|step| bound(step).is_some_and(|(lower, _)| lower > 0.0))
    {
        Monotone::Yes
    } else {
        Monotone::CannotTell
    }
}

#[cfg(test)]
mod tests {
    use chs_stats::Interval;

    use super::monotone;
    use crate::{BandStep, Monotone};

    fn step(lower: f64, upper: f64) -> BandStep {
        BandStep {
            lower_band: "at-risk".into(),
            higher_band: "healthy".into(),
            difference: Some(f64::midpoint(lower, upper)),
            interval: Some(Interval { lower, upper }),
            p_value: None,
        }
    }

    #[test]
    fn monotone_is_decided_on_bounds() {
        assert_eq!(monotone(&[step(0.1, 0.2), step(0.01, 0.3)]), Monotone::Yes);
        assert_eq!(monotone(&[step(0.1, 0.2), step(-0.01, 0.3)]), Monotone::CannotTell);
        assert_eq!(monotone(&[step(-0.2, -0.1), step(-0.01, 0.3)]), Monotone::No);
        assert_eq!(monotone(&[]), Monotone::CannotTell);
        let untold = BandStep { interval: None, ..step(0.0, 0.0) };
        assert_eq!(monotone(&[untold, step(0.1, 0.2)]), Monotone::CannotTell);
    }
}
