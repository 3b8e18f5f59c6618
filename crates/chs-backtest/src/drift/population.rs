//! Distributions of a score and its indicators beside those of the first snapshot.

use std::ops::Range;

use chs_panel::{IndicatorValues, NumberColumn, WordColumn};
use chs_scorecard::Scorecard;
use chs_stats::{Shift, StabilityIndex, population_stability, population_stability_of_values};
use jiff::civil::Date;

use super::DistributionShift;
use crate::Scores;
use crate::reliability::BINS;
use crate::sample::{Contender, Frame};

/// Accounts below which a snapshot is no reference, nor held against one.
const FEWEST: usize = 100;

/// The reference and the indices: of the score at each later snapshot, of the indicators at the last one.
///
/// A snapshot has one row per account, so that the rows of a side are independent; accounts that stay are
/// on both sides, which makes the critical value a cautious one.
pub(super) fn shifts(
    frame: &Frame<'_>,
    scorecard: Option<&Scorecard>,
    (contender, scores): (&Contender, &Scores),
) -> (Option<Date>, Vec<DistributionShift>) {
    let panel = frame.panel;
    let is_large = |index: &usize| {
        panel.rows_of(*index).filter(|row| scores.score.get(*row).is_some()).count() >= FEWEST
    };
    let mut large = (0..panel.snapshots().len()).filter(is_large);
    let Some(first) = large.next() else { return (None, Vec::new()) };
    let later: Vec<usize> = large.collect();
    let of_score = |index: &usize| {
        let column = Column::Numbers(&scores.score);
        shift(frame, (&contender.name, &column), (first, *index))
    };
    let mut shifts: Vec<DistributionShift> = later.iter().filter_map(of_score).collect();
    if let (Some(scorecard), Some(last)) = (scorecard, later.last()) {
        shifts.extend(scorecard.indicators().filter_map(|indicator| {
            let column = match panel.indicator(&indicator.name)? {
                IndicatorValues::Numbers(numbers) => Column::Numbers(numbers),
                IndicatorValues::Words(words) => Column::Words(words),
            };
            shift(frame, (&indicator.name, &column), (first, *last))
        }));
    }
    (panel.snapshots().get(first).copied(), shifts)
}

enum Column<'a> {
    Numbers(&'a NumberColumn),
    Words(&'a WordColumn),
}

fn shift(
    frame: &Frame<'_>,
    (subject, column): (&str, &Column<'_>),
    (reference, index): (usize, usize),
) -> Option<DistributionShift> {
    let level = frame.settings.level;
    let [before, now] = [reference, index].map(|index| frame.panel.rows_of(index));
    let (found, accounts) = match column {
        Column::Numbers(numbers) => {
            let values = |rows: Range<usize>| -> Vec<f64> {
                rows.filter_map(|row| numbers.get(row)).collect()
            };
            let (before, now) = (values(before), values(now));
            let accounts = [before.len(), now.len()];
            (population_stability_of_values(&before, &now, BINS, level), accounts)
        }
        Column::Words(words) => {
            let counts = |rows| counts_by_word(words, rows);
            let (before, now) = (counts(before), counts(now));
            let rows = |counts: &[u64]| usize::try_from(counts.iter().sum::<u64>()).unwrap_or(0);
            (population_stability(&before, &now, level), [rows(&before), rows(&now)])
        }
    };
    let found = found.filter(|_| accounts.iter().all(|count| *count >= FEWEST))?;
    Some(DistributionShift {
        subject: subject.to_owned(),
        snapshot: *frame.panel.snapshots().get(index)?,
        index: found.index,
        critical_value: found.critical_value,
        rule_of_thumb: rule_of_thumb(&found),
        beyond_chance: found.is_beyond_chance(),
        accounts,
    })
}

fn counts_by_word(words: &WordColumn, rows: Range<usize>) -> Vec<u64> {
    let mut counts = vec![0; words.words().len()];
    for code in rows.filter_map(|row| words.codes().get(row).copied().flatten()) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    counts
}

fn rule_of_thumb(found: &StabilityIndex) -> &'static str {
    match found.shift() {
        Shift::Stable => "stable",
        Shift::Moving => "moving",
        Shift::Moved => "moved",
    }
}
