//! Which rows learn and which rows test.

use std::ops::Range;

use chs_backtest::{ACCOUNT_FOLDS, Scheme, TRAINING_FLOOR, account_fold};
use jiff::civil::Date;

use crate::history::History;

/// Fewer origins than this within a training span are too few to choose anything by.
pub(crate) const FEWEST_ORIGINS: usize = 3;

/// Rows that learn, and rows that test what they learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fold {
    /// The day whose knowledge it has; none where accounts are split.
    pub(crate) origin: Option<Date>,
    pub(crate) training: Vec<usize>,
    pub(crate) test: Vec<usize>,
}

/// Rolling origins over some rows, at most `most` of them; rows before `first` only learn.
///
/// An origin is the first snapshot of a block of snapshots. Training rows were settled by it, their
/// windows closed and their outcomes known: that is an exact purge, no further embargo is needed.
pub(crate) fn rolling(
    history: &History<'_>,
    rows: &[usize],
    most: usize,
    first: Date,
) -> Vec<Fold> {
    let blocks: Vec<(Date, Range<usize>)> = snapshots(history, rows)
        .into_iter()
        .filter(|(day, _)| *day >= first)
        .filter(|(day, _)| is_enough(history, &settled(history, rows, *day)))
        .collect();
    let count = blocks.len().min(most);
    (0..count)
        .filter_map(|fold| {
            let block =
                blocks.get(fold * blocks.len() / count..(fold + 1) * blocks.len() / count)?;
            let (origin, start) = block.first()?;
            let (_, end) = block.last()?;
            Some(Fold {
                origin: Some(*origin),
                training: settled(history, rows, *origin),
                test: rows.get(start.start..end.end)?.to_vec(),
            })
        })
        .collect()
}

/// Accounts in the groups of a backtest; a fold without enough accounts of either label is left out.
pub(crate) fn by_account(history: &History<'_>, rows: &[usize]) -> Vec<Fold> {
    let group = |row: &usize| {
        let account = history.panel.account().get(*row).copied().unwrap_or_default();
        account_fold(history.settings.seed, account)
    };
    (0..ACCOUNT_FOLDS)
        .map(|fold| {
            let (test, training) = rows.iter().partition(|row| group(row) == fold);
            Fold { origin: None, training, test }
        })
        .filter(|fold: &Fold| !fold.test.is_empty() && is_enough(history, &fold.training))
        .collect()
}

/// Folds to choose by within a training span.
pub(crate) fn inner(history: &History<'_>, rows: &[usize], most: usize) -> (Scheme, Vec<Fold>) {
    let rolling = rolling(history, rows, most, Date::MIN);
    if rolling.len() >= FEWEST_ORIGINS {
        (Scheme::WalkForward, rolling)
    } else {
        (Scheme::AccountFolds, by_account(history, rows))
    }
}

/// The snapshots of ascending rows, with the positions of their rows.
pub(crate) fn snapshots(history: &History<'_>, rows: &[usize]) -> Vec<(Date, Range<usize>)> {
    let days = history.panel.snapshot();
    let mut found: Vec<(Date, Range<usize>)> = Vec::new();
    for (position, day) in rows.iter().filter_map(|row| days.get(*row)).enumerate() {
        match found.last_mut() {
            Some((last, range)) if last == day => range.end = position + 1,
            _ => found.push((*day, position..position + 1)),
        }
    }
    found
}

fn settled(history: &History<'_>, rows: &[usize], origin: Date) -> Vec<usize> {
    let settled = &history.label.settled;
    let known =
        |row: &&usize| settled.get(**row).copied().flatten().is_some_and(|day| day <= origin);
    rows.iter().filter(known).copied().collect()
}

/// Whether a fit may be made of these rows.
pub(crate) fn is_enough(history: &History<'_>, rows: &[usize]) -> bool {
    [true, false].iter().all(|label| history.accounts_with(rows, *label) >= TRAINING_FLOOR)
}
