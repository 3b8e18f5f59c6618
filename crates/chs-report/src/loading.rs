//! What a report is told beside the backtest.

use std::collections::BTreeMap;

use chs_backtest::backtest_json::v1::Backtest;
use chs_fit::fit_json::v1::Fit;
use jiff::civil::Date;

use crate::ReportFinding;

/// Everything that a report says.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportInput {
    /// The result, as read back from `backtest.json`.
    pub backtest: Backtest,
    /// What became of the rows on the way into it.
    pub loading: Loading,
    /// The fit to the same data, as read back from `fit.json`; `None` in the report of a backtest alone.
    pub fit: Option<Fit>,
}

/// What became of the rows, what the check of the data found, and where the result comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loading {
    /// Row account per table, in declared order; empty where no table was read.
    pub tables: Vec<LoadedTable>,
    /// Cells of each indicator, in declared order.
    pub indicators: Vec<IndicatorCells>,
    /// Findings of the check of the data, by code.
    pub findings: Vec<ReportFinding>,
    /// Where the result comes from.
    pub provenance: Provenance,
}

/// Row account of one table: rows read are rows used and rows rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedTable {
    /// Its name: `accounts`, or that of a source, outcome or recorded score.
    pub name: String,
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub read: u64,
    /// Rows used.
    pub used: u64,
    /// Rows not used, by reason (`bad_date`).
    pub rejected: BTreeMap<String, u64>,
    /// Used rows before the start of their account.
    pub before_start: u64,
    /// Words of used rows that are not in the `map` of what reads them.
    pub unmapped: u64,
    /// Used rows that a later version of the same record supersedes.
    pub corrected: u64,
}

/// How far an indicator reaches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndicatorCells {
    /// Its name.
    pub name: String,
    /// Share of all cells with a value, 0 to 1.
    pub filled: f64,
    /// At each snapshot, ascending; empty in a cross-section.
    pub days: Vec<DayCells>,
}

/// The cells of an indicator at a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayCells {
    /// The day.
    pub date: String,
    /// Share with a value, 0 to 1.
    pub filled: f64,
    /// Share of the accounts, there at the snapshot before too, whose cell changed; `None` without any.
    pub changed: Option<f64>,
}

impl LoadedTable {
    /// Rows not used.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }
}

/// Where a result comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Version of the program that made it.
    pub tool_version: String,
    /// Name of the project.
    pub project: String,
    /// Nothing known at the end of this day or later was read; `None` where all was.
    pub as_of: Option<Date>,
    /// Sha256 over the digests of all files read, in hexadecimal.
    pub input_digest: String,
}
