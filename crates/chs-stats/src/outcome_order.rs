//! Rows sorted once, with what came of them, read under any weights per account.
//!
//! A bootstrap replicate changes how often an account counts, never where its rows stand: one sort
//! serves all replicates, and one pass over it gives every figure of ranking.

use std::ops::Range;

use crate::ranking::rows_at;
use crate::sum::OrderedSum;
use crate::{Observations, RankOrder};

/// Bit of an entry: the row's label.
const LABEL: u32 = 1;
/// Bit of an entry: no row before it has the same predictor.
const FIRST: u32 = 2;
/// Bits below the account.
const SHIFT: u32 = 2;

/// Rows in the order of their predictor, each with its label and account.
///
/// Four bytes a row and the distinct predictors, so that a pass reads memory once, in order; the
/// weights of the accounts are few enough to stay near. A weight k equals k copies of the account.
/// Counts are integers: neither the order of the rows nor the number of threads shows in a figure.
#[derive(Debug, Clone)]
pub struct OutcomeOrder {
    /// Account, whether the row is the first of its predictor, and label; lowest predictor first, and
    /// within one the rows of label 0 first.
    entries: Vec<u32>,
    /// The distinct predictors, lowest first.
    values: Vec<f64>,
    /// The rows in steps, lowest predictor first.
    steps: Vec<StepEnd>,
    /// Rows by account.
    accounts: Vec<Outcomes>,
}

/// Where a step ends: the rows of one predictor that has label 1 among them, or those of neighbouring
/// predictors that have not. Most rows of a rare outcome lie in such stretches, and no figure of ranking
/// tells the predictors of a stretch apart.
#[derive(Debug, Clone, Copy)]
struct StepEnd {
    /// Entries before its rows of label 1.
    others: usize,
    /// Entries before the next step.
    rows: usize,
}

/// Numbers of rows by label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) events: u64,
    pub(crate) others: u64,
}

/// What one pass over an order tells of its ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// As [`crate::auc_pooled`]; `None` when one class has no weight.
    pub auc: Option<f64>,
    /// As [`crate::average_precision`]; `None` without label 1.
    pub average_precision: Option<f64>,
    /// One per share that was asked for; `None` without label 1 or with a share outside (0, 1].
    pub tops: Vec<Option<Top>>,
}

/// What a share of the rows, those with the highest predictors, holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Top {
    /// As [`crate::lift_at`].
    pub lift: f64,
    /// As [`crate::capture_at`].
    pub capture: f64,
}

impl OutcomeOrder {
    /// Sorts the rows; O(n log n).
    ///
    /// # Panics
    /// When the columns differ in length, or with more than 2^30 accounts.
    pub fn new(rows: &Observations) -> Self {
        assert_eq!(rows.predictor.len(), rows.label.len(), "one label per predictor");
        assert_eq!(rows.predictor.len(), rows.cluster.len(), "one cluster per predictor");
        Self::of_order(&RankOrder::new(rows.predictor), rows)
    }

    fn of_order(order: &RankOrder, rows: &Observations) -> Self {
        let clusters = rows.cluster.iter().max().map_or(0, |&last| last as usize + 1);
        assert!(clusters <= 1 << (u32::BITS - SHIFT), "an account is a number below 2^30");
        let mut accounts = vec![Outcomes::default(); clusters];
        for (&account, &label) in rows.cluster.iter().zip(rows.label) {
            accounts[account as usize].add(label, 1);
        }
        let mut found = Self {
            entries: Vec::with_capacity(rows.label.len()),
            values: Vec::new(),
            steps: Vec::new(),
            accounts,
        };
        for group in order.groups() {
            // Adding zero makes -0 and 0 the same value.
            found.push(rows.predictor[group[0]] + 0.0, group, rows);
        }
        found
    }

    /// Adds the rows of a predictor above all others.
    fn push(&mut self, value: f64, group: &[usize], rows: &Observations) {
        let start = self.entries.len();
        for label in [false, true] {
            let own = group.iter().filter(|&&row| rows.label[row] == label);
            self.entries.extend(own.map(|&row| rows.cluster[row] << SHIFT | u32::from(label)));
        }
        self.entries[start] |= FIRST;
        self.values.push(value);
        let events = group.iter().filter(|&&row| rows.label[row]).count();
        let end = self.entries.len();
        let step = StepEnd { others: end - events, rows: end };
        match self.steps.last_mut() {
            Some(below) if events == 0 && below.others == below.rows => *below = step,
            _ => self.steps.push(step),
        }
    }

    /// Number of accounts, hence of weights: the highest index among the rows, plus one.
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// One weight of 1 per account: the rows as they are.
    pub fn unweighted(&self) -> Vec<u32> {
        vec![1; self.accounts.len()]
    }

    /// AUC, average precision, and lift and capture of each share, with every row of account c
    /// counted `weights[c]` times. O(rows), for all shares together.
    ///
    /// # Panics
    /// With fewer weights than accounts.
    pub fn ranking(&self, weights: &[u32], shares: &[f64]) -> Ranking {
        let all = self.total(weights);
        let mut reader = TopReader::new(all, shares);
        let (mut reached, mut concordant_doubled) = (Outcomes::default(), 0);
        let mut area = OrderedSum::default();
        self.descend(weights, |here| {
            concordant_doubled += here.others * (2 * reached.events + here.events);
            reader.read(reached, here);
            reached = reached + here;
            if here.events > 0 {
                let precision = reached.events as f64 / reached.all() as f64;
                area.add(here.events as f64 * precision);
            }
        });
        let pairs = all.events * all.others;
        Ranking {
            auc: (pairs > 0).then(|| concordant_doubled as f64 / (2 * pairs) as f64),
            average_precision: (all.events > 0).then(|| area.value() / all.events as f64),
            tops: reader.tops(),
        }
    }

    /// Pairs of an event and another row, and twice those ranked rightly.
    fn pairs(&self, weights: &[u32]) -> (u64, u64) {
        let (mut reached, mut concordant_doubled) = (Outcomes::default(), 0);
        self.descend(weights, |here| {
            concordant_doubled += here.others * (2 * reached.events + here.events);
            reached = reached + here;
        });
        (reached.events * reached.others, concordant_doubled)
    }

    /// Weighted rows of all accounts; O(accounts).
    pub(crate) fn total(&self, weights: &[u32]) -> Outcomes {
        assert!(weights.len() >= self.accounts.len(), "one weight per account");
        self.accounts.iter().zip(weights).fold(Outcomes::default(), |sum, (account, &weight)| {
            let weight = u64::from(weight);
            sum + Outcomes { events: account.events * weight, others: account.others * weight }
        })
    }

    /// Visits the steps, highest first, with their weighted rows.
    pub(crate) fn descend(&self, weights: &[u32], mut visit: impl FnMut(Outcomes)) {
        assert!(weights.len() >= self.accounts.len(), "one weight per account");
        match narrow(weights) {
            Some(narrow) => self.descend_steps(&narrow, &mut visit),
            None => self.descend_steps(weights, &mut visit),
        }
    }

    fn descend_steps<W: Weight>(&self, weights: &[W], visit: &mut impl FnMut(Outcomes)) {
        let weigh = |entries: Range<usize>| -> u64 {
            self.entries[entries].iter().map(|entry| weights[account(*entry)].into()).sum()
        };
        let mut steps = self.steps.iter().rev().peekable();
        while let Some(step) = steps.next() {
            let start = steps.peek().map_or(0, |below| below.rows);
            let (events, others) = (weigh(step.others..step.rows), weigh(start..step.others));
            visit(Outcomes { events, others });
        }
    }

    /// Visits the distinct predictors that have weight, highest first, with their weighted rows.
    pub(crate) fn descend_values(&self, weights: &[u32], mut visit: impl FnMut(f64, Outcomes)) {
        assert!(weights.len() >= self.accounts.len(), "one weight per account");
        match narrow(weights) {
            Some(narrow) => self.descend_rows(&narrow, &mut visit),
            None => self.descend_rows(weights, &mut visit),
        }
    }

    fn descend_rows<W: Weight>(&self, weights: &[W], visit: &mut impl FnMut(f64, Outcomes)) {
        let mut values = self.values.iter().rev();
        let mut here = Outcomes::default();
        for &entry in self.entries.iter().rev() {
            here.add(entry & LABEL != 0, weights[account(entry)].into());
            if entry & FIRST == 0 {
                continue;
            }
            let value = values.next();
            if let Some(&value) = value.filter(|_| here.all() > 0) {
                visit(value, here);
            }
            here = Outcomes::default();
        }
    }

    /// Number of distinct predictors, with and without weight.
    pub(crate) fn distinct(&self) -> usize {
        self.values.len()
    }

    /// Lowest and highest predictor. `None` without rows.
    pub(crate) fn bounds(&self) -> Option<(f64, f64)> {
        Some((*self.values.first()?, *self.values.last()?))
    }
}

/// Rows in the order of their predictor within each stratum (a snapshot): no pair spans two strata.
#[derive(Debug, Clone)]
pub struct StratifiedOutcomes {
    strata: Vec<OutcomeOrder>,
}

impl StratifiedOutcomes {
    /// Sorts the rows within strata; O(n log n).
    ///
    /// # Panics
    /// When the columns differ in length, or with more than 2^30 accounts.
    pub fn new(rows: &Observations, stratum: &[u32]) -> Self {
        let orders = RankOrder::within(rows.predictor, stratum);
        Self { strata: orders.iter().map(|order| OutcomeOrder::of_order(order, rows)).collect() }
    }

    /// Within-stratum AUC, as [`crate::auc_within`], with every row of account c counted
    /// `weights[c]` times. `None` when no stratum has both classes. O(rows).
    ///
    /// # Panics
    /// With fewer weights than accounts.
    pub fn auc(&self, weights: &[u32]) -> Option<f64> {
        let pairs = self.strata.iter().map(|stratum| stratum.pairs(weights));
        let (all, concordant_doubled) =
            pairs.fold((0, 0), |sum, pairs| (sum.0 + pairs.0, sum.1 + pairs.1));
        (all > 0).then(|| concordant_doubled as f64 / (2 * all) as f64)
    }
}

/// How often an account counts.
trait Weight: Copy + Into<u64> {}
impl Weight for u32 {}
impl Weight for u8 {}

/// The weights in a byte each, so that those of many accounts stay near; a bootstrap's hardly ever
/// exceed ten. `None` where one does not fit.
fn narrow(weights: &[u32]) -> Option<Vec<u8>> {
    weights.iter().map(|weight| u8::try_from(*weight).ok()).collect()
}

/// The account of an entry.
fn account(entry: u32) -> usize {
    (entry >> SHIFT) as usize
}

impl Outcomes {
    fn add(&mut self, label: bool, weight: u64) {
        // Both are added to, so that the label is no branch: it could not be predicted.
        let event = u64::from(label) * weight;
        self.events += event;
        self.others += weight - event;
    }

    pub(crate) fn all(self) -> u64 {
        self.events + self.others
    }
}

impl std::ops::Add for Outcomes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { events: self.events + other.events, others: self.others + other.others }
    }
}

/// Reads the events above each share's cut on the way down.
struct TopReader {
    all: Outcomes,
    /// Place among the shares asked for, and rows above the cut; smallest first.
    cuts: Vec<(usize, u64)>,
    /// Cuts that have been passed.
    passed: usize,
    events: Vec<Option<f64>>,
}

impl TopReader {
    fn new(all: Outcomes, shares: &[f64]) -> Self {
        let is_share = |share: &&f64| **share > 0.0 && **share <= 1.0;
        let mut cuts: Vec<(usize, u64)> = (shares.iter().enumerate())
            .filter(|(_, share)| all.events > 0 && is_share(share))
            .map(|(place, &share)| (place, rows_at(share, all.all())))
            .collect();
        cuts.sort_by_key(|(_, rows)| *rows);
        Self { all, cuts, passed: 0, events: vec![None; shares.len()] }
    }

    /// Rows with equal predictor below those reached: tied at a cut, they count with their mean
    /// event rate.
    fn read(&mut self, reached: Outcomes, here: Outcomes) {
        while let Some(&(place, rows)) = self.cuts.get(self.passed)
            && reached.all() + here.all() >= rows
        {
            let tied = (rows - reached.all()) as f64 * here.events as f64 / here.all() as f64;
            self.events[place] = Some(reached.events as f64 + tied);
            self.passed += 1;
        }
    }

    fn tops(self) -> Vec<Option<Top>> {
        let (rows, events) = (self.all.all() as f64, self.all.events as f64);
        let mut tops = vec![None; self.events.len()];
        for (place, cut) in self.cuts {
            tops[place] = self.events[place].map(|above| Top {
                lift: (above / cut as f64) / (events / rows),
                capture: above / events,
            });
        }
        tops
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHARES: [f64; 4] = [0.2, 0.05, 1.0, 1.5];

    #[derive(Debug, Clone)]
    struct Rows {
        predictor: Vec<f64>,
        label: Vec<bool>,
        cluster: Vec<u32>,
        stratum: Vec<u32>,
        weights: Vec<u32>,
    }

    impl Rows {
        fn observations(&self) -> Observations<'_> {
            Observations { predictor: &self.predictor, label: &self.label, cluster: &self.cluster }
        }

        fn weight_of_row(&self) -> Vec<u32> {
            self.cluster.iter().map(|&account| self.weights[account as usize]).collect()
        }
    }

    fn rows() -> impl Strategy<Value = Rows> {
        let row = (-6..6_i32, any::<bool>(), 0..9_u32, 0..4_u32);
        (prop::collection::vec(row, 0..60), prop::collection::vec(0..4_u32, 9)).prop_map(
            |(rows, weights)| Rows {
                predictor: rows.iter().map(|row| f64::from(row.0) / 4.0).collect(),
                label: rows.iter().map(|row| row.1).collect(),
                cluster: rows.iter().map(|row| row.2).collect(),
                stratum: rows.iter().map(|row| row.3).collect(),
                weights,
            },
        )
    }

    /// The figures of copies of the rows, by their definitions.
    fn slow_twin(rows: &Rows, shares: &[f64]) -> Ranking {
        let weight = rows.weight_of_row();
        let copies = |row: usize| std::iter::repeat_n(row, weight[row] as usize);
        let copies: Vec<usize> = (0..rows.label.len()).flat_map(copies).collect();
        let x = |row: usize| rows.predictor[row];
        let count = |pass: &dyn Fn(usize) -> bool| copies.iter().filter(|&&row| pass(row)).count();
        let events = count(&|row| rows.label[row]);
        let precisions = copies.iter().filter(|&&row| rows.label[row]).map(|&at| {
            let above = count(&|row| x(row) >= x(at));
            count(&|row| x(row) >= x(at) && rows.label[row]) as f64 / above as f64
        });
        let precision = precisions.sum::<f64>() / events as f64;
        let top = |&share: &f64| {
            if events == 0 || share > 1.0 {
                return None;
            }
            let mut highest: Vec<f64> = copies.iter().map(|&row| -x(row)).collect();
            highest.sort_by(f64::total_cmp);
            let k = (share * copies.len() as f64 - 1e-9).ceil().max(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let cut = -highest[k as usize - 1];
            let above = count(&|row| x(row) > cut && rows.label[row]) as f64;
            let tied = count(&|row| x(row) >= cut && rows.label[row]) as f64 - above;
            let room = k - count(&|row| x(row) > cut) as f64;
            let equal = (count(&|row| x(row) >= cut) - count(&|row| x(row) > cut)) as f64;
            let found = above + tied * room / equal;
            let rate = events as f64 / copies.len() as f64;
            Some(Top { lift: found / k / rate, capture: found / events as f64 })
        };
        Ranking {
            auc: slow_auc(rows, &|_, _| true),
            average_precision: (events > 0).then_some(precision),
            tops: shares.iter().map(top).collect(),
        }
    }

    /// AUC over the pairs of copies that may be compared.
    fn slow_auc(rows: &Rows, is_pair: &dyn Fn(usize, usize) -> bool) -> Option<f64> {
        let (weight, n) = (rows.weight_of_row(), rows.label.len());
        let (mut all, mut right) = (0.0, 0.0);
        for i in (0..n).filter(|&i| rows.label[i]) {
            for j in (0..n).filter(|&j| !rows.label[j] && is_pair(i, j)) {
                let order = rows.predictor[i].partial_cmp(&rows.predictor[j]).unwrap();
                let pairs = f64::from(weight[i] * weight[j]);
                all += pairs;
                right += pairs * f64::from(order as i8 + 1) / 2.0;
            }
        }
        (all > 0.0).then(|| right / all)
    }

    fn close(left: Option<f64>, right: Option<f64>) -> bool {
        match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() < 1e-13,
            (left, right) => left.is_none() && right.is_none(),
        }
    }

    #[test]
    fn negative_zero_ties_with_zero() {
        let rows =
            Observations { predictor: &[-0.0, 0.0], label: &[true, false], cluster: &[0, 1] };
        let order = OutcomeOrder::new(&rows);
        assert_eq!(order.ranking(&[1, 1], &[]).auc, Some(0.5));
        assert_eq!(order.ranking(&[1, 0], &[]).auc, None);
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_the_definitions_give_on_copies(rows in rows()) {
            let found = OutcomeOrder::new(&rows.observations()).ranking(&rows.weights, &SHARES);
            let slow = slow_twin(&rows, &SHARES);
            prop_assert!(close(found.auc, slow.auc));
            prop_assert!(close(found.average_precision, slow.average_precision));
            for (found, slow) in found.tops.iter().zip(&slow.tops) {
                prop_assert!(close(found.map(|top| top.lift), slow.map(|top| top.lift)));
                prop_assert!(close(found.map(|top| top.capture), slow.map(|top| top.capture)));
            }
            let within = StratifiedOutcomes::new(&rows.observations(), &rows.stratum);
            let slow = slow_auc(&rows, &|i, j| rows.stratum[i] == rows.stratum[j]);
            prop_assert!(close(within.auc(&rows.weights), slow));
        }

        #[test]
        fn values_hold_all_rows_in_order(rows in rows()) {
            let order = OutcomeOrder::new(&rows.observations());
            let mut groups: Vec<(f64, Outcomes)> = Vec::new();
            order.descend_values(&order.unweighted(), |value, here| groups.push((value, here)));
            prop_assert!(groups.windows(2).all(|pair| pair[0].0 > pair[1].0));
            prop_assert_eq!(groups.len(), order.distinct());
            let ends = groups.last().zip(groups.first()).map(|(low, high)| (low.0, high.0));
            prop_assert_eq!(order.bounds(), ends);
            for (value, here) in &groups {
                let same = |class: bool| {
                    let columns = rows.predictor.iter().zip(&rows.label);
                    columns.filter(|(p, l)| (*p - value).abs() < 1e-9 && **l == class).count()
                };
                prop_assert_eq!((here.events, here.others), (same(true) as u64, same(false) as u64));
            }
            let sum = groups.iter().fold(Outcomes::default(), |sum, group| sum + group.1);
            prop_assert_eq!(sum, order.total(&order.unweighted()));
        }
    }

    #[test]
    fn no_rows_have_no_figures() {
        let none = Observations { predictor: &[], label: &[], cluster: &[] };
        let order = OutcomeOrder::new(&none);
        assert_eq!((order.accounts(), order.unweighted().len()), (0, 0));
        let nothing = Ranking { auc: None, average_precision: None, tops: vec![None] };
        assert_eq!(order.ranking(&[], &[0.1]), nothing);
    }
}
