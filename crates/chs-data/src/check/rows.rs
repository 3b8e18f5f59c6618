//! Rows that were rejected, stand twice, or come before their account.

use chs_panel::{Finding, Level};

use crate::check::rules::{BEFORE_START, IDENTICAL_ROWS, REJECTED_ROWS, UNMAPPED_WORDS};
use crate::load::{Column, History, LoadReport, SourceRows, TableAccount};
use crate::project::Project;

/// Share of `max_rejected` from which a table is worth a look.
const WORTH_A_LOOK: f64 = 0.5;

pub(super) fn findings(project: &Project, history: &History, report: &LoadReport) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        report.tables.iter().map(|table| rejected(project, table)).collect();
    for table in &report.tables {
        if table.before_start > 0 {
            let sentence = format!(
                "`{}`: {} of {} rows used lie before the start of their account",
                table.table, table.before_start, table.used
            );
            let finding = BEFORE_START.finding(Level::Note, &table.table, sentence);
            findings.push(finding.with_figure("rows", table.before_start as f64));
        }
        if table.unmapped > 0 {
            let sentence = format!(
                "`{}`: {} words have no score in `map` and count as missing",
                table.table, table.unmapped
            );
            let finding = UNMAPPED_WORDS.finding(Level::Warning, &table.table, sentence);
            findings.push(finding.with_figure("rows", table.unmapped as f64));
        }
    }
    for (source, rows) in project.sources.iter().zip(&history.sources) {
        let identical = identical_rows(rows);
        if source.record_id.is_none() && identical > 0 {
            let name = &source.name.value;
            let sentence = format!(
                "`{name}`: {identical} of {} rows repeat another row in every column that is read; all are used",
                rows.len()
            );
            let finding = IDENTICAL_ROWS.finding(Level::Note, name, sentence);
            findings.push(finding.with_figure("rows", identical as f64));
        }
    }
    findings
}

fn rejected(project: &Project, table: &TableAccount) -> Finding {
    let (faults, read) = (table.faults(), table.read);
    let limit = max_rejected(project, &table.table);
    let share = if read == 0 { 0.0 } else { faults as f64 / read as f64 };
    let level = match faults {
        0 => Level::Passed,
        _ if share > WORTH_A_LOOK * limit => Level::Warning,
        _ => Level::Note,
    };
    let reasons: Vec<String> =
        table.rejected.iter().map(|(reason, rows)| format!("{} {rows}", reason.as_str())).collect();
    let reasons =
        if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let sentence = format!(
        "`{}`: {read} rows read, {} used, {} not{reasons}; {:.2} % break the contract, {:.2} % are allowed",
        table.table,
        table.used,
        table.rejected_rows(),
        100.0 * share,
        100.0 * limit
    );
    REJECTED_ROWS
        .finding(level, &table.table, sentence)
        .with_figure("read", read as f64)
        .with_figure("used", table.used as f64)
        .with_figure("share", share)
}

/// Rows that repeat another in account, time and every column that is read.
fn identical_rows(rows: &SourceRows) -> usize {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let cells = |row: usize| rows.columns.values().map(move |column| cell_key(column, row));
    let times = |row: usize| rows.times.values().map(move |times| times[row]);
    let head = |row: usize| (rows.account[row], rows.at[row], rows.known[row]);
    let compare = |a: usize, b: usize| {
        head(a)
            .cmp(&head(b))
            .then_with(|| cells(a).cmp(cells(b)))
            .then_with(|| times(a).cmp(times(b)))
    };
    order.sort_unstable_by(|a, b| compare(*a, *b));
    order.windows(2).filter(|pair| compare(pair[0], pair[1]).is_eq()).count()
}

fn cell_key(column: &Column, row: usize) -> u64 {
    match column {
        Column::Numbers(numbers) => numbers[row].to_bits(),
        Column::Words(words) => words.codes[row].map_or(u64::MAX, u64::from),
    }
}

/// The limit of a table by its name; each name is that of accounts, a source, an outcome or a score.
fn max_rejected(project: &Project, table: &str) -> f64 {
    project
        .file_tables()
        .into_iter()
        .find(|(name, _)| *name == table)
        .map_or(0.0, |(_, files)| files.max_rejected)
}
