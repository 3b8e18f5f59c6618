//! One figure with its interval, its counts, and the reason where there is none.

use std::collections::BTreeMap;

use chs_stats::Interval;

/// What a figure is restricted to: nothing (`{}`), a snapshot, a segment level, a band.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice(BTreeMap<String, String>);

impl Slice {
    /// The whole panel.
    pub fn all() -> Self {
        Self::default()
    }

    /// The rows where `key` (`snapshot`, `band`, a segment) is `level`.
    pub fn of(key: &str, level: &str) -> Self {
        Self(BTreeMap::from([(key.to_owned(), level.to_owned())]))
    }

    /// The part of the slice where `key` is `level`, too.
    #[must_use]
    pub fn and(mut self, key: &str, level: &str) -> Self {
        self.0.insert(key.to_owned(), level.to_owned());
        self
    }

    /// Keys and levels, ordered by key.
    pub fn parts(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Account-summed influence terms (infinitesimal jackknife), on the logit scale.
    Influence,
    /// Account-summed influence terms of a paired difference.
    PairedInfluence,
    /// Percentile interval over accounts drawn with replacement.
    ClusterBootstrap,
    /// Sandwich standard error clustered by account, G/(G-1).
    Sandwich,
    /// Jeffreys interval on counts divided by the account-clustered design effect.
    Jeffreys,
    /// Difference of two proportions with a standard error clustered by account.
    ClusteredDifference,
    /// Mean over rows with a standard error clustered by account, Student's t.
    ClusteredT,
    /// Fisher's transformation of a correlation over periods.
    FisherZ,
}

impl Method {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Influence => "influence",
            Self::PairedInfluence => "paired_influence",
            Self::ClusterBootstrap => "cluster_bootstrap",
            Self::Sandwich => "sandwich",
            Self::Jeffreys => "jeffreys",
            Self::ClusteredDifference => "clustered_difference",
            Self::ClusteredT => "clustered_t",
            Self::FisherZ => "fisher_z",
        }
    }
}

/// What a figure rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows used.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Distinct accounts with at least one row of label 1.
    pub event_accounts: usize,
}

/// A figure of a slice. Without an estimate, or with an estimate and no interval, `reason` says why.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Lower snake case: `auc_within_snapshot`, `lift_at_10_percent`.
    pub name: String,
    /// Rows it speaks of.
    pub slice: Slice,
    /// The figure, finite.
    pub estimate: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// How the interval was made.
    pub method: Option<Method>,
    /// What it rests on.
    pub counts: Counts,
    /// Why there is no figure or no interval, or what to know about it.
    pub reason: Option<String>,
}

impl Metric {
    /// A figure without estimate, with the reason.
    pub(crate) fn undefined(name: &str, slice: &Slice, counts: Counts, reason: String) -> Self {
        Self {
            name: name.to_owned(),
            slice: slice.clone(),
            estimate: None,
            interval: None,
            method: None,
            counts,
            reason: Some(reason),
        }
    }

    /// A figure with its interval; an estimate that is not finite becomes a reason.
    pub(crate) fn new(name: &str, slice: &Slice, counts: Counts, figure: Figure) -> Self {
        if !figure.estimate.is_finite() {
            return Self::undefined(name, slice, counts, "the figure is infinite".to_owned());
        }
        let finite = |interval: &Interval| interval.lower.is_finite() && interval.upper.is_finite();
        let interval = figure.interval.filter(finite);
        let reason = figure
            .reason
            .or_else(|| interval.is_none().then(|| "the data do not carry an interval".to_owned()));
        Self {
            name: name.to_owned(),
            slice: slice.clone(),
            estimate: Some(figure.estimate),
            method: interval.as_ref().map(|_| figure.method),
            interval,
            counts,
            reason,
        }
    }

    /// Estimate, lower and upper bound, where all three exist.
    pub fn bounds(&self) -> Option<(f64, f64, f64)> {
        let interval = self.interval.as_ref()?;
        Some((self.estimate?, interval.lower, interval.upper))
    }
}

/// An estimate with its interval, before it gets a name.
pub(crate) struct Figure {
    pub(crate) estimate: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) method: Method,
    pub(crate) reason: Option<String>,
}

impl Figure {
    pub(crate) fn new(estimate: f64, interval: Option<Interval>, method: Method) -> Self {
        Self { estimate, interval, method, reason: None }
    }
}

#[cfg(test)]
mod tests {
    use chs_stats::Interval;

    use super::{Counts, Figure, Method, Metric, Slice};

    #[test]
    fn nothing_infinite_leaves_a_metric() {
        let metric = |estimate: f64, upper: f64| {
            let interval = Some(Interval { lower: 0.0, upper });
            let figure = Figure::new(estimate, interval, Method::Influence);
            Metric::new("x", &Slice::all(), Counts::default(), figure)
        };
        let sound = metric(0.5, 1.0);
        assert_eq!((sound.bounds(), sound.reason), (Some((0.5, 0.0, 1.0)), None));
        let open = metric(0.5, f64::INFINITY);
        assert_eq!((open.estimate, open.interval, open.method), (Some(0.5), None, None));
        assert!(open.reason.is_some());
        let infinite = metric(f64::INFINITY, 1.0);
        assert_eq!((infinite.estimate, infinite.interval), (None, None));
        assert!(infinite.reason.is_some());
    }
}
