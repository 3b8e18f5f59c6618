//! Components and indicators: what is weighed, and how much.

use crate::band::{Action, Band, Bands};
use crate::fault::Fault;
use crate::normalisation::Normalisation;

/// A weighted group of indicators.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Component {
    /// Its name, unlike every other component's.
    pub name: String,
    /// Percent of the score: the sum of its indicators' weights.
    pub weight: f64,
    /// What kind of signal it holds.
    pub category: Option<Category>,
    /// Bounds for the fitter, in percent of the score.
    pub share: Option<Share>,
    /// Its indicators in declared order, at least one.
    pub indicators: Vec<Indicator>,
    /// What is due when its sub-score falls.
    pub on_decline: Vec<Action>,
    pub(crate) bands: Option<Bands>,
}

impl Component {
    /// Its own bands, lowest first, where it has some.
    pub fn bands(&self) -> Option<&[Band]> {
        self.bands.as_ref().map(Bands::as_slice)
    }
}

/// One number or word per account and snapshot, with its place in the score.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Indicator {
    /// Its name in the panel, once per scorecard.
    pub name: String,
    /// Percent of the score.
    pub weight: f64,
    /// From its value to its sub-score.
    pub normalisation: Normalisation,
    /// What happens where its value is missing.
    pub missing: Missing,
    /// The sub-score that contributions are measured against: the training mean, or 100 where there was
    /// no training (contributions are points lost).
    pub reference_sub_score: f64,
    /// Bounds for the fitter, in percent of the score.
    pub share: Option<Share>,
    /// What is due when its sub-score falls.
    pub on_decline: Vec<Action>,
}

/// The reference sub-score where there was no training.
pub(crate) const UNTRAINED_REFERENCE: f64 = 100.0;

/// What a missing value does to the score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Missing {
    /// The indicator is left out, the others share its weight.
    #[default]
    Reweight,
    /// It counts with this sub-score, 0 to 100.
    Score(f64),
    /// There is no score.
    Reject,
}

/// The kind of signal that a component holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// What customers say.
    Declarative,
    /// What they do.
    Behavioral,
    /// What happens in service.
    Operational,
    /// What they pay.
    Financial,
    /// What people judge.
    Qualitative,
    /// How close the contact is.
    Relationship,
}

/// Bounds of a weight: `0 <= at_least <= at_most <= 100`, percent of the score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    at_least: f64,
    at_most: f64,
}

impl Share {
    /// Checked bounds.
    pub(crate) fn new(at_least: f64, at_most: f64) -> Option<Self> {
        let within = (0.0..=100.0).contains(&at_least) && (0.0..=100.0).contains(&at_most);
        (within && at_least <= at_most).then_some(Self { at_least, at_most })
    }

    /// The smallest weight allowed.
    pub fn at_least(self) -> f64 {
        self.at_least
    }

    /// The largest weight allowed.
    pub fn at_most(self) -> f64 {
        self.at_most
    }
}

/// Bounds of a component and of its indicators, where given.
pub(crate) struct ShareBounds {
    pub(crate) component: Option<Share>,
    pub(crate) indicators: Vec<Option<Share>>,
}

/// Whether weights exist that keep all bounds: 100 in all, each component the sum of its indicators. A
/// fault's index is that of the component, or the number of components where they clash with 100.
pub(crate) fn check_shares(components: &[ShareBounds]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (mut least, mut most) = (0.0, 0.0);
    for (index, bounds) in components.iter().enumerate() {
        let own = bounds.component.unwrap_or(Share { at_least: 0.0, at_most: 100.0 });
        // A component without indicators is a mistake of its own.
        let mut inside = (0.0, if bounds.indicators.is_empty() { 100.0 } else { 0.0 });
        for share in &bounds.indicators {
            inside.0 += share.map_or(0.0, Share::at_least);
            inside.1 += share.map_or(100.0, Share::at_most);
        }
        if inside.0 > own.at_most || inside.1 < own.at_least {
            let message = format!(
                "the shares of its indicators allow {} to {}, its own {} to {}; expected an overlap",
                inside.0, inside.1, own.at_least, own.at_most
            );
            faults.push(Fault::new(index, message));
        }
        least += own.at_least.max(inside.0);
        most += own.at_most.min(inside.1);
    }
    if least > 100.0 || most < 100.0 {
        let message =
            format!("the shares allow weights of {least} to {most} in all; expected 100 between");
        faults.push(Fault::new(components.len(), message));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{Share, ShareBounds, check_shares};

    #[test]
    fn shares_that_no_weights_keep_are_found() {
        let bounds = |component: Option<(f64, f64)>, indicators: &[(f64, f64)]| ShareBounds {
            component: component.and_then(|(least, most)| Share::new(least, most)),
            indicators: indicators.iter().map(|(least, most)| Share::new(*least, *most)).collect(),
        };
        let indices = |components: &[ShareBounds]| -> Vec<usize> {
            check_shares(components).iter().map(|fault| fault.index).collect()
        };
        let free = || ShareBounds { component: None, indicators: vec![None] };
        assert_eq!(indices(&[bounds(Some((10.0, 50.0)), &[(5.0, 20.0)]), free()]), [0; 0]);
        assert_eq!(
            indices(&[bounds(Some((10.0, 50.0)), &[(30.0, 40.0), (30.0, 40.0)]), free()]),
            [0]
        );
        assert_eq!(indices(&[bounds(Some((50.0, 60.0)), &[(0.0, 20.0)]), free()]), [0]);
        assert_eq!(indices(&[bounds(Some((0.0, 40.0)), &[(0.0, 100.0)])]), [1]);
        assert_eq!(indices(&[bounds(None, &[(60.0, 100.0)]), bounds(None, &[(60.0, 100.0)])]), [2]);
    }

    #[test]
    fn a_share_is_ordered_and_within_0_to_100() {
        assert!(Share::new(10.0, 10.0).is_some());
        assert!(Share::new(20.0, 10.0).is_none());
        assert!(Share::new(-1.0, 10.0).is_none());
        assert!(Share::new(0.0, 101.0).is_none());
    }
}
