//! Expected values, read from JSON.

use std::path::Path;

use serde_json::Value;

/// Why the expected values cannot be read.
pub(crate) type Failure = String;

/// A file of expected values, or a part of one.
#[derive(Clone)]
pub(crate) struct Oracle {
    value: Value,
    place: String,
}

impl Oracle {
    pub(crate) fn read(file: &str) -> Result<Self, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/stats");
        let text =
            std::fs::read_to_string(folder.join(file)).map_err(|e| format!("{file}: {e}"))?;
        let value = serde_json::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
        Ok(Self { value, place: file.to_owned() })
    }

    /// The value of a key.
    pub(crate) fn at(&self, key: &str) -> Result<Self, Failure> {
        let value = self.value.get(key).ok_or_else(|| format!("{}: no `{key}`", self.place))?;
        Ok(Self { value: value.clone(), place: format!("{}.{key}", self.place) })
    }

    /// The values of an array.
    pub(crate) fn each(&self) -> Result<Vec<Self>, Failure> {
        let values = self.value.as_array().ok_or_else(|| format!("{}: no array", self.place))?;
        let part = |(number, value): (usize, &Value)| Self {
            value: value.clone(),
            place: format!("{}[{number}]", self.place),
        };
        Ok(values.iter().enumerate().map(part).collect())
    }

    pub(crate) fn number(&self, key: &str) -> Result<f64, Failure> {
        self.at(key)?.value()
    }

    pub(crate) fn numbers(&self, key: &str) -> Result<Vec<f64>, Failure> {
        self.at(key)?.each()?.iter().map(Self::value).collect()
    }

    pub(crate) fn indices(&self, key: &str) -> Result<Vec<u32>, Failure> {
        let index = |part: &Self| {
            let found = part.value.as_u64().and_then(|number| u32::try_from(number).ok());
            found.ok_or_else(|| format!("{}: no index", part.place))
        };
        self.at(key)?.each()?.iter().map(index).collect()
    }

    pub(crate) fn labels(&self, key: &str) -> Result<Vec<bool>, Failure> {
        Ok(self.indices(key)?.into_iter().map(|label| label == 1).collect())
    }

    /// Version of a package that the values were made with.
    pub(crate) fn version(&self, package: &str) -> Result<String, Failure> {
        let version = self.at("made_with")?.at(package)?;
        let text = version.value.as_str().ok_or_else(|| format!("{}: no text", version.place))?;
        // R says "R version 4.2.2 Patched (date and revision)".
        let text = text.trim_start_matches("R version ");
        Ok(text.split(" (").next().unwrap_or(text).to_owned())
    }

    pub(crate) fn value(&self) -> Result<f64, Failure> {
        self.value.as_f64().ok_or_else(|| format!("{}: no number", self.place))
    }
}

/// A figure that has to be defined.
pub(crate) fn defined<T>(figure: Option<T>, what: &str) -> Result<T, Failure> {
    figure.ok_or_else(|| format!("{what}: not defined"))
}
