//! An indicator without the others.

use chs_panel::NumberColumn;
use chs_stats::{
    Auc, auc_difference, auc_within, clustered_proportion, equal_mass_bins, information,
    information_value,
};

use super::{Direction, Sheet, SignalGroup};
use crate::baselines::oriented;
use crate::figures::{auc_figures, event_rate};
use crate::metric::{Figure, Method};
use crate::reliability::BINS;
use crate::resampling::Resampling;
use crate::sample::{Frame, Sample};
use crate::sufficiency::too_few;
use crate::{Counts, Metric, Slice};

pub(super) struct Alone {
    pub(super) direction: Direction,
    pub(super) groups: Vec<SignalGroup>,
    pub(super) metrics: Vec<Metric>,
}

pub(super) fn alone(sheet: &Sheet<'_>, index: usize) -> Alone {
    let frame = sheet.frame;
    let none = NumberColumn::default();
    let sub_score = sheet.sub_scores.get(index).unwrap_or(&none);
    let sample = Sample::new(frame, &oriented(sub_score, frame.sign()), |_| true);
    let [within, _] = auc_figures(&sample, &Slice::all(), frame.settings);
    let auc = auc_within(&sample.observations(), &sample.stratum);
    let direction = direction(&within, auc.as_ref(), sheet.widened());
    let mut metrics = vec![coverage(frame, sub_score), within, evidence(frame, &sample)];
    metrics.extend(per_snapshot(frame, &sample));
    metrics.push(change(&sample, frame.settings.level));
    Alone { direction, groups: groups(frame, &sample), metrics }
}

fn direction(within: &Metric, auc: Option<&Auc>, widened: f64) -> Direction {
    let Some((_, lower, upper)) = within.bounds() else { return Direction::CannotTell };
    let widened = auc.and_then(|auc| auc.interval(widened));
    if lower > 0.5 {
        Direction::Right
    } else if upper < 0.5 && widened.is_some_and(|interval| interval.upper < 0.5) {
        Direction::Wrong
    } else {
        Direction::CannotTell
    }
}

/// Share of the labelled rows where it is observed.
fn coverage(frame: &Frame<'_>, sub_score: &NumberColumn) -> Metric {
    let constant = NumberColumn::new(vec![0.0; frame.panel.len()]);
    let sample = Sample::new(frame, &constant, |_| true);
    let observed: Vec<bool> = sample.rows.iter().map(|row| sub_score.get(*row).is_some()).collect();
    let (slice, counts) = (Slice::all(), sample.counts());
    match clustered_proportion(&observed, &sample.cluster, frame.settings.level) {
        None => Metric::undefined("coverage", &slice, counts, "no row".to_owned()),
        Some(share) => {
            let figure = Figure::new(share.rate, Some(share.interval), Method::Jeffreys);
            Metric::new("coverage", &slice, counts, figure)
        }
    }
}

/// `information_value` over monotone bins of the sub-score, resampled with the bins as they are.
fn evidence(frame: &Frame<'_>, sample: &Sample) -> Metric {
    let names = ["information_value".to_owned()];
    let (slice, settings) = (Slice::all(), frame.settings);
    let resampling = Resampling { sample, slice: &slice, settings, names: &names };
    let found = match too_few(sample) {
        Some(reason) => Err(reason),
        None => information_value(&sample.predictor, &sample.label)
            .ok_or_else(|| "the rows have one label".to_owned()),
    };
    let metrics = match found {
        Err(reason) => resampling.undefined(&reason),
        Ok(found) => {
            let bin = |value: f64| found.bins.partition_point(|bin| bin.highest < value);
            let mut counts = vec![vec![(0_u64, 0_u64); found.bins.len()]; sample.accounts];
            let rows = sample.predictor.iter().zip(&sample.label).zip(&sample.cluster);
            for ((value, label), account) in rows {
                let own = counts.get_mut(*account as usize);
                if let Some(cell) = own.and_then(|own| own.get_mut(bin(*value))) {
                    cell.0 += u64::from(*label);
                    cell.1 += u64::from(!label);
                }
            }
            resampling.by_account(|weights| vec![information(&weighed(&counts, weights))])
        }
    };
    metrics.into_iter().next().unwrap_or_else(|| {
        Metric::undefined("information_value", &slice, sample.counts(), "no row".to_owned())
    })
}

/// Sum of the accounts' counts, each as often as it counts.
fn weighed(counts: &[Vec<(u64, u64)>], weights: &[u32]) -> Vec<(u64, u64)> {
    let mut sums = vec![(0, 0); counts.first().map_or(0, Vec::len)];
    for (own, weight) in counts.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
        for (sum, (events, others)) in sums.iter_mut().zip(own) {
            sum.0 += events * u64::from(*weight);
            sum.1 += others * u64::from(*weight);
        }
    }
    sums
}

/// The AUC at each snapshot that carries one, with the interval by influence.
fn per_snapshot(frame: &Frame<'_>, sample: &Sample) -> Vec<Metric> {
    let days = frame.panel.snapshots().iter().enumerate();
    days.filter(|_| !frame.panel.is_cross_section())
        .filter_map(|(index, day)| {
            let rows = frame.panel.rows_of(index);
            let own = sample.restrict(frame.panel, |row| rows.contains(&row));
            if too_few(&own).is_some() {
                return None;
            }
            let auc = own.auc()?;
            let interval = auc.interval(frame.settings.level);
            let figure = Figure::new(auc.estimate, interval, Method::Influence);
            let slice = Slice::of("snapshot", &day.to_string());
            Some(Metric::new("auc_within_snapshot", &slice, own.counts(), figure))
        })
        .collect()
}

/// `auc_change`: the AUC over the snapshots with the later half of the event rows minus that over the
/// earlier ones.
fn change(sample: &Sample, level: f64) -> Metric {
    let (slice, counts) = (Slice::all(), sample.counts());
    let split = half_of_events(sample);
    let halves = [true, false].map(|is_late| {
        let is_of_half =
            |place: usize| sample.stratum.get(place).is_some_and(|own| (*own >= split) == is_late);
        let part = sample.part(is_of_half);
        if too_few(&part).is_some() { None } else { part.auc() }
    });
    let [Some(late), Some(early)] = halves else {
        let reason = "not enough data in each half of the history".to_owned();
        return Metric::undefined("auc_change", &slice, counts, reason);
    };
    let interval = auc_difference(&late, &early, level).map(|found| found.interval);
    let figure = Figure::new(late.estimate - early.estimate, interval, Method::PairedInfluence);
    Metric::new("auc_change", &slice, counts, figure)
}

/// The first snapshot of the later half of the event rows.
pub(crate) fn half_of_events(sample: &Sample) -> u32 {
    let events = || {
        sample.stratum.iter().zip(&sample.label).filter(|(_, label)| **label).map(|(own, _)| *own)
    };
    // Rows are sorted by snapshot.
    let middle = events().nth(events().count() / 2);
    let first = events().next();
    middle.filter(|split| Some(*split) != first).or_else(|| Some(first? + 1)).unwrap_or_default()
}

/// Up to ten groups by sub-score, ascending.
fn groups(frame: &Frame<'_>, sample: &Sample) -> Vec<SignalGroup> {
    if too_few(sample).is_some() {
        return Vec::new();
    }
    let sub_scores: Vec<f64> = sample.predictor.iter().map(|value| value * frame.sign()).collect();
    let bin = equal_mass_bins(&sub_scores, BINS);
    let group = |number: usize| {
        let own = sample.part(|place| bin.get(place) == Some(&number));
        let values = || own.predictor.iter().map(|value| value * frame.sign());
        (!own.rows.is_empty()).then(|| {
            (
                own.clone(),
                values().fold(f64::INFINITY, f64::min),
                values().fold(f64::NEG_INFINITY, f64::max),
            )
        })
    };
    (0..BINS)
        .filter_map(group)
        .zip(1..)
        .map(|((own, lowest, highest), number): (_, u32)| {
            let slice = Slice::of("group", &number.to_string());
            let own = own.restrict(frame.panel, |_| true);
            SignalGroup {
                lowest,
                highest,
                event_rate: event_rate("event_rate", &own, &slice, frame.settings),
            }
        })
        .collect()
}

/// What a part of a sample rests on.
pub(super) fn counts_of(frame: &Frame<'_>, part: &Sample) -> Counts {
    part.restrict(frame.panel, |_| true).counts()
}
