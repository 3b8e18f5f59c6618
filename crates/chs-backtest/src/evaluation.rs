//! What a backtest found, in the words of the domain.

use chs_panel::{Finding, LabelDefinition, LabelState, Named, NumberColumn};
use chs_stats::Interval;

use crate::{
    CalibrationLevel, Decision, Drift, Life, Metric, Question, ReliabilityBin, SameRate, Scheme,
    ScoreBin, Sensitivity, Shipping, Signal, Slice, Verdict,
};

/// The result of [`crate::evaluate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The label that was asked for.
    pub label: LabelDefinition,
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure.
    pub replicates: usize,
    /// Confidence level of every interval, such as 0.95.
    pub level: f64,
    /// Rows of the panel by state of the label.
    pub row_states: RowStates,
    /// Whether the history carries an answer at all.
    pub sufficiency: Sufficiency,
    /// What was tested; the first one is the primary, which the verdict speaks of.
    pub candidates: Vec<CandidateResult>,
    /// Paired differences on common rows.
    pub comparisons: Vec<Comparison>,
    /// Trivial rivals on the rows of the primary candidate.
    pub baselines: Vec<BaselineResult>,
    /// What each indicator of the primary scorecard says; empty for a score that was not computed here.
    pub signals: Vec<Signal>,
    /// Whether the same primary score means the same outcome rate in all levels of each segment.
    pub same_rates: Vec<SameRate>,
    /// How much of the primary score's result hangs on what was decided about it.
    pub sensitivity: Sensitivity,
    /// How the primary score and its indicators move over time.
    pub drift: Drift,
    /// What acting on the primary score is worth.
    pub decision: Decision,
    /// What changes if another candidate takes the place of the primary one.
    pub shipping: Vec<Shipping>,
    /// Coded conclusions, by code and then subject in the order of the candidates.
    pub findings: Vec<Finding>,
    /// The answer.
    pub verdict: Verdict,
    /// The questions that a score has to answer, with their answers.
    pub questions: Vec<Question>,
}

impl Evaluation {
    /// The candidate that the verdict speaks of.
    pub fn primary(&self) -> Option<&CandidateResult> {
        self.candidates.first()
    }

    /// A comparison by its sides and metric.
    pub fn comparison(&self, a: &str, b: &str, metric: &str) -> Option<&Comparison> {
        self.comparisons.iter().find(|comparison| {
            comparison.a == a && comparison.b == b && comparison.metric.name == metric
        })
    }
}

/// Rows of the panel by state of the label; the states and `not_at_risk` add up to `rows`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowStates {
    /// Rows of the panel.
    pub rows: usize,
    /// Rows per state, in the order of [`LabelState::ALL`].
    pub states: [usize; 5],
    /// Rows where the account was not at risk for this label.
    pub not_at_risk: usize,
}

impl RowStates {
    /// Rows in a state.
    pub fn count(&self, state: LabelState) -> usize {
        LabelState::ALL
            .iter()
            .zip(self.states)
            .find(|(known, _)| **known == state)
            .map_or(0, |(_, count)| count)
    }
}

/// How much the history can say, before anything is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Sufficiency {
    /// Rows with label 0 or 1.
    pub rows: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts among the rows.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Snapshots with at least one such row; 0 in a cross-section.
    pub snapshots: usize,
    /// Calendar months from the first to the last of those snapshots; 0 in a cross-section.
    pub months: u32,
    /// Indicators of the primary scorecard; 0 for a recorded score.
    pub indicators: usize,
    /// Accounts with events per indicator of the primary scorecard.
    pub event_accounts_per_indicator: Option<f64>,
    /// Smallest distance from 0.5 that an AUC would show with probability 0.8 at the level of the
    /// intervals, from accounts with events against the others.
    pub detectable_auc_difference: Option<f64>,
    /// The floors, and whether they are met over all rows.
    pub floors: Vec<FloorCheck>,
    /// Counts per segment level, in declared order of the segments.
    pub segments: Vec<SegmentCounts>,
}

/// A floor held against the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorCheck {
    /// What it guards: `auc`, `calibration`.
    pub name: &'static str,
    /// Accounts with events that are needed.
    pub needed: usize,
    /// Accounts with events that were found.
    pub found: usize,
    /// What the floor is for.
    pub purpose: &'static str,
}

impl FloorCheck {
    /// Whether the floor is met.
    pub fn is_met(&self) -> bool {
        self.found >= self.needed
    }
}

/// What a segment level rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentCounts {
    /// The segment and its level.
    pub slice: Slice,
    /// Its rows, events and accounts.
    pub counts: crate::Counts,
    /// Whether an AUC is reported for it.
    pub is_sufficient: bool,
}

/// Where a score comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKind {
    /// Computed here by a scorecard.
    Scorecard,
    /// Replayed as another system recorded it.
    Recorded,
    /// Learned from the history; each row scored by a fit that did not see it.
    Fitted,
}

impl CandidateKind {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scorecard => "scorecard",
            Self::Recorded => "recorded",
            Self::Fitted => "fitted",
        }
    }
}

/// One score under test.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateResult {
    /// Name of the scorecard or recorded score.
    pub name: String,
    /// Where the score comes from.
    pub kind: CandidateKind,
    /// Version of the scorecard.
    pub version: Option<String>,
    /// Everything per row.
    pub scores: Scores,
    /// How the probability of a row was held out from the outcome of that row.
    pub scheme: Scheme,
    /// Rows with and without a score.
    pub coverage: ScoreCoverage,
    /// Figures: pooled, per snapshot, averaged over snapshots, per segment level.
    pub metrics: Vec<Metric>,
    /// Figures per band; `None` where the score has no bands.
    pub bands: Option<BandTable>,
    /// Probabilities held against what came; empty where the rows do not carry it.
    pub reliability: Vec<ReliabilityBin>,
    /// The monotone calibration curve that fits best; empty where the rows do not carry it.
    pub calibration_curve: Vec<CalibrationLevel>,
    /// Where the scores of the two labels lie; empty where a score lies outside 0 to 100.
    pub distribution: Vec<ScoreBin>,
    /// What the score said along the life of the accounts.
    pub life: Life,
}

impl CandidateResult {
    /// A pooled figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metric_of(name, &Slice::all())
    }

    /// A figure of a slice by name.
    pub fn metric_of(&self, name: &str, slice: &Slice) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice == *slice)
    }
}

/// A score and what belongs to it, per row of the panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Score, higher is healthier; 0 to 100 for scorecards.
    pub score: NumberColumn,
    /// Share of the weight that was available, 0 to 1; empty for recorded scores.
    pub coverage: NumberColumn,
    /// Names of the bands from the lowest score to the highest; empty where there are none.
    pub band_names: Vec<String>,
    /// Index into `band_names` per row.
    pub band: Vec<Option<u32>>,
    /// Probability that the label is 1, from a model that the row is not in.
    pub probability: NumberColumn,
    /// Which model made the probability, from 0.
    pub fold: Vec<Option<u32>>,
    /// Contribution per indicator in declared order; empty for recorded scores.
    pub contributions: Vec<Named<NumberColumn>>,
}

/// How far a score reaches, over rows with label 0 or 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreCoverage {
    /// Rows with a label.
    pub labelled: usize,
    /// Of those, rows with a score.
    pub scored: usize,
    /// Of those, rows with a probability.
    pub with_probability: usize,
    /// Mean share of weight that was available in scored rows; `None` for recorded scores.
    pub mean_weight: Option<f64>,
}

/// Figures per band, from the lowest score to the highest.
#[derive(Clone, Debug, PartialEq)]
pub struct BandTable {
    /// One row per band, those without rows included.
    pub rows: Vec<BandRow>,
    /// Neighbouring bands held against each other; bands without rows are passed over.
    pub steps: Vec<BandStep>,
    /// Whether the event rate follows the bands.
    pub monotone: Monotone,
}

/// One band.
#[derive(Clone, Debug, PartialEq)]
pub struct BandRow {
    /// Name of the band.
    pub name: String,
    /// Lowest score of the band.
    pub from: f64,
    /// Rows, events, accounts.
    pub counts: crate::Counts,
    /// Share of the rows.
    pub share: f64,
    /// Sum of the accounts' value over the rows, where the panel has values.
    pub value: Option<f64>,
    /// Share of that sum.
    pub value_share: Option<f64>,
    /// `band_event_rate`: share of rows with label 1.
    pub event_rate: Metric,
    /// `band_lift`: event rate over that of all rows.
    pub lift: Metric,
}

/// Two neighbouring bands.
#[derive(Clone, Debug, PartialEq)]
pub struct BandStep {
    /// The band with the lower scores.
    pub lower_band: String,
    /// The band with the higher scores.
    pub higher_band: String,
    /// Difference of the event rates in the direction that the label asks for: above 0 is right.
    pub difference: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Two-sided p value.
    pub p_value: Option<f64>,
}

/// Whether the event rate follows the bands; decided on interval bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotone {
    /// Every step goes the right way, its interval above 0.
    Yes,
    /// At least one step goes the wrong way, its interval below 0.
    No,
    /// Neither.
    CannotTell,
}

impl Monotone {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// A paired difference: the metric of `a` minus that of `b`, on rows that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// A candidate.
    pub a: String,
    /// Another candidate or a baseline.
    pub b: String,
    /// The difference under the name of the metric.
    pub metric: Metric,
    /// Two-sided p value, where the method has one.
    pub p_value: Option<f64>,
}

/// A trivial rival of the primary candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineResult {
    /// Which one.
    pub baseline: Baseline,
    /// Indicator that it rests on.
    pub indicator: Option<String>,
    /// Its figures; empty where it could not be made.
    pub metrics: Vec<Metric>,
    /// Why it could not be made.
    pub reason: Option<String>,
}

impl BaselineResult {
    /// A pooled figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice == Slice::all())
    }
}

/// The trivial rivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Baseline {
    /// The same probability for everyone: the event rate known at the snapshot.
    BaseRate,
    /// Time since the last activity: long is bad.
    Recency,
    /// Time since the account's start: short is bad.
    Tenure,
    /// The primary scorecard with equal weights.
    EqualWeights,
    /// The primary score against labels shuffled inside each snapshot: must come out as chance.
    ShuffledLabels,
}

impl Baseline {
    /// All of them, in the order of their use in tables.
    pub const ALL: [Self; 5] =
        [Self::BaseRate, Self::Recency, Self::Tenure, Self::EqualWeights, Self::ShuffledLabels];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BaseRate => "base_rate",
            Self::Recency => "recency",
            Self::Tenure => "tenure",
            Self::EqualWeights => "equal_weights",
            Self::ShuffledLabels => "shuffled_labels",
        }
    }
}
