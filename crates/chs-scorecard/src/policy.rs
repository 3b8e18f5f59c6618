//! What a scorecard asks of the fitter and of whoever releases a model.

/// Section `[fit]`: how weights are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fit {
    /// Learned weights are multiples of this many percent: 1, 2, 5 or 10.
    pub steps: u32,
}

impl Default for Fit {
    fn default() -> Self {
        Self { steps: 1 }
    }
}

/// Section `[gates]`: what held-out evidence has to show before a model is exported.
#[derive(Clone, Copy, Debug, PartialEq)]
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
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            auc_within_snapshot: 0.5,
            calibration_slope: (0.8, 1.25),
            bands_monotone: true,
            lift_at_risk: 2.0,
            event_accounts: 100,
        }
    }
}
