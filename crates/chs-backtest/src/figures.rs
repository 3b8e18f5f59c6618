//! The figures of one score: event rate, ranking, probability, per slice.

use chs_stats::{
    Auc, Interval, RankOrder, StratifiedOrder, auc_pooled, auc_within, cluster_bootstrap,
    clustered_proportion,
};

use crate::metric::{Figure, Method};
use crate::over_snapshots::over_snapshots;
use crate::probability::probability_figures;
use crate::resampling::Resampling;
use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::{segment_levels, too_few};
use crate::{BOOTSTRAP_BELOW, Metric, Settings, Slice};

/// Shares of the rows at which lift and capture are read.
const SHARES: [(f64, &str); 3] =
    [(0.05, "at_5_percent"), (0.10, "at_10_percent"), (0.20, "at_20_percent")];

/// Every figure of a candidate: pooled, per snapshot, averaged over snapshots, per segment level.
pub(crate) fn candidate_figures(frame: &Frame<'_>, contender: &Contender) -> Vec<Metric> {
    let all = Sample::new(frame, &contender.predictor, |_| true);
    let mut metrics = slice_figures(frame, contender, &all, &Slice::all());
    metrics.extend(over_snapshots(frame, &all));
    for (slice, keep) in segment_levels(frame) {
        let sample = all.restrict(frame.panel, keep);
        metrics.extend(slice_figures(frame, contender, &sample, &slice));
    }
    metrics
}

/// The figures of one slice.
pub(crate) fn slice_figures(
    frame: &Frame<'_>,
    contender: &Contender,
    sample: &Sample,
    slice: &Slice,
) -> Vec<Metric> {
    let settings = frame.settings;
    let mut metrics = vec![event_rate("event_rate", sample, slice, settings)];
    metrics.extend(auc_figures(sample, slice, settings));
    metrics.extend(ranking_figures(sample, slice, settings));
    metrics.extend(probability_figures(frame.panel, contender, sample, slice, settings));
    metrics
}

/// Share of rows with label 1.
pub(crate) fn event_rate(
    name: &str,
    sample: &Sample,
    slice: &Slice,
    settings: &Settings,
) -> Metric {
    match clustered_proportion(&sample.label, &sample.cluster, settings.level) {
        Some(rate) => {
            let figure = Figure::new(rate.rate, Some(rate.interval), Method::Jeffreys);
            Metric::new(name, slice, sample.counts(), figure)
        }
        None => Metric::undefined(name, slice, sample.counts(), "no row".to_owned()),
    }
}

/// `auc_within_snapshot` and `auc_pooled`.
pub(crate) fn auc_figures(sample: &Sample, slice: &Slice, settings: &Settings) -> [Metric; 2] {
    let within = auc_within(&sample.observations(), &sample.stratum);
    let pooled = auc_pooled(&sample.observations());
    let resampled = needs_bootstrap(sample).then(|| resampled_aucs(sample, settings));
    let intervals: [Option<Option<Interval>>; 2] = match resampled {
        Some(found) => [0, 1].map(|index| Some(found.get(index).copied().flatten())),
        None => [None, None],
    };
    let [of_within, of_pooled] = intervals;
    [
        auc_metric("auc_within_snapshot", slice, sample, auc_figure(within, of_within, settings)),
        auc_metric("auc_pooled", slice, sample, auc_figure(pooled, of_pooled, settings)),
    ]
}

/// Whether intervals of this sample's AUC are resampled: enough accounts for a figure, too few for the
/// normal approximation.
pub(crate) fn needs_bootstrap(sample: &Sample) -> bool {
    sample.accounts_with(true) < BOOTSTRAP_BELOW && too_few(sample).is_none()
}

/// Percentile intervals of the within-snapshot and the pooled AUC.
fn resampled_aucs(sample: &Sample, settings: &Settings) -> Vec<Option<Interval>> {
    let order = RankOrder::new(&sample.predictor);
    let strata = StratifiedOrder::new(&sample.predictor, &sample.stratum);
    let label = &sample.label;
    cluster_bootstrap(&sample.cluster, settings.bootstrap(), |weights| {
        vec![strata.weighted_auc(label, weights), order.weighted_auc(label, weights)]
    })
    .into_iter()
    .map(|found| found.interval)
    .collect()
}

/// An AUC with the interval of its influence terms, or with the resampled one where there is one.
fn auc_figure(
    auc: Option<Auc>,
    resampled: Option<Option<Interval>>,
    settings: &Settings,
) -> Option<Figure> {
    let auc = auc?;
    let estimate = auc.estimate;
    Some(match resampled {
        _ if estimate <= 0.0 || estimate >= 1.0 => Figure {
            reason: Some(format!("an AUC of exactly {estimate} has no interval")),
            ..Figure::new(estimate, None, Method::Influence)
        },
        Some(interval) => Figure {
            reason: Some(format!(
                "fewer than {BOOTSTRAP_BELOW} accounts with events: interval by cluster bootstrap"
            )),
            ..Figure::new(estimate, interval, Method::ClusterBootstrap)
        },
        None => Figure::new(estimate, auc.interval(settings.level), Method::Influence),
    })
}

fn auc_metric(name: &str, slice: &Slice, sample: &Sample, figure: Option<Figure>) -> Metric {
    let counts = sample.counts();
    match (too_few(sample), figure) {
        (Some(reason), _) => Metric::undefined(name, slice, counts, reason),
        (None, Some(figure)) => Metric::new(name, slice, counts, figure),
        (None, None) => {
            let reason = "no snapshot has rows of both labels".to_owned();
            Metric::undefined(name, slice, counts, reason)
        }
    }
}

/// Average precision, lift and capture.
fn ranking_figures(sample: &Sample, slice: &Slice, settings: &Settings) -> Vec<Metric> {
    let mut names = vec!["average_precision".to_owned()];
    for kind in ["lift", "capture"] {
        names.extend(SHARES.map(|(_, place)| format!("{kind}_{place}")));
    }
    let resampling = Resampling { sample, slice, settings, names: &names };
    if let Some(reason) = too_few(sample) {
        return resampling.undefined(&reason);
    }
    let order = RankOrder::new(&sample.predictor);
    let label = &sample.label;
    resampling.by_row(|weights| {
        let mut figures = vec![order.weighted_average_precision(label, weights)];
        figures.extend(SHARES.map(|(share, _)| order.weighted_lift(label, weights, share)));
        figures.extend(SHARES.map(|(share, _)| order.weighted_capture(label, weights, share)));
        figures
    })
}
