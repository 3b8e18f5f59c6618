//! The report of a backtest, and of a fit beside it, from their files.

use std::path::{Path, PathBuf};

use chs_backtest::backtest_json::v1::{Backtest, Finding};
use chs_fit::fit_json::v1::Fit;
use chs_report::{
    DayCells, IndicatorCells, LoadedTable, Loading, Provenance, ReportFinding, ReportInput, charts,
    html, markdown,
};

use crate::Error;
use crate::check_json::v1::{Cells, Check, Indicator};
use crate::fit::{FIT_FILE, FIT_RUN_FILE};
use crate::observer::Observer;
use crate::output::{OutputFile, check_folder, sha256, write_files};
use crate::pipeline::{BACKTEST_FILE, CHECK_FILE, RUN_FILE};
use crate::project_file::read_text;
use crate::rules::rule;
use crate::run_json::v1::{Run, Table};

/// Name of the report for browsers.
pub const HTML_REPORT_FILE: &str = "report.html";

/// Name of the report for terminals and repositories.
pub const MARKDOWN_REPORT_FILE: &str = "report.md";

/// Folder of its charts.
pub const CHARTS_FOLDER: &str = "charts";

/// Write the report of the backtest in a folder, and of the fit where there is one, beside them, in both
/// forms and with its charts; returns the paths.
///
/// # Errors
///
/// [`Error::NoResult`], [`Error::OtherRun`], [`Error::OtherFit`] or an unreadable file; nothing is written then.
pub fn report(folder: &Path, observer: &dyn Observer) -> Result<Vec<PathBuf>, Error> {
    let input = report_input(folder)?;
    check_folder(folder)?;
    let mut files = vec![
        OutputFile::new(HTML_REPORT_FILE, html(&input)),
        OutputFile::new(MARKDOWN_REPORT_FILE, markdown(&input)),
    ];
    let chart =
        |(name, svg): (String, String)| OutputFile::new(format!("{CHARTS_FOLDER}/{name}"), svg);
    files.extend(charts(&input).into_iter().map(chart));
    write_files(folder, &files, observer)
}

/// What the report of a folder says; its files have to be of one run, a fit of the same data.
///
/// # Errors
///
/// [`Error::NoResult`], [`Error::OtherRun`], [`Error::OtherFit`] or an unreadable file.
pub fn report_input(folder: &Path) -> Result<ReportInput, Error> {
    let backtest = result_text(folder, BACKTEST_FILE)?;
    let run = result_text(folder, RUN_FILE)?;
    let run = Run::read(&run).map_err(|detail| result_file(folder, RUN_FILE, detail))?;
    let check = result_text(folder, CHECK_FILE)?;
    for (name, text) in [(BACKTEST_FILE, &backtest), (CHECK_FILE, &check)] {
        if !wrote(&run, name, text) {
            return Err(Error::OtherRun { file: name, folder: folder.to_owned() });
        }
    }
    let path = folder.join(BACKTEST_FILE);
    let backtest =
        Backtest::read(&backtest).map_err(|source| Error::BacktestFile { path, source })?;
    let check = Check::read(&check).map_err(|detail| result_file(folder, CHECK_FILE, detail))?;
    let fit = fit(folder, &run, &backtest)?;
    Ok(ReportInput { backtest, loading: loading(&run, &check), fit })
}

/// Whether a run wrote a file as it is.
fn wrote(run: &Run, name: &str, text: &str) -> bool {
    let digest = sha256(text.as_bytes());
    run.written.iter().any(|file| file.file == name && file.sha256 == digest)
}

/// The fit in a folder: of the same run, or of one over the same data; it answers the same question.
fn fit(folder: &Path, run: &Run, backtest: &Backtest) -> Result<Option<Fit>, Error> {
    let path = folder.join(FIT_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let text = read_text(&path, "a result of `chs fit`")?;
    let fit = Fit::read(&text).map_err(|source| Error::FitFile { path, source })?;
    let differs = |detail| Err(Error::OtherFit { folder: folder.to_owned(), detail });
    if !wrote(run, FIT_FILE, &text) {
        let own = folder.join(FIT_RUN_FILE);
        if !own.exists() {
            return differs("no run of this folder wrote it");
        }
        let own = Run::read(&read_text(&own, "the manifest of `chs fit`")?)
            .map_err(|detail| result_file(folder, FIT_RUN_FILE, detail))?;
        if !wrote(&own, FIT_FILE, &text) {
            return differs("no run of this folder wrote it");
        }
        if own.project.sha256 != run.project.sha256 {
            return differs("chs.toml was another one");
        }
        if own.as_of != run.as_of || input_digest(&own.tables) != input_digest(&run.tables) {
            return differs("the data were others");
        }
    }
    if fit.label != backtest.label {
        return differs("the label is another one");
    }
    Ok(Some(fit))
}

fn result_text(folder: &Path, file: &'static str) -> Result<String, Error> {
    let path = folder.join(file);
    if !path.exists() {
        return Err(Error::NoResult { file, folder: folder.to_owned() });
    }
    read_text(&path, "a result of `chs backtest`")
}

fn result_file(folder: &Path, file: &str, detail: String) -> Error {
    Error::ResultFile { path: folder.join(file), detail }
}

fn loading(run: &Run, check: &Check) -> Loading {
    Loading {
        tables: loaded_tables(&run.tables),
        indicators: check.indicators.iter().map(indicator_cells).collect(),
        findings: check.findings.iter().map(report_finding).collect(),
        provenance: Provenance {
            tool_version: run.tool_version.clone(),
            project: run.project.name.clone(),
            as_of: run.as_of.as_ref().and_then(|day| day.parse().ok()),
            input_digest: input_digest(&run.tables),
        },
    }
}

fn indicator_cells(indicator: &Indicator) -> IndicatorCells {
    let day = |cells: &Cells| DayCells {
        date: cells.snapshot.clone(),
        filled: 1.0 - cells.missing_share,
        changed: cells.changed_share,
    };
    IndicatorCells {
        name: indicator.name.clone(),
        filled: indicator.present_share,
        days: indicator.over_time.iter().map(day).collect(),
    }
}

/// The row account as reports and terminals show it.
pub fn loaded_tables(tables: &[Table]) -> Vec<LoadedTable> {
    let loaded = |table: &Table| LoadedTable {
        name: table.table.clone(),
        files: table.files.len(),
        read: table.read,
        used: table.used,
        rejected: table.rejected.clone(),
        before_start: table.before_start,
        unmapped: table.unmapped,
        corrected: table.corrected,
    };
    tables.iter().map(loaded).collect()
}

/// A finding with its page, whichever crate it comes from.
pub fn report_finding(finding: &Finding) -> ReportFinding {
    let page = rule(&finding.code).map_or("", |rule| rule.page).to_owned();
    ReportFinding { page, ..ReportFinding::from(finding) }
}

/// Sha256 over the digests of all files read, in their order.
fn input_digest(tables: &[Table]) -> String {
    let digests = tables.iter().flat_map(|table| &table.files).map(|file| file.sha256.as_str());
    sha256(digests.collect::<String>().as_bytes())
}
