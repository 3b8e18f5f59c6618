//! AUC and event rate per snapshot, and their means over snapshots.

use chs_stats::{Auc, auc_pooled, exact_sum};

use crate::figures::{auc_figures, event_rate};
use crate::metric::{Figure, Method};
use crate::resampling::Resampling;
use crate::sample::{Frame, Sample};
use crate::sufficiency::NO_SNAPSHOTS;
use crate::tally::Tally;
use crate::{Metric, Settings, Slice};

/// Suffix of an unweighted mean over the snapshots where the figure is defined.
const SNAPSHOT_MEAN: &str = "_snapshot_mean";

pub(crate) fn over_snapshots(frame: &Frame<'_>, all: &Sample) -> Vec<Metric> {
    if frame.panel.is_cross_section() {
        return ["auc_within_snapshot", "event_rate"]
            .map(|name| {
                let name = format!("{name}{SNAPSHOT_MEAN}");
                Metric::undefined(&name, &Slice::all(), all.counts(), NO_SNAPSHOTS.to_owned())
            })
            .into();
    }
    let mut metrics = Vec::new();
    let mut ranked: Vec<(Sample, Auc)> = Vec::new();
    for (index, day) in frame.panel.snapshots().iter().enumerate() {
        let slice = Slice::of("snapshot", &day.to_string());
        let rows = frame.panel.rows_of(index);
        let sample = all.restrict(frame.panel, |row| rows.contains(&row));
        if sample.rows.is_empty() {
            continue;
        }
        metrics.push(event_rate("event_rate", &sample, &slice, frame.settings));
        let [within, _] = auc_figures(&sample, &slice, frame.settings);
        let is_defined = within.estimate.is_some();
        metrics.push(within);
        if let Some(auc) = auc_pooled(&sample.observations()).filter(|_| is_defined) {
            ranked.push((sample, auc));
        }
    }
    metrics.push(mean_auc(frame, all, &ranked));
    metrics.extend(mean_event_rate(all, frame.settings));
    metrics
}

/// Unweighted mean of the snapshots' AUC; an account's influence is the mean of its influences.
fn mean_auc(frame: &Frame<'_>, all: &Sample, ranked: &[(Sample, Auc)]) -> Metric {
    let name = format!("auc_within_snapshot{SNAPSHOT_MEAN}");
    if ranked.is_empty() {
        let reason = "no snapshot has enough accounts with events".to_owned();
        return Metric::undefined(&name, &Slice::all(), all.counts(), reason);
    }
    let snapshots = ranked.len() as f64;
    let mut influence = vec![0.0; frame.panel.accounts().len()];
    for (sample, auc) in ranked {
        // A snapshot has one row per account.
        for (row, cluster) in sample.rows.iter().zip(&sample.cluster) {
            let account = frame.panel.account().get(*row).map(|account| *account as usize);
            let own = auc.influence.get(*cluster as usize);
            if let (Some(account), Some(own)) = (account, own)
                && let Some(sum) = influence.get_mut(account)
            {
                *sum += own / snapshots;
            }
        }
    }
    let mean = Auc {
        estimate: exact_sum(ranked.iter().map(|(_, auc)| auc.estimate)) / snapshots,
        variance: exact_sum(influence.iter().map(|value| value * value)),
        influence,
    };
    let strata: Vec<Option<&u32>> =
        ranked.iter().map(|(sample, _)| sample.stratum.first()).collect();
    let counts = all.restrict(frame.panel, |row| strata.contains(&frame.stratum.get(row))).counts();
    let interval = mean.interval(frame.settings.level);
    let figure = Figure::new(mean.estimate, interval, Method::Influence);
    Metric::new(&name, &Slice::all(), counts, figure)
}

/// Unweighted mean of the snapshots' event rates.
fn mean_event_rate(all: &Sample, settings: &Settings) -> Vec<Metric> {
    let names = [format!("event_rate{SNAPSHOT_MEAN}")];
    let strata = all.stratum.last().map_or(0, |last| *last as usize + 1);
    let resampling = Resampling { sample: all, slice: &Slice::all(), settings, names: &names };
    let cell = |row: usize| 2 * all.stratum[row] as usize + usize::from(all.label[row]);
    let tally = Tally::new(all, 2 * strata, cell);
    resampling.by_account(|weights| {
        let counts = tally.counts(weights);
        let rates: Vec<f64> = counts
            .chunks_exact(2)
            .filter(|own| own[0] + own[1] > 0)
            .map(|own| own[1] as f64 / (own[0] + own[1]) as f64)
            .collect();
        vec![(!rates.is_empty()).then(|| exact_sum(rates.iter().copied()) / rates.len() as f64)]
    })
}
