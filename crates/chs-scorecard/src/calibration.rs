//! Calibration: from a score to the probability of the outcome.

/// What turns a score S into a probability: `logit P(outcome) = intercept + slope * S`.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Log-odds of the outcome at score 0, at most 10 significant digits.
    pub intercept: f64,
    /// Change of the log-odds per point of the score, at most 10 significant digits: below 0 for an
    /// adverse outcome, above 0 for a favourable one.
    pub slope: f64,
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
    /// Probability of the outcome at a score; the exponential differs between platforms by about one
    /// part in 1e15.
    pub(crate) fn probability(&self, score: f64) -> OutcomeProbability {
        let log_odds = self.intercept + self.slope * score;
        let odds_against_certainty = (-log_odds.abs()).exp();
        let smaller = odds_against_certainty / (1.0 + odds_against_certainty);
        OutcomeProbability(if log_odds < 0.0 {
            smaller
        } else {
            1.0 / (1.0 + odds_against_certainty)
        })
    }

    /// What is wrong with it: the field and why.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        for (field, number) in [("intercept", self.intercept), ("slope", self.slope)] {
            if !number.is_finite() || significant_digits(number).len() > 10 {
                let message = format!("{number}; expected at most 10 significant digits");
                return Some((field, message));
            }
        }
        let falls = match self.polarity {
            OutcomePolarity::Adverse => self.slope < 0.0,
            OutcomePolarity::Favourable => self.slope > 0.0,
        };
        if !falls {
            let message = format!(
                "{}; expected below 0 for an adverse outcome, above 0 for a favourable one",
                self.slope
            );
            return Some(("slope", message));
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
    use super::{Calibration, OutcomePolarity, significant_digits};

    fn calibration() -> Calibration {
        Calibration {
            intercept: 1.5,
            slope: -0.05,
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
        let steep = Calibration { intercept: -700.0, ..calibration };
        assert!((steep.probability(0.0).get() / (-700.0_f64).exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn each_broken_field_is_named() {
        let field = |broken: Calibration| broken.fault().map(|(field, _)| field);
        assert_eq!(field(calibration()), None);
        assert_eq!(field(Calibration { intercept: f64::NAN, ..calibration() }), Some("intercept"));
        assert_eq!(field(Calibration { slope: -1.0 / 3.0, ..calibration() }), Some("slope"));
        assert_eq!(field(Calibration { slope: 0.0, ..calibration() }), Some("slope"));
        let favourable =
            Calibration { polarity: OutcomePolarity::Favourable, slope: 0.05, ..calibration() };
        assert_eq!(field(favourable), None);
        assert_eq!(field(Calibration { horizon: String::new(), ..calibration() }), Some("horizon"));
        assert_eq!(field(Calibration { base_rate: 1.5, ..calibration() }), Some("base_rate"));
    }

    #[test]
    fn significant_digits_are_those_of_the_shortest_form() {
        assert_eq!(significant_digits(-120.50), "1205");
        assert_eq!(significant_digits(0.1 + 0.2), "30000000000000004");
        assert_eq!(significant_digits(0.0), "");
        assert_eq!(significant_digits(5_195_555_618_526_113.0 / 4.0), "12988889046315282", "not 83");
    }
}
