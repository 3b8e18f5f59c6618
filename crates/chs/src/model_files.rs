//! Reading model files.

use std::fs;
use std::path::Path;

use chs_scorecard::ModelFile;

use crate::Error;
use crate::project_file::shown;

/// Read and verify a model file; its bytes beside it.
///
/// # Errors
///
/// [`Error::Unreadable`], or [`Error::Model`] with the first difference.
pub fn read_model(path: &Path) -> Result<(ModelFile, Vec<u8>), Error> {
    let bytes = fs::read(path).map_err(|source| Error::Unreadable {
        path: path.to_owned(),
        expected: "a model file such as `chs fit` writes",
        source,
    })?;
    let model = ModelFile::read(&bytes)
        .map_err(|source| Error::Model { file: shown(path), source: Box::new(source) })?;
    Ok((model, bytes))
}

/// How many golden records a model file holds.
pub fn golden_records(model: &ModelFile) -> usize {
    let verification = &model.document().verification;
    verification.records.len() + verification.scores.len()
}
