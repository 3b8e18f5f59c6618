//! A table of finished cells, with the notes that they refer to.

use crate::figure::{Figure, Format};
use crate::wording;

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub heading: String,
    /// How its cells stand.
    pub alignment: Alignment,
}

impl Column {
    pub(crate) fn words(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), alignment: Alignment::Left }
    }

    pub(crate) fn numbers(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), alignment: Alignment::Right }
    }
}

/// A table of finished cells in plain text.
///
/// Every row has as many cells as there are columns. A cell that ends in `(1)` refers to the first
/// note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// Heads of the columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Cells by row.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// What cells refer to by number, from 1: reasons, and what to know about a figure.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A row; cells beyond the columns are cut, missing ones are empty.
    pub(crate) fn push(&mut self, mut cells: Vec<String>) {
        cells.resize(self.columns.len(), String::new());
        self.rows.push(cells);
    }

    /// The cell of a figure of this table; what has to be known about it becomes a note.
    pub(crate) fn figure<'a>(
        &mut self,
        figure: Option<impl Into<Figure<'a>>>,
        format: Format,
    ) -> String {
        let figure = figure.map_or(Figure::absent("not in this backtest"), Into::into);
        match figure.words(format) {
            (cell, None) => cell,
            (cell, Some(note)) => format!("{cell} ({})", self.number_of(note)),
        }
    }

    /// The cell of a p value.
    pub(crate) fn p_value(&mut self, p_value: Option<f64>) -> String {
        let Some(value) = p_value else {
            let none = Figure::absent("a resampled or missing interval has no p value");
            return self.figure(Some(none), Format::Thousandths);
        };
        wording::p_value(value)
    }

    fn number_of(&mut self, note: &str) -> usize {
        if let Some(position) = self.notes.iter().position(|known| known == note) {
            return position + 1;
        }
        self.notes.push(note.to_owned());
        self.notes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Table};
    use crate::figure::{Figure, Format};

    #[test]
    fn equal_reasons_share_a_note() {
        let mut table = Table::new(vec![Column::words("a"), Column::numbers("b")]);
        let cells = ["few", "none at all", "few"]
            .map(|reason| table.figure(Some(Figure::absent(reason)), Format::Percent));
        assert_eq!(cells, ["none (1)", "none (2)", "none (1)"]);
        assert_eq!(table.figure(None::<Figure<'_>>, Format::Loss), "none (3)");
        assert_eq!(table.p_value(Some(0.5)), "0.500");
        assert_eq!(table.notes(), ["few", "none at all", "not in this backtest"]);
    }

    #[test]
    fn a_p_value_is_there_or_has_a_reason() {
        let mut table = Table::new(vec![Column::numbers("p")]);
        assert_eq!(table.p_value(None), "none (1)");
        assert_eq!(table.notes(), ["a resampled or missing interval has no p value"]);
    }

    #[test]
    fn rows_are_as_wide_as_the_columns() {
        let mut table = Table::new(vec![Column::words("a"), Column::words("b")]);
        table.push(vec!["1".into()]);
        table.push(["1", "2", "3"].map(str::to_owned).to_vec());
        assert_eq!(table.rows(), [["1", ""], ["1", "2"]]);
    }
}
