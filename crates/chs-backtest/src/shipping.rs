//! What changes if another score takes the place of the first.

use std::collections::BTreeMap;

use chs_stats::exact_sum;
use jiff::civil::Date;

use crate::figures::event_rate;
use crate::sample::{Frame, Sample};
use crate::{CandidateResult, Metric, Slice};

/// Accounts whose band differs between the first score and another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shipping {
    /// The first score.
    pub from: String,
    /// The other one.
    pub to: String,
    /// The last snapshot.
    pub snapshot: Date,
    /// Accounts that both scores put into a band there.
    pub accounts: usize,
    /// Their value, where the panel has values.
    pub value: Option<f64>,
    /// Accounts and value per pair of bands, from the lowest; pairs without accounts are left out.
    pub moves: Vec<BandMove>,
    /// `share_moved`: of the accounts, those whose band differs.
    pub share_moved: Metric,
    /// `event_rate` over all rows that the other score puts into a lower band, into a higher one, and into
    /// the same.
    pub event_rates: [Metric; 3],
}

/// Accounts that one score puts into one band and the other into another.
#[derive(Clone, Debug, PartialEq)]
pub struct BandMove {
    /// Band of the first score.
    pub from: String,
    /// Band of the other one.
    pub to: String,
    /// Accounts.
    pub accounts: usize,
    /// Their value, where the panel has values.
    pub value: Option<f64>,
}

/// The first candidate against each later one; only pairs whose bands are called alike.
pub(crate) fn shipping(frame: &Frame<'_>, candidates: &[CandidateResult]) -> Vec<Shipping> {
    let Some((first, others)) = candidates.split_first() else { return Vec::new() };
    if frame.panel.is_cross_section() || first.scores.band_names.is_empty() {
        return Vec::new();
    }
    let alike = |other: &&CandidateResult| other.scores.band_names == first.scores.band_names;
    others.iter().filter(alike).filter_map(|other| shipped(frame, first, other)).collect()
}

fn shipped(frame: &Frame<'_>, a: &CandidateResult, b: &CandidateResult) -> Option<Shipping> {
    let band = |own: &CandidateResult, row: usize| own.scores.band.get(row).copied().flatten();
    let pair = |row: usize| Some((band(a, row)?, band(b, row)?));
    let last = frame.panel.snapshots().len().checked_sub(1)?;
    let snapshot = *frame.panel.snapshots().get(last)?;
    let rows: Vec<usize> = frame.panel.rows_of(last).filter(|row| pair(*row).is_some()).collect();
    let mut moves: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for row in &rows {
        moves.entry(pair(*row)?).or_default().push(*row);
    }
    let value = |rows: &[usize]| {
        frame.panel.value()?;
        Some(exact_sum(rows.iter().filter_map(|row| frame.value(*row))))
    };
    let name = |band: u32| a.scores.band_names.get(band as usize).cloned().unwrap_or_default();
    let of_last = Sample::labelled(frame, &a.scores.score, |row| {
        let (from, to) = pair(row).filter(|_| frame.snapshot(row) == last)?;
        Some(from != to)
    });
    let rate = |level: &str, is_it: fn(u32, u32) -> bool| {
        let sample = Sample::labelled(frame, &a.scores.score, |row| {
            let (from, to) = pair(row)?;
            frame.label.value(row).filter(|_| is_it(from, to))
        });
        event_rate("event_rate", &sample, &Slice::of("band", level), frame.settings)
    };
    Some(Shipping {
        from: a.name.clone(),
        to: b.name.clone(),
        snapshot,
        accounts: rows.len(),
        value: value(&rows),
        moves: moves
            .into_iter()
            .map(|((from, to), rows)| BandMove {
                from: name(from),
                to: name(to),
                accounts: rows.len(),
                value: value(&rows),
            })
            .collect(),
        share_moved: event_rate("share_moved", &of_last, &Slice::all(), frame.settings),
        event_rates: [
            rate("lower", |from, to| to < from),
            rate("higher", |from, to| to > from),
            rate("same", |from, to| to == from),
        ],
    })
}
