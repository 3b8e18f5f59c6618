//! `chs fit`: a model with evidence, or a refusal with its reasons.

use std::path::Path;

use chs::fit_json::v1::{Fit, Plan, Weight};
use chs::{Alignment, Done, Error, Estimator, FitSettings, Fitted, Job, Release, Weights};

use crate::answer::Answer;
use crate::arguments::{EstimatorKind, FitArguments, Format, WeightsFrom};
use crate::commands::{Session, written_paths};
use crate::style::{Style, thousands, wrapped};
use crate::table::{grid, rendered};

/// Exit code of a refusal.
const REFUSED: u8 = 3;

/// Weights that are explained on the terminal; the report explains all.
const MOST_TOLD: usize = 5;

pub(super) fn run(arguments: &FitArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    let beside = inputs.project_file.with_file_name(chs::SCORECARD_FILE);
    let path = arguments.prior.as_ref().unwrap_or(&beside);
    if arguments.prior.is_none() && !beside.is_file() {
        return Err(Error::NoScorecard { path: beside });
    }
    let prior = chs::read_score(&inputs, path)?;
    let job = Job {
        command: "fit",
        inputs: &inputs,
        scorecards: &[prior],
        out: &session.options.out,
        observer: &session.progress,
    };
    if arguments.dry_run {
        let plan = chs::plan_fit(job, &settings(arguments, session))?;
        return Ok(match session.options.format.of_results() {
            Format::Json => Answer::json(&plan),
            Format::Table | Format::Csv => Answer::text(planned(&plan)),
        });
    }
    let release = Release { version: arguments.version.clone(), owner: arguments.owner.clone() };
    let done = chs::fit(job, &settings(arguments, session), &release)?;
    let answer = match session.options.format.of_results() {
        Format::Table => Answer::text(text(&done, session)),
        Format::Json => Answer::json(&done.result.fit),
        Format::Csv => {
            Answer::csv(&HEADER, &done.result.fit.weights.iter().map(row).collect::<Vec<_>>())
        }
    };
    Ok(answer.with_code(if done.result.model.is_some() { 0 } else { REFUSED }))
}

/// What a fit would do.
fn planned(plan: &Plan) -> String {
    let data = &plan.data;
    let [rows, accounts, events, fits] =
        [data.rows, data.accounts, data.event_accounts, plan.fits].map(thousands);
    let mut text = wrapped(
        &format!(
            "`{}` would learn {} indicators from {rows} rows of {accounts} accounts, {events} of them \
             with an event of `{}`, by {fits} regressions.",
            plan.scorecard, plan.indicators, plan.label
        ),
        "",
    );
    let heads = ["origin", "rows that teach", "accounts with an event", "rows that test"];
    let columns = heads.map(|head| (head, Alignment::Right));
    let row = |fold: &chs::fit_json::v1::PlannedFold| {
        vec![
            fold.origin.clone().unwrap_or_else(|| "other accounts".to_owned()),
            thousands(fold.training_rows),
            thousands(fold.training_event_accounts),
            thousands(fold.test_rows),
        ]
    };
    if plan.folds.is_empty() {
        text.push_str(&wrapped(
            "No rows could be held out with enough settled outcomes before them: every gate that asks \
             for evidence would stay closed.",
            "",
        ));
    } else {
        text.push_str("\nLearned again, and tested on what came after:\n");
        text.push_str(&grid(&columns, &plan.folds.iter().map(row).collect::<Vec<_>>()));
    }
    text + "\nNothing was written.\n"
}

fn settings(arguments: &FitArguments, session: &Session<'_>) -> FitSettings {
    let settings = FitSettings::default();
    FitSettings {
        label: arguments.label.clone(),
        seed: session.options.seed.unwrap_or(settings.seed),
        replicates: arguments.replicates,
        resamples: arguments.resamples,
        weights: match arguments.weights {
            WeightsFrom::Learned => Weights::Learned,
            WeightsFrom::Prior => Weights::Prior,
        },
        estimator: match arguments.estimator {
            EstimatorKind::Constrained => Estimator::Constrained,
            EstimatorKind::Logistic => Estimator::Logistic,
        },
        ..settings
    }
}

const HEADER: [&str; 6] =
    ["component", "indicator", "prior", "fitted", "range_lower", "range_upper"];

fn row(weight: &Weight) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    vec![
        weight.component.clone(),
        weight.indicator.clone(),
        weight.prior.to_string(),
        number(weight.fitted),
        number(weight.range_lower),
        number(weight.range_upper),
    ]
}

fn text(done: &Done<Fitted>, session: &Session<'_>) -> String {
    let mut text = summary(&done.result, session.style);
    text.push('\n');
    text.push_str(&written_paths(&done.written));
    let model = session.options.out.join(chs::MODEL_FILE);
    if done.result.model.is_none() && model.exists() {
        text.push_str(&left_alone(&model));
    }
    text
}

fn left_alone(model: &Path) -> String {
    wrapped(&format!("No model was written; {} is of an earlier fit", model.display()), "  ")
}

/// The fit in a screen: the verdict first.
pub(super) fn summary(fitted: &Fitted, style: Style) -> String {
    let fit = &fitted.fit;
    let mut text = verdict(fit, style);
    text.push_str(&wrapped(&taught_by(fit), ""));
    text.push('\n');
    text.push_str(&weights(fit));
    text.push_str(&why(fit));
    text.push_str(
        format!("\n{}, against the others [{} %]:\n", held_out(fit), level(fit)).as_str(),
    );
    let (evidence, label) = (&fit.evidence, &fit.label);
    text.push_str(&rendered(&chs::rival_table(&evidence.candidate, &evidence.comparisons, label)));
    text.push_str(&wrapped(&format!("Held out by {}", fit.evidence.design), "  "));
    text.push('\n');
    text.push_str(&gates(fit, style));
    text.push('\n');
    for line in [bands(fit), probability(fit), certificate(fit)].into_iter().flatten() {
        text.push_str(&wrapped(&line, "  "));
    }
    for line in further(fit) {
        text.push_str(&wrapped(&line, "  "));
    }
    if let Some(model) = &fitted.model {
        let digest = &model.document().digests.model;
        text.push_str(&wrapped(&format!("Model: digest {digest}"), "  "));
    }
    text
}

fn held_out(fit: &Fit) -> &'static str {
    if fit.evidence.scheme == "account_folds" { "On accounts left out" } else { "Out of time" }
}

fn verdict(fit: &Fit, style: Style) -> String {
    let name = &fit.scorecard.name;
    if fit.reasons.is_empty() {
        let version = &fit.scorecard.version;
        let moved = match (fit.settings.weights.as_str(), fit.moved) {
            ("learned", Some(moved)) => {
                format!("the history moved {moved:.0} % of the weight away from the prior")
            }
            _ => "with the weights of the prior".to_owned(),
        };
        let gates = match fit.gates.iter().filter(|gate| gate.waiver.is_some()).count() {
            0 => "every gate is open".to_owned(),
            waived => format!("{waived} of {} gates waived", fit.gates.len()),
        };
        let heading = style.level("passed", "Model validated");
        return heading + "\n" + &wrapped(&format!("`{name}` {version}: {moved}; {gates}."), "");
    }
    let mut text = style.level("error", "Refused: no model is written") + "\n";
    for reason in &fit.reasons {
        text.push_str(&wrapped(&format!("- {}: {}", reason.code, reason.sentence), "  "));
    }
    if fit.settings.weights == "learned" {
        let hint = "The weights of the prior stay in force; `chs fit --weights prior` makes a model \
                    of them, if they pass the gates.";
        text.push_str(&wrapped(hint, ""));
    }
    text
}

fn taught_by(fit: &Fit) -> String {
    let data = &fit.data;
    let [rows, accounts, events] = [data.rows, data.accounts, data.event_accounts].map(thousands);
    let days = match (&data.from, &data.to) {
        (Some(from), Some(to)) if from != to => format!(" from {from} to {to}"),
        _ => String::new(),
    };
    format!(
        "Learned from {rows} rows of {accounts} accounts{days}, {events} of them with {}",
        fit.label.outcome
    )
}

/// What moved from the prior.
fn weights(fit: &Fit) -> String {
    let columns = [
        ("component", Alignment::Left),
        ("indicator", Alignment::Left),
        ("prior", Alignment::Right),
        ("fitted", Alignment::Right),
        ("range over resamples", Alignment::Left),
    ];
    let mut shown = "";
    let mut rows = Vec::new();
    for weight in &fit.weights {
        let first = weight.component != shown;
        shown = &weight.component;
        let range = weight.range_lower.zip(weight.range_upper);
        let range = match range {
            _ if weight.silent => "never varied".to_owned(),
            Some((lower, upper)) => format!("[{lower:.0}, {upper:.0}]"),
            None => String::new(),
        };
        rows.push(vec![
            if first { weight.component.clone() } else { String::new() },
            weight.indicator.clone(),
            percent(weight.prior),
            weight.fitted.map_or_else(|| "none".to_owned(), percent),
            range,
        ]);
    }
    grid(&columns, &rows)
}

/// Why weights moved and what the old ones cost, for those that moved most.
fn why(fit: &Fit) -> String {
    let moved = |weight: &Weight| weight.fitted.map_or(0.0, |own| (own - weight.prior).abs());
    let mut told: Vec<&Weight> = fit.weights.iter().filter(|own| moved(own) >= 0.5).collect();
    told.sort_by(|left, right| moved(right).total_cmp(&moved(left)));
    let mut text = String::new();
    for weight in told.iter().take(MOST_TOLD) {
        let price = (weight.keeping.zip(weight.keeping_lower.zip(weight.keeping_upper)))
            .map_or_else(String::new, |(price, (lower, upper))| {
                format!("; keeping it costs {price:+.4} [{lower:+.4}, {upper:+.4}] nats a row")
            });
        let line = format!("- {}: {}{price}", weight.indicator, weight.why);
        text.push_str(&wrapped(&line, "  "));
    }
    for removed in &fit.removed {
        let line = format!(
            "- {}: left out for there to be fewer indicators, at {:.1e} nats",
            removed.indicator, removed.cost
        );
        text.push_str(&wrapped(&line, "  "));
    }
    if text.is_empty() { text } else { format!("\nWhy, and what the old weight costs:\n{text}") }
}

fn gates(fit: &Fit, style: Style) -> String {
    let mut text = "Gates:\n".to_owned();
    for gate in &fit.gates {
        let level = match gate.status.as_str() {
            "pass" => "passed",
            "waived" => "warning",
            _ => "error",
        };
        let status = style.level(level, &gate.status.replace('_', " "));
        let line = format!("- {status} {}: {}", gate.name, gate.sentence);
        text.push_str(&wrapped(&line, "  "));
    }
    text
}

fn bands(fit: &Fit) -> Option<String> {
    let edges: Vec<String> = (fit.bands.edges.iter())
        .map(|edge| match edge.fitted {
            Some(fitted) if (fitted - edge.prior).abs() > 0.0 => {
                let range = edge.lower.zip(edge.upper);
                let range = range.map_or_else(String::new, |(lower, upper)| {
                    format!(" [{lower:.0}, {upper:.0}]")
                });
                format!("{} from {fitted}{range} (prior: {})", edge.band, edge.prior)
            }
            _ => format!("{} from {}", edge.band, edge.prior),
        })
        .collect();
    let rule = edge_rule(fit);
    let rule = if fit.bands.found {
        rule
    } else {
        format!("those of the scorecard, for none were found {rule}")
    };
    (!edges.is_empty()).then(|| format!("Bands: {}; {rule}", edges.join(", ")))
}

fn edge_rule(fit: &Fit) -> String {
    let bands = &fit.bands;
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    if let Some(share) = bands.minimum_share {
        format!("by likelihood, at least {} of the rows in each", percent(share))
    } else if let Some(accounts) = bands.capacity {
        let lowest = bands.edges.first().map_or("", |edge| edge.band.as_str());
        format!("by capacity, at most {} accounts in {lowest}", thousands(accounts as usize))
    } else if let Some(miss) = bands.miss_costs {
        format!("by cost, a miss being {miss} false alarms")
    } else if let Some(rate) = bands.precision {
        format!("by target, an outcome rate of at least {} in the alert band", percent(rate))
    } else if let Some(ratio) = bands.ratio {
        format!("by target, at least {ratio} times the outcome rate of all in the alert band")
    } else {
        "as in the scorecard".to_owned()
    }
}

fn probability(fit: &Fit) -> Option<String> {
    let own = fit.calibration.as_ref()?;
    let outcome = &fit.label.outcome;
    let curve = match (own.intercept, own.slope, own.points.as_slice()) {
        (Some(intercept), Some(slope), _) => {
            let sign = if slope < 0.0 { '-' } else { '+' };
            format!("logit P({outcome}) = {intercept:.3} {sign} {:.4} * score", slope.abs())
        }
        (_, _, [[worst, first], .., [best, last]]) => format!(
            "P({outcome}) through {} points, {:.1} % at {worst:.1} to {:.1} % at {best:.1}",
            own.points.len(),
            100.0 * first,
            100.0 * last
        ),
        _ => return None,
    };
    let base = 100.0 * own.base_rate;
    let shown = fit.folds_of_another_probability().map_or_else(String::new, |count| {
        let all = fit.evidence.folds.len();
        format!("; {count} of {all} folds had too few accounts for it and show a logistic one")
    });
    Some(format!("Probability: {curve}; {base:.1} % of the training rows had it{shown}"))
}

/// What was asked beside; of segments only what is decided, the report tells all.
fn further(fit: &Fit) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(
        fit.recalibration.as_ref().map(|own| format!("The model before: {}", own.sentence)),
    );
    lines.extend(fit.trends.as_ref().map(|own| format!("Change beside level: {}", own.sentence)));
    for own in &fit.segments {
        if !own.weights.is_empty() {
            lines.push(format!("Weights by segment: {}", own.sentence));
        }
        if own.same_rate == "no" {
            lines.push(format!("Edges by segment: {}", own.edge_sentence));
        }
    }
    let figure = |own: &chs::fit_json::v1::Corrected| {
        format!("{:.3} [{:.3}, {:.3}]", own.estimate, own.lower, own.upper)
    };
    lines.extend(fit.optimism.as_ref().map(|own| {
        format!(
            "Few events, a second opinion: on the training rows, corrected for optimism, AUC {}, \
             calibration slope {}",
            figure(&own.auc),
            figure(&own.slope)
        )
    }));
    lines
}

fn certificate(fit: &Fit) -> Option<String> {
    let certificate = fit.certificate.as_ref()?;
    let residual = if certificate.residual > 0.0 {
        format!("within a residual of {:.0e}", certificate.residual)
    } else {
        "with no residual left".to_owned()
    };
    let lambda = fit
        .selection
        .as_ref()
        .map_or_else(String::new, |selection| format!(", lambda {:.2e}", selection.chosen));
    let rounding = fit.rounding.as_ref().map_or_else(String::new, |rounding| {
        let kind = match rounding.steps {
            None => "six decimals".to_owned(),
            Some(1) => "whole percents".to_owned(),
            Some(steps) => format!("steps of {steps} %"),
        };
        format!("; {kind} cost {:.1e} nats", rounding.cost)
    });
    let steps = certificate.steps;
    Some(format!("Certificate: optimum {residual} after {steps} Newton steps{lambda}{rounding}"))
}

fn level(fit: &Fit) -> String {
    let text = format!("{:.1}", 100.0 * fit.settings.level);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn percent(weight: f64) -> String {
    let text = format!("{weight:.1}");
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}
