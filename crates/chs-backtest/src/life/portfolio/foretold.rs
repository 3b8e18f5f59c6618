//! What the portfolio foretold: the next renewals, and the revenue.

use chs_panel::Polarity;
use chs_stats::{Estimate, Interval, exact_sum, pearson};

use crate::life::readings::Readings;
use crate::life::totals::{Totals, Wanted};
use crate::metric::{Figure, Method};
use crate::sample::Sample;
use crate::sufficiency::too_few;
use crate::{Counts, Metric, Slice};

/// Snapshots below which no correlation is given.
const PERIODS: usize = 12;
/// Accounts below which a period counts for nothing.
const READ: usize = 30;

const CORRELATION: &str = "health_renewal_correlation";
const FORECAST: &str = "revenue_forecast_error";

/// Mean score at each snapshot against the share of its accounts that is not lost by the next one.
///
/// Periods do not overlap; the interval is Fisher's over periods, as if these were independent.
pub(super) fn correlation(readings: &Readings<'_>) -> Metric {
    let frame = readings.frame;
    let none = |counts, reason| Metric::undefined(CORRELATION, &Slice::all(), counts, reason);
    let Some(window) =
        frame.label.definition.window.as_ref().filter(|_| frame.label.next.is_some())
    else {
        return none(Counts::default(), "the panel does not tell when outcomes came".to_owned());
    };
    let days = frame.panel.snapshots();
    let mut periods = vec![Period::default(); days.len().saturating_sub(1)];
    for row in readings.rows() {
        let snapshot = frame.snapshot(row);
        let end = days.get(snapshot + 1).filter(|end| **end <= window.follow_up_end);
        let (Some(period), Some(end)) = (periods.get_mut(snapshot), end) else { continue };
        let next = frame.label.next(row).filter(|next| next.is_target && next.day <= *end);
        period.scores.extend(readings.scores.score.get(row));
        period.lost += usize::from(next.is_some());
    }
    periods.retain(|period| period.scores.len() >= READ);
    let lost: usize = periods.iter().map(|period| period.lost).sum();
    let counts = Counts { n: periods.len(), events: lost, ..Counts::default() };
    if periods.len() < PERIODS {
        let reason = format!(
            "not enough data: {} periods with {READ} accounts, {PERIODS} needed",
            periods.len()
        );
        return none(counts, reason);
    }
    let (means, kept): (Vec<f64>, Vec<f64>) = periods.iter().map(Period::pair).unzip();
    let Some(estimate) = pearson(&means, &kept, &vec![1; means.len()]) else {
        return none(counts, "mean score or renewal rate does not vary".to_owned());
    };
    let interval = fisher(estimate, means.len(), frame.settings.level);
    let figure = Figure {
        reason: Some("over periods, which are not quite independent".to_owned()),
        ..Figure::new(estimate, interval, Method::FisherZ)
    };
    Metric::new(CORRELATION, &Slice::all(), counts, figure)
}

/// What one snapshot shows.
#[derive(Clone, Default)]
struct Period {
    scores: Vec<f64>,
    lost: usize,
}

impl Period {
    /// Mean score, and share that is not lost.
    fn pair(&self) -> (f64, f64) {
        let n = self.scores.len() as f64;
        (exact_sum(self.scores.iter().copied()) / n, 1.0 - self.lost as f64 / n)
    }
}

/// Fisher's interval of a correlation over n pairs.
fn fisher(correlation: f64, n: usize, level: f64) -> Option<Interval> {
    if n <= 3 || correlation.abs() >= 1.0 {
        return None;
    }
    let error = 1.0 / ((n - 3) as f64).sqrt();
    let Interval { lower, upper } = Estimate::new(correlation.atanh(), error, level).interval;
    Some(Interval { lower: lower.tanh(), upper: upper.tanh() })
}

/// Value expected to stay less value that stayed, over value at stake: all rows, then per snapshot.
pub(super) fn forecast(readings: &Readings<'_>) -> Vec<Metric> {
    let frame = readings.frame;
    let days = frame.panel.snapshots();
    let probability = &readings.scores.probability;
    let sample = Sample::new(frame, probability, |row| frame.value(row).is_some());
    let all = Wanted::new(FORECAST, Slice::all(), sample.counts());
    let reason = if frame.panel.value().is_none() {
        Some("the panel has no values".to_owned())
    } else if frame.label.definition.polarity == Polarity::Favourable {
        Some("the outcome is good news: nothing is kept or lost".to_owned())
    } else {
        too_few(&sample)
    };
    if let Some(reason) = reason {
        return vec![all.undefined(&reason)];
    }
    let mut totals = Totals::default();
    for (row, label) in sample.rows.iter().zip(&sample.label) {
        let (Some(value), Some(probability)) = (frame.value(*row), probability.get(*row)) else {
            continue;
        };
        let lost = if *label { 1.0 } else { 0.0 };
        let (account, snapshot) = (frame.account(*row), frame.snapshot(*row));
        for block in [0, snapshot + 1] {
            totals.add(account, 2 * block, (lost - probability) * value);
            totals.add(account, 2 * block + 1, value);
        }
    }
    let mut blocks = vec![0];
    let mut wanted = vec![all];
    for (snapshot, day) in days.iter().enumerate() {
        let of = sample.restrict(frame.panel, |row| frame.snapshot(row) == snapshot);
        if !of.rows.is_empty() {
            blocks.push(snapshot + 1);
            wanted.push(Wanted::new(
                FORECAST,
                Slice::of("snapshot", &day.to_string()),
                of.counts(),
            ));
        }
    }
    totals.figures(frame.settings, &wanted, |sums| {
        blocks.iter().map(|block| sums.ratio(2 * block, 2 * block + 1)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::fisher;

    #[test]
    fn a_correlation_has_fishers_interval() {
        // R: cor.test(c(1, 2, 3, 4, 5), c(2, 1, 4, 3, 5)): 0.8, -0.2796 to 0.9862.
        let interval = fisher(0.8, 5, 0.95).unwrap();
        assert!((interval.lower - -0.279_640_041_969_355).abs() < 1e-9, "{}", interval.lower);
        assert!((interval.upper - 0.986_196_193_301_271_4).abs() < 1e-9, "{}", interval.upper);
        assert_eq!(fisher(1.0, 9, 0.95), None);
    }
}
