//! One figure as a cell: with its interval, or without and with the reason.

use chs_backtest::backtest_json::v1::{BandStep, Comparison, Metric};

use crate::wording::{fixed, signed};

/// What a cell says of a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figure<'a> {
    pub(crate) estimate: Option<f64>,
    pub(crate) bounds: Option<(f64, f64)>,
    pub(crate) reason: Option<&'a str>,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// An AUC or a coefficient: `0.763 [0.741, 0.784]`
    Thousandths,
    /// A difference of two of them: `+0.041 [+0.020, +0.061]`
    Difference,
    /// A share: `12.3 % [10.1, 14.9]`
    Percent,
    /// A difference of shares in percentage points: `+4.1 points [+2.0, +6.1]`
    Points,
    /// A small distance of shares in percentage points, which the heading says: `1.32 [1.01, 1.70]`
    HundredthPoints,
    /// A small change of a share in percentage points, which the heading says: `-0.42 [-0.61, -0.20]`
    PointsMoved,
    /// A change in points of a score: `-8.5 [-9.9, -7.1]`
    Change,
    /// An edge in points of a score: `40 [37, 44]`
    Edge,
    /// Per thousand rows: `3.2 [2.8, 3.6]`
    PerThousand,
    /// A lift: `2.41 [2.03, 2.80]`
    Ratio,
    /// A score, days or alerts: `45.1 [40.2, 50.1]`
    Tenths,
    /// A change of a mean score: `-1.20 [-1.50, -0.90]`
    ScorePoints,
    /// A loss: `0.0512 [0.0467, 0.0561]`
    Loss,
    /// A difference of losses: `-0.0021 [-0.0034, -0.0009]`
    LossDifference,
}

impl Format {
    fn number(self, value: f64) -> String {
        match self {
            Self::Thousandths => fixed(value, 3),
            Self::Difference => signed(value, 3),
            Self::Percent => fixed(100.0 * value, 1),
            Self::Points => signed(100.0 * value, 1),
            Self::HundredthPoints => fixed(100.0 * value, 2),
            Self::PointsMoved => signed(100.0 * value, 2),
            Self::Change => signed(value, 1),
            Self::Edge => fixed(value, 0),
            Self::PerThousand => fixed(1_000.0 * value, 1),
            Self::Ratio => fixed(value, 2),
            Self::Tenths => fixed(value, 1),
            Self::ScorePoints => signed(value, 2),
            Self::Loss => fixed(value, 4),
            Self::LossDifference => signed(value, 4),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Percent => " %",
            Self::Points => " points",
            _ => "",
        }
    }
}

impl<'a> Figure<'a> {
    /// A figure that is not there.
    pub(crate) fn absent(reason: &'a str) -> Self {
        Self { reason: Some(reason), ..Self::default() }
    }

    /// The cell, and what has to be known about it. Without an interval there always is something.
    pub(crate) fn words(&self, format: Format) -> (String, Option<&'a str>) {
        let Some(estimate) = self.estimate else {
            return ("none".to_owned(), Some(self.reason.unwrap_or("the data do not carry it")));
        };
        let number = format!("{}{}", format.number(estimate), format.unit());
        match self.bounds {
            Some((lower, upper)) => {
                let (lower, upper) = (format.number(lower), format.number(upper));
                (format!("{number} [{lower}, {upper}]"), self.reason)
            }
            None => (number, Some(self.reason.unwrap_or("the data do not carry an interval"))),
        }
    }
}

impl<'a> From<&'a Metric> for Figure<'a> {
    fn from(metric: &'a Metric) -> Self {
        Self {
            estimate: metric.estimate,
            bounds: metric.lower.zip(metric.upper),
            reason: metric.reason.as_deref(),
        }
    }
}

impl<'a> From<&'a Comparison> for Figure<'a> {
    fn from(comparison: &'a Comparison) -> Self {
        Self {
            estimate: comparison.estimate,
            bounds: comparison.lower.zip(comparison.upper),
            reason: comparison.reason.as_deref(),
        }
    }
}

impl From<&BandStep> for Figure<'_> {
    fn from(step: &BandStep) -> Self {
        Self { estimate: step.difference, bounds: step.lower.zip(step.upper), reason: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Figure, Format};

    const FORMATS: [Format; 14] = [
        Format::Thousandths,
        Format::Difference,
        Format::Percent,
        Format::Points,
        Format::Ratio,
        Format::Tenths,
        Format::ScorePoints,
        Format::Loss,
        Format::LossDifference,
        Format::HundredthPoints,
        Format::PointsMoved,
        Format::Change,
        Format::Edge,
        Format::PerThousand,
    ];

    #[test]
    fn every_format_is_written() {
        let figure = Figure { estimate: Some(0.25), bounds: Some((-0.125, 0.5)), reason: None };
        let cells = FORMATS.map(|format| figure.words(format).0);
        let expected = [
            "0.250 [-0.125, 0.500]",
            "+0.250 [-0.125, +0.500]",
            "25.0 % [-12.5, 50.0]",
            "+25.0 points [-12.5, +50.0]",
            "0.25 [-0.12, 0.50]",
            "0.2 [-0.1, 0.5]",
            "+0.25 [-0.12, +0.50]",
            "0.2500 [-0.1250, 0.5000]",
            "+0.2500 [-0.1250, +0.5000]",
            "25.00 [-12.50, 50.00]",
            "+25.00 [-12.50, +50.00]",
            "+0.2 [-0.1, +0.5]",
            "0 [0, 0]",
            "250.0 [-125.0, 500.0]",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn what_to_know_goes_with_an_interval() {
        let figure =
            Figure { estimate: Some(0.7), bounds: Some((0.6, 0.8)), reason: Some("resampled") };
        assert_eq!(figure.words(Format::Thousandths).1, Some("resampled"));
        assert_eq!(
            Figure::absent("no row").words(Format::Loss),
            ("none".to_owned(), Some("no row"))
        );
    }

    proptest! {
        #[test]
        fn a_figure_has_an_interval_or_a_reason(
            estimate in proptest::option::of(-2.0..2.0_f64),
            bounds in proptest::option::of((-2.0..2.0_f64, -2.0..2.0_f64)),
            format in proptest::sample::select(FORMATS.to_vec()),
        ) {
            let (cell, reason) = Figure { estimate, bounds, reason: None }.words(format);
            let has_interval = cell.ends_with(']') && cell.contains(" [");
            prop_assert!(has_interval != reason.is_some());
            prop_assert_eq!(has_interval, estimate.is_some() && bounds.is_some());
        }
    }
}
