//! Fitted weights find the truth of the simulator, and their intervals cover it as often as they say.
//!
//! The truth is the fit without a pull to the prior on 200,000 simulated accounts, which
//! `oracles/recovery/truth.json` holds: what the simulator draws from is the hazard of a month, not the
//! risk at a snapshot of the sub-scores that are seen, so that its own weights are no truth for these.
//!
//! ```text
//! CHS_RECOVERY_RUNS=50 cargo nextest run --release --workspace --no-capture -E 'test(weight_recovery)'
//! CHS_RECOVERY_TRUTH=write cargo nextest run --release --workspace -E 'test(weight_recovery)'
//! ```
//!
//! The first line prints coverage over fifty histories of the demo's size; the second simulates the
//! truth again and writes it.

use std::fs;
use std::path::PathBuf;

use chs::{InputOptions, Inputs, Panel, Plan, ProjectFile, Scorecard, Unobserved};
use chs_backtest::score_columns;
use chs_fit::{ConstrainedLogistic, FitSettings, fit};
use jiff::civil::date;
use linfa::Dataset;
use linfa::traits::Fit as _;
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// Seeds of the histories that the truth is fitted on, of 2,000 accounts each.
const TRUTH_SEEDS: std::ops::RangeInclusive<u64> = 1_000_001..=1_000_100;

/// Histories, from seed 1, whose intervals are held against the truth where nothing else is asked for.
const RUNS: u64 = 3;

/// Standard errors from an estimate to each end of its interval.
const REACH: f64 = 1.959_963_984_540_054;

fn scorecard() -> Scorecard {
    Scorecard::from_toml("scorecard.toml", chs::demo::SCORECARD).unwrap()
}

/// The panel of another history of the demo's plan, by way of its files.
fn panel(seed: u64) -> Panel {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { seed, ..Plan::saas_demo() };
    let (_, tables) = chs::simulate_files(&plan, &Unobserved).unwrap();
    chs::write_files(&folder.path().join("data"), &tables, &Unobserved).unwrap();
    let project = folder.path().join("chs.toml");
    fs::write(&project, chs::demo::PROJECT).unwrap();
    let as_of = Some(date(2026, 1, 1));
    let options = InputOptions { project: Some(project), as_of, ..InputOptions::default() };
    let inputs = Inputs::read(&options).unwrap();
    let ProjectFile::History(project) = &inputs.project else { panic!("the demo has a history") };
    let (history, _) = chs::load(project, &inputs.data_dir, inputs.as_of).unwrap();
    chs::replay(project, &history).unwrap()
}

/// Rows of a logistic regression, put together here and not by the fit.
#[derive(Default)]
struct Design {
    values: Vec<f64>,
    label: Vec<bool>,
}

impl Design {
    /// Labelled rows that have a score, which stands in for sub-scores that are missing.
    fn of(panel: &Panel) -> Self {
        let scored = score_columns(panel, &scorecard()).unwrap();
        let mut design = Self::default();
        for row in 0..panel.len() {
            let Some(label) = panel.labels()[0].value(row) else { continue };
            let Some(score) = scored.score[row] else { continue };
            let values = scored.sub_scores.iter().map(|own| -own[row].unwrap_or(score) / 100.0);
            design.values.extend(values);
            design.label.push(label);
        }
        design
    }

    fn weights(self) -> Vec<f64> {
        let shape = (self.label.len(), self.values.len() / self.label.len());
        let x = Array2::from_shape_vec(shape, self.values).unwrap();
        let fitted = ConstrainedLogistic::new().fit(&Dataset::new(x, Array1::from(self.label)));
        let coefficients = fitted.unwrap().solution().coefficients.clone();
        let sum: f64 = coefficients.iter().sum();
        coefficients.into_iter().map(|own| 100.0 * own / sum).collect()
    }
}

fn by_name(weights: &[f64]) -> Map<String, Value> {
    let names = scorecard().indicators().map(|own| own.name.clone()).collect::<Vec<_>>();
    names.into_iter().zip(weights.iter().map(|own| json!(own))).collect()
}

fn truth_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracles/recovery/truth.json")
}

/// Simulate and fit the 200,000 accounts, and write what comes out.
fn write_truth() {
    let parts: Vec<Design> =
        TRUTH_SEEDS.collect::<Vec<_>>().par_iter().map(|seed| Design::of(&panel(*seed))).collect();
    let mut all = Design::default();
    for part in parts {
        all.values.extend(part.values);
        all.label.extend(part.label);
    }
    let truth = json!({
        "made_with": {
            "chs": env!("CARGO_PKG_VERSION"),
            "command": "CHS_RECOVERY_TRUTH=write cargo nextest run --release --workspace \
                        -E 'test(weight_recovery)'",
        },
        "accounts": 2_000 * TRUTH_SEEDS.count(),
        "seeds": [TRUTH_SEEDS.start(), TRUTH_SEEDS.end()],
        "rows": all.label.len(),
        "events": all.label.iter().filter(|label| **label).count(),
        "first_history": by_name(&Design::of(&panel(*TRUTH_SEEDS.start())).weights()),
        "weights": by_name(&all.weights()),
    });
    fs::create_dir_all(truth_file().parent().unwrap()).unwrap();
    fs::write(truth_file(), serde_json::to_string_pretty(&truth).unwrap() + "\n").unwrap();
}

fn truth(key: &str) -> Vec<f64> {
    let truth: Value = serde_json::from_slice(&fs::read(truth_file()).unwrap()).unwrap();
    let weight = |name: &str| truth[key][name].as_f64().unwrap_or_else(|| panic!("{name}"));
    scorecard().indicators().map(|own| weight(&own.name)).collect()
}

#[test]
fn the_truth_is_that_of_this_simulator() {
    if std::env::var("CHS_RECOVERY_TRUTH").is_ok_and(|own| own == "write") {
        write_truth();
    }
    let found = Design::of(&panel(*TRUTH_SEEDS.start())).weights();
    for (found, expected) in found.iter().zip(truth("first_history")) {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}: make the truth again");
    }
}

/// What one history says of a weight: the estimate without a pull, and its standard error where it has
/// an interval.
type Told = (f64, Option<f64>);

fn told(seed: u64) -> Vec<Told> {
    let settings =
        FitSettings { lambda: Some(0.0), replicates: 100, resamples: 0, ..FitSettings::default() };
    let outcome = fit(&panel(seed), &scorecard(), &settings).unwrap();
    let weights = outcome.report().weights.iter();
    let told = weights.map(|row| {
        let estimate = row.unpenalised.unwrap();
        (estimate, row.unpenalised_interval.map(|own| (own.upper - estimate) / REACH))
    });
    told.collect()
}

/// How often intervals hold the truth, and the mean square of errors in standard errors, which is 1
/// where these are right.
#[derive(Default)]
struct Coverage {
    intervals: u32,
    covered: u32,
    squares: f64,
    errors: f64,
}

impl Coverage {
    fn of(told: impl Iterator<Item = Told>, truth: f64) -> Self {
        let mut own = Self::default();
        for (estimate, error) in told.filter_map(|(estimate, error)| Some((estimate, error?))) {
            let away = (estimate - truth) / error;
            own.intervals += 1;
            own.covered += u32::from(away.abs() <= REACH);
            own.squares += away * away;
            own.errors += error;
        }
        own
    }

    fn add(&mut self, other: &Self) {
        self.intervals += other.intervals;
        self.covered += other.covered;
        self.squares += other.squares;
        self.errors += other.errors;
    }

    fn per_interval(&self, sum: f64) -> f64 {
        sum / f64::from(self.intervals)
    }

    fn share(&self) -> f64 {
        self.per_interval(f64::from(self.covered))
    }

    fn mean_square(&self) -> f64 {
        self.per_interval(self.squares)
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the table is read where more runs are asked for")]
fn intervals_of_weights_cover_the_truth() {
    let runs = std::env::var("CHS_RECOVERY_RUNS").map_or(RUNS, |own| own.parse().unwrap());
    let found: Vec<Vec<Told>> =
        (1..=runs).collect::<Vec<_>>().par_iter().map(|seed| told(*seed)).collect();
    let mut interior = Coverage::default();
    eprintln!("indicator               truth   mean  error  intervals  covered  mean square");
    for (index, (indicator, truth)) in scorecard().indicators().zip(truth("weights")).enumerate() {
        let own = Coverage::of(found.iter().map(|run| run[index]), truth);
        let error = own.per_interval(own.errors);
        // Nearer to its bound, a weight has an interval only where it errs upwards.
        let is_interior = truth > 2.0 * error;
        if is_interior {
            interior.add(&own);
        }
        eprintln!(
            "{:22} {truth:6.2} {:6.2} {error:6.2} {:10} {:8} {:12.2} {}",
            indicator.name,
            found.iter().map(|run| run[index].0).sum::<f64>() / runs as f64,
            own.intervals,
            own.covered,
            own.mean_square(),
            if is_interior { "interior" } else { "" }
        );
    }
    let (share, mean_square) = (interior.share(), interior.mean_square());
    let Coverage { covered, intervals, .. } = interior;
    eprintln!(
        "interior: {covered} of {intervals} cover ({share:.3}), mean square {mean_square:.2}"
    );
    assert!(u64::from(intervals) >= 5 * runs, "the larger weights have an interval");
    assert!(share > 0.85, "{share}");
    assert!((0.5..1.6).contains(&mean_square), "{mean_square}");
}
