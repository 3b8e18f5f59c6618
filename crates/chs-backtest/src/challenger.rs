//! Other scores against the primary one, out of time.

use chs_panel::{Finding, Level};

use crate::conclude::{finding, with_metric};
use crate::wording::points_with_interval;
use crate::{Comparison, Evaluation, Metric};

/// By how much the AUC of a score may be worse before it counts as worse.
pub const AUC_MARGIN: f64 = 0.02;

/// How another score stands beside the primary one; decided on the log loss of held-out probabilities, then on
/// the AUC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is better by the log loss, and not shown to be worse by the AUC.
    Better,
    /// It is worse by the log loss, or its AUC is worse by more than [`AUC_MARGIN`].
    Worse,
    /// Its AUC is not worse by more than [`AUC_MARGIN`].
    NotWorse,
    /// None of these is shown.
    CannotTell,
}

/// The standing of the `b` of two comparisons with the primary score as `a`.
pub(crate) fn standing(log_loss: Option<&Comparison>, auc: Option<&Comparison>) -> Standing {
    let bounds = |found: Option<&Comparison>| found.and_then(|found| found.metric.bounds());
    let (loss, area) = (bounds(log_loss), bounds(auc));
    let loses_area = |by: f64| area.is_some_and(|(_, lower, _)| lower > by);
    match loss {
        Some((_, lower, _)) if lower > 0.0 && !loses_area(0.0) => Standing::Better,
        Some((_, _, upper)) if upper < 0.0 => Standing::Worse,
        _ if loses_area(AUC_MARGIN) => Standing::Worse,
        _ if area.is_some_and(|(_, _, upper)| upper < AUC_MARGIN) => Standing::NotWorse,
        _ => Standing::CannotTell,
    }
}

/// One finding per other score.
pub(crate) fn findings(evaluation: &Evaluation, primary: &str) -> Vec<Finding> {
    if evaluation.candidates.len() < 2 {
        let sentence =
            "there is no other score; a recorded one, such as the colours that account managers \
                        set, or a second scorecard would be one"
                .to_owned();
        return finding("CHS244", Level::NotApplicable, primary, sentence).into_iter().collect();
    }
    let others = evaluation.candidates.iter().skip(1);
    others.filter_map(|other| against(evaluation, primary, &other.name)).collect()
}

fn against(evaluation: &Evaluation, primary: &str, other: &str) -> Option<Finding> {
    let loss = evaluation.comparison(primary, other, "log_loss");
    let auc = evaluation.comparison(primary, other, "auc_within_snapshot");
    let (level, words) = match standing(loss, auc) {
        Standing::Better => (Level::Warning, "is better"),
        Standing::Worse => (Level::Passed, "is worse"),
        Standing::NotWorse => {
            (Level::Note, "ranks no worse by more than 2 points, and is not better")
        }
        Standing::CannotTell => (Level::Note, "is not told apart"),
    };
    let of = |found: Option<&Comparison>, written: fn((f64, f64, f64)) -> String| match found {
        Some(found) => found.metric.bounds().map_or_else(
            || found.metric.reason.clone().unwrap_or_else(|| "not told".to_owned()),
            written,
        ),
        None => "not told".to_owned(),
    };
    let sentence = format!(
        "`{other}` {words}: `{primary}` minus `{other}` is {} of log loss per row, below 0 the first is better, \
         and {} of AUC",
        of(loss, |(estimate, lower, upper)| format!("{estimate:+.4} ({lower:.4} to {upper:.4})")),
        of(auc, points_with_interval)
    );
    let found = finding("CHS244", level, primary, sentence)?;
    Some(match loss.or(auc) {
        Some(Comparison { metric, .. }) => with_metric(found, metric as &Metric),
        None => found,
    })
}

#[cfg(test)]
mod tests {
    use chs_stats::Interval;

    use super::{Standing, standing};
    use crate::metric::{Figure, Method};
    use crate::{Comparison, Counts, Metric, Slice};

    fn between(lower: f64, upper: f64) -> Comparison {
        let interval = Some(Interval { lower, upper });
        let figure = Figure::new(f64::midpoint(lower, upper), interval, Method::ClusteredT);
        Comparison {
            a: "own".into(),
            b: "other".into(),
            metric: Metric::new("x", &Slice::all(), Counts::default(), figure),
            p_value: None,
        }
    }

    #[test]
    fn the_log_loss_decides_and_the_ranking_may_object() {
        let of = |loss: (f64, f64), auc: (f64, f64)| {
            standing(Some(&between(loss.0, loss.1)), Some(&between(auc.0, auc.1)))
        };
        assert_eq!(of((0.001, 0.002), (-0.05, 0.01)), Standing::Better);
        assert_eq!(of((0.001, 0.002), (0.005, 0.01)), Standing::NotWorse, "it loses ranking");
        assert_eq!(of((-0.002, -0.001), (-0.05, 0.01)), Standing::Worse);
        assert_eq!(of((-0.001, 0.001), (0.03, 0.05)), Standing::Worse);
        assert_eq!(of((-0.001, 0.001), (-0.01, 0.019)), Standing::NotWorse);
        assert_eq!(of((-0.001, 0.001), (-0.01, 0.03)), Standing::CannotTell);
        assert_eq!(standing(None, None), Standing::CannotTell);
        assert_eq!(standing(None, Some(&between(0.03, 0.05))), Standing::Worse);
    }
}
