//! Changes of a level, day by day.

use chs_data::{
    Direction, LastDay, Micros, NEVER, ParsedExpression, Source, SourceRows, day_of, midnight_after,
};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{CIVIL_DAY, divided, millionths, number, record_id};

/// Account, end of the day, and when known, of each change of the level.
pub(crate) fn changes_of_levels(
    source: &Source,
    rows: &SourceRows,
    sum: &ParsedExpression,
    (direction, at_least): (Direction, f64),
) -> Vec<(u32, Micros, Micros)> {
    let ends = &rows.times[&source.ended.as_ref().unwrap().value];
    let dates = || rows.at.iter().chain(ends.iter().flatten());
    let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return Vec::new() };
    let (first, last) = (day_of(*first), day_of(*last).saturating_add(2.days()));
    let mut changes = Vec::new();
    for account in 0..=rows.account.iter().copied().max().unwrap_or(0) {
        let mut levels: Vec<(Date, f64, Micros)> = Vec::new();
        let mut day = first;
        while day <= last {
            let is_open = |row: &usize| {
                rows.account[*row] == account
                    && rows.superseded(*row) == NEVER
                    && rows.at[*row] < midnight_after(day)
                    && ends[*row].is_none_or(|end| lasts(end, day, source.last_day))
            };
            let open = (0..rows.len()).filter(is_open);
            levels.extend(level(rows, sum, open).map(|(level, known)| (day, level, known)));
            day = day.saturating_add(1.day());
        }
        levels.retain(|(_, level, _)| *level > 0.0);
        for pair in levels.windows(2) {
            let [(_, then, known_then), (day, now, known)] = pair else { continue };
            let change = match direction {
                Direction::Decrease => then - now,
                Direction::Increase => now - then,
            };
            if change >= at_least * then {
                let at = midnight_after(*day) - 1;
                changes.push((account, at, *known.max(known_then).max(&at)));
            }
        }
    }
    changes
}

/// Whether what ends then still counts at the end of the day; of an end that is a date that day may be the
/// last that does.
fn lasts(end: Micros, day: Date, last_day: LastDay) -> bool {
    let is_date = end.rem_euclid(CIVIL_DAY) == CIVIL_DAY - 1;
    if is_date && last_day == LastDay::Lasts {
        day_of(end) >= day
    } else {
        end >= midnight_after(day)
    }
}

/// The sum of open rows and when all of them were known: in millionths where all are decimals, else by
/// event, record and value.
fn level(
    rows: &SourceRows,
    sum: &ParsedExpression,
    open: impl Iterator<Item = usize>,
) -> Option<(f64, Micros)> {
    let mut open: Vec<(usize, f64)> =
        open.filter_map(|row| number(rows, sum, row).map(|value| (row, value))).collect();
    let known = open.iter().map(|(row, _)| rows.known(*row)).max()?;
    let in_millionths: Option<Vec<i128>> =
        open.iter().map(|(_, value)| millionths(*value)).collect();
    if let Some(all) = in_millionths {
        return Some((divided(all.into_iter().sum()), known));
    }
    open.sort_by(|(a, left), (b, right)| {
        let key = |row: usize| (rows.at[row], record_id(rows, row));
        key(*a).cmp(&key(*b)).then(left.total_cmp(right))
    });
    Some((open.iter().fold(0.0, |sum, (_, value)| sum + value), known))
}
