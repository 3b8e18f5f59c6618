//! `chs.toml` as text -> [`Project`].

use chs_panel::Span;
use chs_toml::{Located, Mistakes, Table, Value};

use super::backtest::backtest_plan;
use super::findings::ignored_findings;
use super::indicators::{check_columns_of_indicators, indicators};
use super::labels::{check_decisions, check_declines, default_label, labels};
use super::panel::panel_project;
use super::segments::segments;
use super::snapshots::snapshots;
use super::tables::{accounts, check_changes, check_columns, outcomes, recorded_scores, sources};
use super::{Name, ParsedExpression, Project, ProjectFile};
use crate::expression::{Expression, Kind};

/// Version of `chs.toml` that is read here.
const SPEC_VERSION: i64 = 1;

/// Read a project file.
///
/// # Errors
///
/// [`Mistakes`]: all of the file at once, each with its place and, where one is near, the known word.
pub fn read_project(file: &str, text: &str) -> Result<ProjectFile, Mistakes> {
    chs_toml::read(file, text, |root| convert(root, file, text))
}

/// Names that sections refer to, declared or not yet converted.
pub(super) struct Declared {
    pub(super) sources: Vec<String>,
    pub(super) outcomes: Vec<String>,
    pub(super) indicators: Vec<String>,
}

/// What every project file says.
pub(super) struct Head {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) name: String,
    pub(super) time_zone: String,
}

fn convert(root: &Table<'_>, file: &str, text: &str) -> Option<ProjectFile> {
    spec_version(root);
    let head = head(root, file, text);
    match root.get("panel") {
        Some(panel) => panel_project(root, panel, head).map(ProjectFile::Panel),
        None => history(root, head).map(ProjectFile::History),
    }
}

fn head(root: &Table<'_>, file: &str, text: &str) -> Head {
    let table = root.table("project");
    let name = table.as_ref().and_then(|table| table.text("name"));
    let time_zone = table.as_ref().and_then(|table| table.text("timezone"));
    if let (Some(zone), Some(table)) = (&time_zone, &table) {
        check_time_zone(table, zone);
    }
    Head {
        file: file.to_owned(),
        text: text.to_owned(),
        name: name.map_or_else(String::new, |name| name.value),
        time_zone: time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.value),
    }
}

fn history(root: &Table<'_>, head: Head) -> Option<Project> {
    let mut declared = Declared {
        sources: names_below(root, "sources"),
        outcomes: names_below(root, "outcomes"),
        indicators: names_below(root, "indicators"),
    };
    let accounts_table = root.require_table("accounts");
    let churned = accounts_table.as_ref().and_then(|table| table.get("churned"));
    if churned.is_some() {
        declared.outcomes.insert(0, "churn".to_owned());
    }
    let accounts = accounts_table.as_ref().and_then(|table| accounts(table, &declared));
    let sources = sources(root, &declared);
    let indicators = indicators(root, &declared);
    let segments = segments(root, &declared.indicators);
    let snapshots = snapshots(root, &declared);
    let outcomes = outcomes(root, &declared, churned);
    let labels = labels(root, &declared, outcomes.as_deref());
    let recorded_scores = recorded_scores(root);
    let (accounts, outcomes, mut labels) = (accounts?, outcomes?, labels?);
    check_columns(root, &accounts, &outcomes);
    if labels.is_empty() {
        labels.push(default_label(root, &outcomes)?);
    }
    let (indicators, sources) = (indicators?, sources?);
    let (segments, recorded_scores) = (segments?, recorded_scores?);
    check_columns_of_indicators(root, &indicators, (&accounts, &sources));
    let labelled = labels.iter().flat_map(|label| columns_of_label(&label.name));
    let recorded = recorded_scores.iter().map(|score| {
        let name = score.name.clone().map(|name| format!("recorded_{name}"));
        (name, false)
    });
    let columns = accounts.segments.iter().chain(segments.iter().map(|segment| &segment.name));
    let columns = columns.map(|name| (name.clone(), true));
    let columns = columns.chain(indicators.iter().map(|indicator| (indicator.name.clone(), false)));
    check_column_names(root, columns.chain(labelled).chain(recorded));
    let project = Project {
        file: head.file,
        text: head.text,
        name: head.name,
        time_zone: head.time_zone,
        accounts,
        sources,
        indicators,
        segments,
        snapshots: snapshots?,
        outcomes,
        labels,
        recorded_scores,
        backtest: backtest_plan(root, &declared.indicators),
        ignored: ignored_findings(root),
    };
    check_changes(root, &project.outcomes, &project.sources);
    check_decisions(root, &project);
    check_declines(root, &project);
    Some(project)
}

/// Columns of the panel that are not the user's to name.
const PANEL_COLUMNS: [&str; 3] = ["account_id", "snapshot", "value"];

/// Columns of the predictions, where segments and labels stand too, that are not the user's to name.
const PREDICTION_COLUMNS: [&str; 6] =
    ["scorecard", "score", "coverage", "band", "probability", "fold"];

/// The columns of a label, and whether each is a column of the predictions, too.
pub(super) fn columns_of_label(label: &Name) -> [(Name, bool); 5] {
    [("", true), ("_state", true), ("_date", false), ("_known", false), ("_next", false)].map(
        |(part, in_predictions)| {
            (label.clone().map(|name| format!("{name}{part}")), in_predictions)
        },
    )
}

/// Everything that becomes a column of a result needs a name of its own; beside each name stands
/// whether it is a column of the predictions, too.
pub(super) fn check_column_names(root: &Table<'_>, columns: impl Iterator<Item = (Name, bool)>) {
    let mut taken: Vec<String> = Vec::new();
    for (column, in_predictions) in columns {
        let word = column.value.as_str();
        let message = if PANEL_COLUMNS.contains(&word)
            || (in_predictions && PREDICTION_COLUMNS.contains(&word))
        {
            format!("`{word}` is a column that every result has")
        } else if taken.iter().any(|known| known == word) {
            format!("two columns of the panel would be called `{word}`")
        } else {
            taken.push(column.value);
            continue;
        };
        let help = "segments, indicators, labels and recorded scores need names of their own";
        root.mistake_at(column.span.clone(), message, Some(help.to_owned()));
    }
}

fn spec_version(root: &Table<'_>) {
    let Some(version) = root.require("spec_version") else { return };
    match version.as_integer() {
        Some(found) if found.value != SPEC_VERSION => version.mistake(
            format!("`spec_version` is {}; this program reads {SPEC_VERSION}", found.value),
            Some(format!("write `spec_version = {SPEC_VERSION}`, or use a newer chs")),
        ),
        _ => {}
    }
}

/// Names of the tables below a key, without judging the tables.
fn names_below(root: &Table<'_>, key: &str) -> Vec<String> {
    let table = root.get(key).filter(Value::is_table).and_then(|value| value.as_table());
    table.map_or_else(Vec::new, |table| {
        table.entries().into_iter().map(|(name, _)| name.value).collect()
    })
}

/// Leave keys unjudged that go with a choice which was not made.
pub(super) fn pass_over(table: &Table<'_>, keys: &[&str]) {
    for key in keys {
        table.get(key);
    }
}

/// A length of time.
pub(super) fn span(value: Value<'_>) -> Option<Span> {
    match value.as_text()?.value.parse() {
        Ok(span) => Some(span),
        Err(error) => {
            value.mistake(chs_panel::SpanError::to_string(&error), None);
            None
        }
    }
}

/// A length of time, if the key is there; one that cannot be read has been reported.
pub(super) fn optional_span(table: &Table<'_>, key: &str) -> Option<Span> {
    span(table.get(key)?)
}

/// An expression that has to be of a kind.
pub(super) fn expression(value: Value<'_>, kind: Kind) -> Option<ParsedExpression> {
    let text = value.as_text()?;
    match Expression::parse(&text.value) {
        Ok(expression) if expression.kind() == kind || expression.kind() == Kind::Any => {
            Some(ParsedExpression { expression, span: text.span })
        }
        Ok(expression) => {
            let message = format!("`{}` is {}; expected {}", text.value, expression.kind(), kind);
            value.mistake(message, None);
            None
        }
        Err(error) => {
            // The text starts after the opening quote; escapes shift it by a few bytes at most.
            let start = (text.span.start + 1 + error.position).min(text.span.end.saturating_sub(1));
            let place = start..(start + 1).min(text.span.end);
            value.mistake_at(place, error.message, error.help);
            None
        }
    }
}

/// Index of a name among the declared ones; a mistake with the nearest one otherwise.
pub(super) fn reference(value: Value<'_>, what: &str, declared: &[String]) -> Option<usize> {
    let name = value.as_text()?;
    let found = declared.iter().position(|known| *known == name.value);
    if found.is_none() {
        unknown_name(value, what, &name, declared);
    }
    found
}

fn unknown_name(value: Value<'_>, what: &str, name: &Located<String>, declared: &[String]) {
    let help = match chs_toml::nearest(&name.value, declared.iter().map(String::as_str)) {
        Some(known) => format!("did you mean `{known}`?"),
        None if declared.is_empty() => format!("declare one as `[{what}s.{}]`", name.value),
        None => format!("declared: {}", declared.join(", ")),
    };
    value.mistake(format!("no {what} is named `{}`", name.value), Some(help));
}

/// A time zone has to be an IANA name.
pub(super) fn check_time_zone(table: &Table<'_>, zone: &Located<String>) {
    if jiff::tz::TimeZone::get(&zone.value).is_err() {
        let message = format!("`{}` is no time zone known here", zone.value);
        table.mistake_at(
            zone.span.clone(),
            message,
            Some("use an IANA name such as \"Europe/Berlin\"".into()),
        );
    }
}
