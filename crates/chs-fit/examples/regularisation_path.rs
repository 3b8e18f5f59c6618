//! The regularisation path of a folder of rows, for the bench in `tests/benches/fit`.
//!
//! ```text
//! regularisation_path FOLDER
//! ```
//!
//! Reads `x.bin` (row after row, little-endian doubles), `y.bin` (a byte per row) and `lambdas.json`;
//! row r is in fold r % 5. Writes `chs.json`: objective and coefficients per lambda, the worst residual.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use chs_fit::{ConstrainedLogistic, Solution};
use linfa::{Dataset, ParamGuard as _};
use ndarray::{Array1, Array2};
use serde_json::json;

const FOLDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("expected a folder")?);
    let label = Array1::from_iter(fs::read(folder.join("y.bin"))?.into_iter().map(|own| own == 1));
    let bytes = fs::read(folder.join("x.bin"))?;
    let values: Vec<f64> =
        bytes.as_chunks::<8>().0.iter().map(|own| f64::from_le_bytes(*own)).collect();
    drop(bytes);
    let lambdas: Vec<f64> = serde_json::from_slice(&fs::read(folder.join("lambdas.json"))?)?;
    let (rows, width) = (label.len(), values.len() / label.len());
    let dataset = Dataset::new(Array2::from_shape_vec((rows, width), values)?, label);
    let fold: Vec<usize> = (0..rows).map(|row| row % FOLDS).collect();
    let ridge = ConstrainedLogistic::new().prior(vec![0.0; width]).check()?;
    let path = ridge.path(&dataset, &lambdas, &fold)?;
    let of = |own: &Solution| {
        json!({ "objective": own.objective, "intercept": own.intercept,
        "coefficients": own.coefficients, "steps": own.certificate.steps })
    };
    let all = || path.solutions.iter().chain(path.folds.iter().flat_map(|own| &own.solutions));
    let found = json!({
        "solutions": path.solutions.iter().map(of).collect::<Vec<_>>(),
        "losses": path.folds.iter().map(|own| own.losses.clone()).collect::<Vec<_>>(),
        "worst_residual": all().map(|own| own.certificate.residual).fold(0.0, f64::max),
        "most_steps": all().map(|own| own.certificate.steps).max(),
    });
    fs::write(folder.join("chs.json"), serde_json::to_string(&found)?)?;
    Ok(())
}
