//! Learn weights, probability and bands under a team's constraints; show that they hold, or refuse.
//!
//! [`fit`] takes a panel with labels and a scorecard, the prior, and ends in a [`FitOutcome`]: a
//! [`Validated`] model, the only thing that has parts for a model file, or a [`Refusal`] with its
//! reasons. Both carry the same [`FitReport`]. The order of the work is the order of the modules:
//!
//! 1. *the constrained logistic regression*: no weight below zero, shares within their bounds, drawn to
//!    the prior's direction; solved by proximal Newton with a certificate, and offered behind the traits
//!    of `linfa` as [`ConstrainedLogistic`];
//! 2. *selection*: how strongly it is drawn, chosen by rolling origins;
//! 3. *rounding, calibration, edges*: whole percents, a probability of the score as the scorer computes
//!    it, bands that end at whole points;
//! 4. *out of time*: all of this again at each origin of the holdout, tested on what came after, against
//!    the prior, recorded scores and baselines;
//! 5. *gates* on interval bounds, which fail closed;
//! 6. *further questions*, answered beside: whether an older model's probability still holds, whether
//!    indicators of change help, whether segments need weights or edges of their own, and where events are
//!    few what the fit flatters.
//!
//! Nothing here reads a file or a clock: the same panel, prior and [`FitSettings`] give the same bits on
//! any number of threads. [`fit_json`] is what is written and read.

mod dense;

mod cone;
mod quadratic;

mod rows;
mod solve;

mod elimination;
mod path;

mod estimator;

mod settings;

mod history;
mod scales;

mod folds;
mod selection;

mod rounding;

mod calibration;
mod edge_doubt;
mod edges;

mod learn;
mod reference;

mod keeping;
mod optimism;
mod stability;
mod trends;

mod out_of_time;

mod gates;

mod recalibration;
mod segments;

mod progress;

mod evidence;
mod fit;
pub mod fit_json;
mod outcome;
mod plan;
mod report;

pub use chs_backtest::Scheme;
pub use chs_scorecard::{BandRule, Waiver};
pub use cone::{ShareBound, ShareOrder};
pub use estimator::{
    ConstrainedLogistic, EstimatorError, FittedConstrainedLogistic, ValidConstrainedLogistic,
};
pub use fit::{fit, fit_told};
pub use fit_json::fit_schema;
pub use gates::{Gate, GateStatus};
pub use learn::Unlearnable;
pub use optimism::{Corrected, Optimism};
pub use out_of_time::FoldReport;
pub use outcome::{FitOutcome, Refusal, Validated};
pub use path::{FoldPath, RegularisationPath};
pub use plan::{FitPlan, PlannedFold, plan};
pub use recalibration::{OldModel, Recalibration};
pub use report::{BandsReport, DataUsed, EdgeRow, FitReport, Reason, RoundingReport, WeightRow};
pub use rounding::Rounding;
pub use segments::{LevelEdges, LevelWeights, SegmentFit};
pub use selection::{PathPoint, Selection};
pub use settings::{Estimator, FitError, FitSettings, Weights};
pub use solve::{Certificate, Solution};
pub use trends::TrendTest;
