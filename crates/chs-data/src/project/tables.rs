//! The sections that read files: accounts, sources, outcomes, recorded scores.

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Table, Value};

use super::convert::{
    Declared, check_time_zone, expression, optional_span, pass_over, reference, span,
};
use super::{
    AccountKey, Accounts, AccountsOrigin, Coverage, Direction, FileTable, KindFilter, LastDay,
    Name, Outcome, OutcomeOrigin, RecordedScore, Source, TableOrigin,
};
use crate::expression::Kind;
use crate::read::{Query, ReadOptions};
use crate::time::tells_a_day;

/// Keys that say where the rows of a table come from; one of them is given.
pub(super) const ORIGINS: [&str; 2] = ["path", "adbc"];

/// Share of rows that may be rejected unless the file says otherwise.
const DEFAULT_MAX_REJECTED: f64 = 0.01;

/// Outcomes that are good news unless the file says otherwise.
const FAVOURABLE: [&str; 5] = ["renewal", "expansion", "upsell", "referral", "reactivation"];

pub(super) fn accounts(table: &Table<'_>, declared: &Declared) -> Option<Accounts> {
    let (segments, immutable) = (table.texts("segments"), table.texts("immutable"));
    let (value, valid_from) = (table.text("value"), table.text("valid_from"));
    let Some((key, origin)) = table.require_one(&["path", "adbc", "from"]) else {
        pass_over(table, &["query", "id", "start", "read", "max_rejected"]);
        return None;
    };
    let origin = if key == "from" {
        for key in ["segments", "value", "valid_from", "immutable"] {
            if let Some(column) = table.get(key) {
                let message = format!(
                    "`{key}` has no table to come from: accounts are taken `from` a source"
                );
                let help = format!("give accounts a `path`, or leave `{key}` out");
                column.mistake(message, Some(help));
            }
        }
        reference(origin, "source", &declared.sources)?;
        AccountsOrigin::Source(origin.as_text()?)
    } else {
        let files = file_table(table, Some((key, origin)));
        let (id, start) = (table.require_text("id"), table.text("start"));
        AccountsOrigin::Table { table: files?, id: id?, start }
    };
    let accounts = Accounts { origin, segments, value, valid_from, immutable };
    if let Some(value) = &accounts.value {
        check_as_it_was(table, &accounts, value);
    }
    Some(accounts)
}

/// A column of accounts that is read at snapshots has to be known as it was then.
pub(super) fn check_as_it_was(table: &Table<'_>, accounts: &Accounts, column: &Name) {
    let has_table = matches!(accounts.origin, AccountsOrigin::Table { .. });
    if !has_table || accounts.is_known_as_it_was(&column.value) {
        return;
    }
    let message =
        format!("accounts says what `{}` is today, not what it was at a snapshot", column.value);
    let help = format!(
        "if it never changes, add it to `immutable = [\"{}\"]` of [accounts]; if the table has a row per change, name the column of its date with `valid_from`",
        column.value
    );
    table.mistake_at(column.span.clone(), message, Some(help));
}

/// Outcomes of a column, and flags, need accounts with a table.
pub(super) fn check_columns(root: &Table<'_>, accounts: &Accounts, outcomes: &[Outcome]) {
    if matches!(accounts.origin, AccountsOrigin::Table { .. }) {
        return;
    }
    for outcome in outcomes {
        let column = match &outcome.origin {
            OutcomeOrigin::AccountsColumn { column, .. } => Some(column),
            _ => None,
        };
        for column in column.into_iter().chain(&outcome.flag) {
            let message = format!(
                "`{}` has no table to come from: accounts are taken `from` a source",
                column.value
            );
            let help = "give accounts a `path`, or the outcome one of its own".to_owned();
            root.mistake_at(column.span.clone(), message, Some(help));
        }
    }
}

pub(super) fn sources(root: &Table<'_>, declared: &Declared) -> Option<Vec<Source>> {
    let tables = root.named_tables("sources").into_iter();
    let converted: Vec<Option<Source>> =
        tables.map(|(name, table)| source(name, &table, &declared.sources)).collect();
    converted.into_iter().collect()
}

fn source(name: Name, table: &Table<'_>, declared: &[String]) -> Option<Source> {
    let files = file_table(table, table.require_one(&ORIGINS));
    let key = table.require_one(&["id", "via"]).and_then(|(key, value)| match key {
        "id" => value.as_text().map(AccountKey::Column),
        _ => via(value, &name, declared),
    });
    let at = table.require_text("at");
    let coverage = match table.get("coverage") {
        Some(value) => value
            .as_word(&[("source", Coverage::Source), ("account", Coverage::Account)])
            .map(|word| word.value),
        None => Some(Coverage::Source),
    };
    let blind_spot = optional_span(table, "blind_spot");
    let ended = table.text("ended");
    let inclusive = table.flag("ended_inclusive");
    if let (Some(flag), None) = (&inclusive, &ended) {
        let help = "name the column of the end with `ended`, or leave `ended_inclusive` out";
        let message = "`ended_inclusive` speaks of a column that is not named";
        table.mistake_at(flag.span.clone(), message, Some(help.to_owned()));
    }
    let last_day =
        if inclusive.is_some_and(|flag| flag.value) { LastDay::Lasts } else { LastDay::Over };
    let time_zone = table.text("timezone");
    if let Some(zone) = &time_zone {
        check_time_zone(table, zone);
    }
    let (record_id, created, superseded) =
        (table.text("record_id"), table.text("created"), table.text("superseded"));
    Some(Source {
        name,
        table: files?,
        key: key?,
        record_id,
        at: at?,
        ended,
        last_day,
        created,
        superseded,
        blind_spot,
        coverage: coverage?,
        time_zone,
    })
}

fn via(value: Value<'_>, own: &Name, declared: &[String]) -> Option<AccountKey> {
    let table = value.as_table()?;
    let (source, on) = (table.require("source"), table.require_text("on"));
    let source = source?;
    reference(source, "source", declared)?;
    let name = source.as_text()?;
    if name.value == own.value {
        source.mistake(
            "a source cannot find its accounts through itself",
            Some("name another source, or give `id`".into()),
        );
        return None;
    }
    Some(AccountKey::Via { source: name, on: on? })
}

pub(super) fn outcomes(
    root: &Table<'_>,
    declared: &Declared,
    churned: Option<Value<'_>>,
) -> Option<Vec<Outcome>> {
    let mut converted: Vec<Option<Outcome>> = Vec::new();
    if let Some(column) = churned {
        converted.push(column.as_text().map(|column| Outcome {
            name: Located { value: "churn".to_owned(), span: column.span.clone() },
            origin: OutcomeOrigin::AccountsColumn { column, known: None },
            terminal: None,
            complete_until: None,
            flag: None,
            polarity: Polarity::Adverse,
        }));
    }
    for (name, table) in root.named_tables("outcomes") {
        if name.value == "churn" && !converted.is_empty() {
            let message = "the outcome `churn` stands twice: here and as `churned` of accounts";
            table.mistake(message, Some("keep one of the two".into()));
        }
        converted.push(outcome(name, &table, declared));
    }
    converted.into_iter().collect()
}

fn outcome(name: Name, table: &Table<'_>, declared: &Declared) -> Option<Outcome> {
    let complete_until = table.date("complete_until").map(|day| day.value);
    let terminal = table.flag("terminal").map(|flag| flag.value);
    let flag = table.text("flag");
    let polarity = polarity(table, &name.value);
    let origin = match table.require_one(&["path", "adbc", "column", "spans", "change"]) {
        Some(origin @ ("path" | "adbc", _)) => outcome_table(table, origin),
        Some(("column", column)) => {
            let (column, known) = (column.as_text(), table.text("known"));
            column.map(|column| OutcomeOrigin::AccountsColumn { column, known })
        }
        Some(("spans", value)) => spans(value, declared),
        Some((_, value)) => change(value, declared),
        None => {
            pass_over(table, &["query", "id", "at", "known", "kind", "read", "max_rejected"]);
            None
        }
    };
    let origin = origin?;
    Some(Outcome { name, origin, terminal, complete_until, flag, polarity: polarity? })
}

fn outcome_table(table: &Table<'_>, origin: (&str, Value<'_>)) -> Option<OutcomeOrigin> {
    let files = file_table(table, Some(origin));
    let (id, at, known) = (table.require_text("id"), table.require_text("at"), table.text("known"));
    let kind = match table.table("kind") {
        Some(kind) => {
            let column = kind.require_text("column");
            let keep = match kind.get("keep") {
                Some(keep) => Some(keep.as_texts()?.into_iter().map(|word| word.value).collect()),
                None => None,
            };
            Some(KindFilter { column: column?, keep })
        }
        None => None,
    };
    Some(OutcomeOrigin::Table { table: files?, id: id?, at: at?, known, kind })
}

fn spans(value: Value<'_>, declared: &Declared) -> Option<OutcomeOrigin> {
    let table = value.as_table()?;
    let source =
        table.require("source").and_then(|source| reference(source, "source", &declared.sources));
    let (start, end) = (table.require_text("start"), table.require_text("end"));
    let grace = match table.get("grace") {
        Some(grace) => span(grace),
        None => Some(Span::days(0)),
    };
    Some(OutcomeOrigin::Spans { source: source?, start: start?, end: end?, grace: grace? })
}

fn change(value: Value<'_>, declared: &Declared) -> Option<OutcomeOrigin> {
    let table = value.as_table()?;
    let source =
        table.require("source").and_then(|source| reference(source, "source", &declared.sources));
    let sum = table.require("sum").and_then(|sum| expression(sum, Kind::Number));
    let words = [("decrease", Direction::Decrease), ("increase", Direction::Increase)];
    let direction = table.require("direction").and_then(|word| word.as_word(&words));
    let direction = direction.map(|word| word.value);
    let at_least = table.require("at_least").and_then(|at_least| {
        let share = at_least.as_number()?.value;
        let is_too_much = share >= 1.0 && direction == Some(Direction::Decrease);
        if share <= 0.0 || is_too_much {
            let limits = if is_too_much { "above 0 and below 1" } else { "above 0" };
            let message = format!("`at_least` is {share}; expected a share {limits}");
            at_least.mistake(message, Some("a tenth of the level before is 0.1".into()));
        }
        Some(share)
    });
    Some(OutcomeOrigin::Change {
        source: source?,
        sum: sum?,
        direction: direction?,
        at_least: at_least?,
    })
}

/// A level needs rows that end.
pub(super) fn check_changes(root: &Table<'_>, outcomes: &[Outcome], sources: &[Source]) {
    for outcome in outcomes {
        if let OutcomeOrigin::Change { source, .. } = &outcome.origin
            && let Some(source) = sources.get(*source)
            && source.ended.is_none()
        {
            let message = format!(
                "`{}` has no `ended`, so nothing tells until when a row counts",
                source.name.value
            );
            let help = "name the column of the end as `ended` of the source".to_owned();
            root.mistake_at(outcome.name.span.clone(), message, Some(help));
        }
    }
}

/// Good or bad news: as written, else by the name of the outcome.
pub(super) fn polarity(table: &Table<'_>, outcome: &str) -> Option<Polarity> {
    match table.get("polarity") {
        Some(value) => {
            let words = [("adverse", Polarity::Adverse), ("favourable", Polarity::Favourable)];
            value.as_word(&words).map(|word| word.value)
        }
        None if FAVOURABLE.contains(&outcome) => Some(Polarity::Favourable),
        None => Some(Polarity::Adverse),
    }
}

pub(super) fn recorded_scores(root: &Table<'_>) -> Option<Vec<RecordedScore>> {
    let converted: Vec<Option<RecordedScore>> = root
        .named_tables("recorded_scores")
        .into_iter()
        .map(|(name, table)| recorded_score(name, &table))
        .collect();
    converted.into_iter().collect()
}

fn recorded_score(name: Name, table: &Table<'_>) -> Option<RecordedScore> {
    let files = file_table(table, table.require_one(&ORIGINS));
    let (id, at, score) =
        (table.require_text("id"), table.require_text("at"), table.require_text("score"));
    let max_age = optional_span(table, "max_age");
    let words = table.table("map").map_or_else(|| Some(Vec::new()), |map| scores(&map));
    Some(RecordedScore {
        name,
        table: files?,
        id: id?,
        at: at?,
        score: score?,
        words: words?,
        max_age,
    })
}

/// Numbers of words.
/// Words and the scores that they stand for.
fn scores(map: &Table<'_>) -> Option<Vec<(String, f64)>> {
    let entries = map.entries().into_iter();
    let score = |(word, value): (Located<String>, Value<'_>)| {
        let score = value.as_number()?.value;
        if !(0.0..=100.0).contains(&score) {
            let message = format!("`{}` is {score}; expected a score from 0 to 100", word.value);
            value.mistake(message, Some("100 is healthiest".to_owned()));
        }
        Some((word.value, score))
    };
    entries.map(score).collect()
}

pub(super) fn words(map: &Table<'_>) -> Option<Vec<(String, f64)>> {
    let entries = map.entries().into_iter();
    entries.map(|(word, value)| Some((word.value, value.as_number()?.value))).collect()
}

/// A table of rows, which come from where one of [`ORIGINS`] says.
pub(super) fn file_table(
    table: &Table<'_>,
    origin: Option<(&str, Value<'_>)>,
) -> Option<FileTable> {
    let origin = match origin {
        Some(("adbc", driver)) => query(table, driver),
        other => {
            let query = table.get("query");
            if let (Some(query), true) = (query, other.is_some()) {
                let message = "`query` stands beside `path`; files answer no questions";
                query.mistake(message, Some("give `adbc` in place of `path`".into()));
            }
            other.and_then(|(_, path)| path.as_text()).map(TableOrigin::Files)
        }
    };
    let read = table.table("read").map_or_else(ReadOptions::default, |read| read_options(&read));
    let max_rejected = table.number("max_rejected").map_or(DEFAULT_MAX_REJECTED, |share| {
        if !(0.0..=1.0).contains(&share.value) {
            let message =
                format!("`max_rejected` is {}; expected a share from 0 to 1", share.value);
            table.mistake_at(share.span, message, Some("1 % is 0.01".into()));
        }
        share.value
    });
    Some(FileTable { origin: origin?, read, max_rejected })
}

/// A question to a database. The way there is a secret, so that the file holds its name alone.
fn query(table: &Table<'_>, driver: Value<'_>) -> Option<TableOrigin> {
    let text = table.require_text("query");
    let database = driver.as_table()?;
    let (driver, uri_env) = (database.require_text("driver"), database.require_text("uri_env"));
    let entrypoint = database.text("entrypoint").map(|name| name.value);
    let query = Query { driver: driver?, entrypoint, uri_env: uri_env?, text: text?, uri: None };
    Some(TableOrigin::Query(Box::new(query)))
}

fn read_options(table: &Table<'_>) -> ReadOptions {
    let default = ReadOptions::default();
    let texts = |list: Vec<Located<String>>| list.into_iter().map(|text| text.value).collect();
    let date_formats = table.get("date_format").and_then(|format| {
        let formats = if format.is_list() { format.as_texts() } else { Some(vec![format.as_text()?]) };
        for untold in formats.iter().flatten().filter(|own| !tells_a_day(&own.value)) {
            let message = format!("`{}` does not tell year, month and day, so no date has it", untold.value);
            let help = "write a strptime pattern such as \"%d.%m.%Y\" or \"%Y-%m-%d %H:%M:%S\"; \"%s\" are seconds since 1970";
            table.mistake_at(untold.span.clone(), message, Some(help.to_owned()));
        }
        formats
    });
    ReadOptions {
        delimiter: table.get("delimiter").and_then(one_character),
        decimal: table.get("decimal").and_then(one_character).unwrap_or(default.decimal),
        date_formats: date_formats.map_or(default.date_formats, texts),
        encoding: table.get("encoding").and_then(encoding).unwrap_or(default.encoding),
        null: table.get("null").and_then(|null| null.as_texts()).map(texts),
        sheet: table.text("sheet").map(|name| name.value),
    }
}

fn encoding(value: Value<'_>) -> Option<&'static encoding_rs::Encoding> {
    let label = value.as_text()?.value;
    let found = encoding_rs::Encoding::for_label(label.as_bytes());
    if found.is_none() {
        let help = "for example \"utf-8\", \"windows-1252\" or \"utf-16le\"".to_owned();
        value.mistake(format!("`{label}` is no encoding known here"), Some(help));
    }
    found
}

fn one_character(value: Value<'_>) -> Option<char> {
    let text = value.as_text()?.value;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if character.is_ascii() => Some(character),
        _ => {
            value.mistake(format!("`{text}` is not one ASCII character"), None);
            None
        }
    }
}
