//! Every row accounted for: read = used + rejected, by reason.

use std::collections::BTreeMap;

/// Why a row is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// A text row has more or fewer fields than the header.
    WrongNumberOfFields,
    /// The bytes are no text in the file's encoding.
    NotUtf8,
    /// A line is no JSON object.
    BadJson,
    /// The account id, or another key, is null.
    NullKey,
    /// The account id stands in no account row.
    UnknownAccount,
    /// A key of `via` leads to more than one account.
    AmbiguousKey,
    /// The date is null.
    MissingDate,
    /// The date cannot be read.
    BadDate,
    /// The date lies before 1900.
    Before1900,
    /// A number cannot be read.
    NotANumber,
    /// A number is infinite.
    InfiniteValue,
    /// A span ends before it starts.
    EndsBeforeStart,
    /// The same record, known since the same time, stands more than once.
    Duplicate,
    /// The word is neither among those for label 1 nor among those for label 0.
    NotALabel,
    /// The word is not among those the outcome keeps.
    OtherKind,
    /// Not known before the end of `--as-of`.
    AfterAsOf,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 16] = [
        Self::WrongNumberOfFields,
        Self::NotUtf8,
        Self::BadJson,
        Self::NullKey,
        Self::UnknownAccount,
        Self::AmbiguousKey,
        Self::MissingDate,
        Self::BadDate,
        Self::Before1900,
        Self::NotANumber,
        Self::InfiniteValue,
        Self::EndsBeforeStart,
        Self::Duplicate,
        Self::NotALabel,
        Self::OtherKind,
        Self::AfterAsOf,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongNumberOfFields => "wrong_number_of_fields",
            Self::NotUtf8 => "not_utf8",
            Self::BadJson => "bad_json",
            Self::NullKey => "null_key",
            Self::UnknownAccount => "unknown_account",
            Self::AmbiguousKey => "ambiguous_key",
            Self::MissingDate => "missing_date",
            Self::BadDate => "bad_date",
            Self::Before1900 => "before_1900",
            Self::NotANumber => "not_a_number",
            Self::InfiniteValue => "infinite_value",
            Self::EndsBeforeStart => "ends_before_start",
            Self::Duplicate => "duplicate",
            Self::NotALabel => "not_a_label",
            Self::OtherKind => "other_kind",
            Self::AfterAsOf => "after_as_of",
        }
    }

    /// Whether the row breaks the contract; the others are set aside on purpose and are not held
    /// against `max_rejected`.
    pub fn is_fault(self) -> bool {
        !matches!(self, Self::OtherKind | Self::AfterAsOf)
    }
}

/// One rejected row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// The table: `accounts`, `panel`, or the name of a source, outcome or recorded score.
    pub table: String,
    /// File, below the data folder; `query` for the answer to one.
    pub file: String,
    /// Line of a text file; row of a sheet, of a Parquet or Arrow file, or of an answer; from 1.
    pub line: u64,
    /// Column concerned; empty where the whole row is.
    pub column: String,
    /// The value as it stands there.
    pub value: String,
    /// Why.
    pub reason: Reason,
}

/// A file, or the answer to a query, that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Path below the data folder; `query` for an answer.
    pub file: String,
    /// Sha256 of its bytes, in hexadecimal; of an answer that of its rows as text, in any order.
    pub sha256: String,
    /// Size in bytes; of an answer that of its rows as text.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
    /// The query that was answered.
    pub query: Option<QueryAsked>,
}

/// A query that was put to a database. The way there is a secret: its name stands here, not what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryAsked {
    /// The driver, without the folder it may lie in.
    pub driver: String,
    /// Sha256 of the query's text, in hexadecimal.
    pub sha256: String,
    /// Name of the environment variable that holds the URI of the database.
    pub uri_env: String,
}

/// Row account of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableAccount {
    /// The table: `accounts`, `panel`, or the name of a source, outcome or recorded score.
    pub table: String,
    /// Its files, by path.
    pub files: Vec<FileRead>,
    /// Rows read.
    pub read: u64,
    /// Rows used.
    pub used: u64,
    /// Rows not used, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Used rows before the start of their account.
    pub before_start: u64,
    /// Rows before the first row of the key through which they found their account, those that stand
    /// twice included.
    pub before_link: u64,
    /// Words of used rows that are not in the `map` of what reads them.
    pub unmapped: u64,
    /// Rows that a later version of the same record supersedes; they are used as they were known.
    pub corrected: u64,
}

impl TableAccount {
    /// Rows not used.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Share of the rows read that break the contract.
    pub fn fault_share(&self) -> f64 {
        if self.read == 0 { 0.0 } else { self.faults() as f64 / self.read as f64 }
    }

    /// Rows that break the contract.
    pub fn faults(&self) -> u64 {
        self.rejected.iter().filter(|(reason, _)| reason.is_fault()).map(|(_, rows)| rows).sum()
    }
}

/// What loading found, beside the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Row account per table: accounts, sources, outcomes, recorded scores, in declared order.
    pub tables: Vec<TableAccount>,
    /// The rejected rows that break the contract, by table, file and line.
    pub rejects: Vec<Reject>,
    /// Flags of the accounts held against outcomes, in declared order.
    pub flags: Vec<FlagAccount>,
    /// Words that outcomes keep, by outcome in declared order.
    pub kinds: Vec<KindAccount>,
}

/// The words that an outcome keeps, counted in the rows that break nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindAccount {
    /// Name of the outcome.
    pub outcome: String,
    /// Column of the words.
    pub column: String,
    /// Rows of each declared word, in declared order.
    pub words: Vec<(String, u64)>,
    /// Rows with another word.
    pub others: u64,
    /// Rows with another word that is nearly one of those that no row has.
    pub near: u64,
}

/// A flag of the accounts table held against the outcome that it speaks of, counted in accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagAccount {
    /// Name of the outcome.
    pub outcome: String,
    /// Column of the flag.
    pub column: String,
    /// Flag and outcome.
    pub both: u64,
    /// Flag without outcome.
    pub flag_only: u64,
    /// Outcome without flag.
    pub outcome_only: u64,
}
