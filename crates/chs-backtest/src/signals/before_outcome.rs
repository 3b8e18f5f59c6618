//! An indicator by the days before the outcome: when it begins to tell, and by how much.

use chs_stats::{ExactSum, clustered_mean};

use super::Sheet;
use super::alone::counts_of;
use crate::baselines::oriented;
use crate::figures::auc_figures;
use crate::metric::{Figure, Method};
use crate::sample::{Frame, Sample};
use crate::sufficiency::too_few;
use crate::{Metric, Slice};

/// Days before the outcome, or before it was known where that came first: `from <= days < to`.
const BINS: [(i32, i32); 7] =
    [(0, 30), (30, 60), (60, 90), (90, 120), (120, 150), (150, 180), (180, 360)];
/// The longest distance that is looked at.
const FARTHEST: i32 = 360;

/// `auc_within_snapshot` and `sub_score_difference` by `days_before`: rows at that distance from the
/// outcome, against rows of the same snapshots with label 0 and no outcome within [`FARTHEST`] days as
/// far as is known. Empty where the panel does not tell when outcomes came.
pub(super) fn figures(sheet: &Sheet<'_>, index: usize) -> Vec<Metric> {
    let frame = sheet.frame;
    let Some(sub_score) = sheet.sub_scores.get(index).filter(|_| frame.label.next.is_some()) else {
        return Vec::new();
    };
    let predictor = oriented(sub_score, frame.sign());
    BINS.iter()
        .flat_map(|(from, to)| {
            let label = |row: usize| match frame.days_to_outcome(row) {
                Some(days) if (*from..*to).contains(&days) => Some(true),
                Some(days) if days < FARTHEST => None,
                _ => frame.label.value(row).filter(|label| !label),
            };
            let slice = Slice::of("days_before", &format!("{from} to {}", to - 1));
            let sample = Sample::labelled(frame, &predictor, label);
            let [within, _] = auc_figures(&sample, &slice, frame.settings);
            [within, difference(frame, &sample, &slice)]
        })
        .collect()
}

/// Mean sub-score of the positive rows, each minus the mean of the others of its snapshot, with a t interval
/// over accounts. The noise of those means is not in it; they rest on far more rows.
fn difference(frame: &Frame<'_>, sample: &Sample, slice: &Slice) -> Metric {
    let name = "sub_score_difference";
    if let Some(reason) = too_few(sample) {
        return Metric::undefined(name, slice, sample.counts(), reason);
    }
    let sub_scores: Vec<f64> = sample.predictor.iter().map(|value| value * frame.sign()).collect();
    let stayed = stayed_means(sample, &sub_scores);
    let (mut deviations, mut clusters) = (Vec::new(), Vec::new());
    for (place, _) in sample.label.iter().enumerate().filter(|(_, label)| **label) {
        let stratum = sample.stratum.get(place).map(|own| *own as usize);
        let mean = stratum.and_then(|own| stayed.get(own).copied().flatten());
        if let (Some(mean), Some(value), Some(cluster)) =
            (mean, sub_scores.get(place), sample.cluster.get(place))
        {
            deviations.push(value - mean);
            clusters.push(*cluster);
        }
    }
    let positives = sample.part(|place| sample.label.get(place) == Some(&true));
    let counts = counts_of(frame, &positives);
    let Some(mean) = clustered_mean(&deviations, &clusters, frame.settings.level) else {
        let reason = "no snapshot has rows of both kinds".to_owned();
        return Metric::undefined(name, slice, counts, reason);
    };
    let figure = Figure::new(mean.estimate, Some(mean.interval), Method::ClusteredT);
    Metric::new(name, slice, counts, figure)
}

/// Mean of the negative rows of each snapshot.
fn stayed_means(sample: &Sample, values: &[f64]) -> Vec<Option<f64>> {
    let strata = sample.stratum.last().map_or(0, |last| *last as usize + 1);
    let mut sums = vec![(ExactSum::default(), 0_u32); strata];
    for ((stratum, label), value) in sample.stratum.iter().zip(&sample.label).zip(values) {
        if let Some((sum, rows)) = sums.get_mut(*stratum as usize).filter(|_| !label) {
            sum.add(*value);
            *rows += 1;
        }
    }
    sums.into_iter().map(|(sum, rows)| (rows > 0).then(|| sum.value() / f64::from(rows))).collect()
}
