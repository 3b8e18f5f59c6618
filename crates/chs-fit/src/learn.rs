//! Everything that is learned from some rows, and what stands in the way.

use std::sync::Arc;

use chs_scorecard::{BandRule, Calibration, Component, Indicator, Probability, Scorecard, Share};
use jiff::civil::Date;

use crate::calibration::{ScoredRows, calibrate, isotonic, points_the_right_way};
use crate::cone::{Cone, ShareBound, ShareOrder, Shares};
use crate::edge_doubt::Sample;
use crate::edges::edges;
use crate::elimination::{Elimination, eliminate};
use crate::history::{History, Table};
use crate::reference::reference_fit;
use crate::rounding::round;
use crate::selection::Training;
use crate::{Estimator, EstimatorError, FitError, Rounding, Selection, Solution, Weights};

/// Why the history teaches no weights; the prior's are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unlearnable {
    /// Only one of both outcomes occurs.
    OneOutcome,
    /// No indicator, in the direction in which it is healthier, announces the outcome.
    NoSignal,
    /// A better score announces what a worse one should.
    WrongWay,
    /// The outcomes are told apart without error.
    Separated,
    /// The reference estimator gave these indicators weights below zero.
    NegativeWeights {
        /// Names of the indicators.
        indicators: Vec<String>,
    },
    /// The shares allow no scorecard of as few indicators as asked for.
    TooManyIndicators {
        /// Indicators that are left.
        least: usize,
        /// Indicators that were asked for.
        most: usize,
    },
    /// The score has no probability.
    NoProbability {
        /// Why.
        reason: String,
    },
}

impl Unlearnable {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::OneOutcome => "one_outcome",
            Self::NoSignal => "no_signal",
            Self::WrongWay => "wrong_way",
            Self::Separated => "separated",
            Self::NegativeWeights { .. } => "negative_weights",
            Self::TooManyIndicators { .. } => "too_many_indicators",
            Self::NoProbability { .. } => "no_probability",
        }
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::OneOutcome => {
                "all labelled rows have the same outcome: there is nothing to tell apart".to_owned()
            }
            Self::NoSignal => "no indicator announces the outcome in the direction in which it is \
                               called healthier: every weight is zero"
                .to_owned(),
            Self::WrongWay => {
                "the score points the wrong way: the better it is, the likelier is what \
                               it should warn of"
                    .to_owned()
            }
            Self::Separated => {
                "the score tells the outcomes apart without a single error; look for an \
                                indicator that is a consequence of the outcome"
                    .to_owned()
            }
            Self::NegativeWeights { indicators } => format!(
                "without constraints the weights of {} come out below zero; a scorecard cannot hold \
                 that: use the constrained estimator",
                indicators.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
            Self::TooManyIndicators { least, most } => format!(
                "the shares leave {least} indicators with a weight where `most_indicators` asks for \
                 {most}: widen a `share`, or ask for more"
            ),
            Self::NoProbability { reason } => format!("the score has no probability: {reason}"),
        }
    }
}

/// Why learning stopped.
pub(crate) enum Stop {
    /// A result: the data do not carry it.
    Refused(Unlearnable),
    /// An error.
    Failed(FitError),
}

impl From<Unlearnable> for Stop {
    fn from(reason: Unlearnable) -> Self {
        Self::Refused(reason)
    }
}

impl From<FitError> for Stop {
    fn from(error: FitError) -> Self {
        Self::Failed(error)
    }
}

impl From<EstimatorError> for Stop {
    fn from(error: EstimatorError) -> Self {
        match error {
            EstimatorError::Separated => Self::Refused(Unlearnable::Separated),
            EstimatorError::OneClass { .. } => Self::Refused(Unlearnable::OneOutcome),
            other => Self::Failed(FitError::Estimator(other)),
        }
    }
}

/// What some rows taught.
pub(crate) struct Learned {
    pub(crate) table: Arc<Table>,
    /// With its final weights and band edges.
    pub(crate) scorecard: Scorecard,
    /// What the weights come from; none for the prior's.
    pub(crate) weighing: Option<Weighing>,
    pub(crate) calibration: Calibration,
    /// Whether the edges follow the rule; `false` where it found none and they are the prior's.
    pub(crate) edges_found: bool,
}

/// How weights came about.
pub(crate) struct Weighing {
    pub(crate) solution: Solution,
    pub(crate) selection: Selection,
    pub(crate) rounding: Rounding,
    /// What was asked of shares, and what was fixed since.
    pub(crate) shares: Shares,
    /// The same as a cone.
    pub(crate) cone: Cone,
    /// Indicators that were left out for there should be fewer, in this order, and what each cost in nats.
    pub(crate) removed: Vec<(usize, f64)>,
    /// Indicators that never vary in these rows: the data say nothing of them.
    pub(crate) silent: Vec<bool>,
}

/// Learn weights, probability and band edges from some rows, as settings and scorecard ask, with the
/// knowledge of an origin; of the whole panel where `None`.
pub(crate) fn learn(
    history: &History<'_>,
    rows: &[usize],
    origin: Option<Date>,
) -> Result<Learned, Stop> {
    let learned = match history.settings.weights {
        Weights::Prior => keep_prior(history, rows, origin)?,
        Weights::Learned => {
            let table = history.learned_table(rows)?;
            let weighing = match history.settings.estimator {
                Estimator::Constrained => weigh(history, &table, rows)?,
                Estimator::Logistic => reference_fit(history, &table, rows)?,
            };
            let weighed = table.prior.with_weights(&weighing.rounding.weights);
            // Rounded weights are never broken; if they were, the prior would be the honest answer.
            let scorecard = weighed.ok_or(Unlearnable::NoSignal)?;
            let learned = finish(history, (table, scorecard), rows, origin)?;
            Learned { weighing: Some(weighing), ..learned }
        }
    };
    if points_the_right_way(&learned.calibration) {
        Ok(learned)
    } else {
        Err(Unlearnable::WrongWay.into())
    }
}

/// The prior's weights with a probability of these rows.
pub(crate) fn keep_prior(
    history: &History<'_>,
    rows: &[usize],
    origin: Option<Date>,
) -> Result<Learned, Stop> {
    let table = history.table(rows)?;
    let scorecard = table.prior.clone();
    finish(history, (table, scorecard), rows, origin)
}

fn weigh(history: &History<'_>, table: &Table, rows: &[usize]) -> Result<Weighing, Stop> {
    let design = history.design(table, rows)?;
    let (prior, policy) = (table.prior.weights(), table.prior.fit());
    let silent = silent(table, rows);
    let mut bounds = shares(&table.prior);
    let mut kept = bounds.clone();
    for (index, indicator) in table.prior.indicators().enumerate().filter(|(own, _)| silent[*own]) {
        let (least, most) =
            indicator.share.map_or((0.0, 100.0), |own| (own.at_least(), own.at_most()));
        kept = kept.with_fixed(index, indicator.weight.clamp(least, most) / 100.0);
    }
    let cone = kept.cone(prior.len());
    let training = Training { history, table, rows, design: &design, cone: &cone, prior: &prior };
    let (selection, solution) = training.select()?;
    if solution.coefficients.iter().sum::<f64>() <= 0.0 {
        return Err(Unlearnable::NoSignal.into());
    }
    let problem = training.problem(&design, selection.chosen);
    let most = policy.most_indicators.map_or(prior.len(), |own| own as usize);
    let left = eliminate(&problem, &kept, solution, most)?;
    let least = left.solution.indicators();
    if least > most {
        return Err(Unlearnable::TooManyIndicators { least, most }.into());
    }
    for (index, _) in &left.removed {
        bounds = bounds.with_fixed(*index, 0.0);
    }
    let rounding = round(&problem, &left.solution, &bounds.cone(prior.len()), policy.steps);
    let Elimination { shares, solution, removed } = left;
    let cone = shares.cone(prior.len());
    Ok(Weighing { solution, selection, rounding, shares, cone, removed, silent })
}

/// Whether each indicator is never observed, or always with the same sub-score.
pub(crate) fn silent(table: &Table, rows: &[usize]) -> Vec<bool> {
    let varies = |column: &Vec<Option<f64>>| {
        let mut seen = rows.iter().filter_map(|row| column.get(*row).copied().flatten());
        seen.next().is_some_and(|first| seen.any(|other| other.total_cmp(&first).is_ne()))
    };
    table.scored.sub_scores.iter().map(|column| !varies(column)).collect()
}

/// The shares that a scorecard asks for, of indicators and of components.
pub(crate) fn shares(scorecard: &Scorecard) -> Shares {
    let bound = |share: Option<Share>, members: Vec<usize>| {
        share.map(|share| ShareBound {
            members,
            at_least: share.at_least() / 100.0,
            at_most: share.at_most() / 100.0,
        })
    };
    let (mut bounds, mut members) = (Vec::new(), Vec::new());
    let mut start = 0;
    for Component { indicators, share, .. } in scorecard.components() {
        let own =
            |(index, indicator): (usize, &Indicator)| bound(indicator.share, vec![start + index]);
        bounds.extend(indicators.iter().enumerate().filter_map(own));
        let all: Vec<usize> = (start..start + indicators.len()).collect();
        bounds.extend(bound(*share, all.clone()));
        members.push(all);
        start += indicators.len();
    }
    let of = |component: usize| members.get(component).cloned().unwrap_or_default();
    let orders = scorecard.fit().order.iter();
    let orders = orders.map(|own| ShareOrder { larger: of(own.larger), smaller: of(own.smaller) });
    Shares { orders: orders.collect(), bounds }
}

/// Coefficients as percents of their sum; zeros where that is 0.
pub(crate) fn percent(coefficients: &[f64]) -> Vec<f64> {
    let sum: f64 = coefficients.iter().sum();
    let scale = if sum > 0.0 { 100.0 / sum } else { 0.0 };
    coefficients.iter().map(|own| scale * own).collect()
}

/// Probability and edges of a weighed scorecard, on its scores as the scorer computes them.
fn finish(
    history: &History<'_>,
    (table, scorecard): (Arc<Table>, Scorecard),
    rows: &[usize],
    origin: Option<Date>,
) -> Result<Learned, Stop> {
    let sample = Sample::of(history, &scorecard, rows, origin)?;
    let definition = &history.label.definition;
    let accounts = history.accounts(&sample.rows);
    let scored_rows =
        ScoredRows { scores: &sample.scores, label: &sample.label, accounts: &accounts };
    let mut calibration = calibrate(scored_rows, definition)?;
    let is_isotonic = history.probability() == Probability::Isotonic;
    if is_isotonic && points_the_right_way(&calibration) {
        match isotonic(scored_rows, calibration.polarity) {
            Ok(curve) => calibration.curve = curve,
            // A fold has fewer rows than there are: what is asked for may be right of all of them.
            Err(_) if rows.len() < history.rows.len() => {}
            Err(reason) => return Err(Unlearnable::NoProbability { reason }.into()),
        }
    }
    let rule = history.band_rule();
    let found = edges(&sample.scored(history, &scorecard), rule, scorecard.bands().len());
    let edged = found.and_then(|edges| scorecard.with_band_edges(&edges));
    let edges_found = edged.is_some() || rule == BandRule::Prior;
    let scorecard = edged.unwrap_or(scorecard);
    Ok(Learned { table, scorecard, weighing: None, calibration, edges_found })
}
