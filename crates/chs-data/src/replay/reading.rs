//! The cells of a column, taken for numbers or for words.

use std::borrow::Cow;

use chs_panel::{IndicatorValues, NumberColumn, WordColumn};

use crate::load::{Code, Column};
use crate::project::Reading;

/// A column under a reading.
pub(super) enum ReadColumn<'a> {
    /// Numbers, NaN where null.
    Numbers(Cow<'a, [f64]>),
    /// Texts.
    Words(&'a Column),
}

impl<'a> ReadColumn<'a> {
    pub(super) fn new(column: &'a Column, reading: &Reading) -> Self {
        let number: &dyn Fn(&str) -> f64 = match reading {
            Reading::Words => return Self::Words(column),
            Reading::Numbers => &|word| number_in(word).unwrap_or(f64::NAN),
            Reading::Mapped(_) => &|word| reading.number_of(word).unwrap_or(f64::NAN),
        };
        Self::Numbers(match column {
            Column::Numbers(numbers) if *reading == Reading::Numbers => Cow::Borrowed(numbers),
            Column::Numbers(numbers) => {
                let words = numbers.iter().map(|own| (!own.is_nan()).then(|| own.to_string()));
                words.map(|word| word.map_or(f64::NAN, |word| number(&word))).collect()
            }
            Column::Words(words) => {
                let numbers: Vec<f64> = words.words.iter().map(|word| number(word)).collect();
                let of_code = |code: &Code| code.place().map_or(f64::NAN, |place| numbers[place]);
                words.codes.iter().map(of_code).collect()
            }
        })
    }

    /// The cells of rows as an indicator; missing where there is no row.
    pub(super) fn gather(&self, rows: impl Iterator<Item = Option<usize>>) -> IndicatorValues {
        match self {
            Self::Numbers(numbers) => IndicatorValues::Numbers(NumberColumn::new(
                rows.map(|row| row.map_or(f64::NAN, |row| numbers[row])).collect(),
            )),
            Self::Words(column) => {
                let words: Vec<_> = rows.map(|row| row.and_then(|row| column.word(row))).collect();
                IndicatorValues::Words(WordColumn::from_words(words.iter().map(Option::as_deref)))
            }
        }
    }
}

/// The number that a text holds; a flag, as typed files have them, is 0 or 1.
fn number_in(word: &str) -> Option<f64> {
    match word.trim() {
        "false" => Some(0.0),
        "true" => Some(1.0),
        word => word.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
