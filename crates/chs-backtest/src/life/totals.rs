//! Sums by account that are drawn together, and figures that are made of them.

use chs_stats::cluster_bootstrap;

use crate::metric::Metric;
use crate::resampling::figure;
use crate::{Counts, Settings, Slice};

/// Sums over accounts, kept apart by account; most accounts add to few of them.
#[derive(Default)]
pub(crate) struct Totals {
    entries: Vec<Entry>,
    columns: usize,
}

#[derive(Clone, Copy)]
struct Entry {
    account: u32,
    column: usize,
    value: f64,
}

/// A figure that is asked for.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) slice: Slice,
    pub(crate) counts: Counts,
}

impl Wanted {
    pub(crate) fn new(name: &str, slice: Slice, counts: Counts) -> Self {
        Self { name: name.to_owned(), slice, counts }
    }

    /// The figure without estimate.
    pub(crate) fn undefined(&self, reason: &str) -> Metric {
        Metric::undefined(&self.name, &self.slice, self.counts, reason.to_owned())
    }
}

impl Totals {
    /// Add to a sum on behalf of an account.
    pub(crate) fn add(&mut self, account: usize, column: usize, value: f64) {
        self.columns = self.columns.max(column + 1);
        let account = u32::try_from(account).unwrap_or(u32::MAX);
        self.entries.push(Entry { account, column, value });
    }

    /// One entry per account and sum, by account and then sum.
    fn summed(&self) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        entries.sort_by_key(|entry| (entry.account, entry.column));
        entries.dedup_by(|later, earlier| {
            let is_same = (later.account, later.column) == (earlier.account, earlier.column);
            if is_same {
                earlier.value += later.value;
            }
            is_same
        });
        entries
    }

    /// The figures of `statistic`, one per wanted one in their order, from the sums; each with its interval
    /// over accounts drawn with replacement from those that add to a sum. O(replicates x sums of an account x accounts).
    pub(crate) fn figures(
        &self,
        settings: &Settings,
        wanted: &[Wanted],
        statistic: impl Fn(&Sums<'_>) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Metric> {
        let entries = self.summed();
        let accounts = entries.chunk_by(|a, b| a.account == b.account).count();
        let weighted = |weights: &[u32]| {
            let mut sums = vec![0.0; self.columns];
            let own = entries.chunk_by(|a, b| a.account == b.account);
            let drawn = own.zip(weights).filter(|(_, weight)| **weight > 0);
            for (entry, weight) in
                drawn.flat_map(|(own, weight)| own.iter().map(move |entry| (entry, weight)))
            {
                sums[entry.column] += f64::from(*weight) * entry.value;
            }
            statistic(&Sums(&sums))
        };
        let estimates = weighted(&vec![1; accounts]);
        let cluster: Vec<u32> = (0_u32..).take(accounts).collect();
        let intervals = cluster_bootstrap(&cluster, settings.bootstrap(), weighted);
        let found = estimates.into_iter().zip(intervals);
        let metric = |(wanted, (estimate, interval)): (&Wanted, (Option<f64>, _))| match estimate {
            None => wanted.undefined("there is nothing to divide by"),
            Some(estimate) => {
                let figure = figure(estimate, interval);
                Metric::new(&wanted.name, &wanted.slice, wanted.counts, figure)
            }
        };
        wanted.iter().zip(found).map(metric).collect()
    }
}

/// The sums of one draw.
pub(crate) struct Sums<'a>(&'a [f64]);

impl Sums<'_> {
    /// A sum; 0 where nothing was added.
    pub(crate) fn get(&self, column: usize) -> f64 {
        self.0.get(column).copied().unwrap_or(0.0)
    }

    /// One sum over another; `None` where that is not above 0.
    pub(crate) fn ratio(&self, over: usize, under: usize) -> Option<f64> {
        let under = self.get(under);
        (under > 0.0).then(|| self.get(over) / under)
    }
}

#[cfg(test)]
mod tests {
    use super::{Totals, Wanted};
    use crate::{Counts, Settings, Slice};

    #[test]
    fn sums_are_drawn_by_account() {
        let mut totals = Totals::default();
        for account in 0..40 {
            totals.add(account, 0, if account < 10 { 1.0 } else { 0.0 });
            totals.add(account, 1, 1.0);
        }
        let wanted =
            ["share", "none"].map(|name| Wanted::new(name, Slice::all(), Counts::default()));
        let settings = Settings { replicates: 400, ..Settings::default() };
        let found =
            totals.figures(&settings, &wanted, |sums| vec![sums.ratio(0, 1), sums.ratio(1, 7)]);
        let (estimate, lower, upper) = found[0].bounds().unwrap();
        assert!((estimate - 0.25).abs() < 1e-12);
        assert!((0.09..0.16).contains(&lower) && (0.34..0.42).contains(&upper), "{lower} {upper}");
        assert_eq!((found[1].estimate, found[1].interval), (None, None));
    }
}
