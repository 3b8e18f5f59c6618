//! The section `[labels]`.

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Table, Value};

use super::convert::{Declared, expression, pass_over, reference, span};
use super::tables::polarity;
use super::{DecisionWords, KindFilter, LabelPlan, Outcome, OutcomeOrigin, Project, Question};
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
    let question = match table.require_one(&["outcome", "decision", "inactive", "decline"]) {
        Some(("outcome", outcome)) => outcome_question(table, outcome, declared)?,
        Some(("decision", value)) => decision(value, declared)?,
        Some(("inactive", value)) => inactive(value, declared)?,
        Some((_, value)) => decline(value, declared)?,
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
    let (outcome, competing) = (outcome?, competing?);
    if competing.contains(&outcome) {
        let message = "`competing` holds the outcome that the label asks for";
        table.mistake(message, Some("name other outcomes, which rule it out".to_owned()));
    }
    Some(Question::Outcome { outcome, competing })
}

fn decision(value: Value<'_>, declared: &Declared) -> Option<Question> {
    let table = value.as_table()?;
    let outcome = table
        .require("outcome")
        .and_then(|outcome| reference(outcome, "outcome", &declared.outcomes));
    let [lost, kept] = ["lost", "kept"].map(|key| {
        let list = table.require(key)?;
        let words = list.as_texts()?;
        if words.is_empty() {
            let help = format!("write the words of the kinds, such as `{key} = [\"{key}\"]`");
            list.mistake(format!("`{key}` is empty"), Some(help));
        }
        Some(words)
    });
    let (lost, kept) = (lost?, kept?);
    for word in kept.iter().filter(|word| lost.iter().any(|other| other.value == word.value)) {
        let message = format!("`{}` is in `lost` and in `kept`", word.value);
        table.mistake_at(word.span.clone(), message, Some("a decision is one of the two".into()));
    }
    let [lost, kept] = [lost, kept].map(|words| words.into_iter().map(|word| word.value).collect());
    Some(Question::Decision { outcome: outcome?, words: DecisionWords { lost, kept } })
}

fn decline(value: Value<'_>, declared: &Declared) -> Option<Question> {
    let table = value.as_table()?;
    let indicator = table
        .require("indicator")
        .and_then(|indicator| reference(indicator, "indicator", &declared.indicators));
    let below = table.require("below").and_then(|below| {
        let share = below.as_number()?.value;
        if !(share > 0.0 && share <= 1.0) {
            let message = format!("`below` is {share}; expected a share above 0, at most 1");
            below.mistake(message, Some("half of the value now is 0.5".into()));
        }
        Some(share)
    });
    Some(Question::Decline { indicator: indicator?, below: below? })
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

/// A decision needs an outcome with kinds, and kinds that the outcome keeps.
pub(super) fn check_decisions(root: &Table<'_>, project: &Project) {
    for label in &project.labels {
        let Question::Decision { outcome, words } = &label.question else { continue };
        let Some(outcome) = project.outcomes.get(*outcome) else { continue };
        let (name, place) = (&outcome.name.value, label.name.span.clone());
        let OutcomeOrigin::Table { kind: Some(KindFilter { keep, .. }), .. } = &outcome.origin
        else {
            let message = format!("`{name}` has no kinds, so nothing tells lost from kept");
            let help = "give the outcome a `path` and `kind = { column = \"...\" }`".to_owned();
            root.mistake_at(place, message, Some(help));
            continue;
        };
        let Some(keep) = keep else { continue };
        for word in words.lost.iter().chain(&words.kept).filter(|word| !keep.contains(word)) {
            let message = format!("`{name}` does not keep `{word}`, so no decision is ever that");
            let help = format!("add `{word}` to `keep`, or leave `keep` out");
            root.mistake_at(place.clone(), message, Some(help));
        }
    }
    for (index, outcome) in project.outcomes.iter().enumerate() {
        if let OutcomeOrigin::Table { kind: Some(KindFilter { column, keep: None }), .. } =
            &outcome.origin
            && project.decisions(index).next().is_none()
        {
            let message =
                "`kind` lacks the key `keep`, and no decision names the outcome".to_owned();
            let help = "add `keep = [...]`, the words that count".to_owned();
            root.mistake_at(column.span.clone(), message, Some(help));
        }
    }
}

/// What declines has to be read from rows.
pub(super) fn check_declines(root: &Table<'_>, project: &Project) {
    for label in &project.labels {
        let Question::Decline { indicator, .. } = &label.question else { continue };
        if project.sources_behind(*indicator).is_empty() {
            let name = project.indicators.get(*indicator).map_or("", |known| &known.name.value);
            let message = format!("`{name}` is not computed from a source, so it cannot decline");
            let help = "name an indicator over the rows of a source".to_owned();
            root.mistake_at(label.name.span.clone(), message, Some(help));
        }
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
