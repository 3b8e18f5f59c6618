//! Probabilities held against what came, bin by bin.

use chs_panel::{NumberColumn, Panel};
use chs_stats::{Interval, clustered_proportion, equal_mass_bins, exact_sum};

use crate::Counts;
use crate::sample::Sample;
use crate::sufficiency::too_few;

/// Bins that a reliability curve is cut into.
pub(crate) const BINS: usize = 10;

/// Rows of like probability, and how often the outcome came.
#[derive(Clone, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Lowest probability of its rows.
    pub lowest: f64,
    /// Highest probability of its rows.
    pub highest: f64,
    /// Mean probability of its rows.
    pub mean_probability: f64,
    /// Share of its rows with label 1.
    pub event_rate: f64,
    /// Interval of that share, clustered by account.
    pub interval: Interval,
    /// What it rests on.
    pub counts: Counts,
}

/// The rows of a sample that have a probability, in ten bins of about equal size by probability.
///
/// Rows of equal probability stay together: a group of them goes whole into bin
/// `floor(10 * middle rank / n)`, so that there may be fewer bins. Empty where the rows do not carry a
/// loss either.
pub(crate) fn reliability(
    panel: &Panel,
    probability: &NumberColumn,
    sample: &Sample,
    level: f64,
) -> Vec<ReliabilityBin> {
    let forecast = sample.with_predictor(panel, probability);
    if too_few(&forecast).is_some() {
        return Vec::new();
    }
    let bins = equal_mass_bins(&forecast.predictor, BINS);
    let bin_of_row = |bin: usize| {
        let kept = forecast.rows.iter().zip(&bins).filter(|(_, own)| **own == bin);
        kept.map(|(row, _)| *row).collect::<Vec<usize>>()
    };
    (0..BINS)
        .filter_map(|bin| {
            let rows = bin_of_row(bin);
            let of_bin = forecast.restrict(panel, |row| rows.binary_search(&row).is_ok());
            summed(&of_bin, level)
        })
        .collect()
}

fn summed(bin: &Sample, level: f64) -> Option<ReliabilityBin> {
    let rate = clustered_proportion(&bin.label, &bin.cluster, level)?;
    let values = || bin.predictor.iter().copied();
    Some(ReliabilityBin {
        lowest: values().fold(f64::INFINITY, f64::min),
        highest: values().fold(f64::NEG_INFINITY, f64::max),
        mean_probability: exact_sum(values()) / bin.rows.len() as f64,
        event_rate: rate.rate,
        interval: rate.interval,
        counts: bin.counts(),
    })
}

#[cfg(test)]
mod tests {
    use chs_panel::{Label, LabelDefinition, LabelState, NumberColumn, Panel, PanelParts};
    use chs_panel::{LabelWindow, Polarity, Span};
    use jiff::civil::date;

    use super::{ReliabilityBin, reliability};
    use crate::Settings;
    use crate::distribution::distribution;
    use crate::sample::{Frame, Sample};

    /// As many accounts with the outcome as without, at one snapshot.
    fn panel(pairs: u32) -> Panel {
        let definition = LabelDefinition {
            name: "churn_90d".into(),
            outcome: "churn".into(),
            polarity: Polarity::Adverse,
            window: Some(LabelWindow {
                lead_time: Span::days(0),
                horizon: Span::days(90),
                follow_up_end: date(2025, 12, 31),
                follow_up_declared: true,
            }),
        };
        let states = [LabelState::Positive, LabelState::Negative];
        Panel::new(PanelParts {
            accounts: (0..2 * pairs).map(|number| format!("{number:03}")).collect(),
            account: (0..2 * pairs).collect(),
            snapshot: vec![date(2024, 1, 31); 2 * pairs as usize],
            labels: vec![Label {
                definition,
                states: (0..pairs).flat_map(|_| states.map(Some)).collect(),
                settled: vec![Some(date(2024, 4, 30)); 2 * pairs as usize],
                next: None,
            }],
            ..PanelParts::default()
        })
        .unwrap()
    }

    fn column(values: impl Iterator<Item = f64>) -> NumberColumn {
        NumberColumn::new(values.collect())
    }

    fn found(pairs: u32, probability: &NumberColumn) -> Vec<ReliabilityBin> {
        let (panel, settings) = (panel(pairs), Settings::default());
        let frame = Frame::new(&panel, &panel.labels()[0], &settings);
        let sample = Sample::new(&frame, probability, |_| true);
        reliability(&panel, probability, &sample, 0.95)
    }

    #[test]
    fn a_bin_holds_its_rate_and_mean() {
        // The first half of the rows, then the second; every other row has the outcome.
        let probability = column((0..40).map(|row| if row < 20 { 0.25 } else { 0.75 }));
        let bins = found(20, &probability);
        assert_eq!(bins.len(), 2);
        for (bin, probability) in bins.iter().zip([0.25_f64, 0.75]) {
            let figures = [bin.lowest, bin.highest, bin.mean_probability];
            assert!(figures.iter().all(|figure| (figure - probability).abs() < 1e-15));
            assert!((bin.event_rate - 0.5).abs() < 1e-15);
            assert!(bin.interval.lower > 0.2 && bin.interval.upper < 0.8);
            assert_eq!((bin.counts.n, bin.counts.events, bin.counts.event_accounts), (20, 10, 10));
        }
        assert!(found(9, &column((0..18).map(|_| 0.5))).is_empty(), "too few accounts");
        let missing = column((0..40).map(|_| f64::NAN));
        assert!(found(20, &missing).is_empty());
    }

    #[test]
    fn shares_of_a_label_add_up() {
        let (panel, settings) = (panel(20), Settings::default());
        let frame = Frame::new(&panel, &panel.labels()[0], &settings);
        let scores = |top: f64| crate::Scores {
            score: column((0..40).map(|row| if row == 0 { top } else { f64::from(row) })),
            ..crate::Scores::default()
        };
        let bins = distribution(&frame, &scores(100.0));
        assert_eq!(bins.len(), 20);
        assert_eq!((bins[0].n, bins[0].events, bins[19].n, bins[19].events), (4, 2, 1, 1));
        let sum = |share: fn(&crate::ScoreBin) -> Option<f64>| -> f64 {
            bins.iter().filter_map(share).sum()
        };
        assert!((sum(|bin| bin.share_of_events) - 1.0).abs() < 1e-12);
        assert!((sum(|bin| bin.share_of_others) - 1.0).abs() < 1e-12);
        assert!(distribution(&frame, &scores(100.5)).is_empty(), "another scale");
        assert!(distribution(&frame, &crate::Scores::default()).is_empty());
    }
}
