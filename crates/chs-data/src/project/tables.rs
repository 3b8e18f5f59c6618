//! The sections that read files: accounts, sources, outcomes, recorded scores.

use chs_panel::{Polarity, Span};
use chs_toml::{Located, Table, Value};

use super::convert::{Declared, check_time_zone, optional_span, reference, span};
use super::{
    AccountKey, Accounts, AccountsOrigin, Coverage, FileTable, KindFilter, Name, Outcome,
    OutcomeOrigin, RecordedScore, Source,
};
use crate::read::ReadOptions;

/// Share of rows that may be rejected unless the file says otherwise.
const DEFAULT_MAX_REJECTED: f64 = 0.01;

/// Outcomes that are good news unless the file says otherwise.
const FAVOURABLE: [&str; 5] = ["renewal", "expansion", "upsell", "referral", "reactivation"];

pub(super) fn accounts(table: &Table<'_>, declared: &Declared) -> Option<Accounts> {
    let segments = table.texts("segments");
    let value = table.text("value");
    let (key, origin) = table.require_one(&["path", "from"])?;
    let origin = if key == "from" {
        for (column, place) in segments.iter().chain(&value).map(|name| (&name.value, &name.span)) {
            let message =
                format!("`{column}` has no table to come from: accounts are taken `from` a source");
            table.mistake_at(
                place.clone(),
                message,
                Some("give accounts a `path`, or leave segments and value out".into()),
            );
        }
        reference(origin, "source", &declared.sources)?;
        AccountsOrigin::Source(origin.as_text()?)
    } else {
        let files = file_table(table, origin);
        let (id, start) = (table.require_text("id"), table.text("start"));
        AccountsOrigin::Table { table: files?, id: id?, start }
    };
    Some(Accounts { origin, segments, value })
}

pub(super) fn sources(root: &Table<'_>) -> Option<Vec<Source>> {
    let tables = root.named_tables("sources");
    let declared: Vec<String> = tables.iter().map(|(name, _)| name.value.clone()).collect();
    let converted: Vec<Option<Source>> =
        tables.into_iter().map(|(name, table)| source(name, &table, &declared)).collect();
    converted.into_iter().collect()
}

fn source(name: Name, table: &Table<'_>, declared: &[String]) -> Option<Source> {
    let files = table.require("path").and_then(|path| file_table(table, path));
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
    churned: Option<Name>,
) -> Option<Vec<Outcome>> {
    let mut converted: Vec<Option<Outcome>> = Vec::new();
    if let Some(column) = churned {
        let name = Located { value: "churn".to_owned(), span: column.span.clone() };
        converted.push(Some(Outcome {
            name,
            origin: OutcomeOrigin::AccountsColumn { column, known: None },
            terminal: None,
            complete_until: None,
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
    let polarity = polarity(table, &name.value);
    let origin =
        table.require_one(&["path", "column", "spans"]).and_then(|(key, value)| match key {
            "path" => outcome_table(table, value),
            "column" => Some(OutcomeOrigin::AccountsColumn {
                column: value.as_text()?,
                known: table.text("known"),
            }),
            _ => spans(value, declared),
        });
    let origin = origin?;
    Some(Outcome { name, origin, terminal, complete_until, polarity: polarity? })
}

fn outcome_table(table: &Table<'_>, path: Value<'_>) -> Option<OutcomeOrigin> {
    let files = file_table(table, path);
    let (id, at, known) = (table.require_text("id"), table.require_text("at"), table.text("known"));
    let kind = match table.table("kind") {
        Some(kind) => {
            let (column, keep) = (
                kind.require_text("column"),
                kind.require("keep").and_then(|keep| keep.as_texts()),
            );
            Some(KindFilter {
                column: column?,
                keep: keep?.into_iter().map(|word| word.value).collect(),
            })
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
    let files = table.require("path").and_then(|path| file_table(table, path));
    let (id, at, score) =
        (table.require_text("id"), table.require_text("at"), table.require_text("score"));
    let max_age = optional_span(table, "max_age");
    let words = match table.table("map") {
        Some(map) => {
            let entries = map.entries().into_iter();
            entries.map(|(word, value)| Some((word.value, value.as_number()?.value))).collect()
        }
        None => Some(Vec::new()),
    };
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

fn file_table(table: &Table<'_>, path: Value<'_>) -> Option<FileTable> {
    let path = path.as_text();
    let read = match table.table("read") {
        Some(read) => read_options(&read),
        None => Some(ReadOptions::default()),
    };
    let max_rejected = table.number("max_rejected").map_or(DEFAULT_MAX_REJECTED, |share| {
        if !(0.0..=1.0).contains(&share.value) {
            let message =
                format!("`max_rejected` is {}; expected a share from 0 to 1", share.value);
            table.mistake_at(share.span, message, Some("1 % is 0.01".into()));
        }
        share.value
    });
    Some(FileTable { path: path?, read: read?, max_rejected })
}

fn read_options(table: &Table<'_>) -> Option<ReadOptions> {
    let mut options = ReadOptions::default();
    if let Some(delimiter) = table.get("delimiter") {
        options.delimiter = Some(one_character(delimiter)?);
    }
    if let Some(decimal) = table.get("decimal") {
        options.decimal = one_character(decimal)?;
    }
    if let Some(format) = table.get("date_format") {
        let formats = if format.is_list() { format.as_texts()? } else { vec![format.as_text()?] };
        options.date_formats = formats.into_iter().map(|format| format.value).collect();
    }
    if let Some(encoding) = table.get("encoding") {
        let label = encoding.as_text()?;
        let Some(found) = encoding_rs::Encoding::for_label(label.value.as_bytes()) else {
            let message = format!("`{}` is no encoding known here", label.value);
            encoding.mistake(
                message,
                Some("for example \"utf-8\", \"windows-1252\" or \"utf-16le\"".into()),
            );
            return None;
        };
        options.encoding = found;
    }
    if let Some(null) = table.get("null") {
        options.null = Some(null.as_texts()?.into_iter().map(|word| word.value).collect());
    }
    Some(options)
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
