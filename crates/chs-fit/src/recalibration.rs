//! Whether the probability of an existing model still holds, or how little of it has to change.

use chs_backtest::CALIBRATION_FLOOR;
use chs_scorecard::Calibration;
use chs_stats::{ClosedTest, Update, UpdateRows, closed_test};
use jiff::civil::Date;

use crate::calibration::spans;
use crate::history::{History, Table};
use crate::learn::silent;

/// Chance of changing a model that holds.
const SIGNIFICANCE: f64 = 0.05;

/// A model that is there already, whose scorecard is the prior of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct OldModel {
    /// Its probability.
    pub calibration: Calibration,
    /// The last snapshot that taught it; none where that is not known.
    pub trained_to: Option<Date>,
}

/// The least change of an existing model's probability that the rows since then do not speak against.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recalibration {
    /// Labelled rows after those that taught the model.
    pub rows: usize,
    /// Accounts with an event among them.
    pub event_accounts: usize,
    /// The last snapshot that taught the model.
    pub trained_to: Option<Date>,
    /// Tests of each lesser change against a refit, or why they cannot be made.
    pub tested: Result<ClosedTest, String>,
}

impl Recalibration {
    /// The decision: `none`, `intercept`, `intercept_and_slope` or `refit`; none where it cannot be told.
    pub fn decision(&self) -> Option<&'static str> {
        let tested = self.tested.as_ref().ok()?;
        Some(match tested.update {
            Update::Keep => "none",
            Update::Intercept => "intercept",
            Update::Slope => "intercept_and_slope",
            Update::Refit => "refit",
        })
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let tested = match &self.tested {
            Ok(tested) => tested,
            Err(reason) => {
                return format!("whether the model's probability holds cannot be told: {reason}");
            }
        };
        let p_value =
            |p: f64| if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
        let (keep, intercept) = (p_value(tested.keep.p_value), p_value(tested.intercept.p_value));
        let slope = tested.slope.map_or_else(String::new, |own| p_value(own.p_value));
        match tested.update {
            Update::Keep => {
                format!("nothing speaks against the model's probability as it is ({keep})")
            }
            Update::Intercept => format!(
                "the model's probability does not hold ({keep}); a new intercept is enough ({intercept})"
            ),
            Update::Slope => format!(
                "the model's probability does not hold ({keep}), nor with a new intercept \
                 ({intercept}); a new intercept and slope are enough ({slope})"
            ),
            Update::Refit => format!(
                "no new intercept and slope make the model's probability hold ({slope}): its weights \
                 have to be learned again"
            ),
        }
    }
}

/// Closed testing (Vergouwe et al. 2017) on the rows that the model has not seen, at 0.05; none where no
/// model is there.
///
/// The refit that lesser changes are held against has every sub-score that varies but the heaviest one,
/// which the score makes a combination of the others.
pub(crate) fn recalibration(history: &History<'_>) -> Option<Recalibration> {
    let model = history.settings.old_model.as_ref()?;
    let days = history.panel.snapshot();
    let is_new = |row: &&usize| {
        let day = days.get(**row).filter(|_| !history.panel.is_cross_section());
        day.zip(model.trained_to).is_some_and(|(day, last)| *day > last)
    };
    let rows: Vec<usize> = history.rows.iter().filter(is_new).copied().collect();
    let event_accounts = history.accounts_with(&rows, true);
    Some(Recalibration {
        event_accounts,
        trained_to: model.trained_to,
        tested: tested(history, model, &rows),
        rows: rows.len(),
    })
}

fn tested(history: &History<'_>, model: &OldModel, rows: &[usize]) -> Result<ClosedTest, String> {
    let own = &model.calibration;
    let [lead_time, horizon] = spans(&history.label.definition);
    let asked = (&history.label.definition.outcome, &lead_time, &horizon);
    if (&own.outcome, &own.lead_time, &own.horizon) != asked {
        return Err(format!(
            "the model speaks of {} within {} after {}, the label of {} within {horizon} after {lead_time}",
            own.outcome, own.horizon, own.lead_time, asked.0
        ));
    }
    if model.trained_to.is_none() || history.panel.is_cross_section() {
        return Err("without days no row is known to be new to the model".to_owned());
    }
    for label in [true, false] {
        let found = history.accounts_with(rows, label);
        if found < CALIBRATION_FLOOR {
            let what = if label { "with" } else { "without" };
            return Err(format!(
                "{CALIBRATION_FLOOR} accounts {what} an event after the rows that taught it are needed, \
                 there are {found}"
            ));
        }
    }
    let table = &history.whole;
    let logit = |row: &usize| {
        let score = table.scored.score.get(*row).copied().flatten()?;
        let probability = own.probability(score).get();
        Some((probability / (1.0 - probability)).ln()).filter(|own| own.is_finite())
    };
    let logit: Vec<f64> = rows.iter().map(logit).collect::<Option<_>>().ok_or_else(|| {
        "the model calls some outcome certain: no log odds can be held against what happened"
            .to_owned()
    })?;
    let columns = columns(table, rows);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let update = UpdateRows {
        logit: &logit,
        columns: &columns,
        label: &history.labels(rows),
        cluster: &history.accounts(rows),
    };
    closed_test(&update, SIGNIFICANCE).map_err(|undefined| undefined.to_string())
}

/// Sub-scores that vary, without the heaviest of them.
fn columns(table: &Table, rows: &[usize]) -> Vec<Vec<f64>> {
    let (weights, silent) = (table.prior.weights(), silent(table, rows));
    let varies = |index: &usize| silent.get(*index) == Some(&false);
    let weight = |index: &usize| weights.get(*index).copied().unwrap_or(0.0);
    let heaviest = (0..weights.len()).filter(varies).max_by(|a, b| weight(a).total_cmp(&weight(b)));
    let kept: Vec<usize> =
        (0..weights.len()).filter(varies).filter(|index| Some(*index) != heaviest).collect();
    let filled: Vec<Vec<f64>> = rows.iter().map(|row| table.filled(*row).collect()).collect();
    let column = |index: &usize| filled.iter().filter_map(|row| row.get(*index).copied()).collect();
    kept.iter().map(column).collect()
}
