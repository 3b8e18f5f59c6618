//! Version 1 of `check.json`.
//!
//! The file is open: a reader passes over keys it does not know. No value of the user's data stands here.

use chs_backtest::{AUDIT_LEVEL, EventTimeImpact, LeakAudit};
use chs_data::{IndicatorCoverage, LoadReport};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::run_json::v1::Table;
pub use chs_backtest::backtest_json::v1::{Finding, Schema};

/// Name of the format.
pub const NAME: &str = "chs-check";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What this file is.
    pub schema: Schema,
    /// Coded conclusions.
    pub findings: Vec<Finding>,
    /// Row account per table.
    pub tables: Vec<Table>,
    /// How far each indicator reaches.
    pub indicators: Vec<Indicator>,
    /// What event time alone would have faked, per indicator and scorecard; only with `--leaks`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_time_impacts: Vec<Impact>,
}

/// How far an indicator reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Indicator {
    /// Its name.
    pub name: String,
    /// Share of the panel's rows in which it has a value.
    pub present_share: f64,
    /// First snapshot at which any account has a value; null where none has, and in a cross-section.
    pub first_snapshot: Option<String>,
    /// Its cells at each snapshot, ascending by day; empty in a cross-section.
    #[serde(default)]
    pub over_time: Vec<Cells>,
}

/// Cells of an indicator at a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cells {
    /// The day.
    pub snapshot: String,
    /// Share of the rows without a value.
    pub missing_share: f64,
    /// Of the accounts with a row at this snapshot and the one before it, the share whose cell changed
    /// between them; null where there is no such account, as at the first snapshot.
    pub changed_share: Option<f64>,
}

/// The within-snapshot AUC of an indicator or scorecard as it was known, and had each row been known when
/// it happened, on the rows that have a value in both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// Name of the indicator or scorecard.
    pub name: String,
    /// `indicator` or `scorecard`.
    pub kind: String,
    /// Share of the labelled rows in which event time shows another value.
    pub changed_share: f64,
    /// AUC as it was known, turned as that by event time is; null with a reason.
    pub auc_as_known: Option<f64>,
    /// AUC by event time, turned to be at least 0.5; null with a reason.
    pub auc_by_event_time: Option<f64>,
    /// Lower limit of their difference; null where nothing differs.
    pub lower: Option<f64>,
    /// Upper limit of their difference.
    pub upper: Option<f64>,
    /// Confidence level of the limits.
    pub level: f64,
    /// Rows used.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Why there is no AUC.
    pub reason: Option<String>,
}

impl From<&EventTimeImpact> for Impact {
    fn from(found: &EventTimeImpact) -> Self {
        Self {
            name: found.name.clone(),
            kind: found.kind.to_owned(),
            changed_share: found.changed_share,
            auc_as_known: found.as_known,
            auc_by_event_time: found.by_event_time,
            lower: found.faked.map(|faked| faked.lower),
            upper: found.faked.map(|faked| faked.upper),
            level: AUDIT_LEVEL,
            n: found.counts.n,
            events: found.counts.events,
            accounts: found.counts.accounts,
            event_accounts: found.counts.event_accounts,
            reason: found.reason.clone(),
        }
    }
}

impl Check {
    /// Read a file.
    ///
    /// # Errors
    ///
    /// A lower-case fragment: not JSON, another kind of file, or of a newer version.
    pub fn read(text: &str) -> Result<Self, String> {
        crate::run_json::v1::read(text, NAME, VERSION)
    }

    /// The JSON Schema of the file (2020-12).
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// `snapshots` are the days of the panel, none in a cross-section.
    pub(crate) fn new(check: &chs_data::Check, report: &LoadReport, snapshots: &[Date]) -> Self {
        let indicator = |coverage: &IndicatorCoverage| {
            let first = coverage.by_snapshot.iter().position(|share| *share > 0.0);
            Indicator {
                name: coverage.name.clone(),
                present_share: coverage.share(),
                first_snapshot: first.and_then(|index| snapshots.get(index)).map(Date::to_string),
                over_time: over_time(coverage, snapshots),
            }
        };
        Self {
            schema: Schema { name: NAME.to_owned(), version: VERSION },
            findings: check.findings.iter().map(Finding::from).collect(),
            tables: report.tables.iter().map(Table::from).collect(),
            indicators: check.indicators.iter().map(indicator).collect(),
            event_time_impacts: Vec::new(),
        }
    }

    /// What an audit for leaks found, too.
    pub(crate) fn add(&mut self, audit: &LeakAudit) {
        self.findings.extend(audit.findings.iter().map(Finding::from));
        self.findings.sort_by(|a, b| (&a.code, &a.subject).cmp(&(&b.code, &b.subject)));
        self.event_time_impacts = audit.impacts.iter().map(Impact::from).collect();
    }

    /// Whether a finding is an error.
    pub fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == "error")
    }
}

fn over_time(coverage: &IndicatorCoverage, snapshots: &[Date]) -> Vec<Cells> {
    let shares = coverage.by_snapshot.iter().zip(&coverage.changed_by_snapshot);
    let cells = |(day, (present, changed)): (&Date, (&f64, &Option<f64>))| Cells {
        snapshot: day.to_string(),
        missing_share: 1.0 - present,
        changed_share: *changed,
    };
    snapshots.iter().zip(shares).map(cells).collect()
}
