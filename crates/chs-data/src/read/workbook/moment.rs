//! Days and times: numbers that the format of their cell tells apart from others.

use jiff::SignedDuration;

use super::ReadProblem;
use super::xml::{Step, Xml};
use crate::read::Cell;
use crate::read::arrow::date;
use crate::time::micros;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// 9999-12-31, the last day that Excel knows.
const LAST_DAY: f64 = 2_958_466.0;
/// Whole numbers up to 2^53 are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a number is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// A number.
    Number,
    /// A day.
    Day,
    /// A time, with or without its day.
    Time,
}

/// The day that is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    /// The day before 1900-01-01, with a 29th of February in 1900.
    Of1900,
    /// 1904-01-01.
    Of1904,
}

/// The formats that cells refer to by number, in order.
pub(super) fn formats(mut styles: Xml) -> Result<Vec<NumberFormat>, ReadProblem> {
    let mut declared: Vec<(String, NumberFormat)> = Vec::new();
    let mut formats = Vec::new();
    let mut section = String::new();
    while let Some(step) = styles.next()? {
        match step {
            Step::Open(element) => match (section.as_str(), element.name()) {
                (_, name @ ("numFmts" | "cellXfs")) => name.clone_into(&mut section),
                ("numFmts", "numFmt") => {
                    let id = element.attribute("numFmtId")?.unwrap_or_default();
                    let code = element.attribute("formatCode")?.unwrap_or_default();
                    declared.push((id, of_code(&code)));
                }
                ("cellXfs", "xf") => {
                    let id = element.attribute("numFmtId")?.unwrap_or_default();
                    let own = declared.iter().find(|(known, _)| *known == id);
                    formats.push(own.map_or_else(|| built_in(&id), |(_, format)| *format));
                }
                _ => {}
            },
            Step::Close(name) if name == section => section.clear(),
            _ => {}
        }
    }
    Ok(formats)
}

/// Formats that every workbook has, by their number.
fn built_in(id: &str) -> NumberFormat {
    match id.parse() {
        Ok(14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58) => NumberFormat::Day,
        Ok(18..=22 | 32..=35 | 45..=47 | 55 | 56) => NumberFormat::Time,
        _ => NumberFormat::Number,
    }
}

/// What a code such as `dd/mm/yyyy hh:mm` shows; of several parts the first, for positive numbers.
fn of_code(code: &str) -> NumberFormat {
    let (mut day, mut time) = (false, false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => break,
            '"' => {
                characters.by_ref().find(|next| *next == '"');
            }
            '\\' | '_' | '*' => {
                characters.next();
            }
            '[' => {
                // A colour, a locale, or hours beyond 24.
                let inside: String = characters.by_ref().take_while(|next| *next != ']').collect();
                let is_time = inside.chars().all(|sign| matches!(sign, 'h' | 'H' | 'm' | 's'));
                time |= is_time && !inside.is_empty();
            }
            // `m` is a month; beside hours or seconds, which decide, it is minutes.
            'y' | 'm' | 'd' => day = true,
            'h' | 's' => time = true,
            _ => {}
        }
    }
    match (day, time) {
        (_, true) => NumberFormat::Time,
        (true, false) => NumberFormat::Day,
        (false, false) => NumberFormat::Number,
    }
}

/// The cell of a number; one that is shown as a day but lies on none stays a number.
pub(super) fn cell(number: f64, format: NumberFormat, epoch: Epoch) -> Cell<'static> {
    let moment = match format {
        NumberFormat::Number => None,
        NumberFormat::Day | NumberFormat::Time => moment(number, format, epoch),
    };
    moment.unwrap_or_else(|| whole(number).map_or(Cell::Float(number), Cell::Integer))
}

/// To the millisecond, as Excel counts.
fn moment(serial: f64, format: NumberFormat, epoch: Epoch) -> Option<Cell<'static>> {
    if !(0.0..LAST_DAY).contains(&serial) {
        return None;
    }
    let millis = whole((serial * DAY as f64).round())?;
    let (days, rest) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    // Days from the one that is 0 to 1970-01-01.
    let to_1970 = match (epoch, days) {
        (Epoch::Of1904, _) => 24_107,
        // There was no 29th of February in 1900.
        (Epoch::Of1900, 60) => return None,
        (Epoch::Of1900, 0..60) => 25_568,
        (Epoch::Of1900, _) => 25_569,
    };
    let day = date(i32::try_from(days - to_1970).ok()?)?;
    if format == NumberFormat::Day && rest == 0 {
        return Some(Cell::Date(day));
    }
    let time = day.at(0, 0, 0, 0).checked_add(SignedDuration::from_millis(rest)).ok()?;
    Some(Cell::DateTime { micros: micros(time), zoned: false })
}

#[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < EXACT && number.fract().abs() <= 0.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_days_and_times_from_numbers() {
        for (code, expected) in [
            ("dd/mm/yyyy", NumberFormat::Day),
            ("mmm-yy", NumberFormat::Day),
            ("[$-407]d. mmmm yyyy;@", NumberFormat::Day),
            ("yyyy-mm-dd hh:mm:ss", NumberFormat::Time),
            ("[h]:mm", NumberFormat::Time),
            ("[Red]0.00", NumberFormat::Number),
            ("#,##0.00 \"days\"", NumberFormat::Number),
            ("0\\d_y*s", NumberFormat::Number),
            ("General", NumberFormat::Number),
            ("0;dd", NumberFormat::Number),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
        assert_eq!(built_in("14"), NumberFormat::Day);
        assert_eq!(built_in("22"), NumberFormat::Time);
        assert_eq!(built_in("2"), NumberFormat::Number);
    }

    #[test]
    fn serials_are_days_since_the_epoch() {
        let check = |serial, format, epoch, expected: &str| {
            assert_eq!(format!("{:?}", cell(serial, format, epoch)), expected, "{serial}");
        };
        let (day, time, number) = (NumberFormat::Day, NumberFormat::Time, NumberFormat::Number);
        check(45_292.0, day, Epoch::Of1900, "Date(2024-01-01)");
        check(43_830.0, day, Epoch::Of1904, "Date(2024-01-01)");
        check(1.0, day, Epoch::Of1900, "Date(1900-01-01)");
        check(59.0, day, Epoch::Of1900, "Date(1900-02-28)");
        check(60.0, day, Epoch::Of1900, "Integer(60)");
        check(61.0, day, Epoch::Of1900, "Date(1900-03-01)");
        check(-1.0, day, Epoch::Of1900, "Integer(-1)");
        check(2_958_465.0, day, Epoch::Of1900, "Date(9999-12-31)");
        check(2_958_466.0, day, Epoch::Of1900, "Integer(2958466)");
        let noon = |micros: i64| format!("DateTime {{ micros: {micros}, zoned: false }}");
        check(45_292.5, day, Epoch::Of1900, &noon(1_704_110_400_000_000));
        check(45_292.0, time, Epoch::Of1900, &noon(1_704_067_200_000_000));
        // 10:11:12 is no binary fraction of a day.
        check(45_292.424_444_444, time, Epoch::Of1900, &noon(1_704_103_872_000_000));
        check(45_292.0, number, Epoch::Of1900, "Integer(45292)");
        check(0.5, number, Epoch::Of1900, "Float(0.5)");
        check(1e300, number, Epoch::Of1900, "Float(1e300)");
    }
}
