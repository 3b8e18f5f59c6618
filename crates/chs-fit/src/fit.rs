//! The whole fit, step by step.

use std::collections::BTreeSet;

use chs_backtest::{evaluate_out_of_fold, score_columns};
use chs_panel::Panel;
use chs_scorecard::{Model, Scorecard};
use chs_stats::{Estimate, exact_sum};

use crate::edge_doubt::{EdgeDoubt, edge_doubt};
use crate::evidence::reference;
use crate::folds::snapshots;
use crate::gates::{Evidence, moved};
use crate::history::History;
use crate::keeping::prices;
use crate::learn::{Learned, Stop, Weighing, learn, percent};
use crate::optimism::optimism;
use crate::out_of_time::{MOST_ORIGINS, out_of_time};
use crate::progress::{EVALUATION, LEARNING, Progress};
use crate::recalibration::recalibration;
use crate::report::BandsReport;
use crate::segments::{segment_weights, with_edges};
use crate::selection::Training;
use crate::stability::{Question, Stability, Unpenalised};
use crate::trends::trend_test;
use crate::{
    DataUsed, Estimator, FitError, FitOutcome, FitReport, FitSettings, Optimism, Reason, Refusal,
    RoundingReport, SegmentFit, TrendTest, Unlearnable, Validated, WeightRow, Weights,
};

/// Learn weights, probability and bands from a panel, show out of time that they hold, or refuse.
///
/// The prior gives normalisation, missing policies, share bounds, the direction that weights are drawn
/// to, and the gates. The final model is learned from every labelled row; the evidence comes from the
/// same procedure, repeated at origins of the holdout on what was settled by then.
///
/// Nobody is told how far it has come; [`fit_told`] tells.
///
/// Time: about a second per 10,000 rows and a dozen indicators.
///
/// # Errors
///
/// [`FitError`] where panel, label, scorecard and settings do not fit together, or the estimator gives
/// up. A history that teaches nothing, or whose evidence does not pass a gate, is a [`Refusal`].
pub fn fit(
    panel: &Panel,
    prior: &Scorecard,
    settings: &FitSettings,
) -> Result<FitOutcome, FitError> {
    fit_told(panel, prior, settings, &|_, _| ())
}

/// [`fit`], somebody being told on the way how many parts of the work are done, and of how many.
///
/// # Errors
///
/// As [`fit`].
pub fn fit_told(
    panel: &Panel,
    prior: &Scorecard,
    settings: &FitSettings,
    told: &(dyn Fn(usize, usize) + Sync),
) -> Result<FitOutcome, FitError> {
    let history = History::new(panel, prior, settings, Progress::new(parts(settings), told))?;
    let learned = match learn(&history, &history.rows, None) {
        Ok(learned) => Ok(learned),
        Err(Stop::Refused(reason)) => Err(reason),
        Err(Stop::Failed(error)) => return Err(error),
    };
    history.progress.add(LEARNING);
    let doubts = doubts(&history, learned.as_ref().ok())?;
    let report = report(&history, learned.as_ref().ok(), doubts)?;
    let reasons = reasons(learned.as_ref().err(), &report);
    match learned {
        Ok(learned) if reasons.is_empty() => {
            Ok(FitOutcome::Validated(Box::new(validated(&history, &learned, report)?)))
        }
        _ => Ok(FitOutcome::Refused(Box::new(Refusal { report, reasons }))),
    }
}

/// Parts of the work, as they are told.
fn parts(settings: &FitSettings) -> usize {
    let doubts = match (settings.weights, settings.estimator) {
        (Weights::Learned, Estimator::Constrained) => 2 * LEARNING + settings.resamples,
        _ => 0,
    };
    (1 + MOST_ORIGINS) * LEARNING + doubts + EVALUATION
}

/// How sure the learned weights and edges are.
#[derive(Default)]
struct Doubts {
    stability: Stability,
    unpenalised: Option<Unpenalised>,
    prices: Vec<Option<Estimate>>,
    edges: EdgeDoubt,
    trends: Option<TrendTest>,
    optimism: Option<Optimism>,
    /// Their edges are still to come.
    segments: Vec<SegmentFit>,
}

fn doubts(history: &History<'_>, learned: Option<&Learned>) -> Result<Doubts, FitError> {
    let segments = segment_weights(history, None)?;
    let Some(learned) = learned else { return Ok(Doubts { segments, ..Doubts::default() }) };
    let edges = edge_doubt(history, &learned.scorecard, learned.edges_found)?;
    let of_edges = |edges| Doubts { edges, segments, ..Doubts::default() };
    // The reference estimator has neither bounds nor certificate: it is held against, not doubted.
    let weighing =
        learned.weighing.as_ref().filter(|_| history.settings.estimator == Estimator::Constrained);
    let Some(weighing) = weighing else { return Ok(of_edges(edges)) };
    let design = match history.design(&learned.table, &history.rows) {
        Ok(design) => design,
        Err(Stop::Refused(_)) => return Ok(of_edges(edges)),
        Err(Stop::Failed(error)) => return Err(error),
    };
    let prior = learned.table.prior.weights();
    let question =
        Question { history, rows: &history.rows, design: &design, weighing, prior: &prior };
    let training = Training {
        history,
        table: &learned.table,
        rows: &history.rows,
        design: &design,
        cone: &weighing.cone,
        prior: &prior,
    };
    let continuous = percent(&weighing.solution.coefficients);
    let lambda = weighing.selection.chosen;
    let prices = prices(&training, &weighing.shares, &continuous, lambda)?;
    history.progress.add(LEARNING);
    let segments = segment_weights(history, Some((&training, lambda)))?;
    history.progress.add(LEARNING);
    Ok(Doubts {
        stability: question.stability(),
        unpenalised: question.unpenalised()?,
        prices,
        edges,
        trends: trend_test(&training, &weighing.shares, lambda)?,
        optimism: optimism(&question),
        segments,
    })
}

fn report(
    history: &History<'_>,
    learned: Option<&Learned>,
    mut doubts: Doubts,
) -> Result<FitReport, FitError> {
    let (settings, prior) = (history.settings, &history.whole.prior);
    let held_out = out_of_time(history)?;
    let what = match settings.weights {
        Weights::Learned => "fitted",
        Weights::Prior => "calibrated",
    };
    let scorecard = learned.map_or(prior, |learned| &learned.scorecard);
    let edges = scorecard.bands().iter().map(|band| band.from).collect();
    let candidate = held_out.candidate(format!("{}-{what}", prior.name()), prior.version(), edges);
    let evaluation = evaluate_out_of_fold(
        history.panel,
        candidate,
        std::slice::from_ref(prior),
        &settings.of_the_backtest(),
    )?;
    history.progress.add(EVALUATION);
    let segments = std::mem::take(&mut doubts.segments);
    let segments = with_edges(history, scorecard, &evaluation, segments)?;
    let data = data(history);
    let weights = learned.map(|learned| learned.scorecard.weights());
    let gates = Evidence {
        settings,
        policy: prior.gates(),
        as_of: history.as_of(),
        evaluation: &evaluation,
        prior: prior.name(),
        event_accounts: data.event_accounts,
        weights: weights.as_deref().unwrap_or_default(),
        folds: &held_out.folds,
    }
    .gates();
    let weighing = learned.and_then(|learned| learned.weighing.as_ref());
    Ok(FitReport {
        scorecard: prior.name().to_owned(),
        version: prior.version().to_owned(),
        label: history.label.definition.clone(),
        weights_from: settings.weights,
        estimator: settings.estimator,
        seed: settings.seed,
        replicates: settings.replicates,
        resamples: settings.resamples,
        level: settings.level,
        data,
        moved: weights.as_ref().map(|weights| moved(&prior.weights(), weights)),
        undefined_resamples: doubts.stability.undefined,
        weights: weight_rows(prior, learned, &doubts),
        selection: weighing.map(|weighing| weighing.selection.clone()),
        removed: removed(prior, weighing),
        certificate: weighing.map(|weighing| weighing.solution.certificate),
        rounding: weighing.map(|weighing| RoundingReport {
            steps: weighing.rounding.steps,
            cost: weighing.rounding.cost,
        }),
        calibration: learned.map(|learned| learned.calibration.clone()),
        bands: BandsReport::new(
            history.band_rule(),
            prior,
            learned.map(|learned| (&learned.scorecard, learned.edges_found)),
            &doubts.edges,
        ),
        scheme: held_out.scheme,
        folds: held_out.folds,
        evaluation,
        gates,
        recalibration: recalibration(history),
        trends: doubts.trends,
        segments,
        optimism: doubts.optimism,
    })
}

fn reasons(unlearnable: Option<&Unlearnable>, report: &FitReport) -> Vec<Reason> {
    let learning = unlearnable.map(|reason| Reason::NotLearnable(reason.clone()));
    let closed = report.gates.iter().filter(|gate| !gate.is_open());
    let closed = closed.map(|gate| Reason::Gate { name: gate.name, sentence: gate.sentence() });
    learning.into_iter().chain(closed).collect()
}

pub(crate) fn data(history: &History<'_>) -> DataUsed {
    let labelled = (0..history.panel.len()).filter(|row| history.label.value(*row).is_some());
    let mut snapshots = snapshots(history, &history.rows);
    let mut accounts = history.accounts(&history.rows);
    accounts.sort_unstable();
    accounts.dedup();
    if history.panel.is_cross_section() {
        snapshots.clear();
    }
    let days = snapshots.first().zip(snapshots.last());
    DataUsed {
        rows: history.rows.len(),
        events: history.labels(&history.rows).iter().filter(|label| **label).count(),
        accounts: accounts.len(),
        event_accounts: history.accounts_with(&history.rows, true),
        unscored: labelled.count().saturating_sub(history.rows.len()),
        window: days.map(|((first, _), (last, _))| (*first, *last)),
        snapshots: snapshots.len(),
    }
}

fn removed(prior: &Scorecard, weighing: Option<&Weighing>) -> Vec<(String, f64)> {
    let removed = weighing.into_iter().flat_map(|own| &own.removed);
    let named =
        |(index, cost): &(usize, f64)| Some((prior.indicators().nth(*index)?.name.clone(), *cost));
    removed.filter_map(named).collect()
}

fn weight_rows(prior: &Scorecard, learned: Option<&Learned>, doubts: &Doubts) -> Vec<WeightRow> {
    let weighing = learned.and_then(|learned| learned.weighing.as_ref());
    let fitted = learned.map(|learned| learned.scorecard.weights());
    let continuous = weighing.map(|weighing| percent(&weighing.solution.coefficients));
    let unpenalised = doubts.unpenalised.as_ref();
    let names = prior.components().iter().flat_map(|component| {
        component.indicators.iter().map(move |indicator| (&component.name, indicator))
    });
    let at =
        |values: Option<&Vec<f64>>, index: usize| values.and_then(|own| own.get(index).copied());
    names
        .enumerate()
        .map(|(index, (component, indicator))| WeightRow {
            component: component.clone(),
            indicator: indicator.name.clone(),
            prior: indicator.weight,
            fitted: at(fitted.as_ref(), index),
            continuous: at(continuous.as_ref(), index),
            coefficient: at(weighing.map(|weighing| &weighing.solution.coefficients), index),
            range: doubts.stability.ranges.get(index).copied().flatten(),
            keeping: doubts.prices.get(index).copied().flatten(),
            unpenalised: at(unpenalised.map(|own| &own.weights), index),
            unpenalised_interval: unpenalised
                .and_then(|own| own.intervals.get(index).copied().flatten()),
            silent: weighing.is_some_and(|own| own.silent.get(index).copied().unwrap_or(false)),
        })
        .collect()
}

fn validated(
    history: &History<'_>,
    learned: &Learned,
    report: FitReport,
) -> Result<Validated, FitError> {
    let scored = score_columns(history.panel, &learned.scorecard)?;
    let rows = &history.rows;
    let references: Vec<f64> = scored
        .sub_scores
        .iter()
        .map(|column| {
            let seen: Vec<f64> =
                rows.iter().filter_map(|row| column.get(*row).copied().flatten()).collect();
            // One that was never there is measured against the best, as where nothing was learned.
            let mean = exact_sum(seen.iter().copied()) / seen.len() as f64;
            if seen.is_empty() { 100.0 } else { mean.clamp(0.0, 100.0) }
        })
        .collect();
    let calibration = learned.calibration.clone();
    let model = Model::from_scorecard(&learned.scorecard, calibration, &references)
        .map_err(FitError::Model)?;
    let ids: BTreeSet<String> = history.panel.accounts().iter().cloned().collect();
    let reference = reference(history, &learned.scorecard, rows, &scored.score);
    Ok(Validated { report, model, reference, account_ids: ids })
}
