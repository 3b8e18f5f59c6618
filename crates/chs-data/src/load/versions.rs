//! Versions of a record: duplicates are dropped, corrections supersede what stood before.

use crate::load::history::{Column, SourceRows};
use crate::load::row_account::{Reason, Reject};
use crate::project::Source;
use crate::time::Micros;

/// What was found among the versions of a source's records.
#[derive(Default)]
pub(super) struct Versions {
    /// Rows that were dropped.
    pub(super) duplicates: Vec<Reject>,
    /// Rows that a later version supersedes.
    pub(super) corrected: u64,
}

/// Of each record the versions in order of knowledge: equal ones are duplicates, of which the smallest
/// row stays; each is superseded by the next. Without `created` all rows of a record are duplicates.
pub(super) fn resolve_versions(rows: &mut SourceRows, source: &Source) -> Versions {
    let mut versions = Versions::default();
    let places = std::mem::take(&mut rows.places);
    let Some(record_id) = rows.record_id.take() else { return versions };
    let known = |row: usize| if source.created.is_some() { rows.known(row) } else { 0 };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| {
        let key = |row: usize| (record_id.get(row), known(row), &rows.row_bytes[row]);
        key(*a).cmp(&key(*b))
    });
    let mut kept: Vec<usize> = Vec::with_capacity(order.len());
    let mut ends: Vec<(usize, Micros)> = Vec::new();
    for row in order {
        let Some(before) =
            kept.last().copied().filter(|before| record_id.get(*before) == record_id.get(row))
        else {
            kept.push(row);
            continue;
        };
        if known(before) == known(row) {
            let (file, line) = places[row].clone();
            versions.duplicates.push(Reject {
                table: source.name.value.clone(),
                file,
                line,
                column: source
                    .record_id
                    .as_ref()
                    .map_or_else(String::new, |name| name.value.clone()),
                value: record_id.get(row).unwrap_or_default().to_owned(),
                reason: Reason::Duplicate,
            });
        } else {
            ends.push((before, rows.known(row)));
            kept.push(row);
        }
    }
    for (row, end) in &ends {
        rows.superseded[*row] = rows.superseded(*row).min(*end);
    }
    versions.corrected = ends.len() as u64;
    rows.record_id = Some(record_id);
    kept.sort_unstable();
    keep_rows(rows, &kept);
    versions
}

fn keep_rows(rows: &mut SourceRows, kept: &[usize]) {
    if kept.len() == rows.len() {
        return;
    }
    for start in &mut rows.starts {
        *start = kept.partition_point(|row| row < start);
    }
    pick(&mut rows.account, kept);
    pick(&mut rows.at, kept);
    pick(&mut rows.known, kept);
    pick(&mut rows.known_by_event, kept);
    pick(&mut rows.superseded, kept);
    pick(&mut rows.row_bytes, kept);
    if let Some(words) = &mut rows.record_id {
        pick(&mut words.codes, kept);
    }
    for times in rows.times.values_mut() {
        pick(times, kept);
    }
    for column in rows.columns.values_mut() {
        match column {
            Column::Numbers(numbers) => pick(numbers, kept),
            Column::Words(words) => pick(&mut words.codes, kept),
        }
    }
}

fn pick<T: Clone>(values: &mut Vec<T>, kept: &[usize]) {
    if !values.is_empty() {
        *values = kept.iter().map(|row| values[*row].clone()).collect();
    }
}
