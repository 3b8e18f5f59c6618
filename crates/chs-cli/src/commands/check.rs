//! `chs check`: what can be said of the data before any score is.

use std::path::PathBuf;

use chs::check_json::v1::Check;
use chs::{Alignment, Done, Error, Job, SCORECARD_FILE};

use crate::answer::Answer;
use crate::arguments::{Format, ScorecardArguments};
use crate::commands::{Session, panel_size, written_paths};
use crate::findings;
use crate::table::{grid, rendered};

/// Exit code where a finding is an error.
const CHECK_FAILED: u8 = 1;

pub(super) fn run(arguments: &ScorecardArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    // The data can be checked before there is a score; a scorecard that is there has to be sound.
    let beside = inputs.project_file.with_file_name(SCORECARD_FILE);
    let paths: Vec<PathBuf> = match arguments.scorecards.as_slice() {
        [] if !beside.is_file() => Vec::new(),
        [] => vec![beside],
        named => named.to_vec(),
    };
    let scorecards =
        if paths.is_empty() { Vec::new() } else { chs::read_scorecards(&inputs, &paths)? };
    let job = Job {
        command: "check",
        inputs: &inputs,
        scorecards: &scorecards,
        out: &session.options.out,
        observer: &session.progress,
    };
    let done = chs::check(job)?;
    let Some(check) = &done.check else { return Ok(Answer::text(String::new())) };
    let answer = match session.options.format {
        Format::Table => Answer::text(text(&done, check, session)),
        Format::Json => Answer::json(check),
        Format::Csv => Answer::csv(&findings::HEADER, &findings::rows(&check.findings)),
    };
    Ok(answer.with_code(if check.has_error() { CHECK_FAILED } else { 0 }))
}

fn text(done: &Done<()>, check: &Check, session: &Session<'_>) -> String {
    let style = session.style;
    let heading = if check.has_error() {
        style.level("error", "The data are not ready: see the errors below")
    } else {
        style.level("passed", "The data can be used")
    };
    format!(
        "{heading}\n\n{}\n{}\n{}\n{}\n\n{}",
        findings::rendered(&check.findings, style),
        rendered(&chs::row_account(&chs::loaded_tables(&done.run.tables))),
        coverage(check, done.run.panel.snapshots > 0),
        panel_size(&done.run.panel),
        written_paths(&done.written),
    )
}

/// How far each indicator reaches, over rows and, where there are snapshots, over time.
fn coverage(check: &Check, has_snapshots: bool) -> String {
    let columns = [
        ("indicator", Alignment::Left),
        ("rows with a value", Alignment::Right),
        ("from snapshot", Alignment::Left),
    ];
    let width = if has_snapshots { 3 } else { 2 };
    let row = |indicator: &chs::check_json::v1::Indicator| {
        let mut row = vec![
            indicator.name.clone(),
            format!("{:.1} %", 100.0 * indicator.present_share),
            indicator.first_snapshot.clone().unwrap_or_else(|| "never".to_owned()),
        ];
        row.truncate(width);
        row
    };
    let rows: Vec<Vec<String>> = check.indicators.iter().map(row).collect();
    grid(&columns[..width], &rows)
}
