//! How far probabilities lie from what came, without a choice of bins or a shape.

use chs_panel::{Finding, Level};
use chs_stats::OutcomeOrder;

use crate::conclude::{finding, with_metric};
use crate::probability::{AccountLosses, no_probability};
use crate::reliability::BINS;
use crate::resampling::Resampling;
use crate::sample::{Contender, Frame, Sample};
use crate::wording::percent;
use crate::{Metric, Settings, Slice};

/// Rows with the outcome, and rows without it, below which no flexible curve is drawn.
pub const CURVE_FLOOR: usize = 200;

/// Replicates of the smooth curve, which costs some 100,000 steps beside the pass over the rows.
const SMOOTH_REPLICATES: usize = 200;

/// Share of the event rate that a probability may be off on average.
const TOLERANCE: f64 = 0.25;

/// A level of the calibration curve: rows that it gives one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationLevel {
    /// Lowest probability of its rows.
    pub lowest: f64,
    /// Highest probability of its rows.
    pub highest: f64,
    /// Share of its rows with label 1.
    pub rate: f64,
    /// Rows.
    pub n: u64,
    /// Rows with label 1.
    pub events: u64,
}

/// Figures and curve of one score.
#[derive(Default)]
pub(crate) struct Calibration {
    /// `ici`, `e50`, `e90`, `e_max`, `ece`, `miscalibration`, `discrimination`, `uncertainty`.
    pub(crate) metrics: Vec<Metric>,
    /// The monotone curve that fits best; empty where the rows do not carry it.
    pub(crate) curve: Vec<CalibrationLevel>,
}

const SMOOTH: [&str; 4] = ["ici", "e50", "e90", "e_max"];
const BINNED: [&str; 4] = ["ece", "miscalibration", "discrimination", "uncertainty"];

/// All of it on the rows with a probability.
///
/// These distances are never below 0, so that resampling lifts them: an interval shows how large they may
/// be, not that they are there.
pub(crate) fn calibration(frame: &Frame<'_>, contender: &Contender) -> Calibration {
    let forecast = Sample::new(frame, &contender.probability, |_| true);
    let [smooth, binned] = [SMOOTH, BINNED].map(|names| names.map(str::to_owned));
    let slice = Slice::all();
    let of = |names, settings| Resampling { sample: &forecast, slice: &slice, settings, names };
    let settings = frame.settings;
    if let Some(reason) = no_probability(frame.panel, &forecast).or_else(|| too_few(&forecast)) {
        let mut metrics = of(&smooth, settings).undefined(&reason);
        metrics.extend(of(&binned, settings).undefined(&reason));
        return Calibration { metrics, curve: Vec::new() };
    }
    let order = OutcomeOrder::new(&forecast.observations());
    let mut metrics = smooth_figures(&order, &of(&smooth, settings));
    let losses = AccountLosses::of(&forecast);
    metrics.extend(of(&binned, settings).by_account(|weights| {
        let recalibrated = order.recalibrated_brier(weights);
        let beyond = |score: Option<f64>| score.zip(recalibrated).map(|(score, own)| score - own);
        let of_the_rate = losses.of_the_rate(weights);
        vec![
            order.expected_calibration_error(weights, BINS),
            beyond(losses.brier(weights)),
            beyond(of_the_rate),
            of_the_rate,
        ]
    }));
    let steps = order.corp(&vec![1; forecast.accounts]).map(|corp| corp.steps);
    let curve = steps
        .into_iter()
        .flatten()
        .map(|step| CalibrationLevel {
            lowest: step.lowest,
            highest: step.highest,
            rate: step.rate(),
            n: step.rows,
            events: step.events,
        })
        .collect();
    Calibration { metrics, curve }
}

/// Why no flexible curve is drawn.
fn too_few(forecast: &Sample) -> Option<String> {
    let counts = forecast.counts();
    let found = counts.events.min(counts.n - counts.events);
    (found < CURVE_FLOOR).then(|| {
        format!("not enough data: {found} rows with the outcome or without, {CURVE_FLOOR} needed")
    })
}

fn smooth_figures(order: &OutcomeOrder, resampling: &Resampling<'_>) -> Vec<Metric> {
    let figures = |weights: &[u32]| {
        let errors = order.calibration_errors(weights);
        let of = |part: fn(&chs_stats::CalibrationErrors) -> f64| errors.as_ref().map(part);
        vec![
            of(|errors| errors.mean),
            of(|errors| errors.median),
            of(|errors| errors.ninth_decile),
            of(|errors| errors.maximum),
        ]
    };
    let replicates = resampling.settings.replicates.min(SMOOTH_REPLICATES);
    let settings = Settings { replicates, ..resampling.settings.clone() };
    let mut metrics = Resampling { settings: &settings, ..*resampling }.by_account(figures);
    for metric in metrics.iter_mut().filter(|metric| metric.estimate.is_some()) {
        metric.reason = Some(format!("from {replicates} replicates"));
    }
    metrics
}

/// Whether probabilities are off by much, for one score.
pub(crate) fn conclusion(metrics: &[Metric], name: &str) -> Option<Finding> {
    let found = |wanted: &str| {
        metrics.iter().find(|metric| metric.name == wanted && metric.slice == Slice::all())
    };
    let ici = found("ici")?;
    let rate = ici.counts.events as f64 / ici.counts.n.max(1) as f64;
    let Some((estimate, lower, upper)) = ici.bounds() else {
        let reason = ici.reason.as_deref().unwrap_or("the data do not carry it");
        let sentence = format!("cannot tell: {reason}");
        return finding("CHS237", Level::NotApplicable, name, sentence);
    };
    let allowed = TOLERANCE * rate;
    let level = match () {
        () if lower > allowed => Level::Warning,
        () if upper <= allowed => Level::Passed,
        () => Level::Note,
    };
    let largest = found("e_max").and_then(|metric| metric.estimate);
    let largest = largest.map_or_else(String::new, |value| format!(", at most {}", points(value)));
    let sentence = format!(
        "its probabilities are off by {} on average ({} to {}){largest}; the outcome rate is {}, of which \
         a quarter is allowed",
        points(estimate),
        points(lower),
        points(upper),
        percent(rate)
    );
    Some(
        with_metric(finding("CHS237", level, name, sentence)?, ici).with_figure("allowed", allowed),
    )
}

/// `1.32 points`
fn points(share: f64) -> String {
    format!("{:.2} points", 100.0 * share)
}
