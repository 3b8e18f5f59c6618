//! What was done for accounts, and what that could have hidden.

use chs_panel::NumberColumn;

use crate::baselines::oriented;
use crate::figures::{auc_figures, event_rate};
use crate::life::readings::Readings;
use crate::sample::Sample;
use crate::{Metric, Slice};

/// The score with and without the accounts for which something was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Interventions {
    /// Indicator that counts what was done.
    pub indicator: String,
    /// `touched_share`: of the labelled rows in the alert band.
    pub touched_share: Metric,
    /// `alert_event_rate` of the touched rows, of the untouched ones, and of all as if every touched one had
    /// had the outcome.
    pub alert_event_rates: [Metric; 3],
    /// `auc_within_snapshot` of all rows, without the touched ones in the alert band, and as if all of these
    /// had had the outcome.
    pub aucs: [Metric; 3],
}

/// Whether something was done for the account of a row after it.
pub(crate) struct Touch {
    later: Vec<Option<bool>>,
}

impl Touch {
    /// `None` where no indicator counts it.
    pub(crate) fn new(readings: &Readings<'_>) -> Option<Self> {
        let counts = touches(readings)?;
        let frame = readings.frame;
        let mut later = vec![None; frame.panel.len()];
        for rows in &readings.of_account {
            for (place, row) in rows.iter().enumerate() {
                let end = frame.window_end(frame.day(*row));
                let after = rows.iter().skip(place + 1).take_while(|row| frame.day(**row) <= end);
                later[*row] = any_above_zero(after.filter_map(|row| counts.get(*row)));
            }
        }
        Some(Self { later })
    }

    /// `None` where no later reading before the close of the label window tells.
    pub(crate) fn of(&self, row: usize) -> Option<bool> {
        self.later.get(row).copied().flatten()
    }
}

/// `None` without a count.
fn any_above_zero(counts: impl Iterator<Item = f64>) -> Option<bool> {
    counts.map(|count| count > 0.0).reduce(|any, own| any || own)
}

fn touches<'a>(readings: &Readings<'a>) -> Option<&'a NumberColumn> {
    let frame = readings.frame;
    let name = frame.settings.touched_indicator.as_deref()?;
    frame.panel.indicator(name)?.numbers()
}

/// `None` where no indicator counts what was done.
pub(crate) fn interventions(readings: &Readings<'_>, alert: u32) -> Option<Interventions> {
    let touch = Touch::new(readings)?;
    let frame = readings.frame;
    let score = &readings.scores.score;
    let is_alert = |row: usize| readings.scores.band.get(row) == Some(&Some(alert));
    let is_touched = |row: usize| is_alert(row) && touch.of(row) == Some(true);
    let label = |row: usize| frame.label.value(row);
    let rate = |level: &str, label: &dyn Fn(usize) -> Option<bool>| {
        let slice = Slice::of("touched", level);
        event_rate(
            "alert_event_rate",
            &Sample::labelled(frame, score, label),
            &slice,
            frame.settings,
        )
    };
    let alerts = |row: usize| label(row).filter(|_| is_alert(row));
    let told = Sample::labelled(frame, score, |row| alerts(row).and_then(|_| touch.of(row)));
    let predictor = oriented(score, frame.sign());
    let auc = |level: &str, label: &dyn Fn(usize) -> Option<bool>| {
        let sample = Sample::labelled(frame, &predictor, label);
        let [within, _] = auc_figures(&sample, &Slice::of("touched", level), frame.settings);
        within
    };
    let as_lost = |row: usize| label(row).map(|label| label || is_touched(row));
    Some(Interventions {
        indicator: frame.settings.touched_indicator.clone().unwrap_or_default(),
        touched_share: event_rate("touched_share", &told, &Slice::all(), frame.settings),
        alert_event_rates: [
            rate("yes", &|row| alerts(row).filter(|_| touch.of(row) == Some(true))),
            rate("no", &|row| alerts(row).filter(|_| touch.of(row) == Some(false))),
            rate("as if lost", &|row| as_lost(row).filter(|_| is_alert(row))),
        ],
        aucs: [
            auc("as observed", &label),
            auc("left out", &|row| label(row).filter(|_| !is_touched(row))),
            auc("as if lost", &as_lost),
        ],
    })
}
