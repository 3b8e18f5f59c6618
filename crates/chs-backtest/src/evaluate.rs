//! The whole backtest, step by step.

use chs_panel::{Label, Panel};
use chs_scorecard::{Component, Scorecard};
use chs_stats::exact_sum;
use rayon::prelude::*;

use crate::band_table::band_table;
use crate::baselines::{Rival, baseline_result, oriented, rivals, shuffled_labels};
use crate::calibration::calibration;
use crate::comparison::{compare, compare_losses};
use crate::conclude::{Conclusions, conclude};
use crate::decision::{Decided, decision};
use crate::distribution::distribution;
use crate::drift::drift;
use crate::figures::candidate_figures;
use crate::forecast::by_score;
use crate::life::{LifePlan, life};
use crate::questions::questions;
use crate::reliability::reliability;
use crate::same_rate::same_rates;
use crate::sample::{Contender, Frame, Sample};
use crate::score::{recorded, score_panel};
use crate::segment_spread::segment_spreads;
use crate::sensitivity::{Subject, sensitivity};
use crate::shipping::shipping;
use crate::signals::signals;
use crate::sufficiency::{row_states, sufficiency};
use crate::verdict::verdict;
use crate::{
    BacktestError, Baseline, CandidateKind, CandidateResult, Comparison, Decision, Drift,
    Evaluation, Life, SameRate, Scheme, ScoreCoverage, Scores, Sensitivity, Settings, Signal,
};

/// Test scorecards, and the scores that the panel recorded, against what came after.
///
/// The scorecards come first, in the order given, then the recorded scores in the order of the panel;
/// the first of all is the primary, which the verdict speaks of. Time: a few seconds for 40,000 rows.
///
/// # Errors
///
/// [`BacktestError`] where the panel lacks a label or an indicator that is asked for, where there is
/// nothing to test, or a setting is out of range. Too little history is not an error but a verdict.
pub fn evaluate(
    panel: &Panel,
    scorecards: &[Scorecard],
    settings: &Settings,
) -> Result<Evaluation, BacktestError> {
    run(panel, None, scorecards, settings)
}

/// Scores that fits made of rows they had not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfFold {
    /// What to call them.
    pub name: String,
    /// Version of the scorecard that was fitted.
    pub version: Option<String>,
    /// Per row of the panel; rows that no fit left out have neither score nor probability.
    pub scores: Scores,
    /// How they were left out.
    pub scheme: Scheme,
    /// Lower edges of the bands to show, one per band name.
    pub edges: Vec<f64>,
}

/// Test out-of-fold scores as the primary candidate, beside scorecards and recorded scores.
///
/// Their probabilities are taken as they come; everything else is as [`evaluate`] has it, but for the life of
/// the accounts, which is left out. Comparisons rest on the rows that both sides have.
///
/// # Errors
///
/// [`BacktestError`], as [`evaluate`].
pub fn evaluate_out_of_fold(
    panel: &Panel,
    tested: OutOfFold,
    scorecards: &[Scorecard],
    settings: &Settings,
) -> Result<Evaluation, BacktestError> {
    run(panel, Some(tested), scorecards, settings)
}

fn run(
    panel: &Panel,
    tested: Option<OutOfFold>,
    scorecards: &[Scorecard],
    settings: &Settings,
) -> Result<Evaluation, BacktestError> {
    let label = checked_label(panel, settings)?;
    let frame = Frame::new(panel, label, settings);
    let is_whole = tested.is_none();
    let entries = entries(panel, tested, scorecards)?;
    let scored: Vec<(Contender, Entry)> =
        entries.into_par_iter().map(|entry| forecast(&frame, entry)).collect();
    let Some((primary, of_primary)) = scored.first() else {
        return Err(BacktestError::NoCandidate);
    };
    let rivals = rivals(&frame, primary, scorecards.first())?;
    let contenders: Vec<&Contender> = scored.iter().map(|(contender, _)| contender).collect();
    let comparisons = comparisons(&frame, &contenders, &rivals);
    let mut baselines: Vec<_> =
        rivals.par_iter().map(|rival| baseline_result(&frame, primary, rival)).collect();
    let (shuffled, shuffled_interval) = shuffled_labels(&frame, primary);
    baselines.push(shuffled);
    let spreads = segment_spreads(&frame, primary);
    let parts = parts(&frame, scorecards.first(), (primary, of_primary))?;
    let indicators = scorecards.first().map_or(0, |scorecard| scorecard.indicators().count());
    let sufficiency = sufficiency(&frame, indicators);
    let candidates: Vec<CandidateResult> = scored
        .into_par_iter()
        .map(|(contender, entry)| {
            let life = is_whole.then(|| life(&frame, &entry.scores, &entry.life));
            CandidateResult { life: life.unwrap_or_default(), ..result(&frame, &contender, entry) }
        })
        .collect();
    let mut evaluation = Evaluation {
        label: label.definition.clone(),
        seed: settings.seed,
        replicates: settings.replicates,
        level: settings.level,
        row_states: row_states(&frame),
        sufficiency,
        verdict: verdict(label, settings.level, &candidates, &comparisons),
        shipping: shipping(&frame, &candidates),
        candidates,
        comparisons,
        baselines,
        signals: parts.signals,
        same_rates: parts.same_rates,
        sensitivity: parts.sensitivity,
        drift: parts.drift,
        decision: parts.decision,
        findings: Vec::new(),
        questions: Vec::new(),
    };
    evaluation.findings = conclude(&evaluation, &Conclusions { spreads, shuffled_interval });
    evaluation.questions = questions(&evaluation);
    Ok(evaluation)
}

/// What the primary score is taken apart into.
struct Parts {
    signals: Vec<Signal>,
    same_rates: Vec<SameRate>,
    sensitivity: Sensitivity,
    drift: Drift,
    decision: Decision,
}

fn parts(
    frame: &Frame<'_>,
    scorecard: Option<&Scorecard>,
    (contender, entry): (&Contender, &Entry),
) -> Result<Parts, BacktestError> {
    let scorecard = scorecard.filter(|_| entry.kind == CandidateKind::Scorecard);
    let scores = &entry.scores;
    let signals = match scorecard {
        Some(scorecard) => signals(frame, scorecard, contender)?,
        None => Vec::new(),
    };
    Ok(Parts {
        signals,
        same_rates: same_rates(frame, contender),
        sensitivity: sensitivity(&Subject { frame, scorecard, contender, scores })?,
        drift: drift(frame, scorecard, (contender, scores)),
        decision: decision(&Decided { frame, contender, scores, edges: &entry.edges, scorecard }),
    })
}

/// A candidate before its forecast.
struct Entry {
    name: String,
    kind: CandidateKind,
    version: Option<String>,
    scores: Scores,
    scheme: Scheme,
    /// Lower edges of the bands.
    edges: Vec<f64>,
    life: LifePlan,
}

/// The label that is asked for, once the settings fit the panel.
fn checked_label<'a>(panel: &'a Panel, settings: &Settings) -> Result<&'a Label, BacktestError> {
    settings.check()?;
    if panel.is_empty() {
        return Err(BacktestError::EmptyPanel);
    }
    let is_number =
        |name: &String| panel.indicator(name).is_some_and(|values| values.numbers().is_some());
    match &settings.touched_indicator {
        Some(name) if !is_number(name) => {
            Err(BacktestError::TouchedIndicator { indicator: name.clone() })
        }
        _ => find_label(panel, settings),
    }
}

fn find_label<'a>(panel: &'a Panel, settings: &Settings) -> Result<&'a Label, BacktestError> {
    let labels = panel.labels();
    let first = labels.first().ok_or(BacktestError::NoLabel)?;
    let Some(name) = &settings.label else { return Ok(first) };
    labels.iter().find(|label| label.definition.name == *name).ok_or_else(|| {
        let known: Vec<String> =
            labels.iter().map(|label| format!("`{}`", label.definition.name)).collect();
        BacktestError::UnknownLabel { name: name.clone(), known: known.join(", ") }
    })
}

fn entries(
    panel: &Panel,
    tested: Option<OutOfFold>,
    scorecards: &[Scorecard],
) -> Result<Vec<Entry>, BacktestError> {
    let edges = |scorecard: &Scorecard| scorecard.bands().iter().map(|band| band.from).collect();
    let mut entries: Vec<Entry> = (tested.into_iter())
        .map(|tested| Entry {
            name: tested.name,
            kind: CandidateKind::Fitted,
            version: tested.version,
            scores: tested.scores,
            scheme: tested.scheme,
            edges: tested.edges,
            life: LifePlan::default(),
        })
        .collect();
    for scorecard in scorecards {
        entries.push(Entry {
            name: scorecard.name().to_owned(),
            kind: CandidateKind::Scorecard,
            version: Some(scorecard.version().to_owned()),
            scores: score_panel(panel, scorecard)?,
            scheme: Scheme::of(panel),
            edges: edges(scorecard),
            life: life_plan(scorecard),
        });
    }
    for named in panel.recorded_scores() {
        entries.push(Entry {
            name: named.name.clone(),
            kind: CandidateKind::Recorded,
            version: None,
            scores: recorded(&named.column, scorecards.first()),
            scheme: Scheme::of(panel),
            edges: scorecards.first().map(edges).unwrap_or_default(),
            life: LifePlan::default(),
        });
    }
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.extend(Baseline::ALL.map(Baseline::as_str));
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(BacktestError::Name { name: pair[0].to_owned() }),
        None => Ok(entries),
    }
}

fn life_plan(scorecard: &Scorecard) -> LifePlan {
    let falls = scorecard.trend().rules.iter().map(|rule| rule.fall);
    let component = |component: &Component| {
        std::iter::repeat_n(component.name.clone(), component.indicators.len())
    };
    LifePlan {
        fall: falls.min_by(f64::total_cmp),
        components: scorecard.components().iter().flat_map(component).collect(),
    }
}

fn forecast(frame: &Frame<'_>, mut entry: Entry) -> (Contender, Entry) {
    let predictor = oriented(&entry.scores.score, frame.sign());
    if entry.kind != CandidateKind::Fitted {
        let forecast = by_score(frame, &predictor);
        entry.scores.fold = forecast.fold;
        entry.scores.probability = forecast.probability;
    }
    let probability = entry.scores.probability.clone();
    let contender = Contender { name: entry.name.clone(), predictor, probability };
    (contender, entry)
}

fn result(frame: &Frame<'_>, contender: &Contender, entry: Entry) -> CandidateResult {
    let all = Sample::new(frame, &contender.predictor, |_| true);
    let calibration = calibration(frame, contender);
    let mut metrics = candidate_figures(frame, contender);
    metrics.extend(calibration.metrics);
    CandidateResult {
        coverage: coverage(frame, &entry.scores),
        metrics,
        calibration_curve: calibration.curve,
        bands: band_table(frame, &entry.scores, &entry.edges),
        reliability: reliability(frame.panel, &contender.probability, &all, frame.settings.level),
        distribution: distribution(frame, &entry.scores),
        life: Life::default(),
        name: entry.name,
        kind: entry.kind,
        version: entry.version,
        scores: entry.scores,
        scheme: entry.scheme,
    }
}

fn coverage(frame: &Frame<'_>, scores: &Scores) -> ScoreCoverage {
    let labelled = || (0..frame.panel.len()).filter(|row| frame.label.value(*row).is_some());
    let has_score = |row: &usize| scores.score.get(*row).is_some();
    let weights: Vec<f64> =
        labelled().filter(has_score).filter_map(|row| scores.coverage.get(row)).collect();
    ScoreCoverage {
        labelled: labelled().count(),
        scored: labelled().filter(has_score).count(),
        with_probability: labelled().filter(|row| scores.probability.get(*row).is_some()).count(),
        mean_weight: (!weights.is_empty())
            .then(|| exact_sum(weights.iter().copied()) / weights.len() as f64),
    }
}

/// Each candidate against the later ones and the baselines; equal weights are those of the primary alone.
fn comparisons(frame: &Frame<'_>, contenders: &[&Contender], rivals: &[Rival]) -> Vec<Comparison> {
    let mut found = Vec::new();
    for (number, a) in contenders.iter().enumerate() {
        for b in contenders.iter().skip(number + 1) {
            found.extend(compare(frame, a, b));
        }
        for rival in rivals {
            let Ok(b) = &rival.contender else { continue };
            match rival.baseline {
                Baseline::BaseRate => found.extend(compare_losses(frame, a, b)),
                Baseline::EqualWeights if number > 0 => {}
                _ => found.extend(compare(frame, a, b)),
            }
        }
    }
    found
}
