//! The section `[indicators]` as types; each has exactly one verb.

use schemars::JsonSchema;

use super::{Expression, Length, Span};

/// A number per account and snapshot.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Indicator {
    Count(Count),
    Sum(Sum),
    Mean(Mean),
    Distinct(Distinct),
    Latest(Latest),
    Recency(Recency),
    Formula(Formula),
    Tenure(Tenure),
}

/// Rows in a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Count {
    /// Length of the window.
    count: Length,
    #[schemars(flatten)]
    edges: Edges,
    #[schemars(flatten)]
    rows: Rows,
}

/// Sum of an expression over the rows of a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Sum {
    /// What is added.
    sum: Expression,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// Mean of an expression over the rows of a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Mean {
    /// What is averaged.
    mean: Expression,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// Number of distinct texts of a column in a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Distinct {
    /// The column.
    distinct: String,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// Last value of a column that is not null.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Latest {
    /// The column.
    latest: String,
    /// Column of the value's own date (default: the time of the row).
    at: Option<String>,
    /// Values older than this are gone.
    max_age: Option<Span>,
    #[schemars(flatten)]
    rows: Rows,
}

/// Whole days since the last row.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Recency {
    /// Its unit.
    recency: Days,
    #[schemars(flatten)]
    rows: Rows,
}

/// A number from other indicators of the same account and snapshot.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Formula {
    /// An expression over indicators.
    formula: Expression,
}

/// Whole days since the account started.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Tenure {
    /// Its unit.
    tenure: Days,
}

/// Rows that an indicator reads.
#[derive(JsonSchema)]
struct Rows {
    /// Name of the source.
    source: String,
    /// Rows that count.
    r#where: Option<Expression>,
    /// Null until the source has spoken that long.
    connected_for: Option<Span>,
}

/// A window of time before the snapshot.
#[derive(JsonSchema)]
struct Window {
    /// Length of the window.
    over: Length,
    #[schemars(flatten)]
    edges: Edges,
}

/// Where a window ends, and what an empty one gives.
#[derive(JsonSchema)]
struct Edges {
    /// How long before the snapshot the window ends (default "0d").
    shift: Option<Span>,
    /// What a window without a row gives (default "zero" for count, sum and distinct, "null" for mean).
    empty: Option<Empty>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Empty {
    /// 0
    Zero,
    /// Missing.
    Null,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Days {
    /// Whole civil days.
    Days,
}
