//! The model: a scorecard with what training adds to it.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::calibration::{Calibration, OutcomeProbability};
use crate::columns::{InputColumn, ScoredColumns};
use crate::health_score::HealthScore;
use crate::policy::{Fit, Gates};
use crate::score::{Input, Scored};
use crate::scorecard::Scorecard;
use crate::trend::{Previous, TrendDirection, TrendReading};

/// A scorecard with its calibration and reference sub-scores: everything that scoring needs, nothing
/// that only a fitter reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    scorecard: Scorecard,
    calibration: Calibration,
    segments: Option<Segments>,
}

/// Reference sub-scores that differ by segment.
#[derive(Clone, Debug, PartialEq)]
struct Segments {
    column: String,
    scorecards: BTreeMap<String, Scorecard>,
}

/// What keeps parts from being a model.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{field}`: {message}")]
pub struct ModelFault {
    /// The field, with dots between levels (`calibration.slope`).
    pub field: String,
    /// What it is and what was expected, a lower-case fragment.
    pub message: String,
}

/// The score of one account by a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelScored {
    /// Score, coverage, sub-scores; contributions against the model's reference sub-scores.
    pub scored: Scored,
    /// Probability of the outcome that the calibration names; none without a score.
    pub probability: Option<OutcomeProbability>,
    /// Band after the trend rules, and direction; none without a score.
    pub trend: Option<TrendReading>,
    /// Whether the segment has reference sub-scores of its own; without, the shared ones apply.
    pub segment_known: bool,
}

impl ModelScored {
    /// Index of the band after the trend rules.
    pub fn band(&self) -> Option<usize> {
        self.trend.map(|reading| reading.band)
    }
}

/// Many accounts, column by column; lists may be shorter than `inputs`, what they lack is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelColumns<'a> {
    /// The indicators, in the order of [`Scorecard::indicators`].
    pub inputs: &'a [InputColumn<'a>],
    /// The segment column, where the model has one; text.
    pub segment: Option<InputColumn<'a>>,
    /// The earlier score of each account.
    pub previous: &'a [Option<Previous>],
}

/// The scores of many accounts by a model: one element per account in each list.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ModelScoredColumns {
    /// Score, coverage, sub-scores, contributions.
    pub scored: ScoredColumns,
    /// Probability of the outcome, 0 to 1.
    pub probability: Vec<Option<f64>>,
    /// Index of the band after the trend rules.
    pub band: Vec<Option<usize>>,
    /// Direction, where an earlier score of the right age is known.
    pub direction: Vec<Option<TrendDirection>>,
}

impl Model {
    /// A model of a scorecard; `reference_sub_scores` are the training means in the order of
    /// [`Scorecard::indicators`].
    ///
    /// What only the fitter reads (share bounds, `[fit]`, `[gates]`) is left behind.
    ///
    /// # Errors
    ///
    /// [`ModelFault`] for a percentile that is not frozen, a reference outside 0 to 100 or lacking, and
    /// a calibration that is not finite, runs the wrong way or has more than 10 significant digits.
    pub fn from_scorecard(
        scorecard: &Scorecard,
        calibration: Calibration,
        reference_sub_scores: &[f64],
    ) -> Result<Self, ModelFault> {
        if scorecard.needs_reference() {
            return Err(fault("components", "a percentile is not frozen; freeze the scorecard"));
        }
        if let Some((field, message)) = calibration.fault() {
            return Err(fault(format!("calibration.{field}"), message));
        }
        let mut scorecard = with_references(scorecard, reference_sub_scores)?;
        (scorecard.fit, scorecard.gates) = (Fit::default(), Gates::default());
        for component in &mut scorecard.components {
            component.share = None;
            component.indicators.iter_mut().for_each(|indicator| indicator.share = None);
        }
        Ok(Self { scorecard, calibration, segments: None })
    }

    /// The same model with reference sub-scores per level of a segment column.
    ///
    /// # Errors
    ///
    /// [`ModelFault`] for an empty name and for references outside 0 to 100 or lacking.
    pub fn with_segments(
        mut self,
        column: &str,
        reference_sub_scores: &BTreeMap<String, Vec<f64>>,
    ) -> Result<Self, ModelFault> {
        if column.is_empty() || reference_sub_scores.contains_key("") {
            return Err(fault("segments", "an empty name; expected a column and its levels"));
        }
        let mut scorecards = BTreeMap::new();
        for (level, references) in reference_sub_scores {
            let scorecard = with_references(&self.scorecard, references)
                .map_err(|broken| fault(format!("segments.{}", broken.field), broken.message))?;
            scorecards.insert(level.clone(), scorecard);
        }
        self.segments = Some(Segments { column: column.to_owned(), scorecards });
        Ok(self)
    }

    /// The scorecard, with the shared reference sub-scores.
    pub fn scorecard(&self) -> &Scorecard {
        &self.scorecard
    }

    /// From score to probability.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Name of the column that holds the segment, where references differ by segment.
    pub fn segment_column(&self) -> Option<&str> {
        self.segments.as_ref().map(|segments| segments.column.as_str())
    }

    /// Levels with reference sub-scores of their own, ascending, each with its scorecard.
    pub fn segments(&self) -> impl Iterator<Item = (&str, &Scorecard)> {
        (self.segments.iter().flat_map(|segments| &segments.scorecards))
            .map(|(level, scorecard)| (level.as_str(), scorecard))
    }

    /// Score one account: the bits of [`Scorecard::score`], with probability and trend.
    ///
    /// `inputs` follow the order of [`Scorecard::indicators`]. A segment chooses the references that
    /// contributions are measured against; it does not change the score.
    pub fn score(
        &self,
        inputs: &[Input<'_>],
        segment: Option<&str>,
        previous: Option<Previous>,
    ) -> ModelScored {
        let own = segment.and_then(|level| self.segment(level));
        let scored = own.unwrap_or(&self.scorecard).score(inputs);
        let (probability, trend) = self.read(scored.score, previous);
        ModelScored { scored, probability, trend, segment_known: own.is_some() }
    }

    /// Score many accounts, each as [`Model::score`] does, bit for bit.
    pub fn score_columns(&self, columns: &ModelColumns<'_>) -> ModelScoredColumns {
        let (codes, words) = match columns.segment {
            Some(InputColumn::Text { codes, words }) => (codes, words),
            _ => (&[][..], &[][..]),
        };
        let by_code: Vec<&Scorecard> =
            (words.iter()).map(|level| self.segment(level).unwrap_or(&self.scorecard)).collect();
        let scored = self.scorecard.score_columns_by(columns.inputs, |row| {
            let code = codes.get(row).copied().flatten();
            code.and_then(|code| by_code.get(code as usize).copied()).unwrap_or(&self.scorecard)
        });
        let mut result = ModelScoredColumns::default();
        for (row, score) in scored.score.iter().enumerate() {
            let previous = columns.previous.get(row).copied().flatten();
            let (probability, trend) = self.read(score.map(HealthScore::clamped), previous);
            result.probability.push(probability.map(OutcomeProbability::get));
            result.band.push(trend.map(|reading| reading.band));
            result.direction.push(trend.and_then(|reading| reading.direction));
        }
        result.scored = scored;
        result
    }

    fn segment(&self, level: &str) -> Option<&Scorecard> {
        self.segments.as_ref()?.scorecards.get(level)
    }

    fn read(
        &self,
        score: Option<HealthScore>,
        previous: Option<Previous>,
    ) -> (Option<OutcomeProbability>, Option<TrendReading>) {
        (
            score.map(|score| self.calibration.probability(score.get())),
            score.map(|score| self.scorecard.read_trend(score, previous)),
        )
    }
}

/// A copy of a scorecard whose contributions are measured against other sub-scores.
fn with_references(scorecard: &Scorecard, references: &[f64]) -> Result<Scorecard, ModelFault> {
    let count = scorecard.indicators().count();
    if references.len() != count {
        let message = format!("{} of them for {count} indicators", references.len());
        return Err(fault("reference_sub_scores", message));
    }
    let mut copy = scorecard.clone();
    let indicators = copy.components.iter_mut().flat_map(|component| &mut component.indicators);
    for (indicator, reference) in indicators.zip(references) {
        if !(0.0..=100.0).contains(reference) {
            let message = format!("{reference} for `{}`; expected 0 to 100", indicator.name);
            return Err(fault("reference_sub_scores", message));
        }
        indicator.reference_sub_score = *reference;
    }
    Ok(copy)
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> ModelFault {
    ModelFault { field: field.into(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Model, ModelColumns};
    use crate::{
        Calibration, HealthScore, Input, InputColumn, OutcomePolarity, Previous, ProbabilityCurve,
        Scorecard, TrendDirection,
    };

    const TEXT: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.a]
        weight = 100
        share = [0, 100]
        indicators = [
          { name = "a", weight = 3, poor = 0, good = 10, share = [10, 90] },
          { name = "b", poor = 0, good = 10 },
        ]
        [trend]
        rules = [{ fall = 15, at_best = "attention" }]
        [gates]
        lift_at_risk = 3
    "#;

    fn calibration() -> Calibration {
        Calibration {
            curve: ProbabilityCurve::Logistic { intercept: 2.0, slope: -0.05 },
            outcome: "churn".to_owned(),
            polarity: OutcomePolarity::Adverse,
            lead_time: "0d".to_owned(),
            horizon: "90d".to_owned(),
            base_rate: 0.1,
        }
    }

    fn model() -> Model {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        Model::from_scorecard(&scorecard, calibration(), &[60.0, 40.0]).unwrap()
    }

    fn field(result: Result<Model, super::ModelFault>) -> String {
        result.unwrap_err().field
    }

    #[test]
    fn the_score_is_the_scorecards_and_drivers_are_measured_against_the_references() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let inputs = [Input::Number(9.0), Input::Number(7.0)];
        let scored = model().score(&inputs, None, None);
        assert_eq!(scored.scored.score, scorecard.score(&inputs).score);
        assert_eq!(scored.scored.contributions, [Some(22.5), Some(7.5)]);
        assert!((scored.probability.unwrap().get() - 1.0 / (1.0 + 2.25_f64.exp())).abs() < 1e-15);
        assert_eq!(scored.band(), Some(2));
        let unscored = model().score(&[], None, None);
        assert_eq!((unscored.probability, unscored.trend), (None, None));
    }

    #[test]
    fn a_fall_caps_the_band_and_what_the_fitter_reads_is_left_behind() {
        let model = model();
        let previous = Previous { score: HealthScore::new(100.0).unwrap(), age_days: 30 };
        let scored = model.score(&[Input::Number(8.0), Input::Number(8.0)], None, Some(previous));
        assert_eq!((scored.scored.band, scored.band()), (Some(2), Some(1)));
        assert_eq!(scored.trend.unwrap().direction, Some(TrendDirection::Declining));
        assert!(model.scorecard().indicators().all(|indicator| indicator.share.is_none()));
        assert!(model.scorecard().components().iter().all(|component| component.share.is_none()));
        assert_eq!(model.scorecard().gates(), &crate::Gates::default());
    }

    #[test]
    fn a_segment_has_its_own_references_but_no_other_score() {
        let levels = BTreeMap::from([("pro".to_owned(), vec![90.0, 70.0])]);
        let model = model().with_segments("plan", &levels).unwrap();
        let inputs = [Input::Number(9.0), Input::Number(7.0)];
        let pro = model.score(&inputs, Some("pro"), None);
        let other = model.score(&inputs, Some("?"), None);
        assert_eq!(pro.scored.contributions, [Some(0.0), Some(0.0)]);
        assert_eq!(other.scored.contributions, [Some(22.5), Some(7.5)]);
        assert_eq!((pro.segment_known, other.segment_known), (true, false));
        assert_eq!(pro.scored.score, other.scored.score);

        let previous =
            [None, Some(Previous { score: HealthScore::new(100.0).unwrap(), age_days: 1 })];
        let columns = ModelColumns {
            inputs: &[InputColumn::Number(&[9.0, 7.5]), InputColumn::Number(&[7.0, 7.5])],
            segment: Some(InputColumn::Text {
                codes: &[Some(0), None],
                words: &["pro".to_owned()],
            }),
            previous: &previous,
        };
        let scored = model.score_columns(&columns);
        let second = model.score(&[Input::Number(7.5), Input::Number(7.5)], None, previous[1]);
        assert_eq!(
            scored.scored.contributions,
            [[Some(0.0), Some(11.25)], [Some(0.0), Some(8.75)]]
        );
        assert_eq!(scored.band, [Some(2), Some(1)]);
        assert_eq!(scored.direction, [None, Some(TrendDirection::Declining)]);
        assert_eq!(scored.probability[1], second.probability.map(super::OutcomeProbability::get));
    }

    #[test]
    fn parts_that_are_no_model_are_refused() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let of = |scorecard: &Scorecard, references: &[f64]| {
            Model::from_scorecard(scorecard, calibration(), references)
        };
        assert_eq!(field(of(&scorecard, &[1.0])), "reference_sub_scores");
        assert_eq!(field(of(&scorecard, &[1.0, 101.0])), "reference_sub_scores");
        let curve = ProbabilityCurve::Logistic { intercept: 2.0, slope: 0.1 };
        let wrong_way = Calibration { curve, ..calibration() };
        assert_eq!(
            field(Model::from_scorecard(&scorecard, wrong_way, &[1.0, 1.0])),
            "calibration.slope"
        );
        let text = TEXT.replacen("poor = 0, good = 10", "percentile = \"higher_is_better\"", 1);
        let unfrozen = Scorecard::from_toml("scorecard.toml", &text).unwrap();
        assert_eq!(field(of(&unfrozen, &[1.0, 1.0])), "components");
        let empty = BTreeMap::from([(String::new(), vec![1.0, 1.0])]);
        assert_eq!(field(model().with_segments("plan", &empty)), "segments");
        let short = BTreeMap::from([("pro".to_owned(), vec![1.0])]);
        assert_eq!(field(model().with_segments("plan", &short)), "segments.reference_sub_scores");
    }
}
