//! The life of accounts beside their score: what it said on the way, and what became of them.
//!
//! Here rows of an account are read one after the other, and outcomes have a day: the alerts before a loss
//! and how early they came, scores before renewals, losses that looked healthy and alerts that came to
//! nothing, moves between bands, and the portfolio as one. It asks for an adverse label whose outcomes have
//! dates; what does not rest on outcomes is told without.

mod alerts;
mod anchored;
mod interventions;
mod migration;
mod misses;
mod policies;
mod portfolio;
mod readings;
mod totals;
mod warning_time;

#[cfg(test)]
mod tests;

use chs_panel::Polarity;

use crate::Scores;
use crate::sample::Frame;

pub use alerts::AlertPolicy;
pub use anchored::{Anchored, AnchoredOffset};
pub use interventions::Interventions;
pub use migration::{Migration, MigrationRow};
pub use misses::{MissedAccount, Misses};
pub use policies::PolicyResult;
pub use portfolio::{LargestAccount, Portfolio, PortfolioPart, PortfolioStep, ValueWeighted};
pub use warning_time::{WarningClock, WarningPoint, WarningTime};

use readings::Readings;

/// Points of a drop where the scorecard has no trend rule.
const FALL: f64 = 15.0;

/// What a score said along the life of the accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Why figures before outcomes are left out; `None` where they are not.
    pub no_outcomes: Option<String>,
    /// Why figures on bands are left out; `None` where they are not.
    pub no_bands: Option<String>,
    /// Scores at fixed times before the outcome.
    pub renewal_anchored: Option<Anchored>,
    /// How early the alert came.
    pub warning_time: Option<WarningTime>,
    /// Losses that were healthy, and alerts that stayed.
    pub misses: Option<Misses>,
    /// What alerts cost and bring, by policy.
    pub alerts: Vec<PolicyResult>,
    /// How accounts move between bands.
    pub migration: Option<Migration>,
    /// With and without the accounts for which something was done; `None` where no indicator tells.
    pub interventions: Option<Interventions>,
    /// The mean score over time; `None` in a cross-section.
    pub portfolio: Option<Portfolio>,
}

/// What the life of accounts is read with.
#[derive(Clone, Debug, Default)]
pub(crate) struct LifePlan {
    /// Points of a drop, as the trend rules of the scorecard have it.
    pub(crate) fall: Option<f64>,
    /// Name of the component of each contribution.
    pub(crate) components: Vec<String>,
}

pub(crate) fn life(frame: &Frame<'_>, scores: &Scores, plan: &LifePlan) -> Life {
    if frame.panel.is_cross_section() {
        let reason = Some("a cross-section has no time".to_owned());
        return Life { no_outcomes: reason.clone(), no_bands: reason, ..Life::default() };
    }
    let readings = Readings::new(frame, scores);
    let no_outcomes = no_outcomes(frame);
    let has_bands = scores.band_names.len() > 1;
    let healthy = u32::try_from(scores.band_names.len().saturating_sub(1)).unwrap_or(0);
    let is_told = no_outcomes.is_none();
    let mut found = Life {
        no_bands: (!has_bands).then(|| "the score has no bands".to_owned()),
        renewal_anchored: is_told.then(|| anchored::anchored(&readings)),
        migration: has_bands.then(|| migration::migration(&readings)),
        portfolio: Some(portfolio::portfolio(&readings, &plan.components)),
        no_outcomes,
        ..Life::default()
    };
    if has_bands && frame.label.definition.polarity == Polarity::Adverse {
        found.interventions = interventions::interventions(&readings, 0);
    }
    if is_told && has_bands {
        let consecutive = frame.settings.consecutive;
        let alert = (0, plan.fall.unwrap_or(FALL), consecutive);
        let sustained = alerts::Alerts::new(&readings, AlertPolicy::Sustained, alert);
        let band = scores.band_names.first().map_or("", String::as_str);
        found.warning_time =
            Some(warning_time::warning_time(&readings, &sustained, (band, consecutive)));
        found.misses = Some(misses::misses(&readings, (0, healthy)));
        found.alerts = policies::policies(&readings, alert);
    }
    found
}

/// Why figures before outcomes cannot be told.
fn no_outcomes(frame: &Frame<'_>) -> Option<String> {
    let definition = &frame.label.definition;
    if definition.polarity == Polarity::Favourable {
        return Some(format!("`{}` is good news: nothing is lost", definition.outcome));
    }
    frame
        .label
        .next
        .is_none()
        .then(|| format!("the panel does not tell when the outcome `{}` came", definition.outcome))
}
