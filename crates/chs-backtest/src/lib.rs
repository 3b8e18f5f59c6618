//! Does a health score mean anything? Panel and scorecards in, [`Evaluation`] out.
//!
//! [`evaluate`] takes a panel with labels, hand-made scorecards, and the scores that the panel recorded
//! of other systems, and answers for each of them how well it ranks, whether the probability that it
//! carries holds, and what its bands mean, beside trivial baselines on the same rows. The order of the
//! work is the order of the modules:
//!
//! 1. *sufficiency*: what the history can carry, before anything is said;
//! 2. *score*: every row of the panel, from what was known then;
//! 3. *forecast*: at each snapshot a logistic model of the outcomes settled by then turns the score into
//!    a probability; in a cross-section one of the other accounts; no row is in the fit that made its own;
//! 4. *figures*: pooled, per snapshot, averaged over snapshots, per segment level; every one with an
//!    interval by account, or the reason why not;
//! 5. *bands*, *reliability*, *distribution*, *comparisons* and *baselines*;
//! 6. *signals*, one tear sheet per indicator; *same rate*, whether a score means the same everywhere;
//!    *sensitivity*, how much hangs on what was decided about the score; *drift*, whether it stays as it was;
//!    *decision*, what acting on it is worth and where its edge would lie;
//! 7. *findings* and the *verdict*, decided on interval bounds;
//! 8. *questions*: what the findings answer, one by one.
//!
//! [`audit_leaks`] asks the other way round: whether an indicator knows what nobody could have known.
//!
//! Nothing here reads a file or a clock: the same panel, scorecards and [`Settings`] give the same bits
//! on any number of threads. [`backtest_json`] is what is written and read; domain types stay apart.

#[cfg(test)]
mod anatomy_laws;
pub mod backtest_json;
mod band_table;
mod baselines;
mod calibration;
mod challenger;
mod classes;
mod comparison;
mod conclude;
mod decision;
mod distribution;
mod drift;
mod evaluate;
mod evaluation;
mod figures;
mod findings;
mod forecast;
mod leaks;
mod life;
mod metric;
mod over_snapshots;
mod predictions;
mod probability;
mod questions;
mod reliability;
mod resampling;
mod same_rate;
mod sample;
mod score;
mod segment_spread;
mod sensitivity;
mod settings;
mod shipping;
mod signals;
mod sufficiency;
mod tally;
mod verdict;
mod within_logit;
mod wording;

pub use backtest_json::backtest_schema;
pub use calibration::{CURVE_FLOOR, CalibrationLevel};
pub use challenger::{AUC_MARGIN, Standing};
pub use decision::{Decision, EdgeChoice, EdgeGround};
pub use distribution::ScoreBin;
pub use drift::{DistributionShift, Drift};
pub use evaluate::{OutOfFold, evaluate, evaluate_out_of_fold};
pub use evaluation::{
    BandRow, BandStep, BandTable, Baseline, BaselineResult, CandidateKind, CandidateResult,
    Comparison, Evaluation, FloorCheck, Monotone, RowStates, ScoreCoverage, Scores, SegmentCounts,
    Sufficiency,
};
pub use findings::{RULES, rule};
pub use forecast::{ACCOUNT_FOLDS, Scheme, account_fold};
pub use leaks::{
    AUDIT_LEVEL, BlankCells, EventTimeImpact, FutureEvidence, LEAK_RULES, LeakAudit, LeakEvidence,
    SourceTraces, audit_leaks,
};
pub use life::{
    AlertPolicy, Anchored, AnchoredOffset, Interventions, LargestAccount, Life, Migration,
    MigrationRow, MissedAccount, Misses, PolicyResult, Portfolio, PortfolioPart, PortfolioStep,
    ValueWeighted, WarningClock, WarningPoint, WarningTime,
};
pub use metric::{Counts, Method, Metric, Slice};
pub use predictions::{PredictionValues, Predictions};
pub use questions::{Question, Reply};
pub use reliability::ReliabilityBin;
pub use same_rate::{Alike, FarthestLevel, SameRate};
pub use score::{score_columns, scorecard_at};
pub use sensitivity::{STALE_DAYS, Sensitivity, Variant, VariantKind};
pub use settings::{BacktestError, Settings};
pub use shipping::{BandMove, Shipping};
pub use signals::{CORRELATED, Direction, Signal, SignalGroup};
pub use sufficiency::{AUC_FLOOR, BOOTSTRAP_BELOW, CALIBRATION_FLOOR, TRAINING_FLOOR};
pub use verdict::{Answer, Verdict};
