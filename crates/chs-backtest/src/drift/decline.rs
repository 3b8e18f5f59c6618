//! Whether the ranking gets worse, and since when.

use chs_stats::{Auc, auc_decline};
use jiff::civil::Date;

use crate::metric::{Figure, Method};
use crate::sample::{Frame, Sample};
use crate::signals::half_of_events;
use crate::sufficiency::too_few;
use crate::{Metric, Slice};

/// Name of the figure.
const NAME: &str = "auc_decline";

/// The earlier half of the events against each later snapshot that carries an AUC, and against all of
/// them; with the first snapshot whose decline is surely above 0.
pub(super) fn decline(frame: &Frame<'_>, sample: &Sample) -> (Vec<Metric>, Option<Date>) {
    let split = half_of_events(sample);
    let stratum = |place: usize| sample.stratum.get(place).copied();
    let part = |keep: &dyn Fn(u32) -> bool| {
        let own = sample.part(|place| stratum(place).is_some_and(keep));
        too_few(&own).is_none().then(|| own.auc()).flatten().map(|auc| (own, auc))
    };
    let Some((_, reference)) = part(&|own| own < split) else {
        let reason = "not enough accounts with events in the earlier half".to_owned();
        return (vec![Metric::undefined(NAME, &Slice::all(), sample.counts(), reason)], None);
    };
    let last = sample.stratum.last().copied().unwrap_or_default();
    let later: Vec<(Date, Sample, Auc)> = (split..=last)
        .filter_map(|number| {
            let (own, auc) = part(&|stratum| stratum == number)?;
            Some((*frame.panel.snapshots().get(number as usize)?, own, auc))
        })
        .collect();
    let level = frame.settings.level;
    let widened = 1.0 - (1.0 - level) / later.len().max(1) as f64;
    let mut metrics = Vec::new();
    let mut since = None;
    for (day, own, auc) in &later {
        let slice = Slice::of("snapshot", &day.to_string());
        metrics.push(metric(frame, &slice, own, (&reference, auc)));
        let is_sure = auc_decline(&reference, auc, widened)
            .is_some_and(|decline| decline.interval.lower > 0.0);
        since = since.or(is_sure.then_some(*day));
    }
    let of_later = part(&|own| own >= split);
    metrics.push(if let Some((own, auc)) = &of_later {
        metric(frame, &Slice::all(), own, (&reference, auc))
    } else {
        let reason = "not enough accounts with events in the later half".to_owned();
        Metric::undefined(NAME, &Slice::all(), sample.counts(), reason)
    });
    (metrics, since)
}

fn metric(
    frame: &Frame<'_>,
    slice: &Slice,
    current: &Sample,
    (reference, auc): (&Auc, &Auc),
) -> Metric {
    let counts = current.restrict(frame.panel, |_| true).counts();
    let interval = auc_decline(reference, auc, frame.settings.level).map(|found| found.interval);
    let figure = Figure::new(reference.estimate - auc.estimate, interval, Method::PairedInfluence);
    Metric::new(NAME, slice, counts, figure)
}
