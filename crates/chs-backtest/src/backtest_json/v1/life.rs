//! What a score said along the life of the accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metric;

/// What a score said along the life of the accounts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Life {
    /// Why figures before outcomes are left out.
    pub no_outcomes: Option<String>,
    /// Why figures on bands are left out.
    pub no_bands: Option<String>,
    /// Scores at fixed times before the outcome or the notice.
    pub renewal_anchored: Option<Anchored>,
    /// How early the alert came.
    pub warning_time: Option<WarningTime>,
    /// Losses that were healthy, and alerts that stayed.
    pub misses: Option<Misses>,
    /// What alerts cost and bring, by policy.
    pub alerts: Vec<Policy>,
    /// How accounts move between bands.
    pub migration: Option<Migration>,
    /// With and without the accounts for which something was done; null where no indicator tells.
    pub interventions: Option<Interventions>,
    /// The mean score over time.
    pub portfolio: Option<Portfolio>,
}

impl Life {
    /// Every figure, part by part.
    pub fn metrics(&self) -> Vec<&Metric> {
        let mut metrics: Vec<&Metric> = Vec::new();
        let anchored = self.renewal_anchored.iter().flat_map(|own| &own.offsets);
        metrics.extend(anchored.flat_map(|offset| &offset.metrics));
        metrics.extend(self.warning_time.iter().flat_map(WarningTime::metrics));
        metrics.extend(self.misses.iter().flat_map(|own| {
            let shares =
                [&own.false_green_share, &own.false_green_share_of_value, &own.healthy_share];
            shares.into_iter().chain(&own.alerts_stayed)
        }));
        metrics.extend(self.alerts.iter().flat_map(|own| &own.metrics));
        metrics.extend(self.migration.iter().flat_map(|own| {
            let rows = own.rows.iter();
            let shares = rows.flat_map(|row| row.to.iter().chain([&row.lost, &row.unread]));
            shares.chain([&own.flap_rate])
        }));
        metrics.extend(self.interventions.iter().flat_map(|own| {
            [&own.touched_share].into_iter().chain(&own.alert_event_rates).chain(&own.aucs)
        }));
        metrics.extend(self.portfolio.iter().flat_map(|own| {
            let steps = own.steps.iter().chain(&own.whole).filter_map(|step| step.change.as_ref());
            own.means.iter().chain(steps).chain([&own.correlation]).chain(&own.forecast)
        }));
        metrics
    }
}

impl WarningTime {
    fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.clocks.iter().flat_map(WarningClock::metrics).chain([&self.burden])
    }
}

impl WarningClock {
    fn metrics(&self) -> impl Iterator<Item = &Metric> {
        let points = self.curve.iter().flat_map(|own| [&own.warned, &own.random, &own.gain]);
        points.chain([&self.mean_days])
    }
}

/// Scores at fixed times before the outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Anchored {
    /// `kept`: decisions that were kept; `stayed`: accounts read at the same snapshots and not lost by then.
    pub against: String,
    /// From the earliest to the latest.
    pub offsets: Vec<AnchoredOffset>,
}

/// One time before the outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnchoredOffset {
    /// Days before the outcome, or before the notice where that came first.
    pub days: u32,
    /// Means and medians of lost and kept accounts, their difference, and the AUC.
    pub metrics: Vec<Metric>,
}

/// How early lost accounts were on alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarningTime {
    /// Name of the alert band.
    pub band: String,
    /// Consecutive readings that start an alert, and end one.
    pub consecutive: usize,
    /// Against the outcome, then against the notice.
    pub clocks: Vec<WarningClock>,
    /// Starts of alerts per 100 months of accounts under observation.
    pub burden: Metric,
}

/// Warning against one clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarningClock {
    /// `outcome` or `notice`.
    pub clock: String,
    /// Shares of lost accounts by days before.
    pub curve: Vec<WarningPoint>,
    /// Mean days of warning, 0 for missed accounts.
    pub mean_days: Metric,
}

/// A point of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarningPoint {
    /// Days before, at least.
    pub days: u32,
    /// Share of all lost accounts that were warned.
    pub warned: Metric,
    /// The same with the score history of a random account read on the same day.
    pub random: Metric,
    /// The difference.
    pub gain: Metric,
}

/// Losses that were healthy, and alerts that stayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Misses {
    /// Name of the highest band.
    pub healthy_band: String,
    /// Name of the alert band.
    pub alert_band: String,
    /// Of the lost accounts with a score 90 days before, those in the highest band.
    pub false_green_share: Metric,
    /// The same, by value.
    pub false_green_share_of_value: Metric,
    /// Share of the highest band among all readings.
    pub healthy_share: Metric,
    /// Lost accounts without a score 90 days before.
    pub unread: usize,
    /// The accounts behind the share; `missed_accounts.csv` lists them.
    pub false_greens: usize,
    /// Of the labelled rows in the alert band, those with label 0: all, touched, untouched.
    pub alerts_stayed: Vec<Metric>,
}

/// What alerts cost and bring under one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// `level`, `sustained`, `drop` or `level_or_drop`.
    pub policy: String,
    /// Points of fall, where the policy asks for one.
    pub fall: Option<f64>,
    /// Starts of alerts.
    pub alerts: usize,
    /// Alerts per week and per 100 account-months, precision, recall, warning, net benefit.
    pub metrics: Vec<Metric>,
}

/// Where readings stand at the next snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// From the lowest band to the highest.
    pub rows: Vec<MigrationRow>,
    /// Of the changes of band that another reading follows, those that are undone at it.
    pub flap_rate: Metric,
}

/// Readings in one band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationRow {
    /// The band.
    pub band: String,
    /// Readings in it, but those of the last snapshot.
    pub readings: usize,
    /// Shares that stand in each band at the next snapshot, from the lowest to the highest.
    pub to: Vec<Metric>,
    /// Share that had the outcome, or was known to have it.
    pub lost: Metric,
    /// Share without a score and without outcome.
    pub unread: Metric,
}

/// With and without the accounts for which something was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interventions {
    /// Indicator that counts what was done.
    pub indicator: String,
    /// Of the labelled rows in the alert band, those touched later.
    pub touched_share: Metric,
    /// Outcome rate in the alert band: touched, untouched, and all as if the touched had been lost.
    pub alert_event_rates: Vec<Metric>,
    /// AUC: as observed, without the touched in the alert band, as if these had been lost.
    pub aucs: Vec<Metric>,
}

/// The mean score over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Portfolio {
    /// Mean score per snapshot, plain and weighted by value.
    pub means: Vec<Metric>,
    /// From each snapshot to the next.
    pub steps: Vec<PortfolioStep>,
    /// From the first snapshot to the last.
    pub whole: Option<PortfolioStep>,
    /// Mean score against the share of accounts not lost by the next snapshot.
    pub correlation: Metric,
    /// Value expected to stay less value that stayed, over value at stake: all rows, then per snapshot.
    pub forecast: Vec<Metric>,
}

/// The change of the mean score between two snapshots, split exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PortfolioStep {
    /// The earlier snapshot.
    pub from: String,
    /// The later one.
    pub to: String,
    /// Mean score then.
    pub mean_from: f64,
    /// Mean score later.
    pub mean_to: f64,
    /// The change with its interval.
    pub change: Option<Metric>,
    /// `stayed`, `came`, `went`, `became scored`, `lost their score`; they add up to the change.
    pub parts: Vec<PortfolioPart>,
    /// `stayed` by level of each segment.
    pub segments: Vec<PortfolioPart>,
    /// `stayed` by component.
    pub components: Vec<PortfolioPart>,
    /// Share of those that stayed whose score fell.
    pub fell_share: Option<f64>,
    /// The account that moved the mean most.
    pub largest: Option<LargestAccount>,
    /// Weighted by value, over those that stayed.
    pub by_value: Option<ValueWeighted>,
}

/// A part of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PortfolioPart {
    /// The segment; empty where the part is none of a segment.
    pub segment: String,
    /// The part, level or component.
    pub name: String,
    /// Accounts in it.
    pub accounts: usize,
    /// Points of the mean score.
    pub points: f64,
}

/// The account that moved the mean most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LargestAccount {
    /// Change of its own score.
    pub change: f64,
    /// Points of the mean score.
    pub points: f64,
}

/// The change of the value-weighted mean of those that stayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValueWeighted {
    /// Mean then.
    pub mean_from: f64,
    /// Mean later.
    pub mean_to: f64,
    /// By changes of scores.
    pub by_score: f64,
    /// By changes of value between better and poorer accounts.
    pub by_value: f64,
}

/// What changes if another score takes the place of the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shipping {
    /// The first score.
    pub from: String,
    /// The other one.
    pub to: String,
    /// The last snapshot.
    pub snapshot: String,
    /// Accounts that both put into a band there.
    pub accounts: usize,
    /// Their value.
    pub value: Option<f64>,
    /// Accounts and value per pair of bands.
    pub moves: Vec<BandMove>,
    /// Share of the accounts whose band differs.
    pub share_moved: Metric,
    /// Outcome rate over all rows that the other score puts into a lower band, a higher one, the same.
    pub event_rates: Vec<Metric>,
}

/// Accounts in one band by one score and in another by the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandMove {
    /// Band of the first score.
    pub from: String,
    /// Band of the other one.
    pub to: String,
    /// Accounts.
    pub accounts: usize,
    /// Their value.
    pub value: Option<f64>,
}
