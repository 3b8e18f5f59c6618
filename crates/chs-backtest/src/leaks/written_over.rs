//! Values that were written over when accounts ended.

use chs_panel::{Finding, Level, Panel};
use chs_stats::jeffreys;

use crate::leaks::rules::WRITTEN_OVER;
use crate::leaks::{AUDIT_LEVEL, BlankCells, suspected};
use crate::sample::Frame;

/// By how much more of the accounts that ended than of the others surely hold it.
const MORE: f64 = 0.5;

pub(super) fn finding(cells: &BlankCells) -> Finding {
    let BlankCells { subject, column, ended, ended_blank, others, others_blank } = cells;
    if *ended == 0 || *others == 0 {
        let sentence = format!("{column}: all accounts that have it ended, or none did");
        return WRITTEN_OVER.finding(Level::NotApplicable, subject, sentence);
    }
    let [of_ended, of_others] = [(*ended_blank, *ended), (*others_blank, *others)]
        .map(|(blank, all)| jeffreys(blank as f64, all as f64, AUDIT_LEVEL));
    let sentence = format!(
        "{column} for {ended_blank} of {ended} accounts that ended, at least {:.1} %, and for {others_blank} of {others} others, at most {:.1} %",
        100.0 * of_ended.lower,
        100.0 * of_others.upper
    );
    WRITTEN_OVER
        .finding(suspected(of_ended.lower - of_others.upper > MORE), subject, sentence)
        .with_figure("ended_lower", of_ended.lower)
        .with_figure("others_upper", of_others.upper)
}

/// Value and segments of the panel: whether accounts before the outcome hold a blank value, or share a
/// level, that the others do not.
pub(super) fn of_the_panel(frame: &Frame<'_>) -> Vec<BlankCells> {
    let panel = frame.panel;
    let mut had = vec![None; panel.accounts().len()];
    for (row, account) in panel.account().iter().enumerate() {
        if let (Some(label), Some(had)) = (frame.label.value(row), had.get_mut(*account as usize)) {
            *had = Some(had.unwrap_or(false) || label);
        }
    }
    let held = |subject: &str, column: String, holds: &dyn Fn(usize) -> bool| {
        let every = accounts_in_every_row(panel, holds);
        let count = |class: bool, held: &[bool]| {
            let counts = |(had, every): &(&Option<bool>, &bool)| {
                **had == Some(class) && held.contains(*every)
            };
            had.iter().zip(&every).filter(counts).count()
        };
        BlankCells {
            subject: subject.to_owned(),
            column,
            ended: count(true, &[true, false]),
            ended_blank: count(true, &[true]),
            others: count(false, &[true, false]),
            others_blank: count(false, &[true]),
        }
    };
    let mut found = Vec::new();
    if let Some(value) = panel.value() {
        let blank = |row: usize| value.get(row).is_none_or(|value| value.abs() <= 0.0);
        found.push(held("value", "the value is missing or 0".to_owned(), &blank));
    }
    for segment in panel.segments() {
        let codes = segment.column.codes();
        let levels = (0..).take(segment.column.words().len()).map(Some).chain([None]);
        let of_levels = levels.map(|level: Option<u32>| {
            let column = format!("one level of `{}` holds", segment.name);
            held(&segment.name, column, &|row| codes.get(row).copied().flatten() == level)
        });
        let excess = |cells: &BlankCells| {
            cells.ended_blank as f64 / cells.ended.max(1) as f64
                - cells.others_blank as f64 / cells.others.max(1) as f64
        };
        found.extend(of_levels.max_by(|a, b| excess(a).total_cmp(&excess(b))));
    }
    found
}

/// Whether something holds in every row of each account.
fn accounts_in_every_row(panel: &Panel, holds: &dyn Fn(usize) -> bool) -> Vec<bool> {
    let mut every = vec![true; panel.accounts().len()];
    for (row, account) in panel.account().iter().enumerate() {
        if let Some(every) = every.get_mut(*account as usize) {
            *every &= holds(row);
        }
    }
    every
}
