//! What stops a run: always before anything was written.

use std::io;
use std::path::PathBuf;

use chs_backtest::BacktestError;
use chs_backtest::backtest_json::v1::ReadError as BacktestFileError;
use chs_data::{LoadError, ReadError, ReadProblem, ReplayError};
use chs_fit::FitError;
use chs_fit::fit_json::v1::ReadError as FitFileError;
use chs_scorecard::ModelFileError;
use chs_simulate::PlanError;
use chs_toml::Mistakes;
use jiff::civil::Date;

/// Why a run stopped. Files of earlier runs are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no project file.
    #[error("no `chs.toml` in {} or in a folder above it", folder.display())]
    NoProject {
        /// Where the search began.
        folder: PathBuf,
    },
    /// A file that the user named, or that belongs to the project, cannot be read.
    #[error("{} cannot be read: {source}; expected {expected}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Mistakes in `chs.toml` or a scorecard.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// A model file is not sound.
    #[error("{file}: {source}")]
    Model {
        /// The file, as the user knows it.
        file: String,
        /// The first difference, with its place.
        source: Box<ModelFileError>,
    },
    /// Records to score cannot be read.
    #[error("{source}")]
    Records {
        /// What keeps them from being read.
        source: ReadError,
    },
    /// A column of ids would hide one of the result.
    #[error("the id column `{column}` has the name of a column of the result")]
    IdColumn {
        /// Its name.
        column: String,
    },
    /// The extension tells no kind of file that scores are written to.
    #[error("{}: the extension tells no kind of file that scores are written to", path.display())]
    ScoresFile {
        /// As asked for.
        path: PathBuf,
    },
    /// The data cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The history gives no panel.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// There is nothing to test.
    #[error("no scorecard: {} does not exist, and `chs.toml` names no recorded score", path.display())]
    NoScorecard {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// No account of the panel has that id.
    #[error("the panel has no account `{account}`")]
    UnknownAccount {
        /// As asked for.
        account: String,
    },
    /// The account was not active at that snapshot, or there is no such snapshot.
    #[error("account `{account}` has no row at {snapshot}; it has rows from {first} to {last}")]
    NoRow {
        /// The account.
        account: String,
        /// As asked for.
        snapshot: Date,
        /// Its first snapshot.
        first: Date,
        /// Its last snapshot.
        last: Date,
    },
    /// The backtest refuses its input.
    #[error(transparent)]
    Backtest(#[from] BacktestError),
    /// The fit refuses its input, or gives up.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// A version is none.
    #[error("`{version}` is no version")]
    Version {
        /// As asked for.
        version: String,
    },
    /// The parts of a validated model make no model file.
    #[error("no model file can be written: {source}")]
    Seal {
        /// The first rule that is broken, with its place.
        source: Box<ModelFileError>,
    },
    /// The plan of a simulation cannot be lived.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The out folder cannot be written to.
    #[error("the out folder {} cannot be written to: {source}", folder.display())]
    OutFolder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A result cannot be put into its format.
    #[error("{file} cannot be encoded: {detail}")]
    Encode {
        /// Name of the file.
        file: String,
        /// Words of the encoder.
        detail: String,
    },
    /// `init` would overwrite a file.
    #[error("{} exists already; `chs init` never overwrites", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder holds no table.
    #[error("no table in {}", folder.display())]
    NoTables {
        /// The folder.
        folder: PathBuf,
    },
    /// No column of a folder's tables looks like the id of an account.
    #[error("no column of {tables} in {} looks like the id of an account", folder.display())]
    NoAccountIds {
        /// The folder.
        folder: PathBuf,
        /// Paths of the tables below it.
        tables: String,
    },
    /// The tables of a folder tell of no account over time.
    #[error("no table in {} has both the id of an account and a date", folder.display())]
    NoHistory {
        /// The folder.
        folder: PathBuf,
    },
    /// No template has that name.
    #[error("no template is named `{name}`; expected one of {known}")]
    UnknownTemplate {
        /// As asked for.
        name: String,
        /// The names there are.
        known: String,
        /// The one that was most likely meant.
        nearest: Option<&'static str>,
    },
    /// No rule has that code.
    #[error("no rule has the code `{code}`")]
    UnknownRule {
        /// As asked for.
        code: String,
        /// The one that was most likely meant.
        nearest: Option<&'static str>,
    },
    /// A report was asked for where no backtest was written.
    #[error("no {file} in {}", folder.display())]
    NoResult {
        /// Name of the file.
        file: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// A result file is none.
    #[error("{}: {source}", path.display())]
    BacktestFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BacktestFileError,
    },
    /// A `fit.json` is none.
    #[error("{}: {source}", path.display())]
    FitFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FitFileError,
    },
    /// A `fit.json` speaks of other data, another project or another label than the backtest beside it.
    #[error("fit.json in {} does not belong to the backtest beside it: {detail}", folder.display())]
    OtherFit {
        /// The folder.
        folder: PathBuf,
        /// What tells them apart.
        detail: &'static str,
    },
    /// A result file is none, or of a newer version.
    #[error("{}: {detail}", path.display())]
    ResultFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// `run.json` tells of another run than the one that wrote a file beside it.
    #[error("run.json in {} does not belong to the {file} beside it", folder.display())]
    OtherRun {
        /// The other file.
        file: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// The number of threads cannot be set.
    #[error("the number of threads cannot be set: {detail}")]
    Threads {
        /// Why not.
        detail: String,
    },
    /// Somebody asked the run to stop.
    #[error("interrupted")]
    Cancelled,
}

impl Error {
    /// Exit code of the command line: 130 interrupted, else 2 wrong input, usage or environment.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Cancelled) { 130 } else { 2 }
    }

    /// The mistakes of a file with their places, where that is what is wrong.
    pub fn mistakes(&self) -> Option<&Mistakes> {
        match self {
            Self::Mistakes(mistakes) | Self::Load(LoadError::Project(mistakes)) => Some(mistakes),
            _ => None,
        }
    }

    /// What to do, a lower-case fragment.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoProject { .. } => {
                "make one with `chs init`, name one with `--project FILE`, or see `chs demo`"
            }
            Self::Unreadable { .. } => "check the path and the right to read it",
            Self::Model { source, .. } | Self::Seal { source } => source.remedy(),
            Self::Version { .. } => "expected one such as 1.4.0 or 2.0.0-rc.1",
            Self::Records { source } => return Some(records_help(source)),
            Self::IdColumn { .. } => "rename it in the file, or leave it out",
            Self::ScoresFile { .. } => "expected .csv, .ndjson or .parquet",
            Self::Load(error) => return error.help(),
            Self::Replay(error) => return Some(error.help().to_owned()),
            Self::NoScorecard { .. } => {
                "write one (`chs init` makes a commented one), or name one with `--scorecard FILE`"
            }
            Self::UnknownAccount { .. } => {
                "check the id; `panel.parquet` holds every account that was active at a snapshot"
            }
            Self::NoRow { .. } => "name one of its snapshots, or leave it out for the last one",
            Self::Backtest(error) | Self::Fit(FitError::Backtest(error)) => {
                return backtest_help(error);
            }
            Self::OutFolder { .. } => "name a folder that you may write to with `--out DIR`",
            Self::Write { .. } => "check the right to write it and the space that is left",
            Self::Exists { .. } => "move it away, or name another folder: `chs init DIR`",
            Self::NoTables { .. } => {
                "put csv, tsv, ndjson, parquet, arrow or xlsx files there; text also packed with gzip or zstd"
            }
            Self::NoAccountIds { .. } => {
                "rename it, such as `account_id` or `customer_id`, or write chs.toml by hand: `chs init`"
            }
            Self::NoHistory { .. } => {
                "add a table with a row per event, or a table with one row per account"
            }
            Self::UnknownTemplate { nearest: Some(name), .. } => {
                return Some(format!("did you mean `{name}`? `chs init --list` says what each is"));
            }
            Self::UnknownTemplate { .. } => "`chs init --list` says what each is",
            Self::UnknownRule { nearest: Some(code), .. } => {
                return Some(format!("did you mean `{code}`? `chs rule` lists them all"));
            }
            Self::UnknownRule { .. } => "`chs rule` lists them all",
            Self::NoResult { .. } => {
                "run `chs backtest` first, or name the folder of its results: `chs report DIR`"
            }
            Self::ResultFile { .. } | Self::OtherRun { .. } => "run `chs backtest` again",
            Self::OtherFit { .. } => {
                "run `chs fit` again with the options of the backtest, or move fit.json away"
            }
            Self::Encode { .. } => "please report this",
            Self::Threads { .. } => "leave `--threads` out",
            Self::Mistakes(_)
            | Self::Fit(_)
            | Self::Plan(_)
            | Self::BacktestFile { .. }
            | Self::FitFile { .. }
            | Self::Cancelled => return None,
        };
        Some(help.to_owned())
    }
}

/// A path that is named on the command line is relative to the current folder.
fn records_help(error: &ReadError) -> String {
    match &error.problem {
        ReadProblem::NotFound { name, files } => {
            match chs_toml::nearest(name, files.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "correct the path".to_owned(),
            }
        }
        ReadProblem::MissingColumn { column, columns, hint: None } => {
            match chs_toml::nearest(column, columns.iter().map(String::as_str)) {
                Some(near) => {
                    format!(
                        "did you mean `{near}`? The model needs a column for each of its inputs"
                    )
                }
                None => {
                    "the model needs a column for each of its inputs, empty where nothing is known"
                        .to_owned()
                }
            }
        }
        _ => error.remedy(),
    }
}

/// The messages of the backtest say themselves what to do, but for what the caller's options are called.
fn backtest_help(error: &BacktestError) -> Option<String> {
    match error {
        BacktestError::UnknownLabel { .. } => {
            Some("name one of them with `--label NAME`, or leave it out for the first".to_owned())
        }
        BacktestError::NoCandidate => Some("name a scorecard with `--scorecard FILE`".to_owned()),
        _ => None,
    }
}
