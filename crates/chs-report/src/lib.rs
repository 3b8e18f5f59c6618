//! What people read: the report of a backtest, verdict first, and the short summary of the terminal.
//!
//! The input is the [`Backtest`](chs_backtest::backtest_json::v1::Backtest) as it was written,
//! [`Loading`]: what became of the rows on the way into it, and the [`Fit`](chs_fit::fit_json::v1::Fit)
//! where there is one. Nothing is computed here. Figures are looked
//! up and worded, each with its interval or with the reason why there is none, and each in one place:
//! [`summary()`], [`markdown()`] and [`html()`] share their tables and words, so that the terminal and the
//! reports cannot disagree. [`charts`] gives each chart of the report as a file of its own.
//!
//! Nothing here reads a file or a clock: the same input gives the same text. Of the user's data only
//! names appear: those of scores, columns, bands, tables and segment levels.

mod loading;

mod wording;

mod figure;

mod table;

mod lookup;

mod band_table;
mod difference_table;
mod score_table;

mod label;
mod sufficiency;

mod finding;

mod row_account;
mod summary;

mod chart;
mod document;
mod escape;
mod section;

mod answer;
mod html;
mod markdown;

#[cfg(test)]
mod examples;

pub use difference_table::{difference_table, rival_table};
pub use finding::{ReportFinding, tally};
pub use html::{charts, html};
pub use loading::{DayCells, IndicatorCells, LoadedTable, Loading, Provenance, ReportInput};
pub use markdown::markdown;
pub use row_account::row_account;
pub use summary::{Summary, summary};
pub use table::{Alignment, Column, Table};
