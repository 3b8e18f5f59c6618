//! The project file `chs.toml`: what a run reads and what it asks.

mod backtest;
mod convert;
mod indicators;
mod labels;
mod panel;
pub(crate) mod schema;
mod segments;
mod snapshots;
mod tables;

use std::collections::BTreeSet;

use jiff::civil::Date;

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Mistake, Mistakes};

use crate::expression::Expression;
use crate::read::{Query, ReadOptions, Secret};

pub use backtest::BacktestPlan;
pub use convert::read_project;
pub(crate) use indicators::formula_order;
pub use panel::{LabelWords, PanelAnswer, PanelLabel, PanelProject, PanelTime};
pub use schema::project_schema;
pub use segments::IndicatorSegment;
pub use snapshots::{Anchor, Offset, SnapshotDays, Snapshots};

/// A name of a column, source or indicator with its place in `chs.toml`.
pub type Name = Located<String>;

/// What a `chs.toml` describes.
#[derive(Clone, Debug)]
pub enum ProjectFile {
    /// A history, from which the panel is made.
    History(Project),
    /// A panel that is ready.
    Panel(PanelProject),
}

impl ProjectFile {
    /// Name of the file as the user knows it.
    pub fn file(&self) -> &str {
        match self {
            Self::History(project) => &project.file,
            Self::Panel(project) => &project.file,
        }
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        match self {
            Self::History(project) => &project.text,
            Self::Panel(project) => &project.text,
        }
    }

    /// Name of the project, empty where it has none.
    pub fn name(&self) -> &str {
        match self {
            Self::History(project) => &project.name,
            Self::Panel(project) => &project.name,
        }
    }

    /// IANA name of the civil time in which everything is compared.
    pub fn time_zone(&self) -> &str {
        match self {
            Self::History(project) => &project.time_zone,
            Self::Panel(project) => &project.time_zone,
        }
    }

    /// What a backtest is told beside the data.
    pub fn backtest(&self) -> &BacktestPlan {
        match self {
            Self::History(project) => &project.backtest,
            Self::Panel(project) => &project.backtest,
        }
    }

    /// Names of the indicators in declared order.
    pub fn indicators(&self) -> Vec<&str> {
        let names: Vec<&Name> = match self {
            Self::History(project) => {
                project.indicators.iter().map(|indicator| &indicator.name).collect()
            }
            Self::Panel(project) => project.indicators.iter().collect(),
        };
        names.into_iter().map(|name| name.value.as_str()).collect()
    }

    /// The history, where the file describes one.
    pub fn history(&self) -> Option<&Project> {
        match self {
            Self::History(project) => Some(project),
            Self::Panel(_) => None,
        }
    }

    /// Look up the secrets that queries name; one that is not found, or empty, stays unknown and stops the
    /// query later. They are written nowhere.
    pub fn take_secrets(&mut self, look_up: &dyn Fn(&str) -> Option<String>) {
        let tables = match self {
            Self::History(project) => project.file_tables_mut(),
            Self::Panel(project) => vec![&mut project.table],
        };
        for table in tables {
            if let TableOrigin::Query(query) = &mut table.origin {
                let found = look_up(&query.uri_env.value).filter(|text| !text.is_empty());
                query.uri = found.map(Secret::new);
            }
        }
    }
}

/// A history as `chs.toml` describes it, checked as far as that goes without reading data.
#[derive(Clone, Debug)]
pub struct Project {
    /// Name of the file as the user knows it.
    pub file: String,
    /// Its text, so that later mistakes can point into it.
    pub text: String,
    /// Name of the project; default the empty text.
    pub name: String,
    /// IANA name of the civil time in which everything is compared; default UTC.
    pub time_zone: String,
    /// The accounts.
    pub accounts: Accounts,
    /// The sources in declared order.
    pub sources: Vec<Source>,
    /// The indicators in declared order.
    pub indicators: Vec<Indicator>,
    /// Segments made from indicators, in declared order; they follow those of the accounts.
    pub segments: Vec<IndicatorSegment>,
    /// When snapshots are taken.
    pub snapshots: Snapshots,
    /// The outcomes in declared order.
    pub outcomes: Vec<Outcome>,
    /// The labels in declared order; the first is the default.
    pub labels: Vec<LabelPlan>,
    /// Scores of other systems.
    pub recorded_scores: Vec<RecordedScore>,
    /// What a backtest is told beside the data.
    pub backtest: BacktestPlan,
}

impl Project {
    /// A mistake found later than the reading of the file, at a place in it.
    pub fn mistake(
        &self,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Mistakes {
        let list = vec![Mistake { span, message: message.into(), help }];
        Mistakes { file: self.file.clone(), text: self.text.clone(), list }
    }

    /// Every table that is read, under its name in reports.
    pub fn file_tables(&self) -> Vec<(&str, &FileTable)> {
        let accounts = match &self.accounts.origin {
            AccountsOrigin::Table { table, .. } => Some(("accounts", table)),
            AccountsOrigin::Source(_) => None,
        };
        let sources = self.sources.iter().map(|source| (source.name.value.as_str(), &source.table));
        let outcomes = self.outcomes.iter().filter_map(|outcome| match &outcome.origin {
            OutcomeOrigin::Table { table, .. } => Some((outcome.name.value.as_str(), table)),
            _ => None,
        });
        let recorded =
            self.recorded_scores.iter().map(|score| (score.name.value.as_str(), &score.table));
        accounts.into_iter().chain(sources).chain(outcomes).chain(recorded).collect()
    }

    fn file_tables_mut(&mut self) -> Vec<&mut FileTable> {
        let accounts = match &mut self.accounts.origin {
            AccountsOrigin::Table { table, .. } => Some(table),
            AccountsOrigin::Source(_) => None,
        };
        let sources = self.sources.iter_mut().map(|source| &mut source.table);
        let outcomes = self.outcomes.iter_mut().filter_map(|outcome| match &mut outcome.origin {
            OutcomeOrigin::Table { table, .. } => Some(table),
            _ => None,
        });
        let recorded = self.recorded_scores.iter_mut().map(|score| &mut score.table);
        accounts.into_iter().chain(sources).chain(outcomes).chain(recorded).collect()
    }

    /// Index of a source by name.
    pub fn source_index(&self, name: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.name.value == name)
    }

    /// Whether an outcome ends the account: as declared, else for churn, non-renewal, the end of spans,
    /// outcomes that compete with a label's, and outcomes of which a decision tells what is lost.
    pub fn is_terminal(&self, outcome: usize) -> bool {
        let Some(plan) = self.outcomes.get(outcome) else { return false };
        let competes = |label: &LabelPlan| matches!(&label.question, Question::Outcome { competing, .. } if competing.contains(&outcome));
        plan.terminal.unwrap_or_else(|| {
            matches!(plan.name.value.as_str(), "churn" | "non-renewal" | "non_renewal")
                || matches!(plan.origin, OutcomeOrigin::Spans { .. })
                || self.labels.iter().any(competes)
                || self.decisions(outcome).next().is_some()
        })
    }

    /// Whether a row of an outcome, of this kind, ends its account: all rows of a terminal outcome do, or,
    /// where decisions name it, those of a kind that is lost.
    pub fn ends_account(&self, outcome: usize, kind: Option<&str>) -> bool {
        let mut decisions = self.decisions(outcome).peekable();
        let is_lost = |words: &DecisionWords| {
            kind.is_some_and(|kind| words.lost.iter().any(|word| word == kind))
        };
        self.is_terminal(outcome) && (decisions.peek().is_none() || decisions.any(is_lost))
    }

    /// The decisions that labels make of an outcome.
    pub fn decisions(&self, outcome: usize) -> impl Iterator<Item = &DecisionWords> {
        self.labels.iter().filter_map(move |label| match &label.question {
            Question::Decision { outcome: named, words } if *named == outcome => Some(words),
            _ => None,
        })
    }

    /// Indices of the indicators that an indicator is computed from, itself included.
    pub fn indicators_behind(&self, indicator: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![indicator];
        while let Some(index) = waiting.pop() {
            if !found.insert(index) {
                continue;
            }
            if let Some(Indicator { verb: Verb::Formula(formula), .. }) = self.indicators.get(index)
            {
                let names = formula.expression.names().iter();
                waiting.extend(names.filter_map(|name| self.indicator_index(name)));
            }
        }
        found
    }

    /// Indices of the sources that an indicator is computed from.
    pub fn sources_behind(&self, indicator: usize) -> BTreeSet<usize> {
        let behind = self.indicators_behind(indicator).into_iter();
        behind
            .filter_map(|index| match &self.indicators.get(index)?.verb {
                Verb::Rows(verb) => Some(verb.source),
                _ => None,
            })
            .collect()
    }

    fn indicator_index(&self, name: &str) -> Option<usize> {
        self.indicators.iter().position(|indicator| indicator.name.value == name)
    }

    /// Index of an outcome by name.
    pub fn outcome_index(&self, name: &str) -> Option<usize> {
        self.outcomes.iter().position(|outcome| outcome.name.value == name)
    }
}

/// A table of data in files, or in the answer to a query.
#[derive(Clone, Debug)]
pub struct FileTable {
    /// Where its rows come from.
    pub origin: TableOrigin,
    /// How its cells are read.
    pub read: ReadOptions,
    /// Largest share of rows that may be rejected before the run stops; default 0.01.
    pub max_rejected: f64,
}

/// Where the rows of a table come from.
#[derive(Clone, Debug)]
pub enum TableOrigin {
    /// Files: a path or glob below the data folder.
    Files(Name),
    /// A database.
    Query(Box<Query>),
}

impl TableOrigin {
    /// How messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            TableOrigin::Files(path) => path.value.clone(),
            TableOrigin::Query(_) => "the answer to its query".to_owned(),
        }
    }
}

/// Where the accounts come from.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// A table, or the ids found in a source.
    pub origin: AccountsOrigin,
    /// Categories to report by: columns of the table.
    pub segments: Vec<Name>,
    /// Revenue at stake: a column of the table.
    pub value: Option<Name>,
    /// Column of the time from which a row's attributes hold; each account may have several rows then.
    pub valid_from: Option<Name>,
    /// Columns that never change, so that the table tells them as they were without `valid_from`.
    pub immutable: Vec<Name>,
}

impl Accounts {
    /// Whether a column of the table is known as it was at any time.
    pub fn is_known_as_it_was(&self, column: &str) -> bool {
        self.valid_from.is_some() || self.immutable.iter().any(|name| name.value == column)
    }
}

/// Origin of the account ids.
#[derive(Clone, Debug)]
pub enum AccountsOrigin {
    /// A table with a row per account.
    Table {
        /// Its files.
        table: FileTable,
        /// Column of the id.
        id: Name,
        /// Column of the start of the relationship.
        start: Option<Name>,
    },
    /// The ids of a source; an account starts with its first row.
    Source(Name),
}

/// How the rows of a source find their account.
#[derive(Clone, Debug)]
pub enum AccountKey {
    /// The column of the account id.
    Column(Name),
    /// A column that another source holds beside its own account.
    Via {
        /// The other source.
        source: Name,
        /// The column, of the same name in both.
        on: Name,
    },
}

/// Whether a source speaks for all accounts from its first row on, or for each from its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// From the first row of the source.
    Source,
    /// From the first row of the account.
    Account,
}

/// What a date-only `ended` means at the end of that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastDay {
    /// It is over.
    Over,
    /// It lasts: that day was its last.
    Lasts,
}

/// One table of history.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// Its files.
    pub table: FileTable,
    /// The account of a row.
    pub key: AccountKey,
    /// Column that identifies a record across its versions.
    pub record_id: Option<Name>,
    /// Column of the event time.
    pub at: Name,
    /// Column of the end of what began at the event time, null while it lasts.
    pub ended: Option<Name>,
    /// What a date-only `ended` means.
    pub last_day: LastDay,
    /// Column of the time from which a row could be known.
    pub created: Option<Name>,
    /// Column of the end of this version of the row.
    pub superseded: Option<Name>,
    /// Delay of knowledge where `created` is absent or null.
    pub blind_spot: Option<Span>,
    /// What silence means before the first row.
    pub coverage: Coverage,
    /// IANA name of the time zone of values without offset; default the project's.
    pub time_zone: Option<Name>,
}

/// One number (or word) per account and snapshot.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its name.
    pub name: Name,
    /// How it is computed.
    pub verb: Verb,
}

/// How an indicator is computed.
#[derive(Clone, Debug)]
pub enum Verb {
    /// From the rows of a source.
    Rows(RowsVerb),
    /// From other indicators of the row.
    Formula(ParsedExpression),
    /// Whole civil days since the start of the account.
    Tenure,
    /// A column of the accounts table as it was.
    Attribute {
        /// The column.
        column: Name,
        /// What its cells are taken for.
        reading: Reading,
    },
}

/// What the cells of a column are taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Numbers; a row with another text breaks the contract.
    Numbers,
    /// Words.
    Words,
    /// Words that stand for numbers; a word that is not among them is no observation.
    Mapped(Vec<(String, f64)>),
}

impl Reading {
    /// The number that a word stands for, spaces around it apart; `None` where it stands for none.
    pub fn number_of(&self, word: &str) -> Option<f64> {
        let Self::Mapped(numbers) = self else { return None };
        numbers.iter().find(|(known, _)| known == word.trim()).map(|(_, number)| *number)
    }
}

/// An indicator over the rows of a source.
#[derive(Clone, Debug)]
pub struct RowsVerb {
    /// Index into [`Project::sources`].
    pub source: usize,
    /// What is computed.
    pub measure: Measure,
    /// Rows that count; all where absent.
    pub filter: Option<ParsedExpression>,
    /// Null until the source has spoken that long.
    pub connected_for: Option<Span>,
}

/// What is computed from the rows.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Rows in a window.
    Count {
        /// The window.
        window: Window,
    },
    /// A statistic of an expression over a window.
    Statistic {
        /// Which one.
        statistic: Statistic,
        /// What is observed.
        value: ParsedExpression,
        /// The window.
        window: Window,
    },
    /// How the sums of an expression move over the equal buckets of a window.
    Trend {
        /// What is added.
        value: ParsedExpression,
        /// The window; its length is a whole multiple of the buckets.
        window: Window,
        /// Number of buckets, at least two.
        buckets: u32,
        /// How the sums are compared.
        method: TrendMethod,
    },
    /// Distinct texts of a column in a window.
    Distinct {
        /// The column.
        column: Name,
        /// The window.
        window: Window,
    },
    /// Last non-null value of a column.
    Latest {
        /// The column.
        column: Name,
        /// What its cells are taken for.
        reading: Reading,
        /// Column of the value's own date.
        at: Option<Name>,
        /// Values older than this are gone.
        max_age: Option<Span>,
    },
    /// Whole civil days since the last row.
    Recency,
    /// Rows that have begun and not ended.
    Open {
        /// Column that is added; without it the rows are counted.
        amount: Option<Name>,
        /// What no open row gives.
        empty: Empty,
    },
    /// Whole civil days to the next date of a column.
    Until {
        /// The column.
        column: Name,
    },
}

/// A statistic of the observations in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Their standard deviation, with n - 1; missing below two.
    Std,
}

/// How the sums of a window's buckets are compared, the newest being the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendMethod {
    /// Slope per bucket of the least-squares line through the sums.
    Ols,
    /// (newer half - older half) / older half; an odd number leaves out the middle.
    Change,
}

/// A window of time before the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its length.
    pub length: Span,
    /// How far before the snapshot it ends.
    pub shift: Span,
    /// What a window without a row gives.
    pub empty: Empty,
}

/// The value of a window without a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// 0
    Zero,
    /// Missing.
    Null,
}

/// An expression with its place in `chs.toml`.
#[derive(Clone, Debug)]
pub struct ParsedExpression {
    /// The expression.
    pub expression: Expression,
    /// Place of its text, quotes included.
    pub span: std::ops::Range<usize>,
}

impl ParsedExpression {
    /// Place of the first use of a name in `chs.toml`.
    pub fn place_of(&self, name: &str) -> std::ops::Range<usize> {
        let start = self.span.start + 1 + self.expression.name_position(name);
        start..(start + name.len()).min(self.span.end.max(start + 1))
    }
}

/// A dated fact that labels ask for.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: Name,
    /// Where it comes from.
    pub origin: OutcomeOrigin,
    /// Whether it ends the account, where the file says so; see [`Project::is_terminal`].
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
        /// Index into [`Project::sources`].
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
        /// Index into [`Project::sources`].
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

/// What a label asks.
#[derive(Clone, Debug)]
pub struct LabelPlan {
    /// Its name.
    pub name: Name,
    /// What it asks for.
    pub question: Question,
    /// Time between the snapshot and the window.
    pub lead_time: Span,
    /// Length of the window.
    pub horizon: Span,
    /// Good or bad news.
    pub polarity: Polarity,
}

/// What a label asks for.
#[derive(Clone, Debug)]
pub enum Question {
    /// Whether an outcome comes.
    Outcome {
        /// Index into [`Project::outcomes`].
        outcome: usize,
        /// Indices of competing outcomes.
        competing: Vec<usize>,
    },
    /// How a decision falls, such as a renewal.
    Decision {
        /// Index into [`Project::outcomes`]; a table with a kind.
        outcome: usize,
        /// Which kinds mean what.
        words: DecisionWords,
    },
    /// Whether an indicator falls, among accounts where it is above 0.
    Decline {
        /// Index into [`Project::indicators`].
        indicator: usize,
        /// Share of its value now, above 0 and at most 1.
        below: f64,
    },
    /// Whether no row comes, among accounts with one in the last `within`.
    Inactive {
        /// Index into [`Project::sources`].
        source: usize,
        /// How recent the last row must be for the account to be at risk.
        within: Span,
        /// Rows that count.
        filter: Option<ParsedExpression>,
    },
}

/// Kinds of a decision; a row without a kind is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionWords {
    /// Kinds for label 1.
    pub lost: Vec<String>,
    /// Kinds for label 0.
    pub kept: Vec<String>,
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
