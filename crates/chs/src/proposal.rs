//! A `chs.toml` proposed from a folder of files, by names of columns and by contents.

mod roles;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::Path;

use crate::Error;
use crate::survey::{DateFormat, SurveyedColumn, SurveyedTable, plain, survey};
use roles::{CHURN, Part, Roles, key, record_id, roles};

/// Words of a kind of outcome that mean churn.
const KINDS: [&str; 7] =
    ["churn", "churned", "cancelled", "canceled", "cancellation", "lost", "terminated"];
/// Words of a yes and of a no.
const ANSWERS: [[&str; 2]; 5] =
    [["Yes", "No"], ["yes", "no"], ["True", "False"], ["true", "false"], ["1", "0"]];
const STARTS: [&str; 8] =
    ["sign", "start", "creat", "join", "since", "regist", "onboard", "opened"];
const ENDS: [&str; 6] = ["end", "clos", "expir", "resolv", "paid", "finish"];
const KNOWN: [&str; 5] = ["ingest", "loaded", "recorded", "synced", "extracted"];
/// Words that an expression does not take for a column.
const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "is", "null", "true", "false"];
/// Names of columns that accounts are most often told apart by.
const SEGMENTS: [&str; 6] = ["plan", "tier", "segment", "region", "size", "type"];

/// Propose a `chs.toml` for the files of a folder; `prefix` goes before their paths.
///
/// Nothing stands in it that is not in the files: names of files and columns, no values. What was guessed
/// says so.
///
/// # Errors
///
/// [`Error::Unreadable`] and [`Error::NoTables`] of the folder; [`Error::NoAccountIds`] where no column
/// looks like the id of an account.
pub(crate) fn propose(folder: &Path, prefix: &str) -> Result<String, Error> {
    let tables = survey(folder)?;
    let key = key(&tables).ok_or_else(|| Error::NoAccountIds {
        folder: folder.to_owned(),
        tables: tables.iter().map(|table| table.path.clone()).collect::<Vec<_>>().join(", "),
    })?;
    let mut text = String::from(
        "# Proposed by `chs init --from` from names of files and columns and from what the cells look like.\n\
         # Lines with `guess` want a look before anything is believed. Then: `chs check`.\n\n\
         spec_version = 1\n\n[project]\nname = \"my-score\"\n",
    );
    line(&mut text, "timezone = \"UTC\"", "guess: the zone in which days begin and end");
    let roles = roles(&tables, key);
    match roles.accounts {
        Some((table, id)) if roles.sources.is_empty() => panel(&mut text, prefix, table, id),
        _ if roles.sources.is_empty() => {
            return Err(Error::NoHistory { folder: folder.to_owned() });
        }
        _ => history(&mut text, prefix, &roles),
    }
    Ok(text)
}

fn history(text: &mut String, prefix: &str, roles: &Roles<'_>) {
    accounts(text, prefix, roles);
    text.push_str("\n# What happened: one table per source, one row per event; `at` says when.\n");
    for part in &roles.sources {
        let _ = writeln!(text, "[sources.{}]", part.table.name);
        file(text, prefix, part.table, part.at);
        line(text, &format!("id = {}", quoted(&part.id.name)), "");
        dates(text, part.table, part.at, record_id(part.table, part.id));
        rejected(text, part, roles.accounts.map(|(_, id)| id));
    }
    for (table, at, source, on) in &roles.linked {
        let _ = writeln!(text, "[sources.{}]", table.name);
        file(text, prefix, table, at);
        let via = format!("via = {{ source = {}, on = {} }}", quoted(source), quoted(on));
        line(text, &via, "guess: the account is found there");
        dates(text, table, at, None);
        text.push('\n');
    }
    for (path, why) in &roles.left_out {
        let _ = writeln!(text, "# {path} {why}: left out.");
    }
    indicators(text, roles);
    text.push_str("\n# When the score is looked at: every month end in the data.\n[snapshots]\nevery = \"1mo\"\n");
    line(text, "# from = 2024-03-31", "leave the months out in which the history begins");
    outcome(text, prefix, roles);
    for (part, score) in &roles.scores {
        let _ = writeln!(
            text,
            "\n# What another system said at the time.\n[recorded_scores.{}]",
            part.table.name
        );
        file(text, prefix, part.table, part.at);
        line(text, &format!("id = {}", quoted(&part.id.name)), "");
        line(text, &format!("at = {}", quoted(&part.at.name)), "guess: when it was said");
        let key = format!("score = {}", quoted(&score.name));
        line(text, &key, "guess: 0 to 100, 100 is healthiest");
        line(text, "max_age = \"45d\"", "guess: older than that, it is no score any more");
    }
}

fn accounts(text: &mut String, prefix: &str, roles: &Roles<'_>) {
    text.push_str("\n# Who is scored: one row per account, churned ones included.\n[accounts]\n");
    let Some((table, id)) = roles.accounts else {
        let first = roles.sources.first().map_or("", |part| part.table.name.as_str());
        line(text, &format!("from = {}", quoted(first)), "guess: no table has one row per account");
        return;
    };
    line(
        text,
        &format!("path = {}", quoted(&format!("{prefix}{}", table.path))),
        "guess: one row per id",
    );
    line(text, &format!("id = {}", quoted(&id.name)), "");
    let dates = || table.columns.iter().filter(|column| column.date_format().is_some());
    let start = dates().find(|column| column.names(&STARTS));
    match start {
        Some(start) => {
            line(
                text,
                &format!("start = {}", quoted(&start.name)),
                "guess: when the relationship began",
            );
            read(text, start);
        }
        None => line(
            text,
            "# start = \"...\"",
            "no date looks like it: the first span, else the first row of a source, starts an account",
        ),
    }
    if roles.outcomes.is_none()
        && let Some(end) = dates().find(|column| column.names(&CHURN) || column.names(&["end"]))
    {
        line(
            text,
            &format!("churned = {}", quoted(&end.name)),
            "guess: when it ended, empty while active",
        );
    }
    let mut segments: Vec<&SurveyedColumn> = (table.columns.iter())
        .filter(|column| column.name != id.name)
        .filter(|column| column.is_segment(table.rows) && !column.names(&CHURN))
        .collect();
    segments.sort_by_key(|column| !column.names(&SEGMENTS));
    let segments: Vec<String> = segments.iter().map(|own| quoted(&own.name)).take(3).collect();
    if !segments.is_empty() {
        line(text, &format!("segments = [{}]", segments.join(", ")), "guess: a few words each");
    }
    let value = table.columns.iter().find(|column| {
        column.is_number()
            && ["arr", "mrr", "acv", "revenue", "contractvalue"].contains(&column.plain().as_str())
    });
    if let Some(value) = value {
        line(text, &format!("value = {}", quoted(&value.name)), "guess: revenue at stake");
        let key = format!("immutable = [{}]", quoted(&value.name));
        line(text, &key, "guess: as on the first day; else name `valid_from`");
    }
}

/// Path and format of a table.
fn file(text: &mut String, prefix: &str, table: &SurveyedTable, at: &SurveyedColumn) {
    line(text, &format!("path = {}", quoted(&format!("{prefix}{}", table.path))), "");
    read(text, at);
}

fn read(text: &mut String, date: &SurveyedColumn) {
    if let Some(DateFormat::Pattern(format)) = date.date_format() {
        let key = format!("read = {{ date_format = {} }}", quoted(format));
        line(text, &key, "guess: by what the dates look like");
    }
}

/// When rows happened, could be known, and gave way to others.
fn dates(
    text: &mut String,
    table: &SurveyedTable,
    at: &SurveyedColumn,
    record: Option<&SurveyedColumn>,
) {
    let of = |words: &[&str]| {
        let mut dates = table.columns.iter().filter(|column| column.date_format().is_some());
        dates.find(|column| column.names(words))
    };
    let superseded = of(&["supersed"]);
    // Beside the end of a version its creation is that of the version.
    let created = of(&KNOWN).or_else(|| {
        superseded?;
        of(&["creat"])
    });
    // Versions of a record that nothing tells apart would be duplicates.
    if let Some(record) = record.filter(|own| own.is_unique(table.rows) || created.is_some()) {
        line(text, &format!("record_id = {}", quoted(&record.name)), "guess: names a record");
    }
    line(text, &format!("at = {}", quoted(&at.name)), "guess: when it happened");
    if let Some(created) = created {
        let key = format!("created = {}", quoted(&created.name));
        line(text, &key, "guess: from when the row could be known");
    }
    if let Some(superseded) = superseded {
        let key = format!("superseded = {}", quoted(&superseded.name));
        line(text, &key, "guess: when a later version took its place");
    }
}

/// Rows without an account, where there are many.
fn rejected(text: &mut String, part: &Part<'_>, accounts: Option<&SurveyedColumn>) {
    let rows = part.table.rows.max(1) as f64;
    let known = |id: &&String| accounts.is_none_or(|own| own.values.contains(*id));
    let ids = part.id.values.len().max(1) as f64;
    let matched = part.id.values.iter().filter(known).count() as f64 / ids;
    let lost = 1.0 - part.id.filled as f64 / rows * matched * part.at.filled as f64 / rows;
    if lost > 0.01 {
        let limit = (lost * 100.0).ceil() + 5.0;
        let key = format!("max_rejected = {:.2}", limit.min(100.0) / 100.0);
        line(text, &key, "guess: many rows name no account of the list, or no date");
    }
    text.push('\n');
}

fn indicators(text: &mut String, roles: &Roles<'_>) {
    text.push_str("# One number per account and snapshot. A start: say what a healthy account does.\n[indicators]\n");
    let linked = roles.linked.iter().map(|(table, at, ..)| (*table, *at));
    for (table, at) in roles.sources.iter().map(|part| (part.table, part.at)).chain(linked) {
        let name = &table.name;
        let source = quoted(name);
        let _ = writeln!(text, "{name}_30d = {{ source = {source}, count = \"30d\" }}");
        let _ = writeln!(text, "days_since_{name} = {{ source = {source}, recency = \"days\" }}");
        let later = |column: &SurveyedColumn| {
            column.name != at.name && column.names(&ENDS) && column.date_format().is_some()
        };
        let versions = table.columns.iter().any(|column| column.names(&["supersed"]));
        if !versions && table.columns.iter().any(later) {
            let _ = writeln!(
                text,
                "# Other columns of {name} may be filled in later than `at`: `latest` with a date of its own reads them."
            );
            continue;
        }
        let numbers = table.columns.iter().filter(|column| {
            column.is_number() && column.date_format().is_none() && !column.plain().ends_with("id")
        });
        for column in numbers.take(2) {
            let expression = expression(&column.name);
            let own = column.name.to_ascii_lowercase();
            let own = own.replace(|sign: char| !sign.is_ascii_alphanumeric(), "_");
            let key = format!(
                "{name}_{own}_90d = {{ source = {source}, mean = {}, over = \"90d\" }}",
                quoted(&expression)
            );
            line(text, &key, "guess: or a `sum`");
        }
    }
    text.push_str("tenure = { tenure = \"days\" }\n");
}

fn outcome(text: &mut String, prefix: &str, roles: &Roles<'_>) {
    let term = roles.sources.iter().find_map(|part| {
        let end = part
            .table
            .columns
            .iter()
            .find(|column| column.date_format().is_some() && column.names(&["end", "expir"]))?;
        part.at.names(&["start", "begin", "from"]).then_some((part, end))
    });
    let churned = roles.accounts.is_some() && text.contains("\nchurned = ");
    text.push_str("\n# What really happened.\n");
    if let Some(part) = &roles.outcomes {
        text.push_str("[outcomes.churn]\n");
        outcome_table(text, prefix, part);
    } else if churned {
        text.push_str("# `churned` of the accounts says it.\n");
    } else if let Some((part, end)) = term {
        text.push_str("[outcomes.churn]\n");
        let key = format!(
            "spans = {{ source = {}, start = {}, end = {}, grace = \"7d\" }}",
            quoted(&part.table.name),
            quoted(&part.at.name),
            quoted(&end.name)
        );
        line(text, &key, "guess: a term that no other follows");
    } else {
        let widest = roles.sources.iter().max_by_key(|part| part.table.rows);
        let source = quoted(widest.map_or("", |part| part.table.name.as_str()));
        text.push_str(
            "# No file tells of it, so that silence has to: guess.\n[labels.lapse_90d]\n",
        );
        let key = format!("inactive = {{ source = {source}, within = \"90d\" }}");
        line(text, &key, "guess: who is silent for so long was not active");
        text.push_str("horizon = \"90d\"\n");
        return;
    }
    if !churned || roles.outcomes.is_some() {
        line(text, "# complete_until = 2025-12-31", "last day up to which all of them are known");
    }
    text.push_str("\n# What the score should announce.\n[labels.churn_90d]\noutcome = \"churn\"\n");
    line(text, "lead_time = \"14d\"", "guess: time to act");
    line(text, "horizon = \"90d\"", "guess");
}

fn outcome_table(text: &mut String, prefix: &str, part: &Part<'_>) {
    file(text, prefix, part.table, part.at);
    line(text, &format!("id = {}", quoted(&part.id.name)), "");
    line(text, &format!("at = {}", quoted(&part.at.name)), "guess: the day on which it happened");
    let columns = &part.table.columns;
    let known =
        columns.iter().find(|own| own.date_format().is_some() && own.names(&["notice", "known"]));
    if let Some(known) = known {
        let key = format!("known = {}", quoted(&known.name));
        line(text, &key, "guess: from here on nobody needs a score to know");
    }
    let kind = columns.iter().find_map(|own| {
        let words: Vec<String> = own
            .values
            .iter()
            .filter(|word| KINDS.contains(&plain(word).as_str()))
            .map(|word| quoted(word))
            .collect();
        (!words.is_empty()).then_some((own, words))
    });
    match kind {
        Some((own, words)) => {
            let key = format!(
                "kind = {{ column = {}, keep = [{}] }}",
                quoted(&own.name),
                words.join(", ")
            );
            line(text, &key, "guess: the words of a churn");
        }
        None => text.push_str(
            "# guess: every row is a churn; else say `kind = { column = ..., keep = [...] }`\n",
        ),
    }
}

/// One row per account and no day: a cross-section.
fn panel(text: &mut String, prefix: &str, table: &SurveyedTable, id: &SurveyedColumn) {
    text.push_str("\n# One row per account and no history: a cross-section. What needs time is left out.\n[panel]\n");
    line(text, &format!("path = {}", quoted(&format!("{prefix}{}", table.path))), "");
    line(text, &format!("id = {}", quoted(&id.name)), "guess: one row per id");
    let label = table.columns.iter().find_map(|column| {
        let answers = ANSWERS.into_iter().find(|answers| {
            column.values.len() == 2 && answers.iter().all(|word| column.values.contains(*word))
        })?;
        column.names(&CHURN).then_some((column, answers))
    });
    let indicators: Vec<String> = (table.columns.iter())
        .filter(|column| column.name != id.name && !column.names(&CHURN))
        .filter(|column| column.is_number() || column.is_segment(table.rows))
        .map(|column| format!("  {},\n", quoted(&column.name)))
        .collect();
    let _ = writeln!(
        text,
        "# guess: numbers and words of which there are few; take out what was known only afterwards\n\
         indicators = [\n{}]",
        indicators.concat()
    );
    match label {
        Some((column, [yes, no])) => {
            let key = format!(
                "label = {{ name = \"churn\", column = {}, positive = [{}], negative = [{}] }}",
                quoted(&column.name),
                quoted(yes),
                quoted(no)
            );
            let _ = writeln!(text, "# guess: who left\n{key}");
        }
        None => text.push_str(
            "# No column tells who left: `chs check` needs it.\n\
             # label = { name = \"churn\", column = \"...\", positive = [\"...\"], negative = [\"...\"] }\n",
        ),
    }
}

/// A line with a remark, where there is one.
fn line(text: &mut String, key: &str, remark: &str) {
    let _ = if remark.is_empty() {
        writeln!(text, "{key}")
    } else {
        writeln!(text, "{key:<47} # {remark}")
    };
}

/// A column as an expression: in quotes where it is no plain word.
fn expression(column: &str) -> String {
    let is_plain = column.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_')
        && column.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if is_plain && !KEYWORDS.contains(&column.to_ascii_lowercase().as_str()) {
        column.to_owned()
    } else {
        format!("\"{}\"", column.replace('"', "\"\""))
    }
}

/// A name as TOML; JSON writes texts in the same way.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
