//! Histories that were not: one with another future, one that was known as soon as it happened.
//!
//! A panel of the first has to be that of the real history, up to the instant from which they differ. A
//! panel of the second shows what a replay is worth: it is what a join on event time would have given.

use std::collections::BTreeMap;

use crate::load::{Column, History, OutcomeRows, RecordedRows, SourceRows, Words};
use crate::time::{DAY, Micros, NEVER};

/// Every so many rows that were known stand a second time, known later.
const REPEATED: usize = 5;

/// The history with everything changed that was not known before `instant`: of those rows one third is
/// gone, one third holds the cells of another row, and rows that were known come in again, late.
///
/// What follows from a row when it is loaded (the first start of an account that a source founds) stays.
/// O(rows).
pub fn other_future(history: &History, instant: Micros) -> History {
    let mut other = history.clone();
    for starts in &mut other.accounts.starts {
        starts.retain(|start| *start < instant);
    }
    for (_, since) in other.accounts.versions.iter_mut().filter(|(_, since)| *since >= instant) {
        *since = since.saturating_add(DAY);
    }
    for rows in &mut other.sources {
        *rows = other_rows(rows, instant).by_account(history.accounts.ids.len());
    }
    for rows in &mut other.outcomes {
        *rows = other_outcomes(rows, instant);
    }
    for rows in &mut other.recorded_scores {
        *rows = other_scores(rows, instant);
    }
    other
}

/// The history as if each row had been known when it happened, in its last version: what is left of it
/// for who joins on event time. Outcomes stay as they were known. O(rows).
pub fn known_at_once(history: &History) -> History {
    let mut other = history.clone();
    for rows in &mut other.sources {
        let last: Vec<usize> =
            (0..rows.len()).filter(|row| rows.superseded(*row) == NEVER).collect();
        let kept = SourceRows {
            known: Vec::new(),
            known_by_event: Vec::new(),
            superseded: Vec::new(),
            ..picked(rows, &last, &last)
        };
        *rows = kept.by_account(history.accounts.ids.len());
    }
    other
}

fn other_rows(rows: &SourceRows, instant: Micros) -> SourceRows {
    let (known, unknown): (Vec<usize>, Vec<usize>) =
        (0..rows.len()).partition(|row| rows.known(*row) < instant);
    let late: Vec<usize> = known.iter().copied().step_by(REPEATED).collect();
    // Whose account and times, and whose cells.
    let (mut keys, mut cells) = (known.clone(), known);
    for (place, row) in unknown.iter().enumerate() {
        let other = unknown[(place + 1) % unknown.len()];
        match place % 3 {
            0 => {}
            1 => {
                keys.push(*row);
                cells.push(other);
            }
            _ => {
                keys.push(*row);
                cells.push(*row);
            }
        }
    }
    let first_late = keys.len();
    keys.extend(&late);
    cells.extend(late.iter().rev());
    let mut other = picked(rows, &keys, &cells);
    for row in 0..other.len() {
        if row >= first_late {
            other.known[row] = other.known[row].max(instant) + DAY;
            other.known_by_event[row] = false;
        }
        if other.superseded[row] >= instant {
            other.superseded[row] = NEVER;
        }
    }
    other
}

/// Rows with the account and the times of `keys` and the cells of `cells`, which are as many; their
/// accounts are in no order yet.
fn picked(rows: &SourceRows, keys: &[usize], cells: &[usize]) -> SourceRows {
    let columns =
        rows.columns.iter().map(|(name, column)| (name.clone(), picked_column(column, cells)));
    let times = rows.times.iter().map(|(name, times)| (name.clone(), pick(times, cells)));
    SourceRows {
        account: pick(&rows.account, keys),
        at: pick(&rows.at, keys),
        starts: Vec::new(),
        known: keys.iter().map(|row| rows.known(*row)).collect(),
        known_by_event: keys.iter().map(|row| rows.known_by_event(*row)).collect(),
        superseded: keys.iter().map(|row| rows.superseded(*row)).collect(),
        record_id: rows.record_id.as_ref().map(|ids| picked_words(ids, keys)),
        columns: columns.collect(),
        times: times.collect::<BTreeMap<_, _>>(),
        row_bytes: pick(&rows.row_bytes, cells),
        places: Vec::new(),
    }
}

fn picked_column(column: &Column, rows: &[usize]) -> Column {
    match column {
        Column::Numbers(numbers) => Column::Numbers(pick(numbers, rows)),
        Column::Words(words) => Column::Words(picked_words(words, rows)),
    }
}

fn picked_words(words: &Words, rows: &[usize]) -> Words {
    Words { codes: pick(&words.codes, rows), words: words.words.clone() }
}

/// The values of these rows; none where a column is not held.
fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|row| values.get(*row).cloned()).collect()
}

/// Outcomes that were known stay, and decisions that are open; of the others a third is gone, a third
/// comes later.
fn other_outcomes(rows: &OutcomeRows, instant: Micros) -> OutcomeRows {
    let mut other = rows.clone();
    let is_unknown = |row: &usize| rows.known[*row] >= instant && rows.known[*row] != NEVER;
    let (unknown, mut kept): (Vec<usize>, Vec<usize>) = (0..rows.at.len()).partition(is_unknown);
    for (place, row) in unknown.into_iter().enumerate() {
        if place % 3 == 1 {
            other.at[row] += DAY;
            other.known[row] += DAY;
        }
        if place % 3 > 0 {
            kept.push(row);
        }
    }
    other.account = pick(&other.account, &kept);
    other.at = pick(&other.at, &kept);
    other.known = pick(&other.known, &kept);
    other.kind = rows.kind.as_ref().map(|kinds| picked_words(kinds, &kept));
    other
}

/// Scores that stood before stay; of the others a third is gone, a third is turned round.
fn other_scores(rows: &RecordedRows, instant: Micros) -> RecordedRows {
    let (unknown, mut kept): (Vec<usize>, Vec<usize>) =
        (0..rows.at.len()).partition(|row| rows.at[*row] >= instant);
    let mut other = rows.clone();
    for (place, row) in unknown.into_iter().enumerate() {
        if place % 3 == 1 {
            other.score[row] = -other.score[row];
        }
        if place % 3 > 0 {
            kept.push(row);
        }
    }
    RecordedRows {
        account: pick(&other.account, &kept),
        at: pick(&other.at, &kept),
        score: pick(&other.score, &kept),
        row_bytes: pick(&other.row_bytes, &kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> SourceRows {
        SourceRows {
            account: vec![0; 8],
            at: vec![1, 2, 3, 4, 5, 6, 7, 8],
            known: vec![1, 2, 13, 14, 15, 16, 17, 18],
            known_by_event: vec![true; 8],
            superseded: vec![NEVER, 12, NEVER, NEVER, NEVER, NEVER, 20, NEVER],
            columns: BTreeMap::from([(
                "n".to_owned(),
                Column::Numbers((0..8).map(f64::from).collect()),
            )]),
            ..SourceRows::default()
        }
    }

    fn numbers(rows: &SourceRows) -> Vec<f64> {
        match rows.columns.get("n") {
            Some(Column::Numbers(numbers)) => numbers.clone(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn another_future_leaves_what_was_known() {
        let other = other_rows(&rows(), 10);
        // 2 known, 4 of 6 unknown ones left of which 2 hold other cells, 1 that comes in again.
        assert_eq!(other.at, [1, 2, 4, 5, 7, 8, 1]);
        assert_eq!(numbers(&other), [0.0, 1.0, 4.0, 4.0, 7.0, 7.0, 0.0]);
        assert!(other.known[..2] == [1, 2] && other.known[2..].iter().all(|known| *known >= 10));
        assert!(other.superseded.iter().all(|end| *end == NEVER), "all ends lie after the instant");
    }

    #[test]
    fn event_time_knows_the_last_version_at_once() {
        let history = History {
            accounts: crate::load::AccountTable { ids: vec!["a".into()], ..Default::default() },
            sources: vec![rows()],
            outcomes: Vec::new(),
            recorded_scores: Vec::new(),
            as_of: None,
        };
        let at_once = known_at_once(&history);
        assert_eq!(at_once.sources[0].at, [1, 3, 4, 5, 6, 8]);
        assert!((0..6).all(|row| at_once.sources[0].known(row) == at_once.sources[0].at[row]));
    }
}
