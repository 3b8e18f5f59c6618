//! When an account is on alert.

use crate::life::readings::Readings;

/// What puts an account on alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertPolicy {
    /// A reading in the alert band.
    Level,
    /// Consecutive readings in the alert band start it, as many above end it.
    Sustained,
    /// A score so many points below the best of its last three readings.
    Drop,
    /// Level or drop.
    LevelOrDrop,
}

impl AlertPolicy {
    /// All of them, in the order of their use in tables.
    pub const ALL: [Self; 4] = [Self::Level, Self::Sustained, Self::Drop, Self::LevelOrDrop];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Sustained => "sustained",
            Self::Drop => "drop",
            Self::LevelOrDrop => "level_or_drop",
        }
    }
}

/// Earlier readings that a fall is measured from.
const LOOK_BACK: usize = 3;

/// Per account and reading, the reading at which the alert that is open then had started.
pub(crate) struct Alerts {
    pub(crate) open: Vec<Vec<Option<usize>>>,
}

impl Alerts {
    /// `band` is the index of the alert band, `fall` the points of a drop, `consecutive` the readings that
    /// sustain a level.
    pub(crate) fn new(
        readings: &Readings<'_>,
        policy: AlertPolicy,
        (band, fall, consecutive): (u32, f64, usize),
    ) -> Self {
        let scores = readings.scores;
        let in_band = |row: &usize| scores.band.get(*row).copied().flatten() == Some(band);
        let open = readings.of_account.iter().map(|rows| {
            let level: Vec<bool> = rows.iter().map(in_band).collect();
            let drop = || {
                let values: Vec<f64> =
                    rows.iter().filter_map(|row| scores.score.get(*row)).collect();
                drops(&values, fall)
            };
            match policy {
                AlertPolicy::Level => open_since(&level, 1),
                AlertPolicy::Sustained => open_since(&level, consecutive),
                AlertPolicy::Drop => open_since(&drop(), 1),
                AlertPolicy::LevelOrDrop => {
                    let either: Vec<bool> =
                        level.iter().zip(drop()).map(|(level, drop)| *level || drop).collect();
                    open_since(&either, 1)
                }
            }
        });
        Self { open: open.collect() }
    }

    /// The reading at which the alert open at a reading had started.
    pub(crate) fn start(&self, account: usize, reading: usize) -> Option<usize> {
        self.open.get(account)?.get(reading).copied().flatten()
    }
}

/// Whether each score lies at least so many points below the best of the readings before it.
fn drops(scores: &[f64], fall: f64) -> Vec<bool> {
    let best = |before: &[f64]| before.iter().copied().max_by(f64::total_cmp);
    let is_drop = |(place, score): (usize, &f64)| {
        let from = place.saturating_sub(LOOK_BACK);
        scores.get(from..place).and_then(best).is_some_and(|best| *score <= best - fall)
    };
    scores.iter().enumerate().map(is_drop).collect()
}

/// Per reading, the reading at which the alert that is open had started: at the k-th of consecutive
/// readings that are on; it ends at the k-th that is off.
fn open_since(on: &[bool], k: usize) -> Vec<Option<usize>> {
    let (mut open, mut run) = (None, 0_usize);
    let mut was_on = false;
    let mut found = Vec::with_capacity(on.len());
    for (reading, is_on) in on.iter().enumerate() {
        run = if reading > 0 && was_on == *is_on { run + 1 } else { 1 };
        was_on = *is_on;
        open = match open {
            None if *is_on && run >= k => Some(reading),
            Some(_) if !*is_on && run >= k => None,
            same => same,
        };
        found.push(open);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{drops, open_since};

    #[test]
    fn an_alert_starts_and_ends_at_the_kth_reading() {
        let on = [true, true, false, true, false, false, true];
        assert_eq!(open_since(&on, 2), [None, Some(1), Some(1), Some(1), Some(1), None, None]);
        let level = open_since(&on, 1);
        assert_eq!(level, [Some(0), Some(0), None, Some(3), None, None, Some(6)]);
        assert!(open_since(&[], 2).is_empty());
    }

    #[test]
    fn a_drop_is_measured_from_the_best_of_three_readings() {
        let scores = [80.0, 66.0, 65.0, 70.0, 60.0, 55.0];
        assert_eq!(drops(&scores, 15.0), [false, false, true, false, false, true]);
    }
}
