//! Civil time: every timestamp becomes microseconds of the project's civil time, once, at load.

use chs_panel::{Span, SpanUnit};
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use crate::project::Offset;

/// Microseconds since 1970-01-01 00:00 of the project's civil time.
pub type Micros = i64;

/// Microseconds of a civil day.
pub const DAY: Micros = 86_400_000_000;

/// Microseconds of a minute.
const MINUTE: Micros = 60_000_000;

/// From where civil time is counted.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Seconds since then, in a pattern.
const SECONDS: &str = "%s";

/// Later than every event.
pub const NEVER: Micros = Micros::MAX;

/// How the timestamps of a table are read.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    project: TimeZone,
    source: TimeZone,
    /// Whether both zones are UTC, where the civil time is the instant.
    is_utc: bool,
    formats: Vec<String>,
}

impl Clock {
    /// Values without offset are in `source` (default the project's zone); `formats` are strptime
    /// patterns, ISO 8601 where there is none. Both zones have been checked when `chs.toml` was read.
    pub(crate) fn new(
        project: &str,
        source: Option<&str>,
        formats: &[String],
    ) -> Result<Self, jiff::Error> {
        let project = TimeZone::get(project)?;
        let source = source.map_or_else(|| Ok(project.clone()), TimeZone::get)?;
        let is_utc = project == TimeZone::UTC && source == TimeZone::UTC;
        Ok(Self { project, source, is_utc, formats: formats.to_vec() })
    }

    /// A text as civil time; `None` where it is no date or time.
    pub(crate) fn parse(&self, text: &str) -> Option<Micros> {
        if self.formats.is_empty() {
            return self.parse_iso(text);
        }
        self.formats.iter().find_map(|format| {
            let parsed = BrokenDownTime::parse(format, text).ok()?;
            if format == SECONDS {
                return self.instant(parsed.to_timestamp().ok()?);
            }
            if parsed.hour().is_none() {
                return Some(end_of(parsed.to_date().ok()?));
            }
            match parsed.offset() {
                Some(_) => self.instant(parsed.to_timestamp().ok()?),
                None => self.civil_time(parsed.to_datetime().ok()?),
            }
        })
    }

    fn parse_iso(&self, text: &str) -> Option<Micros> {
        if text.len() == 10 {
            return text.parse().ok().map(end_of);
        }
        let time = text.get(11..)?;
        if time.ends_with(']') {
            return self.instant(text.parse::<ZonedDateTime>().ok()?.timestamp());
        }
        if let Some(civil) = text.strip_suffix(" UTC") {
            return self.instant(TimeZone::UTC.to_timestamp(civil.parse().ok()?).ok()?);
        }
        if !time.contains(['Z', 'z', '+', '-']) {
            return self.civil_time(text.parse().ok()?);
        }
        if let Ok(timestamp) = text.parse() {
            return self.instant(timestamp);
        }
        // A day that never comes, such as the last of the calendar, is no instant.
        let day = Pieces::parse(text).ok()?.date();
        is_beyond(day).then(|| end_of(day))
    }

    /// A time of a typed file: microseconds since 1970-01-01 00:00, in UTC if `zoned`, else of the
    /// source's civil calendar.
    pub(crate) fn micros(&self, micros: i64, zoned: bool) -> Option<Micros> {
        if self.keeps(micros) {
            return Some(micros);
        }
        match Timestamp::from_microsecond(micros) {
            Ok(timestamp) if zoned => self.instant(timestamp),
            _ if is_of_calendar(micros) => self.civil_time(civil(micros)),
            _ => None,
        }
    }

    /// Whether [`Self::micros`] leaves such a time as it is.
    pub(crate) fn keeps(&self, micros: i64) -> bool {
        self.is_utc && is_of_calendar(micros)
    }

    /// A civil time of the source's zone. In a gap it moves forward, in a fold it is the earlier instant.
    pub(crate) fn civil_time(&self, civil: DateTime) -> Option<Micros> {
        if self.is_utc || is_beyond(civil.date()) {
            return Some(micros(civil));
        }
        self.instant(self.source.to_ambiguous_timestamp(civil).compatible().ok()?)
    }

    /// An instant.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same shape as its siblings, for `?` and `map`"
    )]
    pub(crate) fn instant(&self, timestamp: Timestamp) -> Option<Micros> {
        Some(micros(self.project.to_datetime(timestamp)))
    }
}

/// Whether a pattern of `date_format` tells a day: what it writes, it reads.
pub(crate) fn tells_a_day(format: &str) -> bool {
    let day = jiff::civil::date(2001, 2, 3);
    let Ok(sample) = TimeZone::UTC.to_timestamp(day.at(16, 5, 6, 0)) else { return false };
    let written = strtime::format(format, sample).ok();
    let clock = Clock::new("UTC", None, &[format.to_owned()]).ok();
    let read = written.zip(clock).and_then(|(written, clock)| clock.parse(&written));
    read.is_some_and(|read| day_of(read) == day)
}

/// Whether a day lies at the end of the calendar, where not every hour is an instant.
fn is_beyond(date: Date) -> bool {
    Date::MAX.yesterday().is_ok_and(|last| date >= last)
}

fn is_of_calendar(instant: Micros) -> bool {
    (micros(DateTime::MIN)..=micros(DateTime::MAX)).contains(&instant)
}

/// A date-only value stands for the last microsecond of its day.
pub(crate) fn end_of(date: Date) -> Micros {
    midnight_after(date) - 1
}

/// The instant of a snapshot taken at the end of a day.
pub fn midnight_after(date: Date) -> Micros {
    (day_number(date) + 1) * DAY
}

/// Days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i64 {
    micros(date.at(0, 0, 0, 0)).div_euclid(DAY)
}

/// The civil day of an instant.
pub fn day_of(instant: Micros) -> Date {
    civil(instant).date()
}

pub(crate) fn micros(civil: DateTime) -> Micros {
    let since = civil.duration_since(EPOCH).as_micros();
    Micros::try_from(since).unwrap_or(NEVER)
}

/// The civil time of an instant, the nearest of the calendar where it lies beyond.
pub(crate) fn civil(instant: Micros) -> DateTime {
    EPOCH.saturating_add(SignedDuration::from_micros(instant))
}

/// `instant` minus a civil span; months clamp to the end of the month.
pub fn minus(instant: Micros, span: Span) -> Micros {
    shifted(instant, span, -1)
}

/// `instant` plus a civil span; months clamp to the end of the month.
pub fn plus(instant: Micros, span: Span) -> Micros {
    shifted(instant, span, 1)
}

fn shifted(instant: Micros, span: Span, sign: i64) -> Micros {
    if span.unit() < SpanUnit::Month {
        return instant.saturating_add(sign * span.minutes() * MINUTE);
    }
    let months = jiff::Span::new().try_months(sign * i64::from(span.whole_months()));
    let moved = months.and_then(|months| civil(instant).checked_add(months));
    moved.map_or(if sign < 0 { Micros::MIN } else { NEVER }, micros)
}

/// Day of the grid: `step` whole spans after `from`, counted from the original day; a `from` on the last
/// day of a month keeps to last days.
pub(crate) fn grid_day(from: Date, every: Span, step: u32) -> Option<Date> {
    let step = i64::from(step);
    if every.unit() < SpanUnit::Month {
        return days_after(from, step * every.minutes() / 1_440);
    }
    let day = months_after(from, step * i64::from(every.whole_months()))?;
    Some(if from == from.last_of_month() { day.last_of_month() } else { day })
}

/// The day at a distance from another; months clamp to the end of the month.
pub(crate) fn offset_day(day: Date, offset: Offset) -> Option<Date> {
    let Offset { span, is_before } = offset;
    let sign = if is_before { -1 } else { 1 };
    if span.unit() < SpanUnit::Month {
        return days_after(day, sign * span.minutes() / 1_440);
    }
    months_after(day, sign * i64::from(span.whole_months()))
}

fn days_after(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn months_after(day: Date, months: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_months(months).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use chs_panel::Span;
    use jiff::civil::date;

    use super::{
        Clock, DAY, day_of, end_of, grid_day, midnight_after, minus, offset_day, plus, tells_a_day,
    };
    use crate::project::Offset;

    #[test]
    fn offsets_are_civil() {
        let moved = |day, text: &str, is_before| {
            offset_day(day, Offset { span: text.parse().unwrap(), is_before })
        };
        assert_eq!(moved(date(2024, 5, 31), "3mo", true), Some(date(2024, 2, 29)));
        assert_eq!(moved(date(2024, 5, 31), "90d", true), Some(date(2024, 3, 2)));
        assert_eq!(moved(date(2024, 1, 31), "1mo", false), Some(date(2024, 2, 29)));
        assert_eq!(moved(date(2024, 1, 31), "0d", true), Some(date(2024, 1, 31)));
        assert_eq!(moved(date(2024, 1, 31), "99999y", true), None);
    }

    #[test]
    fn spans_beyond_the_calendar_end_nowhere() {
        let endless: Span = "100000y".parse().unwrap();
        assert_eq!((plus(0, endless), minus(0, endless)), (super::NEVER, super::Micros::MIN));
        assert_eq!(grid_day(date(2024, 1, 31), endless, 1), None);
        assert_eq!(grid_day(date(2024, 1, 31), "100000w".parse().unwrap(), 39_999), None);
    }

    fn clock(project: &str, source: &str, formats: &[&str]) -> Clock {
        let formats: Vec<String> = formats.iter().map(|format| (*format).to_owned()).collect();
        Clock::new(project, Some(source), &formats).unwrap()
    }

    #[test]
    fn a_day_ends_before_the_snapshot_and_a_midnight_begins_its_day() {
        let utc = clock("UTC", "UTC", &[]);
        assert_eq!(utc.parse("2024-01-31"), Some(midnight_after(date(2024, 1, 31)) - 1));
        assert_eq!(utc.parse("2024-01-31 00:00:00"), Some(midnight_after(date(2024, 1, 30))));
        assert_eq!(utc.parse("2024-01-31T00:00:00Z"), utc.parse("2024-01-31 01:00:00+01:00"));
        for broken in
            ["", "31.01.2024", "2024-02-30", "2024-01-31 25:00:00", "tomorrow", "2024-1-3"]
        {
            assert_eq!(utc.parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn gaps_move_forward_and_folds_are_the_earlier_instant() {
        let berlin = clock("UTC", "Europe/Berlin", &[]);
        // 02:30 does not exist on 2024-03-31: it is 03:30 summer time, 01:30 UTC.
        assert_eq!(
            berlin.parse("2024-03-31 02:30:00"),
            clock("UTC", "UTC", &[]).parse("2024-03-31 01:30:00")
        );
        // 02:30 exists twice on 2024-10-27: the earlier is summer time, 00:30 UTC.
        assert_eq!(
            berlin.parse("2024-10-27 02:30:00"),
            clock("UTC", "UTC", &[]).parse("2024-10-27 00:30:00")
        );
        // Dates never change zone.
        assert_eq!(berlin.parse("2024-03-31"), Some(end_of(date(2024, 3, 31))));
        // In the project's own zone a gap moves too.
        let own = clock("Europe/Berlin", "Europe/Berlin", &[]);
        assert_eq!(own.parse("2024-03-31 02:30:00"), own.parse("2024-03-31 03:30:00"));
    }

    #[test]
    fn formats_replace_iso() {
        let german = clock("UTC", "UTC", &["%d.%m.%Y %H:%M", "%d.%m.%Y"]);
        assert_eq!(german.parse("31.01.2024"), Some(end_of(date(2024, 1, 31))));
        assert_eq!(
            german.parse("31.01.2024 06:00"),
            Some(midnight_after(date(2024, 1, 30)) + DAY / 4)
        );
        assert_eq!(german.parse("2024-01-31"), None);
    }

    #[test]
    fn the_last_day_of_the_calendar_is_later_than_any_other() {
        let last = date(9999, 12, 31);
        for zone in ["UTC", "Europe/Berlin", "America/New_York"] {
            let clock = clock(zone, zone, &[]);
            assert_eq!(clock.parse("9999-12-31"), Some(end_of(last)), "{zone}");
            for text in ["9999-12-31 00:00:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"]
            {
                let read = clock.parse(text).expect(text);
                assert!(read > end_of(date(9999, 12, 29)), "{zone} {text}");
            }
            let midnight = super::micros(last.at(0, 0, 0, 0));
            assert!(clock.micros(midnight, true) >= Some(midnight - 2 * DAY), "{zone}");
        }
        assert_eq!(day_of(end_of(last)), last);
        assert_eq!(clock("UTC", "UTC", &["%d.%m.%Y"]).parse("31.12.9999"), Some(end_of(last)));
        assert_eq!(clock("UTC", "UTC", &[]).micros(i64::MAX, true), None);
    }

    #[test]
    fn a_zone_that_is_written_out_counts() {
        let utc = clock("UTC", "UTC", &[]);
        let nine = utc.parse("2023-01-31T09:00:00Z");
        assert_eq!(utc.parse("2023-01-31T10:00:00[Europe/Berlin]"), nine);
        assert_eq!(utc.parse("2023-01-31T10:00:00+01:00[Europe/Berlin]"), nine);
        assert_eq!(utc.parse("2023-01-31T10:00:00[Europe/Nowhere]"), None);
        assert_eq!(clock("UTC", "Europe/Berlin", &[]).parse("2023-01-31 09:00:00 UTC"), nine);
        assert_eq!(clock("UTC", "Europe/Berlin", &["%s"]).parse("1675155600"), nine);
    }

    #[test]
    fn a_pattern_tells_year_month_and_day() {
        for told in ["%d.%m.%Y", "%m/%d/%y %H:%M", "%s", "%Y-%m-%dT%H:%M:%S%z", "%b %d, %Y"] {
            assert!(tells_a_day(told), "{told}");
        }
        for untold in ["DD.MM.YYYY", "%d.%m", "%Y", "%H:%M", "%!", ""] {
            assert!(!tells_a_day(untold), "{untold}");
        }
    }

    #[test]
    fn months_clamp_and_the_grid_keeps_to_last_days() {
        let end_of_may = midnight_after(date(2024, 5, 30));
        assert_eq!(day_of(minus(end_of_may, Span::months(3))), date(2024, 2, 29));
        assert_eq!(plus(minus(end_of_may, Span::days(30)), Span::days(30)), end_of_may);
        let days: Vec<_> =
            (0..3).filter_map(|step| grid_day(date(2024, 1, 31), Span::months(1), step)).collect();
        assert_eq!(days, [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]);
        let days: Vec<_> =
            (0..3).filter_map(|step| grid_day(date(2024, 2, 29), Span::months(1), step)).collect();
        assert_eq!(days, [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]);
        let days: Vec<_> =
            (0..3).filter_map(|step| grid_day(date(2024, 1, 30), Span::months(1), step)).collect();
        assert_eq!(days, [date(2024, 1, 30), date(2024, 2, 29), date(2024, 3, 30)]);
    }
}
