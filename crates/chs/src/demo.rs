//! The demo: a simulated history, and everything that can be said of it.

use std::path::{Path, PathBuf};

use chs_backtest::Settings;
use chs_backtest::backtest_json::v1::Backtest;
use chs_fit::FitSettings;
use chs_simulate::Plan;
use jiff::civil::{Date, date};

use crate::Error;
use crate::fit::{Fitted, MODEL_FILE};
use crate::model_files::read_model;
use crate::observer::Observer;
use crate::output::{OutputFile, check_folder, write_files};
use crate::parquet_files::PANEL_FILE;
use crate::pipeline::{Done, Job, whole};
use crate::project_file::{InputOptions, Inputs, PROJECT_FILE};
use crate::report::report;
use crate::scorecard_files::{SCORECARD_FILE, read_scorecards};
use crate::scores::{ScoredRecords, score_records};
use crate::simulate::simulate_files;

/// `chs.toml` of the demo.
pub const PROJECT: &str = include_str!("../../../datasets/saas-demo/chs.toml");
/// `scorecard.toml` of the demo.
pub const SCORECARD: &str = include_str!("../../../datasets/saas-demo/scorecard.toml");
/// Folder of the history, below the out folder.
pub const HISTORY_FOLDER: &str = "history";

/// Scores of every row of the panel, below the out folder.
pub const SCORES_FILE: &str = "scores.parquet";

/// The day on which the history was exported.
const AS_OF: Date = date(2026, 1, 1);

/// Simulate the demo's history into a folder, with its project and scorecard; returns the paths.
///
/// # Errors
///
/// [`Error`] where the folder cannot be written to; nothing is written then.
pub fn demo_history(folder: &Path, observer: &dyn Observer) -> Result<Vec<PathBuf>, Error> {
    check_folder(folder)?;
    let (_, tables) = simulate_files(&Plan::saas_demo(), observer)?;
    let below = |file: OutputFile| OutputFile { name: format!("data/{}", file.name), ..file };
    let mut files: Vec<OutputFile> = tables.into_iter().map(below).collect();
    files.push(OutputFile::new(PROJECT_FILE, PROJECT));
    files.push(OutputFile::new(SCORECARD_FILE, SCORECARD));
    write_files(folder, &files, observer)
}

/// What the demo says and wrote.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The backtest, with every file that was written.
    pub backtest: Done<Backtest>,
    /// The fit.
    pub fitted: Fitted,
    /// Scores by the model; none where it was refused.
    pub scored: Option<ScoredRecords>,
}

/// The whole way once: history, check, panel, backtest, fit, verify, score, report, all below `out`.
///
/// # Errors
///
/// Any [`Error`] of a run, such as a folder that cannot be written to.
pub fn demo(out: &Path, settings: &Settings, observer: &dyn Observer) -> Result<Demo, Error> {
    let folder = out.join(HISTORY_FOLDER);
    demo_history(&folder, observer)?;
    let project = Some(folder.join(PROJECT_FILE));
    let inputs =
        Inputs::read(&InputOptions { project, as_of: Some(AS_OF), ..InputOptions::default() })?;
    let scorecards = read_scorecards(&inputs, &[])?;
    let job = Job { command: "demo", inputs: &inputs, scorecards: &scorecards, out, observer };
    let fit = FitSettings {
        seed: settings.seed,
        replicates: settings.replicates,
        ..FitSettings::default()
    };
    let (mut backtest, fitted) = whole(job, settings, &fit)?;
    let scored = match &fitted.model {
        Some(_) => Some(score_panel(out)?),
        None => None,
    };
    if let Some(scored) = &scored {
        let file = scored.to_file(Path::new(SCORES_FILE))?;
        backtest.written.extend(write_files(out, &[file], observer)?);
    }
    backtest.written.extend(report(out, observer)?);
    Ok(Demo { backtest, fitted, scored })
}

/// Every row of the panel by the model file as it lies there, verified as anybody would who is given it.
fn score_panel(out: &Path) -> Result<ScoredRecords, Error> {
    let (model, _) = read_model(&out.join(MODEL_FILE))?;
    let ids = ["account_id", "snapshot"].map(str::to_owned);
    score_records(&model, &out.join(PANEL_FILE), &ids)
}
