//! Colours, and lines that fit a terminal.

use std::io::IsTerminal;

use owo_colors::OwoColorize;

use crate::arguments::Color;

/// Columns that everything fits into.
pub(crate) const WIDTH: usize = 80;

/// Whether a stream takes colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Plain text.
    Plain,
    /// With ANSI colours.
    Colored,
}

impl Style {
    /// The style of a stream: as asked for, else colours on a terminal unless `NO_COLOR` is set.
    pub(crate) fn of(color: Color, stream: &impl IsTerminal) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb,
        };
        if colored { Self::Colored } else { Self::Plain }
    }

    /// The level of a finding, or an answer of that weight.
    pub(crate) fn level(self, level: &str, text: &str) -> String {
        match (self, level) {
            (Self::Plain, _) => text.to_owned(),
            (Self::Colored, "error") => text.red().bold().to_string(),
            (Self::Colored, "warning") => text.yellow().bold().to_string(),
            (Self::Colored, "passed") => text.green().bold().to_string(),
            (Self::Colored, _) => text.cyan().to_string(),
        }
    }
}

/// A text in lines of at most [`WIDTH`] columns, every line after the first indented; each ends with a
/// newline. A word that is longer stands alone.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let is_new = line.trim().is_empty();
        if !is_new && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line.clear();
            line.push_str(indent);
            line.push_str(word);
        } else {
            if !is_new {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// A count with a comma before every third digit from the right.
pub(crate) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, thousands, wrapped};

    #[test]
    fn counts_are_grouped_by_threes() {
        let grouped = [0, 999, 1_000, 27_834, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "27,834", "1,234,567"]);
    }

    #[test]
    fn lines_break_between_words() {
        let text = "word ".repeat(40);
        let lines = wrapped(&text, "  ");
        assert!(lines.lines().all(|line| line.len() <= WIDTH));
        assert!(lines.lines().skip(1).all(|line| line.starts_with("  word")), "{lines}");
        assert_eq!(lines.split_whitespace().count(), 40);
        let long = "x".repeat(100);
        assert_eq!(wrapped(&format!("a {long} b"), " "), format!("a\n {long}\n b\n"));
        assert_eq!(wrapped("", ""), "\n");
    }
}
