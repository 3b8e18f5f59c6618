//! The section `[indicators]`.

use chs_panel::Span;
use chs_toml::{Located, Table, Value};

use super::convert::{Declared, expression, optional_span, pass_over, reference, span};
use super::tables::{check_as_it_was, words};
use super::{
    Accounts, AccountsOrigin, Empty, Indicator, Measure, ParsedExpression, Reading, RowsVerb,
    Source, Statistic, TrendMethod, Verb, Window,
};
use crate::expression::Kind;

/// What stands beside one verb or another.
const KEYS_OF_VERBS: [&str; 13] = [
    "source",
    "where",
    "connected_for",
    "over",
    "shift",
    "empty",
    "at",
    "max_age",
    "as",
    "map",
    "column",
    "buckets",
    "method",
];

/// Exactly one of these makes an indicator.
const VERBS: [&str; 15] = [
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "std",
    "distinct",
    "latest",
    "recency",
    "trend",
    "open",
    "until",
    "formula",
    "tenure",
    "attribute",
];

/// Most buckets of a trend: one for each day of a year.
const MAX_BUCKETS: i64 = 366;

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
        "attribute" => {
            let (column, reading) = (verb.as_text(), reading(&table));
            Verb::Attribute { column: column?, reading: reading? }
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
    let measure = measure(table, key, verb);
    Some(RowsVerb { source: source?, measure: measure?, filter, connected_for })
}

fn measure(table: &Table<'_>, key: &str, verb: Value<'_>) -> Option<Measure> {
    let of_values = |statistic, empty| {
        let (value, window) = valued(table, verb, empty)?;
        Some(Measure::Statistic { statistic, value, window })
    };
    match key {
        "count" => window(table, Some(verb), Empty::Zero).map(|window| Measure::Count { window }),
        "sum" => of_values(Statistic::Sum, Empty::Zero),
        "mean" => of_values(Statistic::Mean, Empty::Null),
        "min" => of_values(Statistic::Min, Empty::Null),
        "max" => of_values(Statistic::Max, Empty::Null),
        "std" => of_values(Statistic::Std, Empty::Null),
        "trend" => trend(table, verb),
        "distinct" => {
            let column = verb.as_text();
            let window = window(table, table.require("over"), Empty::Zero);
            column.zip(window).map(|(column, window)| Measure::Distinct { column, window })
        }
        "latest" => {
            let (column, at, max_age) =
                (verb.as_text(), table.text("at"), optional_span(table, "max_age"));
            let reading = reading(table);
            Some(Measure::Latest { column: column?, reading: reading?, at, max_age })
        }
        "open" => open(table, verb),
        "until" => verb.as_text().map(|column| Measure::Until { column }),
        _ => days(verb).map(|()| Measure::Recency),
    }
}

fn valued(table: &Table<'_>, verb: Value<'_>, empty: Empty) -> Option<(ParsedExpression, Window)> {
    let value = expression(verb, Kind::Number);
    value.zip(window(table, table.require("over"), empty))
}

fn trend(table: &Table<'_>, verb: Value<'_>) -> Option<Measure> {
    let valued = valued(table, verb, Empty::Null);
    let number = table.require("buckets").and_then(|buckets| {
        let number = buckets.as_integer()?.value;
        if (2..=MAX_BUCKETS).contains(&number) {
            return u32::try_from(number).ok();
        }
        let message = format!("`buckets` is {number}; expected 2 to {MAX_BUCKETS}");
        buckets.mistake(message, None);
        None
    });
    let method = match table.get("method") {
        Some(value) => value
            .as_word(&[("ols", TrendMethod::Ols), ("change", TrendMethod::Change)])
            .map(|word| word.value),
        None => Some(TrendMethod::Ols),
    };
    let ((value, window), buckets, method) = (valued?, number?, method?);
    if window.length.part(1, buckets).is_none() {
        let message = format!(
            "`over = \"{}\"` does not divide into {buckets} buckets of whole months or minutes",
            window.length
        );
        let help = "for example `over = \"56d\"` with `buckets = 8`, which are weeks";
        table.mistake(message, Some(help.to_owned()));
        return None;
    }
    Some(Measure::Trend { value, window, buckets, method })
}

/// `open = "count"`, or `open = "sum"` with the column that is added.
fn open(table: &Table<'_>, verb: Value<'_>) -> Option<Measure> {
    let adds = verb.as_word(&[("count", false), ("sum", true)]);
    let empty = empty(table, Empty::Zero);
    let amount = match adds.map(|word| word.value) {
        Some(true) => table.require_text("column").map(Some),
        Some(false) => {
            if let Some(column) = table.get("column") {
                let help = "write `open = \"sum\"` to add the column, or leave it out";
                column.mistake("`open = \"count\"` reads no column", Some(help.to_owned()));
            }
            Some(None)
        }
        None => {
            pass_over(table, &["column"]);
            None
        }
    };
    Some(Measure::Open { amount: amount?, empty: empty? })
}

/// What the cells of a column are taken for.
fn reading(table: &Table<'_>) -> Option<Reading> {
    let declared = table.get("as");
    let map = table.get("map");
    match (declared, map) {
        (Some(_), Some(map)) => {
            let message = "`as` and `map` stand together; a map makes numbers of words";
            map.mistake(message, Some("keep one of the two".to_owned()));
            None
        }
        (None, Some(map)) => words(&map.as_table()?).map(Reading::Mapped),
        (Some(value), None) => {
            let is_words = value.as_word(&[("numbers", false), ("words", true)])?.value;
            Some(if is_words { Reading::Words } else { Reading::Numbers })
        }
        (None, None) => Some(Reading::Numbers),
    }
}

/// The window of a verb, which gives its length.
fn window(table: &Table<'_>, length: Option<Value<'_>>, empty_default: Empty) -> Option<Window> {
    let length = length.and_then(span);
    let shift = optional_span(table, "shift");
    let empty = empty(table, empty_default);
    let length = length?;
    if length.is_zero() {
        table.mistake(
            "a window of no length holds no row",
            Some("write a length such as \"30d\"".into()),
        );
    }
    Some(Window { length, shift: shift.unwrap_or(Span::days(0)), empty: empty? })
}

/// What a window without a row gives.
fn empty(table: &Table<'_>, default: Empty) -> Option<Empty> {
    match table.get("empty") {
        Some(value) => {
            value.as_word(&[("zero", Empty::Zero), ("null", Empty::Null)]).map(|word| word.value)
        }
        None => Some(default),
    }
}

/// `recency` and `tenure` are in whole civil days.
fn days(value: Value<'_>) -> Option<()> {
    value.as_word(&[("days", ())]).map(|word| word.value)
}

/// Indicators ask of accounts and sources only what these have.
pub(super) fn check_columns_of_indicators(
    root: &Table<'_>,
    indicators: &[Indicator],
    (accounts, sources): (&Accounts, &[Source]),
) {
    for indicator in indicators {
        match &indicator.verb {
            Verb::Attribute { column, .. } => {
                if let AccountsOrigin::Source(_) = accounts.origin {
                    let message = format!(
                        "`{}` has no table to come from: accounts are taken `from` a source",
                        column.value
                    );
                    let help = "give accounts a `path`, or use `latest` over the source";
                    root.mistake_at(column.span.clone(), message, Some(help.to_owned()));
                }
                check_as_it_was(root, accounts, column);
            }
            Verb::Rows(RowsVerb { source, measure: Measure::Open { .. }, .. }) => {
                let source = &sources[*source];
                if source.ended.is_none() {
                    let message =
                        format!("`open` needs to know when rows of `{}` ended", source.name.value);
                    let help =
                        format!("name the column with `ended` in [sources.{}]", source.name.value);
                    root.mistake_at(indicator.name.span.clone(), message, Some(help));
                }
            }
            _ => {}
        }
    }
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
