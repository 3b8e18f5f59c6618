//! From figures to findings; every one is decided on an interval bound or a count.

mod comparisons;
mod life;

use chs_panel::{Finding, Level, Polarity};
use chs_stats::Interval;

use crate::findings::rule;
use crate::segment_spread::SegmentSpread;
use crate::wording::{percent, points_with_interval, whole_percent, with_interval};
use crate::{
    AUC_FLOOR, BOOTSTRAP_BELOW, Baseline, CALIBRATION_FLOOR, CandidateKind, CandidateResult,
    Evaluation, Metric, Monotone,
};

/// Lift of the alert band that is asked for.
const LIFT: f64 = 2.0;
/// Where a calibration slope ought to lie; a finding only if the whole interval lies outside.
const SLOPE: (f64, f64) = (0.8, 1.25);
/// Where its whole interval has to lie to pass.
const SLOPE_INTERVAL: (f64, f64) = (0.5, 2.0);
/// Share of labelled rows that ought to have a score.
const SCORED: f64 = 0.9;
/// Mean share of weight that ought to be there.
const WEIGHT: f64 = 0.8;

/// What the findings need beside the evaluation.
pub(crate) struct Conclusions {
    pub(crate) spreads: Vec<SegmentSpread>,
    pub(crate) shuffled_interval: Option<Interval>,
}

/// All findings, by code; within a code in the order of the candidates.
pub(crate) fn conclude(evaluation: &Evaluation, more: &Conclusions) -> Vec<Finding> {
    let level = evaluation.level;
    let mut findings = Vec::new();
    findings.extend(too_few_events(evaluation));
    findings.extend(no_time(evaluation));
    for candidate in &evaluation.candidates {
        findings.extend(tells_apart(candidate, level));
        findings.extend(wrong_way(candidate, level, evaluation.label.polarity));
        findings.extend(bands_monotone(candidate));
        findings.extend(calibrated(candidate, level));
        findings.extend(alert_lift(candidate, evaluation.label.polarity));
        findings.extend(coverage(candidate));
    }
    if let Some(primary) = evaluation.primary() {
        findings.extend(comparisons::beats_date_baselines(evaluation, primary));
        findings.extend(comparisons::beats_equal_weights(evaluation, primary));
        findings.extend(comparisons::against_recorded(evaluation, primary));
        findings.extend(segments_alike(evaluation, primary, &more.spreads));
        findings.extend(few_accounts(primary));
        findings.extend(shuffled_at_chance(evaluation, primary, more.shuffled_interval));
    }
    findings.extend(of_the_parts(evaluation));
    findings.extend(life::of_life(evaluation));
    findings.sort_by_key(|finding| finding.code);
    findings
}

/// Conclusions of the modules that take the primary score apart.
fn of_the_parts(evaluation: &Evaluation) -> Vec<Finding> {
    let Some(primary) = evaluation.primary() else { return Vec::new() };
    let mut findings = crate::signals::findings(&evaluation.signals, &primary.name);
    findings.extend(crate::same_rate::findings(&evaluation.same_rates, &primary.name));
    findings.extend(crate::sensitivity::findings(
        &evaluation.sensitivity,
        evaluation.label.polarity,
        &primary.name,
    ));
    findings.extend(crate::drift::findings(&evaluation.drift, &primary.name));
    findings.extend(crate::decision::findings(&evaluation.decision, &primary.name));
    findings.extend(crate::challenger::findings(evaluation, &primary.name));
    findings.extend(evaluation.candidates.iter().filter_map(|candidate| {
        crate::calibration::conclusion(&candidate.metrics, &candidate.name)
    }));
    findings
}

/// A finding of a rule; `None` only for a code without a rule.
pub(crate) fn finding(
    code: &str,
    level: Level,
    subject: &str,
    sentence: String,
) -> Option<Finding> {
    Some(rule(code)?.finding(level, subject, sentence))
}

pub(crate) fn with_bounds(finding: Finding, (estimate, lower, upper): (f64, f64, f64)) -> Finding {
    finding
        .with_figure("estimate", estimate)
        .with_figure("lower", lower)
        .with_figure("upper", upper)
}

pub(crate) fn with_metric(finding: Finding, metric: &Metric) -> Finding {
    let finding = match (metric.bounds(), metric.estimate) {
        (Some(bounds), _) => with_bounds(finding, bounds),
        (None, Some(estimate)) => finding.with_figure("estimate", estimate),
        (None, None) => finding,
    };
    finding
        .with_figure("n", metric.counts.n as f64)
        .with_figure("event_accounts", metric.counts.event_accounts as f64)
}

fn too_few_events(evaluation: &Evaluation) -> Option<Finding> {
    let sufficiency = &evaluation.sufficiency;
    let found = sufficiency.event_accounts;
    let over = match evaluation.label.window {
        Some(_) => format!("over {} snapshots", sufficiency.snapshots),
        None => "in a cross-section".to_owned(),
    };
    let (level, needed) = match found {
        _ if found < AUC_FLOOR => (Level::Error, AUC_FLOOR),
        _ if found < CALIBRATION_FLOOR => (Level::Warning, CALIBRATION_FLOOR),
        _ => (Level::Passed, CALIBRATION_FLOOR),
    };
    let purpose =
        if needed == AUC_FLOOR { "any figure" } else { "every figure, calibration included" };
    let sentence =
        format!("{found} accounts with the outcome {over}; {needed} are needed for {purpose}");
    let finding = finding("CHS201", level, &evaluation.label.name, sentence)?;
    Some(
        finding
            .with_figure("event_accounts", found as f64)
            .with_figure("needed", needed as f64)
            .with_figure("events", sufficiency.events as f64),
    )
}

/// What a cross-section cannot say.
fn no_time(evaluation: &Evaluation) -> Option<Finding> {
    if evaluation.label.window.is_some() {
        return None;
    }
    let sentence =
        "a cross-section has no time: figures per snapshot and over time, and months of \
                    history are left out; a probability comes from the other accounts, which shows \
                    nothing about later times"
            .to_owned();
    finding("CHS214", Level::Note, &evaluation.label.name, sentence)
}

fn tells_apart(candidate: &CandidateResult, level: f64) -> Option<Finding> {
    let auc = candidate.metric("auc_within_snapshot")?;
    let found = match auc.bounds() {
        None => Level::NotApplicable,
        Some((_, lower, _)) if lower > 0.5 => Level::Passed,
        Some(_) => Level::Error,
    };
    let sentence = format!("the within-snapshot AUC is {}", with_interval(auc, level));
    let sentence = match found {
        Level::NotApplicable => format!("no interval of the AUC: {}", reason(auc)),
        Level::Passed => format!("{sentence}, above chance"),
        _ => format!("{sentence}, not above chance"),
    };
    Some(with_metric(finding("CHS202", found, &candidate.name, sentence)?, auc))
}

fn reason(metric: &Metric) -> &str {
    metric.reason.as_deref().unwrap_or("the data do not carry one")
}

fn wrong_way(candidate: &CandidateResult, level: f64, polarity: Polarity) -> Option<Finding> {
    let auc = candidate.metric("auc_within_snapshot")?;
    let (found, sentence) = match auc.bounds() {
        None => (Level::NotApplicable, format!("no interval of the AUC: {}", reason(auc))),
        Some((_, _, upper)) if upper < 0.5 => {
            let announced = match polarity {
                Polarity::Adverse => "high scores announce the bad outcome",
                Polarity::Favourable => "low scores announce the good outcome",
            };
            let turned = match candidate.kind {
                CandidateKind::Recorded => {
                    "; its scale seems turned round, the highest score being the worst"
                }
                _ => "",
            };
            (Level::Error, format!("{announced}: AUC {}{turned}", with_interval(auc, level)))
        }
        Some((_, lower, _)) if lower > 0.5 => {
            (Level::Passed, format!("the AUC is {}", with_interval(auc, level)))
        }
        Some(_) => {
            let auc = with_interval(auc, level);
            (Level::Note, format!("the data do not say which way it points: AUC {auc}"))
        }
    };
    Some(with_metric(finding("CHS203", found, &candidate.name, sentence)?, auc))
}

fn bands_monotone(candidate: &CandidateResult) -> Option<Finding> {
    let Some(table) = &candidate.bands else {
        let sentence = "the score has no bands".to_owned();
        return finding("CHS204", Level::NotApplicable, &candidate.name, sentence);
    };
    let lower_bound =
        |step: &&crate::BandStep| step.interval.map_or(f64::NEG_INFINITY, |i| i.lower);
    let worst = table.steps.iter().min_by(|a, b| lower_bound(a).total_cmp(&lower_bound(b)));
    let described = worst.map_or_else(
        || "fewer than two bands have accounts".to_owned(),
        |step| {
            let bands = format!("`{}` against `{}`", step.lower_band, step.higher_band);
            match (step.difference, step.interval) {
                (Some(difference), Some(interval)) => format!(
                    "{bands}: {}",
                    points_with_interval((difference, interval.lower, interval.upper))
                ),
                _ => format!("{bands}: no difference can be estimated"),
            }
        },
    );
    let (level, sentence) = match table.monotone {
        Monotone::Yes => {
            (Level::Passed, format!("every step goes the right way; smallest: {described}"))
        }
        Monotone::No => (Level::Error, format!("a step goes the wrong way; {described}")),
        Monotone::CannotTell => {
            (Level::Note, format!("not every step is shown to go the right way; {described}"))
        }
    };
    let found = finding("CHS204", level, &candidate.name, sentence)?;
    Some(match worst.and_then(|step| Some((step.difference?, step.interval?))) {
        Some((difference, interval)) => {
            with_bounds(found, (difference, interval.lower, interval.upper))
        }
        None => found,
    })
}

fn calibrated(candidate: &CandidateResult, level: f64) -> Option<Finding> {
    let slope = candidate.metric("calibration_slope")?;
    let found = match slope.bounds() {
        None => Level::NotApplicable,
        Some((_, lower, upper)) if lower > SLOPE.1 || upper < SLOPE.0 => Level::Warning,
        Some((_, lower, upper)) if is_right((lower, upper)) => Level::Passed,
        Some(_) => Level::Note,
    };
    let sentence = match found {
        Level::NotApplicable => format!("no calibration slope: {}", reason(slope)),
        _ => format!("the calibration slope is {}; 1 is right", with_interval(slope, level)),
    };
    Some(with_metric(finding("CHS207", found, &candidate.name, sentence)?, slope))
}

/// Whether a slope of 1 is what the interval speaks for: all of it is near 1, or 1 is in it and nothing far
/// off. An interval that leaves out 1 and reaches beyond what is near shows that the slope is off, and leaves
/// open by how much.
fn is_right((lower, upper): (f64, f64)) -> bool {
    let is_near = lower >= SLOPE.0 && upper <= SLOPE.1;
    let holds_one = lower <= 1.0 && upper >= 1.0;
    is_near || (holds_one && lower >= SLOPE_INTERVAL.0 && upper <= SLOPE_INTERVAL.1)
}

fn alert_lift(candidate: &CandidateResult, polarity: Polarity) -> Option<Finding> {
    let row = candidate.bands.as_ref().and_then(|table| match polarity {
        Polarity::Adverse => table.rows.first(),
        Polarity::Favourable => table.rows.last(),
    });
    let Some(row) = row else {
        let sentence = "the score has no bands".to_owned();
        return finding("CHS208", Level::NotApplicable, &candidate.name, sentence);
    };
    let Some((estimate, lower, upper)) = row.lift.bounds() else {
        let sentence = format!("no lift of band `{}`: {}", row.name, reason(&row.lift));
        return finding("CHS208", Level::NotApplicable, &candidate.name, sentence);
    };
    let level = match () {
        () if lower >= LIFT => Level::Passed,
        () if upper < LIFT => Level::Warning,
        () => Level::Note,
    };
    let sentence = format!(
        "accounts in band `{}` have {estimate:.2} times the outcome rate of all ({lower:.2} to \
         {upper:.2}); {LIFT} is asked for",
        row.name
    );
    Some(with_metric(finding("CHS208", level, &candidate.name, sentence)?, &row.lift))
}

fn coverage(candidate: &CandidateResult) -> Option<Finding> {
    let coverage = &candidate.coverage;
    if coverage.labelled == 0 {
        let sentence = "no row has a label".to_owned();
        return finding("CHS211", Level::NotApplicable, &candidate.name, sentence);
    }
    let scored = coverage.scored as f64 / coverage.labelled as f64;
    let weight = coverage.mean_weight;
    let is_low = scored < SCORED || weight.is_some_and(|weight| weight < WEIGHT);
    let weight_words = weight.map_or_else(String::new, |weight| {
        format!(", with {} of the weight observed on average", percent(weight))
    });
    let sentence = format!(
        "{} of {} labelled rows have a score ({}){weight_words}",
        coverage.scored,
        coverage.labelled,
        percent(scored)
    );
    let level = if is_low { Level::Warning } else { Level::Passed };
    Some(
        finding("CHS211", level, &candidate.name, sentence)?
            .with_figure("scored", scored)
            .with_figure("mean_weight", weight.unwrap_or(f64::NAN)),
    )
}

fn segments_alike(
    evaluation: &Evaluation,
    primary: &CandidateResult,
    spreads: &[SegmentSpread],
) -> Vec<Finding> {
    if spreads.is_empty() {
        let sentence = if evaluation.sufficiency.segments.is_empty() {
            "the panel has no segments".to_owned()
        } else {
            format!("no segment has two levels with {BOOTSTRAP_BELOW} accounts with events each")
        };
        return finding("CHS212", Level::NotApplicable, &primary.name, sentence)
            .into_iter()
            .collect();
    }
    spreads
        .iter()
        .filter_map(|spread| {
            let bounds = (spread.difference, spread.interval.lower, spread.interval.upper);
            let differs = spread.interval.lower > 0.0;
            let sentence = format!(
                "by `{}`: AUC {:.3} in `{}`, {:.3} in `{}` ({})",
                spread.segment,
                spread.high.1,
                spread.high.0,
                spread.low.1,
                spread.low.0,
                points_with_interval(bounds)
            );
            let level = if differs { Level::Warning } else { Level::Passed };
            Some(with_bounds(finding("CHS212", level, &primary.name, sentence)?, bounds))
        })
        .collect()
}

fn few_accounts(primary: &CandidateResult) -> Option<Finding> {
    let counts = primary.metric("auc_within_snapshot")?.counts;
    let level = match counts.event_accounts {
        found if found < AUC_FLOOR => Level::NotApplicable,
        found if found < BOOTSTRAP_BELOW => Level::Warning,
        _ => Level::Passed,
    };
    let sentence = format!(
        "{} accounts with the outcome stand behind the pooled figures; below {BOOTSTRAP_BELOW} the \
         intervals are resampled",
        counts.event_accounts
    );
    let finding = finding("CHS213", level, &primary.name, sentence)?;
    Some(finding.with_figure("event_accounts", counts.event_accounts as f64))
}

fn shuffled_at_chance(
    evaluation: &Evaluation,
    primary: &CandidateResult,
    interval: Option<Interval>,
) -> Option<Finding> {
    let baseline = Baseline::ShuffledLabels;
    let result = evaluation.baselines.iter().find(|result| result.baseline == baseline)?;
    let metric = result.metric("auc_within_snapshot")?;
    let (Some(estimate), Some(interval)) = (metric.estimate, interval) else {
        let sentence = format!("no AUC with shuffled labels: {}", reason(metric));
        return finding("CHS209", Level::NotApplicable, &primary.name, sentence);
    };
    let holds = interval.lower <= 0.5 && interval.upper >= 0.5;
    let sentence = format!(
        "with shuffled labels the AUC is {estimate:.3} ({} interval {:.3} to {:.3}), {}",
        whole_percent(crate::baselines::SHUFFLED_LEVEL),
        interval.lower,
        interval.upper,
        if holds { "as chance has it" } else { "which is not chance" }
    );
    let level = if holds { Level::Passed } else { Level::Error };
    let found = finding("CHS209", level, &primary.name, sentence)?;
    Some(with_bounds(found, (estimate, interval.lower, interval.upper)))
}

#[cfg(test)]
mod tests;
