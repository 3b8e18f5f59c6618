//! What a fit found, in the words of the domain.

use chs_backtest::Evaluation;
use chs_panel::LabelDefinition;
use chs_scorecard::{Calibration, Scorecard};
use chs_stats::Interval;
use jiff::civil::Date;

use crate::{
    BandRule, Certificate, Estimator, FoldReport, Gate, Scheme, Selection, Unlearnable, Weights,
};

/// Everything that a fit found, whether it ended in a model or in a refusal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FitReport {
    /// Name of the scorecard that was fitted.
    pub scorecard: String,
    /// Its version.
    pub version: String,
    /// The label that was asked for.
    pub label: LabelDefinition,
    /// Where the weights come from.
    pub weights_from: Weights,
    /// What learned them.
    pub estimator: Estimator,
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure of the evidence.
    pub replicates: usize,
    /// Account resamples of the weights.
    pub resamples: usize,
    /// Confidence level of every interval.
    pub level: f64,
    /// The rows that taught.
    pub data: DataUsed,
    /// One per indicator in declared order.
    pub weights: Vec<WeightRow>,
    /// Percent of the weight that the data moved away from the prior; none where nothing was learned.
    pub moved: Option<f64>,
    /// How lambda was chosen.
    pub selection: Option<Selection>,
    /// How near the continuous weights are to the optimum of the convex problem, missing sub-scores
    /// filled; none for the prior's weights.
    pub certificate: Option<Certificate>,
    /// What rounding did.
    pub rounding: Option<RoundingReport>,
    /// Resamples in which the fit had no optimum.
    pub undefined_resamples: usize,
    /// From the score to the probability; none where nothing was learned.
    pub calibration: Option<Calibration>,
    /// Bands, lowest first.
    pub bands: BandsReport,
    /// How rows were held out for the evidence.
    pub scheme: Scheme,
    /// What was learned at each origin.
    pub folds: Vec<FoldReport>,
    /// The out-of-fold scores against the prior, recorded scores and baselines: the first candidate is
    /// the fitted one.
    pub evaluation: Evaluation,
    /// What had to be shown.
    pub gates: Vec<Gate>,
}

impl FitReport {
    /// How the evidence was held out, in words.
    pub fn design(&self) -> String {
        let count = self.folds.len();
        match self.scheme {
            Scheme::WalkForward if count == 0 => {
                "walk-forward, but no snapshot of the holdout had enough settled outcomes before it"
                    .to_owned()
            }
            Scheme::WalkForward => format!(
                "walk-forward over {count} origins: everything learned from rows settled by the \
                 origin, tested on the rows from it to the next"
            ),
            Scheme::AccountFolds => format!(
                "a cross-section: {count} groups of accounts, each tested by a fit on the others; \
                 nothing is shown about later times"
            ),
        }
    }
}

/// The rows that taught.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataUsed {
    /// Rows with label 0 or 1 and a score.
    pub rows: usize,
    /// Of those, rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Labelled rows that the prior does not score; they are left out.
    pub unscored: usize,
    /// Snapshots with such rows; 0 in a cross-section.
    pub snapshots: usize,
    /// The first and the last of them; none in a cross-section.
    pub window: Option<(Date, Date)>,
}

/// One indicator's weight, in percent of the score.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WeightRow {
    /// Name of its component.
    pub component: String,
    /// Its name.
    pub indicator: String,
    /// The prior's weight.
    pub prior: f64,
    /// The final one.
    pub fitted: Option<f64>,
    /// Before it was rounded.
    pub continuous: Option<f64>,
    /// Log odds per 100 points of its sub-score, 0 or more.
    pub coefficient: Option<f64>,
    /// Range over account resamples at the chosen lambda: stability, not confidence.
    pub range: Option<Interval>,
    /// Without a pull to the prior.
    pub unpenalised: Option<f64>,
    /// Confidence interval of that, where no bound is met.
    pub unpenalised_interval: Option<Interval>,
    /// Whether it never varied in training: the data say nothing of it, its weight is the prior's.
    pub silent: bool,
}

/// What rounding did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RoundingReport {
    /// Weights are multiples of this many percent; none where only six decimals keep the share bounds.
    pub steps: Option<u32>,
    /// Objective above that of the continuous optimum, in nats.
    pub cost: f64,
}

/// Bands and where their edges come from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BandsReport {
    /// The rule that was asked for.
    pub rule: BandRule,
    /// Whether the rule found edges; `false` where the prior's were kept for want of any.
    pub found: bool,
    /// Name, the prior's lower edge and the final one, lowest first.
    pub edges: Vec<(String, f64, Option<f64>)>,
}

impl BandsReport {
    pub(crate) fn new(
        rule: BandRule,
        prior: &Scorecard,
        fitted: Option<(&Scorecard, bool)>,
    ) -> Self {
        let edge = |index: usize| fitted.and_then(|(own, _)| Some(own.bands().get(index)?.from));
        let edges = prior.bands().iter().enumerate();
        Self {
            rule,
            found: fitted.is_some_and(|(_, found)| found),
            edges: edges.map(|(index, band)| (band.name.clone(), band.from, edge(index))).collect(),
        }
    }
}

/// Why there is no model: the first reason is the gravest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The history teaches no weights; the prior's are kept.
    NotLearnable(Unlearnable),
    /// A gate is closed.
    Gate {
        /// Its name.
        name: &'static str,
        /// What was asked and found.
        sentence: String,
    },
}

impl Reason {
    /// The word used in files: the kind of what cannot be learned, or the name of the gate.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotLearnable(unlearnable) => unlearnable.as_str(),
            Self::Gate { name, .. } => name,
        }
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotLearnable(unlearnable) => unlearnable.sentence(),
            Self::Gate { sentence, .. } => sentence.clone(),
        }
    }
}
