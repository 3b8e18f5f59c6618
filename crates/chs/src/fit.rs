//! From a history to a validated model file, or to a refusal with its reasons.

use chs_backtest::{BacktestError, Settings};
use chs_data::ProjectFile;
use chs_fit::fit_json::v1::{Fit, Plan};
use chs_fit::{FitOutcome, FitReport, FitSettings, OldModel, Validated};
use chs_scorecard::ModelFile;
use chs_scorecard::model_file::v1::{DataFile, ModelCard, Tool};
use jiff::ToSpan;

use crate::Error;
use crate::observer::{Stage, enter};
use crate::output::OutputFile;
use crate::pipeline::{Done, Job, Replayed, Results, json_file, with_baselines};
use crate::rejects_csv::rejects_file;
use crate::run_json::v1::Table;
use crate::scorecard_files::ScorecardFile;

/// Name of the file of a fit.
pub const FIT_FILE: &str = "fit.json";
/// Name of the model file.
pub const MODEL_FILE: &str = "model.chs.json";
/// Name of the manifest of a fit: it stands beside that of a backtest.
pub const FIT_RUN_FILE: &str = "fit-run.json";

/// How a fit ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// What was found, as it is written to `fit.json`.
    pub fit: Fit,
    /// The model; none where it was refused.
    pub model: Option<ModelFile>,
}

/// Who answers for a model, and which version it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Its version; that of the scorecard where `None`.
    pub version: Option<String>,
    /// The role that answers for it.
    pub owner: Option<String>,
}

/// Learn a model from the first score of a job, the prior: `fit.json`, `rejects.csv`, `fit-run.json`, and
/// `model.chs.json` where every gate is open.
///
/// A refusal leaves an earlier model file as it is. The baselines are those of a backtest, unless
/// `settings` name others.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying, fitting or writing; nothing is written then.
pub fn fit(job: Job<'_>, settings: &FitSettings, release: &Release) -> Result<Done<Fitted>, Error> {
    let [prior] = job.scorecards else { return Err(BacktestError::NoCandidate.into()) };
    let prior = released(prior, release)?;
    let replayed = Replayed::new(job)?;
    let (fitted, mut files) = fitted(job, &replayed, settings, (&prior, release))?;
    files.push(rejects_file(replayed.rejects())?);
    let results = Results { files, check: None, seed: Some(settings.seed), manifest: FIT_RUN_FILE };
    replayed.finish(job, results, fitted)
}

/// What a fit of the same job would do; nothing is learned or written.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying, or of a panel and a scorecard that do not fit together.
pub fn plan_fit(job: Job<'_>, settings: &FitSettings) -> Result<Plan, Error> {
    let [prior] = job.scorecards else { return Err(BacktestError::NoCandidate.into()) };
    let replayed = Replayed::new(job)?;
    Ok(chs_fit::plan(&replayed.panel, &prior.scorecard, settings)?.to_json())
}

/// The prior in the version of the model.
pub(crate) fn released(prior: &ScorecardFile, release: &Release) -> Result<ScorecardFile, Error> {
    let mut prior = prior.clone();
    if let Some(version) = &release.version {
        prior.scorecard = prior
            .scorecard
            .with_version(version)
            .ok_or_else(|| Error::Version { version: version.clone() })?;
    }
    Ok(prior)
}

/// The fit of a replayed history, with its files.
pub(crate) fn fitted(
    job: Job<'_>,
    replayed: &Replayed<'_>,
    settings: &FitSettings,
    (prior, release): (&ScorecardFile, &Release),
) -> Result<(Fitted, Vec<OutputFile>), Error> {
    enter(job.observer, Stage::Fit)?;
    let settings = FitSettings {
        as_of: settings.as_of.or(job.inputs.as_of),
        old_model: settings.old_model.clone().or_else(|| old_model(prior)),
        ..against_baselines(settings, &job.inputs.project)
    };
    let told = |done, of| job.observer.progress(done, of);
    let outcome = chs_fit::fit_told(&replayed.panel, &prior.scorecard, &settings, &told)?;
    enter(job.observer, Stage::Encode)?;
    let fit = outcome.to_json();
    let mut files = vec![json_file(FIT_FILE, &fit)?];
    let model = match &outcome {
        FitOutcome::Refused(_) => None,
        FitOutcome::Validated(validated) => {
            let tables = replayed.tables();
            let model = sealed(job, validated, prior, release, &tables)?;
            let mut bytes = Vec::new();
            model.write_to(&mut bytes).map_err(|error| Error::Encode {
                file: MODEL_FILE.to_owned(),
                detail: error.to_string(),
            })?;
            files.push(OutputFile::new(MODEL_FILE, bytes));
            Some(model)
        }
    };
    Ok((Fitted { fit, model }, files))
}

fn against_baselines(settings: &FitSettings, project: &ProjectFile) -> FitSettings {
    let found = with_baselines(&Settings::default(), project);
    let mut settings = settings.clone();
    settings.recency_indicator = settings.recency_indicator.or(found.recency_indicator);
    settings.tenure_indicator = settings.tenure_indicator.or(found.tenure_indicator);
    if settings.trend_indicators.is_empty() {
        settings.trend_indicators = found.trend_indicators;
    }
    settings
}

/// What a model file says of its probability; none where the prior is a scorecard.
fn old_model(prior: &ScorecardFile) -> Option<OldModel> {
    let file = prior.model.as_ref()?;
    let window = file.document().provenance.window.as_ref();
    Some(OldModel {
        calibration: file.model().calibration().clone(),
        trained_to: window.and_then(|window| window.to.parse().ok()),
    })
}

fn sealed(
    job: Job<'_>,
    validated: &Validated,
    prior: &ScorecardFile,
    release: &Release,
    tables: &[Table],
) -> Result<ModelFile, Error> {
    let tool = Tool { name: "chs".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let card = model_card(job, validated.report(), release);
    let mut parts = validated.model_parts(tool, card);
    let provenance = &mut parts.provenance;
    provenance.project_digest = Some(job.inputs.project_sha256.clone());
    provenance.scorecard_digest = prior.model.is_none().then(|| prior.sha256.clone());
    provenance.parent_model_digest = prior.model_digest();
    provenance.as_of = job.inputs.as_of.map(|day| day.to_string());
    let files = tables.iter().flat_map(|table| table.files.iter().map(move |file| (table, file)));
    provenance.data = files
        .map(|(table, file)| DataFile {
            name: table.table.clone(),
            digest: file.sha256.clone(),
            rows: Some(file.rows),
        })
        .collect();
    ModelFile::seal(parts).map_err(|source| Error::Seal { source: Box::new(source) })
}

/// What a model is for, as far as the history tells; the owner is for people to name.
fn model_card(job: Job<'_>, report: &FitReport, release: &Release) -> ModelCard {
    let label = &report.label;
    let outcome = &label.outcome;
    let window = label.window.as_ref();
    let known = job.inputs.as_of.or(window.map(|window| window.follow_up_end));
    let review_due = known.and_then(|day| day.checked_add(1.year()).ok());
    let told = window.map_or_else(
        || format!("tell the probability of {outcome}, as in the cross-section it was trained on,"),
        |window| {
            let (horizon, lead_time) = (window.horizon, window.lead_time);
            format!(
                "tell the probability of {outcome} within {horizon}, starting {lead_time} after the day \
                 of the score,"
            )
        },
    );
    ModelCard {
        owner: release.owner.clone().unwrap_or_else(|| "not named".to_owned()),
        intended_use: format!(
            "rank accounts by health and {told} for people who then decide what to do"
        ),
        out_of_scope: vec![
            "other outcomes, horizons and kinds of accounts than those it was trained on"
                .to_owned(),
            "decisions without a person".to_owned(),
        ],
        limitations: vec![
            format!("validated by {}", report.design()),
            "weights say what goes together with the outcome, not what would prevent it".to_owned(),
        ],
        monitoring_plan:
            "at each snapshot hold the inputs and the score against `reference`; once \
                          outcomes are known, backtest the file on them"
                .to_owned(),
        review_due: review_due.map(|day| day.to_string()),
    }
}
