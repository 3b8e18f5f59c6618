//! From the score, as the scorer computes it, to a probability.

use chs_panel::{LabelDefinition, Polarity, Span};
use chs_scorecard::{Calibration, OutcomePolarity};
use chs_stats::{LogisticRows, Undefined, logistic};

use crate::learn::{Stop, Unlearnable};

/// `logit P(label = 1) = intercept + slope * score` by maximum likelihood over some rows, intercept and
/// slope rounded to 10 significant digits.
pub(crate) fn calibrate(
    scores: &[f64],
    label: &[bool],
    cluster: &[u32],
    definition: &LabelDefinition,
) -> Result<Calibration, Stop> {
    let rows = LogisticRows { columns: &[scores], label, cluster, offset: None, weights: None };
    let fit = logistic(&rows).map_err(|undefined| match undefined {
        Undefined::Separated => Unlearnable::Separated,
        Undefined::Collinear { .. } => Unlearnable::NoSignal,
        Undefined::OneClass { .. } | Undefined::NoRows => Unlearnable::OneOutcome,
        other => Unlearnable::NoProbability { reason: other.to_string() },
    })?;
    let [lead_time, horizon] = spans(definition);
    let events = label.iter().filter(|label| **label).count();
    Ok(Calibration {
        intercept: ten_digits(fit.coefficients[0]),
        slope: ten_digits(fit.coefficients[1]),
        outcome: definition.outcome.clone(),
        polarity: match definition.polarity {
            Polarity::Adverse => OutcomePolarity::Adverse,
            Polarity::Favourable => OutcomePolarity::Favourable,
        },
        lead_time,
        horizon,
        base_rate: events as f64 / label.len() as f64,
    })
}

/// Lead time and horizon of a label as a model file writes them; a cross-section has no time.
pub(crate) fn spans(definition: &LabelDefinition) -> [String; 2] {
    let window = definition.window.as_ref();
    let [lead_time, horizon] =
        window.map_or([Span::days(0); 2], |window| [window.lead_time, window.horizon]);
    [lead_time.to_string(), horizon.to_string()]
}

/// P(label = 1) at a score, 0 to 100.
pub(crate) fn probability(calibration: &Calibration, score: f64) -> f64 {
    crate::rows::sigmoid(calibration.intercept + calibration.slope * score)
}

/// Whether a better score means what it should.
pub(crate) fn points_the_right_way(calibration: &Calibration) -> bool {
    match calibration.polarity {
        OutcomePolarity::Adverse => calibration.slope < 0.0,
        OutcomePolarity::Favourable => calibration.slope > 0.0,
    }
}

/// A number rounded to 10 significant digits.
fn ten_digits(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::ten_digits;

    #[test]
    fn ten_significant_digits_are_kept() {
        let bits = |value: f64| ten_digits(value).to_bits();
        assert_eq!(bits(-0.012_345_678_912_345), (-0.012_345_678_91_f64).to_bits());
        assert_eq!(bits(123_456.789_012_345), 123_456.789_0_f64.to_bits());
        assert_eq!(bits(0.0), 0.0_f64.to_bits());
    }
}
