//! What stops loading.

use chs_toml::Mistakes;
use jiff::civil::Date;

use crate::load::row_account::LoadReport;
use crate::read::ReadError;

/// Share of rejected rows above which the file is misread rather than dirty.
const MISREAD: f64 = 0.5;

/// Loading stopped; nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// `chs.toml` names something that is not in the data.
    #[error(transparent)]
    Project(#[from] Mistakes),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// More rows break the contract than allowed.
    #[error(transparent)]
    TooManyRejected(#[from] Box<Refused>),
    /// A table that is needed has no row.
    #[error("{table}: no row in {files}{}; {needed}", known_by(*as_of))]
    NoRows {
        /// The table.
        table: String,
        /// Its files.
        files: String,
        /// What it is needed for.
        needed: String,
        /// The last day of which rows are read, where they end before the data do.
        as_of: Option<Date>,
    },
}

fn known_by(as_of: Option<Date>) -> String {
    as_of.map_or_else(String::new, |day| format!(" was known by {day}"))
}

/// Tables of which more rows break the contract than allowed, at least one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", told(tables))]
pub struct Refused {
    /// The tables, in declared order.
    pub tables: Vec<TooManyRejected>,
    /// What was read; not of all tables where it is the accounts that are refused.
    pub report: LoadReport,
}

fn told(tables: &[TooManyRejected]) -> String {
    let told: Vec<String> = tables.iter().map(ToString::to_string).collect();
    told.join("\n")
}

/// More rows of a table break the contract than `max_rejected` allows.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{table}: {faults} of {read} rows ({:.2} %) break the contract, {:.2} % are allowed: {reasons}; first: {first}", 100.0 * share, 100.0 * limit)]
pub struct TooManyRejected {
    /// The table.
    pub table: String,
    /// Key of the table in `chs.toml`.
    pub key: String,
    /// Rows that break the contract.
    pub faults: u64,
    /// Rows read.
    pub read: u64,
    /// Their share.
    pub share: f64,
    /// The share allowed.
    pub limit: f64,
    /// Reasons with counts, most frequent first.
    pub reasons: String,
    /// Place of the first row rejected for the most frequent reason.
    pub first: String,
    /// What to do about the most frequent reason.
    pub remedy: &'static str,
}

impl LoadError {
    /// What to do, where the message does not say it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::TooManyRejected(refused) => {
                let help = refused.tables.iter().map(TooManyRejected::help);
                let help = help.collect::<Vec<_>>().join("; ");
                Some(format!("{help}; `chs check` writes each such row to rejects.csv"))
            }
            Self::NoRows { as_of: Some(_), .. } => Some("name a later day as `--as-of`".to_owned()),
            Self::NoRows { .. } => Some("check the path, or that the export ran".to_owned()),
            Self::Project(_) => None,
            Self::Read(error) => Some(error.remedy()),
        }
    }
}

impl TooManyRejected {
    /// What to do.
    pub fn help(&self) -> String {
        // Where most rows fail it is the file that is misread; raising the limit is no way out.
        if self.share > MISREAD {
            return self.remedy.to_owned();
        }
        let share = ((self.share * 1000.0).floor() + 1.0) / 1000.0;
        let (remedy, key) = (self.remedy, &self.key);
        format!("{remedy}; to go on without these rows set `max_rejected = {share}` in [{key}]")
    }
}
