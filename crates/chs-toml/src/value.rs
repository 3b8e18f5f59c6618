//! A TOML value with its place in the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::table::{Log, Table};

/// A converted value with the byte range it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the file.
    pub span: Range<usize>,
}

impl<T> Located<T> {
    /// The same place with another value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: convert(self.value), span: self.span }
    }
}

/// A value of a file; each `as_*` reports a mistake and yields `None` where the type is another.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    pub(crate) name: &'d str,
    pub(crate) node: &'d Spanned<DeValue<'d>>,
    pub(crate) log: &'d Log,
}

impl<'d> Value<'d> {
    /// Byte range of the value.
    pub fn span(&self) -> Range<usize> {
        self.node.span()
    }

    /// Report a mistake at this value.
    pub fn mistake(&self, message: impl Into<String>, help: Option<String>) {
        self.log.push(self.span(), message, help);
    }

    /// Report a mistake at a place within the value.
    pub fn mistake_at(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.log.push(span, message, help);
    }

    /// Whether the value is a string.
    pub fn is_text(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::String(_))
    }

    /// Whether the value is an integer or a float.
    pub fn is_number(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::Integer(_) | DeValue::Float(_))
    }

    /// Whether the value is an array.
    pub fn is_list(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::Array(_))
    }

    /// Whether the value is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::Table(_))
    }

    /// The string.
    pub fn as_text(&self) -> Option<Located<String>> {
        match self.node.get_ref() {
            DeValue::String(text) => Some(self.located(text.to_string())),
            _ => self.expected("a text in quotes"),
        }
    }

    /// The string as one of a closed set of words.
    pub fn as_word<T: Copy>(&self, words: &[(&str, T)]) -> Option<Located<T>> {
        let text = self.as_text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(self.located(*value));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!(
            "`{}` is not known for `{}`; expected one of {}",
            text.value,
            self.name,
            list(&known)
        );
        let help = crate::nearest(&text.value, known.iter().copied())
            .map(|word| format!("did you mean `{word}`?"));
        self.mistake(message, help);
        None
    }

    /// The number, finite, from an integer or a float.
    pub fn as_number(&self) -> Option<Located<f64>> {
        let parsed = match self.node.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            DeValue::Integer(integer) => parse_integer(integer).map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            _ => return self.expected("a number"),
        };
        match parsed.filter(|number| number.is_finite()) {
            Some(number) => Some(self.located(number)),
            None => self.expected("a finite number"),
        }
    }

    /// The whole number.
    pub fn as_integer(&self) -> Option<Located<i64>> {
        let parsed = match self.node.get_ref() {
            DeValue::Integer(integer) => parse_integer(integer),
            _ => None,
        };
        match parsed {
            Some(integer) => Some(self.located(integer)),
            None => self.expected("a whole number"),
        }
    }

    /// The flag.
    pub fn as_flag(&self) -> Option<Located<bool>> {
        match self.node.get_ref() {
            DeValue::Boolean(flag) => Some(self.located(*flag)),
            _ => self.expected("`true` or `false`"),
        }
    }

    /// The day, written as a TOML date (`2024-01-31`) or the same in quotes.
    pub fn as_date(&self) -> Option<Located<jiff::civil::Date>> {
        let text = match self.node.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => return self.expected("a date such as 2024-01-31"),
        };
        match text.parse().ok().filter(|_| text.len() == 10) {
            Some(date) => Some(self.located(date)),
            None => self.expected("a date such as 2024-01-31"),
        }
    }

    /// The elements of an array.
    pub fn as_list(&self) -> Option<Vec<Value<'d>>> {
        match self.node.get_ref() {
            DeValue::Array(array) => Some(
                array.iter().map(|node| Value { name: self.name, node, log: self.log }).collect(),
            ),
            _ => self.expected("a list in brackets"),
        }
    }

    /// A list of strings.
    pub fn as_texts(&self) -> Option<Vec<Located<String>>> {
        self.each(Value::as_text)
    }

    /// A list of numbers.
    pub fn as_numbers(&self) -> Option<Vec<f64>> {
        self.each(|value| value.as_number().map(|number| number.value))
    }

    /// The table.
    pub fn as_table(&self) -> Option<Table<'d>> {
        match self.node.get_ref() {
            DeValue::Table(table) => Some(Table::new(self.name, table, self.span(), self.log)),
            _ => self.expected("a table"),
        }
    }

    /// Convert every element of a list; `None` if one fails, after all were looked at.
    pub fn each<T>(&self, convert: impl Fn(&Value<'d>) -> Option<T>) -> Option<Vec<T>> {
        let converted: Vec<Option<T>> = self.as_list()?.iter().map(convert).collect();
        converted.into_iter().collect()
    }

    fn located<T>(&self, value: T) -> Located<T> {
        Located { value, span: self.span() }
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        let found = match self.node.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a flag",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let found =
            if what.contains("number") && found == "a number" { "another number" } else { found };
        self.mistake(format!("`{}` is {found}; expected {what}", self.name), None);
        None
    }
}

fn parse_integer(integer: &toml::de::DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// Words in back quotes, as a message shows them.
pub(crate) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
