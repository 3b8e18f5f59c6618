//! `chs.toml` as types, from which its JSON Schema is generated.
//!
//! The schema says what an editor can check; names that refer to others, expressions, orders and the
//! names of time zones and encodings are the converter's.
#![expect(
    dead_code,
    reason = "the types are the schema; the converter reads the file with its places"
)]
#![expect(clippy::struct_field_names, reason = "fields are the keys of the file")]
#![expect(clippy::large_enum_variant, reason = "no value of these types is ever made")]

mod indicator;
mod panel;
mod table;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use indicator::Indicator;
use panel::Panel;
use table::{Accounts, Outcome, RecordedScore, Source};

/// JSON Schema 2020-12 of `chs.toml`.
pub fn project_schema() -> Value {
    chs_toml::schema_of::<ProjectFile>()
}

/// A project: over a history, or over a panel that is ready.
#[derive(JsonSchema)]
#[schemars(untagged, title = "chs.toml")]
enum ProjectFile {
    History(Project),
    Panel(PanelProject),
}

/// A project over a panel that is ready.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PanelProject {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    spec_version: i64,
    /// What holds for the whole file.
    project: Option<Header>,
    /// A table with a row per account, or per account and day.
    panel: Panel,
    /// What a backtest cannot know by itself.
    backtest: Option<Backtest>,
    /// Findings that somebody has looked at and lets be.
    findings: Option<Findings>,
}

/// A project over a history: where it lies, what is computed from it, what is asked of it.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = [
        { "required": ["labels"], "properties": { "labels": { "minProperties": 1 } } },
        { "properties": { "accounts": { "required": ["churned"] } } },
        { "required": ["outcomes"], "properties": { "outcomes": { "required": ["churn"] } } }
    ])
)]
struct Project {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    spec_version: i64,
    /// What holds for the whole file.
    project: Option<Header>,
    /// Who is scored.
    accounts: Accounts,
    /// Tables of history by name.
    sources: Option<BTreeMap<String, Source>>,
    /// Numbers per account and snapshot by name, in the order of the panel's columns.
    #[schemars(extend("minProperties" = 1))]
    indicators: BTreeMap<String, Indicator>,
    /// Segments made from indicators, by name.
    segments: Option<BTreeMap<String, Segment>>,
    /// When snapshots are taken (default: month ends over the range of the data).
    snapshots: Option<Snapshots>,
    /// Dated facts that labels ask for, by name; `churned` of accounts declares `churn`.
    outcomes: Option<BTreeMap<String, Outcome>>,
    /// Questions by name, the first being the default (default: `churn`, within 90 days).
    labels: Option<BTreeMap<String, Label>>,
    /// Scores of other systems by name, replayed like a scorecard.
    recorded_scores: Option<BTreeMap<String, RecordedScore>>,
    /// What a backtest cannot know by itself.
    backtest: Option<Backtest>,
    /// Findings that somebody has looked at and lets be.
    findings: Option<Findings>,
}

/// Findings that somebody has looked at and lets be.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Findings {
    /// Each with its reason and its end.
    ignore: Vec<IgnoredFinding>,
}

/// A finding that is let be.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct IgnoredFinding {
    /// Its code, such as "CHS204".
    code: String,
    /// What it is about, such as the name of a source (default: all that have the code).
    subject: Option<String>,
    /// Why it is let be.
    #[schemars(length(min = 1))]
    reason: String,
    /// The last snapshot up to which it is.
    until: Day,
}

/// What a backtest cannot know by itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Backtest {
    /// Indicator that counts what was done for an account since the snapshot before.
    touched: Option<String>,
    /// Consecutive readings in the alert band that start an alert, and above it that end one (default 2).
    #[schemars(range(min = 1, max = 100))]
    consecutive: Option<i64>,
}

/// What holds for the whole file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Header {
    /// Name of the project.
    name: Option<String>,
    /// IANA name of the civil time in which everything is compared (default "UTC").
    timezone: Option<String>,
}

/// A segment made from an indicator.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Segment {
    /// Name of the indicator.
    from: String,
    /// Lowest value of each category but the first, ascending.
    #[schemars(length(min = 1))]
    edges: Vec<f64>,
    /// The categories, one more than edges.
    #[schemars(length(min = 2), extend("uniqueItems" = true))]
    names: Vec<String>,
}

/// When snapshots are taken: at the end of days.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Snapshots {
    Calendar(CalendarSnapshots),
    Anchored(AnchoredSnapshots),
}

/// The same days for all accounts.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CalendarSnapshots {
    /// Step of the grid, whole days or months (default "1mo").
    every: Option<Length>,
    /// First snapshot; the last day of a month keeps to last days (default: first month end of the data).
    from: Option<Day>,
    /// Last day that a snapshot may have (default: last day of the data).
    to: Option<Day>,
}

/// Days at distances from dates of each account, such as 90 days before a renewal.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AnchoredSnapshots {
    /// Name of the outcome, or else of the source, that holds the dates.
    anchor: String,
    /// Distances from each date, such as "-90d" or "-3mo".
    #[schemars(length(min = 1))]
    offsets: Vec<Offset>,
    /// First day that a snapshot may have (default: first day of the data).
    from: Option<Day>,
    /// Last day that a snapshot may have (default: last day of the data).
    to: Option<Day>,
}

/// A distance in whole days or months, such as "-90d", "-3mo" or "0d".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Offset(#[schemars(regex(pattern = r"^-?0*([0-9]{1,5}|100000)(m|h|d|w|mo|q|y)$"))] String);

/// A question about the time after a snapshot.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Label {
    Outcome(OutcomeLabel),
    Decision(DecisionLabel),
    Inactive(InactiveLabel),
    Decline(DeclineLabel),
}

/// Whether an outcome comes in the window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OutcomeLabel {
    /// Name of the outcome.
    outcome: String,
    /// Names of outcomes that rule it out.
    competing: Option<Vec<String>>,
    #[schemars(flatten)]
    window: LabelWindow,
}

/// How a decision falls: 1 if it is lost, one row per decision and snapshot before it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DecisionLabel {
    /// The decision.
    decision: Decision,
    #[schemars(flatten)]
    window: LabelWindow,
}

/// Whether an indicator falls: 1 if it is lower by the end of the window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DeclineLabel {
    /// What falls.
    decline: Decline,
    #[schemars(flatten)]
    window: LabelWindow,
}

/// Whether an account that has been active falls silent: 1 if no row follows in the window.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct InactiveLabel {
    /// What activity is.
    inactive: Inactive,
    #[schemars(flatten)]
    window: LabelWindow,
}

/// What every label says.
#[derive(JsonSchema)]
struct LabelWindow {
    /// Time between the snapshot and the window (default "0d").
    lead_time: Option<Span>,
    /// Length of the window (default "90d").
    horizon: Option<Length>,
    /// Bad or good news (default: as the outcome; else bad).
    polarity: Option<Polarity>,
}

/// What activity is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Inactive {
    /// Name of the source whose rows are activity.
    source: String,
    /// How recent the last row of an account at risk is.
    within: Span,
    /// Rows that count.
    r#where: Option<Expression>,
}

/// A decision, such as a renewal; while its kind is null it is open.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Decision {
    /// Name of an outcome with a `kind`.
    outcome: String,
    /// Kinds for label 1.
    #[schemars(length(min = 1))]
    lost: Vec<String>,
    /// Kinds for label 0.
    #[schemars(length(min = 1))]
    kept: Vec<String>,
}

/// What falls.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Decline {
    /// Name of an indicator; an account is at risk where it is above 0.
    indicator: String,
    /// Share of the value now under which the later one is a decline.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    below: f64,
}

/// Bad or good news.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Polarity {
    /// Bad news, such as churn.
    Adverse,
    /// Good news, such as a renewal.
    Favourable,
}

/// A length of time: a whole number and a unit (m h d w mo q y), such as "30d" or "3mo".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Span(#[schemars(regex(pattern = r"^0*([0-9]{1,5}|100000)(m|h|d|w|mo|q|y)$"))] String);

/// A length of time that is not 0, such as "30d" or "3mo".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Length(#[schemars(regex(pattern = r"^0*([1-9][0-9]{0,4}|100000)(m|h|d|w|mo|q|y)$"))] String);

/// A day such as 2024-01-31.
#[derive(JsonSchema)]
#[schemars(
    inline,
    extend("format" = "date", "pattern" = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
)]
struct Day(String);

/// An expression over columns, such as "priority = 'P1'" or "quantity * price".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Expression(#[schemars(length(min = 1))] String);
