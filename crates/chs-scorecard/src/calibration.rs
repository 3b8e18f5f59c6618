//! Calibration: from a score to the probability of the outcome.

/// What turns a score into a probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// From the score to the probability.
    pub curve: ProbabilityCurve,
    /// The outcome that the probability speaks of, in words (`churn`).
    pub outcome: String,
    /// Whether that outcome is bad news or good news.
    pub polarity: OutcomePolarity,
    /// Time between the snapshot and the label window (`14d`).
    pub lead_time: String,
    /// Length of the label window (`90d`).
    pub horizon: String,
    /// Share of the training rows with the outcome, 0 to 1.
    pub base_rate: f64,
}

/// The way from a score S to a probability: down for an adverse outcome, up for a favourable one.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbabilityCurve {
    /// `logit P(outcome) = intercept + slope * S`.
    Logistic {
        /// Log-odds of the outcome at score 0, at most 10 significant digits.
        intercept: f64,
        /// Change of the log-odds per point of the score, at most 10 significant digits: below 0 for an
        /// adverse outcome, above 0 for a favourable one.
        slope: f64,
    },
    /// Straight lines between points, level before the first and after the last.
    Isotonic {
        /// Scores, ascending, each with its probability, never against the outcome's direction; at most
        /// 10 significant digits each, at least two points.
        points: Vec<(f64, f64)>,
    },
}

impl ProbabilityCurve {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Logistic { .. } => "logistic",
            Self::Isotonic { .. } => "isotonic",
        }
    }
}

/// Whether an outcome is bad news or good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomePolarity {
    /// A low score announces it (churn).
    Adverse,
    /// A high score announces it (renewal, expansion).
    Favourable,
}

/// Probability of the outcome that a [`Calibration`] names, 0 to 1; its polarity says whether high is bad.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct OutcomeProbability(f64);

impl OutcomeProbability {
    /// The number, 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Calibration {
    /// Probability of the outcome at a score, 0 to 100; the exponential of a logistic curve differs
    /// between platforms by about one part in 1e15.
    pub fn probability(&self, score: f64) -> OutcomeProbability {
        OutcomeProbability(match &self.curve {
            ProbabilityCurve::Logistic { intercept, slope } => logistic(intercept + slope * score),
            ProbabilityCurve::Isotonic { points } => between(points, score),
        })
    }

    /// What is wrong with it: the field and why.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        let of_curve = match &self.curve {
            ProbabilityCurve::Logistic { intercept, slope } => {
                self.logistic_fault(*intercept, *slope)
            }
            ProbabilityCurve::Isotonic { points } => {
                self.isotonic_fault(points).map(|message| ("points", message))
            }
        };
        if of_curve.is_some() {
            return of_curve;
        }
        let texts = [
            ("outcome", &self.outcome),
            ("lead_time", &self.lead_time),
            ("horizon", &self.horizon),
        ];
        for (field, text) in texts {
            if text.is_empty() {
                return Some((field, "the text is empty".to_owned()));
            }
        }
        (!(0.0..=1.0).contains(&self.base_rate))
            .then(|| ("base_rate", format!("{}; expected 0 to 1", self.base_rate)))
    }

    fn logistic_fault(&self, intercept: f64, slope: f64) -> Option<(&'static str, String)> {
        for (field, number) in [("intercept", intercept), ("slope", slope)] {
            if !is_short(number) {
                let message = format!("{number}; expected at most 10 significant digits");
                return Some((field, message));
            }
        }
        let follows = match self.polarity {
            OutcomePolarity::Adverse => slope < 0.0,
            OutcomePolarity::Favourable => slope > 0.0,
        };
        let message = || {
            format!(
                "{slope}; expected below 0 for an adverse outcome, above 0 for a favourable one"
            )
        };
        (!follows).then(|| ("slope", message()))
    }

    fn isotonic_fault(&self, points: &[(f64, f64)]) -> Option<String> {
        for (index, (score, probability)) in points.iter().enumerate() {
            let is_sound = is_short(*score)
                && is_short(*probability)
                && (0.0..=100.0).contains(score)
                && (0.0..=1.0).contains(probability);
            if !is_sound {
                return Some(format!(
                    "point {index} is {score}, {probability}; expected a score of 0 to 100 and a \
                     probability of 0 to 1, at most 10 significant digits each"
                ));
            }
        }
        let follows = |before: f64, after: f64| match self.polarity {
            OutcomePolarity::Adverse => after <= before,
            OutcomePolarity::Favourable => after >= before,
        };
        let pairs = || points.iter().zip(points.iter().skip(1));
        let in_order = pairs().all(|(left, right)| left.0 < right.0 && follows(left.1, right.1));
        let moves = pairs().any(|(left, right)| left.1.total_cmp(&right.1).is_ne());
        (!(in_order && moves)).then(|| {
            "expected two points or more, scores ascending, probabilities falling for an adverse \
             outcome and rising for a favourable one"
                .to_owned()
        })
    }
}

/// P at these log-odds, its digits kept at both ends.
fn logistic(log_odds: f64) -> f64 {
    let odds_against_certainty = (-log_odds.abs()).exp();
    let smaller = odds_against_certainty / (1.0 + odds_against_certainty);
    if log_odds < 0.0 { smaller } else { 1.0 / (1.0 + odds_against_certainty) }
}

/// On the line between the points on either side, that of the last point at or before the score.
fn between(points: &[(f64, f64)], score: f64) -> f64 {
    let after = points.partition_point(|(own, _)| *own <= score);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (score - x0) / (x1 - x0) * (y1 - y0),
        (Some((_, level)), None) | (None, Some((_, level))) => *level,
        // A model has none without points.
        (None, None) => f64::NAN,
    }
}

fn is_short(number: f64) -> bool {
    number.is_finite() && significant_digits(number).len() <= 10
}

/// The digits of the shortest decimal that reads back as `number`, without leading and trailing zeros; of
/// two that lie equally near the even one, as JSON is written here. None where it is not finite.
pub(crate) fn significant_digits(number: f64) -> String {
    digits_of(&serde_json::Value::from(number).to_string())
}

/// The digits of a written number before its exponent, without leading and trailing zeros.
pub(crate) fn digits_of(written: &str) -> String {
    let mantissa = written.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Calibration, OutcomePolarity, ProbabilityCurve, significant_digits};

    fn calibration() -> Calibration {
        Calibration {
            curve: ProbabilityCurve::Logistic { intercept: 1.5, slope: -0.05 },
            outcome: "churn".to_owned(),
            polarity: OutcomePolarity::Adverse,
            lead_time: "14d".to_owned(),
            horizon: "90d".to_owned(),
            base_rate: 0.1,
        }
    }

    #[test]
    fn the_probability_is_logistic_and_keeps_its_digits_at_both_ends() {
        let calibration = calibration();
        let probability = |score| calibration.probability(score).get();
        assert!((probability(30.0) - 0.5).abs() < 1e-15);
        assert!((probability(0.0) - 1.0 / (1.0 + (-1.5_f64).exp())).abs() < 1e-15);
        assert!((probability(60.0) + probability(0.0) - 1.0).abs() < 1e-15);
        let curve = ProbabilityCurve::Logistic { intercept: -700.0, slope: -0.05 };
        let steep = Calibration { curve, ..calibration };
        assert!((steep.probability(0.0).get() / (-700.0_f64).exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn each_broken_field_is_named() {
        let field = |broken: Calibration| broken.fault().map(|(field, _)| field);
        assert_eq!(field(calibration()), None);
        let of = |intercept, slope| Calibration {
            curve: ProbabilityCurve::Logistic { intercept, slope },
            ..calibration()
        };
        assert_eq!(field(of(f64::NAN, -0.05)), Some("intercept"));
        assert_eq!(field(of(1.5, -1.0 / 3.0)), Some("slope"));
        assert_eq!(field(of(1.5, 0.0)), Some("slope"));
        let favourable = |own| Calibration { polarity: OutcomePolarity::Favourable, ..own };
        assert_eq!(field(favourable(of(1.5, 0.05))), None);
        assert_eq!(field(Calibration { horizon: String::new(), ..calibration() }), Some("horizon"));
        assert_eq!(field(Calibration { base_rate: 1.5, ..calibration() }), Some("base_rate"));
    }

    fn isotonic(points: &[(f64, f64)]) -> Calibration {
        let curve = ProbabilityCurve::Isotonic { points: points.to_vec() };
        Calibration { curve, ..calibration() }
    }

    #[test]
    fn between_points_lie_lines_and_beyond_them_levels() {
        let own = isotonic(&[(20.0, 0.5), (40.0, 0.5), (60.0, 0.1)]);
        let bits = |score| own.probability(score).get().to_bits();
        assert_eq!(own.fault(), None);
        assert_eq!(bits(0.0), 0.5_f64.to_bits());
        assert_eq!(bits(40.0), 0.5_f64.to_bits());
        assert!((own.probability(50.0).get() - 0.3).abs() < 1e-15);
        assert_eq!(bits(60.0), 0.1_f64.to_bits());
        assert_eq!(bits(100.0), 0.1_f64.to_bits());
    }

    #[test]
    fn points_against_the_direction_are_refused() {
        let fault = |points: &[(f64, f64)]| isotonic(points).fault().map(|(field, _)| field);
        assert_eq!(fault(&[(20.0, 0.5), (60.0, 0.1)]), None);
        for broken in [
            &[(20.0, 0.1), (60.0, 0.5)][..],
            &[(60.0, 0.5), (20.0, 0.1)],
            &[(20.0, 0.5), (20.0, 0.1)],
            &[(20.0, 0.5), (60.0, 0.5)],
            &[(20.0, 0.5)],
            &[(20.0, 1.5), (60.0, 0.1)],
            &[(20.0, 0.5), (100.5, 0.1)],
            &[(20.0, 0.5), (60.0, 1.0 / 3.0)],
        ] {
            assert_eq!(fault(broken), Some("points"), "{broken:?}");
        }
        let rising = isotonic(&[(20.0, 0.1), (60.0, 0.5)]);
        let rising = Calibration { polarity: OutcomePolarity::Favourable, ..rising };
        assert_eq!(rising.fault(), None);
    }

    #[test]
    fn significant_digits_are_those_of_the_shortest_form() {
        assert_eq!(significant_digits(-120.50), "1205");
        assert_eq!(significant_digits(0.1 + 0.2), "30000000000000004");
        assert_eq!(significant_digits(0.0), "");
        assert_eq!(
            significant_digits(5_195_555_618_526_113.0 / 4.0),
            "12988889046315282",
            "not 83"
        );
    }
}
