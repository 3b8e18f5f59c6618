//! Civil lengths of time as people write them: `30d`, `3mo`, `6h`.

use std::fmt;
use std::str::FromStr;

/// Unit of a [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanUnit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`, seven days
    Week,
    /// `mo`, a calendar month
    Month,
    /// `q`, three calendar months
    Quarter,
    /// `y`, twelve calendar months
    Year,
}

const UNITS: [(&str, SpanUnit); 7] = [
    ("mo", SpanUnit::Month),
    ("m", SpanUnit::Minute),
    ("h", SpanUnit::Hour),
    ("d", SpanUnit::Day),
    ("w", SpanUnit::Week),
    ("q", SpanUnit::Quarter),
    ("y", SpanUnit::Year),
];

/// A whole number of civil units, from 0 to 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    count: u32,
    unit: SpanUnit,
}

impl Span {
    /// Largest count.
    pub const MAX_COUNT: u32 = 100_000;

    /// A span of days.
    pub const fn days(count: u32) -> Self {
        Self { count, unit: SpanUnit::Day }
    }

    /// A span of calendar months.
    pub const fn months(count: u32) -> Self {
        Self { count, unit: SpanUnit::Month }
    }

    /// How many units.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Which unit.
    pub const fn unit(self) -> SpanUnit {
        self.unit
    }

    /// Calendar months of the span; 0 for spans of days and shorter.
    pub const fn whole_months(self) -> u32 {
        match self.unit {
            SpanUnit::Month => self.count,
            SpanUnit::Quarter => self.count * 3,
            SpanUnit::Year => self.count * 12,
            _ => 0,
        }
    }

    /// Minutes of the span apart from its calendar months; a day counts 1,440.
    pub const fn minutes(self) -> i64 {
        let minutes = match self.unit {
            SpanUnit::Minute => 1,
            SpanUnit::Hour => 60,
            SpanUnit::Day => 1_440,
            SpanUnit::Week => 10_080,
            _ => 0,
        };
        self.count as i64 * minutes
    }

    /// The first `parts` of `of` equal parts; `None` where they are no whole months or minutes.
    ///
    /// ```
    /// # use chs_panel::Span;
    /// let year: Span = "1y".parse()?;
    /// assert_eq!(year.part(3, 4), Some(Span::months(9)));
    /// assert_eq!(Span::days(30).part(1, 7), None);
    /// # Ok::<(), chs_panel::SpanError>(())
    /// ```
    pub fn part(self, parts: u32, of: u32) -> Option<Self> {
        let (whole, unit) = if self.unit < SpanUnit::Month {
            (self.minutes(), SpanUnit::Minute)
        } else {
            (i64::from(self.whole_months()), SpanUnit::Month)
        };
        let of = i64::from(of);
        if of == 0 || whole % of != 0 {
            return None;
        }
        let count = u32::try_from((whole / of).checked_mul(i64::from(parts))?).ok()?;
        Some(Self { count, unit })
    }

    /// Whether the span is empty.
    pub const fn is_zero(self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| *unit == self.unit).map_or("", |(word, _)| *word);
        write!(formatter, "{}{unit}", self.count)
    }
}

/// A text that is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no length of time; expected a whole number up to 100000 and a unit (m h d w mo q y), such as \"30d\" or \"3mo\""
)]
pub struct SpanError {
    text: String,
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error = || SpanError { text: text.to_owned() };
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let unit = UNITS.iter().find(|(word, _)| *word == unit).ok_or_else(error)?.1;
        let count =
            count.parse().ok().filter(|count| *count <= Self::MAX_COUNT).ok_or_else(error)?;
        Ok(Self { count, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, SpanUnit};

    #[test]
    fn spans_are_read_and_written_alike() {
        for text in ["0d", "30d", "3mo", "6h", "1q", "2w", "1y", "90m"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("1q".parse::<Span>().unwrap().whole_months(), 3);
        assert_eq!("2w".parse::<Span>().unwrap().minutes(), 14 * 1_440);
        assert_eq!("3mo".parse::<Span>().unwrap().unit(), SpanUnit::Month);
        for text in ["", "d", "30", "-1d", "1.5d", "30 d", "30days", "100001d", "99999999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
