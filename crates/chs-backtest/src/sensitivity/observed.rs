//! Rows by the share of the weight that was observed.

use chs_stats::auc_difference;

use super::Subject;
use super::variant::alert_rows;
use crate::figures::{auc_figures, event_rate};
use crate::metric::{Figure, Method};
use crate::sample::Sample;
use crate::sufficiency::too_few;
use crate::{Metric, Slice};

/// Shares of the weight: from, to (left out but for the last), in words.
const CLASSES: [(f64, f64, &str); 4] = [
    (0.0, 0.5, "under 50 %"),
    (0.5, 0.8, "50 to 79 %"),
    (0.8, ALL, "80 to 99 %"),
    (ALL, f64::INFINITY, "all"),
];
/// A share that is all of it; sums of weights are rounded.
const ALL: f64 = 1.0 - 1e-9;

/// Figures per class that has rows, and the AUC of the fullest minus that of the thinnest class that
/// carry one; nothing for a score without coverage.
pub(super) fn by_weight_observed(subject: &Subject<'_>) -> (Vec<Metric>, Option<Metric>) {
    let (frame, scores) = (subject.frame, subject.scores);
    let all =
        Sample::new(frame, &subject.contender.predictor, |row| scores.coverage.get(row).is_some());
    let class_of = |place: usize| {
        let share = scores.coverage.get(*all.rows.get(place)?)?;
        CLASSES.iter().position(|(from, to, _)| (*from..*to).contains(&share))
    };
    let mut metrics = Vec::new();
    let mut told = Vec::new();
    for (class, (.., name)) in CLASSES.iter().enumerate() {
        let part = all.part(|place| class_of(place) == Some(class));
        if part.rows.is_empty() {
            continue;
        }
        let slice = Slice::of("weight_observed", name);
        let own = part.restrict(frame.panel, |_| true);
        let [within, _] = auc_figures(&own, &slice, frame.settings);
        metrics.push(event_rate("event_rate", &own, &slice, frame.settings));
        metrics.push(within);
        let alert = alert_rows(frame, scores, &own);
        metrics.push(event_rate("alert_band_event_rate", &alert, &slice, frame.settings));
        if too_few(&own).is_none() {
            told.extend(part.auc().map(|auc| (*name, auc)));
        }
    }
    let difference = match told.as_slice() {
        [(thin, least), .., (_, most)] => {
            auc_difference(most, least, frame.settings.level).map(|found| {
                let figure =
                    Figure::new(found.estimate, Some(found.interval), Method::PairedInfluence);
                let slice = Slice::of("weight_observed", thin);
                Metric::new("auc_difference", &slice, all.counts(), figure)
            })
        }
        _ => None,
    };
    (metrics, difference)
}
