//! Cuts of a score at whole points, read under weights per account.

use chs_panel::Polarity;
use chs_stats::net_benefit;

use crate::sample::{Frame, Sample};
use crate::tally::Tally;

/// Whole points of a score, 0 and 100 included.
const POINTS: usize = 101;
/// Places of a cut: before the first alert, and after each whole point.
const PLACES: usize = POINTS + 1;

/// The rows of a sample by the place of the cut from which on they are alerts: the lowest scores first for an
/// adverse label, the highest for a favourable one.
pub(super) struct Cuts {
    polarity: Polarity,
    /// Rows by snapshot, place and label.
    rows: Tally,
}

impl Cuts {
    /// The predictor of the sample is a score, 0 to 100.
    pub(super) fn new(frame: &Frame<'_>, sample: &Sample) -> Self {
        let snapshots = frame.panel.snapshots().len();
        Self::of_snapshots(snapshots, sample, frame.label.definition.polarity)
    }

    fn of_snapshots(snapshots: usize, sample: &Sample, polarity: Polarity) -> Self {
        let cell = |row: usize| {
            let place = first_place(sample.predictor[row], polarity);
            let snapshot = sample.stratum[row] as usize;
            2 * (snapshot * PLACES + place) + usize::from(sample.label[row])
        };
        Self { polarity, rows: Tally::new(sample, 2 * PLACES * snapshots, cell) }
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

    /// Alerts at each place, under weights per account.
    pub(super) fn alerts(&self, weights: &[u32]) -> Alerts {
        let counts = self.rows.counts(weights);
        let snapshots = counts.chunks_exact(2 * PLACES);
        Alerts { by_snapshot: snapshots.map(running_sums).collect() }
    }
}

/// Rows without and with the outcome up to each place.
fn running_sums(cells: &[u64]) -> Vec<[u64; 2]> {
    let sums = cells.chunks_exact(2).scan([0, 0], |sum, cell| {
        *sum = [sum[0] + cell[0], sum[1] + cell[1]];
        Some(*sum)
    });
    sums.collect()
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

/// Rows without and with the outcome that are alerts at each place, by snapshot.
pub(super) struct Alerts {
    by_snapshot: Vec<Vec<[u64; 2]>>,
}

impl Alerts {
    /// Those of all snapshots.
    pub(super) fn pooled(&self) -> PooledAlerts {
        let mut counts = vec![[0, 0]; PLACES];
        for own in &self.by_snapshot {
            for (sum, own) in counts.iter_mut().zip(own) {
                *sum = [sum[0] + own[0], sum[1] + own[1]];
            }
        }
        PooledAlerts { counts }
    }

    /// Room per snapshot for a share of its rows.
    pub(super) fn room_of_share(&self, share: f64) -> Vec<f64> {
        let rows = |own: &Vec<[u64; 2]>| own.last().map_or(0, |[others, events]| others + events);
        self.by_snapshot.iter().map(|own| share * rows(own) as f64).collect()
    }

    /// The same room at every snapshot.
    pub(super) fn room_of(&self, accounts: u32) -> Vec<f64> {
        vec![f64::from(accounts); self.by_snapshot.len()]
    }

    /// The last place at which no snapshot has more alerts than it has room for.
    pub(super) fn fullest(&self, room: &[f64]) -> usize {
        let last = |(own, room): (&Vec<[u64; 2]>, &f64)| {
            own.partition_point(|[others, events]| (others + events) as f64 <= *room)
        };
        let fitting = self.by_snapshot.iter().zip(room).map(last).min();
        fitting.unwrap_or(PLACES).saturating_sub(1)
    }
}

/// Rows without and with the outcome that are alerts, at each place.
pub(super) struct PooledAlerts {
    counts: Vec<[u64; 2]>,
}

impl PooledAlerts {
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

    use super::Cuts;
    use crate::sample::Sample;

    /// Ten rows of ten accounts at two snapshots; those with scores below 30 have the outcome.
    fn cuts(polarity: Polarity) -> Cuts {
        let label = |number| (number >= 3) == (polarity == Polarity::Favourable);
        let sample = Sample {
            predictor: (0..10).map(|number| 10.0 * f64::from(number)).collect(),
            label: (0..10).map(label).collect(),
            stratum: (0..10).map(|number| number % 2).collect(),
            cluster: (0..10).collect(),
            accounts: 10,
            ..Sample::default()
        };
        Cuts::of_snapshots(2, &sample, polarity)
    }

    #[test]
    fn the_best_edge_separates_the_outcomes() {
        let adverse = cuts(Polarity::Adverse);
        let alerts = adverse.alerts(&[1; 10]).pooled();
        let best = alerts.best(0.2);
        // Scores of 0, 10 and 20 are below 21; one more point adds nobody.
        assert!((adverse.edge(best) - 21.0).abs() < 1e-12);
        assert!((alerts.worth(best, 0.2) - 0.3).abs() < 1e-15);
        assert_eq!(alerts.share(best), Some(0.3));
        let favourable = cuts(Polarity::Favourable);
        let alerts = favourable.alerts(&[1; 10]).pooled();
        assert!((favourable.edge(alerts.best(0.2)) - 30.0).abs() < 1e-12);
        // Without its account a row is not there.
        let mut weights = [1; 10];
        weights[2] = 0;
        assert!((adverse.edge(adverse.alerts(&weights).pooled().best(0.2)) - 11.0).abs() < 1e-12);
    }

    #[test]
    fn no_snapshot_has_more_alerts_than_room() {
        let cuts = cuts(Polarity::Adverse);
        let alerts = cuts.alerts(&[1; 10]);
        // Scores 0, 20, 40, 60, 80 at the first snapshot, 10, 30, .. at the second.
        let edge = |room: &[f64]| cuts.edge(alerts.fullest(room));
        assert!((edge(&alerts.room_of(1)) - 20.0).abs() < 1e-12);
        assert!((edge(&[0.0, 5.0])).abs() < 1e-12);
        assert!((edge(&alerts.room_of_share(0.4)) - 40.0).abs() < 1e-12);
        assert!((edge(&alerts.room_of(100)) - 101.0).abs() < 1e-12);
    }

    #[test]
    fn an_edge_has_its_place() {
        let [adverse, favourable] = [Polarity::Adverse, Polarity::Favourable].map(cuts);
        assert_eq!((adverse.place_of(40.0), favourable.place_of(40.0)), (40, 61));
        assert!((favourable.edge(favourable.place_of(70.0)) - 70.0).abs() < 1e-12);
        assert_eq!(adverse.place_of(39.5), 40);
    }
}
