//! What stands beside the model in its file: where it comes from, what was shown, what it is for.

pub(super) mod v1;

use std::collections::{BTreeMap, BTreeSet};

use super::digest::is_digest;
use super::error::{ModelFileError, ModelFileErrorKind};
use super::json_path::key_path;
use super::v1::Document;
use crate::model::Model;
use v1::{Distribution, Gate, GateStatus, Metric};

/// The gates that every model file answers to, whatever else was asked.
pub const REQUIRED_GATES: [&str; 5] = [
    "auc_within_snapshot",
    "calibration_slope",
    "bands_monotone",
    "lift_at_risk",
    "event_accounts",
];

/// Fewest accounts of a slice, and fewest values on either side of a quantile, that a model file shows.
pub const SMALLEST_CELL: u64 = 10;

type Checked = Result<(), ModelFileError>;

fn wrong(path: impl Into<String>, message: impl Into<String>) -> ModelFileError {
    ModelFileError::new(ModelFileErrorKind::Meaning, path, message)
}

/// Check everything but the model itself.
pub(super) fn check(document: &Document, model: &Model) -> Checked {
    check_provenance(document)?;
    check_validation(document)?;
    check_reference(document, model)?;
    let card = &document.model_card;
    let texts = [
        ("owner", &card.owner),
        ("intended_use", &card.intended_use),
        ("monitoring_plan", &card.monitoring_plan),
    ];
    for (key, text) in texts {
        if text.is_empty() {
            return Err(wrong(format!("$.model_card.{key}"), "the text is empty"));
        }
    }
    check_date("$.model_card.review_due", card.review_due.as_ref())
}

fn check_provenance(document: &Document) -> Checked {
    let provenance = &document.provenance;
    let mut digests = vec![
        ("$.provenance.project_digest".to_owned(), provenance.project_digest.as_ref()),
        ("$.provenance.scorecard_digest".to_owned(), provenance.scorecard_digest.as_ref()),
        ("$.provenance.parent_model_digest".to_owned(), provenance.parent_model_digest.as_ref()),
    ];
    let data = provenance.data.iter().enumerate();
    digests.extend(
        data.map(|(index, file)| {
            (format!("$.provenance.data[{index}].digest"), Some(&file.digest))
        }),
    );
    for (path, digest) in digests {
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(wrong(path, "no digest; expected 64 lower-case hexadecimal digits"));
        }
    }
    if let Some(window) = &provenance.window {
        check_date("$.provenance.window.from", Some(&window.from))?;
        check_date("$.provenance.window.to", Some(&window.to))?;
        if window.from > window.to {
            return Err(wrong("$.provenance.window", "the first day follows the last"));
        }
    }
    check_date("$.provenance.label.follow_up_end", provenance.label.follow_up_end.as_ref())?;
    check_date("$.provenance.as_of", provenance.as_of.as_ref())?;
    let digits = |seed: &String| !seed.is_empty() && seed.bytes().all(|byte| byte.is_ascii_digit());
    if !provenance.seed.as_ref().is_none_or(digits) {
        return Err(wrong("$.provenance.seed", "no seed; expected decimal digits"));
    }
    let (label, calibration) = (&provenance.label, &document.model.calibration);
    let pairs = [
        ("outcome", &label.outcome, &calibration.outcome),
        ("lead_time", &label.lead_time, &calibration.lead_time),
        ("horizon", &label.horizon, &calibration.horizon),
    ];
    for (key, label, calibration) in pairs {
        if label != calibration {
            let message = format!("`{label}`, but the calibration speaks of `{calibration}`");
            return Err(wrong(format!("$.provenance.label.{key}"), message));
        }
    }
    Ok(())
}

fn check_validation(document: &Document) -> Checked {
    let validation = &document.validation;
    if validation.design.is_empty() {
        return Err(wrong("$.validation.design", "the text is empty"));
    }
    if validation.metrics.is_empty() {
        return Err(wrong("$.validation.metrics", "no figure on held-out rows"));
    }
    for (index, metric) in validation.metrics.iter().enumerate() {
        check_metric(&format!("$.validation.metrics[{index}]"), metric)?;
    }
    for (index, comparison) in validation.comparisons.iter().enumerate() {
        let place = format!("$.validation.comparisons[{index}].metric");
        check_metric(&place, &comparison.metric)?;
    }
    let as_of = document.provenance.as_of.as_deref();
    for (index, gate) in validation.gates.iter().enumerate() {
        check_gate(&format!("$.validation.gates[{index}]"), gate, as_of)?;
    }
    for name in REQUIRED_GATES {
        let count = validation.gates.iter().filter(|gate| gate.name == name).count();
        if count != 1 {
            let message = format!("gate `{name}` stands {count} times; expected once");
            return Err(ModelFileError::new(
                ModelFileErrorKind::Gate,
                "$.validation.gates",
                message,
            ));
        }
    }
    Ok(())
}

fn check_metric(place: &str, metric: &Metric) -> Checked {
    if metric.estimate.is_none() && metric.reason.is_none() {
        return Err(wrong(format!("{place}.estimate"), "null without a `reason`"));
    }
    if metric.lower.zip(metric.upper).is_some_and(|(lower, upper)| lower > upper) {
        return Err(wrong(format!("{place}.lower"), "above the upper bound"));
    }
    if metric.events > metric.n || metric.event_accounts > metric.accounts {
        return Err(wrong(format!("{place}.events"), "more events than rows or accounts"));
    }
    if !metric.slice.is_empty() && metric.accounts < SMALLEST_CELL {
        let message = format!("a slice of {} accounts; expected {SMALLEST_CELL}", metric.accounts);
        return Err(ModelFileError::new(
            ModelFileErrorKind::Privacy,
            format!("{place}.accounts"),
            message,
        ));
    }
    Ok(())
}

fn check_gate(place: &str, gate: &Gate, as_of: Option<&str>) -> Checked {
    let refused = |message: String| {
        let path = format!("{place}.status");
        Err(ModelFileError::new(ModelFileErrorKind::Gate, path, message))
    };
    match &gate.status {
        GateStatus::Pass => Ok(()),
        GateStatus::Fail => refused(format!("`{}` failed: {}", gate.name, gate.policy)),
        GateStatus::NotEvaluated { reason } => refused(format!(
            "`{}` could not be evaluated, which is not a pass: {reason}",
            gate.name
        )),
        GateStatus::Waived { reason, .. } if reason.is_empty() => {
            refused(format!("`{}` is waived without a reason", gate.name))
        }
        GateStatus::Waived { until, .. } => {
            check_date(&format!("{place}.status.waived.until"), Some(until))?;
            match as_of.filter(|as_of| until.as_str() < *as_of) {
                None => Ok(()),
                Some(as_of) => refused(format!(
                    "the waiver of `{}` ended on {until}, before {as_of}",
                    gate.name
                )),
            }
        }
    }
}

fn check_reference(document: &Document, model: &Model) -> Checked {
    let reference = &document.reference;
    check_distribution("$.reference.score", &reference.score)?;
    let names: BTreeSet<&str> =
        model.scorecard().indicators().map(|indicator| indicator.name.as_str()).collect();
    let place = "$.reference.indicators";
    for name in &names {
        if !reference.indicators.contains_key(*name) {
            return Err(wrong(place, format!("no distribution of indicator `{name}`")));
        }
    }
    for (name, distribution) in &reference.indicators {
        let place = key_path(place, name);
        if !names.contains(name.as_str()) {
            return Err(wrong(place, "the model has no such indicator"));
        }
        check_distribution(&place, distribution)?;
    }
    Ok(())
}

fn check_distribution(place: &str, distribution: &Distribution) -> Checked {
    let share = |share: f64| (0.0..=1.0).contains(&share);
    if !share(distribution.missing_share) {
        return Err(wrong(format!("{place}.missing_share"), "expected 0 to 1"));
    }
    let present = distribution.n as f64 * (1.0 - distribution.missing_share);
    let smallest = SMALLEST_CELL as f64 - 1e-6;
    let mut before: Option<(f64, f64)> = None;
    for (index, (below, value)) in distribution.quantiles.iter().copied().enumerate() {
        let place = format!("{place}.quantiles[{index}]");
        if before.is_some_and(|(share, least)| below <= share || value < least) {
            return Err(wrong(place, "expected shares and values to ascend"));
        }
        if !share(below) || below.min(1.0 - below) * present < smallest {
            let message = format!("expected {SMALLEST_CELL} values or more on either side");
            return Err(ModelFileError::new(ModelFileErrorKind::Privacy, place, message));
        }
        before = Some((below, value));
    }
    for (word, part) in &distribution.words {
        let place = key_path(&format!("{place}.words"), word);
        if !share(*part) {
            return Err(wrong(place, "expected 0 to 1"));
        }
        if part * present < smallest {
            let message = format!("a word of fewer than {SMALLEST_CELL} values");
            return Err(ModelFileError::new(ModelFileErrorKind::Privacy, place, message));
        }
    }
    Ok(())
}

/// Whether a text, if there is one, is a day such as 2025-06-30.
fn check_date(path: &str, date: Option<&String>) -> Checked {
    let sound = |date: &String| {
        let digits = date.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let number =
            |part: std::ops::Range<usize>| date.get(part).and_then(|n| n.parse::<u32>().ok());
        let month = number(5..7).is_some_and(|month| (1..=12).contains(&month));
        let day = number(8..10).is_some_and(|day| (1..=31).contains(&day));
        date.len() == 10 && digits && month && day
    };
    match date {
        Some(date) if !sound(date) => Err(wrong(path, "no day; expected one such as 2025-06-30")),
        _ => Ok(()),
    }
}

impl Distribution {
    /// The distribution of numbers, NaN and infinite ones being missing: the whole percentiles that have
    /// at least [`SMALLEST_CELL`] values on either side, each the smallest value with that share at or
    /// below it.
    pub fn of_numbers(numbers: &[f64]) -> Self {
        let mut sorted: Vec<f64> =
            numbers.iter().copied().filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len() as u64;
        let quantile = |percent: u64| {
            let below = (count * percent).div_ceil(100);
            let enough = count * percent >= SMALLEST_CELL * 100
                && count * (100 - percent) >= SMALLEST_CELL * 100;
            let index = usize::try_from(below.checked_sub(1)?).ok()?;
            let value = *sorted.get(index).filter(|_| enough)?;
            Some((percent as f64 / 100.0, value + 0.0))
        };
        Self {
            n: numbers.len() as u64,
            missing_share: missing_share(numbers.len() as u64, count),
            quantiles: (1..100).filter_map(quantile).collect(),
            words: BTreeMap::new(),
        }
    }

    /// The distribution of words; those with fewer than [`SMALLEST_CELL`] values are left out.
    pub fn of_words<'a>(words: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let (mut n, mut counts) = (0, BTreeMap::<&str, u64>::new());
        for word in words {
            n += 1;
            if let Some(word) = word {
                *counts.entry(word).or_default() += 1;
            }
        }
        let present: u64 = counts.values().sum();
        let shown = counts.into_iter().filter(|(_, count)| *count >= SMALLEST_CELL);
        Self {
            n,
            missing_share: missing_share(n, present),
            quantiles: Vec::new(),
            words: shown
                .map(|(word, count)| (word.to_owned(), count as f64 / present as f64))
                .collect(),
        }
    }
}

fn missing_share(n: u64, present: u64) -> f64 {
    if n == 0 { 0.0 } else { (n - present) as f64 / n as f64 }
}

#[cfg(test)]
mod tests {
    use super::{Distribution, check_date, check_distribution};

    #[test]
    fn quantiles_have_ten_values_on_either_side() {
        let numbers: Vec<f64> = (1..=40).map(f64::from).chain([f64::NAN; 10]).collect();
        let distribution = Distribution::of_numbers(&numbers);
        assert_eq!((distribution.n, distribution.quantiles.len()), (50, 51));
        assert_eq!(distribution.quantiles[0], (0.25, 10.0));
        assert_eq!(distribution.quantiles[50], (0.75, 30.0));
        assert!((distribution.missing_share - 0.2).abs() < 1e-15);
        assert!(check_distribution("$", &distribution).is_ok());
        assert!(Distribution::of_numbers(&[1.0; 19]).quantiles.is_empty());
        assert_eq!(Distribution::of_numbers(&[]), Distribution::default());
    }

    #[test]
    fn rare_words_are_left_out() {
        let words = [[Some("pro"); 12].to_vec(), vec![Some("rare"); 9], vec![None; 3]].concat();
        let distribution = Distribution::of_words(words);
        assert_eq!(distribution.words.keys().collect::<Vec<_>>(), ["pro"]);
        assert!((distribution.words["pro"] - 12.0 / 21.0).abs() < 1e-15);
        assert!((distribution.missing_share - 0.125).abs() < 1e-15);
        assert!(check_distribution("$", &distribution).is_ok());
    }

    #[test]
    fn days_are_days() {
        for (date, sound) in [
            ("2025-06-30", true),
            ("2025-13-01", false),
            ("2025-00-01", false),
            ("2025-06-32", false),
            ("2025-6-30", false),
            ("2025-06-30T00", false),
            ("30.06.2025", false),
            ("２025-06-3", false),
        ] {
            assert_eq!(check_date("$", Some(&date.to_owned())).is_ok(), sound, "{date}");
        }
    }
}
