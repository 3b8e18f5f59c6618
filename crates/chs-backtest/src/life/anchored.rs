//! Scores before the renewal or the notice: those that were lost beside those that were kept.

use std::collections::BTreeSet;

use chs_stats::exact_sum;
use jiff::ToSpan as _;

use crate::baselines::oriented;
use crate::figures::auc_figures;
use crate::life::readings::{Ending, Readings};
use crate::resampling::Resampling;
use crate::sample::Sample;
use crate::sufficiency::too_few;
use crate::{Metric, Slice};

/// Days before at which the score is read.
pub(crate) const OFFSETS: [u32; 4] = [180, 90, 60, 30];

/// Scores at fixed times before the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchored {
    /// `kept`: decisions that were kept, at the same times before; `stayed`: accounts read at the same
    /// snapshots that were not lost by then.
    pub against: &'static str,
    /// From the earliest to the latest.
    pub offsets: Vec<AnchoredOffset>,
}

/// One time before the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct AnchoredOffset {
    /// Days before the outcome, or before the notice where that came first.
    pub days: u32,
    /// `mean_score_lost`, `mean_score_kept`, `mean_score_difference`, `median_score_lost`,
    /// `median_score_kept`, and `auc_pooled` against kept decisions or `auc_within_snapshot` against
    /// accounts that stayed.
    pub metrics: Vec<Metric>,
}

impl AnchoredOffset {
    /// A figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// The AUC of lost against kept accounts.
    pub fn auc(&self) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name.starts_with("auc"))
    }
}

const NAMES: [&str; 5] = [
    "mean_score_lost",
    "mean_score_kept",
    "mean_score_difference",
    "median_score_lost",
    "median_score_kept",
];

pub(crate) fn anchored(readings: &Readings<'_>) -> Anchored {
    let against = if readings.kept.is_empty() { "stayed" } else { "kept" };
    let offsets = OFFSETS.map(|days| {
        let sample = sample(readings, days);
        let slice = Slice::of("days_before", &days.to_string());
        let mut metrics = means(readings, &sample, &slice);
        let [within, pooled] = auc_figures(&sample, &slice, readings.frame.settings);
        metrics.push(if against == "kept" { pooled } else { within });
        AnchoredOffset { days, metrics }
    });
    Anchored { against, offsets: offsets.into() }
}

/// Rows of lost accounts (label 1) and of the others so many days before.
fn sample(readings: &Readings<'_>, days: u32) -> Sample {
    let at = |ending: &Ending| {
        let day = ending.notice().saturating_sub(i64::from(days).days());
        readings.before(ending.account, day)
    };
    let lost: BTreeSet<usize> = readings.lost.iter().filter_map(at).collect();
    let others: BTreeSet<usize> = if readings.kept.is_empty() {
        stayed(readings, &lost, days)
    } else {
        readings.kept.iter().filter_map(at).filter(|row| !lost.contains(row)).collect()
    };
    let frame = readings.frame;
    let predictor = oriented(&readings.scores.score, frame.sign());
    Sample::labelled(frame, &predictor, |row| {
        if lost.contains(&row) { Some(true) } else { others.contains(&row).then_some(false) }
    })
}

/// Readings at the snapshots of lost accounts whose own account was not lost within the time.
fn stayed(readings: &Readings<'_>, lost: &BTreeSet<usize>, days: u32) -> BTreeSet<usize> {
    let frame = readings.frame;
    let snapshots: BTreeSet<usize> = lost.iter().map(|row| frame.snapshot(*row)).collect();
    let is_lost_soon = |row: usize| {
        let end = readings.latest_use(row).saturating_add(i64::from(days).days());
        let next = frame.label.next(row).filter(|next| next.is_target);
        next.is_some_and(|next| next.day.min(next.known) <= end)
    };
    readings
        .rows()
        .filter(|row| snapshots.contains(&frame.snapshot(*row)))
        .filter(|row| !lost.contains(row) && !is_lost_soon(*row))
        .collect()
}

fn means(readings: &Readings<'_>, sample: &Sample, slice: &Slice) -> Vec<Metric> {
    let names = NAMES.map(str::to_owned);
    let settings = readings.frame.settings;
    let resampling = Resampling { sample, slice, settings, names: &names };
    if let Some(reason) = too_few(sample) {
        return resampling.undefined(&reason);
    }
    let scores: Vec<f64> =
        sample.rows.iter().filter_map(|row| readings.scores.score.get(*row)).collect();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    resampling.by_row(|weights| {
        let weight = |place: usize, label: bool| {
            if sample.label[place] == label { f64::from(weights[place]) } else { 0.0 }
        };
        let [lost, kept] = [true, false].map(|label| {
            let total: f64 = (0..scores.len()).map(|place| weight(place, label)).sum();
            let sum =
                exact_sum((0..scores.len()).map(|place| weight(place, label) * scores[place]));
            let median = median(&order.iter().map(|place| (scores[*place], weight(*place, label))));
            ((total > 0.0).then(|| sum / total), median)
        });
        let difference = lost.0.zip(kept.0).map(|(lost, kept)| lost - kept);
        vec![lost.0, kept.0, difference, lost.1, kept.1]
    })
}

/// The median of values in ascending order, each as often as its weight says; the mean of the middle two.
fn median(sorted: &(impl Iterator<Item = (f64, f64)> + Clone)) -> Option<f64> {
    let total: f64 = sorted.clone().map(|(_, weight)| weight).sum();
    let at = |rank: f64| {
        let mut passed = 0.0;
        sorted.clone().find(|(_, weight)| {
            passed += weight;
            *weight > 0.0 && passed >= rank
        })
    };
    let half = total / 2.0;
    if total <= 0.0 {
        return None;
    }
    Some(f64::midpoint(at(half)?.0, at(half.floor() + 1.0)?.0))
}
