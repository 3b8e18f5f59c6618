//! Curves of what came over what was foretold, and how far they lie from the diagonal.
//!
//! The predictor of the order is P(label = 1) here, in \[0, 1\].

use crate::OutcomeOrder;
use crate::lowess::{Run, lowess, lowess_of_runs};
use crate::outcome_order::Outcomes;
use crate::sum::{OrderedSum, ordered_sum};

/// Share of the rows in a neighbourhood of the smooth curve.
const SMOOTH_FRACTION: f64 = 2.0 / 3.0;
/// Distance between fits of the smooth curve, as a share of the range of p.
const SMOOTH_DELTA: f64 = 0.01;

/// Cells into which a replicate puts the rows, at most.
const CELLS: usize = 2_000;

/// Distance of the smooth calibration curve from the diagonal, over the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationErrors {
    /// Mean of |p - smooth(p)|: the integrated calibration index (ICI), `E_avg`.
    pub mean: f64,
    /// Median, E50.
    pub median: f64,
    /// Ninth decile, E90.
    pub ninth_decile: f64,
    /// Largest, `E_max`.
    pub maximum: f64,
}

/// The calibration curve without a choice of bins, and what it says of the Brier score:
/// `brier = miscalibration - discrimination + uncertainty`.
#[derive(Debug, Clone, PartialEq)]
pub struct CorpCurve {
    /// Levels of the curve, rising in p and in rate.
    pub steps: Vec<CalibrationStep>,
    /// MCB: what recalibration would take from the Brier score; not below 0, 0 is best.
    pub miscalibration: f64,
    /// DSC: what the recalibrated probabilities gain over the event rate; not below 0.
    pub discrimination: f64,
    /// UNC: Brier score of the event rate.
    pub uncertainty: f64,
}

/// Rows that the curve gives one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationStep {
    /// Lowest p.
    pub lowest: f64,
    /// Highest p.
    pub highest: f64,
    /// Rows, by weight.
    pub rows: u64,
    /// Rows with label 1, by weight.
    pub events: u64,
}

impl CalibrationStep {
    /// Share of its rows with label 1.
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.rows as f64
    }
}

/// The smooth calibration curve at each row: [`lowess`] of the label over p, with fraction 2/3 and
/// delta 1 % of the range of p, without robustness iterations.
///
/// Reference: R `rms::val.prob`, `stats::lowess(p, y, iter = 0)`. Cost as [`lowess`]: about 67 n.
///
/// # Panics
/// When the columns differ in length.
pub fn smooth_calibration(probability: &[f64], label: &[bool]) -> Vec<f64> {
    let happened: Vec<f64> = label.iter().map(|&label| f64::from(label)).collect();
    let bounds = probability
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |bounds, &p| (p.min(bounds.0), p.max(bounds.1)));
    lowess(probability, &happened, SMOOTH_FRACTION, SMOOTH_DELTA * (bounds.1 - bounds.0).max(0.0))
}

impl OutcomeOrder {
    /// Distance between p and [`smooth_calibration`], with every row of account c counted
    /// `weights[c]` times. `None` without weight.
    ///
    /// Quantiles are of type 7. Source: Austin & Steyerberg 2019; reference: R `rms::val.prob`
    /// (`Eavg`, `E90`, `Emax`).
    ///
    /// Where every account counts once the figures are those of the rows, in about 67 n. Under other
    /// weights, which are a bootstrap's, rows of more than 2,000 distinct p are put into as many cells of
    /// equal width, each at its mean p: the curve's neighbourhoods are hundreds of cells wide, and the
    /// limits of an interval do not notice. That costs O(rows) and some 100,000 steps.
    ///
    /// # Panics
    /// With fewer weights than accounts.
    pub fn calibration_errors(&self, weights: &[u32]) -> Option<CalibrationErrors> {
        let runs = self.runs(weights);
        let range = runs.last()?.x - runs.first()?.x;
        let smooth = lowess_of_runs(&runs, SMOOTH_FRACTION, SMOOTH_DELTA * range);
        let mut distances: Vec<(f64, u64)> = runs
            .iter()
            .zip(smooth)
            .map(|(run, smooth)| ((run.x - smooth).abs(), run.rows))
            .collect();
        distances.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
        let rows = runs.iter().map(|run| run.rows).sum::<u64>();
        let sum = ordered_sum(distances.iter().map(|(distance, rows)| distance * *rows as f64));
        Some(CalibrationErrors {
            mean: sum / rows as f64,
            median: quantile_of_runs(&distances, rows, 0.5),
            ninth_decile: quantile_of_runs(&distances, rows, 0.9),
            maximum: quantile_of_runs(&distances, rows, 1.0),
        })
    }

    /// The rows of each p or cell, those without label 1 first, lowest p first.
    fn runs(&self, weights: &[u32]) -> Vec<Run> {
        let Some((lowest, highest)) = self.bounds() else { return Vec::new() };
        let is_exact = self.distinct() <= CELLS || weights.iter().all(|weight| *weight == 1);
        let width = if is_exact { 0.0 } else { (highest - lowest) / CELLS as f64 };
        let mut cells: Vec<Cell> = Vec::new();
        self.descend_values(weights, |p, here| {
            let moment = p * here.all() as f64;
            match cells.last_mut().filter(|cell| p > cell.highest - width) {
                Some(cell) => {
                    cell.moment += moment;
                    cell.outcomes = cell.outcomes + here;
                }
                None => cells.push(Cell { highest: p, moment, outcomes: here }),
            }
        });
        let runs = cells.iter().rev().flat_map(|cell| {
            let Outcomes { events, others } = cell.outcomes;
            let mean = cell.moment / cell.outcomes.all() as f64;
            // A cell of one p keeps it to the bit.
            let x = if is_exact { cell.highest } else { mean };
            let run = |y: f64, rows: u64| (rows > 0).then_some(Run { x, y, rows });
            [run(0.0, others), run(1.0, events)].into_iter().flatten()
        });
        runs.collect()
    }

    /// The curve that pool-adjacent-violators gives, and the parts of the Brier score, with every row
    /// of account c counted `weights[c]` times. `None` without weight. O(rows).
    ///
    /// The curve is the non-decreasing function of p that fits the labels best; blocks are pooled in
    /// integers. Under a bootstrap MCB and DSC are biased upwards: both are maxima over curves.
    /// Source: Dimitriadis, Gneiting & Jordan 2021, "Stable reliability diagrams for probabilistic
    /// classifiers". References: scikit-learn `IsotonicRegression`, `model_diagnostics.scoring.decompose`.
    ///
    /// # Panics
    /// With fewer weights than accounts.
    pub fn corp(&self, weights: &[u32]) -> Option<CorpCurve> {
        let all = self.total(weights);
        if all.all() == 0 {
            return None;
        }
        let mut steps: Vec<CalibrationStep> = Vec::new();
        let mut squared = OrderedSum::default();
        self.descend_values(weights, |p, here| {
            squared.add(here.events as f64 * (1.0 - p) * (1.0 - p));
            squared.add(here.others as f64 * p * p);
            let (rows, events) = (here.all(), here.events);
            pool(&mut steps, CalibrationStep { lowest: p, highest: p, rows, events });
        });
        steps.reverse();
        let rows = all.all() as f64;
        let recalibrated = ordered_sum(steps.iter().map(CalibrationStep::spread)) / rows;
        let uncertainty = all.events as f64 * all.others as f64 / rows / rows;
        Some(CorpCurve {
            steps,
            miscalibration: squared.value() / rows - recalibrated,
            discrimination: uncertainty - recalibrated,
            uncertainty,
        })
    }

    /// Brier score that the rates of [`Self::corp`] would have, with every row of account c counted
    /// `weights[c]` times: the Brier score less it is MCB, that of the event rate less it is DSC. `None`
    /// without weight. O(rows), in far fewer steps than the curve: stretches of p without an event are
    /// pooled at once.
    ///
    /// # Panics
    /// With fewer weights than accounts.
    pub fn recalibrated_brier(&self, weights: &[u32]) -> Option<f64> {
        let mut steps = Vec::new();
        self.descend(weights, |here| {
            let (rows, events) = (here.all(), here.events);
            if rows > 0 {
                pool(&mut steps, CalibrationStep { lowest: 0.0, highest: 0.0, rows, events });
            }
        });
        let rows: u64 = steps.iter().map(|step| step.rows).sum();
        let spread = || ordered_sum(steps.iter().rev().map(CalibrationStep::spread));
        (rows > 0).then(|| spread() / rows as f64)
    }

    /// Expected calibration error over `bins` bins of equal mass, ties kept together
    /// ([`equal_mass_bins`]): the mean over rows of |mean p - event rate| of the row's bin, with every
    /// row of account c counted `weights[c]` times. `None` without weight. O(rows).
    ///
    /// # Panics
    /// With fewer weights than accounts, or without bins.
    pub fn expected_calibration_error(&self, weights: &[u32], bins: usize) -> Option<f64> {
        assert!(bins > 0, "rows need a bin");
        let all = self.total(weights).all();
        let mut sums = vec![(Outcomes::default(), OrderedSum::default()); bins];
        let (mut before, mut bin) = (all, bins - 1);
        self.descend_values(weights, |p, here| {
            before -= here.all();
            // As `bin_of`, without its division: the bins fall with p.
            while bin as u64 * 2 * all > bins as u64 * (2 * before + here.all()) {
                bin -= 1;
            }
            let (outcomes, foretold) = &mut sums[bin];
            *outcomes = *outcomes + here;
            foretold.add(p * here.all() as f64);
        });
        let distances = sums
            .iter()
            .map(|(outcomes, foretold)| (foretold.value() - outcomes.events as f64).abs());
        (all > 0).then(|| ordered_sum(distances) / all as f64)
    }
}

/// Rows of neighbouring p.
struct Cell {
    highest: f64,
    /// Sum of p over the rows.
    moment: f64,
    outcomes: Outcomes,
}

/// Quantile of type 7 of sorted values, each as often as it says, of `rows` in all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position between 0 and the number of rows"
)]
fn quantile_of_runs(sorted: &[(f64, u64)], rows: u64, p: f64) -> f64 {
    let position = (rows - 1) as f64 * p;
    let below = position.floor() as u64;
    let at = |place: u64| {
        let mut passed = 0;
        let run = sorted.iter().find(|(_, rows)| {
            passed += rows;
            passed > place
        });
        run.or(sorted.last()).map_or(f64::NAN, |(value, _)| *value)
    };
    let (lower, upper) = (at(below), at((below + 1).min(rows - 1)));
    lower + (position - below as f64) * (upper - lower)
}

/// The bin of each value, of `bins` with about equally many rows each.
///
/// A group of equal values goes whole into bin `floor(bins x middle rank / n)`, so that some bins may
/// have no row. O(n log n).
///
/// # Panics
/// Without bins.
pub fn equal_mass_bins(values: &[f64], bins: usize) -> Vec<usize> {
    let order = crate::RankOrder::new(values);
    let mut bin_of_row = vec![0; values.len()];
    let mut before = 0;
    for group in order.groups() {
        let bin = bin_of(before, group.len() as u64, values.len() as u64, bins);
        for &row in group {
            bin_of_row[row] = bin;
        }
        before += group.len() as u64;
    }
    bin_of_row
}

/// Bin of a group of tied rows with `before` rows below it, of `all`.
#[expect(clippy::cast_possible_truncation, reason = "below the number of bins")]
fn bin_of(before: u64, tied: u64, all: u64, bins: usize) -> usize {
    assert!(bins > 0, "rows need a bin");
    // Twice the middle rank, counted from 0: the group spans `before..before + tied`.
    let doubled = 2 * before + tied;
    ((bins as u64 * doubled / (2 * all)) as usize).min(bins - 1)
}

/// Adds the next step downwards, pooled with those above that it does not lie below.
fn pool(steps: &mut Vec<CalibrationStep>, mut step: CalibrationStep) {
    while let Some(above) = steps.pop_if(|above| !step.is_below(above)) {
        step = step.with(&above);
    }
    steps.push(step);
}

impl CalibrationStep {
    /// Sum of the squared distances of its rows from its rate.
    fn spread(&self) -> f64 {
        self.events as f64 * (self.rows - self.events) as f64 / self.rows as f64
    }

    /// Whether its rate is below that of the next one.
    fn is_below(&self, above: &Self) -> bool {
        u128::from(self.events) * u128::from(above.rows)
            < u128::from(above.events) * u128::from(self.rows)
    }

    fn with(&self, above: &Self) -> Self {
        Self {
            lowest: self.lowest,
            highest: above.highest,
            rows: self.rows + above.rows,
            events: self.events + above.events,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Observations;
    use crate::brier;

    fn order(probability: &[f64], label: &[bool]) -> OutcomeOrder {
        let cluster: Vec<u32> = (0..).take(label.len()).collect();
        OutcomeOrder::new(&Observations { predictor: probability, label, cluster: &cluster })
    }

    #[test]
    fn ties_stay_together_in_a_bin() {
        assert_eq!(equal_mass_bins(&[0.3, 0.1, 0.2, 0.4], 10), [6, 1, 3, 8]);
        assert_eq!(equal_mass_bins(&[0.5; 7], 10), [5; 7]);
        assert_eq!(equal_mass_bins(&[], 10), [0_usize; 0]);
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        let bins = equal_mass_bins(&many, 10);
        let size = |bin| bins.iter().filter(|own| **own == bin).count();
        assert_eq!((0..10).map(size).collect::<Vec<_>>(), [10; 10]);
    }

    #[test]
    fn violators_are_pooled() {
        let p = [0.1, 0.2, 0.3, 0.4, 0.5];
        let order = order(&p, &[false, true, false, true, true]);
        let curve = order.corp(&[1; 5]).unwrap();
        let steps: Vec<_> = curve.steps.iter().map(|s| (s.lowest, s.rows, s.events)).collect();
        assert_eq!(steps, [(0.1, 1, 0), (0.2, 2, 1), (0.4, 2, 2)]);
        assert!((curve.uncertainty - 0.24).abs() < 1e-15);
        assert!((curve.discrimination - (0.24 - 0.1)).abs() < 1e-15);
        let brier = (0.01 + 0.64 + 0.09 + 0.36 + 0.25) / 5.0;
        assert!((curve.miscalibration - (brier - 0.1)).abs() < 1e-15);
        assert!((curve.steps[1].rate() - 0.5).abs() < 1e-15 && curve.steps[1].highest < 0.31);
        assert_eq!(order.corp(&[0; 5]), None);
    }

    #[test]
    fn the_expected_error_is_the_mean_distance_of_the_bins() {
        // Two bins of two rows: |0.15 - 0.5| and |0.75 - 1|.
        let order = order(&[0.1, 0.2, 0.7, 0.8], &[true, false, true, true]);
        let found = order.expected_calibration_error(&[1; 4], 2).unwrap();
        assert!((found - f64::midpoint(0.35, 0.25)).abs() < 1e-15);
        assert_eq!(order.expected_calibration_error(&[0; 4], 2), None);
    }

    #[test]
    fn errors_are_those_of_the_smooth_curve() {
        let p: Vec<f64> = (1..60).map(|i| f64::from(i % 23) / 25.0 + 0.01).collect();
        let label: Vec<bool> = (1..60).map(|i| i % 7 < 3).collect();
        let smooth = smooth_calibration(&p, &label);
        let distance: Vec<f64> = p.iter().zip(smooth).map(|(p, s)| (p - s).abs()).collect();
        let errors = order(&p, &label).calibration_errors(&[1; 59]).unwrap();
        assert!((errors.mean - distance.iter().sum::<f64>() / 59.0).abs() < 1e-14);
        let largest = distance.iter().copied().fold(0.0, f64::max);
        assert!((errors.maximum - largest).abs() < 1e-15);
        assert!(errors.median < errors.ninth_decile && errors.ninth_decile < errors.maximum);
        assert_eq!(order(&[], &[]).calibration_errors(&[]), None);
        // One probability only: the curve is the event rate.
        let flat = order(&[0.5; 4], &[true, false, false, false]);
        let flat = flat.calibration_errors(&[1; 4]).unwrap();
        assert!((flat.mean - 0.25).abs() < 1e-15 && (flat.maximum - 0.25).abs() < 1e-15);
    }

    /// The replicates' cells against the rows themselves.
    #[test]
    fn cells_hardly_move_the_errors() {
        let p: Vec<f64> = (0..9000).map(|i| 0.002 + f64::from(i * i % 8999) / 9050.0).collect();
        let happens = |(i, p): (i32, &f64)| f64::from(i * 37 % 101) < 95.0 * p.sqrt();
        let label: Vec<bool> = (0..).zip(&p).map(happens).collect();
        let order = order(&p, &label);
        assert!(order.distinct() > CELLS);
        let rows = order.calibration_errors(&order.unweighted()).unwrap();
        // Every account twice: the same curve, from cells.
        let twice = vec![2; order.accounts()];
        let cells = order.calibration_errors(&twice).unwrap();
        assert!(order.runs(&twice).len() <= 2 * CELLS + 2);
        for (rows, cells) in [
            (rows.mean, cells.mean),
            (rows.median, cells.median),
            (rows.ninth_decile, cells.ninth_decile),
            (rows.maximum, cells.maximum),
        ] {
            assert!((rows - cells).abs() < 2e-3 * rows, "{rows} {cells}");
        }
    }

    proptest! {
        #[test]
        fn parts_add_up_rates_rise_and_a_weight_is_that_many_copies(
            rows in prop::collection::vec((0..20_u32, any::<bool>(), 0..4_u32), 1..50),
        ) {
            let p: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 20.0).collect();
            let label: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let weights: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let repeat = |i: usize| std::iter::repeat_n(i, weights[i] as usize);
            let copies: Vec<usize> = (0..rows.len()).rev().flat_map(repeat).collect();
            let many_p: Vec<f64> = copies.iter().map(|&i| p[i]).collect();
            let many_label: Vec<bool> = copies.iter().map(|&i| label[i]).collect();
            let (order, many) = (order(&p, &label), order(&many_p, &many_label));
            let ones = many.unweighted();
            let errors = [order.calibration_errors(&weights), many.calibration_errors(&ones)];
            let [weighted, copied] = errors.map(|errors| errors.map(|e| [e.mean, e.median, e.maximum]));
            prop_assert_eq!(weighted.is_some(), copied.is_some());
            for (weighted, copied) in weighted.into_iter().flatten().zip(copied.into_iter().flatten()) {
                prop_assert!((weighted - copied).abs() < 1e-9);
            }
            let ece = order.expected_calibration_error(&weights, 10);
            prop_assert_eq!(ece, many.expected_calibration_error(&ones, 10));
            let curve = order.corp(&weights);
            prop_assert_eq!(&curve, &many.corp(&ones));
            let recalibrated = order.recalibrated_brier(&weights);
            prop_assert_eq!(recalibrated.is_some(), curve.is_some());
            if let Some((curve, recalibrated)) = curve.zip(recalibrated) {
                let of_curve = curve.uncertainty - curve.discrimination;
                prop_assert!((of_curve - recalibrated).abs() < 1e-15);
                let parts = curve.miscalibration - curve.discrimination + curve.uncertainty;
                prop_assert!((parts - brier(&many_p, &many_label).unwrap()).abs() < 1e-14);
                prop_assert!(curve.miscalibration > -1e-14 && curve.discrimination > -1e-14);
                let mut rates = curve.steps.windows(2);
                prop_assert!(rates.all(|pair| pair[0].rate() < pair[1].rate()));
            }
        }
    }
}
