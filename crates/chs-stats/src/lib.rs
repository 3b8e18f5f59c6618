//! Pure numbers on slices: how well a score ranks, whether its probabilities hold, how sure we can be.
//!
//! The functions know neither panels nor scorecards. They take columns of equal length, one entry
//! per row (an account at a snapshot), under three conventions:
//!
//! - **Orientation.** A HIGHER predictor announces label 1 (`true`). Whoever has a health score and
//!   an adverse label negates the score first. An AUC below 0.5 then means "points the wrong way".
//! - **Clusters.** Rows of one account are not independent. `cluster` holds the account's dense
//!   index (0, 1, 2, ...: vectors of that length are allocated), and every error is clustered by it.
//! - **Undefined is not a number.** One class, no row, an infinite loss: `None` or [`Undefined`],
//!   never 0, 0.5 or NaN. Values that come in are finite; columns of unequal length are a mistake
//!   of the caller and panic.
//!
//! Results are the same bits for any order of the rows and any number of threads: ranks are counted
//! in integers, and sums of reals are exact before they are rounded once ([`ExactSum`]), or run along a
//! sorted column ([`ordered_sum`]).
//!
//! ```
//! use chs_stats::{Observations, auc_pooled};
//!
//! let rows = Observations {
//!     predictor: &[0.1, 0.4, 0.35, 0.8],
//!     label: &[false, false, true, true],
//!     cluster: &[0, 1, 2, 3],
//! };
//! let auc = auc_pooled(&rows).expect("both classes are there");
//! assert!((auc.estimate - 0.75).abs() < 1e-15);
//! ```

mod sum;

mod distributions;

mod interval;

mod rank_order;

mod ranking;

mod comparisons;

mod discrimination;

mod outcome_order;

mod cholesky;

mod design_points;

mod logistic;

mod wald;

mod recalibration;

mod calibration;

mod lowess;

mod calibration_curve;

mod net_benefit;

mod proportion;

mod clustered_mean;

mod stability;

mod information_value;

mod correlation;

mod bootstrap;

#[cfg(test)]
mod laws;

pub use bootstrap::{
    Bootstrap, BootstrapInterval, cluster_bootstrap, cluster_replicates, quantile,
};
pub use calibration::{
    brier, brier_scaled, brier_scaled_weighted, brier_weighted, calibration_intercept,
    calibration_slope, certain_count, log_loss, log_loss_weighted,
};
pub use calibration_curve::{
    CalibrationErrors, CalibrationStep, CorpCurve, equal_mass_bins, smooth_calibration,
};
pub use clustered_mean::{ClusteredMean, clustered_mean, log_loss_difference};
pub use correlation::{pearson, spearman};
pub use discrimination::{
    Auc, Observations, auc_covariance_obuchowski, auc_decline, auc_difference, auc_pooled,
    auc_within, minimum_detectable_auc,
};
pub use information_value::{EvidenceBin, InformationValue, information, information_value};
pub use interval::{Difference, Estimate, Interval, degrees_of_freedom};
pub use logistic::{LogisticFit, LogisticRows, Undefined, logistic};
pub use lowess::lowess;
pub use net_benefit::{NetBenefit, net_benefit};
pub use outcome_order::{OutcomeOrder, Ranking, StratifiedOutcomes, Top};
pub use proportion::{
    ClusteredProportion, LabelledRows, clustered_proportion, jeffreys, proportion_difference,
};
pub use rank_order::RankOrder;
pub use ranking::{average_precision, capture_at, lift_at};
pub use recalibration::{ClosedTest, Update, UpdateRows, closed_test};
pub use stability::{Shift, StabilityIndex, population_stability, population_stability_of_values};
pub use sum::{ExactSum, exact_sum, ordered_sum};
pub use wald::WaldTest;
