//! Laws that every statistic keeps: the order of the rows leaves no trace, every account doubled changes
//! no estimate and makes errors as small as twice the accounts do, a weight is that many copies, and what
//! ranks sees ranks alone. The values are few, so that ties are everywhere.

use proptest::prelude::*;

use crate::{
    LabelledRows, LogisticRows, Observations, OutcomeOrder, RankOrder, StratifiedOutcomes,
    UpdateRows, auc_covariance_obuchowski, auc_decline, auc_difference, auc_pooled, auc_within,
    average_precision, brier, brier_scaled, calibration_intercept, calibration_slope, capture_at,
    closed_test, clustered_mean, clustered_proportion, information_value, lift_at, log_loss,
    log_loss_difference, logistic, lowess, pearson, population_stability_of_values,
    proportion_difference, smooth_calibration, spearman,
};

const LEVEL: f64 = 0.95;
/// Accounts of a sample; their doubles have numbers from here on.
const ACCOUNTS: u32 = 9;

#[derive(Debug, Clone)]
struct Rows {
    /// Probabilities, and scores at that.
    first: Vec<f64>,
    second: Vec<f64>,
    label: Vec<bool>,
    cluster: Vec<u32>,
    stratum: Vec<u32>,
}

fn rows() -> impl Strategy<Value = Rows> {
    let row = (1..12_u32, 1..12_u32, any::<bool>(), 0..ACCOUNTS, 0..3_u32);
    prop::collection::vec(row, 4..50).prop_map(|rows| Rows {
        first: rows.iter().map(|row| f64::from(row.0) / 12.0).collect(),
        second: rows.iter().map(|row| f64::from(row.1) / 12.0).collect(),
        label: rows.iter().map(|row| row.2).collect(),
        cluster: rows.iter().map(|row| row.3).collect(),
        stratum: rows.iter().map(|row| row.4).collect(),
    })
}

impl Rows {
    fn pick(&self, rows: &[usize]) -> Self {
        Self {
            first: rows.iter().map(|&row| self.first[row]).collect(),
            second: rows.iter().map(|&row| self.second[row]).collect(),
            label: rows.iter().map(|&row| self.label[row]).collect(),
            cluster: rows.iter().map(|&row| self.cluster[row]).collect(),
            stratum: rows.iter().map(|&row| self.stratum[row]).collect(),
        }
    }

    fn doubled(&self) -> Self {
        let n = self.label.len();
        let mut doubled = self.pick(&(0..n).chain(0..n).collect::<Vec<_>>());
        doubled.cluster[n..].iter_mut().for_each(|cluster| *cluster += ACCOUNTS);
        doubled
    }

    fn of(&self, predictor: &'static str) -> Observations<'_> {
        let predictor = if predictor == "first" { &self.first } else { &self.second };
        Observations { predictor, label: &self.label, cluster: &self.cluster }
    }

    fn split(&self) -> [(Vec<bool>, Vec<u32>); 2] {
        [false, true].map(|late| {
            let rows = (0..self.label.len()).filter(|&row| (self.stratum[row] > 0) == late);
            rows.map(|row| (self.label[row], self.cluster[row])).unzip()
        })
    }

    fn part(&self, late: bool) -> Self {
        let rows = (0..self.label.len()).filter(|&row| (self.stratum[row] > 0) == late);
        self.pick(&rows.collect::<Vec<_>>())
    }
}

/// Name and value; one that is not defined has none.
type Figures = Vec<(String, Option<f64>)>;

fn named(name: &str, value: Option<f64>) -> (String, Option<f64>) {
    (name.to_owned(), value)
}

/// What ranks: the values count by their order alone.
fn ranking(rows: &Rows) -> Figures {
    let mut figures = vec![
        named("pooled", auc_pooled(&rows.of("first")).map(|auc| auc.estimate)),
        named("within", auc_within(&rows.of("first"), &rows.stratum).map(|auc| auc.estimate)),
        named("precision", average_precision(&rows.first, &rows.label)),
        named("lift", lift_at(&rows.first, &rows.label, 0.2)),
        named("capture", capture_at(&rows.first, &rows.label, 0.2)),
        named("information", information_value(&rows.first, &rows.label).map(|found| found.value)),
    ];
    let ones = vec![1; rows.label.len()];
    let [first, second] = [&rows.first, &rows.second].map(|values| RankOrder::new(values));
    figures.push(named("spearman", spearman(&first, &second, &ones)));
    let (early, late) = (rows.part(false).first, rows.part(true).first);
    let moved = (!early.is_empty() && !late.is_empty())
        .then(|| population_stability_of_values(&early, &late, 3, LEVEL))
        .flatten();
    figures.push(named("stability", moved.map(|found| found.index)));
    figures
}

/// Estimates of probabilities and rates.
fn levels(rows: &Rows) -> Figures {
    let (p, label, cluster) = (&rows.first, &rows.label, &rows.cluster);
    let order = OutcomeOrder::new(&rows.of("first"));
    let ones = order.unweighted();
    let errors = order.calibration_errors(&ones);
    let corp = order.corp(&ones);
    let smooth = smooth_calibration(p, label);
    let values: Vec<f64> = label.iter().map(|label| f64::from(*label)).collect();
    let (best, middle) = (smooth.iter().copied().fold(f64::NEG_INFINITY, f64::max), 0.4);
    let mut figures = vec![
        named("brier", brier(p, label)),
        named("scaled", brier_scaled(p, label)),
        named("log loss", log_loss(p, label)),
        named("slope", calibration_slope(p, label, cluster, LEVEL).ok().map(|own| own.estimate)),
        named(
            "large",
            calibration_intercept(p, label, cluster, LEVEL).ok().map(|own| own.estimate),
        ),
        named("ici", errors.map(|own| own.mean)),
        named("e_max", errors.map(|own| own.maximum)),
        named("mcb", corp.as_ref().map(|own| own.miscalibration)),
        named("dsc", corp.as_ref().map(|own| own.discrimination)),
        named("recalibrated", order.recalibrated_brier(&ones)),
        named("ece", order.expected_calibration_error(&ones, 3)),
        named("smooth", best.is_finite().then_some(best)),
        named("lowess", lowess(p, &values, 0.7, 0.1).into_iter().reduce(f64::max)),
        named("pearson", pearson(p, &rows.second, &vec![1; label.len()])),
        named("rate", clustered_proportion(label, cluster, LEVEL).map(|own| own.rate)),
        named("effect", clustered_proportion(label, cluster, LEVEL).map(|own| own.design_effect)),
        named("mean", clustered_mean(p, cluster, LEVEL).map(|own| own.estimate)),
    ];
    let benefit = order.decision_curve(&ones, &[middle]).first().map(|own| own.model);
    figures.push(named("net benefit", benefit));
    figures
}

/// Variances by account, each with whether it has the factor G / (G - 1).
fn variances(rows: &Rows) -> Vec<(String, Option<f64>, bool)> {
    let (p, label, cluster) = (&rows.first, &rows.label, &rows.cluster);
    let square = |error: Option<f64>| error.map(|error| error * error);
    let auc = |of: &Observations| auc_within(of, &rows.stratum);
    let (first, second) = (auc(&rows.of("first")), auc(&rows.of("second")));
    let pair = first.as_ref().zip(second.as_ref());
    let difference = pair.and_then(|(a, b)| auc_difference(a, b, LEVEL));
    let ends = [false, true].map(|late| auc_pooled(&rows.part(late).of("first")));
    let [Some(early), Some(late)] = ends.each_ref().map(Option::as_ref) else { return Vec::new() };
    let decline = auc_decline(early, late, LEVEL);
    let columns: [&[f64]; 1] = [&rows.second];
    let fit = LogisticRows { columns: &columns, label, cluster, offset: Some(p), weights: None };
    let [before, after] = rows.split();
    let [before, after] =
        [&before, &after].map(|own| LabelledRows { label: &own.0, cluster: &own.1 });
    let rates = proportion_difference(before, after, LEVEL);
    let loss = log_loss_difference(p, &rows.second, label, cluster, LEVEL);
    let slope = calibration_slope(p, label, cluster, LEVEL).ok();
    vec![
        ("within".into(), first.map(|auc| auc.variance), false),
        ("difference".into(), square(difference.map(|own| own.standard_error)), false),
        ("decline".into(), square(decline.map(|own| own.standard_error)), false),
        ("logistic".into(), logistic(&fit).ok().map(|fit| fit.covariance[1][1]), true),
        ("slope".into(), square(slope.map(|own| own.standard_error)), true),
        ("rates".into(), square(rates.map(|own| own.standard_error)), true),
        (
            "mean".into(),
            square(clustered_mean(p, cluster, LEVEL).map(|own| own.standard_error)),
            true,
        ),
        ("log loss".into(), square(loss.map(|own| own.standard_error)), true),
    ]
}

fn is_close(left: Option<f64>, right: Option<f64>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => (left - right).abs() <= 1e-9 * (1.0 + right.abs()),
        (left, right) => left.is_none() && right.is_none(),
    }
}

proptest! {
    #[test]
    fn row_order_leaves_no_trace(rows in rows(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..rows.label.len()).collect();
        order.sort_by_key(|&row| (row as u64 + 1).wrapping_mul(seed | 1));
        let turned = rows.pick(&order);
        prop_assert_eq!(ranking(&rows), ranking(&turned));
        prop_assert_eq!(levels(&rows), levels(&turned));
        prop_assert_eq!(variances(&rows), variances(&turned));
        let covariance = |rows: &Rows| auc_covariance_obuchowski(&rows.of("first"), &rows.of("second"));
        prop_assert_eq!(covariance(&rows), covariance(&turned));
        let logit: Vec<f64> = rows.first.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let of = |rows: &Rows, logit: &[f64]| {
            let columns: [&[f64]; 1] = [&rows.second];
            let (label, cluster) = (&rows.label[..], &rows.cluster[..]);
            closed_test(&UpdateRows { logit, columns: &columns, label, cluster }, 0.05)
        };
        let turned_logit: Vec<f64> = order.iter().map(|&row| logit[row]).collect();
        if logit.iter().all(|logit| logit.is_finite()) {
            prop_assert_eq!(of(&rows, &logit), of(&turned, &turned_logit));
        }
    }

    #[test]
    fn what_ranks_sees_ranks_alone(rows in rows()) {
        let map = |values: &[f64]| values.iter().map(|x| (3.0 * x).exp() - 40.0).collect();
        let mapped = Rows { first: map(&rows.first), second: map(&rows.second), ..rows.clone() };
        prop_assert_eq!(ranking(&rows), ranking(&mapped));
        let covariance = |rows: &Rows| auc_covariance_obuchowski(&rows.of("first"), &rows.of("second"));
        prop_assert_eq!(covariance(&rows), covariance(&mapped));
    }

    #[test]
    fn every_account_doubled_moves_no_estimate_and_halves_the_variance(rows in rows()) {
        let twice = rows.doubled();
        let skipped = ["lift", "capture", "lowess", "smooth", "ici", "e_max", "effect", "information", "stability"];
        let figures = [ranking, levels].map(|figures| figures(&rows).into_iter().zip(figures(&twice)));
        for ((name, once), (_, twice)) in figures.into_iter().flatten() {
            // A share of the rows, a neighbourhood and a smoothed bin are of whole rows.
            let defined = once.is_some() && twice.is_some();
            if defined && !skipped.contains(&name.as_str()) {
                prop_assert!(is_close(twice, once), "{name}: {once:?} {twice:?}");
            }
        }
        let mut accounts = rows.cluster.clone();
        accounts.sort_unstable();
        accounts.dedup();
        let g = accounts.len() as f64;
        for ((name, once, has_factor), (_, twice, _)) in
            variances(&rows).into_iter().zip(variances(&twice))
        {
            let Some((once, twice)) = once.zip(twice) else { continue };
            let factor = if has_factor { (g - 1.0) / (g - 0.5) } else { 1.0 };
            prop_assert!(is_close(Some(twice), Some(once * factor / 2.0)), "{name}: {once} {twice}");
        }
    }

    #[test]
    fn a_weight_is_that_many_copies(
        rows in rows(),
        weights in prop::collection::vec(0..4_u32, ACCOUNTS as usize),
    ) {
        let n = rows.label.len();
        let times = |row: usize| weights[rows.cluster[row] as usize] as usize;
        let copies: Vec<usize> =
            (0..n).flat_map(|row| std::iter::repeat_n(row, times(row))).collect();
        let many = rows.pick(&copies);
        if many.label.is_empty() {
            return Ok(());
        }
        let weight_of_row: Vec<u32> = rows.cluster.iter().map(|&own| weights[own as usize]).collect();
        let [order, copied] = [&rows, &many].map(|rows| OutcomeOrder::new(&rows.of("first")));
        let ones = copied.unweighted();
        let ranked = order.ranking(&weights, &[0.2]);
        let same = ranking(&many);
        let strata = StratifiedOutcomes::new(&rows.of("first"), &rows.stratum);
        prop_assert!(is_close(ranked.auc, same[0].1));
        prop_assert!(is_close(strata.auc(&weights), same[1].1));
        prop_assert!(is_close(ranked.average_precision, same[2].1));
        prop_assert!(is_close(ranked.tops[0].map(|top| top.lift), same[3].1));
        let [first, second] = [&rows.first, &rows.second].map(|values| RankOrder::new(values));
        prop_assert!(is_close(spearman(&first, &second, &weight_of_row), same[6].1));
        let curves = [(&order, &weights), (&copied, &ones)]
            .map(|(order, weights)| order.decision_curve(weights, &[0.1, 0.4]));
        prop_assert_eq!(&curves[0], &curves[1]);
        let recalibrated = order.recalibrated_brier(&weights);
        prop_assert!(is_close(recalibrated, copied.recalibrated_brier(&ones)));
    }

    #[test]
    fn one_value_for_all_ranks_nothing(rows in rows()) {
        let tied = Rows { first: vec![0.25; rows.label.len()], ..rows };
        let events = tied.label.iter().filter(|label| **label).count();
        if events > 0 && events < tied.label.len() {
            let found = ranking(&tied);
            let rate = events as f64 / tied.label.len() as f64;
            prop_assert!(is_close(found[0].1, Some(0.5)) && is_close(found[2].1, Some(rate)));
            prop_assert!(is_close(found[3].1, Some(1.0)) && is_close(found[5].1, Some(0.0)));
            let order = OutcomeOrder::new(&tied.of("first"));
            let corp = order.corp(&order.unweighted()).unwrap();
            prop_assert!(corp.discrimination.abs() < 1e-15 && corp.steps.len() == 1);
        }
    }
}
