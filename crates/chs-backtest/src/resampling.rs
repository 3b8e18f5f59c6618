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

/// A figure with its resampled interval. Where every replicate says the same, as a share of 0 does, nothing
/// varies, and there is no interval: not one without width.
pub(crate) fn figure(estimate: f64, found: BootstrapInterval) -> Figure {
    let interval = found.interval.filter(|interval| interval.lower < interval.upper);
    let reason = if interval.is_none() && found.interval.is_some() {
        Some("the same in every replicate: what does not vary has no resampled interval".to_owned())
    } else {
        (found.undefined > 0)
            .then(|| format!("undefined in {} replicates, which are left out", found.undefined))
    };
    Figure { reason, ..Figure::new(estimate, interval, Method::ClusterBootstrap) }
}

#[cfg(test)]
mod tests {
    use chs_stats::{BootstrapInterval, Interval};

    use super::figure;

    #[test]
    fn what_does_not_vary_has_no_interval() {
        let found = |lower, upper, undefined| BootstrapInterval {
            interval: Some(Interval { lower, upper }),
            undefined,
        };
        let flat = figure(0.0, found(0.0, 0.0, 0));
        assert!(flat.interval.is_none() && flat.reason.unwrap().contains("does not vary"));
        let some = figure(0.1, found(0.0, 0.2, 3));
        assert!(some.interval.is_some() && some.reason.unwrap().contains("3 replicates"));
        assert_eq!(figure(0.1, found(0.0, 0.2, 0)).reason, None);
        let none = figure(0.1, BootstrapInterval { interval: None, undefined: 9 });
        assert!(none.interval.is_none() && none.reason.unwrap().contains("9 replicates"));
    }
}
