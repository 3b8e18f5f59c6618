//! Losses that were healthy, and alerts that stayed.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::figures::event_rate;
use crate::life::interventions::Touch;
use crate::life::readings::Readings;
use crate::life::totals::{Totals, Wanted};
use crate::sample::Sample;
use crate::{AUC_FLOOR, Counts, Metric, Slice};

/// Days before the outcome or the notice at which a lost account is looked at.
const DAYS: i64 = 90;

/// Losses that the score did not see, and alerts that came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Misses {
    /// Name of the highest band.
    pub healthy_band: String,
    /// Name of the alert band.
    pub alert_band: String,
    /// `false_green_share`: of the lost accounts with a score 90 days before, those in the highest band.
    pub false_green_share: Metric,
    /// `false_green_share_of_value`: the same, by value.
    pub false_green_share_of_value: Metric,
    /// `healthy_share`: share of the highest band among all scored rows, what a random score would give.
    pub healthy_share: Metric,
    /// Lost accounts without a score 90 days before.
    pub unread: usize,
    /// The accounts behind the share, the largest value first.
    pub accounts: Vec<MissedAccount>,
    /// `alerts_stayed`: of the labelled rows in the alert band, those with label 0; all, then the touched and
    /// the untouched ones.
    pub alerts_stayed: [Metric; 3],
}

/// A lost account that was healthy 90 days before.
#[derive(Clone, Debug, PartialEq)]
pub struct MissedAccount {
    /// Its id.
    pub account: String,
    /// Day of the outcome.
    pub outcome: Date,
    /// The score then.
    pub score: f64,
    /// Its value then.
    pub value: Option<f64>,
}

/// Why nothing is told apart by what was done for an account.
pub(crate) const NOT_TOUCHED: &str =
    "no indicator counts what was done for an account; name one as `touched` in [backtest]";

pub(crate) fn misses(readings: &Readings<'_>, (alert, healthy): (u32, u32)) -> Misses {
    let name = |band: u32| readings.scores.band_names.get(band as usize).cloned();
    let (false_greens, unread) = looked_at(readings);
    let [share, of_value, healthy_share] = false_greens.figures(readings, healthy);
    Misses {
        healthy_band: name(healthy).unwrap_or_default(),
        alert_band: name(alert).unwrap_or_default(),
        false_green_share: share,
        false_green_share_of_value: of_value,
        healthy_share,
        unread,
        accounts: false_greens.listed(readings, healthy),
        alerts_stayed: alerts_stayed(readings, alert),
    }
}

/// The reading of each lost account so many days before, with the day of the outcome.
struct Looked(Vec<(usize, usize, Date)>);

fn looked_at(readings: &Readings<'_>) -> (Looked, usize) {
    let mut looked = Vec::new();
    for ending in &readings.lost {
        let day = ending.notice().saturating_sub(DAYS.days());
        if let Some(row) = readings.before(ending.account, day) {
            looked.push((ending.account, row, ending.outcome.day));
        }
    }
    let unread = readings.lost.len() - looked.len();
    (Looked(looked), unread)
}

impl Looked {
    fn figures(&self, readings: &Readings<'_>, healthy: u32) -> [Metric; 3] {
        let frame = readings.frame;
        let is_healthy = |row: usize| readings.scores.band.get(row) == Some(&Some(healthy));
        let one = |is_it: bool| if is_it { 1.0 } else { 0.0 };
        let mut totals = Totals::default();
        let mut accounts: Vec<usize> = self.0.iter().map(|(account, ..)| *account).collect();
        accounts.dedup();
        for (account, row, _) in &self.0 {
            totals.add(*account, 0, one(is_healthy(*row)));
            totals.add(*account, 1, 1.0);
            let value = frame.value(*row).unwrap_or(0.0);
            totals.add(*account, 2, value * one(is_healthy(*row)));
            totals.add(*account, 3, value);
        }
        for (account, rows) in readings.of_account.iter().enumerate() {
            let healthy = rows.iter().filter(|row| is_healthy(**row)).count();
            totals.add(account, 4, healthy as f64);
            totals.add(account, 5, rows.len() as f64);
        }
        let (n, lost) = (self.0.len(), accounts.len());
        let counts = Counts { n, events: n, accounts: lost, event_accounts: lost };
        let slice = Slice::of("days_before", &DAYS.to_string());
        let wanted = [
            Wanted::new("false_green_share", slice.clone(), counts),
            Wanted::new("false_green_share_of_value", slice, counts),
            Wanted::new(
                "healthy_share",
                Slice::all(),
                Counts { n: readings.rows().count(), ..Readings::counts(&readings.lost) },
            ),
        ];
        if lost < AUC_FLOOR {
            let reason = format!(
                "not enough data: {lost} lost accounts with a score {DAYS} days before, {AUC_FLOOR} needed"
            );
            return wanted.map(|wanted| wanted.undefined(&reason));
        }
        let figures = totals.figures(frame.settings, &wanted, |sums| {
            vec![sums.ratio(0, 1), sums.ratio(2, 3), sums.ratio(4, 5)]
        });
        figures.try_into().unwrap_or_else(|_| wanted.map(|wanted| wanted.undefined("no row")))
    }

    /// The largest value first, then by id.
    fn listed(&self, readings: &Readings<'_>, healthy: u32) -> Vec<MissedAccount> {
        let frame = readings.frame;
        let mut listed: Vec<MissedAccount> = (self.0.iter())
            .filter(|(_, row, _)| readings.scores.band.get(*row) == Some(&Some(healthy)))
            .filter_map(|(_, row, outcome)| {
                Some(MissedAccount {
                    account: frame.panel.account_id(*row).to_owned(),
                    outcome: *outcome,
                    score: readings.scores.score.get(*row)?,
                    value: frame.value(*row),
                })
            })
            .collect();
        let value = |missed: &MissedAccount| missed.value.unwrap_or(0.0);
        listed
            .sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| a.account.cmp(&b.account)));
        listed
    }
}

/// Share of label 0 in the alert band: all, touched, untouched.
fn alerts_stayed(readings: &Readings<'_>, alert: u32) -> [Metric; 3] {
    const NAME: &str = "alerts_stayed";
    let frame = readings.frame;
    let touch = Touch::new(readings);
    let rate = |slice: &Slice, touched: Option<bool>| {
        let sample = Sample::labelled(frame, &readings.scores.score, |row| {
            let is_in = readings.scores.band.get(row) == Some(&Some(alert));
            let is_asked = touched.is_none_or(|touched| {
                touch.as_ref().and_then(|touch| touch.of(row)) == Some(touched)
            });
            frame.label.value(row).map(|label| !label).filter(|_| is_in && is_asked)
        });
        event_rate(NAME, &sample, slice, frame.settings)
    };
    let split = |level: &str, touched: bool| {
        let slice = Slice::of("touched", level);
        if touch.is_some() {
            return rate(&slice, Some(touched));
        }
        Metric::undefined(NAME, &slice, Counts::default(), NOT_TOUCHED.to_owned())
    };
    [rate(&Slice::all(), None), split("yes", true), split("no", false)]
}
