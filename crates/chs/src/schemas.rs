//! JSON Schemas of the files that people and programs write.

use crate::check_json::v1::Check;
use crate::compare_json::v1::Compare;
use crate::run_json::v1::Run;

/// A kind of file that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `chs.toml`
    Project,
    /// `scorecard.toml`
    Scorecard,
    /// `backtest.json`
    Backtest,
    /// `fit.json`
    Fit,
    /// `model.chs.json`
    Model,
    /// `compare.json`
    Compare,
    /// `check.json`
    Check,
    /// `run.json`
    Run,
}

/// The JSON Schema (2020-12) of a kind of file.
pub fn schema(kind: FileKind) -> serde_json::Value {
    match kind {
        FileKind::Project => chs_data::project_schema(),
        FileKind::Scorecard => chs_scorecard::scorecard_schema(),
        FileKind::Backtest => chs_backtest::backtest_schema(),
        FileKind::Fit => chs_fit::fit_schema(),
        FileKind::Model => chs_scorecard::model_schema(),
        FileKind::Compare => Compare::json_schema(),
        FileKind::Check => Check::json_schema(),
        FileKind::Run => Run::json_schema(),
    }
}
