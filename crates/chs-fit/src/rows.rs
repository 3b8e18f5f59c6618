//! The rows that a fit sees, and the data pass over them.

use std::ops::Range;

use rayon::prelude::*;

use crate::EstimatorError;
use crate::dense::add_scaled;

/// Rows that lie side by side: each column of a block is a run of this many values, so that a pass works
/// on several rows at a time and a block of twenty columns stays in the nearest cache.
const BLOCK: usize = 128;

/// Blocks of one part of a data pass: fixed, so that sums do not depend on the number of threads.
const PART: usize = 16;

/// Sums that run beside each other within a column.
const LANES: usize = 8;

/// Rows of a logistic regression with weights that sum to 1.
///
/// They are sorted by what they hold, so that the order in which they came leaves no trace in any bit.
/// Memory: 8 bytes per value and 17 per row.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    width: usize,
    /// Block after block, within a block column after column; the last block is filled up with zeros.
    values: Vec<f64>,
    label: Vec<bool>,
    /// Above 0; they sum to 1.
    weight: Vec<f64>,
    /// Where each row stood.
    source: Vec<usize>,
}

/// One row.
pub(crate) struct Row<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) label: bool,
    /// The rows' sum to 1.
    pub(crate) weight: f64,
    /// Where it stood among those that came.
    pub(crate) source: usize,
}

/// The mean log loss around a point: value, gradient and Hessian, the intercept first.
#[derive(Clone, Debug)]
pub(crate) struct Expansion {
    pub(crate) loss: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Vec<Vec<f64>>,
}

/// What a data pass is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Slope,
    Curvature,
}

impl Rows {
    /// Rows from `values`, one row of `width` after the other. O(n log n) for the sort.
    pub(crate) fn new(
        width: usize,
        values: &[f64],
        label: &[bool],
        weight: &[f64],
    ) -> Result<Self, EstimatorError> {
        if width == 0 || values.len() != width * label.len() || weight.len() != label.len() {
            return Err(EstimatorError::Shape {
                values: values.len(),
                columns: width,
                labels: label.len(),
            });
        }
        let of = |row: usize| &values[row * width..(row + 1) * width];
        let unsound = |row: &usize| {
            !(of(*row).iter().all(|value| value.is_finite())
                && weight[*row].is_finite()
                && weight[*row] >= 0.0)
        };
        if let Some(row) = (0..label.len()).into_par_iter().find_first(unsound) {
            return Err(EstimatorError::NotFinite { row });
        }
        // The first value beside its row: most comparisons end there.
        let mut order: Vec<(f64, usize)> = (0..label.len())
            .filter(|row| weight[*row] > 0.0)
            .map(|row| (values[row * width], row))
            .collect();
        order.par_sort_by(|(first, left), (other, right)| {
            let by_value = || {
                let pairs = of(*left).iter().zip(of(*right)).map(|(a, b)| a.total_cmp(b));
                pairs.into_iter().find(|own| own.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            };
            let by_label = || label[*left].cmp(&label[*right]);
            let by_weight = || weight[*left].total_cmp(&weight[*right]);
            first.total_cmp(other).then_with(by_value).then_with(by_label).then_with(by_weight)
        });
        let source: Vec<usize> = order.into_iter().map(|(_, row)| row).collect();
        let rows = Self {
            width,
            values: laid_out(width, source.len(), |place, column| {
                values[source[place] * width + column]
            }),
            label: source.iter().map(|row| label[*row]).collect(),
            weight: source.iter().map(|row| weight[*row]).collect(),
            source,
        };
        rows.normalised()
    }

    /// The same rows, each counting so many times, in the order in which the rows came; those that do not
    /// count are left out.
    pub(crate) fn times(&self, counts: &[f64]) -> Result<Self, EstimatorError> {
        let count = |place: usize| counts.get(self.source[place]).copied().unwrap_or(0.0);
        self.selected(|place| count(place) * self.weight[place]).normalised()
    }

    /// The rows of some sources, weights as they are.
    pub(crate) fn part(&self, is_in: impl Fn(usize) -> bool) -> Self {
        self.selected(|place| if is_in(self.source[place]) { self.weight[place] } else { 0.0 })
    }

    fn selected(&self, weight: impl Fn(usize) -> f64) -> Self {
        let (kept, weight): (Vec<usize>, Vec<f64>) = (0..self.len())
            .map(|place| (place, weight(place)))
            .filter(|(_, weight)| *weight > 0.0)
            .unzip();
        Self {
            width: self.width,
            values: laid_out(self.width, kept.len(), |place, column| {
                self.values[self.position(kept[place], column)]
            }),
            label: kept.iter().map(|place| self.label[*place]).collect(),
            weight,
            source: kept.iter().map(|place| self.source[*place]).collect(),
        }
    }

    /// With weights that sum to 1; both labels have to be there.
    pub(crate) fn normalised(mut self) -> Result<Self, EstimatorError> {
        let events = self.label.iter().filter(|label| **label).count();
        if events == 0 || events == self.label.len() {
            return Err(EstimatorError::OneClass { rows: self.label.len() });
        }
        let sum = chs_stats::exact_sum(self.weight.iter().copied());
        for weight in &mut self.weight {
            *weight /= sum;
        }
        Ok(self)
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn len(&self) -> usize {
        self.label.len()
    }

    /// Weighted share of label 1.
    pub(crate) fn event_rate(&self) -> f64 {
        let of_events = self.weight.iter().zip(&self.label).filter(|(_, label)| **label);
        of_events.map(|(weight, _)| weight).sum()
    }

    /// The values of a column, row by row.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = f64> {
        (0..self.len()).map(move |place| self.values[self.position(place, column)])
    }

    /// Visits each row.
    pub(crate) fn each(&self, mut visit: impl FnMut(Row<'_>)) {
        let mut values = vec![0.0; self.width];
        for place in 0..self.len() {
            for (column, value) in values.iter_mut().enumerate() {
                *value = self.values[self.position(place, column)];
            }
            visit(Row {
                values: &values,
                label: self.label[place],
                weight: self.weight[place],
                source: self.source[place],
            });
        }
    }

    /// Labels, row by row.
    pub(crate) fn labels(&self) -> &[bool] {
        &self.label
    }

    /// The sum of each row's values times some coefficients.
    pub(crate) fn sums(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.values.len() / self.width];
        sums.par_chunks_mut(BLOCK).zip(self.values.par_chunks(BLOCK * self.width)).for_each(
            |(sums, values)| {
                for (own, column) in coefficients.iter().zip(values.chunks_exact(BLOCK)) {
                    add_scaled(sums, *own, column);
                }
            },
        );
        sums.truncate(self.len());
        sums
    }

    /// The rows with their values summed to one column under some coefficients.
    pub(crate) fn combined(&self, coefficients: &[f64]) -> Self {
        let sums = self.sums(coefficients);
        let values = laid_out(1, sums.len(), |place, _| sums[place]);
        Self {
            width: 1,
            values,
            label: self.label.clone(),
            weight: self.weight.clone(),
            source: self.source.clone(),
        }
    }

    /// Value, gradient and Hessian of the mean log loss, in one pass. O(n p^2).
    pub(crate) fn expand(&self, point: &[f64]) -> Expansion {
        let all = self.pass(point, Asked::Curvature);
        let size = self.width + 1;
        let place = |row: usize, column: usize| row * (row + 1) / 2 + column;
        let hessian = (0..size)
            .map(|i| (0..size).map(|j| all.triangle[place(i.max(j), i.min(j))]).collect())
            .collect();
        Expansion { loss: all.loss, gradient: all.gradient, hessian }
    }

    /// Value and gradient of the mean log loss. O(n p).
    pub(crate) fn slope(&self, point: &[f64]) -> (f64, Vec<f64>) {
        let all = self.pass(point, Asked::Slope);
        (all.loss, all.gradient)
    }

    fn position(&self, place: usize, column: usize) -> usize {
        place / BLOCK * BLOCK * self.width + column * BLOCK + place % BLOCK
    }

    fn pass(&self, point: &[f64], asked: Asked) -> Sums {
        let parts: Vec<Sums> = (0..self.len().div_ceil(PART * BLOCK))
            .into_par_iter()
            .map(|part| self.part_pass(point, part * PART * BLOCK, asked))
            .collect();
        let mut all = Sums::new(self.width + 1);
        for part in &parts {
            all.loss += part.loss;
            add_scaled(&mut all.gradient, 1.0, &part.gradient);
            add_scaled(&mut all.triangle, 1.0, &part.triangle);
        }
        all
    }

    fn part_pass(&self, point: &[f64], start: usize, asked: Asked) -> Sums {
        let mut sums = Sums::new(self.width + 1);
        let mut own = Curve { linear: [0.0; BLOCK], residual: [0.0; BLOCK], spread: [0.0; BLOCK] };
        let end = self.len().min(start + PART * BLOCK);
        for first in (start..end).step_by(BLOCK) {
            let block = &self.values[first * self.width..(first + BLOCK) * self.width];
            own.linear.fill(point[0]);
            for (coefficient, column) in point[1..].iter().zip(block.chunks_exact(BLOCK)) {
                add_scaled(&mut own.linear, *coefficient, column);
            }
            self.bend(&mut own, first..end.min(first + BLOCK), &mut sums.loss);
            sums.gradient[0] += total(&own.residual);
            for (sum, column) in sums.gradient[1..].iter_mut().zip(block.chunks_exact(BLOCK)) {
                *sum += total_product(&own.residual, column);
            }
            if asked == Asked::Curvature {
                add_curvature(&mut sums.triangle, &own.spread, block);
            }
        }
        sums
    }

    /// Loss, residuals and curvatures of the rows of a block at their log odds.
    fn bend(&self, own: &mut Curve, rows: Range<usize>, loss: &mut f64) {
        let filled = rows.len();
        for (place, row) in rows.enumerate() {
            let (label, weight) = (self.label[row], self.weight[row]);
            let against = if label { -own.linear[place] } else { own.linear[place] };
            // One exponential gives both probabilities and the loss.
            let ratio = (-against.abs()).exp();
            let larger = 1.0 / (1.0 + ratio);
            let smaller = ratio * larger;
            let wrong = if against > 0.0 { larger } else { smaller };
            *loss += weight * (against.max(0.0) + (1.0 + ratio).ln());
            own.residual[place] = if label { -weight * wrong } else { weight * wrong };
            own.spread[place] = weight * larger * smaller;
        }
        own.residual[filled..].fill(0.0);
        own.spread[filled..].fill(0.0);
    }
}

/// What the rows of a block come to at a point.
struct Curve {
    linear: [f64; BLOCK],
    residual: [f64; BLOCK],
    spread: [f64; BLOCK],
}

/// Values in blocks, from the value of each row and column.
fn laid_out(width: usize, rows: usize, value: impl Fn(usize, usize) -> f64 + Sync) -> Vec<f64> {
    let mut values = vec![0.0; rows.div_ceil(BLOCK) * BLOCK * width];
    values.par_chunks_mut(BLOCK * width).enumerate().for_each(|(block, values)| {
        let first = block * BLOCK;
        let filled = BLOCK.min(rows - first);
        for place in 0..filled {
            for column in 0..width {
                values[column * BLOCK + place] = value(first + place, column);
            }
        }
    });
    values
}

/// Adds the weighted products of all pairs of columns, the constant one first.
fn add_curvature(triangle: &mut [f64], spread: &[f64; BLOCK], block: &[f64]) {
    let mut weighted = [0.0; BLOCK];
    triangle[0] += total(spread);
    let mut start = 1;
    for (index, column) in block.chunks_exact(BLOCK).enumerate() {
        for (weighted, (spread, value)) in weighted.iter_mut().zip(spread.iter().zip(column)) {
            *weighted = spread * value;
        }
        triangle[start] += total(&weighted);
        let line = &mut triangle[start + 1..start + index + 2];
        for (sum, other) in line.iter_mut().zip(block.chunks_exact(BLOCK)) {
            *sum += total_product(&weighted, other);
        }
        start += index + 2;
    }
}

/// The sum of a block, in lanes that are added up at the end.
fn total(values: &[f64; BLOCK]) -> f64 {
    let mut lanes = [0.0; LANES];
    for run in values.chunks_exact(LANES) {
        for (lane, value) in lanes.iter_mut().zip(run) {
            *lane += value;
        }
    }
    lanes.iter().sum()
}

/// The sum of the products of two runs of a block, in lanes that are added up at the end.
fn total_product(left: &[f64; BLOCK], right: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for (left, right) in left.chunks_exact(LANES).zip(right.chunks_exact(LANES)) {
        for (lane, (left, right)) in lanes.iter_mut().zip(left.iter().zip(right)) {
            *lane += left * right;
        }
    }
    lanes.iter().sum()
}

/// Sums over a part of the rows; the triangle holds the rows of the lower half one after the other.
struct Sums {
    loss: f64,
    gradient: Vec<f64>,
    triangle: Vec<f64>,
}

impl Sums {
    fn new(size: usize) -> Self {
        Self { loss: 0.0, gradient: vec![0.0; size], triangle: vec![0.0; size * (size + 1) / 2] }
    }
}

/// Probability of these log odds.
pub(crate) fn sigmoid(linear: f64) -> f64 {
    1.0 / (1.0 + (-linear).exp())
}

/// `ln(1 + exp(x))` without overflow: the loss of log odds that lie x on the wrong side.
pub(crate) fn log_one_plus_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use crate::EstimatorError;

    const VALUES: [f64; 10] = [0.2, 0.9, 0.7, 0.1, 0.4, 0.4, 0.2, 0.9, 0.3, 0.8];
    const LABEL: [bool; 5] = [true, false, true, false, true];

    #[test]
    fn the_expansion_is_that_of_finite_differences() {
        let rows = Rows::new(2, &VALUES, &LABEL, &[1.0, 2.0, 1.0, 1.0, 3.0]).unwrap();
        let point = [0.3, -1.0, 2.0];
        let here = rows.expand(&point);
        for index in 0..3 {
            let moved = |by: f64| {
                let mut moved = point;
                moved[index] += by;
                rows.expand(&moved)
            };
            let (up, down) = (moved(1e-5), moved(-1e-5));
            assert!(((up.loss - down.loss) / 2e-5 - here.gradient[index]).abs() < 1e-9);
            for other in 0..3 {
                let change = (up.gradient[other] - down.gradient[other]) / 2e-5;
                assert!((change - here.hessian[index][other]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn rows_over_many_blocks_are_summed_as_one_by_one() {
        let count = 5_000;
        let value = |row: usize, column: usize| ((row * (7 + 4 * column)) % 331) as f64 / 330.0;
        let values: Vec<f64> = (0..count).flat_map(|row| [value(row, 0), value(row, 1)]).collect();
        let label: Vec<bool> = (0..count).map(|row| row % 3 == 0).collect();
        let weight: Vec<f64> = (0..count).map(|row| (row % 4) as f64).collect();
        let rows = Rows::new(2, &values, &label, &weight).unwrap();
        let (point, all) = ([0.3, -1.0, 2.0], chs_stats::exact_sum(weight.iter().copied()));
        let own = |row: usize| {
            let linear = 0.3 - value(row, 0) + 2.0 * value(row, 1);
            let risk = 1.0 / (1.0 + (-linear).exp());
            let loss = (linear.exp() + 1.0).ln() - if label[row] { linear } else { 0.0 };
            let off = risk - f64::from(u8::from(label[row]));
            [loss, off * value(row, 1), risk * (1.0 - risk) * value(row, 0) * value(row, 1)]
        };
        let expected = |figure: usize| {
            chs_stats::exact_sum((0..count).map(|row| weight[row] * own(row)[figure])) / all
        };
        let found = rows.expand(&point);
        assert!((found.loss - expected(0)).abs() < 1e-13);
        assert!((found.gradient[2] - expected(1)).abs() < 1e-14);
        assert!((found.hessian[1][2] - expected(2)).abs() < 1e-14);
        let (loss, gradient) = rows.slope(&point);
        assert_eq!((loss.to_bits(), &gradient), (found.loss.to_bits(), &found.gradient));
        let combined = rows.combined(&[-1.0, 2.0]).slope(&[0.3, 1.0]);
        assert!((combined.0 - found.loss).abs() < 1e-13);
    }

    #[test]
    fn the_order_of_the_rows_leaves_no_trace_and_a_weight_of_two_is_two_copies() {
        let rows = Rows::new(2, &VALUES, &LABEL, &[1.0; 5]).unwrap();
        let mut backward: Vec<f64> = VALUES.chunks(2).rev().flatten().copied().collect();
        let mut label: Vec<bool> = LABEL.iter().rev().copied().collect();
        let reversed = Rows::new(2, &backward, &label, &[1.0; 5]).unwrap();
        let point = [0.1, 0.2, 0.3];
        assert_eq!(rows.expand(&point).loss.to_bits(), reversed.expand(&point).loss.to_bits());
        backward.extend([0.2, 0.9]);
        label.push(true);
        let copied = Rows::new(2, &backward, &label, &[1.0; 6]).unwrap().expand(&point);
        let weighted = rows.times(&[2.0, 1.0, 1.0, 1.0, 1.0]).unwrap().expand(&point);
        assert!((copied.loss - weighted.loss).abs() < 1e-15);
        assert!((copied.gradient[1] - weighted.gradient[1]).abs() < 1e-15);
        let without = rows.times(&[0.0, 1.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!(without.len(), 4);
        without.each(|row| assert_ne!(row.source, 0));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let refused = |values: &[f64], label: &[bool], weight: &[f64]| {
            Rows::new(2, values, label, weight).unwrap_err()
        };
        assert!(matches!(refused(&VALUES, &LABEL[..4], &[1.0; 4]), EstimatorError::Shape { .. }));
        assert!(matches!(refused(&VALUES, &[true; 5], &[1.0; 5]), EstimatorError::OneClass { .. }));
        let weight = [0.0, 1.0, 0.0, 1.0, 0.0];
        assert!(matches!(refused(&VALUES, &LABEL, &weight), EstimatorError::OneClass { .. }));
        let mut values = VALUES;
        values[3] = f64::NAN;
        let refusal = refused(&values, &LABEL, &[1.0; 5]);
        assert!(matches!(refusal, EstimatorError::NotFinite { row: 1 }));
    }
}
