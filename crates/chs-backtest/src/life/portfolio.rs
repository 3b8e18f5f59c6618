//! The portfolio as one: what moved its mean score, and what it foretold.

mod foretold;
mod step;

use crate::life::readings::Readings;
use crate::{Metric, Scores};

pub use step::{LargestAccount, PortfolioPart, PortfolioStep, ValueWeighted};

/// The mean score over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    /// `mean_score` at each snapshot, and `value_weighted_mean_score` where there are values.
    pub means: Vec<Metric>,
    /// From each snapshot to the next, ascending.
    pub steps: Vec<PortfolioStep>,
    /// From the first snapshot to the last.
    pub whole: Option<PortfolioStep>,
    /// `health_renewal_correlation`: mean score at a snapshot against the share of its accounts that is not
    /// lost by the next one.
    pub correlation: Metric,
    /// `revenue_forecast_error`: value expected to stay less value that stayed, over value at stake; over all
    /// rows, then per snapshot.
    pub forecast: Vec<Metric>,
}

/// Rows with a score, whoever is at risk for the label, by snapshot.
pub(crate) fn portfolio(readings: &Readings<'_>, components: &[String]) -> Portfolio {
    let frame = readings.frame;
    let snapshots = frame.panel.snapshots().len();
    let scored = Scored { readings, components };
    let pairs = (1..snapshots).map(|to| (to - 1, to));
    let mut steps: Vec<PortfolioStep> = pairs.filter_map(|pair| scored.step(pair)).collect();
    let whole = (snapshots > 1).then(|| scored.step((0, snapshots - 1))).flatten();
    let has_whole = whole.is_some();
    steps.extend(whole);
    let means = scored.means(&mut steps);
    let whole = if has_whole { steps.pop() } else { None };
    Portfolio {
        means,
        steps,
        whole,
        correlation: foretold::correlation(readings),
        forecast: foretold::forecast(readings),
    }
}

/// Scores by snapshot.
struct Scored<'a> {
    readings: &'a Readings<'a>,
    /// Name of the component of each contribution.
    components: &'a [String],
}

impl Scored<'_> {
    fn scores(&self) -> &Scores {
        self.readings.scores
    }
}
