//! Evidence: everything learned again at each origin, and tested on what came after.

use chs_backtest::{OutOfFold, Scheme, Scores, score_columns};
use chs_panel::{Named, NumberColumn, Span};
use jiff::ToSpan as _;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::folds::{Fold, by_account, rolling, snapshots};
use crate::history::History;
use crate::learn::{Learned, Stop, keep_prior, learn};
use crate::progress::LEARNING;
use crate::{FitError, Unlearnable};

/// Origins at which everything is learned again, at most.
pub(crate) const MOST_ORIGINS: usize = 4;

/// What was learned in a fold.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FoldReport {
    /// The day whose knowledge it had; none where accounts are split.
    pub origin: Option<Date>,
    /// Rows that it learned from.
    pub training_rows: usize,
    /// Accounts with an event among them.
    pub training_event_accounts: usize,
    /// Rows that it was tested on.
    pub test_rows: usize,
    /// The lambda that was chosen.
    pub lambda: Option<f64>,
    /// What turned its scores into probabilities, `logistic` or `isotonic`; none where nothing was learned.
    pub probability: Option<&'static str>,
    /// Rounded weights, percent.
    pub weights: Vec<f64>,
    /// Why the prior's weights were kept.
    pub kept_prior: Option<Unlearnable>,
}

/// Out-of-fold scores and how they came about.
pub(crate) struct OutOfTime {
    pub(crate) scheme: Scheme,
    pub(crate) folds: Vec<FoldReport>,
    pub(crate) scores: Scores,
}

/// Learn at each origin of the holdout, and score the rows that follow it.
///
/// A history of one snapshot, a cross-section, is split by account instead. A fold that learns nothing
/// keeps the prior's weights.
pub(crate) fn out_of_time(history: &History<'_>) -> Result<OutOfTime, FitError> {
    let (scheme, folds) = split(history);
    let learned: Vec<(Option<Learned>, FoldReport)> =
        folds.par_iter().map(|fold| learn_fold(history, fold)).collect::<Result<_, FitError>>()?;
    let mut scores = Blank::of(history);
    let mut reports = Vec::with_capacity(folds.len());
    for (number, (fold, (learned, report))) in (0..).zip(folds.iter().zip(learned)) {
        if let Some(learned) = learned {
            scores.fill(history, &learned, &fold.test, number)?;
        }
        reports.push(report);
    }
    Ok(OutOfTime { scheme, folds: reports, scores: scores.finish(history) })
}

impl OutOfTime {
    /// As a candidate of a backtest, with the bands of the final scorecard.
    pub(crate) fn candidate(&self, name: String, version: &str, edges: Vec<f64>) -> OutOfFold {
        OutOfFold {
            name,
            version: Some(version.to_owned()),
            scores: self.scores.clone(),
            scheme: self.scheme,
            edges,
        }
    }
}

pub(crate) fn split(history: &History<'_>) -> (Scheme, Vec<Fold>) {
    let labelled = snapshots(history, &history.rows);
    if labelled.len() <= 1 {
        return (Scheme::AccountFolds, by_account(history, &history.rows));
    }
    let later_half = labelled.get(labelled.len() / 2).map_or(Date::MAX, |(day, _)| *day);
    let last = labelled.last().map_or(Date::MAX, |(day, _)| *day);
    let first = history.settings.holdout.map_or(later_half, |holdout| before(last, holdout));
    (Scheme::WalkForward, rolling(history, &history.rows, MOST_ORIGINS, first))
}

/// The day after the one that lies a span before another.
fn before(day: Date, span: Span) -> Date {
    let days = span.minutes().div_euclid(1_440);
    let months = i64::from(span.whole_months());
    let moved = day.checked_sub(months.months()).and_then(|day| day.checked_sub(days.days()));
    moved.and_then(Date::tomorrow).unwrap_or(Date::MIN)
}

fn learn_fold(
    history: &History<'_>,
    fold: &Fold,
) -> Result<(Option<Learned>, FoldReport), FitError> {
    let (learned, kept_prior) = match learn(history, &fold.training, fold.origin) {
        Ok(learned) => (Some(learned), None),
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Refused(reason)) => match keep_prior(history, &fold.training, fold.origin) {
            Ok(learned) => (Some(learned), Some(reason)),
            Err(Stop::Refused(_)) => (None, Some(reason)),
            Err(Stop::Failed(error)) => return Err(error),
        },
    };
    let weighing = learned.as_ref().and_then(|learned| learned.weighing.as_ref());
    let report = FoldReport {
        origin: fold.origin,
        training_rows: fold.training.len(),
        training_event_accounts: history.accounts_with(&fold.training, true),
        test_rows: fold.test.len(),
        lambda: weighing.map(|weighing| weighing.selection.chosen),
        probability: learned.as_ref().map(|own| own.calibration.curve.as_str()),
        weights: learned.as_ref().map(|own| own.scorecard.weights()).unwrap_or_default(),
        kept_prior,
    };
    history.progress.add(LEARNING);
    Ok((learned, report))
}

/// Columns that are filled fold by fold.
struct Blank {
    score: Vec<f64>,
    coverage: Vec<f64>,
    probability: Vec<f64>,
    band: Vec<Option<u32>>,
    fold: Vec<Option<u32>>,
    contributions: Vec<Vec<f64>>,
}

impl Blank {
    fn of(history: &History<'_>) -> Self {
        let rows = history.panel.len();
        let missing = || vec![f64::NAN; rows];
        Self {
            score: missing(),
            coverage: missing(),
            probability: missing(),
            band: vec![None; rows],
            fold: vec![None; rows],
            contributions: history.whole.prior.indicators().map(|_| missing()).collect(),
        }
    }

    fn fill(
        &mut self,
        history: &History<'_>,
        learned: &Learned,
        rows: &[usize],
        fold: u32,
    ) -> Result<(), FitError> {
        let scored = score_columns(history.panel, &learned.scorecard)?;
        for row in rows.iter().copied() {
            let Some(score) = scored.score.get(row).copied().flatten() else { continue };
            self.score[row] = score;
            self.coverage[row] = scored.coverage[row];
            self.probability[row] = learned.calibration.probability(score).get();
            self.band[row] = scored.band[row].and_then(|band| u32::try_from(band).ok());
            self.fold[row] = Some(fold);
            for (own, contribution) in self.contributions.iter_mut().zip(&scored.contributions) {
                own[row] = contribution[row].unwrap_or(f64::NAN);
            }
        }
        Ok(())
    }

    fn finish(self, history: &History<'_>) -> Scores {
        let prior = &history.whole.prior;
        let contributions = (prior.indicators().zip(self.contributions))
            .map(|(indicator, values)| Named {
                name: indicator.name.clone(),
                column: NumberColumn::new(values),
            })
            .collect();
        Scores {
            score: NumberColumn::new(self.score),
            coverage: NumberColumn::new(self.coverage),
            band_names: prior.bands().iter().map(|band| band.name.clone()).collect(),
            band: self.band,
            probability: NumberColumn::new(self.probability),
            fold: self.fold,
            contributions,
        }
    }
}

#[cfg(test)]
mod tests {
    use chs_panel::Span;
    use jiff::civil::date;

    use super::before;

    #[test]
    fn a_holdout_of_a_month_holds_the_snapshots_of_a_month() {
        assert_eq!(before(date(2025, 6, 30), Span::months(1)), date(2025, 5, 31));
        assert_eq!(before(date(2025, 6, 30), Span::days(30)), date(2025, 6, 1));
    }
}
