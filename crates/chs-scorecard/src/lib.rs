//! Health scores from scorecards: what a production scorer embeds.
//!
//! A scorecard is a weighted list of indicators. Each value becomes a sub-score from 0 (poor) to 100
//! (good) by its normalisation; the score is the weighted mean of the sub-scores that are available, and
//! falls into a band. Everything is plain `f64` in a stated order, so that the same scorecard gives the
//! same bits wherever it is computed.
//!
//! ```
//! use chs_scorecard::{Input, Scorecard};
//!
//! let text = r#"
//!     spec_version = 1
//!     name = "first"
//!     version = "0.1.0"
//!     [components.activity]
//!     weight = 100
//!     indicators = [
//!       { name = "logins_30d", weight = 3, poor = 0, good = 20 },
//!       { name = "days_since_login", poor = 30, good = 10 },
//!     ]
//! "#;
//! let scorecard = Scorecard::from_toml("scorecard.toml", text)?;
//! let scored = scorecard.score(&[Input::Number(12.0), Input::Missing]);
//! assert_eq!(scored.score.map(|score| score.get()), Some(60.0));
//! assert_eq!(scored.band.map(|band| scorecard.bands()[band].name.as_str()), Some("attention"));
//! assert_eq!(scored.coverage, 0.75);
//! # Ok::<(), chs_toml::Mistakes>(())
//! ```
//!
//! [`Scorecard::score`] takes one account, [`Scorecard::score_columns`] many; no input makes them panic.
//! [`Scored::drivers`] and [`Scorecard::change`] say what a score and its change are made of,
//! [`Scorecard::read_trend`] where it is going. [`Scorecard::from_toml`] reads the file that people write
//! and reports all its mistakes at once; [`scorecard_schema`] describes that file to editors.
//!
//! A [`Model`] is a scorecard with what training adds: the probability of an outcome, and the reference
//! sub-scores that drivers are measured against. [`ModelFile`] reads it from the file that releases are
//! made of, after verifying all of it; [`model_schema`] describes that file. [`Scorecard::actions_due`]
//! says what a score calls for.

mod health_score;
mod normalisation;

mod band;
mod component;
mod policy;
mod scorecard;

mod score;

mod columns;
mod drivers;
mod percentile;
mod trend;

mod actions_due;
mod calibration;
mod model;
pub mod model_file;

mod fault;
mod scorecard_toml;

#[cfg(test)]
mod laws;

pub use actions_due::{ActionCaller, ActionDue};
pub use band::{Action, Band};
pub use calibration::{Calibration, OutcomePolarity, OutcomeProbability, ProbabilityCurve};
pub use columns::{InputColumn, ScoredColumns};
pub use component::{Category, Component, Indicator, Missing, Share};
pub use drivers::{Driver, DriverSource};
pub use health_score::{HealthScore, ScoreOutOfRange};
pub use model::{Model, ModelColumns, ModelFault, ModelScored, ModelScoredColumns};
pub use model_file::{ModelFile, ModelFileError, ModelParts, model_schema};
pub use normalisation::{Better, Bins, Knots, Normalisation};
pub use percentile::FreezeError;
pub use policy::{BandRule, Fit, GATES, Gates, Probability, Scales, ShareOrder, Waiver};
pub use score::{Input, NoScore, Scored};
pub use scorecard::Scorecard;
pub use scorecard_toml::scorecard_schema;
pub use trend::{Previous, Trend, TrendDirection, TrendReading, TrendRule};
