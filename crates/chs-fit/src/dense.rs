//! Linear algebra of a dozen unknowns.

/// A row shorter than this, relative to what it was, is a combination of the rows before it.
const DEPENDENT: f64 = 1e-10;

/// Sum of products.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Largest absolute value; 0 without values.
pub(crate) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

/// `to += factor * from`.
pub(crate) fn add_scaled(to: &mut [f64], factor: f64, from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

/// A square matrix times a vector.
pub(crate) fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// The lower triangle L of a symmetric positive definite matrix L L'.
pub(crate) struct Factor {
    lines: Vec<Vec<f64>>,
}

impl Factor {
    /// By Cholesky; `None` where the matrix is not finite and definite.
    pub(crate) fn of(matrix: &[Vec<f64>]) -> Option<Self> {
        let mut lines: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
        for (row, values) in matrix.iter().enumerate() {
            let mut line = vec![0.0; matrix.len()];
            for column in 0..row {
                let known = dot(&line[..column], &lines[column][..column]);
                line[column] = (values[column] - known) / lines[column][column];
            }
            let pivot = values[row] - dot(&line[..row], &line[..row]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            line[row] = pivot.sqrt();
            lines.push(line);
        }
        Some(Self { lines })
    }

    /// The x of `L x = right`.
    pub(crate) fn solve_lower(&self, right: &[f64]) -> Vec<f64> {
        let mut solution = right.to_vec();
        for (row, line) in self.lines.iter().enumerate() {
            let known = dot(&line[..row], &solution[..row]);
            solution[row] = (solution[row] - known) / line[row];
        }
        solution
    }

    /// `L' x`.
    pub(crate) fn times_transposed(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; vector.len()];
        for (line, value) in self.lines.iter().zip(vector) {
            add_scaled(&mut product, *value, line);
        }
        product
    }
}

/// The solution of a symmetric positive definite system; `None` where it is not definite.
pub(crate) fn solve_definite(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let factor = Factor::of(matrix)?;
    let mut solution = factor.solve_lower(right);
    for row in (0..solution.len()).rev() {
        let below = factor.lines.iter().zip(&solution).skip(row + 1);
        let known: f64 = below.map(|(line, value)| line[row] * value).sum();
        solution[row] = (solution[row] - known) / factor.lines[row][row];
    }
    Some(solution)
}

/// The multiples of some columns whose sum is nearest to a target: 0 for a column that is a combination of
/// those before it.
pub(crate) fn least_squares(columns: &[&[f64]], target: &[f64]) -> Vec<f64> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        if let Some(direction) = new_direction(column, &basis) {
            basis.push(direction);
            kept.push(index);
        }
    }
    let mut multiples = vec![0.0; columns.len()];
    for (direction, index) in basis.iter().zip(&kept).rev() {
        // Columns before this one in the basis are orthogonal to its direction; later ones are settled.
        let settled: f64 = (kept.iter().filter(|other| *other > index))
            .map(|other| dot(direction, columns[*other]) * multiples[*other])
            .sum();
        multiples[*index] = (dot(direction, target) - settled) / dot(direction, columns[*index]);
    }
    multiples
}

/// An orthonormal basis of the span of some rows, and one of all that is orthogonal to them.
pub(crate) struct Split {
    pub(crate) span: Vec<Vec<f64>>,
    pub(crate) rest: Vec<Vec<f64>>,
}

impl Split {
    /// Gram-Schmidt, first over the rows, then over the axes.
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a [f64]>, width: usize) -> Self {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let mut extend = |row: &[f64]| {
            basis.extend(new_direction(row, &basis));
            basis.len()
        };
        let rank = rows.into_iter().map(&mut extend).last().unwrap_or(0);
        for axis in 0..width {
            let mut row = vec![0.0; width];
            row[axis] = 1.0;
            extend(&row);
        }
        let rest = basis.split_off(rank);
        Self { span: basis, rest }
    }
}

/// The unit vector that a row adds to an orthonormal basis, orthogonalised twice; `None` where the row is a
/// combination of it.
fn new_direction(row: &[f64], basis: &[Vec<f64>]) -> Option<Vec<f64>> {
    let left = without(&without(row, basis), basis);
    let length = dot(&left, &left).sqrt();
    (length > DEPENDENT * dot(row, row).sqrt())
        .then(|| left.iter().map(|value| value / length).collect())
}

/// What of a row is orthogonal to a basis.
fn without(row: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut left = row.to_vec();
    for known in basis {
        let along = dot(known, &left);
        add_scaled(&mut left, -along, known);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::{Split, dot, solve_definite, times};

    #[test]
    fn a_definite_system_is_solved_and_another_one_told() {
        let matrix = vec![vec![4.0, 1.0, 0.5], vec![1.0, 3.0, -1.0], vec![0.5, -1.0, 2.0]];
        let solution = solve_definite(&matrix, &[1.0, 2.0, 3.0]).unwrap();
        let back = times(&matrix, &solution);
        assert!(back.iter().zip([1.0, 2.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-14));
        assert_eq!(solve_definite(&[vec![1.0, 2.0], vec![2.0, 4.0]], &[1.0, 1.0]), None);
    }

    #[test]
    fn dependent_rows_are_dropped_and_the_rest_is_orthogonal() {
        let rows = [vec![1.0, 1.0, 0.0], vec![2.0, 2.0, 0.0], vec![0.0, 1.0, 0.0]];
        let split = Split::of(rows.iter().map(Vec::as_slice), 3);
        assert_eq!((split.span.len(), split.rest.len()), (2, 1));
        assert!(rows.iter().all(|row| dot(row, &split.rest[0]).abs() < 1e-15));
        assert_eq!(Split::of([], 2).rest.len(), 2);
    }
}
