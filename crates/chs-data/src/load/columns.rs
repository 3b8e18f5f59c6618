//! Columns as they grow row by row, over batches and files.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::load::history::{Code, Column, Words};
use crate::read::Cell;

/// A column of texts, each distinct one held once.
#[derive(Default)]
pub(super) struct WordsBuilder {
    words: Words,
    index: HashMap<String, u32, FixedState>,
}

impl WordsBuilder {
    pub(super) fn push(&mut self, text: Option<&str>) {
        let place = text.map(|text| self.code(text));
        self.words.codes.push(Code::new(place));
    }

    /// The number of a text, added if it is new.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.index.get(text) {
            return *code;
        }
        // More distinct texts than u32 holds would need more memory than any machine has.
        let code = u32::try_from(self.words.words.len()).unwrap_or(u32::MAX);
        self.words.words.push(text.to_owned());
        self.index.insert(text.to_owned(), code);
        code
    }

    /// Here, the numbers of another's texts.
    pub(super) fn codes_of(&mut self, other: &Words) -> Vec<u32> {
        other.words.iter().map(|word| self.code(word)).collect()
    }

    pub(super) fn append(&mut self, other: Self) {
        let codes = self.codes_of(&other.words);
        self.words.codes.extend(other.words.codes.into_iter().map(|code| code.moved(&codes)));
    }

    pub(super) fn finish(self) -> Words {
        self.words
    }
}

/// A column of numbers that turns into one of texts at the first text.
#[derive(Default)]
pub(super) struct ColumnBuilder {
    numbers: Vec<f64>,
    /// The whole column, once a text has been seen.
    words: Option<WordsBuilder>,
}

impl ColumnBuilder {
    /// Add a cell; `text` gives its text.
    pub(super) fn push<T: AsRef<str>>(&mut self, cell: Cell<'_>, text: impl FnOnce() -> Option<T>) {
        let number = match cell {
            Cell::Null => f64::NAN,
            Cell::Integer(number) => number as f64,
            Cell::Float(number) => number,
            _ => return self.words_mut().push(text().as_ref().map(T::as_ref)),
        };
        match &mut self.words {
            Some(words) => words.push(text().as_ref().map(T::as_ref)),
            None => self.numbers.push(number),
        }
    }

    /// Add texts, null where empty.
    pub(super) fn push_texts<'a>(&mut self, texts: impl Iterator<Item = Option<&'a str>>) {
        let words = self.words_mut();
        texts.for_each(|text| words.push(text.filter(|text| !text.is_empty())));
    }

    fn words_mut(&mut self) -> &mut WordsBuilder {
        let numbers = std::mem::take(&mut self.numbers);
        self.words.get_or_insert_with(|| {
            let mut words = WordsBuilder::default();
            for number in numbers {
                words.push((!number.is_nan()).then(|| number.to_string()).as_deref());
            }
            words
        })
    }

    pub(super) fn append(&mut self, mut other: Self) {
        if self.words.is_none() && other.words.is_none() {
            self.numbers.extend(other.numbers);
            return;
        }
        other.words_mut();
        if let Some(words) = other.words {
            self.words_mut().append(words);
        }
    }

    pub(super) fn finish(self) -> Column {
        match self.words {
            Some(words) => Column::Words(words.finish()),
            None => Column::Numbers(self.numbers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnBuilder;
    use crate::expression::Cell as Value;
    use crate::read::Cell;

    #[test]
    fn a_text_turns_the_column_into_words() {
        let mut first = ColumnBuilder::default();
        first.push(Cell::Integer(5), || None::<&str>);
        first.push(Cell::Null, || None::<&str>);
        let mut second = ColumnBuilder::default();
        second.push(Cell::Text("five"), || Some("five"));
        second.push(Cell::Text("5"), || Some("5"));
        second.push(Cell::Integer(7), || Some("7"));
        first.append(second);
        let column = first.finish();
        let cells: Vec<_> = (0..6).map(|row| column.cell(row)).collect();
        assert!(matches!(
            cells[..],
            [
                Value::Text("5"),
                Value::Null,
                Value::Text("five"),
                Value::Text("5"),
                Value::Text("7"),
                Value::Null
            ]
        ));
    }
}
