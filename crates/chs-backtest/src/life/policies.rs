//! What alerts cost and what they bring, policy by policy.

use chs_stats::net_benefit;

use crate::life::alerts::{AlertPolicy, Alerts};
use crate::life::readings::{Readings, days_between};
use crate::life::totals::{Sums, Totals, Wanted};
use crate::life::warning_time::months;
use crate::{AUC_FLOOR, Counts, Metric, Slice};

/// Days of a week.
const WEEK: f64 = 7.0;

/// What one policy costs and brings.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyResult {
    /// The policy.
    pub policy: AlertPolicy,
    /// Points of fall, of policies that ask for one.
    pub fall: Option<f64>,
    /// Starts of alerts.
    pub alerts: usize,
    /// `alerts_per_week`, `alerts_per_100_account_months`, `precision` (alerts that the outcome followed
    /// before the label window of their day closed, of those whose window is over), `recall` (lost accounts
    /// on alert at the last reading before), `warned_30_days`, `mean_warning_days` (0 for missed accounts),
    /// `net_benefit` at the outcome rate of all rows, and `net_benefit_minus_level`.
    pub metrics: Vec<Metric>,
}

impl PolicyResult {
    /// A figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

const NAMES: [&str; 8] = [
    "alerts_per_week",
    "alerts_per_100_account_months",
    "precision",
    "recall",
    "warned_30_days",
    "mean_warning_days",
    "net_benefit",
    "net_benefit_minus_level",
];

/// Sums that all policies share.
const MONTHS: usize = 0;
const LOST: usize = 1;
const ROWS: usize = 2;
const EVENTS: usize = 3;
/// The first sum of the first policy, and how many each has.
const FIRST: usize = 4;
const WIDTH: usize = 8;
/// Sums of a policy.
const STARTS: usize = 0;
const CLOSED: usize = 1;
const RIGHT: usize = 2;
const WARNED: usize = 3;
const WARNED_30: usize = 4;
const DAYS: usize = 5;
const TRUE_POSITIVE: usize = 6;
const FALSE_POSITIVE: usize = 7;

pub(crate) fn policies(
    readings: &Readings<'_>,
    (band, fall, consecutive): (u32, f64, usize),
) -> Vec<PolicyResult> {
    let all =
        AlertPolicy::ALL.map(|policy| Alerts::new(readings, policy, (band, fall, consecutive)));
    let mut totals = shared(readings);
    for (policy, alerts) in all.iter().enumerate() {
        add(&mut totals, readings, (FIRST + policy * WIDTH, alerts));
    }
    let wanted: Vec<Wanted> = AlertPolicy::ALL
        .iter()
        .flat_map(|policy| {
            let slice = Slice::of("policy", policy.as_str());
            let counts = Counts { n: readings.rows().count(), ..Readings::counts(&readings.lost) };
            NAMES.map(|name| Wanted::new(name, slice.clone(), counts))
        })
        .collect();
    let weeks = weeks(readings);
    let lost = Readings::counts(&readings.lost).accounts;
    let metrics: Vec<Metric> = if lost < AUC_FLOOR {
        let reason = format!("not enough data: {lost} lost accounts, {AUC_FLOOR} needed");
        wanted.iter().map(|wanted| wanted.undefined(&reason)).collect()
    } else {
        totals.figures(readings.frame.settings, &wanted, |sums| {
            (0..AlertPolicy::ALL.len()).flat_map(|policy| figures(sums, policy, weeks)).collect()
        })
    };
    AlertPolicy::ALL
        .iter()
        .zip(&all)
        .zip(metrics.chunks(NAMES.len()))
        .map(|((policy, alerts), metrics)| PolicyResult {
            policy: *policy,
            fall: matches!(policy, AlertPolicy::Drop | AlertPolicy::LevelOrDrop).then_some(fall),
            alerts: alerts.open.iter().map(|open| starts(open).count()).sum(),
            metrics: metrics.to_vec(),
        })
        .collect()
}

/// Readings at which an alert starts.
fn starts(open: &[Option<usize>]) -> impl Iterator<Item = usize> + '_ {
    (0_usize..).zip(open).filter(|(reading, start)| **start == Some(*reading)).map(|(r, _)| r)
}

fn weeks(readings: &Readings<'_>) -> f64 {
    let days = readings.frame.panel.snapshots();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => days_between(*first, *last) as f64 / WEEK,
        _ => 0.0,
    }
}

fn shared(readings: &Readings<'_>) -> Totals {
    let mut totals = Totals::default();
    for (account, rows) in readings.of_account.iter().enumerate().filter(|(_, r)| !r.is_empty()) {
        totals.add(account, MONTHS, months(readings, rows));
        let labels = || rows.iter().filter_map(|row| readings.frame.label.value(*row));
        totals.add(account, ROWS, labels().count() as f64);
        totals.add(account, EVENTS, labels().filter(|label| *label).count() as f64);
    }
    for ending in &readings.lost {
        totals.add(ending.account, LOST, 1.0);
    }
    totals
}

/// The sums of one policy.
fn add(totals: &mut Totals, readings: &Readings<'_>, (first, alerts): (usize, &Alerts)) {
    let frame = readings.frame;
    let window = frame.label.definition.window.as_ref();
    let Some(follow_up_end) = window.map(|window| window.follow_up_end) else { return };
    for (account, (rows, open)) in readings.of_account.iter().zip(&alerts.open).enumerate() {
        for row in starts(open).filter_map(|reading| rows.get(reading)) {
            let end = frame.window_end(frame.day(*row));
            let next = frame.label.next(*row).filter(|next| next.is_target);
            let is_closed = end <= follow_up_end;
            let is_right = is_closed && next.is_some_and(|next| next.day <= end);
            totals.add(account, first + STARTS, 1.0);
            totals.add(account, first + CLOSED, f64::from(u8::from(is_closed)));
            totals.add(account, first + RIGHT, f64::from(u8::from(is_right)));
        }
        for (row, _) in rows.iter().zip(open).filter(|(_, open)| open.is_some()) {
            match frame.label.value(*row) {
                Some(true) => totals.add(account, first + TRUE_POSITIVE, 1.0),
                Some(false) => totals.add(account, first + FALSE_POSITIVE, 1.0),
                None => {}
            }
        }
    }
    for ending in &readings.lost {
        let rows = readings.of_account.get(ending.account);
        let start = alerts.start(ending.account, ending.last);
        let Some(row) = start.and_then(|start| rows?.get(start)) else { continue };
        let days = days_between(frame.day(*row), ending.outcome.day);
        totals.add(ending.account, first + WARNED, 1.0);
        totals.add(ending.account, first + DAYS, days as f64);
        if days >= 30 {
            totals.add(ending.account, first + WARNED_30, 1.0);
        }
    }
}

/// The figures of [`NAMES`] of one policy.
fn figures(sums: &Sums<'_>, policy: usize, weeks: f64) -> [Option<f64>; NAMES.len()] {
    let first = FIRST + policy * WIDTH;
    let own = benefit(sums, first);
    let level = benefit(sums, FIRST);
    [
        (weeks > 0.0).then(|| sums.get(first + STARTS) / weeks),
        sums.ratio(first + STARTS, MONTHS).map(|rate| 100.0 * rate),
        sums.ratio(first + RIGHT, first + CLOSED),
        sums.ratio(first + WARNED, LOST),
        sums.ratio(first + WARNED_30, LOST),
        sums.ratio(first + DAYS, LOST),
        own,
        own.zip(level).map(|(own, level)| own - level),
    ]
}

/// The net benefit at the outcome rate of the rows.
fn benefit(sums: &Sums<'_>, first: usize) -> Option<f64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows of accounts that are counted whole"
    )]
    let rows = |column: usize| sums.get(column) as u64;
    let rate = sums.ratio(EVENTS, ROWS).filter(|rate| *rate < 1.0)?;
    let (right, wrong) = (rows(first + TRUE_POSITIVE), rows(first + FALSE_POSITIVE));
    Some(net_benefit(right, wrong, rows(ROWS), rate))
}
