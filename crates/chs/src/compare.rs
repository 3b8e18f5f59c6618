//! Two scores on the same history: which ranks better, who changes band, and why.

use chs_backtest::backtest_json::v1::{Backtest, Scorecard as Tested};
use chs_backtest::{BacktestError, Settings};

use crate::Error;
use crate::compare_json::v1::{self, Compare, Comparison, Side, Verdict};
use crate::migration::Pair;
use crate::observer::{Stage, enter};
use crate::pipeline::{Done, Job, Replayed, Results, json_file};
use crate::scorecard_files::{ScorecardFile, tell_apart};

/// Name of the file of a comparison.
pub const COMPARE_FILE: &str = "compare.json";
/// Name of its manifest: it stands beside that of a backtest.
pub const COMPARE_RUN_FILE: &str = "compare-run.json";

/// The headline of the paired figures.
const WITHIN: &str = "auc_within_snapshot";

/// Compare the first two scores of a job: `compare.json`, `compare-run.json`.
///
/// # Errors
///
/// Any [`Error`] of loading, replaying, testing or writing; nothing is written then.
pub fn compare(job: Job<'_>, settings: &Settings) -> Result<Done<Compare>, Error> {
    let [a, b] = job.scorecards else { return Err(BacktestError::NoCandidate.into()) };
    let mut pair = [b.clone(), a.clone()];
    tell_apart(&mut pair);
    let replayed = Replayed::new(job)?;
    // The one that might follow comes first, so that differences are its own.
    let evaluation = replayed.evaluate(Job { scorecards: &pair, ..job }, settings)?;
    enter(job.observer, Stage::Encode)?;
    let backtest = evaluation.to_json();
    let [b, a] = &pair;
    let labels = replayed.panel.labels();
    let label = labels
        .iter()
        .find(|label| label.definition.name == backtest.label.name)
        .ok_or(BacktestError::NoLabel)?;
    let sides = [&a.scorecard, &b.scorecard];
    let migrations = Pair::new(&replayed.panel, label, sides)?.migrations();
    let differences: Vec<Comparison> = (backtest.comparisons.iter())
        .filter(|own| own.a == b.scorecard.name() && own.b == a.scorecard.name())
        .cloned()
        .collect();
    let names = [a.scorecard.name(), b.scorecard.name()];
    let result = Compare {
        schema: v1::Schema { name: v1::NAME.to_owned(), version: v1::VERSION },
        verdict: verdict(names, &differences),
        a: side(a, &backtest),
        b: side(b, &backtest),
        label: backtest.label,
        settings: backtest.settings,
        sufficiency: backtest.sufficiency,
        differences,
        migrations,
        findings: backtest.findings,
    };
    let files = vec![json_file(COMPARE_FILE, &result)?];
    let results =
        Results { files, check: None, seed: Some(settings.seed), manifest: COMPARE_RUN_FILE };
    replayed.finish(job, results, result)
}

fn side(file: &ScorecardFile, backtest: &Backtest) -> Side {
    let name = file.scorecard.name();
    let tested = backtest.scorecards.iter().find(|own| own.name == name);
    let overall = |own: &Tested| {
        own.metrics.iter().filter(|metric| metric.slice.is_empty()).cloned().collect()
    };
    Side {
        name: name.to_owned(),
        version: file.scorecard.version().to_owned(),
        kind: if file.model.is_some() { "model" } else { "scorecard" }.to_owned(),
        sha256: file.sha256.clone(),
        model_digest: file.model_digest(),
        metrics: tested.map(overall).unwrap_or_default(),
    }
}

/// Decided on the interval of the difference of the same-day AUC.
fn verdict([a, b]: [&str; 2], differences: &[Comparison]) -> Verdict {
    let headline = differences.iter().find(|own| own.name == WITHIN);
    let bounds = headline.and_then(|own| Some((own.estimate?, own.lower?, own.upper?)));
    let Some((estimate, lower, upper)) = bounds else {
        let reason = headline.and_then(|own| own.reason.as_deref()).unwrap_or("no figure");
        return Verdict {
            answer: "cannot_tell".to_owned(),
            sentence: format!("It cannot be told whether `{b}` ranks better than `{a}`: {reason}."),
        };
    };
    let figures = format!("same-day AUC {estimate:+.3} [{lower:+.3}, {upper:+.3}]");
    let (answer, sentence) = if lower > 0.0 {
        ("b_ranks_better", format!("`{b}` ranks better than `{a}`: {figures}."))
    } else if upper < 0.0 {
        ("a_ranks_better", format!("`{a}` ranks better than `{b}`: {figures} for `{b}`."))
    } else {
        let sentence = format!(
            "No difference is shown between `{b}` and `{a}`: {figures}; they may rank alike, or \
             differ by as much as that."
        );
        ("no_difference_shown", sentence)
    };
    Verdict { answer: answer.to_owned(), sentence }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answer(bounds: Option<(f64, f64)>) -> (String, String) {
        let difference = Comparison {
            a: "new".into(),
            b: "old".into(),
            name: WITHIN.into(),
            slice: BTreeMap::new(),
            estimate: bounds.map(|(lower, upper)| f64::midpoint(lower, upper)),
            lower: bounds.map(|own| own.0),
            upper: bounds.map(|own| own.1),
            level: Some(0.95),
            method: None,
            p_value: None,
            n: 9,
            events: 3,
            accounts: 9,
            event_accounts: 3,
            reason: bounds.is_none().then(|| "too few events".to_owned()),
        };
        let verdict = verdict(["old", "new"], &[difference]);
        (verdict.answer, verdict.sentence)
    }

    #[test]
    fn the_interval_decides() {
        let (better, sentence) = answer(Some((0.01, 0.03)));
        assert_eq!(better, "b_ranks_better");
        assert_eq!(
            sentence,
            "`new` ranks better than `old`: same-day AUC +0.020 [+0.010, +0.030]."
        );
        assert_eq!(answer(Some((-0.03, -0.01))).0, "a_ranks_better");
        assert_eq!(answer(Some((-0.01, 0.01))).0, "no_difference_shown");
        let (unknown, sentence) = answer(None);
        assert_eq!(unknown, "cannot_tell");
        assert!(sentence.ends_with("too few events."), "{sentence}");
    }
}
