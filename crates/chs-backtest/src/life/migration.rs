//! How accounts move between bands.

use crate::figures::event_rate;
use crate::life::readings::Readings;
use crate::sample::Sample;
use crate::{Counts, Metric, Slice};

/// Where readings in each band stand at the next snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// From the lowest band to the highest.
    pub rows: Vec<MigrationRow>,
    /// `flap_rate`: of the changes of band that another reading follows, those that are undone at it.
    pub flap_rate: Metric,
}

/// Readings in one band.
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationRow {
    /// The band.
    pub band: String,
    /// Readings in it, but those of the last snapshot.
    pub readings: usize,
    /// `migration_rate` to each band, from the lowest to the highest: a reading there at the next snapshot.
    pub to: Vec<Metric>,
    /// `migration_rate` to the outcome: it had come, or was known, by the next snapshot.
    pub lost: Metric,
    /// `migration_rate` to nowhere: no score at the next snapshot, and no outcome.
    pub unread: Metric,
}

/// Where a reading goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    To(u32),
    Lost,
    Unread,
}

pub(crate) fn migration(readings: &Readings<'_>) -> Migration {
    let goes = goes(readings);
    let names = &readings.scores.band_names;
    let rows = (0_u32..).zip(names).map(|(band, name)| {
        let is_in = |row: usize| readings.scores.band.get(row) == Some(&Some(band));
        let rate = |to: &str, goal: Goes| {
            let frame = readings.frame;
            let sample = Sample::labelled(frame, &readings.scores.score, |row| {
                let goes = goes.get(row).copied().flatten().filter(|_| is_in(row));
                goes.map(|goes| goes == goal)
            });
            let slice = Slice::of("band", name).and("to", to);
            event_rate("migration_rate", &sample, &slice, frame.settings)
        };
        let to = (0_u32..).zip(names).map(|(other, to)| rate(to, Goes::To(other))).collect();
        let lost = rate("the outcome", Goes::Lost);
        MigrationRow {
            band: name.clone(),
            readings: lost.counts.n,
            to,
            lost,
            unread: rate("no score", Goes::Unread),
        }
    });
    Migration { rows: rows.collect(), flap_rate: flap_rate(readings) }
}

/// Per row of the panel with a band, where it goes; none at the last snapshot.
fn goes(readings: &Readings<'_>) -> Vec<Option<Goes>> {
    let frame = readings.frame;
    let band = |row: usize| readings.scores.band.get(row).copied().flatten();
    let mut goes = vec![None; frame.panel.len()];
    for rows in &readings.of_account {
        for (place, row) in rows.iter().enumerate() {
            let Some(next_day) = frame.panel.snapshots().get(frame.snapshot(*row) + 1) else {
                continue;
            };
            let next = rows.get(place + 1).filter(|next| frame.day(**next) == *next_day);
            let is_lost = || {
                let outcome = frame.label.next(*row).filter(|outcome| outcome.is_target);
                outcome.is_some_and(|outcome| outcome.day.min(outcome.known) <= *next_day)
            };
            if let (Some(cell), Some(_)) = (goes.get_mut(*row), band(*row)) {
                *cell = Some(match next.and_then(|next| band(*next)) {
                    Some(band) => Goes::To(band),
                    None if is_lost() => Goes::Lost,
                    None => Goes::Unread,
                });
            }
        }
    }
    goes
}

fn flap_rate(readings: &Readings<'_>) -> Metric {
    let frame = readings.frame;
    let band = |row: usize| readings.scores.band.get(row).copied().flatten();
    let mut undone: Vec<Option<bool>> = vec![None; frame.panel.len()];
    for rows in &readings.of_account {
        for three in rows.windows(3) {
            let [Some(first), Some(second), Some(third)] =
                [0, 1, 2].map(|place| band(three[place]))
            else {
                continue;
            };
            if let Some(cell) = undone.get_mut(three[1]).filter(|_| first != second) {
                *cell = Some(third == first);
            }
        }
    }
    let sample = Sample::labelled(frame, &readings.scores.score, |row| undone[row]);
    if sample.rows.is_empty() {
        let reason = "no change of band is followed by another reading".to_owned();
        return Metric::undefined("flap_rate", &Slice::all(), Counts::default(), reason);
    }
    event_rate("flap_rate", &sample, &Slice::all(), frame.settings)
}
