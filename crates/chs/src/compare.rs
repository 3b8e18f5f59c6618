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
        verdict: verdict(names, &differences, trained_on(&backtest)),
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

/// The first model that is tested on days of its own training.
fn trained_on(backtest: &Backtest) -> Option<&str> {
    let found = backtest.findings.iter().find(|own| own.code == "CHS215");
    found.map(|own| own.subject.as_str())
}

/// Decided on the interval of the difference of the same-day AUC.
fn verdict([a, b]: [&str; 2], differences: &[Comparison], trained_on: Option<&str>) -> Verdict {
    let headline = differences.iter().find(|own| own.name == WITHIN);
    let bounds = headline.and_then(|own| Some((own.estimate?, own.lower?, own.upper?)));
    let Some((estimate, lower, upper)) = bounds else {
        let is_zero = headline.and_then(|own| own.estimate).is_some_and(|own| own.abs() <= 0.0);
        let reason = headline.and_then(|own| own.reason.as_deref()).unwrap_or("no figure");
        let (answer, words) = if is_zero {
            ("no_difference_shown", format!("`{b}` ranks as `{a}` does: {reason}."))
        } else {
            let words =
                format!("It cannot be told whether `{b}` ranks better than `{a}`: {reason}.");
            ("cannot_tell", words)
        };
        return Verdict { answer: answer.to_owned(), sentence: words };
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
    let caveat = trained_on.map_or_else(String::new, |name| {
        format!(" These are days that `{name}` was trained on, which flatters it.")
    });
    Verdict { answer: answer.to_owned(), sentence: sentence + &caveat }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answer(bounds: Option<(f64, f64)>, trained_on: Option<&str>) -> (String, String) {
        let verdict = verdict(["old", "new"], &[difference(bounds)], trained_on);
        (verdict.answer, verdict.sentence)
    }

    fn difference(bounds: Option<(f64, f64)>) -> Comparison {
        Comparison {
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
        }
    }

    #[test]
    fn the_interval_decides() {
        let (better, sentence) = answer(Some((0.01, 0.03)), None);
        assert_eq!(better, "b_ranks_better");
        assert_eq!(
            sentence,
            "`new` ranks better than `old`: same-day AUC +0.020 [+0.010, +0.030]."
        );
        assert_eq!(answer(Some((-0.03, -0.01)), None).0, "a_ranks_better");
        assert_eq!(answer(Some((-0.01, 0.01)), None).0, "no_difference_shown");
        let flattered = answer(Some((0.01, 0.03)), Some("new")).1;
        assert!(flattered.ends_with("`new` was trained on, which flatters it."), "{flattered}");
        let (unknown, sentence) = answer(None, None);
        assert_eq!(unknown, "cannot_tell");
        assert!(sentence.ends_with("too few events."), "{sentence}");
        let alike = Comparison { estimate: Some(0.0), ..difference(None) };
        let verdict = verdict(["old", "new"], &[alike], None);
        assert_eq!(verdict.answer, "no_difference_shown");
    }
}
