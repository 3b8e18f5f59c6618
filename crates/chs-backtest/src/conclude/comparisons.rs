//! Whether the primary score ranks better than baselines and recorded scores.

use chs_panel::{Finding, Level};

use super::{finding, reason, with_metric};
use crate::wording::points_with_interval;
use crate::{Baseline, CandidateKind, CandidateResult, Comparison, Evaluation};

fn within<'a>(evaluation: &'a Evaluation, a: &str, b: &str) -> Option<&'a Comparison> {
    evaluation.comparison(a, b, "auc_within_snapshot")
}

/// Levels of a comparison: the candidate is better, the other one is better, neither is shown.
struct Levels {
    better: Level,
    worse: Level,
    open: Level,
}

/// A finding from the difference of two within-snapshot AUCs.
fn compared(
    code: &str,
    primary: &CandidateResult,
    comparison: &Comparison,
    levels: &Levels,
) -> Option<Finding> {
    let other = comparison.b.replace('_', " ");
    let Some(bounds) = comparison.metric.bounds() else {
        let sentence = format!("not held against {other}: {}", reason(&comparison.metric));
        return finding(code, Level::NotApplicable, &primary.name, sentence);
    };
    let (level, words) = match bounds {
        (_, lower, _) if lower > 0.0 => (levels.better, "ranks better than"),
        (_, _, upper) if upper < 0.0 => (levels.worse, "ranks worse than"),
        _ => (levels.open, "is not told apart from"),
    };
    let sentence = format!("{words} {other}: {} of AUC", points_with_interval(bounds));
    Some(with_metric(finding(code, level, &primary.name, sentence)?, &comparison.metric))
}

pub(super) fn beats_date_baselines(
    evaluation: &Evaluation,
    primary: &CandidateResult,
) -> Vec<Finding> {
    let levels = Levels { better: Level::Passed, worse: Level::Error, open: Level::Warning };
    [Baseline::Recency, Baseline::Tenure]
        .into_iter()
        .filter_map(|baseline| against_baseline(evaluation, primary, "CHS205", (baseline, &levels)))
        .collect()
}

pub(super) fn beats_equal_weights(
    evaluation: &Evaluation,
    primary: &CandidateResult,
) -> Option<Finding> {
    let levels = Levels { better: Level::Passed, worse: Level::Warning, open: Level::Note };
    against_baseline(evaluation, primary, "CHS206", (Baseline::EqualWeights, &levels))
}

fn against_baseline(
    evaluation: &Evaluation,
    primary: &CandidateResult,
    code: &str,
    (baseline, levels): (Baseline, &Levels),
) -> Option<Finding> {
    if let Some(comparison) = within(evaluation, &primary.name, baseline.as_str()) {
        return compared(code, primary, comparison, levels);
    }
    let absent = evaluation.baselines.iter().find(|result| result.baseline == baseline)?;
    let why = absent.reason.as_deref().unwrap_or("it has no rows");
    let sentence = format!("not held against {}: {why}", baseline.as_str().replace('_', " "));
    finding(code, Level::NotApplicable, &primary.name, sentence)
}

pub(super) fn against_recorded(evaluation: &Evaluation, primary: &CandidateResult) -> Vec<Finding> {
    let levels = Levels { better: Level::Passed, worse: Level::Warning, open: Level::Note };
    evaluation
        .candidates
        .iter()
        .skip(1)
        .filter(|other| {
            primary.kind == CandidateKind::Scorecard && other.kind == CandidateKind::Recorded
        })
        .filter_map(|other| within(evaluation, &primary.name, &other.name))
        .filter_map(|comparison| compared("CHS210", primary, comparison, &levels))
        .collect()
}
