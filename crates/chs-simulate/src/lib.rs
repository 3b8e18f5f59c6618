//! Histories of accounts with known truth.
//!
//! A [`Plan`] says how many accounts live through which months and how their health moves them to
//! churn. [`simulate`] lives those lives once and returns a [`History`]: the tables that a company
//! would have exported (usage, tickets, invoices, ...), the [`Truth`] behind them, and the number of
//! dirty rows that were planted in each table.
//!
//! Each account has seven latent [`Component`]s that wander from month to month. Their weighted sum
//! is its health; health sets the hazard of giving notice; and every table is a noisy view of one or
//! two components. So weights, probabilities and the row account can be held against what is true.
//!
//! The same plan gives the same history, bit for bit. Every account draws from streams of its own,
//! so a change to one account or one table leaves the rows of all others as they were.
//!
//! Nothing here opens a path: [`write_csv`] and [`write_ndjson`] take a writer, and Parquet and gzip
//! are the caller's.
//!
//! ```
//! use chs_simulate::{Plan, simulate};
//!
//! let plan = Plan { accounts: 20, ..Plan::saas_demo() };
//! let history = simulate(&plan)?;
//! assert_eq!(history.tables.len(), 10);
//! assert_eq!(history.truth.accounts.len(), 20);
//! # Ok::<(), chs_simulate::PlanError>(())
//! ```

mod plan;

mod calendar;
mod draws;
mod life;

mod dirt;
mod sources;

mod history;
mod render;
mod table;

#[cfg(test)]
mod laws;

pub use history::{AccountTruth, Ending, History, MonthTruth, Truth, simulate};
pub use plan::{Component, Plan, PlanError};
pub use render::{write_csv, write_ndjson};
pub use table::{Column, CsvStyle, Format, Table, Values};
