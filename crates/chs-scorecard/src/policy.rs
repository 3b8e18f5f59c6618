//! What a scorecard asks of the fitter and of whoever releases a model.

use jiff::civil::Date;

/// Names of all gates, in the order in which they are asked.
pub const GATES: [&str; 7] = [
    "event_accounts",
    "auc_within_snapshot",
    "calibration_slope",
    "bands_monotone",
    "lift_at_risk",
    "weights_stable",
    "not_worse_than_prior",
];

/// Section `[fit]`: how weights and band edges are learned.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// Learned weights are multiples of this many percent: 1, 2, 5 or 10.
    pub steps: u32,
    /// How the edges of bands are found. `None` is by likelihood for learned weights (the old edges mean
    /// nothing on a new score), and as they are for the prior's.
    pub edges: Option<BandRule>,
}

impl Default for Fit {
    fn default() -> Self {
        Self { steps: 1, edges: None }
    }
}

/// How the edges of bands are found; always whole points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BandRule {
    /// Those of the scorecard that is fitted, the prior.
    Prior,
    /// The ordered partition of highest likelihood whose event rates are strictly monotone.
    Likelihood {
        /// Smallest share of the rows in each band, 0 to 0.25.
        minimum_share: f64,
    },
    /// The highest edge under which no snapshot has more accounts; the other edges by likelihood.
    Capacity {
        /// Accounts that can be cared for at a time, at least 1.
        accounts: u32,
    },
}

impl BandRule {
    /// By likelihood, at least 5 % of the rows in each band.
    pub const LIKELIHOOD: Self = Self::Likelihood { minimum_share: 0.05 };

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prior => "prior",
            Self::Likelihood { .. } => "likelihood",
            Self::Capacity { .. } => "capacity",
        }
    }
}

/// Section `[gates]`: what held-out evidence has to show before a model is exported.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Gates {
    /// The lower interval bound of the within-snapshot AUC lies above this, 0.5 to 1.
    pub auc_within_snapshot: f64,
    /// Smallest and largest calibration slope.
    pub calibration_slope: (f64, f64),
    /// Whether a better band has to mean fewer adverse outcomes.
    pub bands_monotone: bool,
    /// Smallest ratio of the lowest band's outcome rate to the base rate.
    pub lift_at_risk: f64,
    /// Fewest accounts with an event in training.
    pub event_accounts: u32,
    /// Gates that somebody answers for, at most one each.
    pub waivers: Vec<Waiver>,
}

/// A gate that is passed over on somebody's word.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiver {
    /// Name of the gate, one of [`GATES`].
    pub gate: &'static str,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            auc_within_snapshot: 0.5,
            calibration_slope: (0.8, 1.25),
            bands_monotone: true,
            lift_at_risk: 2.0,
            event_accounts: 100,
            waivers: Vec::new(),
        }
    }
}

impl Gates {
    /// The waiver of a gate, held or ended.
    pub fn waiver(&self, gate: &str) -> Option<&Waiver> {
        self.waivers.iter().find(|waiver| waiver.gate == gate)
    }
}
