//! Cuts of a score at whole points, read under weights per account.

use chs_panel::Polarity;
use chs_stats::net_benefit;

use crate::sample::{Frame, Sample};

/// Whole points of a score, 0 and 100 included.
const POINTS: usize = 101;

/// The rows of a sample by the place of the cut from which on they are alerts: the lowest scores first for an
/// adverse label, the highest for a favourable one.
pub(super) struct Cuts {
    polarity: Polarity,
    rows: Vec<CutRow>,
    snapshots: usize,
}

struct CutRow {
    /// It is an alert at this place and beyond.
    place: usize,
    snapshot: usize,
    account: usize,
    label: bool,
}

impl Cuts {
    /// The predictor of the sample is a score, 0 to 100.
    pub(super) fn new(frame: &Frame<'_>, sample: &Sample) -> Self {
        let polarity = frame.label.definition.polarity;
        let columns = sample.predictor.iter().zip(&sample.stratum).zip(&sample.label);
        let rows = columns
            .zip(&sample.cluster)
            .map(|(((score, snapshot), label), account)| CutRow {
                place: first_place(*score, polarity),
                snapshot: *snapshot as usize,
                account: *account as usize,
                label: *label,
            })
            .collect();
        Self { polarity, rows, snapshots: frame.panel.snapshots().len() }
    }

    /// The edge in points at a place: scores below it are alerts for an adverse label, those from it on for
    /// a favourable one. At place 0 nobody is an alert.
    pub(super) fn edge(&self, place: usize) -> f64 {
        match self.polarity {
            Polarity::Adverse => place as f64,
            Polarity::Favourable => (POINTS - place) as f64,
        }
    }

    /// The place of an edge that a score has; one between whole points is the next point up.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 101")]
    pub(super) fn place_of(&self, edge: f64) -> usize {
        let point = edge.ceil().clamp(0.0, POINTS as f64) as usize;
        match self.polarity {
            Polarity::Adverse => point,
            Polarity::Favourable => POINTS - point,
        }
    }

    /// Alerts at each place.
    pub(super) fn alerts(&self, weights: &[u32]) -> Alerts {
        let mut counts = vec![[0_u64; 2]; POINTS + 1];
        for row in &self.rows {
            let weight = weights.get(row.account).copied().unwrap_or_default();
            if let Some(cell) = counts.get_mut(row.place) {
                cell[usize::from(row.label)] += u64::from(weight);
            }
        }
        for place in 1..counts.len() {
            let [others, events] = counts[place - 1];
            counts[place][0] += others;
            counts[place][1] += events;
        }
        Alerts { counts }
    }

    /// Alerts by snapshot and place.
    pub(super) fn by_snapshot(&self, weights: &[u32]) -> Vec<Vec<u64>> {
        let mut counts = vec![vec![0_u64; POINTS + 1]; self.snapshots];
        for row in &self.rows {
            let weight = weights.get(row.account).copied().unwrap_or_default();
            let cell = counts.get_mut(row.snapshot).and_then(|own| own.get_mut(row.place));
            if let Some(cell) = cell {
                *cell += u64::from(weight);
            }
        }
        for own in &mut counts {
            for place in 1..own.len() {
                own[place] += own[place - 1];
            }
        }
        counts
    }

    /// Room per snapshot for a share of its accounts.
    pub(super) fn room_of_share(&self, share: f64) -> Vec<f64> {
        let mut rows = vec![0.0; self.snapshots];
        for row in &self.rows {
            if let Some(own) = rows.get_mut(row.snapshot) {
                *own += share;
            }
        }
        rows
    }

    /// The same room at every snapshot.
    pub(super) fn room_of(&self, accounts: u32) -> Vec<f64> {
        vec![f64::from(accounts); self.snapshots]
    }
}

/// The last place at which no snapshot has more alerts than it has room for.
pub(super) fn fullest(by_snapshot: &[Vec<u64>], room: &[f64]) -> usize {
    let fits = |place: &usize| {
        let mut snapshots = by_snapshot.iter().zip(room);
        snapshots.all(|(own, room)| own.get(*place).is_some_and(|count| *count as f64 <= *room))
    };
    (0..=POINTS).take_while(fits).last().unwrap_or(0)
}

/// The first place at which a score is an alert.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score is 0 to 100")]
fn first_place(score: f64, polarity: Polarity) -> usize {
    let point = score.clamp(0.0, 100.0).floor() as usize;
    match polarity {
        Polarity::Adverse => point + 1,
        Polarity::Favourable => POINTS - point,
    }
}

/// Rows without and with the outcome that are alerts, at each place.
pub(super) struct Alerts {
    counts: Vec<[u64; 2]>,
}

impl Alerts {
    fn rows(&self) -> u64 {
        self.counts.last().map_or(0, |[others, events]| others + events)
    }

    /// Net benefit at a place.
    pub(super) fn worth(&self, place: usize, threshold: f64) -> f64 {
        let [others, events] = self.counts.get(place).copied().unwrap_or_default();
        net_benefit(events, others, self.rows().max(1), threshold)
    }

    /// The place with the highest net benefit, the one with the fewest alerts among equals.
    pub(super) fn best(&self, threshold: f64) -> usize {
        let mut best = 0;
        for place in 1..self.counts.len() {
            if self.worth(place, threshold) > self.worth(best, threshold) {
                best = place;
            }
        }
        best
    }

    /// Share of the rows that are alerts.
    pub(super) fn share(&self, place: usize) -> Option<f64> {
        let [others, events] = self.counts.get(place)?;
        let rows = self.rows();
        (rows > 0).then(|| (others + events) as f64 / rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use chs_panel::Polarity;

    use super::{CutRow, Cuts, first_place, fullest};

    /// Ten rows of ten accounts at two snapshots; those with scores below 30 have the outcome.
    fn cuts(polarity: Polarity) -> Cuts {
        let rows = (0..10_u32).map(|number| {
            let score = 10.0 * f64::from(number);
            let healthy = number >= 3;
            CutRow {
                place: first_place(score, polarity),
                snapshot: usize::from(number % 2 == 1),
                account: number as usize,
                label: healthy == (polarity == Polarity::Favourable),
            }
        });
        Cuts { polarity, rows: rows.collect(), snapshots: 2 }
    }

    #[test]
    fn the_best_edge_separates_the_outcomes() {
        let adverse = cuts(Polarity::Adverse);
        let alerts = adverse.alerts(&[1; 10]);
        let best = alerts.best(0.2);
        // Scores of 0, 10 and 20 are below 21; one more point adds nobody.
        assert!((adverse.edge(best) - 21.0).abs() < 1e-12);
        assert!((alerts.worth(best, 0.2) - 0.3).abs() < 1e-15);
        assert_eq!(alerts.share(best), Some(0.3));
        let favourable = cuts(Polarity::Favourable);
        let alerts = favourable.alerts(&[1; 10]);
        assert!((favourable.edge(alerts.best(0.2)) - 30.0).abs() < 1e-12);
        // Without its account a row is not there.
        let mut weights = [1; 10];
        weights[2] = 0;
        assert!((adverse.edge(adverse.alerts(&weights).best(0.2)) - 11.0).abs() < 1e-12);
    }

    #[test]
    fn no_snapshot_has_more_alerts_than_room() {
        let cuts = cuts(Polarity::Adverse);
        let by_snapshot = cuts.by_snapshot(&[1; 10]);
        // Scores 0, 20, 40, 60, 80 at the first snapshot, 10, 30, .. at the second.
        let edge = |room: &[f64]| cuts.edge(fullest(&by_snapshot, room));
        assert!((edge(&cuts.room_of(1)) - 20.0).abs() < 1e-12);
        assert!((edge(&[0.0, 5.0])).abs() < 1e-12);
        assert!((edge(&cuts.room_of_share(0.4)) - 40.0).abs() < 1e-12);
        assert!((edge(&cuts.room_of(100)) - 101.0).abs() < 1e-12);
    }

    #[test]
    fn an_edge_has_its_place() {
        let [adverse, favourable] = [Polarity::Adverse, Polarity::Favourable].map(cuts);
        assert_eq!((adverse.place_of(40.0), favourable.place_of(40.0)), (40, 61));
        assert!((favourable.edge(favourable.place_of(70.0)) - 70.0).abs() < 1e-12);
        assert_eq!(adverse.place_of(39.5), 40);
    }
}
