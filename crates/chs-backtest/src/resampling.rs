//! Intervals from accounts drawn with replacement.

use chs_stats::{BootstrapInterval, cluster_bootstrap};

use crate::metric::{Figure, Method};
use crate::sample::Sample;
use crate::{Metric, Settings, Slice};

/// Several figures of one slice that are resampled together.
pub(crate) struct Resampling<'a> {
    pub(crate) sample: &'a Sample,
    pub(crate) slice: &'a Slice,
    pub(crate) settings: &'a Settings,
    pub(crate) names: &'a [String],
}

impl Resampling<'_> {
    /// The figures of `statistic`, one per name, from one weight per row of the sample.
    pub(crate) fn by_row(
        &self,
        statistic: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Metric> {
        self.metrics(&self.sample.cluster, statistic)
    }

    /// The figures of `statistic`, one per name, from one weight per account of the sample: the same
    /// draws as [`Self::by_row`], in far fewer steps.
    pub(crate) fn by_account(
        &self,
        statistic: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Metric> {
        self.metrics(&self.sample.account_indices(), statistic)
    }

    /// Every figure without estimate, for one reason.
    pub(crate) fn undefined(&self, reason: &str) -> Vec<Metric> {
        let counts = self.sample.counts();
        let undefined =
            |name: &String| Metric::undefined(name, self.slice, counts, reason.to_owned());
        self.names.iter().map(undefined).collect()
    }

    fn metrics(
        &self,
        cluster: &[u32],
        statistic: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Metric> {
        let estimates = statistic(&vec![1; cluster.len()]);
        let intervals = cluster_bootstrap(cluster, self.settings.bootstrap(), statistic);
        let counts = self.sample.counts();
        self.names
            .iter()
            .zip(estimates.into_iter().zip(intervals))
            .map(|(name, (estimate, interval))| {
                let Some(estimate) = estimate else {
                    let reason = "not defined on these rows".to_owned();
                    return Metric::undefined(name, self.slice, counts, reason);
                };
                Metric::new(name, self.slice, counts, figure(estimate, interval))
            })
            .collect()
    }
}

pub(crate) fn figure(estimate: f64, found: BootstrapInterval) -> Figure {
    Figure {
        reason: (found.undefined > 0)
            .then(|| format!("undefined in {} replicates, which are left out", found.undefined)),
        ..Figure::new(estimate, found.interval, Method::ClusterBootstrap)
    }
}
