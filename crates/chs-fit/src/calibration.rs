//! From the score, as the scorer computes it, to a probability.

use chs_panel::{LabelDefinition, Polarity, Span};
use chs_scorecard::{Calibration, OutcomePolarity, ProbabilityCurve};
use chs_stats::{LogisticRows, Undefined, logistic};

use crate::learn::{Stop, Unlearnable};

/// Accounts with an event, and accounts without, that an isotonic probability needs.
pub(crate) const ISOTONIC_FLOOR: usize = 300;

/// Events, and rows without, that each point of an isotonic probability stands for.
const LEAST_OF_POINT: usize = 5;

/// Rows that a probability is learned from.
#[derive(Clone, Copy)]
pub(crate) struct ScoredRows<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) label: &'a [bool],
    pub(crate) accounts: &'a [u32],
}

/// `logit P(label = 1) = intercept + slope * score` by maximum likelihood over some rows, intercept and
/// slope rounded to 10 significant digits.
pub(crate) fn calibrate(
    rows: ScoredRows<'_>,
    definition: &LabelDefinition,
) -> Result<Calibration, Stop> {
    let fit = logistic(&LogisticRows {
        columns: &[rows.scores],
        label: rows.label,
        cluster: rows.accounts,
        offset: None,
        weights: None,
    });
    let fit = fit.map_err(|undefined| match undefined {
        Undefined::Separated => Unlearnable::Separated,
        Undefined::Collinear { .. } => Unlearnable::NoSignal,
        Undefined::OneClass { .. } | Undefined::NoRows => Unlearnable::OneOutcome,
        other => Unlearnable::NoProbability { reason: other.to_string() },
    })?;
    let [lead_time, horizon] = spans(definition);
    let events = rows.label.iter().filter(|label| **label).count();
    Ok(Calibration {
        curve: ProbabilityCurve::Logistic {
            intercept: ten_digits(fit.coefficients[0]),
            slope: ten_digits(fit.coefficients[1]),
        },
        outcome: definition.outcome.clone(),
        polarity: match definition.polarity {
            Polarity::Adverse => OutcomePolarity::Adverse,
            Polarity::Favourable => OutcomePolarity::Favourable,
        },
        lead_time,
        horizon,
        base_rate: events as f64 / rows.label.len() as f64,
    })
}

/// The rates of neighbouring scores, pooled until they follow the outcome's direction and each point
/// stands for enough rows of either label; or why there is no such curve. O(n log n).
///
/// Pool-adjacent-violators, its blocks drawn as points at their mean scores: centred isotonic regression,
/// Oron and Flournoy 2017. No rate is 0 or 1.
pub(crate) fn isotonic(
    rows: ScoredRows<'_>,
    polarity: OutcomePolarity,
) -> Result<ProbabilityCurve, String> {
    for (label, what) in [(true, "with"), (false, "without")] {
        let found = distinct(rows, label);
        if found < ISOTONIC_FLOOR {
            return Err(format!(
                "isotonic needs {ISOTONIC_FLOOR} accounts {what} an event, there are {found}; leave it at \
                 `probability = \"logistic\"`, or use a longer history"
            ));
        }
    }
    let points = points(rows.scores, rows.label, polarity == OutcomePolarity::Favourable);
    if points.len() < 2 {
        return Err("no two scores differ in their rates in the right direction".to_owned());
    }
    Ok(ProbabilityCurve::Isotonic { points })
}

/// Accounts with a row of this label.
fn distinct(rows: ScoredRows<'_>, label: bool) -> usize {
    let own = rows.accounts.iter().zip(rows.label).filter(|(_, own)| **own == label);
    own.map(|(account, _)| *account).collect::<std::collections::BTreeSet<u32>>().len()
}

/// Rows of neighbouring scores.
struct Block {
    rows: usize,
    events: usize,
    /// Where they lie among the sorted scores.
    end: usize,
}

impl Block {
    fn join(&mut self, later: &Self) {
        self.rows += later.rows;
        self.events += later.events;
        self.end = later.end;
    }

    fn is_enough(&self) -> bool {
        self.events >= LEAST_OF_POINT && self.rows - self.events >= LEAST_OF_POINT
    }

    /// Whether the rates of this block and a later one do not rise, or do not fall. Counts are compared
    /// by their cross products, so that equal rates are equal.
    fn violates(&self, later: &Self, rises: bool) -> bool {
        let (before, after) = (self.events * later.rows, later.events * self.rows);
        if rises { before >= after } else { before <= after }
    }
}

/// Mean score and rate of each block, ascending, ten digits each.
fn points(scores: &[f64], label: &[bool], rises: bool) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, bool)> = scores.iter().copied().zip(label.iter().copied()).collect();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let mut blocks: Vec<Block> = Vec::new();
    let mut end = 0;
    for ties in sorted.chunk_by(|left, right| left.0 >= right.0) {
        end += ties.len();
        let events = ties.iter().filter(|own| own.1).count();
        let mut block = Block { rows: ties.len(), events, end };
        while let Some(mut before) = blocks.pop_if(|before| before.violates(&block, rises)) {
            before.join(&block);
            block = before;
        }
        blocks.push(block);
    }
    let mut start = 0;
    let place = |block: &Block| {
        let own = sorted.get(start..block.end).unwrap_or_default();
        start = block.end;
        let mean = chs_stats::exact_sum(own.iter().map(|row| row.0)) / block.rows as f64;
        (ten_digits(mean.clamp(0.0, 100.0)), ten_digits(block.events as f64 / block.rows as f64))
    };
    enough(blocks).iter().map(place).collect()
}

/// Blocks joined from the left until each holds enough, what is left over with the last one: neighbours
/// in order stay in order.
fn enough(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::new();
    let mut is_open = false;
    for block in blocks {
        match joined.last_mut().filter(|_| is_open) {
            Some(before) => before.join(&block),
            None => joined.push(block),
        }
        is_open = joined.last().is_some_and(|own| !own.is_enough());
    }
    if is_open && let (Some(rest), Some(before)) = (joined.pop(), joined.last_mut()) {
        before.join(&rest);
    }
    joined
}

/// Lead time and horizon of a label as a model file writes them; a cross-section has no time.
pub(crate) fn spans(definition: &LabelDefinition) -> [String; 2] {
    let window = definition.window.as_ref();
    let [lead_time, horizon] =
        window.map_or([Span::days(0); 2], |window| [window.lead_time, window.horizon]);
    [lead_time.to_string(), horizon.to_string()]
}

/// Whether a better score means what it should.
pub(crate) fn points_the_right_way(calibration: &Calibration) -> bool {
    match (&calibration.curve, calibration.polarity) {
        (ProbabilityCurve::Logistic { slope, .. }, OutcomePolarity::Adverse) => *slope < 0.0,
        (ProbabilityCurve::Logistic { slope, .. }, OutcomePolarity::Favourable) => *slope > 0.0,
        // Its points follow the direction, or there are none.
        (ProbabilityCurve::Isotonic { .. }, _) => true,
    }
}

/// A number rounded to 10 significant digits.
fn ten_digits(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use chs_scorecard::{OutcomePolarity, ProbabilityCurve};

    use super::{ScoredRows, isotonic, points, ten_digits};

    /// So many rows at each of some scores, so many of them with an event.
    fn rows(groups: &[(f64, usize, usize)]) -> (Vec<f64>, Vec<bool>) {
        let of = |(score, rows, events): &(f64, usize, usize)| {
            let (score, events) = (*score, *events);
            (0..*rows).map(move |row| (score, row < events))
        };
        groups.iter().flat_map(of).unzip()
    }

    #[test]
    fn neighbours_that_violate_the_direction_are_pooled_at_their_mean() {
        let (scores, label) =
            rows(&[(10.0, 100, 50), (20.0, 100, 20), (30.0, 300, 90), (60.0, 100, 10)]);
        let found = points(&scores, &label, false);
        assert_eq!(found, [(10.0, 0.5), (27.5, 0.275), (60.0, 0.1)]);
        let backward: (Vec<f64>, Vec<bool>) =
            scores.iter().copied().zip(label.iter().copied()).rev().unzip();
        assert_eq!(points(&backward.0, &backward.1, false), found);
        assert_eq!(points(&scores, &label, true).len(), 1, "it does not rise");
    }

    #[test]
    fn no_point_stands_for_fewer_than_five_rows_of_either_label() {
        let (scores, label) =
            rows(&[(0.0, 3, 3), (10.0, 100, 50), (20.0, 100, 20), (60.0, 100, 2), (90.0, 50, 0)]);
        let found = points(&scores, &label, false);
        let expected = [(1000.0 / 103.0, 53.0 / 103.0), (12_500.0 / 250.0, 22.0 / 250.0)];
        assert_eq!(found.len(), 2);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-8, "{found:?} {expected:?}");
            assert!((found.1 - expected.1).abs() < 1e-9, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn a_short_history_has_no_isotonic_probability() {
        let (scores, label) = rows(&[(10.0, 600, 200), (60.0, 600, 120)]);
        let of = |accounts: &[u32]| {
            let rows = ScoredRows { scores: &scores, label: &label, accounts };
            isotonic(rows, OutcomePolarity::Adverse)
        };
        let own: Vec<u32> = (0..1_200).collect();
        assert!(matches!(of(&own), Ok(ProbabilityCurve::Isotonic { points }) if points.len() == 2));
        let shared: Vec<u32> = (0..1_200).map(|row| row / 2).collect();
        let reason = of(&shared).unwrap_err();
        assert!(reason.contains("300 accounts with an event, there are 160"), "{reason}");
    }

    #[test]
    fn ten_significant_digits_are_kept() {
        let bits = |value: f64| ten_digits(value).to_bits();
        assert_eq!(bits(-0.012_345_678_912_345), (-0.012_345_678_91_f64).to_bits());
        assert_eq!(bits(123_456.789_012_345), 123_456.789_0_f64.to_bits());
        assert_eq!(bits(0.0), 0.0_f64.to_bits());
    }
}
