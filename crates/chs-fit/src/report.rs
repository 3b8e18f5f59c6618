//! What a fit found, in the words of the domain.

use chs_backtest::Evaluation;
use chs_panel::LabelDefinition;
use chs_scorecard::{Calibration, Scorecard};
use chs_stats::{Estimate, Interval};
use jiff::civil::Date;

use crate::edge_doubt::EdgeDoubt;
use crate::{
    BandRule, Certificate, Estimator, FoldReport, Gate, Optimism, Recalibration, Scheme,
    SegmentFit, Selection, TrendTest, Unlearnable, Weights,
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
    /// Indicators that were left out for the scorecard to have as few as asked for, in this order, each
    /// with the objective that its loss cost, in nats.
    pub removed: Vec<(String, f64)>,
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
    /// Whether the probability of the model that is fitted again still holds; none where it is a scorecard.
    pub recalibration: Option<Recalibration>,
    /// Whether indicators of change help; none where the scorecard has none, or nothing was learned.
    pub trends: Option<TrendTest>,
    /// One per segment of the panel.
    pub segments: Vec<SegmentFit>,
    /// The figures of the training rows corrected for optimism, where events are few.
    pub optimism: Option<Optimism>,
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
                "account folds: {count} groups of accounts of one time, each tested by a fit on the \
                 others; nothing is shown about later times"
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
    /// What it would cost to keep the prior's weight, the others fitted around it, in nats per held-out
    /// row at the chosen lambda; below 0 where the old weight does better.
    pub keeping: Option<Estimate>,
    /// Without a pull to the prior.
    pub unpenalised: Option<f64>,
    /// Confidence interval of that, where no bound is met.
    pub unpenalised_interval: Option<Interval>,
    /// Whether it never varied in training: the data say nothing of it, its weight is the prior's.
    pub silent: bool,
}

impl WeightRow {
    /// Why the weight moved from the prior's, or did not, in one sentence.
    ///
    /// What the history alone asks for is the fit without a pull; it speaks by its interval, never by its
    /// estimate.
    pub fn why(&self) -> String {
        let Some(fitted) = self.fitted else { return "nothing was learned".to_owned() };
        if self.silent {
            return "it never varied in training: the history says nothing of it".to_owned();
        }
        let alone = match (self.unpenalised, self.unpenalised_interval) {
            (Some(alone), Some(Interval { lower, upper })) => {
                let asks =
                    format!("the history alone asks for {alone:.0} % [{lower:.0}, {upper:.0}]");
                if self.prior < lower {
                    format!("{asks}, more than the prior")
                } else if self.prior > upper {
                    format!("{asks}, less than the prior")
                } else {
                    format!("{asks}, which holds the prior")
                }
            }
            (Some(alone), None) if alone > 0.0 => {
                format!("the history alone puts it on its bound, {alone:.0} %")
            }
            (Some(_), None) => "the history alone gives it nothing".to_owned(),
            (None, _) => "without a pull to the prior there is no fit".to_owned(),
        };
        let kept = self.keeping.map(|own| (own.interval.lower, own.interval.upper));
        match kept {
            _ if (fitted - self.prior).abs() < 0.5 => alone,
            Some((lower, _)) if lower > 0.0 => {
                format!("{alone}; the old weight loses on held-out rows")
            }
            Some((_, upper)) if upper < 0.0 => {
                format!("{alone}; the old weight gains on held-out rows")
            }
            Some(_) => {
                format!("{alone}; held-out rows do not tell the old weight from the new one")
            }
            None => alone,
        }
    }
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
    /// Lowest first.
    pub edges: Vec<EdgeRow>,
    /// Account resamples in which the rule found no edges.
    pub undefined_resamples: usize,
}

/// The lower edge of a band.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EdgeRow {
    /// Name of the band.
    pub band: String,
    /// The prior's edge.
    pub prior: f64,
    /// The final one; none where nothing was learned.
    pub fitted: Option<f64>,
    /// Its interval over account resamples, the score as it is; none for edges that are not learned, and
    /// for the lowest band's.
    pub interval: Option<Interval>,
}

impl BandsReport {
    pub(crate) fn new(
        rule: BandRule,
        prior: &Scorecard,
        fitted: Option<(&Scorecard, bool)>,
        doubt: &EdgeDoubt,
    ) -> Self {
        let edge = |index: usize| fitted.and_then(|(own, _)| Some(own.bands().get(index)?.from));
        let edges = prior.bands().iter().enumerate().map(|(index, band)| EdgeRow {
            band: band.name.clone(),
            prior: band.from,
            fitted: edge(index),
            interval: doubt.intervals.get(index).copied().flatten(),
        });
        Self {
            rule,
            found: fitted.is_some_and(|(_, found)| found),
            edges: edges.collect(),
            undefined_resamples: doubt.undefined,
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
