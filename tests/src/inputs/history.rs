//! The history: small, with everything that a file may spoil.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Text(String),
    Integer(i64),
    /// Hundredths.
    Amount(i64),
    Day(Date),
    Time(DateTime),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Integer,
    Amount,
    Day,
    Time,
}

pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Type)],
    pub(super) rows: Vec<Vec<Value>>,
}

impl Value {
    /// As text, null as the empty one.
    pub(super) fn text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Amount(_) => self.number().unwrap().to_string(),
            Value::Day(day) => day.to_string(),
            Value::Time(time) => time.to_string(),
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Amount(hundredths) => Some(*hundredths as f64 / 100.0),
            _ => None,
        }
    }
}

/// Ids with leading zeros, a plan that is no ASCII, accounts that stay.
pub(super) fn accounts() -> Table {
    let plans = ["basic", "größer", "pro"];
    let row = |number: i64| {
        let churned = date(2024, 5, 3).checked_add((7 * number).days()).unwrap();
        vec![
            id(number),
            Value::Day(date(2023, 1, 31).checked_add((3 * number).days()).unwrap()),
            Value::Text(plans[usize::try_from(number % 3).unwrap()].to_owned()),
            Value::Amount(120_050 + 33 * number),
            if number % 4 == 0 { Value::Day(churned) } else { Value::Null },
        ]
    };
    let columns = &[
        ("account_id", Type::Text),
        ("signed_up_on", Type::Day),
        ("plan", Type::Text),
        ("arr", Type::Amount),
        ("churned_on", Type::Day),
    ];
    Table { name: "accounts", columns, rows: (0..24).map(row).collect() }
}

/// Texts with delimiters, quotes and line breaks; amounts of two decimals; times on midnight.
pub(super) fn events() -> Table {
    let kinds = ["call", "say \"hi\"; then, go", "two\nlines\tand 100 % / more", "café"];
    let row = |number: i64| {
        let at = date(2023, 6, 1).at(0, 0, 0, 0);
        let at = at.checked_add((number * 17).hours().seconds(number % 4 * 7)).unwrap();
        vec![
            id(number * 5 % 24),
            Value::Time(at),
            Value::Text(kinds[usize::try_from(number * 7 % 11 % 4).unwrap()].to_owned()),
            Value::Amount(25 + number * 31 % 977),
            if number % 5 == 0 { Value::Null } else { Value::Integer(number % 13) },
        ]
    };
    let columns = &[
        ("account_id", Type::Text),
        ("at", Type::Time),
        ("kind", Type::Text),
        ("minutes", Type::Amount),
        ("seats", Type::Integer),
    ];
    Table { name: "events", columns, rows: (0..800).map(row).collect() }
}

fn id(number: i64) -> Value {
    Value::Text(format!("{number:05}"))
}
