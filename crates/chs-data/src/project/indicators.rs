//! The section `[indicators]`.

use chs_panel::Span;
use chs_toml::{Located, Table, Value};

use super::convert::{Declared, expression, optional_span, pass_over, reference, span};
use super::{Empty, Indicator, Measure, ParsedExpression, RowsVerb, Verb, Window};
use crate::expression::Kind;

/// What stands beside one verb or another.
const KEYS_OF_VERBS: [&str; 8] =
    ["source", "where", "connected_for", "over", "shift", "empty", "at", "max_age"];

/// Exactly one of these makes an indicator.
const VERBS: [&str; 8] =
    ["count", "sum", "mean", "distinct", "latest", "recency", "formula", "tenure"];

pub(super) fn indicators(root: &Table<'_>, declared: &Declared) -> Option<Vec<Indicator>> {
    let table = root.require_table("indicators")?;
    let entries = table.entries();
    if entries.is_empty() {
        table.mistake(
            "`indicators` is empty; there is nothing to score",
            Some("add `logins_30d = { source = \"logins\", count = \"30d\" }`".into()),
        );
    }
    let names: Vec<String> = entries.iter().map(|(name, _)| name.value.clone()).collect();
    let converted: Vec<Option<Indicator>> =
        entries.into_iter().map(|(name, value)| indicator(name, value, declared)).collect();
    let indicators: Vec<Indicator> = converted.into_iter().collect::<Option<_>>()?;
    check_formulas(&table, &indicators, &names)?;
    Some(indicators)
}

fn indicator(name: Located<String>, value: Value<'_>, declared: &Declared) -> Option<Indicator> {
    let table = value.as_table()?;
    let Some((key, verb)) = table.require_one(&VERBS) else {
        pass_over(&table, &KEYS_OF_VERBS);
        return None;
    };
    let verb = match key {
        "formula" => Verb::Formula(expression(verb, Kind::Number)?),
        "tenure" => {
            days(verb)?;
            Verb::Tenure
        }
        _ => Verb::Rows(rows_verb(&table, key, verb, declared)?),
    };
    Some(Indicator { name, verb })
}

fn rows_verb(
    table: &Table<'_>,
    key: &str,
    verb: Value<'_>,
    declared: &Declared,
) -> Option<RowsVerb> {
    let source =
        table.require("source").and_then(|source| reference(source, "source", &declared.sources));
    let filter = table.get("where").and_then(|filter| expression(filter, Kind::Truth));
    let connected_for = optional_span(table, "connected_for");
    let measure = match key {
        "count" => window(table, Some(verb), Empty::Zero).map(|window| Measure::Count { window }),
        "sum" => {
            valued(table, verb, Empty::Zero).map(|(value, window)| Measure::Sum { value, window })
        }
        "mean" => {
            valued(table, verb, Empty::Null).map(|(value, window)| Measure::Mean { value, window })
        }
        "distinct" => {
            let column = verb.as_text();
            let window = window(table, table.require("over"), Empty::Zero);
            column.zip(window).map(|(column, window)| Measure::Distinct { column, window })
        }
        "latest" => {
            let (column, at, max_age) =
                (verb.as_text(), table.text("at"), optional_span(table, "max_age"));
            column.map(|column| Measure::Latest { column, at, max_age })
        }
        _ => days(verb).map(|()| Measure::Recency),
    };
    Some(RowsVerb { source: source?, measure: measure?, filter, connected_for })
}

fn valued(table: &Table<'_>, verb: Value<'_>, empty: Empty) -> Option<(ParsedExpression, Window)> {
    let value = expression(verb, Kind::Number);
    value.zip(window(table, table.require("over"), empty))
}

/// The window of a verb, which gives its length.
fn window(table: &Table<'_>, length: Option<Value<'_>>, empty: Empty) -> Option<Window> {
    let length = length.and_then(span);
    let shift = optional_span(table, "shift");
    let empty = match table.get("empty") {
        Some(value) => {
            value.as_word(&[("zero", Empty::Zero), ("null", Empty::Null)]).map(|word| word.value)
        }
        None => Some(empty),
    };
    let length = length?;
    if length.is_zero() {
        table.mistake(
            "a window of no length holds no row",
            Some("write a length such as \"30d\"".into()),
        );
    }
    Some(Window { length, shift: shift.unwrap_or(Span::days(0)), empty: empty? })
}

/// `recency` and `tenure` are in whole civil days.
fn days(value: Value<'_>) -> Option<()> {
    value.as_word(&[("days", ())]).map(|word| word.value)
}

/// Formulas name indicators that exist, and none reads itself.
fn check_formulas(table: &Table<'_>, indicators: &[Indicator], names: &[String]) -> Option<()> {
    let mut sound = true;
    for indicator in indicators {
        let Verb::Formula(formula) = &indicator.verb else { continue };
        for name in formula.expression.names().iter().filter(|name| !names.contains(name)) {
            let help = chs_toml::nearest(name, names.iter().map(String::as_str));
            let help = help.map_or_else(
                || format!("indicators: {}", names.join(", ")),
                |known| format!("did you mean `{known}`?"),
            );
            table.mistake_at(
                formula.place_of(name),
                format!("no indicator is named `{name}`"),
                Some(help),
            );
            sound = false;
        }
    }
    if sound && let Err(name) = formula_order(indicators) {
        table.mistake_at(
            name.span.clone(),
            format!("the formula of `{}` reads itself, directly or through others", name.value),
            None,
        );
        sound = false;
    }
    sound.then_some(())
}

/// Indices of the formulas in an order in which each reads only what stands before it; the name of one
/// in a circle otherwise.
pub(crate) fn formula_order(indicators: &[Indicator]) -> Result<Vec<usize>, Located<String>> {
    let reads = |index: usize| match &indicators[index].verb {
        Verb::Formula(formula) => formula.expression.names(),
        _ => &[],
    };
    let mut waiting: Vec<usize> = (0..indicators.len())
        .filter(|index| matches!(indicators[*index].verb, Verb::Formula(_)))
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let reads_a_waiting = |index: &usize| {
            waiting.iter().any(|other| reads(*index).contains(&indicators[*other].name.value))
        };
        let (blocked, free): (Vec<usize>, Vec<usize>) =
            waiting.iter().partition(|index| reads_a_waiting(index));
        if free.is_empty() {
            return Err(indicators[blocked[0]].name.clone());
        }
        order.extend(free);
        waiting = blocked;
    }
    Ok(order)
}
