//! How early the alert comes, missed accounts counted.

use chs_stats::{ClusteredProportion, cluster_bootstrap, clustered_proportion};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::life::alerts::Alerts;
use crate::life::readings::{Ending, Readings, days_between};
use crate::life::totals::Wanted;
use crate::metric::{Figure, Method};
use crate::resampling::figure;
use crate::{AUC_FLOOR, Counts, Metric, Slice};

/// Days of warning at which the curve is read; 1 is any warning at all.
const DAYS: [u32; 9] = [1, 14, 30, 60, 90, 120, 180, 270, 365];

/// Mean days of a month.
const MONTH: f64 = 30.4375;

/// How early lost accounts were on alert.
#[derive(Clone, Debug, PartialEq)]
pub struct WarningTime {
    /// Name of the alert band.
    pub band: String,
    /// Consecutive readings in it that start an alert, and above it that end one.
    pub consecutive: usize,
    /// Against the day of the outcome, then against that of the notice.
    pub clocks: Vec<WarningClock>,
    /// `alerts_per_100_account_months`: starts of alerts while accounts were read.
    pub burden: Metric,
}

/// Warning against one clock.
#[derive(Clone, Debug, PartialEq)]
pub struct WarningClock {
    /// `outcome`, or `notice`: the last day on which something could have been done.
    pub clock: &'static str,
    /// The share of lost accounts that were warned so many days before.
    pub curve: Vec<WarningPoint>,
    /// `mean_warning_days`, 0 for missed accounts.
    pub mean_days: Metric,
}

/// A point of the curve.
#[derive(Clone, Debug, PartialEq)]
pub struct WarningPoint {
    /// Days before.
    pub days: u32,
    /// `share_warned`: of all lost accounts.
    pub warned: Metric,
    /// `share_warned_at_random`: with the score history of a random account read on the same day.
    pub random: Metric,
    /// `share_warned_beyond_random`: the difference of the two.
    pub gain: Metric,
}

/// A day before which accounts ought to be warned.
type Clock = fn(&Ending) -> Date;

/// The clocks by name.
const CLOCKS: [(&str, Clock); 2] =
    [("outcome", |ending| ending.outcome.day), ("notice", Ending::notice)];

/// The figures; without enough lost accounts each has a reason in place of an estimate.
pub(crate) fn warning_time(
    readings: &Readings<'_>,
    alerts: &Alerts,
    (band, consecutive): (&str, usize),
) -> WarningTime {
    let wanted = wanted(readings);
    let lost = Readings::counts(&readings.lost);
    let mut figures = if lost.accounts < AUC_FLOOR {
        let reason =
            format!("not enough data: {} lost accounts, {AUC_FLOOR} needed", lost.accounts);
        wanted.iter().map(|wanted| wanted.undefined(&reason)).collect()
    } else {
        figures(readings, alerts, &wanted)
    }
    .into_iter();
    let mut take = |wanted: &Wanted| figures.next().unwrap_or_else(|| wanted.undefined("no row"));
    let mut places = wanted.iter();
    let mut next = || places.next().map(&mut take);
    let mut clocks = Vec::new();
    for (clock, _) in CLOCKS {
        let mut curve = Vec::new();
        for days in DAYS {
            let (Some(warned), Some(random), Some(gain)) = (next(), next(), next()) else {
                continue;
            };
            curve.push(WarningPoint { days, warned, random, gain });
        }
        let Some(mean_days) = next() else { continue };
        clocks.push(WarningClock { clock, curve, mean_days });
    }
    let burden = next().unwrap_or_else(|| {
        Metric::undefined(BURDEN, &Slice::all(), Counts::default(), "no row".to_owned())
    });
    WarningTime { band: band.to_owned(), consecutive, clocks, burden }
}

const WARNED: &str = "share_warned";
const BURDEN: &str = "alerts_per_100_account_months";

/// The figures in their order: per clock three per point and the mean, then the burden.
fn wanted(readings: &Readings<'_>) -> Vec<Wanted> {
    let lost = Readings::counts(&readings.lost);
    let mut wanted = Vec::new();
    for (clock, _) in CLOCKS {
        let of_clock = Slice::of("clock", clock);
        for days in DAYS {
            let slice = of_clock.clone().and("days", &days.to_string());
            for name in [WARNED, "share_warned_at_random", "share_warned_beyond_random"] {
                wanted.push(Wanted::new(name, slice.clone(), lost));
            }
        }
        wanted.push(Wanted::new("mean_warning_days", of_clock, lost));
    }
    let rows = readings.rows().count();
    let accounts = readings.of_account.iter().filter(|rows| !rows.is_empty()).count();
    let all = Counts { n: rows, events: lost.n, accounts, event_accounts: lost.accounts };
    wanted.push(Wanted::new(BURDEN, Slice::all(), all));
    wanted
}

/// What one replicate reads: everything by account, so that an account counts as often as it is drawn.
struct Plan {
    snapshots: usize,
    /// Account, snapshot and start of the open alert as a snapshot, per reading.
    readings: Vec<(usize, usize, Option<usize>)>,
    lost: Vec<Loss>,
    /// Starts of alerts and months under observation, per account.
    burden: Vec<(f64, f64)>,
}

/// A lost account: per clock its days of warning, and per point how many snapshots lie so early.
struct Loss {
    account: usize,
    snapshot: usize,
    warning: [i64; CLOCKS.len()],
    early: [[usize; DAYS.len()]; CLOCKS.len()],
}

fn figures(readings: &Readings<'_>, alerts: &Alerts, wanted: &[Wanted]) -> Vec<Metric> {
    let plan = Plan::new(readings, alerts);
    let accounts = readings.of_account.len();
    let cluster: Vec<u32> = (0_u32..)
        .zip(&readings.of_account)
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(account, _)| account)
        .collect();
    let statistic = |drawn: &[u32]| {
        let mut weights = vec![0.0; accounts];
        for (account, weight) in cluster.iter().zip(drawn) {
            if let Some(own) = weights.get_mut(*account as usize) {
                *own = f64::from(*weight);
            }
        }
        plan.figures(&weights)
    };
    let estimates = statistic(&vec![1; cluster.len()]);
    let settings = readings.frame.settings;
    let intervals = cluster_bootstrap(&cluster, settings.bootstrap(), statistic);
    let mut figures: Vec<Metric> = wanted
        .iter()
        .zip(estimates.into_iter().zip(intervals))
        .map(|(wanted, (estimate, interval))| match estimate {
            None => wanted.undefined("there is nothing to divide by"),
            Some(estimate) => {
                let figure = figure(estimate, interval);
                Metric::new(&wanted.name, &wanted.slice, wanted.counts, figure)
            }
        })
        .collect();
    // A share of the lost accounts has the interval of a share: at none or all of them nothing varies.
    let mut shares = plan.shares_warned(settings.level).into_iter();
    for metric in figures.iter_mut().filter(|metric| metric.name == WARNED) {
        if let Some(share) = shares.next().flatten() {
            let figure = Figure::new(share.rate, Some(share.interval), Method::Jeffreys);
            *metric = Metric::new(WARNED, &metric.slice, metric.counts, figure);
        }
    }
    figures
}

impl Plan {
    fn new(readings: &Readings<'_>, alerts: &Alerts) -> Self {
        let frame = readings.frame;
        let mut plan = Self {
            snapshots: frame.panel.snapshots().len(),
            readings: Vec::new(),
            lost: Vec::new(),
            burden: Vec::new(),
        };
        for (account, rows) in readings.of_account.iter().enumerate() {
            let snapshot = |reading: usize| rows.get(reading).map(|row| frame.snapshot(*row));
            let mut starts = 0.0;
            for (reading, row) in rows.iter().enumerate() {
                let start = alerts.start(account, reading);
                starts += f64::from(u8::from(start == Some(reading)));
                plan.readings.push((account, frame.snapshot(*row), start.and_then(snapshot)));
            }
            plan.burden.push((starts, months(readings, rows)));
        }
        plan.lost = readings.lost.iter().map(|ending| loss(readings, alerts, ending)).collect();
        plan
    }

    /// Share of the lost accounts that were warned, per clock and point, as [`wanted`] has them.
    fn shares_warned(&self, level: f64) -> Vec<Option<ClusteredProportion>> {
        let mut numbers: Vec<usize> = self.lost.iter().map(|loss| loss.account).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let number = |loss: &Loss| numbers.partition_point(|account| *account < loss.account);
        let cluster: Vec<u32> =
            self.lost.iter().filter_map(|loss| u32::try_from(number(loss)).ok()).collect();
        let of = |clock: usize, days: u32| {
            let is_warned = |loss: &Loss| loss.warning[clock] >= i64::from(days);
            let warned: Vec<bool> = self.lost.iter().map(is_warned).collect();
            clustered_proportion(&warned, &cluster, level)
        };
        (0..CLOCKS.len()).flat_map(|clock| DAYS.map(|days| of(clock, days))).collect()
    }

    /// The figures of [`wanted`] where each account counts by its weight.
    fn figures(&self, weights: &[f64]) -> Vec<Option<f64>> {
        let weight = |account: usize| weights.get(account).copied().unwrap_or(0.0);
        let drawn = self.drawn(weights);
        let all: f64 = self.lost.iter().map(|loss| weight(loss.account)).sum();
        let share = |sum: f64| (all > 0.0).then(|| sum / all);
        let mut figures = Vec::new();
        for clock in 0..CLOCKS.len() {
            for (point, days) in DAYS.into_iter().enumerate() {
                let is_warned = |loss: &&Loss| loss.warning[clock] >= i64::from(days);
                let warned: f64 =
                    self.lost.iter().filter(is_warned).map(|loss| weight(loss.account)).sum();
                let early = |loss: &Loss| loss.early[clock][point];
                let chance = |loss: &Loss| self.chance(loss, early(loss), &drawn);
                let random: f64 =
                    self.lost.iter().map(|loss| weight(loss.account) * chance(loss)).sum();
                figures.extend([share(warned), share(random), share(warned - random)]);
            }
            let days = |loss: &Loss| weight(loss.account) * loss.warning[clock] as f64;
            figures.push(share(self.lost.iter().map(days).sum()));
        }
        let (mut starts, mut months) = (0.0, 0.0);
        for (account, (own_starts, own_months)) in self.burden.iter().enumerate() {
            starts += weight(account) * own_starts;
            months += weight(account) * own_months;
        }
        figures.push((months > 0.0).then(|| 100.0 * starts / months));
        figures
    }

    /// Share of the accounts read at the last reading before a loss whose alert was open then and had started
    /// by one of the first so many snapshots.
    fn chance(&self, loss: &Loss, early: usize, drawn: &Drawn) -> f64 {
        let last = early.checked_sub(1).map(|last| loss.snapshot * self.snapshots + last);
        let early = last.and_then(|last| drawn.early.get(last));
        let read = drawn.read.get(loss.snapshot).filter(|read| **read > 0.0);
        early.zip(read).map_or(0.0, |(early, read)| early / read)
    }

    fn drawn(&self, weights: &[f64]) -> Drawn {
        let mut read = vec![0.0; self.snapshots];
        let mut early = vec![0.0; self.snapshots * self.snapshots];
        for (account, snapshot, start) in &self.readings {
            let weight = weights.get(*account).copied().unwrap_or(0.0);
            read[*snapshot] += weight;
            if let Some(start) = start {
                early[snapshot * self.snapshots + start] += weight;
            }
        }
        for starts in early.chunks_exact_mut(self.snapshots.max(1)) {
            let mut sum = 0.0;
            for start in starts {
                sum += *start;
                *start = sum;
            }
        }
        Drawn { read, early }
    }
}

/// Accounts read at each snapshot, and by snapshot those whose open alert had started by each one.
struct Drawn {
    read: Vec<f64>,
    early: Vec<f64>,
}

fn loss(readings: &Readings<'_>, alerts: &Alerts, ending: &Ending) -> Loss {
    let frame = readings.frame;
    let rows = readings.of_account.get(ending.account);
    let day = |reading: usize| rows.and_then(|rows| rows.get(reading)).map(|row| frame.day(*row));
    let start = alerts.start(ending.account, ending.last).and_then(day);
    let last = rows.and_then(|rows| rows.get(ending.last));
    let days = CLOCKS.map(|(_, clock)| clock(ending));
    let early = |clock: Date, days: u32| {
        let latest = clock.saturating_sub(i64::from(days).days());
        frame.panel.snapshots().partition_point(|day| *day <= latest)
    };
    Loss {
        account: ending.account,
        snapshot: last.map_or(0, |row| frame.snapshot(*row)),
        warning: days.map(|clock| start.map_or(0, |start| days_between(start, clock))),
        early: days.map(|clock| DAYS.map(|days| early(clock, days))),
    }
}

/// Months from the first reading of an account to its last one, or to the outcome that followed it.
pub(crate) fn months(readings: &Readings<'_>, rows: &[usize]) -> f64 {
    let frame = readings.frame;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return 0.0 };
    let next = frame.label.next(*last).map(|next| next.day);
    let window = frame.label.definition.window.as_ref();
    let until = window.map(|window| window.follow_up_end);
    let end = match (next, until) {
        (Some(next), Some(until)) => next.min(until),
        (_, Some(until)) => until,
        _ => frame.day(*last),
    };
    days_between(frame.day(*first), end.max(frame.day(*last))) as f64 / MONTH
}
