//! Project file, sources, row account and point-in-time replay: files -> [`chs_panel::Panel`].
//!
//! One way, no back and forth: [`read_project`] turns `chs.toml` into a [`ProjectFile`]; [`load`] reads the
//! files that it names into a [`History`] with a [`LoadReport`] in which every row stands; [`replay`]
//! asks the history at each snapshot what was known then. Where `chs.toml` describes a panel that is
//! ready, [`load_panel`] and [`ready_panel`] take the place of the two. The only crate that knows polars.
//!
//! What an audit for leaks asks of a history: [`other_future`] and [`known_at_once`] make histories that
//! were not, [`source_evidence`] and its neighbours tell what a panel does not show.

mod check;
mod counterfactual;
mod evidence;
mod project;

mod expression;
mod load;
mod read;
mod records;
mod replay;
mod time;
mod write;

pub use check::{Check, IndicatorCoverage, RULES, check, check_panel, check_refused, rule};
pub use counterfactual::{known_at_once, other_future};
pub use evidence::{
    BlankAccounts, SPOKE_DAYS, SourceEvidence, blank_accounts, days_to_outcome, source_evidence,
};
pub use expression::{Cell, Expression, ExpressionError, Kind};
pub use load::{
    AccountTable, Answer, Code, Column, FileRead, FlagAccount, History, KindAccount, LevelChange,
    LoadError, LoadReport, MergedSpan, OutcomeRows, PanelTable, QueryAsked, Reason, RecordedRows,
    Refused, Reject, SourceRows, TableAccount, TooManyRejected, Words, level_changes, load,
    load_panel, merge_spans,
};
pub use project::{
    AccountKey, Accounts, AccountsOrigin, Anchor, BacktestPlan, Coverage, DecisionWords, Direction,
    Empty, FileTable, IgnoredFinding, Indicator, IndicatorSegment, KindFilter, LabelPlan,
    LabelWords, LastDay, Measure, Name, Offset, Outcome, OutcomeOrigin, PanelAnswer, PanelLabel,
    PanelProject, PanelTime, ParsedExpression, Project, ProjectFile, Question, Reading,
    RecordedScore, RowsVerb, SnapshotDays, Snapshots, Source, Statistic, TableOrigin, TrendMethod,
    Verb, Window, project_schema, read_project,
};
pub use read::{Query, ReadError, ReadOptions, ReadProblem, Secret};
pub use records::{Record, RecordCell, RecordColumn, RecordKind, read_records, record_columns};
pub use replay::{Grid, ReplayError, ready_panel, replay};
pub use time::{DAY, Micros, NEVER, day_of, midnight_after, minus, plus};
pub use write::{OutputColumn, WriteError, write_parquet};
