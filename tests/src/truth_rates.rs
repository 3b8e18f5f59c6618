//! How often the fit refuses what it should, and how often a test of two equal scores calls them different.
//!
//! ```text
//! CHS_TRUTH_RUNS=200 cargo nextest run --release --workspace --no-capture -E 'test(truth_rates)'
//! ```
//!
//! prints the rates of `docs/recovery.md`; a few runs stand for them in every test run.

use chs_backtest::{Settings, evaluate};
use chs_fit::{FitOutcome, FitSettings, fit};
use chs_scorecard::Scorecard;
use rayon::prelude::*;

use crate::fit_laws::{Plan, scorecard};

/// Histories of each kind where nothing else is asked for.
const RUNS: u64 = 6;

fn runs() -> u64 {
    std::env::var("CHS_TRUTH_RUNS").map_or(RUNS, |own| own.parse().unwrap())
}

/// Counts the seeds, from 1, of which something holds.
#[expect(clippy::print_stderr, reason = "the rates are read where more runs are asked for")]
fn count(what: &str, runs: u64, holds: impl Fn(u64) -> bool + Sync) -> u64 {
    let seeds: Vec<u64> = (1..=runs).collect();
    let count = seeds.par_iter().filter(|seed| holds(**seed)).count() as u64;
    let share = count as f64 / runs as f64;
    let error = (share * (1.0 - share) / runs as f64).sqrt();
    eprintln!(
        "{what}: {count} of {runs} ({:.1} %, Monte Carlo error {:.1})",
        100.0 * share,
        100.0 * error
    );
    count
}

fn is_refused(plan: &Plan) -> bool {
    let settings = FitSettings { replicates: 200, resamples: 0, ..FitSettings::default() };
    matches!(fit(&plan.panel(), &scorecard(), &settings).unwrap(), FitOutcome::Refused(_))
}

#[test]
fn noise_is_refused_and_a_clear_signal_is_not() {
    let runs = runs();
    let noise = Plan { truth: [0.0; 4], intercept: -2.0, ..Plan::default() };
    let refused = count("noise refused", runs, |seed| is_refused(&Plan { seed, ..noise.clone() }));
    assert!(20 * refused >= 19 * runs, "{refused} of {runs}");
    let clear = Plan { accounts: 1_500, ..Plan::default() };
    let refused =
        count("clear signal refused", runs, |seed| is_refused(&Plan { seed, ..clear.clone() }));
    assert!(20 * refused <= runs, "{refused} of {runs}");
}

#[test]
fn equal_scores_are_called_different_as_often_as_the_test_says() {
    let runs = 10 * runs();
    let of = |name: &str| {
        let text = format!(
            "spec_version = 1\nname = \"by-{name}\"\nversion = \"0.1.0\"\n[components.use]\n\
             weight = 100\nindicators = [{{ name = \"{name}\", poor = 0, good = 100 }}]\n"
        );
        Scorecard::from_toml("scorecard.toml", &text).unwrap()
    };
    let scores = [of("logins"), of("features")];
    let settings = Settings { replicates: 100, ..Settings::default() };
    let equal = Plan { truth: [2.0, 2.0, 0.0, 0.0], accounts: 250, months: 4, ..Plan::default() };
    let different = count("equal scores called different", runs, |seed| {
        let panel = Plan { seed, ..equal.clone() }.panel();
        let found = evaluate(&panel, &scores, &settings).unwrap();
        let compared = found.comparison("by-logins", "by-features", "auc_within_snapshot").unwrap();
        compared.p_value.unwrap() < 0.05
    });
    let share = different as f64 / runs as f64;
    let error = (0.05_f64 * 0.95 / runs as f64).sqrt();
    assert!((share - 0.05).abs() < 4.0 * error, "{share}");
}
