//! What a reader has to know who reads nothing else.

use chs_backtest::backtest_json::v1::{Backtest, Band, Metric, Scorecard};
use chs_fit::fit_json::v1::Fit;

use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::finding::{all_findings, gravest_first, rank, tally};
use crate::label::{auc_in_words, is_favourable, rate_heading};
use crate::lookup::{EVENT_RATE, WITHIN, overall, primary};
use crate::section::{data_window, gate_tally, is_refused};
use crate::{ReportFinding, ReportInput, Summary, summary};

/// Findings that stand beside the verdict.
const LEADING: usize = 3;
/// Characters of a digest that tell it from others at a glance.
const DIGEST: usize = 12;

/// The first screen.
pub(crate) struct Answer {
    /// Verdict, question and sufficiency.
    pub(crate) summary: Summary,
    /// All findings counted, those of the data too.
    pub(crate) tally: String,
    /// The gravest findings.
    pub(crate) leading: Vec<ReportFinding>,
    /// What to do now, in Markdown.
    pub(crate) next_action: String,
    /// What the answer rests on, by name, in Markdown.
    pub(crate) strip: Vec<(&'static str, String)>,
}

pub(crate) fn answer(report: &ReportInput) -> Answer {
    let findings = all_findings(report);
    Answer {
        summary: summary(&report.backtest),
        tally: tally(&findings),
        leading: leading(&report.backtest, &findings),
        next_action: next_action(report, &findings),
        strip: strip(report),
    }
}

/// The gravest; among equals those about the score that the verdict speaks of.
fn leading(backtest: &Backtest, findings: &[ReportFinding]) -> Vec<ReportFinding> {
    let first = primary(backtest).map(|score| score.name.as_str());
    let mut sorted: Vec<&ReportFinding> = findings.iter().collect();
    sorted.sort_by_key(|found| {
        (rank(&found.level), Some(found.subject.as_str()) != first, found.code.as_str())
    });
    sorted.into_iter().take(LEADING).cloned().collect()
}

/// An error is looked after first; then the verdict decides.
fn next_action(report: &ReportInput, findings: &[ReportFinding]) -> String {
    let sorted = gravest_first(findings);
    let step = |found: &&ReportFinding| {
        let next = found.next_step();
        (!next.is_empty()).then(|| format!("{} ({})", next, prose(&found.code)))
    };
    if let Some(words) = sorted.iter().filter(|found| found.level == "error").find_map(step) {
        return words;
    }
    match report.backtest.verdict.answer.as_str() {
        "works" => act(&report.backtest, report.fit.as_ref()),
        _ => sorted
            .iter()
            .filter(|found| found.is_grave())
            .find_map(step)
            .unwrap_or_else(|| "Gather more history, and ask again.".to_owned()),
    }
}

/// What a score that works is good for.
fn act(backtest: &Backtest, fit: Option<&Fit>) -> String {
    let score = primary(backtest);
    let first = if let (Some(score), Some(band)) =
        (score, score.and_then(|score| acted_on(backtest, score)))
    {
        format!(
            "Start with the accounts in {}: {} {} against {} of all rows.",
            code(&band.name),
            rate_heading(&backtest.label),
            rate(Some(&band.event_rate)),
            rate(overall(&score.metrics, EVENT_RATE))
        )
    } else {
        let end = if is_favourable(&backtest.label) { "highest" } else { "lowest" };
        format!("Start with the accounts of the {end} scores.")
    };
    let then = match fit {
        None => "Then let `chs fit` see whether the history can teach better weights.".to_owned(),
        Some(fit) if is_refused(fit) => {
            "Keep the weights as they are: the fit was refused, and says why below.".to_owned()
        }
        Some(fit) => format!("Then load the model file where scores are made{}.", gain(fit)),
    };
    format!("{first} {then}")
}

/// What learned weights add to those before them.
fn gain(fit: &Fit) -> String {
    let evidence = &fit.evidence;
    let found = evidence.comparisons.iter().find(|own| {
        own.a == evidence.candidate
            && own.b == fit.scorecard.name
            && own.name == WITHIN
            && own.slice.is_empty()
    });
    let found = found.filter(|own| fit.settings.weights == "learned" && own.lower.is_some());
    found.map_or_else(String::new, |own| {
        format!(
            ": on rows that it had not seen, its {} was {} against that of {}",
            auc_in_words(&fit.label),
            Figure::from(own).words(Format::Difference).0,
            code(&fit.scorecard.name)
        )
    })
}

/// The band where the outcome is expected.
fn acted_on<'a>(backtest: &Backtest, score: &'a Scorecard) -> Option<&'a Band> {
    if is_favourable(&backtest.label) { score.bands.last() } else { score.bands.first() }
}

fn rate(found: Option<&Metric>) -> String {
    found.map_or("unknown".to_owned(), |found| Figure::from(found).words(Format::Percent).0)
}

fn strip(report: &ReportInput) -> Vec<(&'static str, String)> {
    let source = &report.loading.provenance;
    let digest: String = source.input_digest.chars().take(DIGEST).collect();
    let digest = if digest.is_empty() { "none".to_owned() } else { code(&digest) };
    let gates = report.fit.as_ref().map_or("none, nothing was fitted".to_owned(), gate_tally);
    vec![
        ("Data", prose(&data_window(&report.backtest))),
        ("As of", source.as_of.map_or("no limit was set".to_owned(), |day| day.to_string())),
        ("Input digest", digest),
        ("Gates", gates),
    ]
}
