//! Where bands end: whole points, by likelihood, capacity, cost or target.

use chs_panel::Polarity;

use crate::BandRule;

/// Whole points at which a band may start.
const POINTS: usize = 100;

/// What a lift in training should have to spare, for it will be a little less out of time.
const SPARE: f64 = 1.1;

/// The end of the score that calls for somebody, and the rate that is lifted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alert {
    /// An adverse outcome: its rate in the lowest band.
    Lowest,
    /// A favourable outcome that few have, such as expansion: its rate in the highest band.
    Highest,
    /// A favourable outcome that most have, such as renewal: the rate of its absence in the lowest band.
    LowestAbsence,
}

impl Alert {
    /// The alert end of a label with this rate over all rows.
    pub(crate) fn of(polarity: Polarity, rate: f64) -> Self {
        match polarity {
            Polarity::Adverse => Self::Lowest,
            Polarity::Favourable if rate > 0.5 => Self::LowestAbsence,
            Polarity::Favourable => Self::Highest,
        }
    }
}

/// The scores that edges are learned from.
pub(crate) struct Scored<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) label: &'a [bool],
    pub(crate) polarity: Polarity,
    /// What the band at the [`Alert`] end should have, as a multiple of all rows.
    pub(crate) lift: f64,
    /// The scores of all accounts, labelled or not, snapshot by snapshot.
    pub(crate) by_snapshot: &'a [Vec<f64>],
}

/// How often each row counts: in a resample of accounts.
#[derive(Clone, Copy)]
pub(crate) struct Draws<'a> {
    /// Of the scores.
    pub(crate) labelled: &'a [u32],
    /// Of the snapshots' scores, one snapshot after the other.
    pub(crate) seen: &'a [u32],
}

/// Lower edges of `bands` bands, the first one 0; none where no edges satisfy the rule.
///
/// Exact by enumeration: 4,851 pairs of edges for three bands, 156,849 triples for four. Where some
/// partition has the lift that is asked for, with a tenth to spare, the others are not considered: the
/// most likely cut can be one that calls half of all accounts at risk.
pub(crate) fn edges(scored: &Scored<'_>, rule: BandRule, bands: usize) -> Option<Vec<f64>> {
    let seen = scored.by_snapshot.iter().map(Vec::len).sum();
    let (labelled, seen) = (vec![1; scored.scores.len()], vec![1; seen]);
    drawn_edges(scored, Draws { labelled: &labelled, seen: &seen }, (rule, bands))
}

/// The edges of a resample.
pub(crate) fn drawn_edges(
    scored: &Scored<'_>,
    draws: Draws<'_>,
    (rule, bands): (BandRule, usize),
) -> Option<Vec<f64>> {
    if !(2..=4).contains(&bands) {
        return None;
    }
    let counts = Counts::of(scored, draws.labelled);
    if counts.rows(0, POINTS) <= 0.0 {
        return None;
    }
    let (polarity, rate) = (scored.polarity, counts.rate(0, POINTS));
    let alert = Alert::of(polarity, rate);
    let of_all = if alert == Alert::LowestAbsence { 1.0 - rate } else { rate };
    let mut search = Search {
        counts,
        least: 1.0,
        bands,
        polarity,
        alert,
        alert_rate: 0.0,
        first: None,
        last: None,
        best: None,
    };
    let alerted = match rule {
        BandRule::Prior => return None,
        BandRule::Likelihood { minimum_share } => {
            search.least = (minimum_share * search.counts.rows(0, POINTS)).max(1.0);
            None
        }
        BandRule::Capacity { accounts } => {
            search.first = Some(capacity(scored, draws.seen, accounts)?);
            None
        }
        BandRule::Cost { miss } => Some(search.cheapest(miss)?),
        BandRule::Precision { at_least } => Some(search.widest(at_least)?),
        BandRule::Ratio { at_least } => Some(search.widest(at_least * of_all)?),
    };
    if alert == Alert::Highest {
        search.last = alerted;
    } else {
        search.first = search.first.or(alerted);
    }
    // A cost or a target is a wish for that band already.
    let wish = if alerted.is_some() { 0.0 } else { scored.lift * SPARE * of_all };
    for rate in [wish, 0.0] {
        search.alert_rate = rate;
        for edge in 1..POINTS {
            search.extend(&mut vec![edge], 0.0);
        }
        if search.best.is_some() {
            break;
        }
    }
    let (_, found) = search.best?;
    Some(std::iter::once(0.0).chain(found.into_iter().map(|edge| edge as f64)).collect())
}

/// The highest whole point below which no snapshot has more accounts.
fn capacity(scored: &Scored<'_>, seen: &[u32], accounts: u32) -> Option<usize> {
    let mut draws = seen.iter();
    let most = scored.by_snapshot.iter().map(|scores| {
        let mut below = [0_u64; POINTS + 1];
        for (score, draws) in scores.iter().zip(&mut draws) {
            below[point_of(*score) + 1] += u64::from(*draws);
        }
        let mut sum = 0;
        let within = |edge: &usize| {
            sum += below[*edge];
            sum <= u64::from(accounts)
        };
        (1..POINTS).take_while(within).last().unwrap_or(0)
    });
    most.min().map_or(Some(POINTS - 1), |edge| (edge > 0).then_some(edge))
}

/// The whole point at or below a score; a score of exactly 100 belongs to the last one below.
fn point_of(score: f64) -> usize {
    (1..POINTS).take_while(|point| *point as f64 <= score).count()
}

/// Rows and events below each whole point.
struct Counts {
    rows: Vec<f64>,
    events: Vec<f64>,
}

impl Counts {
    fn of(scored: &Scored<'_>, draws: &[u32]) -> Self {
        let (mut rows, mut events) = (vec![0.0; POINTS + 1], vec![0.0; POINTS + 1]);
        for ((score, label), draws) in scored.scores.iter().zip(scored.label).zip(draws) {
            let point = point_of(*score);
            rows[point + 1] += f64::from(*draws);
            events[point + 1] += if *label { f64::from(*draws) } else { 0.0 };
        }
        for point in 1..=POINTS {
            rows[point] += rows[point - 1];
            events[point] += events[point - 1];
        }
        Self { rows, events }
    }

    fn rows(&self, from: usize, to: usize) -> f64 {
        self.rows[to] - self.rows[from]
    }

    fn rate(&self, from: usize, to: usize) -> f64 {
        (self.events[to] - self.events[from]) / self.rows(from, to)
    }

    /// Log likelihood of a band at its own event rate.
    fn likelihood(&self, from: usize, to: usize) -> f64 {
        let (rows, events) = (self.rows(from, to), self.events[to] - self.events[from]);
        let part = |count: f64| if count > 0.0 { count * (count / rows).ln() } else { 0.0 };
        part(events) + part(rows - events)
    }
}

struct Search {
    counts: Counts,
    /// Fewest rows of a band.
    least: f64,
    bands: usize,
    polarity: Polarity,
    alert: Alert,
    /// Smallest rate of the band at the alert end.
    alert_rate: f64,
    /// The lowest edge above 0, where the rule gives it.
    first: Option<usize>,
    /// The highest edge, where the rule gives it.
    last: Option<usize>,
    /// Likelihood and edges; the first one found of equals.
    best: Option<(f64, Vec<usize>)>,
}

impl Search {
    /// Rows of the alert band that ends at an edge, and how many of them have what is alerted to.
    fn alerted(&self, edge: usize) -> (f64, f64) {
        let (from, to) = if self.alert == Alert::Highest { (edge, POINTS) } else { (0, edge) };
        let rows = self.counts.rows(from, to);
        let events = self.counts.events[to] - self.counts.events[from];
        (rows, if self.alert == Alert::LowestAbsence { rows - events } else { events })
    }

    /// The edge where outcomes outside the alert band and false alarms in it cost least: the narrowest
    /// band of equals.
    fn cheapest(&self, miss: f64) -> Option<usize> {
        let cost = |edge: usize| {
            let (rows, hits) = self.alerted(edge);
            (rows > 0.0).then_some((edge, rows - hits - miss * hits))
        };
        let costs: Vec<(usize, f64)> = (1..POINTS).filter_map(cost).collect();
        let by_cost = |left: &&(usize, f64), right: &&(usize, f64)| left.1.total_cmp(&right.1);
        let best = if self.alert == Alert::Highest {
            costs.iter().rev().min_by(by_cost)
        } else {
            costs.iter().min_by(by_cost)
        };
        best.map(|(edge, _)| *edge)
    }

    /// The edge of the widest alert band with at least this rate.
    fn widest(&self, rate: f64) -> Option<usize> {
        let reaches = |edge: &usize| {
            let (rows, hits) = self.alerted(*edge);
            rows > 0.0 && hits >= rate * rows
        };
        if self.alert == Alert::Highest {
            (1..POINTS).find(reaches)
        } else {
            (1..POINTS).rev().find(reaches)
        }
    }

    /// All partitions that start with these edges, the likelihood of all bands but the last edge's own
    /// being known.
    fn extend(&mut self, edges: &mut Vec<usize>, known: f64) {
        let count = edges.len();
        let edge = edges[count - 1];
        let start = if count > 1 { edges[count - 2] } else { 0 };
        let before = (count > 1).then(|| (if count > 2 { edges[count - 3] } else { 0 }, start));
        if self.counts.rows(start, edge) < self.least || !self.is_ordered(before, (start, edge)) {
            return;
        }
        if count == 1 && self.alert != Alert::Highest && !self.is_alert(start, edge) {
            return;
        }
        let other = |fixed: Option<usize>| fixed.is_some_and(|fixed| fixed != edge);
        if (count == 1 && other(self.first)) || (count + 1 == self.bands && other(self.last)) {
            return;
        }
        let known = known + self.counts.likelihood(start, edge);
        if count + 1 < self.bands {
            for next in edge + 1..POINTS {
                edges.push(next);
                self.extend(edges, known);
                edges.pop();
            }
            return;
        }
        let fits = self.counts.rows(edge, POINTS) >= self.least
            && (self.alert != Alert::Highest || self.is_alert(edge, POINTS));
        if fits && self.is_ordered(Some((start, edge)), (edge, POINTS)) {
            let total = known + self.counts.likelihood(edge, POINTS);
            if self.best.as_ref().is_none_or(|(best, _)| total > *best) {
                self.best = Some((total, edges.clone()));
            }
        }
    }

    fn is_alert(&self, from: usize, to: usize) -> bool {
        let rate = self.counts.rate(from, to);
        let lifted = if self.alert == Alert::LowestAbsence { 1.0 - rate } else { rate };
        lifted >= self.alert_rate
    }

    /// Whether the event rate goes the right way from one band to the next.
    fn is_ordered(&self, before: Option<(usize, usize)>, band: (usize, usize)) -> bool {
        let Some(before) = before else { return true };
        let (lower, higher) =
            (self.counts.rate(before.0, before.1), self.counts.rate(band.0, band.1));
        match self.polarity {
            Polarity::Adverse => lower > higher,
            Polarity::Favourable => lower < higher,
        }
    }
}

#[cfg(test)]
mod tests {
    use chs_panel::Polarity;

    use super::{Draws, Scored, drawn_edges, edges};
    use crate::BandRule;

    /// Rates of 60, 20 and 5 % below 25, below 60, above; ten rows per whole point.
    fn rows(polarity: Polarity) -> (Vec<f64>, Vec<bool>) {
        let scores: Vec<f64> = (0..2_000).map(|row| f64::from(row) / 20.0).collect();
        let label = (0..2_000_u32)
            .map(|row| {
                let of_twenty = match row / 20 {
                    0..25 => 12,
                    25..60 => 4,
                    _ => 1,
                };
                (row * 7 % 20 < of_twenty) == (polarity == Polarity::Adverse)
            })
            .collect();
        (scores, label)
    }

    fn found(polarity: Polarity, rule: BandRule, bands: usize) -> Option<Vec<f64>> {
        let (scores, label) = rows(polarity);
        let by_snapshot = [scores.clone(), scores.iter().map(|score| score / 2.0).collect()];
        let sample = Scored {
            scores: &scores,
            label: &label,
            polarity,
            lift: 0.0,
            by_snapshot: &by_snapshot,
        };
        edges(&sample, rule, bands)
    }

    #[test]
    fn the_lift_that_is_asked_for_is_met_where_it_can_be() {
        // The rate falls steadily from 50 % to 0; 25 % in all.
        let scores: Vec<f64> = (0..20_000).map(|row| f64::from(row) / 200.0).collect();
        let label = |row: u32| row * 7_919 % 20_000 < 10_000 - row / 2;
        let label: Vec<bool> = (0..20_000).map(label).collect();
        let rate = |from: f64, to: f64| {
            let rows = scores.iter().zip(&label).filter(|(score, _)| (from..to).contains(*score));
            let (events, count) = rows.fold((0.0, 0.0), |(events, count), (_, label)| {
                (events + f64::from(u8::from(*label)), count + 1.0)
            });
            events / count
        };
        let found = |polarity, lift| {
            let mirrored: Vec<f64> = scores.iter().map(|score| 99.99 - score).collect();
            let scores = if polarity == Polarity::Adverse { &scores } else { &mirrored };
            let sample = Scored { scores, label: &label, polarity, lift, by_snapshot: &[] };
            edges(&sample, BandRule::LIKELIHOOD, 2).unwrap()[1]
        };
        let [free, asked] = [0.0, 1.7].map(|lift| found(Polarity::Adverse, lift));
        assert!(rate(0.0, free) < 1.7 * 0.25 && rate(0.0, asked) >= 1.7 * 1.1 * 0.25);
        let highest = found(Polarity::Favourable, 1.7);
        assert!(rate(0.0, 100.0 - highest) >= 1.7 * 1.1 * 0.25 && highest > 80.0, "{highest}");
        // Nobody has ten times the rate: the likeliest edge.
        assert!((found(Polarity::Adverse, 10.0) - free).abs() < 1e-12);
    }

    #[test]
    fn planted_edges_are_found_in_either_polarity() {
        for polarity in [Polarity::Adverse, Polarity::Favourable] {
            let found = |bands| found(polarity, BandRule::LIKELIHOOD, bands);
            assert_eq!(found(3), Some(vec![0.0, 25.0, 60.0]));
            assert_eq!(found(2), Some(vec![0.0, 25.0]));
            // No fourth rate is there: strictly monotone rates find none, or a sliver.
            assert!(found(4).is_none_or(|edges| edges.len() == 4));
            assert_eq!(found(5), None);
        }
    }

    #[test]
    fn each_band_has_its_share_and_rates_are_strictly_ordered() {
        let rule = BandRule::Likelihood { minimum_share: 0.25 };
        assert_eq!(found(Polarity::Adverse, rule, 3), Some(vec![0.0, 25.0, 60.0]));
        let (scores, _) = rows(Polarity::Adverse);
        let label: Vec<bool> = (0..2_000).map(|row| row % 20 < 3).collect();
        let sample = Scored {
            scores: &scores,
            label: &label,
            polarity: Polarity::Adverse,
            lift: 0.0,
            by_snapshot: &[],
        };
        assert_eq!(edges(&sample, BandRule::LIKELIHOOD, 3), None);
    }

    #[test]
    fn no_snapshot_has_more_accounts_at_risk_than_the_capacity() {
        // The second snapshot has 40 accounts per whole point. The rate is the same up to 25, so that
        // no band ends there.
        let rule = BandRule::Capacity { accounts: 830 };
        assert_eq!(found(Polarity::Adverse, rule, 3), Some(vec![0.0, 20.0, 60.0]));
        assert_eq!(found(Polarity::Adverse, BandRule::Capacity { accounts: 10 }, 3), None);
    }

    #[test]
    fn the_alert_band_costs_least_or_is_the_widest_that_reaches_its_target() {
        // 60, 20 and 5 % below 25, below 60, above; 25 % of 0.25 * 0.6 + 0.35 * 0.2 + 0.4 * 0.05 = 24 %.
        let adverse = |rule| found(Polarity::Adverse, rule, 3).unwrap();
        // In a band of rate r a row is worth alerting where a miss costs more than (1 - r) / r.
        assert_eq!(adverse(BandRule::Cost { miss: 3.0 })[1].to_bits(), 25.0_f64.to_bits());
        let two = found(Polarity::Adverse, BandRule::Cost { miss: 5.0 }, 2);
        assert_eq!(two, Some(vec![0.0, 60.0]));
        // Above 60 there is one rate: no third band.
        assert_eq!(found(Polarity::Adverse, BandRule::Cost { miss: 5.0 }, 3), None);
        // 0.4 = (25 * 0.6 + n * 0.2) / (25 + n): n = 25.
        assert_eq!(adverse(BandRule::Precision { at_least: 0.4 })[1].to_bits(), 50.0_f64.to_bits());
        assert_eq!(adverse(BandRule::Ratio { at_least: 0.4 / 0.24 })[1..], [50.0, 60.0]);
        assert_eq!(found(Polarity::Adverse, BandRule::Precision { at_least: 0.7 }, 3), None);
        // Most have the favourable outcome: its absence in the lowest band.
        let favourable = found(Polarity::Favourable, BandRule::Precision { at_least: 0.4 }, 3);
        assert_eq!(favourable.unwrap()[1].to_bits(), 50.0_f64.to_bits());
    }

    #[test]
    fn a_rare_favourable_outcome_is_sought_in_the_highest_band() {
        let (scores, label) = rows(Polarity::Adverse);
        let scores: Vec<f64> = scores.iter().map(|score| 99.99 - score).collect();
        let sample = Scored {
            scores: &scores,
            label: &label,
            polarity: Polarity::Favourable,
            lift: 0.0,
            by_snapshot: &[],
        };
        let found = edges(&sample, BandRule::Precision { at_least: 0.4 }, 3).unwrap();
        assert_eq!(found[2].to_bits(), 50.0_f64.to_bits());
        let found = edges(&sample, BandRule::Cost { miss: 3.0 }, 3).unwrap();
        assert_eq!(found[2].to_bits(), 75.0_f64.to_bits());
    }

    #[test]
    fn rows_count_as_often_as_they_are_drawn() {
        let (scores, label) = rows(Polarity::Adverse);
        let by_snapshot = [scores.clone()];
        let sample = Scored {
            scores: &scores,
            label: &label,
            polarity: Polarity::Adverse,
            lift: 0.0,
            by_snapshot: &by_snapshot,
        };
        let ones = vec![1; 2_000];
        let rule = (BandRule::Capacity { accounts: 400 }, 2);
        let edge = |labelled: &[u32], seen: &[u32], rule| {
            drawn_edges(&sample, Draws { labelled, seen }, rule).map(|edges| edges[1])
        };
        assert_eq!(edge(&ones, &ones, rule), Some(20.0));
        assert_eq!(edge(&ones, &vec![2; 2_000], rule), Some(10.0));
        // Without the rows below 25 only the second step is left.
        let upper: Vec<u32> = scores.iter().map(|score| u32::from(*score >= 25.0)).collect();
        assert_eq!(edge(&upper, &ones, (BandRule::LIKELIHOOD, 2)), Some(60.0));
        assert_eq!(edge(&vec![0; 2_000], &ones, (BandRule::LIKELIHOOD, 2)), None);
    }
}
