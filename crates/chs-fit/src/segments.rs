//! Whether segments need weights or edges of their own.
//!
//! *Weights.* In each fold that lambda was chosen by, every level of a segment with enough accounts is
//! fitted alone, drawn to the shared weights: from so strongly that they are the shared ones with an
//! intercept and slope of its own, to not at all. The pull times the level's share of the rows is the same
//! in all levels, so that a small level deviates less: `sum over levels of n_g / n * loss_g + pull / 2 *
//! |b_g - k_g b|^2`. The pull of a fold is chosen on the folds before it, none deviating in the first.
//!
//! *Edges.* Where the same score means different outcome rates, decided out of time on an interval, the
//! edges that each level alone would ask for.
//!
//! A model has one set of weights and edges: what is found here is reported, not exported.

use chs_backtest::{Alike, Evaluation, TRAINING_FLOOR};
use chs_panel::{Named, WordColumn};
use chs_scorecard::{BandRule, Scorecard};
use chs_stats::{Estimate, Interval};
use rayon::prelude::*;

use crate::FitError;
use crate::edge_doubt::edges_of;
use crate::folds::{Fold, inner, is_enough};
use crate::history::History;
use crate::learn::percent;
use crate::rows::{Rows, log_one_plus_exp};
use crate::selection::{AccountLoss, HeldOut, MOST_ORIGINS, Training, strengths};
use crate::solve::{Problem, Solution};

/// What the levels of a segment ask for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SegmentFit {
    /// Name of the segment.
    pub segment: String,
    /// Levels with enough accounts to be fitted alone.
    pub levels: Vec<String>,
    /// Levels that keep the shared weights for want of accounts, those without a level among them.
    pub shared: usize,
    /// Held-out log loss with each level's own weights less that with the shared ones, in nats per row.
    pub own: Option<Estimate>,
    /// The same with deviations that are drawn to the shared weights.
    pub shrunken: Option<Estimate>,
    /// Weights per level, percent, where shrunken deviations are shown to lose less.
    pub weights: Vec<LevelWeights>,
    /// Whether the same score means the same outcome rate in all levels, out of time.
    pub alike: Alike,
    /// Edges per level where it does not.
    pub edges: Vec<LevelEdges>,
}

/// The weights that a level would have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LevelWeights {
    /// Name of the level.
    pub level: String,
    /// Percent, unrounded, in declared order of the indicators.
    pub weights: Vec<f64>,
}

/// The edges that a level would have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LevelEdges {
    /// Name of the level.
    pub level: String,
    /// Lower edges, lowest first, each with its interval over account resamples.
    pub edges: Vec<(f64, Option<Interval>)>,
}

impl SegmentFit {
    /// What the figures say of the weights, in one sentence.
    pub fn sentence(&self) -> String {
        let name = &self.segment;
        let (Some(own), Some(shrunken)) = (self.own, self.shrunken) else {
            return format!(
                "{name}: whether its levels need weights of their own cannot be told; two levels with \
                 {TRAINING_FLOOR} accounts of either outcome before some origin are needed"
            );
        };
        if shrunken.interval.upper < 0.0 {
            return format!("{name}: weights of its levels, drawn to the shared ones, lose less");
        }
        let own = if own.interval.lower > 0.0 {
            "its levels alone learn worse weights than all together"
        } else if own.interval.upper < 0.0 {
            "its levels alone learn better weights than all together"
        } else {
            "held-out rows do not tell its levels' own weights from the shared ones"
        };
        format!("{name}: {own}; the shared weights stay")
    }

    /// Whether the pooled edges mean the same in all levels, in one sentence.
    pub fn edge_sentence(&self) -> String {
        let name = &self.segment;
        match (self.alike, self.edges.is_empty()) {
            (Alike::Yes, _) => format!("{name}: a score means the same rate in all levels"),
            (Alike::CannotTell, _) => format!(
                "{name}: whether a score means the same rate in all levels cannot be told; edges are pooled"
            ),
            (Alike::No, false) => {
                format!(
                    "{name}: a score does not mean the same rate in all levels; edges per level follow"
                )
            }
            (Alike::No, true) => format!(
                "{name}: a score does not mean the same rate in all levels; no edges per level were found"
            ),
        }
    }
}

/// How the weights of one segment's levels did.
struct Weighed {
    own: Estimate,
    shrunken: Estimate,
    /// Place of the pull that all folds together choose.
    chosen: usize,
}

/// What each segment of the panel says of the weights, of a fit with its lambda; nothing without one.
pub(crate) fn segment_weights(
    history: &History<'_>,
    fit: Option<(&Training<'_>, f64)>,
) -> Result<Vec<SegmentFit>, FitError> {
    let of_segment = |segment: &Named<WordColumn>| {
        let levels = Levels::of(history, &history.rows, &segment.column);
        let mut found = SegmentFit {
            segment: segment.name.clone(),
            shared: levels.shared,
            levels: levels.enough.iter().filter_map(|code| name_of(segment, *code)).collect(),
            own: None,
            shrunken: None,
            weights: Vec::new(),
            alike: Alike::CannotTell,
            edges: Vec::new(),
        };
        if let Some((training, lambda)) = fit
            && let Some(weighed) = weighed(training, lambda, &segment.column)?
        {
            (found.own, found.shrunken) = (Some(weighed.own), Some(weighed.shrunken));
            if weighed.shrunken.interval.upper < 0.0 {
                found.weights = level_weights(training, lambda, segment, weighed.chosen)?;
            }
        }
        Ok(found)
    };
    history.panel.segments().iter().map(of_segment).collect()
}

/// The same with what held-out rows say of the edges.
pub(crate) fn with_edges(
    history: &History<'_>,
    scorecard: &Scorecard,
    evaluation: &Evaluation,
    mut segments: Vec<SegmentFit>,
) -> Result<Vec<SegmentFit>, FitError> {
    for (found, segment) in segments.iter_mut().zip(history.panel.segments()) {
        let rate = evaluation.same_rates.iter().find(|rate| rate.segment == segment.name);
        found.alike = rate.map_or(Alike::CannotTell, |rate| rate.alike);
        if found.alike == Alike::No && !is_for_all(history.band_rule()) {
            let levels = Levels::of(history, &history.rows, &segment.column);
            found.edges = level_edges(history, scorecard, segment, &levels)?;
        }
    }
    Ok(segments)
}

/// A rule that has no meaning for a part of the accounts, or finds no edges.
fn is_for_all(rule: BandRule) -> bool {
    matches!(rule, BandRule::Prior | BandRule::Capacity { .. })
}

fn name_of(segment: &Named<WordColumn>, code: u32) -> Option<String> {
    segment.column.words().get(code as usize).cloned()
}

fn code_of(column: &WordColumn, row: usize) -> Option<u32> {
    column.codes().get(row).copied().flatten()
}

/// Levels that can be fitted alone, by code.
struct Levels {
    enough: Vec<u32>,
    shared: usize,
}

impl Levels {
    fn of(history: &History<'_>, rows: &[usize], column: &WordColumn) -> Self {
        let of_level = |level: Option<u32>| -> Vec<usize> {
            rows.iter().copied().filter(|row| code_of(column, *row) == level).collect()
        };
        let (mut enough, mut shared) = (Vec::new(), 0);
        for (code, _) in (0_u32..).zip(column.words()) {
            let own = of_level(Some(code));
            if is_enough(history, &own) {
                enough.push(code);
            } else if !own.is_empty() {
                shared += 1;
            }
        }
        Self { enough, shared: shared + usize::from(!of_level(None).is_empty()) }
    }
}

/// The fits of each level alone along the path of pulls, by code.
struct Fits {
    shared: Solution,
    levels: Vec<(u32, Vec<Solution>)>,
}

impl Fits {
    /// Of training rows; a level without an optimum is shared.
    fn of(
        training: &Training<'_>,
        lambda: f64,
        (design, rows): (&Rows, &[usize]),
        column: &WordColumn,
    ) -> Result<Self, crate::EstimatorError> {
        let shared = training.problem(design, lambda).solve(None)?;
        let pulls = strengths(training.design);
        let levels = Levels::of(training.history, rows, column).enough;
        let code = |source: usize| training.rows.get(source).and_then(|row| code_of(column, *row));
        let fit = |level: u32| {
            let own = design.part(|source| code(source) == Some(level)).normalised().ok()?;
            let share = own.len() as f64 / design.len() as f64;
            let pulls: Vec<f64> = pulls.iter().map(|pull| pull / share).collect();
            let prior = &shared.coefficients;
            let problem = Problem { prior, ..training.problem(&own, 0.0) };
            problem.path(&pulls).ok().map(|solutions| (level, solutions))
        };
        let levels = levels.into_iter().filter_map(fit).collect();
        Ok(Self { shared, levels })
    }

    fn losses(&self, pulls: usize, code: Option<u32>, (values, label): (&[f64], bool)) -> Vec<f64> {
        let towards = if label { -1.0 } else { 1.0 };
        let loss = |own: &Solution| log_one_plus_exp(towards * own.log_odds(values));
        let own = self.levels.iter().find(|(level, _)| code == Some(*level));
        match own {
            Some((_, solutions)) => solutions.iter().map(loss).collect(),
            None => vec![loss(&self.shared); pulls],
        }
    }
}

/// How the weights of levels do on held-out rows; none where no fold has two levels with a fit.
fn weighed(
    training: &Training<'_>,
    lambda: f64,
    column: &WordColumn,
) -> Result<Option<Weighed>, FitError> {
    let history = training.history;
    let (_, folds) = inner(history, training.rows, MOST_ORIGINS);
    let of_folds: Vec<Option<Vec<AccountLoss>>> = folds
        .par_iter()
        .map(|fold| fold_losses(training, lambda, fold, column))
        .collect::<Result<_, FitError>>()?;
    let pulls = strengths(training.design).len();
    let (mut all, mut before): (Vec<AccountLoss>, Vec<AccountLoss>) = (Vec::new(), Vec::new());
    for fold in of_folds.into_iter().flatten() {
        // The first pull deviates least; `choose` takes it where nothing is known.
        let (_, chosen) = HeldOut::of(before.clone()).choose(pulls);
        all.extend(fold.iter().map(|row| row.with(chosen)));
        before.extend(fold);
    }
    if all.is_empty() {
        return Ok(None);
    }
    let (_, chosen) = HeldOut::of(before).choose(pulls);
    let all = HeldOut::of(all);
    let level = history.settings.level;
    let against_shared = |place: usize| {
        let (difference, error) = all.difference(place, 0)?;
        Some(Estimate::new(difference, error, level))
    };
    let (own, shrunken) = (against_shared(pulls - 1), against_shared(pulls));
    Ok(own.zip(shrunken).map(|(own, shrunken)| Weighed { own, shrunken, chosen }))
}

fn fold_losses(
    training: &Training<'_>,
    lambda: f64,
    fold: &Fold,
    column: &WordColumn,
) -> Result<Option<Vec<AccountLoss>>, FitError> {
    let fits = training.fitted_without(fold, |design| {
        Fits::of(training, lambda, (design, &fold.training), column)
    })?;
    let Some(fits) = fits.filter(|fits| fits.levels.len() > 1) else { return Ok(None) };
    let pulls = strengths(training.design).len();
    Ok(Some(training.losses(fold, |row, values, label| {
        fits.losses(pulls, code_of(column, row), (values, label))
    })))
}

fn level_weights(
    training: &Training<'_>,
    lambda: f64,
    segment: &Named<WordColumn>,
    chosen: usize,
) -> Result<Vec<LevelWeights>, FitError> {
    let rows = (training.design, training.rows);
    let fits = Fits::of(training, lambda, rows, &segment.column).map_err(FitError::Estimator)?;
    let of_level = |(code, solutions): &(u32, Vec<Solution>)| {
        let weights = percent(&solutions.get(chosen)?.coefficients);
        Some(LevelWeights { level: name_of(segment, *code)?, weights })
    };
    Ok(fits.levels.iter().filter_map(of_level).collect())
}

fn level_edges(
    history: &History<'_>,
    scorecard: &Scorecard,
    segment: &Named<WordColumn>,
    levels: &Levels,
) -> Result<Vec<LevelEdges>, FitError> {
    let mut found = Vec::new();
    for code in &levels.enough {
        let is_of = |row: &usize| code_of(&segment.column, *row) == Some(*code);
        let rows: Vec<usize> = history.rows.iter().copied().filter(is_of).collect();
        let own = edges_of(history, scorecard, &rows)?;
        if let (Some((edges, doubt)), Some(level)) = (own, name_of(segment, *code)) {
            let interval = |band: usize| doubt.intervals.get(band).copied().flatten();
            let edges = edges.into_iter().enumerate();
            let edges = edges.map(|(band, edge)| (edge, interval(band))).collect();
            found.push(LevelEdges { level, edges });
        }
    }
    Ok(found)
}
