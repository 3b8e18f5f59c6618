//! Calibration and backtesting of customer health scores: the pipeline in one place.
//!
//! [`Inputs::read`] finds `chs.toml`, [`read_scorecards`] the scores to test; [`check`], [`panel`] and
//! [`backtest`] then read the data, replay them at each snapshot as they were known, and write their
//! files, all or none; [`check_with_leaks`] also audits the panel for what nobody could have known.
//! [`report()`] words a backtest for people.
//!
//! [`fit()`] makes a model file of a scorecard and a history, or refuses with its reasons; [`read_model`]
//! verifies such a file, [`score_records`] scores by it. [`explain`] takes one account apart, [`compare()`]
//! holds two scores against each other. [`demo()`] does the whole way once on a simulated history.
//!
//! ```no_run
//! use std::path::Path;
//! use chs::{InputOptions, Inputs, Job, Settings, Unobserved};
//!
//! let inputs = Inputs::read(&InputOptions::default())?;
//! let scorecards = chs::read_scorecards(&inputs, &[])?;
//! let out = Path::new("chs-out");
//! let job = Job { command: "backtest", inputs: &inputs, scorecards: &scorecards, out, observer: &Unobserved };
//! let done = chs::backtest(job, &Settings::default())?;
//! println!("{}", done.result.verdict.sentence);
//! # Ok::<(), chs::Error>(())
//! ```
//!
//! Who wants the stages one by one takes [`load`], [`replay`] (for a panel that is ready [`load_panel`],
//! [`ready_panel`]) and [`evaluate`]; who only scores takes
//! [`Scorecard`], or the crate `chs-scorecard` alone. Nothing here prints or knows a clock: an
//! [`Observer`] is told what happens.

mod error;
mod observer;

mod model_files;
mod project_file;
mod scorecard_files;

mod ignored_findings;
mod indicator_kinds;
mod leak_audit;
mod pipeline;
mod training_overlap;

mod fit;

mod compare;
mod migration;

pub mod check_json;
pub mod compare_json;
pub mod run_json;

mod missed_csv;
mod output;
mod parquet_files;
mod rejects_csv;

mod report;

mod explanation;
mod scores;

pub mod demo;
mod init;
mod proposal;
mod simulate;
mod survey;

mod rules;
mod schemas;
mod threads;

pub use error::Error;
pub use observer::{Observer, Stage, Unobserved};

pub use compare::{COMPARE_FILE, COMPARE_RUN_FILE, compare};
pub use explanation::{
    Change, Due, Explanation, IndicatorRow, Point, Points, Question, Standing, explain,
};
pub use fit::{FIT_FILE, FIT_RUN_FILE, Fitted, MODEL_FILE, Release, fit, plan_fit};
pub use init::{SampleData, TEMPLATES, Template, init, init_from, template};
pub use missed_csv::MISSED_FILE;
pub use model_files::{golden_records, read_model};
pub use output::{OutputFile, check_folder, write_files};
pub use parquet_files::{PANEL_FILE, PREDICTIONS_FILE};
pub use pipeline::{
    BACKTEST_FILE, CHECK_FILE, Done, Job, RUN_FILE, backtest, check, check_with_leaks, panel,
    whole, with_baselines,
};
pub use project_file::{InputOptions, Inputs, PROJECT_FILE, find_project};
pub use rejects_csv::REJECTS_FILE;
pub use report::{
    CHARTS_FOLDER, HTML_REPORT_FILE, MARKDOWN_REPORT_FILE, loaded_tables, report, report_finding,
    report_input,
};
pub use rules::{rule, rules};
pub use schemas::{FileKind, schema};
pub use scorecard_files::{
    SCORECARD_FILE, ScorecardFile, read_score, read_scorecards, read_scores,
};
pub use scores::{ScoreColumn, ScoreValues, ScoredRecords, score_records};
pub use simulate::{history_files, simulate_files, truth_file};
pub use threads::set_threads;

pub use demo::demo;

pub use chs_backtest::{Evaluation, Settings, backtest_json, evaluate};
pub use chs_data::{
    History, LoadError, LoadReport, PanelProject, Project, ProjectFile, ReadError, ReplayError,
    load, load_panel, read_project, ready_panel, replay,
};
pub use chs_fit::{Estimator, FitSettings, Weights, fit_json};
pub use chs_panel::{
    Finding, IndicatorValues, Label, LabelState, Level, Named, NumberColumn, Panel, PanelParts,
    Rule, WordColumn,
};
pub use chs_report::{
    Alignment, ReportFinding, Summary, Table, difference_table, rival_table, row_account, summary,
    tally,
};
pub use chs_scorecard::{HealthScore, ModelFile, ModelFileError, Scorecard};
pub use chs_simulate::{Plan, Table as SimulatedTable};
pub use chs_toml::{Mistake, Mistakes, nearest};
