//! The section `[panel]` as types.

use schemars::JsonSchema;

use super::table::Files;
use super::{Day, Length, Polarity, Span};

/// A table that holds the snapshots already.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Panel {
    CrossSection(CrossSection),
    Labelled(Labelled),
    Dated(Dated),
}

/// One row per account and no day: everything that needs time is left out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct CrossSection {
    /// The answer of a row.
    label: Label,
    #[schemars(flatten)]
    columns: Columns,
    #[schemars(flatten)]
    files: Files,
}

/// One row per account and day, with the answer in words.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Labelled {
    /// The answer of a row, null where it is not known.
    label: Label,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    columns: Columns,
    #[schemars(flatten)]
    files: Files,
}

/// One row per account and day, with the day of the account's outcome.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Dated {
    /// Column of the day of the account's outcome, null where there was none.
    outcome_date: String,
    /// Name of the outcome and of its label (default "churn").
    outcome: Option<String>,
    /// Bad or good news (default: by the name of the outcome).
    polarity: Option<Polarity>,
    /// Last day up to which outcomes are completely known (default: the latest of the column).
    complete_until: Option<Day>,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    columns: Columns,
    #[schemars(flatten)]
    files: Files,
}

/// The days of a panel.
#[derive(JsonSchema)]
struct Window {
    /// Column of the day at whose end a row was taken.
    as_of: String,
    /// Time between that day and the label window (default "0d").
    lead_time: Option<Span>,
    /// Length of the label window.
    horizon: Length,
}

/// The columns of a panel.
#[derive(JsonSchema)]
struct Columns {
    /// Column of the account id.
    id: String,
    /// Columns to score: of numbers where most values are numbers, else of words.
    #[schemars(length(min = 1))]
    indicators: Vec<String>,
    /// The indicator that counts the time since the last activity, for the recency baseline.
    recency: Option<String>,
    /// The indicator that counts the time since the start, for the tenure baseline.
    tenure: Option<String>,
    /// Columns to report by.
    segments: Option<Vec<String>>,
    /// Column of the revenue at stake.
    value: Option<String>,
}

/// A column that holds the answer in words.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("dependentRequired" = { "positive": ["negative"], "negative": ["positive"] })
)]
struct Label {
    /// Name of the label and of what it asks for, such as "churn".
    name: String,
    /// The column.
    column: String,
    /// Words for label 1 (default: 1 and true).
    positive: Option<Vec<String>>,
    /// Words for label 0 (default: 0 and false).
    negative: Option<Vec<String>>,
    /// Bad or good news (default: by the name).
    polarity: Option<Polarity>,
}
