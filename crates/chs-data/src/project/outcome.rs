//! Dated facts from elsewhere: outcomes that labels ask for, and scores that another system recorded.

use chs_panel::{Polarity, Span};
use jiff::civil::Date;

use super::{FileTable, Name, ParsedExpression};

/// A dated fact that labels ask for.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: Name,
    /// Where it comes from.
    pub origin: OutcomeOrigin,
    /// Whether it ends the account, where the file says so; see [`Project::is_terminal`](super::Project::is_terminal).
    pub terminal: Option<bool>,
    /// Last day up to which it is completely known.
    pub complete_until: Option<Date>,
    /// Column of the accounts table that says who had it; held against it, never used.
    pub flag: Option<Name>,
    /// Good or bad news.
    pub polarity: Polarity,
}

/// Where outcomes come from.
#[derive(Clone, Debug)]
pub enum OutcomeOrigin {
    /// A table with a row per outcome.
    Table {
        /// Its files.
        table: FileTable,
        /// Column of the account id.
        id: Name,
        /// Column of the date.
        at: Name,
        /// Column of the date from which it was known; default `at`.
        known: Option<Name>,
        /// Rows that count.
        kind: Option<KindFilter>,
    },
    /// A date column of the accounts table.
    AccountsColumn {
        /// The column.
        column: Name,
        /// Column of the date from which it was known; default the date itself.
        known: Option<Name>,
    },
    /// Ends of spans of a source that no other span follows.
    Spans {
        /// Index into [`Project::sources`](super::Project::sources).
        source: usize,
        /// Column of the start of a span.
        start: Name,
        /// Column of its end, open where null.
        end: Name,
        /// Spans at most this far apart are one.
        grace: Span,
    },
    /// Days on which the level of a source changes.
    Change {
        /// Index into [`Project::sources`](super::Project::sources).
        source: usize,
        /// What a row adds to the level while it is open.
        sum: ParsedExpression,
        /// Which way.
        direction: Direction,
        /// Smallest share of the level before, above 0.
        at_least: f64,
    },
}

/// Which way a level changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Down.
    Decrease,
    /// Up.
    Increase,
}

/// Rows of an outcome table that count.
#[derive(Clone, Debug)]
pub struct KindFilter {
    /// The column.
    pub column: Name,
    /// The words kept; where absent, those that the decisions about the outcome name.
    pub keep: Option<Vec<String>>,
}

/// A score that another system computed.
#[derive(Clone, Debug)]
pub struct RecordedScore {
    /// Its name.
    pub name: Name,
    /// Its files.
    pub table: FileTable,
    /// Column of the account id.
    pub id: Name,
    /// Column of the time of the score.
    pub at: Name,
    /// Column of the score.
    pub score: Name,
    /// Scores of words; empty where the column holds numbers.
    pub words: Vec<(String, f64)>,
    /// Scores older than this are gone.
    pub max_age: Option<Span>,
}
