//! Expressions over the rows of a source and over indicators.

use chs_panel::{IndicatorValues, Named};

use crate::expression::{Cell, Expression};
use crate::load::{Column, SourceRows};
use crate::project::ParsedExpression;

/// Whether each row passes a filter; all do where there is none.
pub(super) fn passes<'a>(
    rows: &'a SourceRows,
    filter: Option<&'a ParsedExpression>,
) -> impl Fn(usize) -> bool + 'a {
    let bound = filter.map(|filter| (&filter.expression, columns(rows, &filter.expression)));
    move |row| match &bound {
        Some((expression, columns)) => expression.is_true(&|name| cell(columns, name, row)),
        None => true,
    }
}

/// Value of an expression per row, NaN where null.
pub(crate) fn values(rows: &SourceRows, value: &Expression) -> Vec<f64> {
    if let Some(name) = value.column()
        && let Some(Column::Numbers(numbers)) = rows.columns.get(name)
    {
        return numbers.clone();
    }
    let columns = columns(rows, value);
    (0..rows.len())
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
    (0..rows).map(|row| expression.number(&|name| cell(name, row)).unwrap_or(f64::NAN)).collect()
}
