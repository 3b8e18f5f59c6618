//! `chs backtest`: does the score mean anything?

use chs::backtest_json::v1::{Backtest, Metric};
use chs::{Done, Error, Job, Settings};

use crate::answer::Answer;
use crate::arguments::{BacktestArguments, Format};
use crate::commands::{LEAKS, Session, written_paths};
use crate::findings;
use crate::style::wrapped;
use crate::table::rendered;

/// Exit code where the history carries no answer.
const NOT_ENOUGH_DATA: u8 = 3;

pub(super) fn run(arguments: &BacktestArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    let scorecards =
        chs::read_scores(&inputs, &arguments.scorecards.scorecards, &arguments.models)?;
    let settings = Settings {
        label: arguments.label.clone(),
        replicates: arguments.replicates,
        ..session.settings()
    };
    let job = Job {
        command: "backtest",
        inputs: &inputs,
        scorecards: &scorecards,
        out: &session.options.out,
        observer: &session.progress,
    };
    let done = chs::backtest(job, &settings)?;
    let told = answer(&done, session);
    let Some(format) = session.options.format.of_findings() else { return Ok(told) };
    let of_the_data = done.check.iter().flat_map(|check| &check.findings);
    let rules = chs::rules().into_iter().filter(|rule| rule.section != LEAKS).collect();
    let concluded =
        findings::Concluded::new(&inputs, rules, of_the_data.chain(&done.result.findings));
    Ok(told.with_document(concluded.document(format)))
}

/// The result in the form asked for; the exit code tells whether the history carries an answer.
pub(super) fn answer(done: &Done<Backtest>, session: &Session<'_>) -> Answer {
    let answer = match session.options.format.of_results() {
        Format::Table => Answer::text(text(done, session)),
        Format::Json => Answer::json(&done.result),
        Format::Csv => Answer::csv(&HEADER, &rows(&done.result)),
    };
    let can_tell = done.result.verdict.answer != "cannot_tell";
    answer.with_code(if can_tell { 0 } else { NOT_ENOUGH_DATA })
}

/// The verdict first, then what it rests on.
fn text(done: &Done<Backtest>, session: &Session<'_>) -> String {
    let style = session.style;
    let summary = chs::summary(&done.result);
    let level = match done.result.verdict.answer.as_str() {
        "works" => "passed",
        "weak" | "cannot_tell" => "warning",
        _ => "error",
    };
    let mut text = style.level(level, &summary.heading) + "\n";
    text.push_str(&wrapped(&summary.sentence, ""));
    text.push('\n');
    text.push_str(&wrapped(
        &format!("Asked for: {}. {}", summary.question, summary.sufficiency),
        "",
    ));
    text.push('\n');
    text.push_str(&rendered(&summary.scores));
    if let Some(bands) = &summary.bands {
        text.push('\n');
        text.push_str(&rendered(bands));
    }
    if let Some(sentence) = &summary.bands_follow {
        text.push_str(&wrapped(sentence, ""));
    }
    text.push('\n');
    let of_the_data = done.check.iter().flat_map(|check| &check.findings);
    text.push_str(&findings::rendered(of_the_data.chain(&done.result.findings), style));
    text.push('\n');
    text.push_str(&rendered(&chs::row_account(&chs::loaded_tables(&done.run.tables))));
    text.push('\n');
    text.push_str(&written_paths(&done.written));
    text
}

const HEADER: [&str; 14] = [
    "kind",
    "score",
    "against",
    "metric",
    "slice",
    "estimate",
    "lower",
    "upper",
    "level",
    "n",
    "events",
    "accounts",
    "event_accounts",
    "reason",
];

/// Every figure as a row of CSV.
fn rows(backtest: &Backtest) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for score in &backtest.scorecards {
        rows.extend(score.metrics.iter().map(|metric| row([&score.kind, &score.name, ""], metric)));
    }
    for score in &backtest.scorecards {
        let figures = score.life.metrics().into_iter();
        rows.extend(figures.map(|metric| row(["life", &score.name, ""], metric)));
    }
    for shipping in &backtest.shipping {
        let figures = std::iter::once(&shipping.share_moved).chain(&shipping.event_rates);
        rows.extend(figures.map(|own| row(["shipping", &shipping.from, &shipping.to], own)));
    }
    for baseline in &backtest.baselines {
        let of = |metric| row(["baseline", &baseline.name, ""], metric);
        rows.extend(baseline.metrics.iter().map(of));
    }
    for found in &backtest.comparisons {
        let metric = Metric {
            name: found.name.clone(),
            slice: found.slice.clone(),
            estimate: found.estimate,
            lower: found.lower,
            upper: found.upper,
            level: found.level,
            method: found.method.clone(),
            n: found.n,
            events: found.events,
            accounts: found.accounts,
            event_accounts: found.event_accounts,
            reason: found.reason.clone(),
        };
        rows.push(row(["difference", &found.a, &found.b], &metric));
    }
    rows
}

fn row(whose: [&str; 3], metric: &Metric) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let slice: Vec<String> =
        metric.slice.iter().map(|(name, level)| format!("{name}={level}")).collect();
    let mut row = whose.map(str::to_owned).to_vec();
    row.extend([metric.name.clone(), slice.join(";")]);
    row.extend([metric.estimate, metric.lower, metric.upper, metric.level].map(number));
    let counts = [metric.n, metric.events, metric.accounts, metric.event_accounts];
    row.extend(counts.map(|count| count.to_string()));
    row.push(metric.reason.clone().unwrap_or_default());
    row
}
