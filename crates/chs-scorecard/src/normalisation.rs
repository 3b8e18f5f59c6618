//! Normalisation: from an indicator's value to its sub-score, 0 (poor) to 100 (good).

use std::collections::BTreeMap;

use crate::fault::Fault;
use crate::score::Input;

/// How an indicator's value becomes a sub-score.
#[derive(Clone, Debug, PartialEq)]
pub enum Normalisation {
    /// Linear between knots, clamped outside; also what `poor` and `good` become.
    Knots(Knots),
    /// One sub-score per interval.
    Bins(Bins),
    /// One sub-score per word.
    Map(BTreeMap<String, f64>),
    /// Rank against a reference distribution that is not known yet;
    /// [`Scorecard::freeze`](crate::Scorecard::freeze) turns it into knots.
    Percentile(Better),
}

/// Which values of an indicator are the better ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is healthier.
    Higher,
    /// Less is healthier.
    Lower,
}

/// What one value of an indicator says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// A sub-score.
    Observed(f64),
    /// Nothing: null or NaN.
    Missing,
    /// A value without a sub-score: an infinite number, an unknown word, the wrong type. Treated as
    /// missing, and counted.
    Unusable,
}

impl Normalisation {
    /// Which values are better: derived for knots, `None` for bins, maps, and knots that are flat or
    /// rise and fall.
    pub fn direction(&self) -> Option<Better> {
        match self {
            Self::Knots(knots) => knots.direction(),
            Self::Percentile(better) => Some(*better),
            Self::Bins(_) | Self::Map(_) => None,
        }
    }

    pub(crate) fn read(&self, input: Input<'_>) -> Reading {
        match input {
            Input::Missing => Reading::Missing,
            Input::Number(number) => self.read_number(number),
            Input::Text(word) => match self {
                Self::Map(map) => {
                    map.get(word).map_or(Reading::Unusable, |score| Reading::Observed(*score))
                }
                _ => Reading::Unusable,
            },
        }
    }

    fn read_number(&self, number: f64) -> Reading {
        if number.is_nan() {
            return Reading::Missing;
        }
        match self {
            Self::Knots(knots) if number.is_finite() => Reading::Observed(knots.sub_score(number)),
            Self::Bins(bins) if number.is_finite() => Reading::Observed(bins.sub_score(number)),
            _ => Reading::Unusable,
        }
    }
}

/// Points `(x, sub-score)` with strictly increasing x: at least one, all finite, sub-scores 0 to 100.
#[derive(Clone, Debug, PartialEq)]
pub struct Knots(Vec<(f64, f64)>);

impl Knots {
    /// Checked knots; a fault's index is that of the knot.
    pub(crate) fn new(points: Vec<(f64, f64)>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if !(0.0..=100.0).contains(y) {
                faults.push(Fault::new(index, format!("sub-score {y} is outside 0 to 100")));
            }
            let before = index.checked_sub(1).and_then(|before| points.get(before));
            if let Some((before, _)) = before.filter(|(before, _)| before >= x) {
                faults.push(Fault::new(
                    index,
                    format!("knot {x} follows {before}; expected x to increase"),
                ));
            }
        }
        match (points.first(), points.last()) {
            (Some((first, _)), Some((last, _))) if !(last - first).is_finite() => {
                faults.push(Fault::new(0, "the knots lie further apart than a double can hold"));
            }
            (None, _) => faults.push(Fault::new(0, "no knot; expected at least one")),
            _ => {}
        }
        if faults.is_empty() { Ok(Self(points)) } else { Err(faults) }
    }

    /// The two knots of `poor` (sub-score 0) and `good` (sub-score 100), in ascending x.
    pub(crate) fn between(poor: f64, good: f64) -> Result<Self, Vec<Fault>> {
        if poor < good {
            Self::new(vec![(poor, 0.0), (good, 100.0)])
        } else if good < poor {
            Self::new(vec![(good, 100.0), (poor, 0.0)])
        } else {
            Err(vec![Fault::new(
                0,
                format!("`poor` and `good` are both {good}; expected two values"),
            )])
        }
    }

    /// The points, x ascending.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// Sub-score at a finite x: `y0 + (x - x0) / (x1 - x0) * (y1 - y0)`; at a knot the segment on its
    /// right applies.
    fn sub_score(&self, x: f64) -> f64 {
        let right = self.0.partition_point(|(knot, _)| *knot <= x);
        let left = right.checked_sub(1).and_then(|left| self.0.get(left));
        match (left, self.0.get(right)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (x - x0) / (x1 - x0) * (y1 - y0),
            (Some((_, y)), None) | (None, Some((_, y))) => *y,
            (None, None) => f64::NAN, // no knots: the constructor refuses that
        }
    }

    fn direction(&self) -> Option<Better> {
        let mut pairs = self.0.windows(2);
        let (first, last) = (self.0.first()?.1, self.0.last()?.1);
        if first < last && pairs.all(|pair| pair[0].1 <= pair[1].1) {
            Some(Better::Higher)
        } else if first > last && pairs.all(|pair| pair[0].1 >= pair[1].1) {
            Some(Better::Lower)
        } else {
            None
        }
    }
}

/// Bins between strictly increasing edges; an edge belongs to the bin on its right.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    edges: Vec<f64>,
    scores: Vec<f64>,
}

impl Bins {
    /// Checked edges, at least one; a fault's index is that of the edge.
    pub(crate) fn check_edges(edges: &[f64]) -> Vec<Fault> {
        let mut faults: Vec<Fault> = (edges.windows(2).enumerate())
            .filter(|(_, pair)| pair[0] >= pair[1])
            .map(|(index, pair)| {
                let message =
                    format!("edge {} follows {}; expected edges to increase", pair[1], pair[0]);
                Fault::new(index + 1, message)
            })
            .collect();
        if edges.is_empty() {
            faults.push(Fault::new(0, "no edge; expected at least one"));
        }
        faults
    }

    /// Checked scores, one more than edges; a fault's index is that of the score.
    pub(crate) fn check_scores(edges: &[f64], scores: &[f64]) -> Vec<Fault> {
        let mut faults: Vec<Fault> = (scores.iter().enumerate())
            .filter(|(_, score)| !(0.0..=100.0).contains(*score))
            .map(|(index, score)| {
                Fault::new(index, format!("sub-score {score} is outside 0 to 100"))
            })
            .collect();
        if scores.len() != edges.len() + 1 {
            let (found, expected) = (scores.len(), edges.len() + 1);
            let message = format!("{found} scores for {} edges; expected {expected}", edges.len());
            faults.push(Fault::new(0, message));
        }
        faults
    }

    /// Checked bins.
    pub(crate) fn new(edges: Vec<f64>, scores: Vec<f64>) -> Option<Self> {
        let sound =
            Self::check_edges(&edges).is_empty() && Self::check_scores(&edges, &scores).is_empty();
        sound.then_some(Self { edges, scores })
    }

    /// The edges, ascending.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// One sub-score per bin, from the lowest values up; one more than edges.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    fn sub_score(&self, x: f64) -> f64 {
        let bin = self.edges.partition_point(|edge| *edge <= x);
        self.scores.get(bin).copied().unwrap_or(f64::NAN) // the constructor gives each bin a score
    }
}

#[cfg(test)]
mod tests {
    use super::{Better, Bins, Knots, Normalisation};

    #[test]
    fn the_direction_is_derived() {
        let of = |points: &[(f64, f64)]| {
            Normalisation::Knots(Knots::new(points.to_vec()).unwrap()).direction()
        };
        assert_eq!(of(&[(0.0, 0.0), (1.0, 0.0), (2.0, 9.0)]), Some(Better::Higher));
        assert_eq!(of(&[(0.0, 9.0), (1.0, 9.0), (2.0, 0.0)]), Some(Better::Lower));
        assert_eq!(of(&[(0.0, 0.0), (1.0, 9.0), (2.0, 5.0)]), None);
        assert_eq!(of(&[(0.0, 5.0), (1.0, 0.0), (2.0, 4.0)]), None);
        assert_eq!(of(&[(0.0, 5.0), (1.0, 5.0)]), None);
        assert_eq!(Normalisation::Percentile(Better::Lower).direction(), Some(Better::Lower));
        let bins = Bins::new(vec![1.0], vec![0.0, 100.0]).unwrap();
        assert_eq!(Normalisation::Bins(bins).direction(), None);
    }

    #[test]
    fn each_unsound_knot_is_named() {
        let indices = |points: &[(f64, f64)]| -> Vec<usize> {
            Knots::new(points.to_vec()).unwrap_err().iter().map(|fault| fault.index).collect()
        };
        assert_eq!(indices(&[(0.0, -1.0), (1.0, 50.0), (1.0, 101.0)]), [0, 2, 2]);
        assert_eq!(indices(&[]), [0]);
        assert_eq!(indices(&[(-1e308, 0.0), (1e308, 100.0)]), [0]);
    }

    #[test]
    fn unsound_bins_do_not_exist() {
        assert!(Bins::new(vec![2.0, 1.0], vec![0.0, 50.0, 100.0]).is_none());
        assert!(Bins::new(vec![1.0], vec![0.0]).is_none());
        assert!(Bins::new(Vec::new(), vec![0.0]).is_none());
        assert!(Bins::new(vec![1.0], vec![0.0, 101.0]).is_none());
    }
}
