//! What acting on the score is worth, and where the edge of the band that is acted on would lie.

mod conclusions;
mod cut;

use chs_panel::Polarity;
use chs_scorecard::{BandRule, Scorecard};
use chs_stats::{OutcomeOrder, cluster_bootstrap};

use crate::metric::{Figure, Method};
use crate::probability::no_probability;
use crate::resampling::Resampling;
use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::too_few;
use crate::{Metric, Scores, Slice};
use cut::{Cuts, PooledAlerts};

pub(crate) use conclusions::findings;

/// Probabilities from which on acting is worth it, that are looked at: at 10 %, nine needless alerts weigh as
/// much as a needed one.
const THRESHOLDS: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5];
/// Shares of the accounts of a snapshot for which there may be room.
const CAPACITIES: [f64; 3] = [0.05, 0.1, 0.2];

/// Worth and edges of the primary score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// By `threshold`: `net_benefit` of acting where the probability is at least that, per row;
    /// `net_benefit_of_everybody`; `net_benefit_gain` over the better of acting on everybody and on nobody.
    pub curve: Vec<Metric>,
    /// The edge that the score has now; `None` without bands.
    pub current: Option<f64>,
    /// Where it would lie; the ground that the scorecard declares in `[fit]` comes first.
    pub edges: Vec<EdgeChoice>,
    /// Whether it declares one.
    pub is_declared: bool,
    /// Why there are no edges.
    pub reason: Option<String>,
}

/// Where the edge of the band that is acted on would lie on one ground.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeChoice {
    /// What it rests on.
    pub ground: EdgeGround,
    /// The ground in words.
    pub name: String,
    /// `edge` in whole points, `alert_share` of the rows beyond it, and where it rests on costs
    /// `net_benefit_gain` over the edge that the score has now.
    pub metrics: Vec<Metric>,
}

impl EdgeChoice {
    /// A figure by name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

/// What an edge rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EdgeGround {
    /// The highest net benefit where acting is worth it from this probability on.
    Cost {
        /// The probability.
        threshold: f64,
    },
    /// The most alerts that no snapshot has more of than this share of its accounts.
    Share {
        /// The share.
        share: f64,
    },
    /// The same for a number of accounts, which the scorecard declares.
    Accounts {
        /// The number.
        accounts: u32,
    },
}

impl EdgeGround {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cost { .. } => "cost",
            Self::Share { .. } | Self::Accounts { .. } => "capacity",
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::Cost { threshold } => {
                let needless = format!("{:.0}", (1.0 - threshold) / threshold);
                let alerts = if needless == "1" { "alert" } else { "alerts" };
                format!("{needless} needless {alerts} per needed one")
            }
            Self::Share { share } => {
                format!("room for {:.0} % of the accounts", 100.0 * share)
            }
            Self::Accounts { accounts } => format!("room for {accounts} accounts at a snapshot"),
        }
    }
}

/// The primary score, its bands and the scorecard that made it.
pub(crate) struct Decided<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) contender: &'a Contender,
    pub(crate) scores: &'a Scores,
    /// Lower edges of its bands.
    pub(crate) edges: &'a [f64],
    pub(crate) scorecard: Option<&'a Scorecard>,
}

/// The decision curve of the probabilities and the edges of the score; O(rows) per replicate.
pub(crate) fn decision(decided: &Decided<'_>) -> Decision {
    let curve = curve(decided);
    let frame = decided.frame;
    let labelled = Sample::new(frame, &decided.scores.score, |_| true);
    let is_outside = |score: &f64| !(0.0..=100.0).contains(score);
    let reason = too_few(&labelled).or_else(|| {
        let outside = labelled.predictor.iter().any(is_outside);
        outside.then(|| "the score is not on a scale of 0 to 100".to_owned())
    });
    let current = match frame.label.definition.polarity {
        _ if decided.scores.band_names.len() < 2 => None,
        Polarity::Adverse => decided.edges.get(1).copied(),
        Polarity::Favourable => decided.edges.last().copied(),
    };
    if reason.is_some() {
        return Decision { curve, current, reason, ..Decision::default() };
    }
    let declared = declared(decided.scorecard);
    let mut edges: Vec<EdgeChoice> = by_cost(frame, &labelled, (current, declared));
    edges.extend(by_capacity(decided, declared));
    // A stable sort leaves the others as they are.
    edges.sort_by_key(|choice| Some(choice.ground) != declared);
    Decision { curve, current, edges, is_declared: declared.is_some(), reason: None }
}

/// The costs or the room that a scorecard declares for its fit.
fn declared(scorecard: Option<&Scorecard>) -> Option<EdgeGround> {
    match scorecard?.fit().edges? {
        BandRule::Capacity { accounts } => Some(EdgeGround::Accounts { accounts }),
        BandRule::Cost { miss } => Some(EdgeGround::Cost { threshold: 1.0 / (1.0 + miss) }),
        _ => None,
    }
}

fn by_threshold(threshold: f64) -> Slice {
    Slice::of("threshold", &format!("{:.0} %", 100.0 * threshold))
}

fn curve(decided: &Decided<'_>) -> Vec<Metric> {
    let frame = decided.frame;
    let forecast = Sample::new(frame, &decided.contender.probability, |_| true);
    let kinds = ["net_benefit", "net_benefit_of_everybody", "net_benefit_gain"].map(str::to_owned);
    let names: Vec<String> = THRESHOLDS.iter().flat_map(|_| kinds.clone()).collect();
    let (slice, settings) = (Slice::all(), frame.settings);
    let resampling = Resampling { sample: &forecast, slice: &slice, settings, names: &names };
    let mut metrics = if let Some(reason) = no_probability(frame.panel, &forecast) {
        resampling.undefined(&reason)
    } else {
        let order = OutcomeOrder::new(&forecast.observations());
        resampling.by_account(|weights| {
            let curve = order.decision_curve(weights, &THRESHOLDS);
            let mut figures = vec![None; names.len()];
            for (cells, found) in figures.chunks_mut(kinds.len()).zip(curve) {
                let gain = found.model - found.everybody.max(0.0);
                let told = [found.model, found.everybody, gain];
                cells.iter_mut().zip(told).for_each(|(cell, value)| *cell = Some(value));
            }
            figures
        })
    };
    let slices =
        THRESHOLDS.iter().flat_map(|threshold| kinds.iter().map(|_| by_threshold(*threshold)));
    for (metric, slice) in metrics.iter_mut().zip(slices) {
        metric.slice = slice;
    }
    metrics
}

/// Per threshold the edge with the highest net benefit.
fn by_cost(
    frame: &Frame<'_>,
    labelled: &Sample,
    (current, declared): (Option<f64>, Option<EdgeGround>),
) -> Vec<EdgeChoice> {
    let mut thresholds = THRESHOLDS.to_vec();
    if let Some(EdgeGround::Cost { threshold }) = declared {
        thresholds.push(threshold);
    }
    let cuts = Cuts::new(frame, labelled);
    let ones = vec![1; labelled.accounts];
    let alerts = cuts.alerts(&ones).pooled();
    let best: Vec<usize> = thresholds.iter().map(|own| alerts.best(*own)).collect();
    let now = current.map(|edge| cuts.place_of(edge));
    let figures = |alerts: &PooledAlerts| -> Vec<Option<f64>> {
        let of = |(threshold, best): (&f64, &usize)| {
            let own = alerts.best(*threshold);
            let gain =
                now.map(|now| alerts.worth(*best, *threshold) - alerts.worth(now, *threshold));
            [Some(cuts.edge(own)), alerts.share(*best), gain]
        };
        thresholds.iter().zip(&best).flat_map(of).collect()
    };
    let kinds = ["edge", "alert_share", "net_benefit_gain"];
    let metrics =
        resampled(frame, labelled, &kinds, |weights| figures(&cuts.alerts(weights).pooled()));
    let ground = |threshold: &f64| EdgeGround::Cost { threshold: *threshold };
    let grounds: Vec<EdgeGround> = thresholds.iter().map(ground).collect();
    choices(&grounds, &metrics, kinds.len())
}

/// Per capacity the edge with the most alerts.
fn by_capacity(decided: &Decided<'_>, declared: Option<EdgeGround>) -> Vec<EdgeChoice> {
    let frame = decided.frame;
    // Every account that has a score has to be looked after, whatever is known of its outcome.
    let all = Sample::labelled(frame, &decided.scores.score, |_| Some(false));
    let cuts = Cuts::new(frame, &all);
    let mut grounds: Vec<EdgeGround> = CAPACITIES.map(|share| EdgeGround::Share { share }).into();
    grounds.extend(declared.filter(|ground| matches!(ground, EdgeGround::Accounts { .. })));
    let seen = cuts.alerts(&vec![1; all.accounts]);
    let rooms = |ground: &EdgeGround| match ground {
        EdgeGround::Share { share } => seen.room_of_share(*share),
        EdgeGround::Accounts { accounts } => seen.room_of(*accounts),
        EdgeGround::Cost { .. } => Vec::new(),
    };
    let rooms: Vec<Vec<f64>> = grounds.iter().map(rooms).collect();
    let kinds = ["edge", "alert_share"];
    let metrics = resampled(frame, &all, &kinds, |weights| {
        let alerts = cuts.alerts(weights);
        let pooled = alerts.pooled();
        let of = |room: &Vec<f64>| {
            let place = alerts.fullest(room);
            [Some(cuts.edge(place)), pooled.share(place)]
        };
        rooms.iter().flat_map(of).collect()
    });
    choices(&grounds, &metrics, kinds.len())
}

/// The figures of `statistic`, a multiple of `kinds`, with intervals by account.
fn resampled(
    frame: &Frame<'_>,
    sample: &Sample,
    kinds: &[&str],
    statistic: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
) -> Vec<Metric> {
    let estimates = statistic(&vec![1; sample.accounts]);
    let accounts: Vec<u32> = (0..).take(sample.accounts).collect();
    let intervals = cluster_bootstrap(&accounts, frame.settings.bootstrap(), statistic);
    let (slice, counts) = (Slice::all(), sample.counts());
    kinds
        .iter()
        .cycle()
        .zip(estimates.into_iter().zip(intervals))
        .map(|(name, (estimate, found))| {
            let Some(estimate) = estimate else {
                let reason = "the score has no edge to hold it against".to_owned();
                return Metric::undefined(name, &slice, counts, reason);
            };
            let figure = Figure::new(estimate, found.interval, Method::ClusterBootstrap);
            Metric::new(name, &slice, counts, figure)
        })
        .collect()
}

fn choices(grounds: &[EdgeGround], metrics: &[Metric], kinds: usize) -> Vec<EdgeChoice> {
    let groups = metrics.chunks_exact(kinds);
    grounds
        .iter()
        .zip(groups)
        .map(|(ground, metrics)| EdgeChoice {
            ground: *ground,
            name: ground.in_words(),
            metrics: metrics.to_vec(),
        })
        .collect()
}
