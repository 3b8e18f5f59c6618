//! The sections that read files, as types: accounts, sources, outcomes, recorded scores.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{Day, Expression, Polarity, Span};

/// Who is scored.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Accounts {
    Table(AccountsTable),
    Source(AccountsSource),
}

/// Accounts with a table of their own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct AccountsTable {
    /// Column of the account id.
    id: String,
    /// Column of the start of the relationship (default: the first span, else the first row of a source).
    start: Option<String>,
    /// Column of the day of churn; declares the outcome `churn`.
    churned: Option<String>,
    /// Columns to report by.
    segments: Option<Vec<String>>,
    /// Column of the revenue at stake, as it was: needs `valid_from`, or to be `immutable`.
    value: Option<String>,
    /// Column of the time from which a row's attributes hold; an account may have several rows then, and
    /// each snapshot sees the one that held.
    valid_from: Option<String>,
    /// Columns that never change, so that indicators and `value` may read them without `valid_from`.
    immutable: Option<Vec<String>>,
    #[schemars(flatten)]
    files: Files,
}

/// Accounts that are the ids found in a source; each starts with its first row.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct AccountsSource {
    /// Name of the source.
    from: String,
}

/// One table of history.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend(
        "oneOf" = [{ "required": ["id"] }, { "required": ["via"] }],
        "dependentRequired" = { "ended_inclusive": ["ended"] }
    )
)]
pub(super) struct Source {
    /// Column of the account id.
    id: Option<String>,
    /// The account is found through another source.
    via: Option<Via>,
    /// Column that identifies a record across its versions.
    record_id: Option<String>,
    /// Column of the time at which something happened.
    at: String,
    /// Column of the end of what began at `at`, null while it lasts.
    ended: Option<String>,
    /// Whether a date-only `ended` is the last day that counts (default false: it is over by its end).
    ended_inclusive: Option<bool>,
    /// Column of the time from which a row could be known.
    created: Option<String>,
    /// Column of the end of this version of the row.
    superseded: Option<String>,
    /// Delay of knowledge where `created` is absent or null.
    blind_spot: Option<Span>,
    /// From when on silence means something (default "source").
    coverage: Option<Coverage>,
    /// IANA name of the time zone of values without offset (default: the project's).
    timezone: Option<String>,
    #[schemars(flatten)]
    files: Files,
}

/// A column that another source holds beside its own account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Via {
    /// Name of the other source.
    source: String,
    /// The column, of the same name in both.
    on: String,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Coverage {
    /// For all accounts from the first row of the source.
    Source,
    /// For each account from its own first row.
    Account,
}

/// A dated fact that labels ask for.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Outcome {
    Table(OutcomeTable),
    Column(OutcomeColumn),
    Spans(OutcomeSpans),
    Change(OutcomeChange),
}

/// Outcomes with a table of their own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OutcomeTable {
    /// Column of the account id.
    id: String,
    /// Column of the day.
    at: String,
    /// Column of the day from which it was known (default: the day itself).
    known: Option<String>,
    /// Rows that count (default: all).
    kind: Option<Kind>,
    #[schemars(flatten)]
    files: Files,
    #[schemars(flatten)]
    meaning: Meaning,
}

/// Outcomes in a column of the accounts table.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OutcomeColumn {
    /// Column of the day.
    column: String,
    /// Column of the day from which it was known (default: the day itself).
    known: Option<String>,
    #[schemars(flatten)]
    meaning: Meaning,
}

/// Outcomes that are the ends of spans which no other span follows.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OutcomeSpans {
    /// The spans.
    spans: Spans,
    #[schemars(flatten)]
    meaning: Meaning,
}

/// Outcomes that are changes of a level, such as a contraction of the recurring revenue.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct OutcomeChange {
    /// The change.
    change: Change,
    #[schemars(flatten)]
    meaning: Meaning,
}

/// What an outcome means for its account.
#[derive(JsonSchema)]
struct Meaning {
    /// Whether it ends the account (default: churn, non-renewal, ends of spans, competing outcomes and lost decisions do).
    terminal: Option<bool>,
    /// Last day up to which it is completely known (default: the latest of its table).
    complete_until: Option<Day>,
    /// Column of the accounts table that says who had it; check holds it against the outcome.
    flag: Option<String>,
    /// Bad or good news (default: by its name).
    polarity: Option<Polarity>,
}

/// Rows of an outcome table that count.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Kind {
    /// The column.
    column: String,
    /// Its words that count (default: those that decisions about the outcome name).
    keep: Option<Vec<String>>,
}

/// Spans of a source, such as subscriptions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Spans {
    /// Name of the source.
    source: String,
    /// Column of the start of a span.
    start: String,
    /// Column of its end, null while it is open.
    end: String,
    /// Spans at most this far apart are one (default "0d").
    grace: Option<Span>,
}

/// A change of the sum over the rows of a source that are open at the ends of days.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Change {
    /// Name of the source; it names the column of the end as `ended`.
    source: String,
    /// What a row adds while it is open.
    sum: Expression,
    /// Which way.
    direction: Direction,
    /// Smallest change, as a share of the level before.
    #[schemars(extend("exclusiveMinimum" = 0))]
    at_least: f64,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Direction {
    /// The level falls.
    Decrease,
    /// The level rises.
    Increase,
}

/// A score that another system computed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct RecordedScore {
    /// Column of the account id.
    id: String,
    /// Column of the time of the score.
    at: String,
    /// Column of the score.
    score: String,
    /// Score per word, where the column holds words.
    map: Option<BTreeMap<String, f64>>,
    /// Scores older than this are gone.
    max_age: Option<Span>,
    #[schemars(flatten)]
    files: Files,
}

/// A table in files, or in the answer to a query.
#[derive(JsonSchema)]
#[schemars(extend("anyOf" = [
    { "required": ["path"], "properties": { "adbc": false, "query": false } },
    { "required": ["adbc", "query"], "properties": { "path": false } }
]))]
pub(super) struct Files {
    /// Path or glob below the data folder: csv, tsv, ndjson (also .gz, .zst), parquet, arrow or xlsx;
    /// folders called `name=value` are columns.
    path: Option<String>,
    /// The database that answers `query`.
    adbc: Option<Adbc>,
    /// A question in the database's SQL; its columns are those of the table.
    query: Option<String>,
    /// How text is to be understood.
    read: Option<Read>,
    /// Largest share of rows that may be rejected before the run stops (default 0.01).
    #[schemars(range(min = 0, max = 1))]
    max_rejected: Option<f64>,
}

/// A database that is reached through Arrow's ADBC.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Adbc {
    /// Name of the driver, or path of its library.
    driver: String,
    /// The driver's function that starts it, where it is not called as usual.
    entrypoint: Option<String>,
    /// Name of the environment variable that holds the URI of the database.
    uri_env: String,
}

/// How text is to be understood.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Read {
    /// Between two fields (default: guessed from the header).
    delimiter: Option<Character>,
    /// Decimal sign (default ".").
    decimal: Option<Character>,
    /// Formats of dates, tried in this order (default: ISO 8601).
    date_format: Option<DateFormat>,
    /// Encoding, such as "windows-1252" (default "utf-8").
    encoding: Option<String>,
    /// Texts that stand for null (default: the empty text).
    null: Option<Vec<String>>,
    /// Sheet of a workbook (default: the first).
    sheet: Option<String>,
}

/// One ASCII character.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Character(#[schemars(regex(pattern = r"^[\x00-\x7F]$"))] String);

/// One format or several, such as "%d.%m.%Y".
#[derive(JsonSchema)]
#[schemars(untagged)]
enum DateFormat {
    One(String),
    Several(Vec<String>),
}
