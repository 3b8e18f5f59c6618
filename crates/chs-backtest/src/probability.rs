//! Whether the probabilities of a score hold: losses and calibration.

use chs_panel::Panel;
use chs_stats::{
    Estimate, Undefined, brier, calibration_intercept, calibration_slope, certain_count, log_loss,
    ordered_sum,
};

use crate::metric::{Figure, Method};
use crate::resampling::Resampling;
use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::too_few;
use crate::{CALIBRATION_FLOOR, Metric, Scheme, Settings, Slice};

/// Losses and calibration on the rows of a sample that have a probability.
pub(crate) fn probability_figures(
    panel: &Panel,
    contender: &Contender,
    sample: &Sample,
    slice: &Slice,
    settings: &Settings,
) -> Vec<Metric> {
    let forecast = sample.with_predictor(panel, &contender.probability);
    let missing = no_probability(panel, &forecast);
    let mut metrics = losses(&forecast, missing.as_ref(), slice, settings);
    metrics.extend(calibration_figures(&forecast, missing, slice, settings));
    metrics
}

/// `brier`, `brier_scaled`, `log_loss`; the predictor of the sample is the probability.
pub(crate) fn loss_figures(frame: &Frame<'_>, forecast: &Sample, slice: &Slice) -> Vec<Metric> {
    let missing = no_probability(frame.panel, forecast);
    losses(forecast, missing.as_ref(), slice, frame.settings)
}

fn losses(
    forecast: &Sample,
    missing: Option<&String>,
    slice: &Slice,
    settings: &Settings,
) -> Vec<Metric> {
    let names = ["brier", "brier_scaled", "log_loss"].map(str::to_owned);
    let resampling = Resampling { sample: forecast, slice, settings, names: &names };
    if let Some(reason) = missing {
        return resampling.undefined(reason);
    }
    let losses = AccountLosses::of(forecast);
    let mut metrics = resampling.by_account(|weights| losses.losses(weights));
    for metric in metrics.iter_mut().filter(|metric| metric.name == "log_loss") {
        if metric.estimate.is_none() {
            metric.reason = Some("infinite: a probability of 0 for what happened".to_owned());
        }
    }
    metrics
}

/// Why the probabilities of a sample cannot be judged.
pub(crate) fn no_probability(panel: &Panel, forecast: &Sample) -> Option<String> {
    if forecast.rows.is_empty() {
        let why = match Scheme::of(panel) {
            Scheme::WalkForward => "no snapshot had enough settled outcomes",
            Scheme::AccountFolds => "no group of accounts left the others enough outcomes",
        };
        return Some(format!("no row has a probability: {why}"));
    }
    too_few(forecast)
}

type Calibration = fn(&[f64], &[bool], &[u32], f64) -> Result<Estimate, Undefined>;

const CALIBRATIONS: [(&str, Calibration); 2] =
    [("calibration_slope", calibration_slope), ("calibration_intercept", calibration_intercept)];

fn calibration_figures(
    forecast: &Sample,
    missing: Option<String>,
    slice: &Slice,
    settings: &Settings,
) -> [Metric; 2] {
    let counts = forecast.counts();
    let few = (counts.event_accounts < CALIBRATION_FLOOR).then(|| {
        let found = counts.event_accounts;
        format!("not enough data: {found} accounts with events, {CALIBRATION_FLOOR} needed")
    });
    let missing = missing.or(few);
    let certain = certain_count(&forecast.predictor);
    CALIBRATIONS.map(|(name, calibration)| {
        if let Some(reason) = &missing {
            return Metric::undefined(name, slice, counts, reason.clone());
        }
        match calibration(&forecast.predictor, &forecast.label, &forecast.cluster, settings.level) {
            Err(undefined) => Metric::undefined(name, slice, counts, undefined.to_string()),
            Ok(found) => {
                let figure = Figure {
                    reason: (certain > 0)
                        .then(|| format!("{certain} rows with a probability of 0 or 1 left out")),
                    ..Figure::new(found.estimate, Some(found.interval), Method::Sandwich)
                };
                Metric::new(name, slice, counts, figure)
            }
        }
    })
}

/// The losses of each account, summed: a replicate weighs accounts, not rows.
pub(crate) struct AccountLosses {
    rows: Vec<u32>,
    events: Vec<u32>,
    squared: Vec<f64>,
    /// 0 where it is infinite.
    logarithmic: Vec<f64>,
    /// Accounts with an infinite logarithmic loss.
    infinite: Vec<usize>,
}

impl AccountLosses {
    /// The predictor of the sample is the probability.
    pub(crate) fn of(forecast: &Sample) -> Self {
        let mut rows: Vec<(Vec<f64>, Vec<bool>)> = vec![Default::default(); forecast.accounts];
        let columns = forecast.predictor.iter().zip(&forecast.label);
        for (cluster, (probability, label)) in forecast.cluster.iter().zip(columns) {
            if let Some(account) = rows.get_mut(*cluster as usize) {
                account.0.push(*probability);
                account.1.push(*label);
            }
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let sum = |mean: Option<f64>, label: &[bool]| mean.map(|mean| mean * label.len() as f64);
        let logarithmic: Vec<Option<f64>> =
            rows.iter().map(|(p, label)| sum(log_loss(p, label), label)).collect();
        let events = |label: &[bool]| label.iter().filter(|label| **label).count();
        Self {
            rows: rows.iter().map(|(_, label)| count(label.len())).collect(),
            events: rows.iter().map(|(_, label)| count(events(label))).collect(),
            squared: rows
                .iter()
                .map(|(p, label)| sum(brier(p, label), label).unwrap_or(0.0))
                .collect(),
            infinite: (0..)
                .zip(&logarithmic)
                .filter(|(_, loss)| loss.is_none())
                .map(|l| l.0)
                .collect(),
            logarithmic: logarithmic.into_iter().map(|loss| loss.unwrap_or(0.0)).collect(),
        }
    }

    /// `brier`, `brier_scaled`, `log_loss`.
    fn losses(&self, weights: &[u32]) -> Vec<Option<f64>> {
        let brier = self.brier(weights);
        let of_the_rate = self.of_the_rate(weights).filter(|score| *score > 0.0);
        let scaled = brier.zip(of_the_rate).map(|(brier, of_the_rate)| 1.0 - brier / of_the_rate);
        vec![brier, scaled, self.log_loss(weights)]
    }

    /// Brier score of the event rate.
    pub(crate) fn of_the_rate(&self, weights: &[u32]) -> Option<f64> {
        let rate = self.rows(weights).map(|rows| weighted(&self.events, weights) as f64 / rows);
        rate.map(|rate| rate * (1.0 - rate))
    }

    pub(crate) fn brier(&self, weights: &[u32]) -> Option<f64> {
        self.mean(weights, &self.squared)
    }

    pub(crate) fn log_loss(&self, weights: &[u32]) -> Option<f64> {
        let is_drawn = |account: &usize| weights.get(*account).is_some_and(|weight| *weight > 0);
        if self.infinite.iter().any(is_drawn) {
            return None;
        }
        self.mean(weights, &self.logarithmic)
    }

    fn mean(&self, weights: &[u32], losses: &[f64]) -> Option<f64> {
        let terms = losses.iter().zip(weights).map(|(loss, weight)| f64::from(*weight) * loss);
        self.rows(weights).map(|rows| ordered_sum(terms) / rows)
    }

    /// Rows with weight; `None` where there is none.
    fn rows(&self, weights: &[u32]) -> Option<f64> {
        let rows = weighted(&self.rows, weights);
        (rows > 0).then_some(rows as f64)
    }
}

fn weighted(counts: &[u32], weights: &[u32]) -> u64 {
    counts.iter().zip(weights).map(|(count, weight)| u64::from(*count) * u64::from(*weight)).sum()
}

#[cfg(test)]
mod tests {
    use chs_stats::{brier, brier_scaled, log_loss};

    use super::AccountLosses;
    use crate::sample::Sample;

    fn forecast() -> Sample {
        Sample {
            rows: (0..6).collect(),
            predictor: vec![0.1, 0.8, 0.3, 0.6, 0.2, 0.9],
            label: vec![false, true, true, false, false, true],
            stratum: vec![0; 6],
            cluster: vec![0, 1, 2, 0, 1, 2],
            accounts: 3,
        }
    }

    #[test]
    fn losses_by_account_are_those_by_row() {
        let forecast = forecast();
        let losses = AccountLosses::of(&forecast);
        let close =
            |left: Option<f64>, right: Option<f64>| (left.unwrap() - right.unwrap()).abs() < 1e-15;
        let (probability, label) = (&forecast.predictor, &forecast.label);
        assert!(close(losses.brier(&[1; 3]), brier(probability, label)));
        assert!(close(losses.losses(&[1; 3])[1], brier_scaled(probability, label)));
        assert!(close(losses.log_loss(&[1; 3]), log_loss(probability, label)));
        assert!(close(losses.brier(&[0, 2, 0]), brier(&[0.8, 0.2], &[true, false])));
        assert_eq!(losses.brier(&[0; 3]), None);
    }

    #[test]
    fn an_infinite_loss_is_no_number() {
        let mut forecast = forecast();
        forecast.predictor[2] = 0.0;
        let losses = AccountLosses::of(&forecast);
        assert_eq!(losses.log_loss(&[1; 3]), None);
        assert!(losses.log_loss(&[1, 1, 0]).is_some());
    }
}
