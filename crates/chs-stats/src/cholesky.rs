//! Systems of few linear equations with a positive definite matrix.

use crate::Undefined;

/// A pivot below this fraction of its column's information is a column explained by the others.
const COLLINEAR_PIVOT: f64 = 1e-13;

/// Lower triangle L of a positive definite matrix L L'.
pub(crate) struct Cholesky {
    lower: Vec<Vec<f64>>,
}

impl Cholesky {
    pub(crate) fn of(matrix: &[Vec<f64>]) -> Result<Self, Undefined> {
        let width = matrix.len();
        let mut lower = vec![vec![0.0; width]; width];
        for j in 0..width {
            let explained: f64 = lower[j][..j].iter().map(|value: &f64| value * value).sum();
            let pivot = matrix[j][j] - explained;
            if pivot.is_nan() || pivot <= COLLINEAR_PIVOT * matrix[j][j] {
                return Err(Undefined::Collinear { column: j });
            }
            lower[j][j] = pivot.sqrt();
            for i in j + 1..width {
                let shared: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
                lower[i][j] = (matrix[i][j] - shared) / lower[j][j];
            }
        }
        Ok(Self { lower })
    }

    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let width = right.len();
        let mut solution = right.to_vec();
        for i in 0..width {
            let known: f64 = (0..i).map(|k| self.lower[i][k] * solution[k]).sum();
            solution[i] = (solution[i] - known) / self.lower[i][i];
        }
        for i in (0..width).rev() {
            let known: f64 = (i + 1..width).map(|k| self.lower[k][i] * solution[k]).sum();
            solution[i] = (solution[i] - known) / self.lower[i][i];
        }
        solution
    }
}
