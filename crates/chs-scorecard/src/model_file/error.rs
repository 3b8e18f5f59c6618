//! Why a model file is refused.

use std::fmt;

use thiserror::Error;

/// A refusal: of a file that is read, or of parts that are sealed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelFileError {
    /// What was broken.
    pub kind: ModelFileErrorKind,
    /// JSON path of the place, `$` for the whole document (`$.model.bands[1].from`).
    pub path: String,
    /// Line and column in the text, from 1, where the text itself is broken.
    pub position: Option<(usize, usize)>,
    /// What is there and what was expected, a lower-case fragment.
    pub message: String,
}

/// What was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelFileErrorKind {
    /// The text is no strict JSON within the caps.
    Json,
    /// It is no model file, one of a newer format, or one that needs an unknown feature.
    Format,
    /// A key is missing or unknown, or a value has the wrong type.
    Schema,
    /// A value contradicts a rule or another value.
    Meaning,
    /// Something stands there that could name or count out an account.
    Privacy,
    /// A gate was not passed.
    Gate,
    /// A digest differs.
    Digest,
    /// The model gives another result than the file expects.
    Golden,
}

impl ModelFileError {
    pub(super) fn new(
        kind: ModelFileErrorKind,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, path: path.into(), position: None, message: message.into() }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self.kind {
            ModelFileErrorKind::Json => {
                "take an undamaged copy; model files are written by `chs fit`, never by hand"
            }
            ModelFileErrorKind::Format => {
                "use the release that wrote the file, or write the model anew with this one"
            }
            ModelFileErrorKind::Schema => {
                "take an undamaged copy, or write the model anew; what others add belongs under `extensions`"
            }
            ModelFileErrorKind::Meaning => {
                "correct the value at its source and write the model anew"
            }
            ModelFileErrorKind::Privacy => {
                "take it out: a model file holds no addresses, account ids or counts of few accounts"
            }
            ModelFileErrorKind::Gate => {
                "gather the evidence, or waive the gate with a reason and a date"
            }
            ModelFileErrorKind::Digest => {
                "the file was changed after it was written: take the original, or write the model anew"
            }
            ModelFileErrorKind::Golden => {
                "do not score with this file here: take the original, or the release that wrote it"
            }
        }
    }
}

impl fmt::Display for ModelFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path)?;
        if let Some((line, column)) = self.position {
            write!(formatter, " (line {line}, column {column})")?;
        }
        write!(formatter, ": {}", self.message)
    }
}
