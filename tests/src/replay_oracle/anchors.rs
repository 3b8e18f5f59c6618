//! The days of snapshots: on the calendar, or at distances from dates of each account.

use chs_data::{Anchor, History, NEVER, Offset, SnapshotDays, Snapshots, day_of};
use jiff::ToSpan;
use jiff::civil::Date;

use super::days_from;

/// The days that a snapshot may have: `from` plus whole steps, each counted from the original day, up to
/// `to`, and none after the last day that was read. Of anchored snapshots every day in between.
pub(super) fn days_of_grid(plan: &Snapshots, history: &History) -> Vec<Date> {
    let every_at = || history.sources.iter().flat_map(|source| &source.at);
    let earliest = || every_at().min().map(|at| day_of(*at));
    let latest = || every_at().max().map(|at| day_of(*at));
    let (first, step) = match &plan.days {
        SnapshotDays::Every(every) => (earliest().map(Date::last_of_month), *every),
        SnapshotDays::Anchored { .. } => (earliest(), "1d".parse().unwrap()),
    };
    let (Some(from), Some(to)) = (plan.from.or(first), plan.to.or_else(latest)) else {
        return Vec::new();
    };
    let to = history.as_of.map_or(to, |as_of| as_of.min(to));
    days_from(from, to, step)
}

/// Whether the day lies at one of the distances from one of the dates of the account, as finally known.
pub(super) fn is_taken(plan: &Snapshots, history: &History, (account, day): (u32, Date)) -> bool {
    let SnapshotDays::Anchored { anchor, offsets } = &plan.days else { return true };
    let (accounts, dates) = match anchor {
        Anchor::Outcome(index) => {
            let rows = &history.outcomes[*index];
            (rows.account.clone(), rows.at.clone())
        }
        Anchor::Source(index) => {
            let rows = &history.sources[*index];
            let last = (0..rows.len()).filter(|row| rows.superseded(*row) == NEVER);
            last.map(|row| (rows.account[row], rows.at[row])).unzip()
        }
    };
    let own = accounts.iter().zip(dates).filter(|(owner, _)| **owner == account);
    let mut own = own.map(|(_, date)| day_of(date));
    own.any(|date| offsets.iter().any(|offset| at_distance(date, offset) == day))
}

/// Whole days, or calendar months kept within the month.
fn at_distance(date: Date, offset: &Offset) -> Date {
    let sign = if offset.is_before { -1 } else { 1 };
    let months = i64::from(offset.span.whole_months());
    if months == 0 {
        return date.saturating_add((sign * offset.span.minutes() / (24 * 60)).days());
    }
    let month = date.first_of_month().saturating_add((sign * months).months());
    month.saturating_add(i64::from(date.day().min(month.days_in_month()) - 1).days())
}
