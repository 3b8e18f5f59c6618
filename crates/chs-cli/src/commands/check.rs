//! `chs check`: what can be said of the data before any score is.

use std::path::PathBuf;

use chs::check_json::v1::{Check, Impact, Indicator};
use chs::{Alignment, Done, Error, Job, Rule, SCORECARD_FILE};

use crate::answer::Answer;
use crate::arguments::{CheckArguments, Format};
use crate::commands::{LEAKS, Session, panel_size, written_paths};
use crate::findings::{self, Concluded};
use crate::sparkline::{Signs, sparkline};
use crate::style::wrapped;
use crate::table::{grid, rendered};

/// Exit code where a finding is an error.
const CHECK_FAILED: u8 = 1;
/// Signs of a curve over the snapshots.
const CURVE: usize = 16;

pub(super) fn run(arguments: &CheckArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    // The data can be checked before there is a score; a scorecard that is there has to be sound.
    let beside = inputs.project_file.with_file_name(SCORECARD_FILE);
    let paths: Vec<PathBuf> = match arguments.scorecards.scorecards.as_slice() {
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
    let done = if arguments.leaks { chs::check_with_leaks(job)? } else { chs::check(job)? };
    let Some(check) = &done.check else { return Ok(Answer::text(String::new())) };
    let output = session.options.format;
    let answer = match (output.of_findings(), output.of_results()) {
        (Some(format), _) => {
            let rules = rules(arguments.leaks);
            Concluded::new(&inputs, rules, &check.findings).document(format)
        }
        (None, Format::Table) => Answer::text(text(&done, check, session)),
        (None, Format::Json) => Answer::json(check),
        (None, Format::Csv) => Answer::csv(&findings::HEADER, &findings::rows(&check.findings)),
    };
    Ok(answer.with_code(if check.has_error() { CHECK_FAILED } else { 0 }))
}

/// The rules of a check: those of the data, and, where that was asked for, of the leak audit.
fn rules(leaks: bool) -> Vec<&'static Rule> {
    let of_check = |rule: &&Rule| rule.code.starts_with("CHS1") && (leaks || rule.section != LEAKS);
    chs::rules().into_iter().filter(of_check).collect()
}

fn text(done: &Done<()>, check: &Check, session: &Session<'_>) -> String {
    let style = session.style;
    let heading = if check.has_error() {
        style.level("error", "The data are not ready: see the errors below")
    } else if check.findings.iter().any(|finding| finding.level == "warning") {
        style.level("warning", "The data can be used once the warnings below have been looked at")
    } else {
        style.level("passed", "The data can be used")
    };
    format!(
        "{heading}\n\n{}\n{}{}\n{}\n{}\n\n{}",
        findings::rendered(&check.findings, style),
        audit(check),
        rendered(&chs::row_account(&chs::loaded_tables(&done.run.tables))),
        coverage(check, done.run.panel.snapshots > 0),
        panel_size(&done.run.panel),
        written_paths(&done.written),
    )
}

/// How far each indicator reaches, and, where there are snapshots, its cells over time.
fn coverage(check: &Check, has_snapshots: bool) -> String {
    let columns = [
        ("indicator", Alignment::Left),
        ("filled", Alignment::Right),
        ("over time", Alignment::Left),
        ("changed", Alignment::Right),
        ("over time", Alignment::Left),
    ];
    let width = if has_snapshots { columns.len() } else { 2 };
    let signs = Signs::of_locale();
    let row = |indicator: &Indicator| {
        let over_time = &indicator.over_time;
        let filled: Vec<Option<f64>> =
            over_time.iter().map(|cells| Some(1.0 - cells.missing_share)).collect();
        let changed: Vec<Option<f64>> = over_time.iter().map(|cells| cells.changed_share).collect();
        let known: Vec<f64> = changed.iter().flatten().copied().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let mut row = vec![
            indicator.name.clone(),
            percent(indicator.present_share),
            sparkline(&filled, CURVE, signs),
            if known.is_empty() { String::new() } else { percent(mean) },
            sparkline(&changed, CURVE, signs),
        ];
        row.truncate(width);
        row
    };
    let rows: Vec<Vec<String>> = check.indicators.iter().map(row).collect();
    let legend = if has_snapshots {
        "filled: cells with a value; changed: cells unlike those of the snapshot before\n"
    } else {
        ""
    };
    grid(&columns[..width], &rows) + legend
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// What an audit for leaks looked at; nothing without one.
fn audit(check: &Check) -> String {
    let tried = check.findings.iter().filter(|finding| finding.section == LEAKS);
    let tried = tried.filter(|finding| finding.level == "passed");
    let line = |own: &chs::backtest_json::v1::Finding| {
        wrapped(&format!("- {}: {}", own.code, own.sentence), "  ")
    };
    let lines: String = tried.map(line).collect();
    let head = if lines.is_empty() { "" } else { "Leak audit, what was found sound:\n" };
    let end = if lines.is_empty() { "" } else { "\n" };
    format!("{head}{lines}{end}{}", impacts(&check.event_time_impacts))
}

/// What event time alone would have faked; nothing without an audit, or where nothing differs.
fn impacts(impacts: &[Impact]) -> String {
    let columns = [
        ("by event time alone", Alignment::Left),
        ("differ", Alignment::Right),
        ("AUC", Alignment::Right),
        ("as known", Alignment::Right),
        ("faked", Alignment::Left),
    ];
    let number =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let row = |found: &Impact| {
        let faked = match (found.auc_by_event_time, found.auc_as_known, found.lower, found.upper) {
            (Some(event), Some(known), Some(lower), Some(upper)) => {
                format!("{:+.3} [{lower:+.3}, {upper:+.3}]", event - known)
            }
            _ => String::new(),
        };
        vec![
            found.name.clone(),
            percent(found.changed_share),
            number(found.auc_by_event_time),
            number(found.auc_as_known),
            faked,
        ]
    };
    let rows: Vec<Vec<String>> =
        impacts.iter().filter(|found| found.changed_share > 0.0).map(row).collect();
    if rows.is_empty() { String::new() } else { grid(&columns, &rows) + "\n" }
}
