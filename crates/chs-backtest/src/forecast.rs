//! From a score to a probability, by a fit that the row is not in.
//!
//! Each snapshot is an origin. Its model is a logistic regression of the label on the score, fitted on
//! the rows that were settled by that day: their window had closed and their outcome was known. So no
//! row is in the fit that made its own probability, and no fit knows more than one could have known.
//!
//! A cross-section has no origins. Its accounts are split into groups, and the model of a group is fitted
//! on the others: that holds for other accounts of the same time, and shows nothing about later ones.

use chs_panel::{NumberColumn, Panel};
use chs_stats::{LogisticRows, logistic};

use crate::TRAINING_FLOOR;
use crate::sample::{Frame, Sample};

/// Groups that accounts are split into where there is no time to split by.
pub const ACCOUNT_FOLDS: u64 = 5;

/// How rows that test are held out from those that teach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Rolling origins: trained on rows settled by the origin, tested on those from it to the next.
    WalkForward,
    /// [`ACCOUNT_FOLDS`] groups of accounts, each tested by a fit on the others.
    AccountFolds,
}

impl Scheme {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WalkForward => "walk_forward",
            Self::AccountFolds => "account_folds",
        }
    }

    /// How the probability of a score is held out on a panel.
    pub(crate) fn of(panel: &Panel) -> Self {
        if panel.is_cross_section() { Self::AccountFolds } else { Self::WalkForward }
    }
}

/// The group of an account, given by its index in the panel: 0 to [`ACCOUNT_FOLDS`] - 1.
pub fn account_fold(seed: u64, account: u32) -> u64 {
    let mut state = seed ^ u64::from(account).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2 {
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    ((state ^ (state >> 31)) >> 8) % ACCOUNT_FOLDS
}

/// Probabilities per row of the panel.
pub(crate) struct Forecast {
    pub(crate) probability: NumberColumn,
    /// Number of the fit among those that were made, from 0.
    pub(crate) fold: Vec<Option<u32>>,
}

/// What a fit says of a predictor.
type Model = Box<dyn Fn(f64) -> f64>;

/// P(label = 1) of each row that has a predictor, from a logistic model of rows that it is not among.
///
/// Where these lack [`TRAINING_FLOOR`] accounts of either class, or the classes are separated, there is
/// no model and no probability.
pub(crate) fn by_score(frame: &Frame<'_>, predictor: &NumberColumn) -> Forecast {
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

/// The same for everyone: the event rate of those rows.
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
    for (rows, training) in splits(frame, predictor) {
        let Some(model) = is_enough(&training).then(|| fit(&training)).flatten() else { continue };
        for row in rows {
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

/// Rows of the panel to be told a probability, with the labelled rows that teach it.
fn splits<'a>(
    frame: &'a Frame<'_>,
    predictor: &'a NumberColumn,
) -> Box<dyn Iterator<Item = (Vec<usize>, Sample)> + 'a> {
    let panel = frame.panel;
    match Scheme::of(panel) {
        Scheme::WalkForward => {
            Box::new(panel.snapshots().iter().enumerate().map(move |(index, origin)| {
                let settled = |row: usize| frame.label.settled.get(row).copied().flatten();
                let known = |row: usize| settled(row).is_some_and(|day| day <= *origin);
                (panel.rows_of(index).collect(), Sample::new(frame, predictor, known))
            }))
        }
        Scheme::AccountFolds => Box::new((0..ACCOUNT_FOLDS).map(move |fold| {
            let account = |row: usize| panel.account().get(row).copied().unwrap_or_default();
            let is_in = |row: usize| account_fold(frame.settings.seed, account(row)) == fold;
            let rows = (0..panel.len()).filter(|row| is_in(*row)).collect();
            (rows, Sample::new(frame, predictor, |row| !is_in(row)))
        })),
    }
}

fn is_enough(training: &Sample) -> bool {
    let events = training.accounts_with(true);
    let others = training.accounts.saturating_sub(events);
    events >= TRAINING_FLOOR && others >= TRAINING_FLOOR
}
