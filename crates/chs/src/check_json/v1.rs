//! Version 1 of `check.json`.
//!
//! The file is open: a reader passes over keys it does not know. No value of the user's data stands here.

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
        let finding = |found: &chs_panel::Finding| Finding {
            code: found.code.to_owned(),
            name: found.name.to_owned(),
            section: found.section.to_owned(),
            level: found.level.as_str().to_owned(),
            subject: found.subject.clone(),
            sentence: found.sentence.clone(),
            figures: found.figures.iter().cloned().collect(),
        };
        let indicator = |coverage: &IndicatorCoverage| {
            let first = coverage.by_snapshot.iter().position(|share| *share > 0.0);
            Indicator {
                name: coverage.name.clone(),
                present_share: coverage.share(),
                first_snapshot: first.and_then(|index| snapshots.get(index)).map(Date::to_string),
            }
        };
        Self {
            schema: Schema { name: NAME.to_owned(), version: VERSION },
            findings: check.findings.iter().map(finding).collect(),
            tables: report.tables.iter().map(Table::from).collect(),
            indicators: check.indicators.iter().map(indicator).collect(),
        }
    }

    /// Whether a finding is an error.
    pub fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == "error")
    }
}
