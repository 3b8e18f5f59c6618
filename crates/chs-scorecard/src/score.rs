//! From the inputs of one account to its score.
//!
//! One formula, over the indicators that have a sub-score, in declared order: W is the sum of their
//! weights, `term = weight / W * sub-score`, the score is the sum of the terms, held within 0 to 100.
//! The order of operations is part of the contract: no fused multiply-add, no reassociation.

use crate::component::{Indicator, Missing};
use crate::health_score::HealthScore;
use crate::normalisation::Reading;
use crate::scorecard::Scorecard;

/// One indicator of one account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input<'a> {
    /// Nothing is known.
    Missing,
    /// A number; NaN is missing, an infinite number is missing and counted as unusable.
    Number(f64),
    /// A word; one that the indicator's map lacks is missing and counted as unusable.
    Text(&'a str),
}

/// A score and how it came about; lists follow the order of [`Scorecard::indicators`] or
/// [`Scorecard::components`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Scored {
    /// The score, or none with its `reason`.
    pub score: Option<HealthScore>,
    /// Share of the weight whose indicators were observed, 0 to 1; what a missing policy filled in
    /// does not count.
    pub coverage: f64,
    /// Index of the band.
    pub band: Option<usize>,
    /// Sub-score per indicator, observed or from its missing policy.
    pub sub_scores: Vec<Option<f64>>,
    /// Whether each indicator was observed.
    pub observed: Vec<bool>,
    /// Sub-score per component, by the same formula inside it; none where nothing in it was observed.
    pub components: Vec<Option<f64>>,
    /// Term per indicator minus the term of its reference sub-score; points lost where that is 100.
    pub contributions: Vec<Option<f64>>,
    /// Inputs that were there but could not be used.
    pub unusable: usize,
    /// Why there is no score.
    pub reason: Option<NoScore>,
}

/// Why an account has no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoScore {
    /// A percentile has no reference distribution yet.
    NotFrozen,
    /// An indicator whose missing policy is `reject` is missing: its index, the first of several.
    Rejected {
        /// Index of the indicator.
        indicator: usize,
    },
    /// No indicator with a weight was observed.
    NothingObserved,
}

impl Scorecard {
    /// Score one account.
    ///
    /// `inputs` follow the order of [`Scorecard::indicators`]; absent ones are missing, further ones are
    /// not looked at.
    pub fn score(&self, inputs: &[Input<'_>]) -> Scored {
        let readings: Vec<Reading> = (self.indicators().enumerate())
            .map(|(index, indicator)| {
                indicator.normalisation.read(inputs.get(index).copied().unwrap_or(Input::Missing))
            })
            .collect();
        let mut scored = Scored::default();
        self.combine(&readings, &mut scored);
        scored
    }

    /// Score one account from what its values say, into `scored`, whose lists are used again.
    pub(crate) fn combine(&self, readings: &[Reading], scored: &mut Scored) {
        let rejected = self.read_sub_scores(readings, scored);
        let observed = (scored.sub_scores.iter().zip(&scored.observed))
            .map(|(sub_score, observed)| sub_score.filter(|_| *observed));
        let weight_observed = available_weight(self.indicators(), observed);
        let weight_in_all = available_weight(self.indicators(), std::iter::repeat(Some(0.0)));
        scored.coverage = weight_observed / weight_in_all;
        scored.reason = if self.needs_reference() {
            Some(NoScore::NotFrozen)
        } else if rejected.is_some() {
            rejected
        } else if weight_observed > 0.0 {
            None
        } else {
            Some(NoScore::NothingObserved)
        };
        self.weigh(scored);
    }

    fn read_sub_scores(&self, readings: &[Reading], scored: &mut Scored) -> Option<NoScore> {
        scored.sub_scores.clear();
        scored.observed.clear();
        scored.unusable = 0;
        let mut rejected = None;
        for (index, (indicator, reading)) in self.indicators().zip(readings).enumerate() {
            scored.unusable += usize::from(*reading == Reading::Unusable);
            let sub_score = match (reading, indicator.missing) {
                (Reading::Observed(sub_score), _) => Some(*sub_score),
                (_, Missing::Score(sub_score)) => Some(sub_score),
                (_, Missing::Reweight) => None,
                (_, Missing::Reject) => {
                    rejected = rejected.or(Some(NoScore::Rejected { indicator: index }));
                    None
                }
            };
            scored.sub_scores.push(sub_score);
            scored.observed.push(matches!(reading, Reading::Observed(_)));
        }
        rejected
    }

    /// Score, band, contributions and component sub-scores from sub-scores and `reason`.
    fn weigh(&self, scored: &mut Scored) {
        let sub_scores = &scored.sub_scores;
        let unscored = scored.reason.is_some();
        let weight = available_weight(self.indicators(), sub_scores.iter().copied());
        scored.score =
            if unscored { None } else { weighted(self.indicators(), sub_scores.iter().copied()) };
        scored.band = scored.score.map(|score| self.band_of(score));
        scored.contributions.clear();
        scored.contributions.extend(self.indicators().zip(sub_scores).map(
            |(indicator, sub_score)| {
                let share = indicator.weight / weight;
                sub_score
                    .filter(|_| !unscored)
                    .map(|value| share * value - share * indicator.reference_sub_score)
            },
        ));
        scored.components.clear();
        let mut start = 0;
        for component in &self.components {
            let range = start..start + component.indicators.len();
            start = range.end;
            let seen = scored.observed[range.clone()].contains(&true);
            let own = weighted(component.indicators.iter(), sub_scores[range].iter().copied());
            scored.components.push(own.filter(|_| seen && !unscored).map(HealthScore::get));
        }
    }
}

/// Sum of the weights of the indicators that have a sub-score, in declared order.
pub(crate) fn available_weight<'a>(
    indicators: impl Iterator<Item = &'a Indicator>,
    sub_scores: impl Iterator<Item = Option<f64>>,
) -> f64 {
    let mut sum = 0.0;
    for (indicator, _) in indicators.zip(sub_scores).filter(|(_, sub_score)| sub_score.is_some()) {
        sum += indicator.weight;
    }
    sum
}

/// The score of the indicators that have a sub-score; none without weight.
pub(crate) fn weighted<'a>(
    indicators: impl Iterator<Item = &'a Indicator> + Clone,
    sub_scores: impl Iterator<Item = Option<f64>> + Clone,
) -> Option<HealthScore> {
    let weight = available_weight(indicators.clone(), sub_scores.clone());
    let mut sum = 0.0;
    for (indicator, sub_score) in indicators.zip(sub_scores) {
        if let Some(sub_score) = sub_score {
            sum += indicator.weight / weight * sub_score;
        }
    }
    (weight > 0.0).then(|| HealthScore::clamped(sum))
}

#[cfg(test)]
mod tests {
    use super::{Input, NoScore};
    use crate::Scorecard;

    const TEXT: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.a]
        weight = 75
        indicators = [{ name = "a", poor = 0, good = 100, missing = 20 }]
        [components.b]
        weight = 25
        indicators = [{ name = "b", poor = 0, good = 100, missing = "reject" }]
    "#;

    #[test]
    fn what_a_policy_fills_in_counts_but_is_not_covered() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let scored = scorecard.score(&[Input::Number(f64::INFINITY), Input::Number(60.0)]);
        assert_eq!(scored.score.map(crate::HealthScore::get), Some(30.0));
        assert_eq!((scored.band, scored.unusable), (Some(0), 1));
        assert_eq!(scored.observed, [false, true]);
        assert_eq!(scored.components, [None, Some(60.0)]);
        assert_eq!(scored.contributions, [Some(-60.0), Some(-10.0)]);
        assert!((scored.coverage - 0.25).abs() < 1e-12);
    }

    #[test]
    fn a_rejected_account_says_why_and_shows_nothing_else() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let scored = scorecard.score(&[Input::Number(80.0)]);
        assert_eq!(scored.reason, Some(NoScore::Rejected { indicator: 1 }));
        assert_eq!((scored.score, scored.band), (None, None));
        assert_eq!((scored.components, scored.contributions), (vec![None; 2], vec![None; 2]));
        assert_eq!(scored.sub_scores, [Some(80.0), None]);
    }

    #[test]
    fn nothing_observed_is_no_score_whatever_the_policies_fill_in() {
        let text = TEXT.replace("\"reject\"", "50");
        let scorecard = Scorecard::from_toml("scorecard.toml", &text).unwrap();
        let scored = scorecard.score(&[]);
        assert_eq!((scored.score, scored.reason), (None, Some(NoScore::NothingObserved)));
        assert_eq!(scored.sub_scores, [Some(20.0), Some(50.0)]);
    }
}
