//! Whether indicators of change add anything beside those of level.

use chs_stats::Estimate;
use rayon::prelude::*;

use crate::cone::Shares;
use crate::folds::inner;
use crate::rows::Rows;
use crate::selection::{HeldOut, MOST_ORIGINS, Training};
use crate::solve::Problem;
use crate::{EstimatorError, FitError};

/// The fit with and without the scorecard's indicators of change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrendTest {
    /// Names of the indicators of change.
    pub indicators: Vec<String>,
    /// Held-out log loss with them less that without, in nats per row: below 0 they help. None where
    /// nothing is left without them, or nothing could be held out.
    pub difference: Option<Estimate>,
}

impl TrendTest {
    /// What the figures say, in one sentence.
    pub fn sentence(&self) -> String {
        let names: Vec<String> = self.indicators.iter().map(|own| format!("`{own}`")).collect();
        let names = names.join(", ");
        match self.difference.map(|own| own.interval) {
            None => format!(
                "whether change ({names}) helps beside the levels cannot be told: folds, and weights \
                 without it, are needed"
            ),
            Some(own) if own.upper < 0.0 => {
                format!("change ({names}) helps beside the levels: held-out rows lose less with it")
            }
            Some(own) if own.lower > 0.0 => {
                format!(
                    "change ({names}) harms: held-out rows lose more with it than with levels alone"
                )
            }
            Some(_) => {
                format!(
                    "held-out rows do not tell whether change ({names}) helps beside the levels"
                )
            }
        }
    }
}

/// The test at the lambda that was chosen, in the folds that it was chosen by; none where the scorecard
/// has no indicator of change.
pub(crate) fn trend_test(
    training: &Training<'_>,
    shares: &Shares,
    lambda: f64,
) -> Result<Option<TrendTest>, FitError> {
    let trends = &training.history.settings.trend_indicators;
    let is_trend: Vec<bool> =
        training.table.prior.indicators().map(|own| trends.contains(&own.name)).collect();
    let width = is_trend.len();
    let places: Vec<usize> = (0..width).filter(|index| is_trend[*index]).collect();
    if places.is_empty() {
        return Ok(None);
    }
    let names = training.table.prior.indicators().zip(&is_trend).filter(|(_, own)| **own);
    let indicators = names.map(|(own, _)| own.name.clone()).collect();
    let without = places.iter().fold(shares.clone(), |shares, own| shares.with_fixed(*own, 0.0));
    let cone = without.cone(width);
    let levels: Vec<f64> = training
        .prior
        .iter()
        .zip(&is_trend)
        .map(|(own, is_trend)| if *is_trend { 0.0 } else { *own })
        .collect();
    let of_levels =
        |design: &Rows| Problem { rows: design, cone: &cone, prior: &levels, lambda }.solve(None);
    let leaves_weights = of_levels(training.design).is_ok_and(|own| own.indicators() > 0);
    if places.len() == width || !leaves_weights {
        return Ok(Some(TrendTest { indicators, difference: None }));
    }
    let solve = |design: &Rows| -> Result<Vec<_>, EstimatorError> {
        Ok(vec![training.problem(design, lambda).solve(None)?, of_levels(design)?])
    };
    let (_, folds) = inner(training.history, training.rows, MOST_ORIGINS);
    let losses: Vec<_> = folds
        .par_iter()
        .map(|fold| training.held_out(fold, solve))
        .collect::<Result<_, FitError>>()?;
    let losses = HeldOut::of(losses.into_iter().flatten().flatten().collect());
    let level = training.history.settings.level;
    let difference = losses.difference(0, 1).map(|(own, error)| Estimate::new(own, error, level));
    Ok(Some(TrendTest { indicators, difference }))
}
