//! The section `[labels]`.

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Table, Value};

use super::convert::{Declared, expression, pass_over, reference, span};
use super::tables::polarity;
use super::{LabelPlan, Outcome, Question};
use crate::expression::Kind;

/// Length of the label window unless the file says otherwise.
const DEFAULT_HORIZON: Span = Span::days(90);

pub(super) fn labels(
    root: &Table<'_>,
    declared: &Declared,
    outcomes: Option<&[Outcome]>,
) -> Option<Vec<LabelPlan>> {
    let converted: Vec<Option<LabelPlan>> = root
        .named_tables("labels")
        .into_iter()
        .map(|(name, table)| label(name, &table, declared, outcomes))
        .collect();
    converted.into_iter().collect()
}

fn label(
    name: Located<String>,
    table: &Table<'_>,
    declared: &Declared,
    outcomes: Option<&[Outcome]>,
) -> Option<LabelPlan> {
    let lead_time = span_or(table, "lead_time", Span::days(0));
    let horizon = span_or(table, "horizon", DEFAULT_HORIZON);
    if horizon.is_some_and(Span::is_zero) {
        table.mistake(
            "a label window of no length holds no outcome",
            Some("write `horizon = \"90d\"`".into()),
        );
    }
    let stated = polarity(table, "");
    let question = match table.require_one(&["outcome", "inactive"]) {
        Some(("outcome", outcome)) => outcome_question(table, outcome, declared)?,
        Some((_, value)) => inactive(value, declared)?,
        None => {
            pass_over(table, &["competing"]);
            return None;
        }
    };
    let polarity = match (&question, outcomes) {
        (Question::Outcome { outcome, .. }, Some(outcomes)) if !table.has("polarity") => {
            outcomes.get(*outcome)?.polarity
        }
        _ => stated?,
    };
    Some(LabelPlan { name, question, lead_time: lead_time?, horizon: horizon?, polarity })
}

fn outcome_question(table: &Table<'_>, value: Value<'_>, declared: &Declared) -> Option<Question> {
    let outcome = reference(value, "outcome", &declared.outcomes);
    let competing = match table.get("competing") {
        Some(list) => list.each(|value| reference(*value, "outcome", &declared.outcomes)),
        None => Some(Vec::new()),
    };
    Some(Question::Outcome { outcome: outcome?, competing: competing? })
}

fn inactive(value: Value<'_>, declared: &Declared) -> Option<Question> {
    let table = value.as_table()?;
    let source =
        table.require("source").and_then(|source| reference(source, "source", &declared.sources));
    let within = table.require("within").and_then(span);
    let filter = table.get("where").and_then(|filter| expression(filter, Kind::Truth));
    Some(Question::Inactive { source: source?, within: within?, filter })
}

fn span_or(table: &Table<'_>, key: &str, default: Span) -> Option<Span> {
    match table.get(key) {
        Some(value) => span(value),
        None => Some(default),
    }
}

/// The label of a file that names none: churn within 90 days.
pub(super) fn default_label(root: &Table<'_>, outcomes: &[Outcome]) -> Option<LabelPlan> {
    let Some(outcome) = outcomes.iter().position(|outcome| outcome.name.value == "churn") else {
        let help = "add `churned = \"COLUMN\"` to accounts, an `[outcomes.churn]`, or a label of another kind";
        root.mistake(
            "the file has no label and no outcome `churn` to make one from",
            Some(help.into()),
        );
        return None;
    };
    Some(LabelPlan {
        name: Located { value: "churn".to_owned(), span: 0..0 },
        question: Question::Outcome { outcome, competing: Vec::new() },
        lead_time: Span::days(0),
        horizon: DEFAULT_HORIZON,
        polarity: Polarity::Adverse,
    })
}
