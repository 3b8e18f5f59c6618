//! Tear sheets: what each indicator of the primary scorecard says, alone and after the others.
//!
//! Everything rests on observed sub-scores, so that a missing value says nothing here whatever the
//! scorecard makes of it, and compares accounts of the same snapshot only.

mod alone;
mod before_outcome;
mod conclusions;
mod correlation;
mod dropped;

use chs_panel::NumberColumn;
use chs_scorecard::{Missing, Scorecard};
use rayon::prelude::*;

use crate::metric::{Figure, Method};
use crate::sample::{Contender, Frame, Sample};
use crate::score::score_columns;
use crate::within_logit::{WithinFit, within_fit};
use crate::{BacktestError, Metric, Slice};

pub(crate) use alone::half_of_events;
pub(crate) use conclusions::findings;

/// The tear sheet of an indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Its name.
    pub indicator: String,
    /// The component that it belongs to.
    pub component: String,
    /// Percent of the score.
    pub weight: f64,
    /// Which way it points alone.
    pub alone: Direction,
    /// Which way it points after the others.
    pub joint: Direction,
    /// Indicators that surely go with it: the correlation of sub-scores, or of one and the turned other,
    /// is above [`CORRELATED`] with its whole interval.
    pub goes_with: Vec<String>,
    /// Rows by sub-score in up to ten groups, ascending, equal sub-scores together.
    pub groups: Vec<SignalGroup>,
    /// Figures: `coverage`; `auc_within_snapshot` of all rows, per snapshot and by `days_before` the
    /// outcome; `auc_change`; `sub_score_difference` by `days_before`; `joint_log_odds`,
    /// `effect_of_one_sd`; `auc_lost_when_dropped`; `correlation` with the indicators of the scorecard.
    pub metrics: Vec<Metric>,
}

impl Signal {
    /// A figure over all rows by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice == Slice::all())
    }
}

/// The correlation from which two indicators are said to go together.
pub const CORRELATED: f64 = 0.6;

/// Rows of like sub-score, and how often the outcome came.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalGroup {
    /// Lowest sub-score of its rows.
    pub lowest: f64,
    /// Highest sub-score of its rows.
    pub highest: f64,
    /// `event_rate` of its rows; the slice is `{ "group": "1" }` and so on.
    pub event_rate: Metric,
}

/// Which way an indicator points, decided on interval bounds. The wrong way is decided at a level that is
/// widened for the number of indicators: on noise one of twenty would otherwise seem to point there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A high sub-score goes with good outcomes.
    Right,
    /// A high sub-score goes with bad outcomes.
    Wrong,
    /// Neither is shown.
    CannotTell,
}

impl Direction {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// What a tear sheet is made from.
pub(crate) struct Sheet<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) scorecard: &'a Scorecard,
    pub(crate) primary: &'a Contender,
    /// Labelled rows that the primary scorecard scores.
    sample: Sample,
    /// Observed sub-scores per indicator and row of the panel.
    sub_scores: Vec<NumberColumn>,
}

impl Sheet<'_> {
    /// Level of the intervals by which an indicator is said to point the wrong way.
    fn widened(&self) -> f64 {
        1.0 - (1.0 - self.frame.settings.level) / self.sub_scores.len().max(1) as f64
    }
}

/// One tear sheet per indicator of a scorecard, in declared order.
///
/// O(rows log rows) per indicator, O(rows x indicators^2) for the fit of all of them, and a scoring of the
/// panel for each that is dropped.
pub(crate) fn signals(
    frame: &Frame<'_>,
    scorecard: &Scorecard,
    primary: &Contender,
) -> Result<Vec<Signal>, BacktestError> {
    let observed = score_columns(frame.panel, &scorecard.with_missing(Missing::Reweight))?;
    let sheet = Sheet {
        frame,
        scorecard,
        primary,
        sample: Sample::new(frame, &primary.predictor, |_| true),
        sub_scores: observed.sub_scores.into_iter().map(crate::score::column).collect(),
    };
    let joint = joint_fit(&sheet);
    let correlations = correlation::correlations(&sheet);
    let components: Vec<&str> = (scorecard.components().iter())
        .flat_map(|component| component.indicators.iter().map(|_| component.name.as_str()))
        .collect();
    let indicators: Vec<_> = scorecard.indicators().zip(components).enumerate().collect();
    indicators
        .into_par_iter()
        .map(|(index, (indicator, component))| {
            let mut alone = alone::alone(&sheet, index);
            let (direction, figures) = joint_figures(&sheet, joint.as_ref(), index);
            alone.metrics.extend(before_outcome::figures(&sheet, index));
            alone.metrics.extend(figures);
            alone.metrics.push(dropped::figure(&sheet, &indicator.name)?);
            alone.metrics.extend(correlations.figures(index));
            Ok(Signal {
                indicator: indicator.name.clone(),
                component: component.to_owned(),
                weight: indicator.weight,
                alone: alone.direction,
                joint: direction,
                goes_with: correlations.partners(index),
                groups: alone.groups,
                metrics: alone.metrics,
            })
        })
        .collect()
}

/// All indicators at once.
fn joint_fit(sheet: &Sheet<'_>) -> Result<WithinFit, String> {
    let rows = &sheet.sample.rows;
    let of_rows = |column: &NumberColumn| -> Vec<f64> {
        rows.iter().map(|row| column.get(*row).unwrap_or(f64::NAN)).collect()
    };
    let columns: Vec<Vec<f64>> = sheet.sub_scores.iter().map(of_rows).collect();
    within_fit(&sheet.sample, &columns)
}

/// `joint_log_odds` and `effect_of_one_sd`: of a sub-score one standard deviation higher.
fn joint_figures(
    sheet: &Sheet<'_>,
    joint: Result<&WithinFit, &String>,
    index: usize,
) -> (Direction, [Metric; 2]) {
    let (level, counts) = (sheet.frame.settings.level, sheet.sample.counts());
    let names = ["joint_log_odds", "effect_of_one_sd"];
    let undefined = |reason: &str| {
        names.map(|name| Metric::undefined(name, &Slice::all(), counts, reason.to_owned()))
    };
    let fit = match joint {
        Ok(fit) => fit,
        Err(reason) => return (Direction::CannotTell, undefined(reason)),
    };
    let sign = sheet.frame.sign();
    let log_odds = |level: f64| fit.log_odds(index, level);
    match (log_odds(level), log_odds(sheet.widened()), fit.effect(index, level)) {
        (Ok(found), Ok(widened), Ok(effect)) => {
            let toward = |bound: f64| sign * bound;
            let direction = if toward(found.interval.lower).min(toward(found.interval.upper)) > 0.0
            {
                Direction::Right
            } else if toward(widened.interval.lower).max(toward(widened.interval.upper)) < 0.0 {
                Direction::Wrong
            } else {
                Direction::CannotTell
            };
            let figure = Figure::new(found.estimate, Some(found.interval), Method::Sandwich);
            let [log_odds, one_sd] = names;
            let metric = |name, figure| Metric::new(name, &Slice::all(), counts, figure);
            (direction, [metric(log_odds, figure), metric(one_sd, effect)])
        }
        (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => {
            (Direction::CannotTell, undefined(&reason))
        }
    }
}
