//! The rows that a fit sees, and the data pass over them.

use rayon::prelude::*;

use crate::EstimatorError;

/// Rows of one part of a data pass: fixed, so that sums do not depend on the number of threads.
const PART: usize = 2_048;

/// Rows of a logistic regression with weights that sum to 1.
///
/// They are sorted by what they hold, so that the order in which they came leaves no trace in any bit.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    width: usize,
    /// One row after the other.
    values: Vec<f64>,
    label: Vec<bool>,
    /// Above 0; they sum to 1.
    weight: Vec<f64>,
    /// Where each row stood.
    source: Vec<usize>,
}

/// The mean log loss around a point: value, gradient and Hessian, the intercept first.
pub(crate) struct Expansion {
    pub(crate) loss: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Vec<Vec<f64>>,
}

impl Rows {
    /// Rows from `values`, one row of `width` after the other.
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
        let unsound = |row: &usize| {
            let own = &values[row * width..(row + 1) * width];
            !(own.iter().all(|value| value.is_finite())
                && weight[*row].is_finite()
                && weight[*row] >= 0.0)
        };
        if let Some(row) = (0..label.len()).find(unsound) {
            return Err(EstimatorError::NotFinite { row });
        }
        let of = |row: usize| &values[row * width..(row + 1) * width];
        let mut source: Vec<usize> = (0..label.len()).collect();
        source.sort_by(|left, right| {
            let by_value = of(*left).iter().zip(of(*right)).map(|(a, b)| a.total_cmp(b));
            let by_value = by_value.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
            let by_label = label[*left].cmp(&label[*right]);
            by_value.then(by_label).then(weight[*left].total_cmp(&weight[*right]))
        });
        let sorted = Self {
            width,
            values: source.iter().flat_map(|row| of(*row)).copied().collect(),
            label: source.iter().map(|row| label[*row]).collect(),
            weight: source.iter().map(|row| weight[*row]).collect(),
            source,
        };
        sorted.normalised()
    }

    /// The same rows with other weights, in the order in which the rows came.
    pub(crate) fn reweighted(&self, weight: &[f64]) -> Result<Self, EstimatorError> {
        let own = |row: &usize| weight.get(*row).copied().unwrap_or(0.0);
        Self { weight: self.source.iter().map(own).collect(), ..self.clone() }.normalised()
    }

    /// Without rows of weight zero, the others' weights summing to 1; both labels have to be there.
    fn normalised(mut self) -> Result<Self, EstimatorError> {
        let kept: Vec<bool> = self.weight.iter().map(|weight| *weight > 0.0).collect();
        if kept.contains(&false) {
            let mut of_values = kept.iter().flat_map(|kept| std::iter::repeat_n(*kept, self.width));
            self.values.retain(|_| of_values.next() == Some(true));
            let mut of_label = kept.iter();
            self.label.retain(|_| of_label.next() == Some(&true));
            let mut of_source = kept.iter();
            self.source.retain(|_| of_source.next() == Some(&true));
            self.weight.retain(|weight| *weight > 0.0);
        }
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

    /// Values and label of each row, and where it stood among those that came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[f64], bool, usize)> {
        let columns = self.label.iter().zip(&self.source);
        self.values.chunks_exact(self.width).zip(columns).map(|(row, (l, s))| (row, *l, *s))
    }

    /// The rows with their values summed to one column under some coefficients.
    pub(crate) fn combined(&self, coefficients: &[f64]) -> Self {
        let values = self.values.chunks_exact(self.width);
        let values = values.map(|row| crate::dense::dot(row, coefficients)).collect();
        Self { width: 1, values, ..self.clone() }
    }

    /// Value, gradient and Hessian of the mean log loss, in one pass.
    pub(crate) fn expand(&self, point: &[f64]) -> Expansion {
        let size = self.width + 1;
        let parts: Vec<Sums> = (0..self.len().div_ceil(PART))
            .into_par_iter()
            .map(|part| self.part(point, part * PART..self.len().min((part + 1) * PART)))
            .collect();
        let mut all = Sums::new(size);
        for part in &parts {
            all.loss += part.loss;
            crate::dense::add_scaled(&mut all.gradient, 1.0, &part.gradient);
            crate::dense::add_scaled(&mut all.triangle, 1.0, &part.triangle);
        }
        let place = |row: usize, column: usize| row * (row + 1) / 2 + column;
        let hessian = (0..size)
            .map(|i| (0..size).map(|j| all.triangle[place(i.max(j), i.min(j))]).collect())
            .collect();
        Expansion { loss: all.loss, gradient: all.gradient, hessian }
    }

    fn part(&self, point: &[f64], rows: std::ops::Range<usize>) -> Sums {
        let mut sums = Sums::new(self.width + 1);
        for row in rows {
            let values = &self.values[row * self.width..(row + 1) * self.width];
            let linear = point[0] + crate::dense::dot(&point[1..], values);
            let (label, weight) = (self.label[row], self.weight[row]);
            let towards_label = if label { -linear } else { linear };
            sums.loss += weight * log_one_plus_exp(towards_label);
            let (risk, safety) = (sigmoid(linear), sigmoid(-linear));
            let residual = weight * if label { -safety } else { risk };
            sums.gradient[0] += residual;
            crate::dense::add_scaled(&mut sums.gradient[1..], residual, values);
            let spread = weight * risk * safety;
            sums.triangle[0] += spread;
            let mut start = 1;
            for (column, value) in values.iter().enumerate() {
                let factor = spread * value;
                let line = &mut sums.triangle[start..start + column + 2];
                line[0] += factor;
                crate::dense::add_scaled(&mut line[1..], factor, values);
                start += column + 2;
            }
        }
        sums
    }
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
        let weighted = rows.reweighted(&[2.0, 1.0, 1.0, 1.0, 1.0]).unwrap().expand(&point);
        assert!((copied.loss - weighted.loss).abs() < 1e-15);
        assert!((copied.gradient[1] - weighted.gradient[1]).abs() < 1e-15);
        let without = rows.reweighted(&[0.0, 1.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!((without.len(), without.iter().all(|row| row.2 != 0)), (4, true));
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
