//! Everything that is learned from some rows, and what stands in the way.

use std::sync::Arc;

use chs_backtest::score_columns;
use chs_scorecard::{BandRule, Calibration, Component, Indicator, Scorecard, Share};
use jiff::civil::Date;

use crate::calibration::{calibrate, points_the_right_way};
use crate::cone::{Cone, ShareBound};
use crate::edges::{Scored, edges};
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
    pub(crate) cone: Cone,
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
            let table = history.table(rows)?;
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
    let prior = table.prior.weights();
    let silent = silent(table, rows);
    let mut shares = share_bounds(&table.prior);
    let bounds = Cone::new(prior.len(), &shares);
    for (index, indicator) in table.prior.indicators().enumerate().filter(|(own, _)| silent[*own]) {
        shares.retain(|share| share.members.as_slice() != [index]);
        let (least, most) =
            indicator.share.map_or((0.0, 100.0), |own| (own.at_least(), own.at_most()));
        let weight = indicator.weight.clamp(least, most) / 100.0;
        shares.push(ShareBound { members: vec![index], at_least: weight, at_most: weight });
    }
    let cone = Cone::new(prior.len(), &shares);
    let training = Training { history, table, rows, design: &design, cone: &cone, prior: &prior };
    let (selection, solution) = training.select()?;
    if solution.coefficients.iter().sum::<f64>() <= 0.0 {
        return Err(Unlearnable::NoSignal.into());
    }
    let problem = training.problem(&design, selection.chosen);
    let rounding = round(&problem, &solution, &bounds, table.prior.fit().steps);
    Ok(Weighing { solution, selection, rounding, cone, silent })
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
pub(crate) fn share_bounds(scorecard: &Scorecard) -> Vec<ShareBound> {
    let bound = |share: Option<Share>, members: Vec<usize>| {
        share.map(|share| ShareBound {
            members,
            at_least: share.at_least() / 100.0,
            at_most: share.at_most() / 100.0,
        })
    };
    let mut found = Vec::new();
    let mut start = 0;
    for Component { indicators, share, .. } in scorecard.components() {
        let own =
            |(index, indicator): (usize, &Indicator)| bound(indicator.share, vec![start + index]);
        found.extend(indicators.iter().enumerate().filter_map(own));
        found.extend(bound(*share, (start..start + indicators.len()).collect()));
        start += indicators.len();
    }
    found
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
    let columns = score_columns(history.panel, &scorecard).map_err(FitError::from)?;
    let score_of = |row: usize| columns.score.get(row).copied().flatten();
    // A learned weight of zero can leave an account without anything that counts.
    let rows: Vec<usize> = rows.iter().copied().filter(|row| score_of(*row).is_some()).collect();
    let scores: Vec<f64> = rows.iter().filter_map(|row| score_of(*row)).collect();
    let label = history.labels(&rows);
    let definition = &history.label.definition;
    let calibration = calibrate(&scores, &label, &history.accounts(&rows), definition)?;
    let rule = history.band_rule();
    // Accounts can be counted before anything is known of their outcomes.
    let days = history.panel.snapshots();
    let seen = days.partition_point(|day| origin.is_none_or(|origin| *day <= origin));
    let seen_at = |index| history.panel.rows_of(index).filter_map(score_of).collect();
    let by_snapshot: Vec<Vec<f64>> = (0..seen).map(seen_at).collect();
    let of = Scored {
        scores: &scores,
        label: &label,
        polarity: definition.polarity,
        lift: scorecard.gates().lift_at_risk,
        by_snapshot: &by_snapshot,
    };
    let found = edges(&of, rule, scorecard.bands().len());
    let edged = found.and_then(|edges| scorecard.with_band_edges(&edges));
    let edges_found = edged.is_some() || rule == BandRule::Prior;
    let scorecard = edged.unwrap_or(scorecard);
    Ok(Learned { table, scorecard, weighing: None, calibration, edges_found })
}
