//! Expressions over the rows of a source and over indicators.

use std::borrow::Cow;

use chs_panel::{IndicatorValues, Named};
use rayon::prelude::*;

use crate::expression::{Cell, Expression};
use crate::load::{Column, SourceRows};
use crate::project::{ParsedExpression, Reading};
use crate::replay::reading::ReadColumn;

/// Whether a row is let through.
pub(super) type Filter<'a> = Box<dyn Fn(usize) -> bool + Send + Sync + 'a>;

/// Whether each row passes a filter; all do where there is none.
pub(super) fn passes<'a>(rows: &'a SourceRows, filter: Option<&'a ParsedExpression>) -> Filter<'a> {
    let Some(filter) = filter else { return Box::new(|_| true) };
    let (expression, columns) = (&filter.expression, columns(rows, &filter.expression));
    // Over one column of texts a filter is asked once for each distinct text.
    if let [Some(Column::Words(words))] = columns[..] {
        let of_word: Vec<bool> =
            words.words.iter().map(|word| expression.is_true(&|_| Cell::Text(word))).collect();
        let of_null = expression.is_true(&|_| Cell::Null);
        return Box::new(move |row| {
            words.codes[row].place().map_or(of_null, |place| of_word[place])
        });
    }
    Box::new(move |row| expression.is_true(&|name| cell(&columns, name, row)))
}

/// Value of an expression per row, NaN where null.
pub(crate) fn values<'a>(rows: &'a SourceRows, value: &Expression) -> Cow<'a, [f64]> {
    if let Some(name) = value.column()
        && let Some(column) = rows.columns.get(name)
        && let ReadColumn::Numbers(numbers) = ReadColumn::new(column, &Reading::Numbers)
    {
        return numbers;
    }
    let columns = columns(rows, value);
    (0..rows.len())
        .into_par_iter()
        .map(|row| value.number(&|name| cell(&columns, name, row)).unwrap_or(f64::NAN))
        .collect()
}

fn columns<'a>(rows: &'a SourceRows, expression: &Expression) -> Vec<Option<&'a Column>> {
    expression.names().iter().map(|name| rows.columns.get(name)).collect()
}

fn cell<'a>(columns: &[Option<&'a Column>], name: usize, row: usize) -> Cell<'a> {
    columns.get(name).copied().flatten().map_or(Cell::Null, |column| column.cell(row))
}

/// Value of a formula per row of the panel, NaN where null.
pub(super) fn formula(
    expression: &Expression,
    indicators: &[Option<Named<IndicatorValues>>],
    rows: usize,
) -> Vec<f64> {
    let find =
        |name: &String| indicators.iter().flatten().find(|indicator| indicator.name == *name);
    let columns: Vec<Option<&IndicatorValues>> = expression
        .names()
        .iter()
        .map(|name| find(name).map(|indicator| &indicator.column))
        .collect();
    let cell = |name: usize, row: usize| match columns.get(name).copied().flatten() {
        Some(IndicatorValues::Numbers(numbers)) => {
            numbers.get(row).map_or(Cell::Null, Cell::Number)
        }
        Some(IndicatorValues::Words(words)) => words.get(row).map_or(Cell::Null, Cell::Text),
        None => Cell::Null,
    };
    (0..rows)
        .into_par_iter()
        .map(|row| expression.number(&|name| cell(name, row)).unwrap_or(f64::NAN))
        .collect()
}
