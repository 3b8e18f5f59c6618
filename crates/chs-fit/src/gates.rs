//! What out-of-time evidence has to show before a model leaves.

use std::collections::BTreeMap;

use chs_backtest::{CandidateResult, Evaluation, Monotone};
use chs_scorecard::{GATES, Gates, Waiver};
use jiff::civil::Date;

use crate::edges::Alert;
use crate::out_of_time::FoldReport;
use crate::{FitSettings, Weights};

/// Bounds that the interval of the calibration slope must keep, wider than those of its estimate.
const SLOPE_INTERVAL: (f64, f64) = (0.5, 2.0);

/// The lower bound of the lift at the alert end must lie above this.
const LIFT_FLOOR: f64 = 1.0;

/// Most percent of weight that may lie elsewhere in a fold than in the final weights.
const MOST_MOVED: f64 = 25.0;

/// One condition with what decided it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Gate {
    /// Its name.
    pub name: &'static str,
    /// What is asked, in words.
    pub policy: String,
    /// The figures that were tested, by name.
    pub tested: BTreeMap<&'static str, f64>,
    /// What they were held against, by name.
    pub thresholds: BTreeMap<&'static str, f64>,
    /// The result.
    pub status: GateStatus,
    /// The last day of a waiver that no longer holds.
    pub waiver_ended: Option<Date>,
}

/// Result of a gate. Only a pass and a waiver open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateStatus {
    /// Shown.
    Pass,
    /// Not shown.
    Fail,
    /// Not shown, and passed over on somebody's word.
    Waived(Waiver),
    /// The data cannot tell, which is not a pass.
    NotEvaluated {
        /// Why.
        reason: String,
    },
}

impl GateStatus {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Waived(_) => "waived",
            Self::NotEvaluated { .. } => "not_evaluated",
        }
    }
}

impl Gate {
    fn new(name: &'static str, policy: String) -> Self {
        let status = GateStatus::NotEvaluated { reason: "there is no such figure".to_owned() };
        Self {
            name,
            policy,
            tested: BTreeMap::new(),
            thresholds: BTreeMap::new(),
            status,
            waiver_ended: None,
        }
    }

    fn held_against(mut self, thresholds: &[(&'static str, f64)]) -> Self {
        self.thresholds.extend(thresholds.iter().copied());
        self
    }

    /// Decided on figures.
    fn decided(mut self, tested: &[(&'static str, f64)], is_open: bool) -> Self {
        self.tested.extend(tested.iter().copied().filter(|(_, value)| value.is_finite()));
        self.status = if is_open { GateStatus::Pass } else { GateStatus::Fail };
        self
    }

    /// Not decided.
    fn open(mut self, reason: &str) -> Self {
        self.status = GateStatus::NotEvaluated { reason: reason.to_owned() };
        self
    }

    /// Whether a model may pass.
    pub fn is_open(&self) -> bool {
        matches!(self.status, GateStatus::Pass | GateStatus::Waived(_))
    }

    /// One sentence: the policy, and what was found.
    pub fn sentence(&self) -> String {
        let figures: Vec<String> = self
            .tested
            .iter()
            .map(|(name, value)| format!("{} {}", name.replace('_', " "), short(*value)))
            .collect();
        let figures = if figures.is_empty() { "nothing".to_owned() } else { figures.join(", ") };
        let ended = self
            .waiver_ended
            .map_or_else(String::new, |until| format!("; its waiver ended on {until}"));
        match &self.status {
            GateStatus::Pass => format!("{}: {figures}", self.policy),
            GateStatus::Fail => format!("{}; found {figures}{ended}", self.policy),
            GateStatus::Waived(Waiver { reason, until, .. }) => {
                format!("{}; found {figures}; waived until {until}: {reason}", self.policy)
            }
            GateStatus::NotEvaluated { reason } => format!(
                "{}; it could not be evaluated, which is not a pass: {reason}{ended}",
                self.policy
            ),
        }
    }
}

/// What the gates are decided on.
pub(crate) struct Evidence<'a> {
    pub(crate) settings: &'a FitSettings,
    pub(crate) policy: &'a Gates,
    /// The day that the end of a waiver is held against.
    pub(crate) as_of: Option<Date>,
    /// The tested candidate comes first.
    pub(crate) evaluation: &'a Evaluation,
    /// Name of the prior among the candidates.
    pub(crate) prior: &'a str,
    /// Accounts with an event among all training rows.
    pub(crate) event_accounts: usize,
    /// Final weights, percent.
    pub(crate) weights: &'a [f64],
    pub(crate) folds: &'a [FoldReport],
}

impl Evidence<'_> {
    /// All gates, in the order of [`GATES`].
    pub(crate) fn gates(&self) -> Vec<Gate> {
        let Some(tested) = self.evaluation.primary() else {
            return GATES.map(|name| Gate::new(name, "evidence out of time".to_owned())).into();
        };
        let gates = [
            self.event_accounts(),
            self.ranking(tested),
            self.slope(tested),
            self.monotone(tested),
            self.lift(tested),
            self.stable(),
            self.against_prior(tested),
        ];
        gates.into_iter().map(|gate| self.waive(gate)).collect()
    }

    fn waive(&self, mut gate: Gate) -> Gate {
        let Some(waiver) = self.policy.waiver(gate.name).filter(|_| !gate.is_open()) else {
            return gate;
        };
        if self.as_of.is_some_and(|day| waiver.until < day) {
            gate.waiver_ended = Some(waiver.until);
        } else {
            gate.status = GateStatus::Waived(waiver.clone());
        }
        gate
    }

    fn event_accounts(&self) -> Gate {
        let (found, needed) = (self.event_accounts as f64, f64::from(self.policy.event_accounts));
        let policy = format!("at least {needed} accounts with the outcome in the training rows");
        Gate::new("event_accounts", policy)
            .held_against(&[("at_least", needed)])
            .decided(&[("event_accounts", found)], found >= needed)
    }

    fn ranking(&self, tested: &CandidateResult) -> Gate {
        let floor = self.policy.auc_within_snapshot;
        let policy = format!("the lower bound of the within-snapshot AUC lies above {floor}");
        let gate = Gate::new("auc_within_snapshot", policy).held_against(&[("above", floor)]);
        let Some(metric) = tested.metric("auc_within_snapshot") else { return gate };
        match metric.bounds() {
            Some((estimate, lower, _)) => {
                gate.decided(&[("estimate", estimate), ("lower", lower)], lower > floor)
            }
            None => gate.open(metric.reason.as_deref().unwrap_or("it has no interval")),
        }
    }

    fn slope(&self, tested: &CandidateResult) -> Gate {
        let (least, most) = self.policy.calibration_slope;
        // A wider range asked for widens what its interval may reach.
        let (lowest, highest) = (SLOPE_INTERVAL.0.min(least), SLOPE_INTERVAL.1.max(most));
        let policy = format!(
            "the calibration slope lies within {least} to {most}, its interval within {lowest} to \
             {highest}"
        );
        let gate = Gate::new("calibration_slope", policy).held_against(&[
            ("at_least", least),
            ("at_most", most),
            ("lower_at_least", lowest),
            ("upper_at_most", highest),
        ]);
        let Some(metric) = tested.metric("calibration_slope") else { return gate };
        match metric.bounds() {
            Some((slope, lower, upper)) => gate.decided(
                &[("estimate", slope), ("lower", lower), ("upper", upper)],
                (least..=most).contains(&slope) && lower >= lowest && upper <= highest,
            ),
            None => gate.open(metric.reason.as_deref().unwrap_or("it has no interval")),
        }
    }

    fn monotone(&self, tested: &CandidateResult) -> Gate {
        if !self.policy.bands_monotone {
            let policy = "the outcome rate need not follow the bands".to_owned();
            return Gate::new("bands_monotone", policy).decided(&[], true);
        }
        let policy =
            "the outcome rate follows the bands, every step's interval on its side of 0".to_owned();
        let gate = Gate::new("bands_monotone", policy).held_against(&[("above", 0.0)]);
        let Some(table) = &tested.bands else { return gate.open("the score has no bands") };
        let bounds = table.steps.iter().map(|step| step.interval.map(|own| own.lower));
        let lowest = bounds.collect::<Option<Vec<f64>>>();
        let lowest = lowest.and_then(|bounds| bounds.into_iter().reduce(f64::min));
        match lowest {
            Some(lower) => {
                gate.decided(&[("lowest_lower", lower)], table.monotone == Monotone::Yes)
            }
            None => {
                gate.open("there are not two bands with enough rows to hold against each other")
            }
        }
    }

    fn lift(&self, tested: &CandidateResult) -> Gate {
        let asked = self.policy.lift_at_risk;
        let base = tested.metric("event_rate").and_then(|metric| metric.estimate).unwrap_or(0.0);
        let alert = Alert::of(self.evaluation.label.polarity, base);
        let (band, rate) = match alert {
            Alert::Lowest => ("lowest", "outcome rate"),
            Alert::Highest => ("highest", "outcome rate"),
            Alert::LowestAbsence => ("lowest", "rate without the outcome"),
        };
        let policy = format!(
            "the {band} band has at least {asked} times the {rate} of all, the lower bound above \
             {LIFT_FLOOR}"
        );
        let gate = Gate::new("lift_at_risk", policy)
            .held_against(&[("at_least", asked), ("lower_above", LIFT_FLOOR)]);
        let row = tested.bands.as_ref().and_then(|table| match alert {
            Alert::Highest => table.rows.last(),
            _ => table.rows.first(),
        });
        let Some(row) = row else { return gate.open("the score has no bands") };
        let bounds = match alert {
            Alert::LowestAbsence => row.event_rate.bounds().map(|(rate, _, upper)| {
                ((1.0 - rate) / (1.0 - base), (1.0 - upper) / (1.0 - base))
            }),
            _ => row.lift.bounds().map(|(lift, lower, _)| (lift, lower)),
        };
        match bounds {
            Some((lift, lower)) => gate.decided(
                &[("estimate", lift), ("lower", lower)],
                lift >= asked && lower > LIFT_FLOOR.min(asked),
            ),
            None => gate.open(row.lift.reason.as_deref().unwrap_or("it has no interval")),
        }
    }

    fn stable(&self) -> Gate {
        let policy = format!(
            "at most {MOST_MOVED} percent of the weight lie elsewhere in any fold than in the final \
             weights"
        );
        let gate = Gate::new("weights_stable", policy).held_against(&[("at_most", MOST_MOVED)]);
        if self.settings.weights == Weights::Prior {
            return gate.decided(&[("moved", 0.0)], true);
        }
        let folds = self.folds.iter().filter(|fold| fold.weights.len() == self.weights.len());
        let moved = folds.map(|fold| moved(&fold.weights, self.weights)).reduce(f64::max);
        match moved {
            Some(moved) => gate.decided(&[("moved", moved)], moved <= MOST_MOVED),
            None => gate.open("no fold learned anything"),
        }
    }

    fn against_prior(&self, tested: &CandidateResult) -> Gate {
        let policy =
            "learned weights are not shown to rank worse than the prior's: the upper bound \
                      of the difference of within-snapshot AUCs is not below 0"
                .to_owned();
        let gate = Gate::new("not_worse_than_prior", policy).held_against(&[("at_least", 0.0)]);
        if self.settings.weights == Weights::Prior {
            return gate.decided(&[("upper", 0.0)], true);
        }
        let comparison =
            self.evaluation.comparison(&tested.name, self.prior, "auc_within_snapshot");
        let Some(metric) = comparison.map(|comparison| &comparison.metric) else { return gate };
        match (metric.bounds(), metric.estimate) {
            (Some((estimate, _, upper)), _) => {
                gate.decided(&[("estimate", estimate), ("upper", upper)], upper >= 0.0)
            }
            // No interval: the two rank alike, account by account.
            (None, Some(estimate)) => gate.decided(&[("estimate", estimate)], estimate >= 0.0),
            (None, None) => gate.open(metric.reason.as_deref().unwrap_or("they share no row")),
        }
    }
}

/// Three decimals, none where a count needs none.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.strip_suffix(".000").map_or(text.clone(), str::to_owned)
}

/// Percent of the weight that lies elsewhere.
pub(crate) fn moved(from: &[f64], to: &[f64]) -> f64 {
    from.iter().zip(to).map(|(from, to)| (to - from).abs()).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::{Gate, GateStatus, moved};

    #[test]
    fn what_cannot_be_evaluated_is_closed() {
        let gate = Gate::new("auc_within_snapshot", "more than chance".into());
        assert!(!gate.is_open());
        let failed = gate.clone().decided(&[("lower", 0.48), ("upper", f64::NAN)], false);
        assert_eq!((failed.status.as_str(), failed.tested.len()), ("fail", 1));
        assert_eq!(failed.sentence(), "more than chance; found lower 0.480");
        let counted = gate.clone().decided(&[("event_accounts", 395.0)], true);
        assert_eq!(counted.sentence(), "more than chance: event accounts 395");
        let passed = gate.clone().decided(&[], true);
        assert!(passed.is_open());
        assert!(matches!(gate.open("few rows").status, GateStatus::NotEvaluated { .. }));
    }

    #[test]
    fn what_moves_is_counted_once() {
        assert!((moved(&[50.0, 50.0, 0.0], &[30.0, 50.0, 20.0]) - 20.0).abs() < 1e-12);
    }
}
