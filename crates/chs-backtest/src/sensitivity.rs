//! How much of the result hangs on what was decided about the score: missing values, old values, trends,
//! indicators that look leaky, and how much of the weight was observed.

mod conclusions;
mod observed;
mod stale;
mod trend;
mod variant;

use chs_scorecard::{Missing, Scorecard};

use crate::sample::{Contender, Frame};
use crate::score::{score_columns, scores_of};
use crate::{BacktestError, Comparison, Metric, Scores, Slice};

pub(crate) use conclusions::findings;
pub use stale::STALE_DAYS;

/// The primary score taken another way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sensitivity {
    /// The primary scorecard, changed in one thing each; empty for a score that was not computed here.
    pub variants: Vec<Variant>,
    /// `event_rate`, `auc_within_snapshot` and `alert_band_event_rate` by `weight_observed`.
    pub by_weight_observed: Vec<Metric>,
    /// `auc_difference` of the rows with all of the weight observed and those with the least of it.
    pub thin_rows: Option<Metric>,
    /// `effect_of_score_change`: by how much the outcome rate moves when the score rose by one standard
    /// deviation of its changes since the snapshot before, at the same score.
    pub score_change: Option<Metric>,
}

/// The primary scorecard, changed in one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What was changed.
    pub kind: VariantKind,
    /// The change in words: `missing = 50`.
    pub name: String,
    /// The indicators that it touches.
    pub indicators: Vec<String>,
    /// `scored`, the share of labelled rows with a score, `auc_within_snapshot`, `alert_band_event_rate`.
    pub metrics: Vec<Metric>,
    /// `auc_within_snapshot` and `alert_band_event_rate` of the score as it is minus those of the variant,
    /// on rows that both have.
    pub differences: Vec<Comparison>,
    /// Why there is no such variant.
    pub reason: Option<String>,
}

impl Variant {
    /// A figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice == Slice::all())
    }

    /// A difference by name.
    pub fn difference(&self, name: &str) -> Option<&Metric> {
        let found = self.differences.iter().find(|found| found.metric.name == name);
        found.map(|found| &found.metric)
    }
}

/// What a variant changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantKind {
    /// One missing policy for all indicators.
    MissingPolicy,
    /// Values carried forward for more than [`STALE_DAYS`] days count as missing.
    StaleAsMissing,
    /// Without the indicators that tell a change.
    WithoutTrends,
    /// Without the indicators that look leaky.
    WithoutSuspects,
}

impl VariantKind {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingPolicy => "missing_policy",
            Self::StaleAsMissing => "stale_as_missing",
            Self::WithoutTrends => "without_trends",
            Self::WithoutSuspects => "without_leak_suspects",
        }
    }
}

/// The primary score and the scorecard that made it.
pub(crate) struct Subject<'a> {
    pub(crate) frame: &'a Frame<'a>,
    /// None for a score that was not computed here.
    pub(crate) scorecard: Option<&'a Scorecard>,
    pub(crate) contender: &'a Contender,
    pub(crate) scores: &'a Scores,
}

/// All variants of the primary score; each costs a scoring of the panel and an AUC.
pub(crate) fn sensitivity(subject: &Subject<'_>) -> Result<Sensitivity, BacktestError> {
    let variants = match subject.scorecard {
        None => Vec::new(),
        Some(scorecard) => variants(subject, scorecard)?,
    };
    let (by_weight_observed, thin_rows) = observed::by_weight_observed(subject);
    Ok(Sensitivity {
        variants,
        by_weight_observed,
        thin_rows,
        score_change: Some(trend::score_change(subject)),
    })
}

fn variants(subject: &Subject<'_>, scorecard: &Scorecard) -> Result<Vec<Variant>, BacktestError> {
    let frame = subject.frame;
    let mut variants = Vec::new();
    for (name, policy) in [
        ("missing = \"reweight\"", Missing::Reweight),
        ("missing = 50", Missing::Score(50.0)),
        ("missing = \"reject\"", Missing::Reject),
    ] {
        let changed: Vec<String> = (scorecard.indicators())
            .filter(|indicator| indicator.missing != policy)
            .map(|indicator| indicator.name.clone())
            .collect();
        if changed.is_empty() {
            continue;
        }
        let other = scorecard.with_missing(policy);
        let scores = scores_of(&other, score_columns(frame.panel, &other)?);
        let change =
            variant::Change { kind: VariantKind::MissingPolicy, name, indicators: changed };
        variants.push(variant::variant(subject, change, &scores));
    }
    variants.push(stale::variant(subject, scorecard)?);
    let trends = (VariantKind::WithoutTrends, "without trends");
    variants.push(variant::without(subject, trends, &frame.settings.trend_indicators)?);
    let days = days_to_outcome(frame);
    let suspects = crate::leaks::suspects(frame, days.as_deref());
    let leaks = (VariantKind::WithoutSuspects, "without leak suspects");
    variants.push(variant::without(subject, leaks, &suspects)?);
    Ok(variants)
}

/// Days per row to the outcome that the label asks for; none where the panel does not tell.
fn days_to_outcome(frame: &Frame<'_>) -> Option<Vec<Option<f64>>> {
    frame.label.next.as_ref()?;
    Some((0..frame.panel.len()).map(|row| frame.days_to_outcome(row).map(f64::from)).collect())
}
