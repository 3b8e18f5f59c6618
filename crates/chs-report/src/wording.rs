//! Numbers and lists as people read them.

use std::fmt::Display;

/// `1,234,567`
pub(crate) fn thousands(count: impl Display) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `76.3 %`
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", fixed(100.0 * share, 1))
}

/// `95 %`, `99.9 %`
pub(crate) fn level(level: f64) -> String {
    let text = fixed(100.0 * level, 1);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// `5 %`, `7.5 %`
pub(crate) fn short_percent(share: f64) -> String {
    format!("{} %", plain(100.0 * share))
}

/// `40`, `42.5`
pub(crate) fn plain(value: f64) -> String {
    let text = fixed(value, 2);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `0.042`, `below 0.001`
pub(crate) fn p_value(value: f64) -> String {
    if value < 0.001 { "below 0.001".to_owned() } else { fixed(value, 3) }
}

/// A number with so many decimals; what rounds to 0 has no sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    unsigned_zero(format!("{value:.decimals$}"))
}

/// The same with its sign.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    unsigned_zero(format!("{value:+.decimals$}"))
}

fn unsigned_zero(text: String) -> String {
    if text.contains(|digit: char| matches!(digit, '1'..='9')) {
        text
    } else {
        text.trim_start_matches(['+', '-']).to_owned()
    }
}

/// `1 row`, `2,000 rows`
pub(crate) fn counted(count: impl Display, singular: &str, plural: &str) -> String {
    let digits = count.to_string();
    let noun = if digits == "1" { singular } else { plural };
    format!("{} {noun}", thousands(digits))
}

/// `a`, `a and b`, `a, b and c`
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `days_since_login` as `days since login`
pub(crate) fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// `14d` as `14 days`, `1mo` as `1 month`; another text as it is.
pub(crate) fn span(text: &str) -> String {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match text.strip_prefix(digits) {
        Some("m") => "minute",
        Some("h") => "hour",
        Some("d") => "day",
        Some("w") => "week",
        Some("mo") => "month",
        Some("q") => "quarter",
        Some("y") => "year",
        _ => return text.to_owned(),
    };
    counted(digits, unit, &format!("{unit}s"))
}

#[cfg(test)]
mod tests {
    use super::{
        counted, fixed, level, listed, p_value, percent, plain, short_percent, signed, spaced,
        span, thousands,
    };

    #[test]
    fn numbers_are_worded() {
        let grouped = [0_u64, 999, 1_000, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((percent(0.0634), percent(-0.000_1)), ("6.3 %".into(), "0.0 %".into()));
        assert_eq!((level(0.95), level(0.999)), ("95 %".into(), "99.9 %".into()));
        assert_eq!([40.0, 42.5, 0.0, 100.0].map(plain), ["40", "42.5", "0", "100"]);
        assert_eq!([0.05, 0.075].map(short_percent), ["5 %", "7.5 %"]);
        assert_eq!((p_value(0.000_4), p_value(0.042)), ("below 0.001".into(), "0.042".into()));
        assert_eq!((fixed(-0.000_4, 3), signed(0.041, 3)), ("0.000".into(), "+0.041".into()));
        assert_eq!((signed(-0.000_4, 3), signed(-0.5, 1)), ("0.000".into(), "-0.5".into()));
    }

    #[test]
    fn words_are_joined() {
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!((listed(&words), listed(&words[..2])), ("a, b and c".into(), "a and b".into()));
        assert_eq!((listed(&words[..1]), listed(&[])), ("a".into(), String::new()));
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(2_000, "row", "rows"), "2,000 rows");
        assert_eq!(spaced("bad_date"), "bad date");
    }

    #[test]
    fn spans_are_worded() {
        let spans = ["14d", "1mo", "2q", "1y", "6h", "3w", "5m"].map(span);
        let words =
            ["14 days", "1 month", "2 quarters", "1 year", "6 hours", "3 weeks", "5 minutes"];
        assert_eq!(spans, words);
        assert_eq!((span("soon"), span("")), ("soon".into(), String::new()));
    }
}
