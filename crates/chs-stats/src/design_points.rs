//! The rows of a regression, sorted and joined where they have the same predictors.

use std::cmp::Ordering;
use std::ops::Range;

use crate::LogisticRows;
use crate::rank_order::rank_key;

/// Rows with weight in the order of their predictors, those with the same ones joined to a point.
///
/// A sum along it is the same for every order of the rows, and a scale of few values (a score in whole
/// points) is as short as its values are.
pub(crate) struct DesignPoints {
    /// Columns and intercept.
    width: usize,
    /// Rows of the regression, by columns, offset, label and weight.
    rows: Vec<usize>,
    points: Vec<Point>,
    /// The offset of each point, then its columns.
    values: Vec<f64>,
    /// How far from 0 each column of the design goes, the intercept first.
    reach: Vec<f64>,
}

/// Rows of one point.
struct Point {
    /// Place of its last row, and one more.
    end: usize,
    events: u64,
    others: u64,
}

/// Rows with the same predictors.
#[derive(Clone)]
pub(crate) struct DesignPoint<'a> {
    /// Rows with label 1, by weight.
    pub(crate) events: u64,
    /// Rows with label 0, by weight.
    pub(crate) others: u64,
    pub(crate) offset: f64,
    columns: &'a [f64],
    /// Place of its rows in the order.
    rows: Range<usize>,
}

impl DesignPoints {
    /// Sorts the rows; O(n log n).
    pub(crate) fn of(regression: &LogisticRows) -> Self {
        let (columns, offset) = (regression.columns, regression.offset);
        let values = || columns.iter().copied().chain(offset);
        let key = |row: usize| values().next().map_or(0, |column| rank_key(column[row]));
        let by_point = |a: &(i64, usize), b: &(i64, usize)| {
            let others = || values().skip(1).map(|column| column[a.1].total_cmp(&column[b.1]));
            a.0.cmp(&b.0).then_with(|| others().find(|o| o.is_ne()).unwrap_or(Ordering::Equal))
        };
        let label = |row: usize| (regression.label[row], regression.weight(row));
        let mut rows: Vec<(i64, usize)> = regression.used().map(|row| (key(row), row)).collect();
        rows.sort_unstable_by(|a, b| by_point(a, b).then_with(|| label(a.1).cmp(&label(b.1))));
        let mut found = Self {
            width: columns.len() + 1,
            rows: Vec::new(),
            points: Vec::new(),
            values: Vec::new(),
            reach: vec![1.0; columns.len() + 1],
        };
        let mut end = 0;
        for group in rows.chunk_by(|a, b| by_point(a, b).is_eq()) {
            end += group.len();
            let weight = |wanted: bool| -> u64 {
                let own = group.iter().filter(|(_, row)| regression.label[*row] == wanted);
                own.map(|(_, row)| u64::from(regression.weight(*row))).sum()
            };
            found.points.push(Point { end, events: weight(true), others: weight(false) });
            let first = group[0].1;
            found.values.push(offset.map_or(0.0, |offset| offset[first]));
            for (column, reach) in columns.iter().zip(&mut found.reach[1..]) {
                found.values.push(column[first]);
                *reach = reach.max(column[first].abs());
            }
        }
        Self { rows: rows.into_iter().map(|(_, row)| row).collect(), ..found }
    }

    /// Columns of the design, the intercept included.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The points, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DesignPoint<'_>> {
        let mut start = 0;
        self.points.iter().zip(self.values.chunks_exact(self.width)).map(move |(point, values)| {
            let rows = std::mem::replace(&mut start, point.end)..point.end;
            let Point { events, others, .. } = *point;
            DesignPoint { events, others, offset: values[0], columns: &values[1..], rows }
        })
    }

    /// The rows of a point, by their number in the regression.
    pub(crate) fn rows(&self, point: &DesignPoint) -> &[usize] {
        &self.rows[point.rows.clone()]
    }

    /// A bound on how far any point lies along a direction.
    pub(crate) fn reach(&self, direction: &[f64]) -> f64 {
        self.reach.iter().zip(direction).map(|(reach, own)| reach * own.abs()).sum()
    }
}

impl DesignPoint<'_> {
    /// Value of column `j` of the design, column 0 being the intercept.
    pub(crate) fn design(&self, j: usize) -> f64 {
        if j == 0 { 1.0 } else { self.columns[j - 1] }
    }

    /// The design times a direction, without the offset.
    pub(crate) fn along(&self, direction: &[f64]) -> f64 {
        let slopes = self.columns.iter().zip(&direction[1..]);
        slopes.fold(direction[0], |sum, (x, slope)| sum + slope * x)
    }

    /// Offset plus the design times the coefficients.
    pub(crate) fn linear_predictor(&self, coefficients: &[f64]) -> f64 {
        self.offset + self.along(coefficients)
    }
}
