//! Trivial rivals of the primary candidate, on its rows.

use chs_panel::NumberColumn;
use chs_scorecard::Scorecard;
use chs_stats::{Interval, auc_within};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::figures::{auc_figures, slice_figures};
use crate::forecast::{base_rate, by_score};
use crate::probability::loss_figures;
use crate::sample::{Contender, Frame, Sample};
use crate::score::score_panel;
use crate::{BacktestError, Baseline, BaselineResult, Slice};

/// Level of the interval by which shuffled labels are judged. At that of the other intervals every
/// twentieth sound history would be called broken.
pub(crate) const SHUFFLED_LEVEL: f64 = 0.999;

/// A baseline that scores accounts, or why it could not be made.
pub(crate) struct Rival {
    pub(crate) baseline: Baseline,
    indicator: Option<String>,
    pub(crate) contender: Result<Contender, String>,
}

/// Base rate, recency, tenure and equal weights, in the order of [`Baseline::ALL`].
pub(crate) fn rivals(
    frame: &Frame<'_>,
    primary: &Contender,
    scorecard: Option<&Scorecard>,
) -> Result<Vec<Rival>, BacktestError> {
    let settings = frame.settings;
    let constant = Contender {
        name: Baseline::BaseRate.as_str().to_owned(),
        predictor: primary.predictor.clone(),
        probability: base_rate(frame, &primary.predictor).probability,
    };
    Ok(vec![
        Rival { baseline: Baseline::BaseRate, indicator: None, contender: Ok(constant) },
        by_indicator(frame, Baseline::Recency, settings.recency_indicator.as_deref())?,
        by_indicator(frame, Baseline::Tenure, settings.tenure_indicator.as_deref())?,
        equal_weights(frame, scorecard)?,
    ])
}

fn by_indicator(
    frame: &Frame<'_>,
    baseline: Baseline,
    name: Option<&str>,
) -> Result<Rival, BacktestError> {
    let Some(name) = name else {
        let reason = format!("no indicator of the panel measures {}", baseline.as_str());
        return Ok(Rival { baseline, indicator: None, contender: Err(reason) });
    };
    let numbers =
        frame.panel.indicator(name).and_then(|values| values.numbers()).ok_or_else(|| {
            BacktestError::BaselineIndicator {
                baseline: baseline.as_str(),
                indicator: name.to_owned(),
            }
        })?;
    // A long silence is bad, a long relationship is good.
    let health = if baseline == Baseline::Recency { -1.0 } else { 1.0 };
    let contender = contender(frame, baseline, numbers, health);
    Ok(Rival { baseline, indicator: Some(name.to_owned()), contender: Ok(contender) })
}

fn equal_weights(frame: &Frame<'_>, scorecard: Option<&Scorecard>) -> Result<Rival, BacktestError> {
    let baseline = Baseline::EqualWeights;
    let contender = match scorecard {
        None => Err("a recorded score has no weights".to_owned()),
        Some(scorecard) => {
            let scores = score_panel(frame.panel, &scorecard.equal_weights())?;
            Ok(contender(frame, baseline, &scores.score, 1.0))
        }
    };
    Ok(Rival { baseline, indicator: None, contender })
}

fn contender(
    frame: &Frame<'_>,
    baseline: Baseline,
    numbers: &NumberColumn,
    health: f64,
) -> Contender {
    let predictor = oriented(numbers, frame.sign() * health);
    let probability = by_score(frame, &predictor).probability;
    Contender { name: baseline.as_str().to_owned(), predictor, probability }
}

/// The numbers times a sign; missing stays missing.
pub(crate) fn oriented(numbers: &NumberColumn, sign: f64) -> NumberColumn {
    NumberColumn::new(numbers.as_slice().iter().map(|value| value * sign).collect())
}

/// The figures of a baseline on the rows that it shares with the primary candidate.
pub(crate) fn baseline_result(
    frame: &Frame<'_>,
    primary: &Contender,
    rival: &Rival,
) -> BaselineResult {
    let slice = Slice::all();
    let (metrics, reason) = match &rival.contender {
        Err(reason) => (Vec::new(), Some(reason.clone())),
        Ok(contender) => {
            let shared = |row: usize| primary.predictor.get(row).is_some();
            let metrics = if rival.baseline == Baseline::BaseRate {
                let forecast = Sample::new(frame, &contender.probability, shared);
                loss_figures(frame, &forecast, &slice)
            } else {
                let sample = Sample::new(frame, &contender.predictor, shared);
                slice_figures(frame, contender, &sample, &slice)
            };
            (metrics, None)
        }
    };
    BaselineResult { baseline: rival.baseline, indicator: rival.indicator.clone(), metrics, reason }
}

/// The primary score against labels that were shuffled inside each snapshot, with the interval by which
/// it is judged.
pub(crate) fn shuffled_labels(
    frame: &Frame<'_>,
    primary: &Contender,
) -> (BaselineResult, Option<Interval>) {
    let mut sample = Sample::new(frame, &primary.predictor, |_| true);
    let snapshots = sample.stratum.chunk_by(|a, b| a == b).map(<[u32]>::len).collect::<Vec<_>>();
    let mut start = 0;
    for (snapshot, rows) in (0_u64..).zip(snapshots) {
        // The bootstrap counts its streams from 0.
        let mut random = ChaCha8Rng::seed_from_u64(frame.settings.seed);
        random.set_stream(u64::MAX - snapshot);
        for last in (1..rows).rev() {
            sample.label.swap(start + last, start + random.random_range(0..=last));
        }
        start += rows;
    }
    let judged = auc_within(&sample.observations(), &sample.stratum)
        .and_then(|auc| auc.interval(SHUFFLED_LEVEL));
    let result = BaselineResult {
        baseline: Baseline::ShuffledLabels,
        indicator: None,
        metrics: auc_figures(&sample, &Slice::all(), frame.settings).into(),
        reason: None,
    };
    (result, judged)
}
