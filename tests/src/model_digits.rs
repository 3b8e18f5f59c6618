//! Each digit of the demo's model file is covered: changed, the file is refused.
//!
//! ```text
//! CHS_EVERY_DIGIT=1 cargo nextest run --release --workspace --no-capture -E 'test(model_digits)'
//! ```
//!
//! changes every digit in turn; without it one in [`STRIDE`] is changed, another one in each place of a
//! number.

use std::fs;

use chs::{MODEL_FILE, ModelFile, Settings, Unobserved};
use rayon::prelude::*;

/// A prime, so that it meets every kind of place.
const STRIDE: usize = 211;

/// What became of a file with another digit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused,
    /// The number with the other digit is the same double: nothing has changed.
    SameDouble,
    Unnoticed,
}

fn fate(model: &ModelFile, bytes: &[u8], position: usize) -> Fate {
    let mut changed = bytes.to_vec();
    changed[position] = b'0' + (changed[position] - b'0' + 1) % 10;
    match ModelFile::read(&changed) {
        Err(_) => Fate::Refused,
        Ok(read) if read.document() == model.document() => Fate::SameDouble,
        Ok(_) => Fate::Unnoticed,
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the count is read where every digit is asked for")]
fn a_digit_changed_is_a_file_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { replicates: 100, ..Settings::default() };
    chs::demo(folder.path(), &settings, &Unobserved).unwrap();
    let bytes = fs::read(folder.path().join(MODEL_FILE)).unwrap();
    let model = ModelFile::read(&bytes).unwrap();
    let stride = if std::env::var_os("CHS_EVERY_DIGIT").is_some() { 1 } else { STRIDE };
    let digits = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit());
    let positions: Vec<usize> = digits.step_by(stride).collect();
    let fates: Vec<Fate> = positions.par_iter().map(|at| fate(&model, &bytes, *at)).collect();
    let count = |kind: Fate| fates.iter().filter(|own| **own == kind).count();
    let unnoticed = positions.iter().zip(&fates).find(|(_, own)| **own == Fate::Unnoticed);
    let unnoticed = unnoticed.map(|(at, _)| {
        String::from_utf8_lossy(&bytes[at.saturating_sub(60)..bytes.len().min(at + 20)])
    });
    eprintln!(
        "{} digits changed: {} refused, {} the same double",
        positions.len(),
        count(Fate::Refused),
        count(Fate::SameDouble)
    );
    assert_eq!(unnoticed, None);
    // Only the seventeenth digit of a number can be redundant.
    assert!(50 * count(Fate::SameDouble) < positions.len(), "the digest covers what is written");
}
