//! Reading `scorecard.toml`, and the schema that describes it.
//!
//! The converter goes on after a mistake with a stand-in value; `chs_toml::read` yields nothing as long as
//! one mistake was reported, so no stand-in gets out.

mod band;
mod component;
mod normalisation;
mod sections;
mod wire;

pub use wire::scorecard_schema;

use chs_toml::{Located, Mistakes, Table, Value};

use crate::component::{
    Component, Indicator, Missing, ShareBounds, UNTRAINED_REFERENCE, check_shares,
};
use crate::scorecard::Scorecard;
use component::ComponentDraft;

/// The version of the file's format that is read.
const SPEC_VERSION: i64 = 1;

/// How far from its target a sum of weights may lie.
const WEIGHT_TOLERANCE: f64 = 1e-9;

impl Scorecard {
    /// Read a `scorecard.toml`; `file_name` is what mistakes call it.
    ///
    /// # Errors
    ///
    /// All [`Mistakes`] of the file at once, each with its place and the remedy.
    pub fn from_toml(file_name: &str, text: &str) -> Result<Scorecard, Mistakes> {
        chs_toml::read(file_name, text, scorecard)
    }
}

/// How weights are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregation {
    /// Components in percent, indicators relative inside them.
    Weighted,
    /// All indicators alike.
    Mean,
    /// Multipliers that sum to the number of indicators.
    SumOverCount,
}

fn scorecard(root: &Table<'_>) -> Option<Scorecard> {
    spec_version(root);
    let name = root.require("name").and_then(|value| name(&value));
    let version = root.require("version").and_then(|value| version(&value));
    let missing = root.get("missing").and_then(|value| missing(&value)).unwrap_or_default();
    let aggregation = root.get("aggregation").and_then(|value| {
        value.as_word(&[
            ("weighted", Aggregation::Weighted),
            ("mean", Aggregation::Mean),
            ("sum_over_count", Aggregation::SumOverCount),
        ])
    });
    let aggregation = aggregation.map_or(Aggregation::Weighted, |word| word.value);
    let bands = band::bands(root).unwrap_or_default();
    let drafts = components(root, aggregation).unwrap_or_default();
    let trend = sections::trend(root, bands.as_slice());
    let (fit, gates) = (sections::fit(root, &drafts), sections::gates(root));
    check_names(root, &drafts);
    report_shares(root, &drafts);
    let weights = weigh(root, &drafts, aggregation)?;
    let components = (drafts.into_iter().zip(weights))
        .map(|(draft, weights)| assemble(draft, &weights, missing))
        .collect::<Option<Vec<Component>>>()?;
    Some(Scorecard {
        name: name?.value,
        version: version?.value,
        components,
        bands,
        trend,
        fit,
        gates,
    })
}

fn spec_version(root: &Table<'_>) {
    let Some(value) = root.require("spec_version") else { return };
    if value.as_integer().is_some_and(|version| version.value != SPEC_VERSION) {
        value.mistake(
            format!("unknown `spec_version`; expected {SPEC_VERSION}"),
            Some(format!(
                "write `spec_version = {SPEC_VERSION}`, or use a release that knows the other"
            )),
        );
    }
}

/// The components in declared order; none where one is no table.
fn components(root: &Table<'_>, aggregation: Aggregation) -> Option<Vec<ComponentDraft>> {
    let table = root.require("components")?.as_table()?;
    let entries = table.entries();
    if entries.is_empty() {
        let help = "add a table such as `[components.activity]`".to_owned();
        table.mistake("`components` is empty; expected at least one component", Some(help));
    }
    let drafts: Vec<Option<ComponentDraft>> = (entries.into_iter())
        .map(|(name, value)| {
            check_name(root, &name);
            Some(component::draft(name, &value.as_table()?, aggregation))
        })
        .collect();
    drafts.into_iter().collect()
}

/// Percent of 100 per component and indicator; none where a weight is broken.
fn weigh(
    root: &Table<'_>,
    drafts: &[ComponentDraft],
    aggregation: Aggregation,
) -> Option<Vec<Vec<f64>>> {
    let count: usize = drafts.iter().map(|draft| draft.indicators.len()).sum();
    match aggregation {
        Aggregation::Weighted => weigh_components(root, drafts),
        Aggregation::Mean => Some(
            drafts.iter().map(|draft| vec![100.0 / count as f64; draft.indicators.len()]).collect(),
        ),
        Aggregation::SumOverCount => {
            let weights: Vec<Vec<f64>> =
                drafts.iter().map(ComponentDraft::weights).collect::<Option<_>>()?;
            let sum: f64 = weights.iter().flatten().sum();
            if (sum - count as f64).abs() > WEIGHT_TOLERANCE {
                root.mistake_at(
                    drafts.last()?.place(),
                    format!(
                        "the weights sum to {sum}; `sum_over_count` expects {count}, their number"
                    ),
                    Some("change the weights, or leave `aggregation` out".to_owned()),
                );
            }
            let percent = |weight: &f64| 100.0 * weight / count as f64;
            Some(weights.iter().map(|weights| weights.iter().map(percent).collect()).collect())
        }
    }
}

fn weigh_components(root: &Table<'_>, drafts: &[ComponentDraft]) -> Option<Vec<Vec<f64>>> {
    let shares: Option<Vec<f64>> =
        drafts.iter().map(|draft| Some(draft.weight.as_ref()?.value)).collect();
    let sum: f64 = shares?.iter().sum();
    let last = drafts.last()?;
    if (sum - 100.0).abs() > WEIGHT_TOLERANCE {
        root.mistake_at(
            last.place(),
            format!("the weights of the components sum to {sum}; expected 100"),
            Some(
                "change a `weight`; it is the component's share of the score in percent".to_owned(),
            ),
        );
    }
    let mut weights = Vec::new();
    for draft in drafts {
        let relative = draft.weights()?;
        let sum: f64 = relative.iter().sum();
        if sum <= 0.0 && !relative.is_empty() {
            let message = format!("no indicator of `{}` has a weight above 0", draft.name.value);
            root.mistake_at(draft.place(), message, None);
        }
        let share = draft.weight.as_ref()?.value;
        weights.push(relative.iter().map(|weight| share * weight / sum).collect());
    }
    Some(weights)
}

fn check_names(root: &Table<'_>, drafts: &[ComponentDraft]) {
    let mut seen: Vec<&str> = Vec::new();
    for name in
        drafts.iter().flat_map(|draft| &draft.indicators).filter_map(|draft| draft.name.as_ref())
    {
        if seen.contains(&name.value.as_str()) {
            let help = "an indicator stands once in a scorecard: remove one".to_owned();
            root.mistake_at(
                name.span.clone(),
                format!("indicator `{}` stands twice", name.value),
                Some(help),
            );
        }
        seen.push(&name.value);
    }
}

fn report_shares(root: &Table<'_>, drafts: &[ComponentDraft]) {
    let bounds: Vec<ShareBounds> = (drafts.iter())
        .map(|draft| ShareBounds {
            component: draft.share,
            indicators: draft.indicators.iter().map(|indicator| indicator.share).collect(),
        })
        .collect();
    for fault in check_shares(&bounds) {
        let Some(draft) = drafts.get(fault.index).or(drafts.last()) else { continue };
        root.mistake_at(draft.place(), fault.message, Some("widen a `share`".to_owned()));
    }
}

fn assemble(draft: ComponentDraft, weights: &[f64], default: Missing) -> Option<Component> {
    let indicators = (draft.indicators.into_iter().zip(weights))
        .map(|(indicator, weight)| {
            Some(Indicator {
                name: indicator.name?.value,
                weight: *weight,
                normalisation: indicator.normalisation?,
                missing: indicator.missing.unwrap_or(default),
                reference_sub_score: UNTRAINED_REFERENCE,
                share: indicator.share,
                on_decline: indicator.on_decline,
            })
        })
        .collect::<Option<Vec<Indicator>>>()?;
    let mut weight = 0.0;
    for indicator in &indicators {
        weight += indicator.weight;
    }
    Some(Component {
        name: draft.name.value,
        weight: draft.weight.map_or(weight, |declared| declared.value),
        category: draft.category,
        share: draft.share,
        indicators,
        on_decline: draft.on_decline,
        bands: draft.bands,
    })
}

/// A name as components, indicators and scorecards have: letters, digits, `_`, `-`.
fn name(value: &Value<'_>) -> Option<Located<String>> {
    let text = value.as_text()?;
    if is_name(&text.value) {
        return Some(text);
    }
    value.mistake(format!("`{}` is no name; expected letters, digits, `_`, `-`", text.value), None);
    None
}

fn check_name(root: &Table<'_>, name: &Located<String>) {
    if !is_name(&name.value) {
        let message = format!("`{}` is no name; expected letters, digits, `_`, `-`", name.value);
        root.mistake_at(name.span.clone(), message, None);
    }
}

/// Whether a text is letters, digits, `_` and `-`.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn version(value: &Value<'_>) -> Option<Located<String>> {
    let text = value.as_text()?;
    if is_version(&text.value) {
        return Some(text);
    }
    let message =
        format!("`{}` is no version; expected one such as \"1.4.0\" or \"2.0.0-rc.1\"", text.value);
    value.mistake(message, None);
    None
}

/// Whether a text is a semantic version.
pub(crate) fn is_version(text: &str) -> bool {
    let core = text.split_once('-').map_or(text, |(core, _)| core);
    let numbers: Vec<&str> = core.split('.').collect();
    let number = |part: &&str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part.len() == 1 || !part.starts_with('0'))
    };
    let label = text.get(core.len() + 1..);
    let sound_label = label.is_none_or(|label| label.split('.').all(is_name));
    numbers.len() == 3 && numbers.iter().all(number) && sound_label
}

fn missing(value: &Value<'_>) -> Option<Missing> {
    if value.is_number() {
        return percent(value).map(Missing::Score);
    }
    let word = value.as_word(&[("reweight", Missing::Reweight), ("reject", Missing::Reject)])?;
    Some(word.value)
}

/// A finite number from 0 to 100.
fn percent(value: &Value<'_>) -> Option<f64> {
    number_within(value, 0.0, 100.0)
}

fn number_within(value: &Value<'_>, least: f64, most: f64) -> Option<f64> {
    let number = value.as_number()?.value;
    if (least..=most).contains(&number) {
        return Some(number);
    }
    value.mistake(format!("{number} is out of range; expected {least} to {most}"), None);
    None
}

/// A span of whole days such as `"30d"`.
fn days(value: &Value<'_>) -> Option<u32> {
    let text = value.as_text()?.value;
    let digits = text.strip_suffix('d').unwrap_or_default();
    let all_digits = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let days = digits.parse().ok().filter(|_| all_digits);
    if days.is_none() {
        let message = format!("`{text}` is no number of days; expected one such as \"30d\"");
        value.mistake(message, None);
    }
    days
}

/// Report faults at the elements of a list that they name, or at the list.
fn report(list: &Value<'_>, elements: &[Value<'_>], faults: Vec<crate::fault::Fault>) {
    for fault in faults {
        elements.get(fault.index).unwrap_or(list).mistake(fault.message, None);
    }
}

#[cfg(test)]
mod tests;
