//! Two scores on common rows.

use chs_stats::{
    OutcomeOrder, StratifiedOutcomes, auc_difference, auc_pooled, auc_within, cluster_bootstrap,
    log_loss_difference,
};

use crate::figures::needs_bootstrap;
use crate::metric::{Figure, Method};
use crate::probability::{AccountLosses, no_probability};
use crate::resampling::Resampling;
use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::too_few;
use crate::{Comparison, Metric, Settings, Slice};

/// `auc_within_snapshot`, `auc_pooled`, `brier` and `log_loss` of `a` minus those of `b`.
pub(crate) fn compare(frame: &Frame<'_>, a: &Contender, b: &Contender) -> Vec<Comparison> {
    let mut comparisons = Vec::from(compare_ranking(frame, a, b));
    comparisons.extend(compare_losses(frame, a, b));
    comparisons
}

/// The same rows twice, once with the values of each side.
struct Pair {
    a: Sample,
    b: Sample,
}

impl Pair {
    fn auc_metric(&self, name: &str, settings: &Settings) -> (Metric, Option<f64>) {
        let counts = self.a.counts();
        let slice = Slice::all();
        if let Some(reason) = too_few(&self.a) {
            return (Metric::undefined(name, &slice, counts, reason), None);
        }
        let auc = |sample: &Sample| match name {
            "auc_pooled" => auc_pooled(&sample.observations()),
            _ => auc_within(&sample.observations(), &sample.stratum),
        };
        let (Some(a), Some(b)) = (auc(&self.a), auc(&self.b)) else {
            let reason = "no snapshot has rows of both labels".to_owned();
            return (Metric::undefined(name, &slice, counts, reason), None);
        };
        let estimate = a.estimate - b.estimate;
        if needs_bootstrap(&self.a) {
            let figure =
                Figure::new(estimate, self.resampled(name, settings), Method::ClusterBootstrap);
            return (Metric::new(name, &slice, counts, figure), None);
        }
        let Some(difference) = auc_difference(&a, &b, settings.level) else {
            let reason = Some("the two rank alike: the difference does not vary".to_owned());
            let figure = Figure { reason, ..Figure::new(estimate, None, Method::PairedInfluence) };
            return (Metric::new(name, &slice, counts, figure), None);
        };
        let figure = Figure::new(estimate, Some(difference.interval), Method::PairedInfluence);
        (Metric::new(name, &slice, counts, figure), Some(difference.p_value))
    }

    fn resampled(&self, name: &str, settings: &Settings) -> Option<chs_stats::Interval> {
        let orders = [&self.a, &self.b].map(|sample| {
            let rows = sample.observations();
            (OutcomeOrder::new(&rows), StratifiedOutcomes::new(&rows, &sample.stratum))
        });
        let accounts = self.a.account_indices();
        let found = cluster_bootstrap(&accounts, settings.bootstrap(), |weights| {
            let [a, b] = orders.each_ref().map(|(pooled, within)| match name {
                "auc_pooled" => pooled.ranking(weights, &[]).auc,
                _ => within.auc(weights),
            });
            vec![a.zip(b).map(|(a, b)| a - b)]
        });
        found.first().and_then(|found| found.interval)
    }
}

fn compare_ranking(frame: &Frame<'_>, a: &Contender, b: &Contender) -> [Comparison; 2] {
    ["auc_within_snapshot", "auc_pooled"].map(|name| compare_areas(frame, (a, b), name))
}

/// `auc_within_snapshot` of `a` minus that of `b`.
pub(crate) fn compare_within(frame: &Frame<'_>, a: &Contender, b: &Contender) -> Comparison {
    compare_areas(frame, (a, b), "auc_within_snapshot")
}

fn compare_areas(frame: &Frame<'_>, (a, b): (&Contender, &Contender), name: &str) -> Comparison {
    let common = Sample::new(frame, &a.predictor, |row| b.predictor.get(row).is_some());
    let pair = Pair { b: common.with_predictor(frame.panel, &b.predictor), a: common };
    let (metric, p_value) = pair.auc_metric(name, frame.settings);
    Comparison { a: a.name.clone(), b: b.name.clone(), metric, p_value }
}

/// `brier` and `log_loss`: below 0 `a` is the better one. The log loss has a t interval over accounts and its
/// p value, the Brier score a resampled interval.
pub(crate) fn compare_losses(frame: &Frame<'_>, a: &Contender, b: &Contender) -> Vec<Comparison> {
    let common = Sample::new(frame, &a.probability, |row| b.probability.get(row).is_some());
    let other = common.with_predictor(frame.panel, &b.probability);
    let settings = frame.settings;
    let (slice, names) = (Slice::all(), ["brier".to_owned()]);
    let resampling = Resampling { sample: &common, slice: &slice, settings, names: &names };
    let missing = no_probability(frame.panel, &common);
    let mut metrics = if let Some(reason) = &missing {
        resampling.undefined(reason)
    } else {
        let (of_a, of_b) = (AccountLosses::of(&common), AccountLosses::of(&other));
        resampling.by_account(|weights| {
            vec![of_a.brier(weights).zip(of_b.brier(weights)).map(|(a, b)| a - b)]
        })
    };
    let (of_log_loss, p_value) = log_loss((&common, &other), missing, settings);
    metrics.push(of_log_loss);
    let p_values = [None, p_value];
    let comparison = |(metric, p_value): (Metric, Option<f64>)| Comparison {
        a: a.name.clone(),
        b: b.name.clone(),
        metric,
        p_value,
    };
    metrics.into_iter().zip(p_values).map(comparison).collect()
}

/// The difference of log loss; the predictors of both samples are probabilities of the same rows.
fn log_loss(
    (a, b): (&Sample, &Sample),
    missing: Option<String>,
    settings: &Settings,
) -> (Metric, Option<f64>) {
    let undefined =
        |reason: String| (Metric::undefined("log_loss", &Slice::all(), a.counts(), reason), None);
    if let Some(reason) = missing {
        return undefined(reason);
    }
    let (level, label) = (settings.level, &a.label);
    match log_loss_difference(&a.predictor, &b.predictor, label, &a.cluster, level) {
        None => undefined(
            "a loss is infinite, or both give the same probabilities, so that nothing varies"
                .to_owned(),
        ),
        Some(found) => {
            let figure = Figure::new(found.estimate, Some(found.interval), Method::ClusteredT);
            (Metric::new("log_loss", &Slice::all(), a.counts(), figure), Some(found.p_value))
        }
    }
}
