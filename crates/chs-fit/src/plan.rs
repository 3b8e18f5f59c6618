//! What a fit would do, before it is done.

use chs_backtest::Scheme;
use chs_panel::Panel;
use chs_scorecard::Scorecard;

use crate::fit::data;
use crate::folds::inner;
use crate::history::History;
use crate::out_of_time::split;
use crate::progress::Progress;
use crate::selection::{MOST_ORIGINS, STRENGTHS};
use crate::{DataUsed, Estimator, FitError, FitSettings, Weights};

/// What a fit would learn from, how it would hold rows out, and how many problems it would solve.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FitPlan {
    /// Name of the scorecard.
    pub scorecard: String,
    /// Name of the label.
    pub label: String,
    /// Its indicators.
    pub indicators: usize,
    /// The rows that would teach.
    pub data: DataUsed,
    /// How rows would be held out for the evidence.
    pub scheme: Scheme,
    /// Where everything would be learned again.
    pub folds: Vec<PlannedFold>,
    /// Constrained regressions to solve: the paths of lambda on all rows and in every fold, the
    /// resamples; none for the prior's weights.
    pub fits: usize,
}

/// One fold of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedFold {
    /// The day whose knowledge it would have; none where accounts are split.
    pub origin: Option<jiff::civil::Date>,
    /// Rows that it would learn from.
    pub training_rows: usize,
    /// Accounts with an event among them.
    pub training_event_accounts: usize,
    /// Rows that it would be tested on.
    pub test_rows: usize,
}

/// The plan of a [`fit`](crate::fit()): nothing is learned.
///
/// # Errors
///
/// [`FitError`] where panel, label, scorecard and settings do not fit together.
pub fn plan(panel: &Panel, prior: &Scorecard, settings: &FitSettings) -> Result<FitPlan, FitError> {
    let history = History::new(panel, prior, settings, Progress::untold())?;
    let (scheme, folds) = split(&history);
    let solved = |rows: &[usize]| match (settings.weights, settings.estimator, settings.lambda) {
        (Weights::Prior, ..) => 0,
        (_, Estimator::Logistic, _) | (.., Some(_)) => 1,
        _ => {
            let (_, inner) = inner(&history, rows, MOST_ORIGINS);
            (1 + inner.len()) * STRENGTHS.unsigned_abs() as usize
        }
    };
    let fits: usize = folds.iter().map(|fold| solved(&fold.training)).sum();
    let of_all = solved(&history.rows);
    let resamples = if of_all > 0 { settings.resamples } else { 0 };
    Ok(FitPlan {
        scorecard: prior.name().to_owned(),
        label: history.label.definition.name.clone(),
        indicators: prior.indicators().count(),
        data: data(&history),
        scheme,
        folds: folds
            .iter()
            .map(|fold| PlannedFold {
                origin: fold.origin,
                training_rows: fold.training.len(),
                training_event_accounts: history.accounts_with(&fold.training, true),
                test_rows: fold.test.len(),
            })
            .collect(),
        fits: fits + of_all + resamples,
    })
}
