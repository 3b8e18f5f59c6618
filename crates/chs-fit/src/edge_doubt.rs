//! The scores that edges are learned from, and how much the edges move with the accounts.

use chs_backtest::score_columns;
use chs_scorecard::{BandRule, Scorecard};
use chs_stats::{Bootstrap, BootstrapInterval, Interval, cluster_bootstrap};
use jiff::civil::Date;

use crate::FitError;
use crate::edges::{Draws, Scored, drawn_edges, edges};
use crate::history::History;

/// The scores that a probability and edges are learned from.
pub(crate) struct Sample {
    /// Rows with a score: a learned weight of zero can leave an account without anything that counts.
    pub(crate) rows: Vec<usize>,
    pub(crate) scores: Vec<f64>,
    pub(crate) label: Vec<bool>,
    /// Per snapshot up to the origin the accounts and their scores: they can be counted before anything
    /// is known of their outcomes.
    seen: Vec<Vec<f64>>,
    seen_rows: Vec<usize>,
}

impl Sample {
    pub(crate) fn of(
        history: &History<'_>,
        scorecard: &Scorecard,
        rows: &[usize],
        origin: Option<Date>,
    ) -> Result<Self, FitError> {
        let columns = score_columns(history.panel, scorecard)?;
        let score_of = |row: usize| columns.score.get(row).copied().flatten();
        let rows: Vec<usize> =
            rows.iter().copied().filter(|row| score_of(*row).is_some()).collect();
        let days = history.panel.snapshots();
        let count = days.partition_point(|day| origin.is_none_or(|origin| *day <= origin));
        let scored =
            |index: usize| history.panel.rows_of(index).filter(|row| score_of(*row).is_some());
        Ok(Self {
            scores: rows.iter().filter_map(|row| score_of(*row)).collect(),
            label: history.labels(&rows),
            seen: (0..count).map(|index| scored(index).filter_map(score_of).collect()).collect(),
            seen_rows: (0..count).flat_map(scored).collect(),
            rows,
        })
    }

    pub(crate) fn scored(&self, history: &History<'_>, scorecard: &Scorecard) -> Scored<'_> {
        Scored {
            scores: &self.scores,
            label: &self.label,
            polarity: history.label.definition.polarity,
            lift: scorecard.gates().lift_at_risk,
            by_snapshot: &self.seen,
        }
    }
}

/// How much learned edges move when other accounts had been there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EdgeDoubt {
    /// One per band; none for an edge that is not learned.
    pub(crate) intervals: Vec<Option<Interval>>,
    /// Resamples without edges.
    pub(crate) undefined: usize,
}

/// The edges of the final scorecard, found again over accounts drawn with replacement.
pub(crate) fn edge_doubt(
    history: &History<'_>,
    scorecard: &Scorecard,
    edges_found: bool,
) -> Result<EdgeDoubt, FitError> {
    if history.band_rule() == BandRule::Prior || !edges_found || history.settings.resamples == 0 {
        return Ok(EdgeDoubt::default());
    }
    Ok(doubt_of(history, scorecard, &Sample::of(history, scorecard, &history.rows, None)?))
}

/// The edges that some rows alone would ask for, the score as it is; none where the rule finds none there.
pub(crate) fn edges_of(
    history: &History<'_>,
    scorecard: &Scorecard,
    rows: &[usize],
) -> Result<Option<(Vec<f64>, EdgeDoubt)>, FitError> {
    let sample = Sample::of(history, scorecard, rows, None)?;
    let scored = sample.scored(history, scorecard);
    let found = edges(&scored, history.band_rule(), scorecard.bands().len());
    Ok(found.map(|edges| (edges, doubt_of(history, scorecard, &sample))))
}

fn doubt_of(history: &History<'_>, scorecard: &Scorecard, sample: &Sample) -> EdgeDoubt {
    let (settings, rule) = (history.settings, history.band_rule());
    let scored = sample.scored(history, scorecard);
    let bands = scorecard.bands().len();
    let cluster = [history.accounts(&sample.rows), history.accounts(&sample.seen_rows)].concat();
    let plan =
        Bootstrap { replicates: settings.resamples, seed: settings.seed, level: settings.level };
    let found = cluster_bootstrap(&cluster, plan, |draws| {
        let (labelled, seen) = draws.split_at(sample.rows.len());
        let edges = drawn_edges(&scored, Draws { labelled, seen }, (rule, bands));
        let learned = |band: usize| edges.as_ref().and_then(|edges| edges.get(band).copied());
        (0..bands).map(learned).collect()
    });
    let undefined = found.first().map_or(0, |found| found.undefined);
    let of_band = |(band, own): (usize, BootstrapInterval)| own.interval.filter(|_| band > 0);
    let intervals = found.into_iter().enumerate().map(of_band).collect();
    EdgeDoubt { intervals, undefined }
}
