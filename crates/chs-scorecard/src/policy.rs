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
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// Learned weights are multiples of this many percent: 1, 2, 5 or 10.
    pub steps: u32,
    /// How the edges of bands are found. `None` is by likelihood for learned weights (the old edges mean
    /// nothing on a new score), and as they are for the prior's.
    pub edges: Option<BandRule>,
    /// Most indicators with a weight, at least 1; all where `None`.
    pub most_indicators: Option<u32>,
    /// Components whose share is at least another's.
    pub order: Vec<ShareOrder>,
    /// Days after which a row counts half; every row counts alike where `None`.
    pub half_life_days: Option<u32>,
    /// Whether a row counts by its account's value.
    pub by_value: bool,
    /// Where sub-scores come from.
    pub scales: Scales,
    /// What turns a score into a probability.
    pub probability: Probability,
}

/// What turns a score into a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probability {
    /// Log-odds linear in the score.
    #[default]
    Logistic,
    /// Straight lines between the rates of neighbouring scores, for long histories.
    Isotonic,
}

/// Where the scales of indicators come from, from a value to its sub-score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scales {
    /// The scorecard's own.
    #[default]
    Given,
    /// Learned from the training rows, in the direction of the scorecard's own.
    Learned,
}

impl Default for Fit {
    fn default() -> Self {
        Self {
            steps: 1,
            edges: None,
            most_indicators: None,
            order: Vec::new(),
            half_life_days: None,
            by_value: false,
            scales: Scales::Given,
            probability: Probability::Logistic,
        }
    }
}

/// Two components, by their places, of which the first has at least the second's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareOrder {
    /// The component with at least as much.
    pub larger: usize,
    /// The other one.
    pub smaller: usize,
}

/// How the edges of bands are found; always whole points.
///
/// The alert band is the lowest one; for a favourable outcome that few have, the highest. Where a rule
/// speaks of it, the edges of the other bands are the likeliest.
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
    /// The alert band that costs least: outcomes that it misses, and false alarms in it.
    Cost {
        /// What a missed outcome costs, in false alarms, above 0.
        miss: f64,
    },
    /// The widest alert band with so high an outcome rate.
    Precision {
        /// Smallest rate, above 0, at most 1.
        at_least: f64,
    },
    /// The widest alert band with so many times the outcome rate of all.
    Ratio {
        /// Smallest ratio, above 1.
        at_least: f64,
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
            Self::Cost { .. } => "cost",
            Self::Precision { .. } => "precision",
            Self::Ratio { .. } => "ratio",
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
