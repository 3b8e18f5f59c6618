//! Scales of indicators learned from training rows: monotone knots.
//!
//! The values of an indicator are cut into tenths, each tenth has its event rate, and pool-adjacent-violators
//! makes the rates follow the direction in which the indicator is healthier. The log odds of the rates, from
//! the worst at 0 to the best at 100, are the sub-scores at the tenths' middle values. Where all rates pool
//! into one the history says nothing of the scale, and the scorecard's own stays.

use chs_panel::{IndicatorValues, NumberColumn, Polarity};
use chs_scorecard::{Better, Normalisation, Scorecard};

use crate::history::History;

/// Parts that values are cut into.
const PARTS: usize = 10;

/// Fewest rows of a part.
const LEAST: usize = 20;

/// The scorecard with the scales that some rows teach: of indicators with knots of one direction, the
/// others as they are.
pub(crate) fn learned_scales(
    history: &History<'_>,
    prior: &Scorecard,
    rows: &[usize],
) -> Scorecard {
    let learned = |indicator: &chs_scorecard::Indicator| match &indicator.normalisation {
        Normalisation::Knots(knots) if knots.points().len() > 1 => {
            let better = indicator.normalisation.direction()?;
            let values = history.panel.indicator(&indicator.name)?;
            let IndicatorValues::Numbers(column) = values else { return None };
            knots_of(&sorted(history, column, rows), rises(better, history), better)
        }
        _ => None,
    };
    let points: Vec<Option<Vec<(f64, f64)>>> = prior.indicators().map(learned).collect();
    prior.with_knots(&points).unwrap_or_else(|| prior.clone())
}

/// Whether a higher value makes label 1 likelier.
fn rises(better: Better, history: &History<'_>) -> bool {
    (better == Better::Higher) == (history.label.definition.polarity == Polarity::Favourable)
}

/// Values with their labels, ascending; equal values stay equal whatever the order of the rows.
fn sorted(history: &History<'_>, column: &NumberColumn, rows: &[usize]) -> Vec<(f64, bool)> {
    let seen = |row: &usize| Some((column.get(*row).filter(|own| own.is_finite())?, *row));
    let labelled = |(value, row)| (value + 0.0, history.label.value(row) == Some(true));
    let mut values: Vec<(f64, bool)> = rows.iter().filter_map(seen).map(labelled).collect();
    values.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    values
}

/// Rows of neighbouring values.
struct Part {
    rows: f64,
    events: f64,
    middle: f64,
}

/// Tenths, fewer where there are fewer distinct values or rows; equal values are never parted.
fn parts_of(sorted: &[(f64, bool)]) -> Vec<Part> {
    let least = (sorted.len() / PARTS).max(LEAST);
    let mut parts: Vec<Part> = Vec::new();
    let mut open: &[(f64, bool)] = &[];
    let mut start = 0;
    for ties in sorted.chunk_by(|left, right| left.0 >= right.0) {
        let end = start + open.len() + ties.len();
        open = sorted.get(start..end).unwrap_or_default();
        if open.len() >= least {
            parts.push(Part::of(open));
            (start, open) = (end, &[]);
        }
    }
    match parts.last_mut() {
        Some(before) if !open.is_empty() && open.len() < LEAST => {
            before.rows += open.len() as f64;
            before.events += open.iter().filter(|own| own.1).count() as f64;
        }
        _ if !open.is_empty() => parts.push(Part::of(open)),
        _ => {}
    }
    parts
}

impl Part {
    fn of(rows: &[(f64, bool)]) -> Self {
        Self {
            rows: rows.len() as f64,
            events: rows.iter().filter(|own| own.1).count() as f64,
            middle: rows.get(rows.len() / 2).map_or(0.0, |own| own.0),
        }
    }
}

/// The rate of each part, those that violate the direction pooled with their neighbours; half an event is
/// added to either outcome of each part before they are pooled, so that no rate is 0 or 1 and none that
/// is told violates.
fn pooled(parts: &[Part], rises: bool) -> Vec<f64> {
    // Rows, events and parts of each block.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    let rate = |block: &(f64, f64, usize)| block.1 / block.0;
    for part in parts {
        let mut block = (part.rows + 1.0, part.events + 0.5, 1);
        while let Some(before) = blocks.last().copied() {
            // Rates by their cross products: equal ones are pooled exactly.
            let (left, right) = (before.1 * block.0, block.1 * before.0);
            let violates = if rises { left >= right } else { left <= right };
            if !violates {
                break;
            }
            block = (block.0 + before.0, block.1 + before.1, block.2 + before.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.iter().flat_map(|block| std::iter::repeat_n(rate(block), block.2)).collect()
}

/// Knots `(value, sub-score)`; none where the rates tell nothing in this direction.
fn knots_of(sorted: &[(f64, bool)], rises: bool, better: Better) -> Option<Vec<(f64, f64)>> {
    let parts = parts_of(sorted);
    let odds: Vec<f64> =
        pooled(&parts, rises).iter().map(|rate| (rate / (1.0 - rate)).ln()).collect();
    let (first, last) = (odds.first()?, odds.last()?);
    let range = last - first;
    if range.abs() < 1e-6 {
        return None;
    }
    // From the first part to the last the share of the way runs from 0 to 1.
    let way = |own: f64| ((own - first) / range).clamp(0.0, 1.0) + 0.0;
    let sub_score = |own: f64| match better {
        Better::Higher => 100.0 * way(own),
        Better::Lower => 100.0 * (1.0 - way(own)),
    };
    Some(parts.iter().zip(&odds).map(|(part, own)| (part.middle, sub_score(*own))).collect())
}

#[cfg(test)]
mod tests {
    use chs_scorecard::Better;

    use super::{knots_of, parts_of};

    /// Ten values, two hundred rows each, with so many events.
    fn rows(events: [usize; 10]) -> Vec<(f64, bool)> {
        let of = |(value, events): (usize, usize)| {
            (0..200).map(move |row| (value as f64, row >= 200 - events))
        };
        events.into_iter().enumerate().flat_map(of).collect()
    }

    #[test]
    fn knots_follow_the_log_odds_and_pool_what_violates_the_direction() {
        let falling = rows([120, 90, 60, 70, 50, 40, 30, 20, 10, 10]);
        let knots = knots_of(&falling, false, Better::Higher).unwrap();
        assert_eq!(knots.len(), 10);
        assert_eq!((knots[0].1.to_bits(), knots[9].1.to_bits()), (0, 100.0_f64.to_bits()));
        assert_eq!(knots[2].1.to_bits(), knots[3].1.to_bits(), "60 and 70 are pooled");
        assert!(knots.windows(2).all(|pair| pair[0].1 <= pair[1].1 && pair[0].0 < pair[1].0));
        let odds = |events: f64, rows: f64| ((events + 0.5) / (rows - events + 0.5)).ln();
        let (worst, best) = (odds(120.0, 200.0), odds(20.5, 401.0));
        let expected = 100.0 * (worst - odds(90.0, 200.0)) / (worst - best);
        assert!((knots[1].1 - expected).abs() < 1e-9, "{knots:?}");
        let lower = knots_of(&falling, false, Better::Lower).unwrap();
        assert!(
            lower.windows(2).all(|pair| pair[0].1 >= pair[1].1),
            "less is better, and is favourable"
        );
    }

    #[test]
    fn half_an_event_in_a_small_part_breaks_no_direction() {
        // No event in 20 rows of the least value, one in 100 of the next: rates rise, with halves they fall.
        let of = |value: f64, rows: usize, events: usize| {
            (0..rows).map(move |row| (value, row >= rows - events))
        };
        let sorted: Vec<(f64, bool)> =
            of(0.0, 20, 0).chain(of(1.0, 100, 1)).chain(of(2.0, 80, 40)).collect();
        let knots = knots_of(&sorted, true, Better::Lower).unwrap();
        assert!(knots.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{knots:?}");
    }

    #[test]
    fn a_scale_against_its_direction_or_without_values_is_not_learned() {
        assert_eq!(
            knots_of(&rows([10, 20, 30, 40, 50, 60, 70, 80, 90, 99]), false, Better::Higher),
            None
        );
        assert_eq!(knots_of(&[], false, Better::Higher), None);
        assert_eq!(knots_of(&rows([50; 10]), true, Better::Lower), None);
        // A rest that is too small joins the last part; equal values are never parted.
        let mut sorted = rows([50; 10]);
        sorted.extend((0..5).map(|_| (99.0, true)));
        let parts = parts_of(&sorted);
        assert_eq!(parts.len(), 10);
        assert!((parts[9].rows - 205.0).abs() < 1e-9 && (parts[9].events - 55.0).abs() < 1e-9);
    }
}
