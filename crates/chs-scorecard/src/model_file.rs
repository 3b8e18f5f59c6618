//! The model file `*.chs.json`: read, verified, sealed, written.
//!
//! A file says everything that scoring needs and carries the evidence for it: where the model comes from,
//! what held-out data said, the distributions that drift is measured against. It tests itself: two
//! digests tell a changed model and changed evidence, and golden records hold every implementation to the
//! same results.
//!
//! [`ModelFile::read`] gives no model before text, types, rules, digests and every golden record have been
//! checked. [`ModelFile::seal`] is the only way to make a file, and lets nothing through that `read` would
//! refuse. [`v1`] holds the types as they are written, [`model_schema`] their JSON Schema.
//!
//! ```no_run
//! use chs_scorecard::{Input, ModelFile};
//!
//! let file = ModelFile::read(&std::fs::read("model.chs.json")?)?;
//! let scored = file.model().score(&[Input::Number(12.0), Input::Missing], None, None);
//! println!("{:?}", scored.probability);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod v1;

mod error;
mod evidence;

mod json_path;
mod strict_json;
mod typed;

mod read_model;
mod wire_model;

mod digest;
mod golden;
mod privacy;
mod replay;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Map, Value};

pub use error::{ModelFileError, ModelFileErrorKind};
pub use evidence::{REQUIRED_GATES, SMALLEST_CELL};

use crate::calibration::ProbabilityCurve;
use crate::model::Model;
use digest::canonical_digest;
use v1::{Digests, Document, FORMAT, FORMAT_VERSION};

/// A probability that is no logistic one: an older reader refuses the file instead of reading it wrong.
const ISOTONIC_CALIBRATION: &str = "isotonic_calibration";

/// What a model file is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelParts {
    /// The model.
    pub model: Model,
    /// More about inputs, by name of the indicator.
    pub inputs: BTreeMap<String, InputNote>,
    /// Where it comes from.
    pub provenance: v1::Provenance,
    /// What held-out data said.
    pub validation: v1::Validation,
    /// Frozen distributions of the score and of each indicator.
    pub reference: v1::Reference,
    /// What it is for.
    pub model_card: v1::ModelCard,
    /// What others add.
    pub extensions: Map<String, Value>,
    /// Ids of the accounts behind the evidence: none may stand in the file. They are not written.
    pub account_ids: BTreeSet<String>,
}

/// What there is to know of an input beyond its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputNote {
    /// Unit of a number, for readers.
    pub unit: Option<String>,
    /// Smallest and largest number to expect; those outside are scored all the same.
    pub valid_range: Option<(f64, f64)>,
}

/// A verified model file.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    model: Model,
    document: Document,
}

impl ModelFile {
    /// Read a file and verify all of it.
    ///
    /// # Errors
    ///
    /// The first [`ModelFileError`], with the JSON path of its place, in this order: the text (UTF-8, at
    /// most 16 MiB, 64 levels, 100,000 elements per array or object, 64 KiB per string, no key twice, no
    /// number that a double does not hold), format and version, keys and types, rules, gates, digests,
    /// golden records.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelFileError> {
        let value = strict_json::parse(bytes)?;
        check_format(&value)?;
        let document: Document = typed::typed(&value)?;
        let model = check(&document, &value)?;
        for (name, written, computed) in [
            ("model", &document.digests.model, model_digest(&value)?),
            ("document", &document.digests.document, document_digest(&value)?),
        ] {
            if *written != computed {
                return Err(ModelFileError::new(
                    ModelFileErrorKind::Digest,
                    format!("$.digests.{name}"),
                    difference(name, &computed, replay::replay(&model, &document.verification)),
                ));
            }
        }
        replay::replay(&model, &document.verification)?;
        Ok(Self { model, document })
    }

    /// Make a file of parts: golden records and digests are added, then everything is checked that
    /// [`ModelFile::read`] checks.
    ///
    /// # Errors
    ///
    /// A [`ModelFileError`] with the path that the place would have: a gate that is absent, failed or
    /// not evaluated, evidence that contradicts itself or the model, an address or account id, a number
    /// that is not finite.
    pub fn seal(parts: ModelParts) -> Result<Self, ModelFileError> {
        let verification = golden::verification(&parts.model);
        let mut document = Document {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION.to_owned(),
            required_features: features_of(&parts.model),
            model: wire_model::to_wire(&parts.model, &parts.inputs),
            provenance: parts.provenance,
            validation: parts.validation,
            reference: parts.reference,
            model_card: parts.model_card,
            verification,
            digests: Digests { model: String::new(), document: String::new() },
            extensions: parts.extensions,
        };
        if let Some(name) = parts.inputs.keys().find(|name| {
            !parts.model.scorecard().indicators().any(|indicator| indicator.name == **name)
        }) {
            let message = format!("a note on `{name}`, which is no indicator");
            return Err(ModelFileError::new(
                ModelFileErrorKind::Meaning,
                "$.model.inputs",
                message,
            ));
        }
        privacy::check_account_ids(&document, &parts.model, &parts.account_ids)?;
        let value = json(&document)?;
        document.digests =
            Digests { model: model_digest(&value)?, document: document_digest(&value)? };
        let sealed = Self::read(text(&document)?.as_bytes())?;
        // What is read back is what was given; a number that is not finite was written as null.
        if sealed.model == parts.model && sealed.document == document {
            Ok(sealed)
        } else {
            let message = "does not read back as it was given; expected finite numbers";
            Err(ModelFileError::new(ModelFileErrorKind::Meaning, "$", message))
        }
    }

    /// The model, ready to score.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Everything that the file says.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Write the file: indented JSON with a last newline, the same bytes for the same parts.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn write_to(&self, mut writer: impl Write) -> io::Result<()> {
        let text = text(&self.document).map_err(io::Error::other)?;
        writer.write_all(text.as_bytes())
    }
}

/// The JSON Schema (2020-12) of a model file, in its newest version.
pub fn model_schema() -> Value {
    schemars::schema_for!(Document).to_value()
}

/// Rules of the document, whoever made it.
fn check(document: &Document, value: &Value) -> Result<Model, ModelFileError> {
    let model = read_model::from_wire(&document.model)?;
    let features = features_of(&model);
    if document.required_features != features {
        let message = format!("expected {features:?}, what the model needs");
        return Err(ModelFileError::new(
            ModelFileErrorKind::Meaning,
            "$.required_features",
            message,
        ));
    }
    evidence::check(document, &model)?;
    privacy::check_addresses("$", value)?;
    Ok(model)
}

/// Format, version and features, before anything else is read.
fn check_format(value: &Value) -> Result<(), ModelFileError> {
    let refused = |path: &str, message: String| {
        Err(ModelFileError::new(ModelFileErrorKind::Format, path, message))
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if text("format") != Some(FORMAT) {
        return refused("$.format", format!("no model file; expected \"format\": \"{FORMAT}\""));
    }
    match text("format_version") {
        Some(FORMAT_VERSION) => {}
        Some(other) => {
            let message = format!(
                "format version {}; this release reads {FORMAT_VERSION}",
                json_path::excerpt(other)
            );
            return refused("$.format_version", message);
        }
        None => return refused("$.format_version", "no format version".to_owned()),
    }
    let features = value.get("required_features").and_then(Value::as_array);
    let mut features = features.into_iter().flatten().enumerate();
    match features.find(|(_, own)| own.as_str() != Some(ISOTONIC_CALIBRATION)) {
        None => Ok(()),
        Some((index, feature)) => refused(
            &format!("$.required_features[{index}]"),
            format!(
                "{feature}; beyond the format this release knows `{ISOTONIC_CALIBRATION}` alone"
            ),
        ),
    }
}

/// What a reader has to know beyond the format.
fn features_of(model: &Model) -> Vec<String> {
    match model.calibration().curve {
        ProbabilityCurve::Logistic { .. } => Vec::new(),
        ProbabilityCurve::Isotonic { .. } => vec![ISOTONIC_CALIBRATION.to_owned()],
    }
}

fn model_digest(document: &Value) -> Result<String, ModelFileError> {
    canonical_digest(document.get("model").unwrap_or(&Value::Null))
}

fn document_digest(document: &Value) -> Result<String, ModelFileError> {
    let mut document = document.clone();
    if let Value::Object(object) = &mut document {
        object.shift_remove("digests");
    }
    canonical_digest(&document)
}

/// What a digest that differs means, with the first golden record that shows it.
fn difference(name: &str, computed: &str, replayed: Result<(), ModelFileError>) -> String {
    let what = if name == "model" { "the model" } else { "the evidence or the golden records" };
    let shown = match replayed {
        Ok(()) => "no golden record shows it".to_owned(),
        Err(error) => format!("first difference at {error}"),
    };
    format!("the content gives {computed}: {what} changed after sealing; {shown}")
}

fn json(document: &Document) -> Result<Value, ModelFileError> {
    serde_json::to_value(document).map_err(|error| not_written(&error))
}

fn text(document: &Document) -> Result<String, ModelFileError> {
    let mut text = serde_json::to_string_pretty(document).map_err(|error| not_written(&error))?;
    text.push('\n');
    Ok(text)
}

fn not_written(error: &serde_json::Error) -> ModelFileError {
    let message = format!("no JSON can be made of it: {error}");
    ModelFileError::new(ModelFileErrorKind::Json, "$", message)
}
