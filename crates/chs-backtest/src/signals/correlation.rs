//! Which indicators say the same.

use chs_panel::NumberColumn;
use chs_stats::{Estimate, ExactSum, Interval, exact_sum};

use super::{CORRELATED, Sheet};
use crate::metric::{Figure, Method};
use crate::sample::Sample;
use crate::{Metric, Slice};

/// Differences of sub-scores and of correlations below it are rounding.
const ROUNDING: f64 = 1e-12;

/// Correlations of the sub-scores of all pairs of indicators.
pub(super) struct Correlations {
    names: Vec<String>,
    /// The lower triangle: of each indicator with those before it.
    pairs: Vec<Vec<Metric>>,
}

/// Pearson's r of two sub-scores over the labelled rows where both are observed, for all pairs;
/// O(rows x indicators^2).
pub(super) fn correlations(sheet: &Sheet<'_>) -> Correlations {
    let names: Vec<String> = sheet.scorecard.indicators().map(|own| own.name.clone()).collect();
    let pairs = sheet
        .sub_scores
        .iter()
        .enumerate()
        .map(|(index, later)| {
            let before = sheet.sub_scores.iter().zip(&names).take(index);
            before.map(|(earlier, name)| correlation(sheet, (later, earlier), name)).collect()
        })
        .collect();
    Correlations { names, pairs }
}

impl Correlations {
    fn of(&self, one: usize, other: usize) -> Option<&Metric> {
        self.pairs.get(one.max(other))?.get(one.min(other))
    }

    fn others(&self, index: usize) -> impl Iterator<Item = (&String, &Metric)> {
        let others = self.names.iter().enumerate().filter(move |(other, _)| *other != index);
        others.filter_map(move |(other, name)| Some((name, self.of(index, other)?)))
    }

    /// One figure per other indicator.
    pub(super) fn figures(&self, index: usize) -> Vec<Metric> {
        let of_other = |(name, metric): (&String, &Metric)| Metric {
            slice: Slice::of("with", name),
            ..metric.clone()
        };
        self.others(index).map(of_other).collect()
    }

    /// Names of those that surely go with it.
    pub(super) fn partners(&self, index: usize) -> Vec<String> {
        let is_close = |metric: &Metric| {
            let bounds = metric.bounds();
            bounds.is_some_and(|(_, lower, upper)| lower > CORRELATED || upper < -CORRELATED)
        };
        let others = self.others(index).filter(|(_, metric)| is_close(metric));
        others.map(|(name, _)| name.clone()).collect()
    }
}

fn correlation(
    sheet: &Sheet<'_>,
    (one, other): (&NumberColumn, &NumberColumn),
    with: &str,
) -> Metric {
    let both = Sample::new(sheet.frame, one, |row| other.get(row).is_some());
    let other = both.with_predictor(sheet.frame.panel, other);
    let slice = Slice::of("with", with);
    let metric = |figure| Metric::new("correlation", &slice, both.counts(), figure);
    match pearson(&both, &other.predictor) {
        None => {
            let reason = "one of the two does not vary where both are observed".to_owned();
            Metric::undefined("correlation", &slice, both.counts(), reason)
        }
        Some((estimate, _)) if 1.0 - estimate.abs() < ROUNDING => {
            let reason = Some("the two say the same".to_owned());
            let bounds = Some(Interval { lower: estimate, upper: estimate });
            metric(Figure { reason, ..Figure::new(estimate, bounds, Method::Influence) })
        }
        Some((estimate, standard_error)) => {
            // On Fisher's scale, whose derivative is 1 / (1 - r^2).
            let spread = standard_error / (1.0 - estimate * estimate);
            let level = sheet.frame.settings.level;
            let wide = Estimate::new(estimate.atanh(), spread, level).interval;
            let bounds = Interval { lower: wide.lower.tanh(), upper: wide.upper.tanh() };
            metric(Figure::new(estimate, Some(bounds), Method::Influence))
        }
    }
}

/// r with its standard error from account-summed influences `z1 z2 - r (z1^2 + z2^2) / 2`, z being the
/// standardised values.
fn pearson(sample: &Sample, other: &[f64]) -> Option<(f64, f64)> {
    let n = sample.predictor.len() as f64;
    let (one, other) = (standardised(&sample.predictor)?, standardised(other)?);
    let estimate = chs_stats::pearson(&one, &other, &vec![1; one.len()])?;
    let mut influence = vec![ExactSum::default(); sample.accounts];
    for ((a, b), cluster) in one.iter().zip(&other).zip(&sample.cluster) {
        if let Some(sum) = influence.get_mut(*cluster as usize) {
            sum.add((a * b - estimate * (a * a + b * b) / 2.0) / n);
        }
    }
    let squares = influence.iter().map(|sum| sum.value() * sum.value());
    Some((estimate.clamp(-1.0, 1.0), exact_sum(squares).sqrt()))
}

/// Minus the mean, over the standard deviation; none where nothing varies.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let n = values.len() as f64;
    let mean = exact_sum(values.iter().copied()) / n;
    let squares = exact_sum(values.iter().map(|value| (value - mean) * (value - mean)));
    let deviation = (squares / n).sqrt();
    (deviation > ROUNDING).then(|| values.iter().map(|value| (value - mean) / deviation).collect())
}

#[cfg(test)]
mod tests {
    use super::pearson;
    use crate::sample::Sample;

    fn sample(values: &[f64], cluster: &[u32]) -> Sample {
        Sample {
            rows: (0..values.len()).collect(),
            predictor: values.to_vec(),
            label: vec![false; values.len()],
            stratum: vec![0; values.len()],
            cluster: cluster.to_vec(),
            accounts: cluster.iter().max().map_or(0, |last| *last as usize + 1),
        }
    }

    #[test]
    fn the_correlation_is_that_of_the_textbook() {
        // Deviations (-1.5, -0.5, 0.5, 1.5) and (-1, -1, 1, 1): 4 / sqrt(5 * 4).
        let one = sample(&[1.0, 2.0, 3.0, 4.0], &[0, 1, 2, 3]);
        let (estimate, error) = pearson(&one, &[0.0, 0.0, 2.0, 2.0]).unwrap();
        assert!((estimate - 4.0 / 20.0_f64.sqrt()).abs() < 1e-15);
        // Each row twice in its account is the same as each row once.
        let twice = sample(&[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0], &[0, 0, 1, 1, 2, 2, 3, 3]);
        let (again, clustered) =
            pearson(&twice, &[0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0]).unwrap();
        assert!((estimate - again).abs() < 1e-15 && (error - clustered).abs() < 1e-15);
        assert_eq!(pearson(&one, &[3.0; 4]), None);
        assert!((pearson(&one, &[4.0, 3.0, 2.0, 1.0]).unwrap().0 + 1.0).abs() < 1e-15);
    }
}
