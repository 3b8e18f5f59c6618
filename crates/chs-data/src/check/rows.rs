//! Rows that were rejected, stand twice, or come before their account.

use chs_panel::{Finding, Level};

use crate::check::rules::{
    ABSENT_WORDS, BEFORE_LINK, BEFORE_START, FLAGS_DISAGREE, IDENTICAL_ROWS, REJECTED_ROWS,
    UNMAPPED_WORDS,
};
use crate::load::{
    Column, FlagAccount, History, KindAccount, LoadReport, Refused, SourceRows, TableAccount,
};
use crate::project::{AccountKey, Project};

/// Share of `max_rejected` from which a table is worth a look.
const WORTH_A_LOOK: f64 = 0.5;

/// Share above which what contradicts itself does so often.
const OFTEN: f64 = 0.1;

pub(super) fn findings(project: &Project, history: &History, report: &LoadReport) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        report.tables.iter().map(|table| rejected(table, limit(project, &table.table))).collect();
    for table in &report.tables {
        if table.before_start > 0 {
            let sentence = format!(
                "`{}`: {} of {} rows used lie before the start of their account",
                table.table, table.before_start, table.used
            );
            let finding = BEFORE_START.finding(Level::Note, &table.table, sentence);
            findings.push(finding.with_figure("rows", table.before_start as f64));
        }
        findings.extend(before_link(project, table));
        if table.unmapped > 0 {
            let sentence = format!(
                "`{}`: {} words are not in their `map` and count as missing",
                table.table, table.unmapped
            );
            let finding = UNMAPPED_WORDS.finding(Level::Warning, &table.table, sentence);
            findings.push(finding.with_figure("rows", table.unmapped as f64));
        }
    }
    findings.extend(report.flags.iter().map(flags));
    findings.extend(report.kinds.iter().map(absent_words));
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

/// Rows of a source before the record of the other source through which they found their account.
fn before_link(project: &Project, table: &TableAccount) -> Option<Finding> {
    let source = project.sources.iter().find(|source| source.name.value == table.table)?;
    let AccountKey::Via { source: through, on } = &source.key else { return None };
    let (name, early) = (&table.table, table.before_link);
    if early == 0 {
        return None;
    }
    let is_often = early as f64 / table.read.max(1) as f64 > OFTEN;
    let level = if is_often { Level::Warning } else { Level::Note };
    let sentence = format!(
        "`{name}`: {early} of {} rows lie before the first row of `{}` with their `{}`",
        table.read, through.value, on.value
    );
    Some(BEFORE_LINK.finding(level, name, sentence).with_figure("rows", early as f64))
}

/// Words that an outcome keeps, against those that its rows have. The rows' own words are not told.
fn absent_words(kinds: &KindAccount) -> Finding {
    let (outcome, column) = (&kinds.outcome, &kinds.column);
    let told: Vec<String> =
        kinds.words.iter().map(|(word, rows)| format!("`{word}` in {rows} rows")).collect();
    let absent = kinds.words.iter().filter(|(_, rows)| *rows == 0);
    let absent: Vec<String> = absent.map(|(word, _)| format!("`{word}`")).collect();
    let head = format!("`{outcome}`: `{column}` holds {}", told.join(", "));
    let (level, sentence) = match (absent.is_empty(), kinds.near) {
        (true, _) => (Level::Passed, format!("{head}; another word in {}", kinds.others)),
        (false, 0) => {
            let (absent, others) = (absent.join(" or "), kinds.others);
            (Level::Warning, format!("{head}; no row has {absent}, and {others} hold another word"))
        }
        (false, near) => {
            let absent = absent.join(" or ");
            let hint = format!("{near} hold a word that is nearly the same: compare the spelling");
            (Level::Warning, format!("{head}; no row has {absent}, but {hint}"))
        }
    };
    ABSENT_WORDS
        .finding(level, outcome, sentence)
        .with_figure("absent", absent.len() as f64)
        .with_figure("other_rows", kinds.others as f64)
        .with_figure("near_rows", kinds.near as f64)
}

/// A flag of the accounts that says who had an outcome, against the outcome.
fn flags(flag: &FlagAccount) -> Finding {
    let unlike = flag.flag_only + flag.outcome_only;
    let all = flag.both + unlike;
    let level = match unlike as f64 / all.max(1) as f64 {
        _ if unlike == 0 => Level::Passed,
        share if share > OFTEN => Level::Warning,
        _ => Level::Note,
    };
    let (name, column) = (&flag.outcome, &flag.column);
    let sentence = format!(
        "`{column}` of the accounts and the outcome `{name}`: {} accounts have both, {} the flag \
         alone, {} the outcome alone",
        flag.both, flag.flag_only, flag.outcome_only
    );
    FLAGS_DISAGREE
        .finding(level, name, sentence)
        .with_figure("both", flag.both as f64)
        .with_figure("flag_only", flag.flag_only as f64)
        .with_figure("outcome_only", flag.outcome_only as f64)
}

/// The rows of tables of which too many are rejected to go on, and of those that were read with them.
pub(super) fn refused(refused: &Refused) -> Vec<Finding> {
    let told = |table: &TableAccount| {
        let over = refused.tables.iter().find(|over| over.table == table.table);
        let mut finding = rejected(table, over.map_or(1.0, |over| over.limit));
        if let Some(over) = over {
            finding.sentence =
                format!("{}; first: {}; {}", finding.sentence, over.first, over.help());
        }
        finding
    };
    refused.report.tables.iter().map(told).collect()
}

/// Rows that a table rejected, held against the share that is allowed.
pub(super) fn rejected(table: &TableAccount, limit: f64) -> Finding {
    let (faults, read, share) = (table.faults(), table.read, table.fault_share());
    let level = match faults {
        0 => Level::Passed,
        _ if share > limit => Level::Error,
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
    let head = |row: usize| (rows.account[row], rows.at[row], rows.known(row));
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
        Column::Words(words) => words.codes[row].place().map_or(u64::MAX, |place| place as u64),
    }
}

/// The limit of a table by its name; each name is that of accounts, a source, an outcome or a score.
fn limit(project: &Project, table: &str) -> f64 {
    project
        .file_tables()
        .into_iter()
        .find(|(name, ..)| *name == table)
        .map_or(0.0, |(.., files)| files.max_rejected)
}
