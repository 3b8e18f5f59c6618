//! `chs compare`: what changes where one score follows another?

use chs::compare_json::v1::{Compare, Migration, Shift};
use chs::{Alignment, Done, Error, Job, Settings};

use crate::answer::Answer;
use crate::arguments::{CompareArguments, Format};
use crate::commands::{Session, written_paths};
use crate::findings;
use crate::style::{thousands, wrapped};
use crate::table::{grid, rendered};

/// Exit code where the history carries no answer.
const NOT_ENOUGH_DATA: u8 = 3;

pub(super) fn run(arguments: &CompareArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    let scorecards =
        [chs::read_score(&inputs, &arguments.a)?, chs::read_score(&inputs, &arguments.b)?];
    let settings = Settings {
        label: arguments.label.clone(),
        replicates: arguments.replicates,
        ..session.settings()
    };
    let job = Job {
        command: "compare",
        inputs: &inputs,
        scorecards: &scorecards,
        out: &session.options.out,
        observer: &session.progress,
    };
    let done = chs::compare(job, &settings)?;
    let answer = match session.options.format.of_results() {
        Format::Table => Answer::text(text(&done, session)),
        Format::Json => Answer::json(&done.result),
        Format::Csv => Answer::csv(&HEADER, &rows(&done.result.migrations)),
    };
    let can_tell = done.result.verdict.answer != "cannot_tell";
    Ok(answer.with_code(if can_tell { 0 } else { NOT_ENOUGH_DATA }))
}

const HEADER: [&str; 7] = ["at", "snapshot", "band_a", "band_b", "accounts", "events", "value"];

/// A row per pair of bands.
fn rows(migrations: &[Migration]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for migration in migrations {
        for cell in &migration.cells {
            rows.push(vec![
                migration.at.clone(),
                migration.snapshot.clone(),
                cell.a.clone(),
                cell.b.clone(),
                cell.accounts.to_string(),
                cell.events.map_or_else(String::new, |events| events.to_string()),
                cell.value.map_or_else(String::new, |value| value.to_string()),
            ]);
        }
    }
    rows
}

fn text(done: &Done<Compare>, session: &Session<'_>) -> String {
    let (found, style) = (&done.result, session.style);
    let level = match found.verdict.answer.as_str() {
        "b_ranks_better" => "passed",
        "a_ranks_better" => "error",
        _ => "warning",
    };
    let mut text: String = wrapped(&found.verdict.sentence, "")
        .lines()
        .map(|line| style.level(level, line) + "\n")
        .collect();
    text.push_str(&wrapped(&format!("A is {}, B is {}", found.a.name, found.b.name), ""));
    text.push('\n');
    let sides = [("A", found.a.metrics.as_slice()), ("B", found.b.metrics.as_slice())];
    text.push_str(&rendered(&chs::difference_table(sides, &found.differences)));
    for migration in &found.migrations {
        text.push('\n');
        text.push_str(&moves(migration));
    }
    if let Some(last) = found.migrations.last() {
        text.push('\n');
        text.push_str(&shifts(last));
    }
    text.push('\n');
    text.push_str(&findings::rendered(&found.findings, style));
    text.push('\n');
    text.push_str(&written_paths(&done.written));
    text
}

/// Who changes band: bands of A down, bands of B across.
fn moves(migration: &Migration) -> String {
    let Migration { snapshot, accounts, moved, .. } = migration;
    let labels =
        if migration.at == "last_labelled" { ", the last with known outcomes" } else { "" };
    let mut parts = vec![format!(
        "At {snapshot}{labels}: {} of {} accounts change band{}",
        thousands(*moved),
        thousands(*accounts),
        share(*moved as f64, *accounts as f64)
    )];
    if let Some((value, moved)) = migration.value.zip(migration.moved_value) {
        parts.push(format!("of the value{}", share(moved, value).replace(['(', ')'], "")));
    }
    if migration.unscored > 0 {
        parts.push(format!("{} are not scored by both", thousands(migration.unscored)));
    }
    let mut bands: Vec<&str> = migration.cells.iter().map(|cell| cell.b.as_str()).collect();
    let width = bands.iter().skip(1).position(|band| Some(band) == bands.first());
    bands.truncate(width.map_or(bands.len(), |width| width + 1));
    let heads: Vec<String> = bands.iter().map(|band| format!("B: {band}")).collect();
    let mut columns = vec![("A", Alignment::Left)];
    columns.extend(heads.iter().map(|head| (head.as_str(), Alignment::Right)));
    let rows: Vec<Vec<String>> = migration
        .cells
        .chunks(bands.len().max(1))
        .map(|cells| {
            let name = cells.first().map_or_else(String::new, |cell| cell.a.clone());
            let counts = cells.iter().map(|cell| match cell.events {
                Some(events) => format!("{} ({events} events)", thousands(cell.accounts)),
                None => thousands(cell.accounts),
            });
            std::iter::once(name).chain(counts).collect()
        })
        .collect();
    wrapped(&parts.join("; "), "  ") + &grid(&columns, &rows)
}

fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!(" ({:.1} %)", 100.0 * part / whole) } else { String::new() }
}

/// What the change of the mean score comes from.
fn shifts(migration: &Migration) -> String {
    let (Some(mean_a), Some(mean_b)) = (migration.mean_a, migration.mean_b) else {
        return String::new();
    };
    let sentence = format!(
        "Mean score at {}: {mean_a:.1} becomes {mean_b:.1}, {:+.1} points; they come from",
        migration.snapshot,
        mean_b - mean_a
    );
    let columns = [
        ("component", Alignment::Left),
        ("weight", Alignment::Right),
        ("mean points", Alignment::Right),
        ("change", Alignment::Right),
    ];
    let weight =
        |weight: Option<f64>| weight.map_or_else(|| "none".to_owned(), |own| format!("{own:.0}"));
    let row = |own: &Shift| {
        vec![
            own.name.clone(),
            format!("{} -> {} %", weight(own.weight_a), weight(own.weight_b)),
            format!("{:.1} -> {:.1}", own.points_a, own.points_b),
            format!("{:+.1}", own.change),
        ]
    };
    let rows: Vec<Vec<String>> = migration.components.iter().map(row).collect();
    wrapped(&sentence, "  ") + &grid(&columns, &rows)
}
