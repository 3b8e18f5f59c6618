//! Trend: a score against the same account's earlier one, and rules that cap the band of a fall.

use crate::health_score::HealthScore;
use crate::scorecard::Scorecard;

/// How a trend is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trend {
    /// Days back to the score to compare with; `None` is one snapshot step.
    pub window_days: Option<u32>,
    /// Points of change from which a trend is not stable.
    pub threshold: f64,
    /// Falls that cap the band.
    pub rules: Vec<TrendRule>,
}

/// "A fall of 15 points puts the account in attention at best".
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrendRule {
    /// Points of fall from which the rule fires, above 0.
    pub fall: f64,
    /// Index of the best band that is left.
    pub at_best: usize,
}

/// Where a score is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendDirection {
    /// Up by the threshold or more.
    Improving,
    /// Neither.
    Stable,
    /// Down by the threshold or more.
    Declining,
}

/// The earlier score of an account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Previous {
    /// The score.
    pub score: HealthScore,
    /// Its age in days.
    pub age_days: u32,
}

/// A score read with its trend.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrendReading {
    /// Index of the band after the rules.
    pub band: usize,
    /// `None` where no earlier score of the right age is known: then no rule fires.
    pub direction: Option<TrendDirection>,
    /// Index of the rule that decided the band, the first of equals.
    pub rule: Option<usize>,
}

impl Default for Trend {
    fn default() -> Self {
        Self { window_days: None, threshold: 5.0, rules: Vec::new() }
    }
}

impl Trend {
    /// Direction of a change in points.
    pub fn direction(&self, change: f64) -> TrendDirection {
        if change >= self.threshold {
            TrendDirection::Improving
        } else if change <= -self.threshold {
            TrendDirection::Declining
        } else {
            TrendDirection::Stable
        }
    }

    /// Whether an earlier score is old enough for the window, and at most twice as old.
    fn covers(&self, age_days: u32) -> bool {
        self.window_days
            .is_none_or(|window| (window..=window.saturating_mul(2)).contains(&age_days))
    }
}

impl Scorecard {
    /// Band and direction of a score beside an earlier one of the same account.
    ///
    /// Without `trend.window` the caller chooses which earlier score counts, and any age does.
    pub fn read_trend(&self, score: HealthScore, previous: Option<Previous>) -> TrendReading {
        let level = self.band_of(score);
        let Some(previous) = previous.filter(|previous| self.trend().covers(previous.age_days))
        else {
            return TrendReading { band: level, direction: None, rule: None };
        };
        let change = score.get() - previous.score.get();
        let mut reading = TrendReading {
            band: level,
            direction: Some(self.trend().direction(change)),
            rule: None,
        };
        for (index, rule) in self.trend().rules.iter().enumerate() {
            if -change >= rule.fall && rule.at_best < reading.band {
                reading.band = rule.at_best;
                reading.rule = Some(index);
            }
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::{Previous, TrendDirection};
    use crate::{HealthScore, Scorecard};

    fn scorecard() -> Scorecard {
        let text = r#"
            spec_version = 1
            name = "x"
            version = "1.0.0"
            [components.a]
            weight = 100
            indicators = [{ name = "i", poor = 0, good = 1 }]
            [trend]
            window = "30d"
            rules = [{ fall = 15, at_best = "attention" }, { fall = 40, at_best = "at-risk" }]
        "#;
        Scorecard::from_toml("scorecard.toml", text).unwrap()
    }

    #[test]
    fn a_fall_caps_the_band_where_the_earlier_score_has_the_right_age() {
        let scorecard = scorecard();
        let read = |now: f64, before: f64, age_days: u32| {
            let previous = Previous { score: HealthScore::new(before).unwrap(), age_days };
            let reading = scorecard.read_trend(HealthScore::new(now).unwrap(), Some(previous));
            (reading.band, reading.direction, reading.rule)
        };
        assert_eq!(read(80.0, 95.0, 30), (1, Some(TrendDirection::Declining), Some(0)));
        assert_eq!(read(80.0, 95.0, 60), (1, Some(TrendDirection::Declining), Some(0)));
        assert_eq!(read(80.0, 95.0, 29), (2, None, None));
        assert_eq!(read(80.0, 95.0, 61), (2, None, None));
        assert_eq!(read(80.0, 94.5, 30), (2, Some(TrendDirection::Declining), None));
        assert_eq!(read(50.0, 100.0, 30), (0, Some(TrendDirection::Declining), Some(1)));
        assert_eq!(read(80.0, 75.0, 30), (2, Some(TrendDirection::Improving), None));
        assert_eq!(read(80.0, 75.5, 30), (2, Some(TrendDirection::Stable), None));
    }

    #[test]
    fn without_an_earlier_score_the_level_decides() {
        let reading = scorecard().read_trend(HealthScore::new(45.0).unwrap(), None);
        assert_eq!((reading.band, reading.direction), (1, None));
    }
}
