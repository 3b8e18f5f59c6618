//! What a backtest is told, and what it refuses.

use chs_stats::Bootstrap;

/// How a backtest is run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Name of the label; the panel's first where `None`.
    pub label: Option<String>,
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure, at least 100.
    pub replicates: usize,
    /// Confidence level of every interval, between 0.5 and 1.
    pub level: f64,
    /// Indicator that counts the days since the last activity, for the recency baseline.
    pub recency_indicator: Option<String>,
    /// Indicator that counts the days since the start, for the tenure baseline.
    pub tenure_indicator: Option<String>,
    /// Indicators that carry forward a value that ages, such as the answer to the last survey.
    pub carried_indicators: Vec<String>,
    /// Indicators that tell a change rather than a level.
    pub trend_indicators: Vec<String>,
    /// Indicator that counts what was done for an account, for the false alarms and the interventions.
    pub touched_indicator: Option<String>,
    /// Consecutive readings in the alert band that start an alert, and above it that end one; at least 1.
    pub consecutive: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            label: None,
            seed: 1,
            replicates: 1_000,
            level: 0.95,
            recency_indicator: None,
            tenure_indicator: None,
            carried_indicators: Vec::new(),
            trend_indicators: Vec::new(),
            touched_indicator: None,
            consecutive: 2,
        }
    }
}

impl Settings {
    pub(crate) fn bootstrap(&self) -> Bootstrap {
        Bootstrap { replicates: self.replicates, seed: self.seed, level: self.level }
    }

    pub(crate) fn check(&self) -> Result<(), BacktestError> {
        if self.replicates < 100 {
            return Err(BacktestError::Settings {
                name: "replicates",
                expected: "at least 100: an interval is read off their tails",
            });
        }
        if self.consecutive == 0 {
            return Err(BacktestError::Settings {
                name: "consecutive",
                expected: "at least 1 reading: an alert starts at one",
            });
        }
        if !(self.level > 0.5 && self.level < 1.0) {
            return Err(BacktestError::Settings {
                name: "level",
                expected: "a confidence level between 0.5 and 1, such as 0.95",
            });
        }
        Ok(())
    }
}

/// Why there is no backtest. A history that is too short is none of these: it is a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// A setting is out of range.
    #[error("setting `{name}` is out of range; expected {expected}")]
    Settings {
        /// Its name.
        name: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// The panel has no row.
    #[error(
        "the panel has no row; expected one per account and snapshot; check `[snapshots]` against the dates of the accounts"
    )]
    EmptyPanel,
    /// There is neither a scorecard nor a recorded score.
    #[error("there is nothing to test; expected a scorecard or a recorded score in the panel")]
    NoCandidate,
    /// The panel has no label of that name.
    #[error("the panel has no label `{name}`; it has {known}")]
    UnknownLabel {
        /// The name that was asked for.
        name: String,
        /// Names of the panel, for a message.
        known: String,
    },
    /// The panel has no label at all.
    #[error(
        "the panel has no label; expected one in `[labels]`, for without outcomes no score can be tested"
    )]
    NoLabel,
    /// The panel lacks an indicator.
    #[error(
        "scorecard `{scorecard}` reads indicator `{indicator}`, which the panel does not have; declare it in `[indicators]` or take it out of the scorecard"
    )]
    UnknownIndicator {
        /// Who asks for it.
        scorecard: String,
        /// Its name.
        indicator: String,
    },
    /// A baseline asks for an indicator that the panel lacks or that is no number.
    #[error(
        "the {baseline} baseline reads indicator `{indicator}`, which the panel does not have as a number"
    )]
    BaselineIndicator {
        /// Which baseline.
        baseline: &'static str,
        /// Name of the indicator.
        indicator: String,
    },
    /// The indicator of interventions is not in the panel or is no number.
    #[error(
        "`touched` names indicator `{indicator}`, which the panel does not have as a number; name one that counts what was done for an account"
    )]
    TouchedIndicator {
        /// Name of the indicator.
        indicator: String,
    },
    /// An indicator is a number where words are mapped, or the other way round.
    #[error(
        "scorecard `{scorecard}` expects {expected} in indicator `{indicator}`; the panel has the other kind"
    )]
    IndicatorType {
        /// Who asks for it.
        scorecard: String,
        /// Its name.
        indicator: String,
        /// `numbers` or `words`.
        expected: &'static str,
    },
    /// A percentile has no reference distribution.
    #[error(
        "scorecard `{scorecard}` ranks by percentile against earlier snapshots, which a cross-section does not have; write `poor` and `good`, or the ranks you know as `knots`"
    )]
    NotFrozen {
        /// Its name.
        scorecard: String,
    },
    /// Two candidates share a name, or one is named like a baseline.
    #[error("two scores are named `{name}`; rename one, for results are told apart by name")]
    Name {
        /// The name.
        name: String,
    },
}
