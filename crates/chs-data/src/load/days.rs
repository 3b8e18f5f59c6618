//! The days over which the rows of the sources lie, without those whose year is most likely mistyped.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use crate::load::history::History;
use crate::time::{DAY, day_of};

/// Days without any row that part rows from the others.
const GAP: usize = 365;

/// Share of the rows that may be parted so at either end.
const FEW: f64 = 0.01;

impl History {
    /// The first and the last day with a row of any source, but for up to one row in a hundred at either
    /// end that a year or more without any row parts from the others; `None` where there is no row.
    /// O(rows + days).
    pub fn days(&self) -> Option<RangeInclusive<Date>> {
        let days = || self.sources.iter().flat_map(|rows| &rows.at).map(|at| at.div_euclid(DAY));
        let (first, last) = (days().min()?, days().max()?);
        let mut rows = vec![0_u64; usize::try_from(last - first).ok()? + 1];
        days().for_each(|day| {
            if let Some(rows) = usize::try_from(day - first).ok().and_then(|day| rows.get_mut(day))
            {
                *rows += 1;
            }
        });
        let few = FEW * rows.iter().sum::<u64>() as f64;
        let before = far(rows.iter(), few);
        let after = far(rows.iter().rev(), few);
        let day = |number: i64| day_of(number * DAY);
        let [before, after] = [before, after].map(|days| i64::try_from(days).unwrap_or(0));
        Some(day(first + before)..=day(last - after))
    }
}

/// How many days from the end at which they begin have to go, so that no few rows are parted from the
/// others.
fn far<'a>(days: impl Iterator<Item = &'a u64>, few: f64) -> usize {
    let (mut seen, mut far, mut last) = (0, 0, 0);
    for (day, rows) in days.enumerate().filter(|(_, rows)| **rows > 0) {
        if day - last > GAP {
            far = day;
        }
        (seen, last) = (seen + rows, day);
        if seen as f64 > few {
            break;
        }
    }
    far
}

#[cfg(test)]
mod tests {
    use super::far;

    #[test]
    fn few_rows_beyond_a_year_of_nothing_are_far() {
        let mut days = vec![0; 2_000];
        days[0] = 1;
        days[600..].fill(1);
        assert_eq!(far(days.iter(), 14.0), 600);
        assert_eq!(far(days.iter(), 0.5), 0, "one row is not few of so few");
        assert_eq!(far(days.iter().rev(), 14.0), 0);
        days[200] = 1;
        days[400] = 1;
        assert_eq!(far(days.iter(), 14.0), 0, "no year without a row");
    }
}
