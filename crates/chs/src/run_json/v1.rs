//! Version 1 of `run.json`.
//!
//! The file is open: a reader passes over keys it does not know. What differs from run to run stands
//! under `environment`; everything else is the same bytes for the same inputs. No value of the user's
//! data stands here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chs_backtest::backtest_json::v1::{Label, Schema};

/// Name of the format.
pub const NAME: &str = "chs-run";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// What this file is.
    pub schema: Schema,
    /// Version of the program.
    pub tool_version: String,
    /// The command: `check`, `panel`, `backtest`, `fit`, `compare`, `demo`.
    pub command: String,
    /// The project file.
    pub project: Project,
    /// The scorecards, in the order given.
    pub scorecards: Vec<Scorecard>,
    /// Nothing known at the end of this day or later was read; null where everything was.
    pub as_of: Option<String>,
    /// Seed of every random draw; null where nothing was drawn.
    pub seed: Option<u64>,
    /// The labels of the panel.
    pub labels: Vec<Label>,
    /// The panel.
    pub panel: Panel,
    /// Row account per table.
    pub tables: Vec<Table>,
    /// The other files of the run.
    pub written: Vec<Written>,
    /// What differs from run to run: command line, times, memory, host.
    pub environment: serde_json::Value,
}

/// The project file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Name of the project, empty where it has none.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Sha256 of its file.
    pub sha256: String,
}

/// A scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Sha256 of its file.
    pub sha256: String,
    /// `digests.model` of a model file; null for a scorecard.
    #[serde(default)]
    pub model_digest: Option<String>,
}

/// Size of the panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Panel {
    /// Rows.
    pub rows: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Snapshots; 0 in a cross-section.
    pub snapshots: usize,
    /// First snapshot; null in a cross-section.
    pub first_snapshot: Option<String>,
    /// Last snapshot.
    pub last_snapshot: Option<String>,
}

/// Row account of a table: `read` = `used` + all of `rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// `accounts`, `panel`, or the name of a source, outcome or recorded score.
    pub table: String,
    /// Rows read.
    pub read: u64,
    /// Rows used.
    pub used: u64,
    /// Rows not used, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Used rows before the start of their account.
    pub before_start: u64,
    /// Used rows that a later version of the same record supersedes.
    pub corrected: u64,
    /// Words of used rows that are not in the `map` of what reads them.
    pub unmapped: u64,
    /// Its files, by path.
    pub files: Vec<File>,
}

/// A file, or the answer to a query, that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Path below the data folder; `query` for an answer.
    pub file: String,
    /// Sha256 of its bytes; of an answer that of its rows as text, in any order.
    pub sha256: String,
    /// Size in bytes; of an answer that of its rows as text.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
    /// The query that was answered; absent for a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
}

/// A query that was put to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Query {
    /// The ADBC driver, without the folder it may lie in.
    pub driver: String,
    /// Sha256 of the query's text.
    pub sha256: String,
    /// Name of the environment variable that held the URI of the database.
    pub uri_env: String,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Written {
    /// Path below the out folder.
    pub file: String,
    /// Sha256 of its bytes.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: usize,
}

impl Run {
    /// Read a file.
    ///
    /// # Errors
    ///
    /// A lower-case fragment: not JSON, another kind of file, or of a newer version.
    pub fn read(text: &str) -> Result<Self, String> {
        read(text, NAME, VERSION)
    }

    /// The JSON Schema of the file (2020-12).
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl From<&chs_data::TableAccount> for Table {
    fn from(account: &chs_data::TableAccount) -> Self {
        let rejected = account.rejected.iter();
        let file = |file: &chs_data::FileRead| File {
            file: file.file.clone(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            rows: file.rows,
            query: file.query.as_ref().map(|query| Query {
                driver: query.driver.clone(),
                sha256: query.sha256.clone(),
                uri_env: query.uri_env.clone(),
            }),
        };
        Self {
            table: account.table.clone(),
            read: account.read,
            used: account.used,
            rejected: rejected.map(|(reason, rows)| (reason.as_str().to_owned(), *rows)).collect(),
            before_start: account.before_start,
            corrected: account.corrected,
            unmapped: account.unmapped,
            files: account.files.iter().map(file).collect(),
        }
    }
}

/// Read a result file of this program: its kind and version first, then the rest.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    text: &str,
    name: &str,
    version: u32,
) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: Schema,
    }
    let malformed =
        |error: serde_json::Error| format!("{error}; expected a `{name}` that chs wrote");
    let head: Head = serde_json::from_str(text).map_err(malformed)?;
    if head.schema.name != name {
        return Err(format!("the file is a `{}`, expected a `{name}`", head.schema.name));
    }
    if head.schema.version > version {
        return Err(format!(
            "the file is `{name}` version {}, this program reads up to version {version}; update chs",
            head.schema.version
        ));
    }
    serde_json::from_str(text).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::Run;

    #[test]
    fn other_files_and_newer_ones_are_refused_by_name() {
        let refused = |text: &str| Run::read(text).unwrap_err();
        assert!(refused("{").contains("expected a `chs-run` that chs wrote"));
        let other = r#"{"schema": {"name": "chs-backtest", "version": 1}}"#;
        assert_eq!(refused(other), "the file is a `chs-backtest`, expected a `chs-run`");
        let newer = r#"{"schema": {"name": "chs-run", "version": 2}}"#;
        assert!(refused(newer).contains("version 2, this program reads up to version 1"));
    }
}
