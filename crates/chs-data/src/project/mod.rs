//! The project file `chs.toml`: what a run reads and what it asks.
//!
//! What it said, typed, comes first: a [`ProjectFile`] is a [`Project`] over a history, with its accounts,
//! sources, verbs, outcomes and questions, or a [`PanelProject`]. How the sections of the file say it comes
//! after; [`read_project`] goes through them.

mod project_file;

mod history;

mod file_table;

mod accounts;
mod source;

mod verb;

mod outcome;
mod question;

mod backtest;
mod convert;
mod findings;
mod indicators;
mod labels;
mod panel;
pub(crate) mod schema;
mod segments;
mod snapshots;
mod tables;

use chs_toml::Located;

pub use accounts::{Accounts, AccountsOrigin};
pub use backtest::BacktestPlan;
pub use convert::read_project;
pub use file_table::{FileTable, TableOrigin};
pub use findings::IgnoredFinding;
pub use history::Project;
pub(crate) use indicators::formula_order;
pub use outcome::{Direction, KindFilter, Outcome, OutcomeOrigin, RecordedScore};
pub use panel::{LabelWords, PanelAnswer, PanelLabel, PanelProject, PanelTime};
pub use project_file::ProjectFile;
pub use question::{DecisionWords, LabelPlan, Question};
pub use schema::project_schema;
pub use segments::IndicatorSegment;
pub use snapshots::{Anchor, Offset, SnapshotDays, Snapshots};
pub use source::{AccountKey, Coverage, LastDay, Source};
pub use verb::{
    Empty, Indicator, Measure, ParsedExpression, Reading, RowsVerb, Statistic, TrendMethod, Verb,
    Window,
};

/// A name of a column, source or indicator with its place in `chs.toml`.
pub type Name = Located<String>;
