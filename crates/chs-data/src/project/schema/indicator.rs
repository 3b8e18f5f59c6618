//! The section `[indicators]` as types; each has exactly one verb.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{Expression, Length, Span};

/// A number per account and snapshot.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Indicator {
    Count(Count),
    Sum(Sum),
    Mean(Mean),
    Min(Min),
    Max(Max),
    Std(Std),
    Trend(Trend),
    Distinct(Distinct),
    Latest(Latest),
    Recency(Recency),
    OpenCount(OpenCount),
    OpenSum(OpenSum),
    Until(Until),
    Formula(Formula),
    Tenure(Tenure),
    Attribute(Attribute),
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

/// Smallest value of an expression over the rows of a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Min {
    /// What is looked at.
    min: Expression,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// Largest value of an expression over the rows of a window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Max {
    /// What is looked at.
    max: Expression,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// Standard deviation (n - 1) of an expression over the rows of a window; null below two.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Std {
    /// What is looked at.
    std: Expression,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

/// How the sums of an expression move over the equal buckets of a window; an empty bucket is 0.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Trend {
    /// What is added.
    trend: Expression,
    /// Number of buckets; they divide `over`.
    #[schemars(range(min = 2, max = 366))]
    buckets: u32,
    /// How the sums are compared (default "ols").
    method: Option<Method>,
    #[schemars(flatten)]
    window: Window,
    #[schemars(flatten)]
    rows: Rows,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Method {
    /// Slope per bucket of the least-squares line.
    Ols,
    /// (newer half - older half) / older half; an odd number leaves out the middle.
    Change,
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
#[schemars(deny_unknown_fields, extend("not" = { "required": ["as", "map"] }))]
pub(super) struct Latest {
    /// The column.
    latest: String,
    /// Column of the value's own date (default: the time of the row).
    at: Option<String>,
    /// Values older than this are gone.
    max_age: Option<Span>,
    #[schemars(flatten)]
    reading: Reading,
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

/// Number of rows that have begun and not ended; the source names the column of the end with `ended`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OpenCount {
    /// What is told of them.
    #[schemars(extend("const" = "count"))]
    open: String,
    /// What no open row gives (default "zero").
    empty: Option<Empty>,
    #[schemars(flatten)]
    rows: Rows,
}

/// Sum of a column over the rows that have begun and not ended.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OpenSum {
    /// What is told of them.
    #[schemars(extend("const" = "sum"))]
    open: String,
    /// The column that is added.
    column: String,
    /// What no open row gives (default "zero").
    empty: Option<Empty>,
    #[schemars(flatten)]
    rows: Rows,
}

/// Whole days to the next date of a column; null where none is known to lie ahead.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Until {
    /// The column of dates.
    until: String,
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

/// A column of the accounts table as it was: needs `valid_from` of accounts, or a column that is `immutable`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("not" = { "required": ["as", "map"] }))]
pub(super) struct Attribute {
    /// The column.
    attribute: String,
    #[schemars(flatten)]
    reading: Reading,
}

/// What the cells of a column are taken for.
#[derive(JsonSchema)]
struct Reading {
    /// Whether they are numbers or words (default "numbers"; another cell breaks the contract then).
    r#as: Option<As>,
    /// Number per word; a word that is not there is no observation.
    map: Option<BTreeMap<String, f64>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum As {
    /// Numbers.
    Numbers,
    /// Words.
    Words,
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
    /// What a window without a row gives (default "zero" for count, sum and distinct, else "null").
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
