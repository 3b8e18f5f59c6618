//! The way from files to results, assembled once: load, replay, check, score, evaluate, write.

use std::path::{Path, PathBuf};

use chs_backtest::backtest_json::v1::{Backtest, Finding, Label};
use chs_backtest::{BacktestError, Evaluation, LeakAudit, Settings, evaluate};
use chs_data::{
    History, LoadError, LoadReport, Measure, PanelProject, Project, ProjectFile, Reject, Verb,
};
use chs_fit::FitSettings;
use chs_panel::Panel;
use chs_scorecard::Scorecard;
use jiff::civil::Date;
use serde::Serialize;

use crate::Error;
use crate::check_json::v1::{self as check_json, Check};
use crate::fit::{Fitted, Release, fitted};
use crate::ignored_findings::let_be;
use crate::indicator_kinds::{carried, trends};
use crate::leak_audit::{audit_history, audit_panel};
use crate::missed_csv::missed_file;
use crate::observer::{Observer, Stage, enter};
use crate::output::{OutputFile, check_folder, write_files};
use crate::parquet_files::{panel_file, predictions_file};
use crate::project_file::Inputs;
use crate::rejects_csv::rejects_file;
use crate::run_json::v1::{self as run_json, Run};
use crate::scorecard_files::ScorecardFile;
use crate::simulate::encode;
use crate::training_overlap::training_overlap;

/// Name of the file of the backtest.
pub const BACKTEST_FILE: &str = "backtest.json";
/// Name of the file of the check.
pub const CHECK_FILE: &str = "check.json";
/// Name of the run's manifest.
pub const RUN_FILE: &str = "run.json";

/// What a run works on, where it writes, and who watches.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Name of the command, for `run.json`.
    pub command: &'static str,
    /// What is read.
    pub inputs: &'a Inputs,
    /// The scores to test; empty where none is tested.
    pub scorecards: &'a [ScorecardFile],
    /// Where files are written.
    pub out: &'a Path,
    /// Who watches.
    pub observer: &'a dyn Observer,
}

/// What a run says and wrote.
#[derive(Clone, Debug)]
pub struct Done<T> {
    /// The result.
    pub result: T,
    /// What was checked of the data; `None` where it was not.
    pub check: Option<Check>,
    /// The manifest, with the row account.
    pub run: Run,
    /// Paths of the files written.
    pub written: Vec<PathBuf>,
}

/// Load and check the data: `check.json`, `rejects.csv`, `run.json`. Where more rows are rejected than
/// allowed, an error among the findings says so, and nothing else is looked at.
///
/// # Errors
///
/// Any other [`Error`] of loading, replaying or writing; nothing is written then.
pub fn check(job: Job<'_>) -> Result<Done<()>, Error> {
    match Replayed::new(job) {
        Ok(replayed) => {
            let check = replayed.check(job)?;
            replayed.finish_check(job, check)
        }
        Err(error) => refused_check(job, error),
    }
}

/// The check of data of which too many rows are rejected; any other error stands.
fn refused_check(job: Job<'_>, error: Error) -> Result<Done<()>, Error> {
    let Error::Load(LoadError::TooManyRejected(refused)) = error else { return Err(error) };
    let check = chs_data::check_refused(&refused);
    let check = check_json::Check::new(&check, &refused.report, &[]);
    finish_check(job, check, (&refused.report, None))
}

/// As [`check`], with an audit for leaks: the panel beside those of other futures, what event time alone
/// would have faked, and suspects among indicators and sources.
///
/// # Errors
///
/// As [`check`], or a scorecard that does not fit the panel.
pub fn check_with_leaks(job: Job<'_>) -> Result<Done<()>, Error> {
    match Replayed::new(job) {
        Ok(replayed) => {
            let mut check = replayed.check(job)?;
            check.add(&replayed.audit_leaks(job)?);
            replayed.finish_check(job, check)
        }
        Err(error) => refused_check(job, error),
    }
}

/// Load and replay the data: `panel.parquet`, `rejects.csv`, `run.json`.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying or writing; nothing is written then.
pub fn panel(job: Job<'_>) -> Result<Done<()>, Error> {
    let replayed = Replayed::new(job)?;
    enter(job.observer, Stage::Encode)?;
    let files = vec![panel_file(&replayed.panel)?, rejects_file(&replayed.report.rejects)?];
    replayed.finish(job, Results { files, check: None, seed: None, manifest: RUN_FILE }, ())
}

/// Test the scores against what came after: `predictions.parquet`, `backtest.json`, `check.json`,
/// `rejects.csv`, `run.json`.
///
/// The baselines are the first indicators with the verbs `recency` and `tenure`, unless `settings` name
/// others.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying, testing or writing; nothing is written then.
pub fn backtest(job: Job<'_>, settings: &Settings) -> Result<Done<Backtest>, Error> {
    let replayed = Replayed::new(job)?;
    let mut check = replayed.check(job)?;
    let evaluation = replayed.evaluate(job, settings)?;
    enter(job.observer, Stage::Encode)?;
    let mut backtest = evaluation.to_json();
    replayed.let_be(job, &mut check.findings);
    replayed.let_be(job, &mut backtest.findings);
    let files = replayed.backtest_files(&evaluation, &backtest, &check)?;
    replayed.finish(
        job,
        Results { files, check: Some(check), seed: Some(settings.seed), manifest: RUN_FILE },
        backtest,
    )
}

/// Everything at once, over one reading of the data: what [`check`], [`panel`], [`backtest`] and
/// [`fit`](crate::fit()) write, in one manifest. The prior of the fit is the first score of the job.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying, testing, fitting or writing; nothing is written then.
pub fn whole(
    job: Job<'_>,
    settings: &Settings,
    fit: &FitSettings,
) -> Result<(Done<Backtest>, Fitted), Error> {
    let prior = job.scorecards.first().ok_or(BacktestError::NoCandidate)?;
    let replayed = Replayed::new(job)?;
    let mut check = replayed.check(job)?;
    let evaluation = replayed.evaluate(job, settings)?;
    let (fitted, fit_files) = fitted(job, &replayed, fit, (prior, &Release::default()))?;
    let mut backtest = evaluation.to_json();
    replayed.let_be(job, &mut check.findings);
    replayed.let_be(job, &mut backtest.findings);
    let mut files = vec![panel_file(&replayed.panel)?];
    files.extend(replayed.backtest_files(&evaluation, &backtest, &check)?);
    files.extend(fit_files);
    let seed = Some(settings.seed);
    let results = Results { files, check: Some(check), seed, manifest: RUN_FILE };
    Ok((replayed.finish(job, results, backtest)?, fitted))
}

/// The indicators that make trivial rivals of a score: the first of their verbs, or those that a ready
/// panel names; and what `[backtest]` says.
pub fn with_baselines(settings: &Settings, project: &ProjectFile) -> Settings {
    let (recency, tenure) = match project {
        ProjectFile::History(project) => first_of_their_verbs(project),
        ProjectFile::Panel(project) => (project.recency.clone(), project.tenure.clone()),
    };
    let mut settings = settings.clone();
    settings.recency_indicator = settings.recency_indicator.or(recency);
    settings.tenure_indicator = settings.tenure_indicator.or(tenure);
    if let ProjectFile::History(project) = project {
        settings.carried_indicators = carried(project);
        settings.trend_indicators = trends(project);
    }
    let stated = project.backtest();
    settings.touched_indicator = settings.touched_indicator.or_else(|| stated.touched.clone());
    settings.consecutive = stated.consecutive.unwrap_or(settings.consecutive);
    settings
}

fn first_of_their_verbs(project: &Project) -> (Option<String>, Option<String>) {
    let first = |is_it: fn(&Verb) -> bool| {
        let found = project.indicators.iter().find(|indicator| is_it(&indicator.verb));
        found.map(|indicator| indicator.name.value.clone())
    };
    let recency =
        |verb: &Verb| matches!(verb, Verb::Rows(rows) if matches!(rows.measure, Measure::Recency));
    (first(recency), first(|verb| matches!(verb, Verb::Tenure)))
}

/// What there is to write.
pub(crate) struct Results {
    pub(crate) files: Vec<OutputFile>,
    pub(crate) check: Option<Check>,
    pub(crate) seed: Option<u64>,
    /// Name of the manifest.
    pub(crate) manifest: &'static str,
}

/// What a panel was made from.
enum Origin<'a> {
    History(&'a Project, Box<History>),
    Ready(&'a PanelProject),
}

/// The data as they were known.
pub(crate) struct Replayed<'a> {
    origin: Origin<'a>,
    report: LoadReport,
    pub(crate) panel: Panel,
}

impl<'a> Replayed<'a> {
    pub(crate) fn new(job: Job<'a>) -> Result<Self, Error> {
        check_folder(job.out)?;
        Self::read(job.inputs, job.scorecards, job.observer)
    }

    /// The data, for what writes no file.
    pub(crate) fn read(
        inputs: &'a Inputs,
        scorecards: &[ScorecardFile],
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let Inputs { project, data_dir, as_of, .. } = inputs;
        enter(observer, Stage::Load)?;
        let (origin, report, panel) = match project {
            ProjectFile::History(project) => {
                let (history, report) = chs_data::load(project, data_dir, *as_of)?;
                enter(observer, Stage::Replay)?;
                let panel = chs_data::replay(project, &history)?;
                (Origin::History(project, Box::new(history)), report, panel)
            }
            ProjectFile::Panel(project) => {
                let (table, report) = chs_data::load_panel(project, data_dir, *as_of)?;
                enter(observer, Stage::Replay)?;
                (Origin::Ready(project), report, chs_data::ready_panel(project, table)?)
            }
        };
        for file in scorecards {
            file.check_values(&panel)?;
        }
        Ok(Self { origin, report, panel })
    }

    /// Rows that were rejected, with their place.
    pub(crate) fn rejects(&self) -> &[Reject] {
        &self.report.rejects
    }

    /// Row account per table.
    pub(crate) fn tables(&self) -> Vec<run_json::Table> {
        tables(&self.report)
    }

    fn check(&self, job: Job<'_>) -> Result<Check, Error> {
        enter(job.observer, Stage::Check)?;
        let check = match &self.origin {
            Origin::History(project, history) => {
                chs_data::check(project, history, &self.report, &self.panel)
            }
            Origin::Ready(project) => chs_data::check_panel(project, &self.report, &self.panel),
        };
        Ok(check_json::Check::new(&check, &self.report, days(&self.panel)))
    }

    /// Let the findings be that the project says.
    fn let_be(&self, job: Job<'_>, findings: &mut [Finding]) {
        let_be(findings, &job.inputs.project, days(&self.panel).last().copied());
    }

    fn audit_leaks(&self, job: Job<'_>) -> Result<LeakAudit, Error> {
        enter(job.observer, Stage::Audit)?;
        let scorecards = scorecards(job);
        match &self.origin {
            Origin::History(project, history) => {
                audit_history(project, history, &self.panel, &scorecards)
            }
            Origin::Ready(_) => audit_panel(&self.panel, &scorecards),
        }
    }

    fn finish_check(&self, job: Job<'_>, mut check: Check) -> Result<Done<()>, Error> {
        self.let_be(job, &mut check.findings);
        finish_check(job, check, (&self.report, Some(&self.panel)))
    }

    pub(crate) fn evaluate(&self, job: Job<'_>, settings: &Settings) -> Result<Evaluation, Error> {
        enter(job.observer, Stage::Evaluate)?;
        let scorecards = scorecards(job);
        let settings = with_baselines(settings, &job.inputs.project);
        let mut evaluation = evaluate(&self.panel, &scorecards, &settings)?;
        let overlap = training_overlap(job.scorecards, &self.panel, &evaluation);
        evaluation.findings.extend(overlap);
        evaluation.findings.sort_by_key(|finding| finding.code);
        Ok(evaluation)
    }

    fn backtest_files(
        &self,
        evaluation: &Evaluation,
        backtest: &Backtest,
        check: &Check,
    ) -> Result<Vec<OutputFile>, Error> {
        Ok(vec![
            predictions_file(&evaluation.predictions(&self.panel))?,
            json_file(BACKTEST_FILE, backtest)?,
            json_file(CHECK_FILE, check)?,
            rejects_file(&self.report.rejects)?,
            missed_file(evaluation)?,
        ])
    }

    /// Write the files, and the manifest that names them after them.
    pub(crate) fn finish<T>(
        &self,
        job: Job<'_>,
        results: Results,
        result: T,
    ) -> Result<Done<T>, Error> {
        finish(job, results, result, (&self.report, Some(&self.panel)))
    }
}

/// What was read, and the panel that was made of it.
type Read<'a> = (&'a LoadReport, Option<&'a Panel>);

fn finish_check(job: Job<'_>, check: Check, read: Read<'_>) -> Result<Done<()>, Error> {
    enter(job.observer, Stage::Encode)?;
    let files = vec![json_file(CHECK_FILE, &check)?, rejects_file(&read.0.rejects)?];
    let results = Results { files, check: Some(check), seed: None, manifest: RUN_FILE };
    finish(job, results, (), read)
}

fn finish<T>(job: Job<'_>, results: Results, result: T, read: Read<'_>) -> Result<Done<T>, Error> {
    let Results { mut files, check, seed, manifest: name } = results;
    let run = manifest(job, seed, &files, read);
    files.push(json_file(name, &run)?);
    let written = write_files(job.out, &files, job.observer)?;
    Ok(Done { result, check, run, written })
}

fn manifest(
    job: Job<'_>,
    seed: Option<u64>,
    files: &[OutputFile],
    (report, panel): Read<'_>,
) -> Run {
    let Inputs { project, project_sha256, as_of, .. } = job.inputs;
    let days = panel.map_or(&[][..], days);
    let scorecard = |file: &ScorecardFile| run_json::Scorecard {
        name: file.scorecard.name().to_owned(),
        version: file.scorecard.version().to_owned(),
        sha256: file.sha256.clone(),
        model_digest: file.model_digest(),
    };
    let written = |file: &OutputFile| run_json::Written {
        file: file.name.clone(),
        sha256: file.sha256(),
        bytes: file.bytes.len(),
    };
    let labels = panel.into_iter().flat_map(Panel::labels);
    Run {
        schema: run_json::Schema { name: run_json::NAME.to_owned(), version: run_json::VERSION },
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        command: job.command.to_owned(),
        project: run_json::Project {
            name: project.name().to_owned(),
            time_zone: project.time_zone().to_owned(),
            sha256: project_sha256.clone(),
        },
        scorecards: job.scorecards.iter().map(scorecard).collect(),
        as_of: as_of.map(|day| day.to_string()),
        seed,
        labels: labels.map(|label| Label::from(&label.definition)).collect(),
        panel: run_json::Panel {
            rows: panel.map_or(0, Panel::len),
            accounts: panel.map_or(0, |panel| panel.accounts().len()),
            snapshots: days.len(),
            first_snapshot: days.first().map(ToString::to_string),
            last_snapshot: days.last().map(ToString::to_string),
        },
        tables: tables(report),
        written: files.iter().map(written).collect(),
        environment: job.observer.environment(),
    }
}

/// The days of a panel, none in a cross-section.
fn days(panel: &Panel) -> &[Date] {
    if panel.is_cross_section() { &[] } else { panel.snapshots() }
}

fn tables(report: &LoadReport) -> Vec<run_json::Table> {
    report.tables.iter().map(run_json::Table::from).collect()
}

fn scorecards(job: Job<'_>) -> Vec<Scorecard> {
    job.scorecards.iter().map(|file| file.scorecard.clone()).collect()
}

/// A result as JSON, indented, with a newline at its end.
pub(crate) fn json_file(name: &str, value: &impl Serialize) -> Result<OutputFile, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| encode(name, &error))?;
    bytes.push(b'\n');
    Ok(OutputFile::new(name, bytes))
}

#[cfg(test)]
mod tests {
    use super::with_baselines;
    use crate::Settings;

    #[test]
    fn a_ready_panel_names_its_baselines() {
        let text = r#"
            spec_version = 1
            [panel]
            path = "panel.csv"
            id = "id"
            indicators = ["silent", "age"]
            recency = "silent"
            label = { name = "churn", column = "churned" }
        "#;
        let project = chs_data::read_project("chs.toml", text).unwrap();
        let settings = with_baselines(&Settings::default(), &project);
        assert_eq!(settings.recency_indicator.as_deref(), Some("silent"));
        assert_eq!(settings.tenure_indicator, None);
    }

    #[test]
    fn baselines_are_the_first_of_their_verbs() {
        let text = r#"
            spec_version = 1
            [accounts]
            path = "accounts.csv"
            id = "id"
            churned = "churned"
            [sources.logins]
            path = "logins.csv"
            id = "id"
            at = "at"
            [backtest]
            touched = "logins"
            consecutive = 3
            [indicators]
            logins = { source = "logins", count = "30d" }
            silent = { source = "logins", recency = "days" }
            silent_too = { source = "logins", recency = "days", where = "minutes > 1" }
            age = { tenure = "days" }
        "#;
        let project = chs_data::read_project("chs.toml", text).unwrap();
        let settings = with_baselines(&Settings::default(), &project);
        assert_eq!(settings.recency_indicator.as_deref(), Some("silent"));
        assert_eq!(settings.tenure_indicator.as_deref(), Some("age"));
        assert_eq!(
            (settings.touched_indicator.as_deref(), settings.consecutive),
            (Some("logins"), 3)
        );
        let stated = Settings { recency_indicator: Some("logins".into()), ..Settings::default() };
        assert_eq!(with_baselines(&stated, &project).recency_indicator.as_deref(), Some("logins"));
    }
}
