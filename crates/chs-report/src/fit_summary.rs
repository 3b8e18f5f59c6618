//! What a fit came to, as a report shows it.

/// The result of a fit: the weights it learned, and whether they may leave the house.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitSummary {
    /// How the weights were found: `constrained`, `logistic`, `prior`.
    pub estimator: String,
    /// Strength of the pull toward the prior weights; `None` where nothing pulled.
    pub lambda: Option<f64>,
    /// What `range` of a weight is, in words: `range over 200 resamples of accounts`.
    pub range_is: String,
    /// Weights in the order of the scorecard.
    pub weights: Vec<FittedWeight>,
    /// Gates in the order in which they were asked.
    pub gates: Vec<GateOutcome>,
    /// Why no model left the fit, in whole sentences; empty where one did.
    pub refusals: Vec<String>,
    /// The fitted score first, then its rivals, all out of time.
    pub out_of_time: Vec<OutOfTimeRow>,
}

/// One indicator's weight, in percent of the score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FittedWeight {
    /// Name of the indicator.
    pub indicator: String,
    /// Weight of the prior scorecard.
    pub prior: f64,
    /// Weight that was fitted.
    pub fitted: f64,
    /// Lower and upper bound of the fitted weight; `None` where it has none.
    pub range: Option<(f64, f64)>,
}

/// A condition that a model has to meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GateOutcome {
    /// Its name, such as `lift_at_risk`.
    pub name: String,
    /// `pass`, `fail`, `waived` or `not_evaluated`.
    pub outcome: String,
    /// What was held against the threshold, mostly the bound of an interval.
    pub bound: Option<f64>,
    /// What it had to reach.
    pub threshold: Option<f64>,
    /// One sentence with the figures.
    pub sentence: String,
}

/// One score on the rows that no fit had seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutOfTimeRow {
    /// Name of the score.
    pub score: String,
    /// Same-day AUC.
    pub auc: FitFigure,
    /// Log loss of its probability.
    pub log_loss: FitFigure,
    /// AUC of the fitted score minus that of this one; `None` for the fitted score itself.
    pub auc_difference: Option<FitFigure>,
    /// Log loss of the fitted score minus that of this one; below 0 the fitted one is better.
    pub log_loss_difference: Option<FitFigure>,
}

/// A figure with its interval, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitFigure {
    /// The figure.
    pub estimate: Option<f64>,
    /// Lower and upper bound.
    pub bounds: Option<(f64, f64)>,
    /// Why there is no figure or no interval, or what to know about it.
    pub reason: Option<String>,
}
