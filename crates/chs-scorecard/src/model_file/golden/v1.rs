//! Version 1.0 of the golden records in a model file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records that every implementation has to reproduce; synthetic, never an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// How far a result may lie from what is expected.
    pub tolerances: Tolerances,
    /// Inputs with everything that is expected of them.
    pub records: Vec<Record>,
    /// Scores with their band and probability.
    pub scores: Vec<ScoreRecord>,
}

/// How far a result may lie from what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerances {
    /// Of scores, sub-scores and coverage, absolute: 0, the same bits.
    pub score: f64,
    /// Of drivers, absolute, in points.
    pub drivers: f64,
    /// Of probabilities, relative.
    pub probability: f64,
}

/// Inputs and what is expected of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it tests.
    pub name: String,
    /// Number, word or null per input.
    pub inputs: BTreeMap<String, Cell>,
    /// Level of the segment column.
    pub segment: Option<String>,
    /// The earlier score.
    pub previous: Option<PreviousScore>,
    /// What is expected.
    pub expected: Expected,
}

/// The value of an input.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing.
    Missing,
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
}

/// The earlier score of an account.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousScore {
    /// The score.
    pub score: f64,
    /// Its age in days.
    pub age_days: u32,
}

/// What is expected of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The score; null where there is none.
    pub score: Option<f64>,
    /// Why there is none: `nothing_observed`, or `rejected: INDICATOR`.
    pub reason: Option<String>,
    /// Share of the weight that was observed.
    pub coverage: f64,
    /// Name of the band after the trend rules.
    pub band: Option<String>,
    /// `improving`, `stable`, `declining`; null without an earlier score of the right age.
    pub trend: Option<String>,
    /// Probability of the outcome.
    pub probability: Option<f64>,
    /// Sub-scores by indicator.
    pub sub_scores: BTreeMap<String, Option<f64>>,
    /// Sub-scores by component.
    pub components: BTreeMap<String, Option<f64>>,
    /// Contributions, largest first by size, ties in declared order, without zeros.
    pub drivers: Vec<Driver>,
}

/// A contribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Driver {
    /// Reason code of the indicator.
    pub reason_code: String,
    /// Points.
    pub points: f64,
}

/// A score with its band and probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreRecord {
    /// The component whose bands are meant; null for those of the score.
    pub component: Option<String>,
    /// The score or the component's sub-score.
    pub score: f64,
    /// Name of its band.
    pub band: String,
    /// Probability of the outcome; null for a component.
    pub probability: Option<f64>,
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Cell;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a number, a word or null")
            }

            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell::Missing)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell::Number(number))
            }

            fn visit_str<E>(self, word: &str) -> Result<Cell, E> {
                Ok(Cell::Text(word.to_owned()))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
