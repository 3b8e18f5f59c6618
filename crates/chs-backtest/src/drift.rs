//! Whether the accounts, the indicators and the ranking of the score stay as they were.

mod conclusions;
mod decline;
mod population;

use chs_scorecard::Scorecard;
use jiff::civil::Date;

use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::NO_SNAPSHOTS;
use crate::{Metric, Scores};

pub(crate) use conclusions::findings;

/// How the primary score and its indicators move over the snapshots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// The snapshot that distributions are held against: the first with enough accounts.
    pub reference: Option<Date>,
    /// Of the score at each later snapshot, and of its indicators at the last one.
    pub indices: Vec<DistributionShift>,
    /// The AUC over the snapshots with the earlier half of the events minus that of each later one:
    /// `auc_decline` by snapshot, and of all of them together.
    pub decline: Vec<Metric>,
    /// The first snapshot whose decline is above 0 with its whole interval, widened for their number.
    pub decayed_since: Option<Date>,
    /// Why there are no figures.
    pub reason: Option<String>,
}

/// A distribution at a snapshot beside that of the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct DistributionShift {
    /// The score, or an indicator.
    pub subject: String,
    /// The snapshot.
    pub snapshot: Date,
    /// Population stability index, in nats.
    pub index: f64,
    /// What it exceeds in one of twenty cases (at the 95 % level) when nothing has moved.
    pub critical_value: f64,
    /// `stable` below 0.1, `moving` below 0.25, else `moved`.
    pub rule_of_thumb: &'static str,
    /// Whether the index is above the critical value.
    pub beyond_chance: bool,
    /// Accounts with a value at the reference and at the snapshot.
    pub accounts: [usize; 2],
}

/// All of it for the primary score; O(rows log rows) per indicator.
pub(crate) fn drift(
    frame: &Frame<'_>,
    scorecard: Option<&Scorecard>,
    (contender, scores): (&Contender, &Scores),
) -> Drift {
    if frame.panel.is_cross_section() {
        return Drift { reason: Some(NO_SNAPSHOTS.to_owned()), ..Drift::default() };
    }
    let (reference, indices) = population::shifts(frame, scorecard, (contender, scores));
    let sample = Sample::new(frame, &contender.predictor, |_| true);
    let (decline, decayed_since) = decline::decline(frame, &sample);
    Drift { reference, indices, decline, decayed_since, reason: None }
}
