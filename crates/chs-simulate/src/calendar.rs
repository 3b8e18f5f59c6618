//! The days of a history, numbered from its first: day 0 is `from`, days before it are negative.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{SignedDuration, ToSpan};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A history's months and the dates of its days.
#[derive(Debug)]
pub(crate) struct Calendar {
    from: Date,
    /// First day of each month, and of the month after the last.
    starts: Vec<i64>,
}

impl Calendar {
    pub(crate) fn new(from: Date, months: u16) -> Self {
        let start = |month: u16| {
            from.saturating_add(i64::from(month).months()).duration_since(from).as_hours() / 24
        };
        Self { from, starts: (0..=months).map(start).collect() }
    }

    /// Number of days in the history.
    pub(crate) fn days(&self) -> i64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Last date of the history.
    pub(crate) fn last(&self) -> Date {
        self.date(self.days() - 1)
    }

    pub(crate) fn months(&self) -> usize {
        self.starts.len() - 1
    }

    /// The days of a month; empty past the last.
    pub(crate) fn month(&self, month: usize) -> std::ops::Range<i64> {
        match (self.starts.get(month), self.starts.get(month + 1)) {
            (Some(&first), Some(&next)) => first..next,
            _ => 0..0,
        }
    }

    /// The month of a day; days outside belong to the first or last month.
    pub(crate) fn month_of(&self, day: i64) -> usize {
        let passed = self.starts.partition_point(|&start| start <= day);
        passed.saturating_sub(1).min(self.months().saturating_sub(1))
    }

    pub(crate) fn date(&self, day: i64) -> Date {
        self.from.saturating_add(SignedDuration::from_hours(24 * day))
    }

    /// The day of a date.
    pub(crate) fn day(&self, date: Date) -> i64 {
        date.duration_since(self.from).as_hours() / 24
    }

    /// The civil time so many seconds after the history's first midnight.
    pub(crate) fn moment(&self, second: i64) -> DateTime {
        self.from.at(0, 0, 0, 0).saturating_add(SignedDuration::from_secs(second))
    }

    pub(crate) fn is_weekend(&self, day: i64) -> bool {
        matches!(self.date(day).weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// The day so many years after a day; 29 February becomes the 28th.
    pub(crate) fn years_after(&self, day: i64, years: i64) -> i64 {
        self.day(self.date(day).saturating_add(years.years()))
    }

    /// The day so many months after a day, clamped to the month's end.
    pub(crate) fn months_after(&self, day: i64, months: i64) -> i64 {
        self.day(self.date(day).saturating_add(months.months()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_months_agree() {
        let calendar = Calendar::new(date(2024, 1, 1), 24);
        assert_eq!(calendar.days(), 731);
        assert_eq!(calendar.last(), date(2025, 12, 31));
        assert_eq!(calendar.month(1), 31..60);
        assert_eq!(calendar.month(24), 0..0);
        assert_eq!([calendar.month_of(30), calendar.month_of(31)], [0, 1]);
        assert_eq!([calendar.month_of(-400), calendar.month_of(9_999)], [0, 23]);
        assert_eq!(calendar.day(date(2023, 12, 31)), -1);
        assert_eq!(calendar.date(-1), date(2023, 12, 31));
        assert_eq!(calendar.moment(DAY + 61), date(2024, 1, 2).at(0, 1, 1, 0));
        assert_eq!(calendar.date(calendar.years_after(59, 1)), date(2025, 2, 28));
        assert_eq!(calendar.date(calendar.months_after(30, 1)), date(2024, 2, 29));
        assert!(calendar.is_weekend(5) && calendar.is_weekend(6) && !calendar.is_weekend(4));
    }
}
