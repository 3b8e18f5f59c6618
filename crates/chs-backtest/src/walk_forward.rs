//! From a score to a probability, without looking ahead.
//!
//! Each snapshot is an origin. Its model is a logistic regression of the label on the score, fitted on
//! the rows that were settled by that day: their window had closed and their outcome was known. So no
//! row is in the fit that made its own probability, and no fit knows more than one could have known.

use chs_panel::NumberColumn;
use chs_stats::{LogisticRows, logistic};
use jiff::civil::Date;

use crate::TRAINING_FLOOR;
use crate::sample::{Frame, Sample};

/// Probabilities per row of the panel.
pub(crate) struct Forecast {
    pub(crate) probability: NumberColumn,
    /// Number of the fit among those that were made, from 0.
    pub(crate) fold: Vec<Option<u32>>,
}

/// What an origin's model says of a predictor.
type Model = Box<dyn Fn(f64) -> f64>;

/// P(label = 1) of each row that has a predictor, from a logistic model of the settled rows.
///
/// An origin without [`TRAINING_FLOOR`] accounts of either class, or whose classes are separated, has
/// no model and its rows no probability.
pub(crate) fn walk_forward(frame: &Frame<'_>, predictor: &NumberColumn) -> Forecast {
    forecast(frame, predictor, |training| {
        let rows = LogisticRows {
            columns: &[&training.predictor],
            label: &training.label,
            cluster: &training.cluster,
            offset: None,
            weights: None,
        };
        let fit = logistic(&rows).ok()?;
        Some(Box::new(move |value| fit.probability(&[value])))
    })
}

/// The same for everyone: the event rate of the settled rows.
pub(crate) fn base_rate(frame: &Frame<'_>, predictor: &NumberColumn) -> Forecast {
    forecast(frame, predictor, |training| {
        let counts = training.counts();
        let rate = counts.events as f64 / counts.n as f64;
        Some(Box::new(move |_| rate))
    })
}

fn forecast(
    frame: &Frame<'_>,
    predictor: &NumberColumn,
    fit: impl Fn(&Sample) -> Option<Model>,
) -> Forecast {
    let rows = frame.panel.len();
    let mut probability = vec![f64::NAN; rows];
    let mut fold = vec![None; rows];
    let mut folds = 0;
    for (index, origin) in frame.panel.snapshots().iter().enumerate() {
        let Some(model) = training(frame, predictor, *origin).and_then(|rows| fit(&rows)) else {
            continue;
        };
        for row in frame.panel.rows_of(index) {
            let (Some(value), Some(probability), Some(fold)) =
                (predictor.get(row), probability.get_mut(row), fold.get_mut(row))
            else {
                continue;
            };
            *probability = model(value);
            *fold = Some(folds);
        }
        folds += 1;
    }
    Forecast { probability: NumberColumn::new(probability), fold }
}

/// The rows settled by the origin, where they suffice.
fn training(frame: &Frame<'_>, predictor: &NumberColumn, origin: Date) -> Option<Sample> {
    let settled = &frame.label.settled;
    let known = |row: usize| settled.get(row).copied().flatten().is_some_and(|day| day <= origin);
    let sample = Sample::new(frame, predictor, known);
    let events = sample.accounts_with(true);
    let others = sample.accounts.saturating_sub(events);
    (events >= TRAINING_FLOOR && others >= TRAINING_FLOOR).then_some(sample)
}
