//! The figures of one score: event rate, ranking, probability, per slice.

use chs_stats::{
    Auc, Interval, OutcomeOrder, StratifiedOutcomes, auc_pooled, auc_within, cluster_bootstrap,
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
    let rows = sample.observations();
    let aucs = [auc_within(&rows, &sample.stratum), auc_pooled(&rows)];
    let (method, intervals) = if needs_bootstrap(sample) {
        (Method::ClusterBootstrap, resampled_aucs(sample, settings))
    } else {
        let interval = |auc: &Option<Auc>| auc.as_ref()?.interval(settings.level);
        (Method::Influence, aucs.each_ref().map(interval))
    };
    let [within, pooled] = aucs.map(|auc| auc.map(|auc| auc.estimate));
    let [of_within, of_pooled] = intervals;
    let figure = |(estimate, interval): (Option<f64>, Option<Interval>)| {
        let estimate = estimate?;
        let interval = interval.filter(|_| !is_extreme(estimate));
        Some(Figure {
            reason: about_interval(estimate, method),
            ..Figure::new(estimate, interval, method)
        })
    };
    [
        auc_metric("auc_within_snapshot", slice, sample, figure((within, of_within))),
        auc_metric("auc_pooled", slice, sample, figure((pooled, of_pooled))),
    ]
}

/// Whether intervals of this sample's AUC are resampled: enough accounts for a figure, too few for the
/// normal approximation.
pub(crate) fn needs_bootstrap(sample: &Sample) -> bool {
    sample.accounts_with(true) < BOOTSTRAP_BELOW && too_few(sample).is_none()
}

/// Percentile intervals of the within-snapshot and the pooled AUC.
fn resampled_aucs(sample: &Sample, settings: &Settings) -> [Option<Interval>; 2] {
    let order = OutcomeOrder::new(&sample.observations());
    let strata = StratifiedOutcomes::new(&sample.observations(), &sample.stratum);
    let found = cluster_bootstrap(&sample.account_indices(), settings.bootstrap(), |weights| {
        vec![strata.auc(weights), order.ranking(weights, &[]).auc]
    });
    [0, 1].map(|index: usize| found.get(index).and_then(|found| found.interval))
}

/// An AUC of exactly 0 or 1.
fn is_extreme(auc: f64) -> bool {
    auc <= 0.0 || auc >= 1.0
}

/// What a reader has to know about the interval of an AUC.
fn about_interval(auc: f64, method: Method) -> Option<String> {
    if is_extreme(auc) {
        return Some(format!("an AUC of exactly {auc} has no interval"));
    }
    (method == Method::ClusterBootstrap).then(|| {
        format!("fewer than {BOOTSTRAP_BELOW} accounts with events: interval by cluster bootstrap")
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
    let order = OutcomeOrder::new(&sample.observations());
    let shares = SHARES.map(|(share, _)| share);
    resampling.by_account(|weights| {
        let ranking = order.ranking(weights, &shares);
        let tops = || ranking.tops.iter().copied();
        let mut figures = vec![ranking.average_precision];
        figures.extend(tops().map(|top| top.map(|top| top.lift)));
        figures.extend(tops().map(|top| top.map(|top| top.capture)));
        figures
    })
}
