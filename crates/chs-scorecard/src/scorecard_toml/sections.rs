//! The sections `[trend]`, `[fit]` and `[gates]`.

use chs_toml::{Table, Value};

use super::band::words;
use super::component::ComponentDraft;
use super::{days, number_within};
use crate::band::Band;
use crate::component::Share;
use crate::policy::{BandRule, Fit, GATES, Gates, Probability, Scales, ShareOrder, Waiver};
use crate::trend::{Trend, TrendRule};

pub(super) fn trend(root: &Table<'_>, bands: &[Band]) -> Trend {
    let mut trend = Trend::default();
    let Some(table) = root.table("trend") else { return trend };
    if let Some(value) = table.get("window") {
        trend.window_days = days(&value);
        if trend.window_days == Some(0) {
            value.mistake("a window of no days; expected at least \"1d\"", None);
        }
    }
    if let Some(points) = table.get("threshold").and_then(|value| points(&value)) {
        trend.threshold = points;
    }
    let rules = table.get("rules").and_then(|value| value.as_list()).unwrap_or_default();
    trend.rules = rules.iter().filter_map(|value| rule(&value.as_table()?, bands)).collect();
    trend
}

fn rule(table: &Table<'_>, bands: &[Band]) -> Option<TrendRule> {
    let fall = table.require("fall").and_then(|value| points(&value));
    let names: Vec<(&str, usize)> =
        bands.iter().enumerate().map(|(index, band)| (band.name.as_str(), index)).collect();
    let at_best = table.require("at_best").and_then(|value| value.as_word(&names));
    Some(TrendRule { fall: fall?, at_best: at_best?.value })
}

/// A change of the score: above 0, at most 100.
fn points(value: &Value<'_>) -> Option<f64> {
    let number = value.as_number()?.value;
    if number > 0.0 && number <= 100.0 {
        return Some(number);
    }
    value.mistake(format!("{number} points; expected more than 0, at most 100"), None);
    None
}

pub(super) fn fit(root: &Table<'_>, components: &[ComponentDraft]) -> Fit {
    let mut fit = Fit::default();
    let Some(table) = root.table("fit") else { return fit };
    if let Some(steps) = table.get("steps").and_then(|value| steps(&value)) {
        fit.steps = steps;
    }
    fit.edges = table.get("edges").and_then(|value| edges(&value));
    fit.most_indicators = table.get("most_indicators").and_then(|value| count(&value));
    let pairs = table.get("order").and_then(|value| value.as_list()).unwrap_or_default();
    fit.order = pairs.iter().filter_map(|value| order(value, components)).collect();
    fit.half_life_days = table.get("half_life").and_then(|value| half_life(&value));
    let scales = [("given", Scales::Given), ("learned", Scales::Learned)];
    if let Some(word) = table.get("scales").and_then(|value| value.as_word(&scales)) {
        fit.scales = word.value;
    }
    let curves = [("logistic", Probability::Logistic), ("isotonic", Probability::Isotonic)];
    if let Some(word) = table.get("probability").and_then(|value| value.as_word(&curves)) {
        fit.probability = word.value;
    }
    fit.by_value = table.flag("by_value").is_some_and(|flag| flag.value);
    fit
}

fn count(value: &Value<'_>) -> Option<u32> {
    let indicators = value.as_integer()?.value;
    if let Ok(indicators @ 1..) = u32::try_from(indicators) {
        return Some(indicators);
    }
    value.mistake(format!("{indicators} indicators at most; expected 1 or more"), None);
    None
}

fn half_life(value: &Value<'_>) -> Option<u32> {
    let days = days(value)?;
    if days == 0 {
        value.mistake("a half-life of no days; expected at least \"1d\"", None);
    }
    (days > 0).then_some(days)
}

/// A pair of components whose shares are ordered, and can be.
fn order(value: &Value<'_>, components: &[ComponentDraft]) -> Option<ShareOrder> {
    let pair = value.as_list()?;
    let [larger, smaller] = pair.as_slice() else {
        let help =
            "write the component with the larger share first, such as `[\"use\", \"price\"]`";
        value.mistake("no pair of components; expected two names", Some(help.to_owned()));
        return None;
    };
    let names: Vec<(&str, usize)> = (components.iter().enumerate())
        .map(|(index, own)| (own.name.value.as_str(), index))
        .collect();
    let (larger, smaller) = (larger.as_word(&names), smaller.as_word(&names));
    let (larger, smaller) = (larger?.value, smaller?.value);
    if larger == smaller {
        value.mistake("a component beside itself; expected two components", None);
        return None;
    }
    let share = |index: usize| components.get(index).and_then(|own| own.share);
    let most = share(larger).map_or(100.0, Share::at_most);
    let least = share(smaller).map_or(0.0, Share::at_least);
    if most < least {
        let message = format!(
            "the first may have {most} percent at most, the second {least} at least; expected shares \
             that can be in this order"
        );
        value.mistake(message, Some("widen a `share`, or leave the pair out".to_owned()));
        return None;
    }
    Some(ShareOrder { larger, smaller })
}

fn steps(value: &Value<'_>) -> Option<u32> {
    let steps = value.as_integer()?.value;
    if let Ok(steps @ (1 | 2 | 5 | 10)) = u32::try_from(steps) {
        return Some(steps);
    }
    value.mistake(format!("steps of {steps} percent; expected 1, 2, 5 or 10"), None);
    None
}

fn edges(value: &Value<'_>) -> Option<BandRule> {
    if value.is_text() {
        let words = [("likelihood", BandRule::LIKELIHOOD), ("prior", BandRule::Prior)];
        return Some(value.as_word(&words)?.value);
    }
    if !value.is_table() {
        let help =
            "write `edges = \"likelihood\"`, `\"prior\"` or a table such as `{ capacity = 50 }`"
                .to_owned();
        value.mistake("`edges` is no rule; expected a word or a table", Some(help));
        return None;
    }
    let table = value.as_table()?;
    let keys = ["capacity", "minimum_share", "miss_costs", "precision", "ratio"];
    match table.require_one(&keys)? {
        ("capacity", limit) => capacity(&limit),
        ("miss_costs", cost) => Some(BandRule::Cost { miss: above(&cost, 0.0)? }),
        ("precision", percent) => {
            above(&percent, 0.0)?;
            Some(BandRule::Precision { at_least: number_within(&percent, 0.0, 100.0)? / 100.0 })
        }
        ("ratio", ratio) => Some(BandRule::Ratio { at_least: above(&ratio, 1.0)? }),
        (_, share) => {
            let minimum_share = number_within(&share, 0.0, 25.0)? / 100.0;
            Some(BandRule::Likelihood { minimum_share })
        }
    }
}

fn above(value: &Value<'_>, least: f64) -> Option<f64> {
    let number = value.as_number()?.value;
    if number > least && number.is_finite() {
        return Some(number);
    }
    value.mistake(format!("{number}; expected more than {least}"), None);
    None
}

fn capacity(value: &Value<'_>) -> Option<BandRule> {
    let accounts = value.as_integer()?.value;
    if let Ok(accounts @ 1..) = u32::try_from(accounts) {
        return Some(BandRule::Capacity { accounts });
    }
    value.mistake(format!("a capacity of {accounts} accounts; expected 1 or more"), None);
    None
}

pub(super) fn gates(root: &Table<'_>) -> Gates {
    let mut gates = Gates::default();
    let Some(table) = root.table("gates") else { return gates };
    if let Some(auc) =
        table.get("auc_within_snapshot").and_then(|value| number_within(&value, 0.5, 1.0))
    {
        gates.auc_within_snapshot = auc;
    }
    if let Some(slope) = table.get("calibration_slope").and_then(|value| slope(&value)) {
        gates.calibration_slope = slope;
    }
    if let Some(flag) = table.flag("bands_monotone") {
        gates.bands_monotone = flag.value;
    }
    if let Some(lift) =
        table.get("lift_at_risk").and_then(|value| number_within(&value, 0.0, 1000.0))
    {
        gates.lift_at_risk = lift;
    }
    if let Some(value) = table.get("event_accounts") {
        match value.as_integer().map(|count| u32::try_from(count.value)) {
            Some(Ok(count)) => gates.event_accounts = count,
            Some(Err(_)) => value.mistake("no number of accounts; expected 0 or more", None),
            None => {}
        }
    }
    gates.waivers = waivers(&table);
    gates
}

fn waivers(gates: &Table<'_>) -> Vec<Waiver> {
    let list = gates.get("waive").and_then(|value| value.as_list()).unwrap_or_default();
    let mut waivers: Vec<Waiver> = Vec::new();
    for value in &list {
        let Some(waiver) = value.as_table().and_then(|table| waiver(&table)) else { continue };
        if waivers.iter().any(|other| other.gate == waiver.gate) {
            let message = format!("gate `{}` is waived twice", waiver.gate);
            value.mistake(message, Some("remove one of both".to_owned()));
        }
        waivers.push(waiver);
    }
    waivers
}

fn waiver(table: &Table<'_>) -> Option<Waiver> {
    let gate =
        table.require("gate").and_then(|value| value.as_word(&GATES.map(|name| (name, name))));
    let reason = table.require("reason").and_then(|value| words(&value));
    let until = table.require("until").and_then(|value| value.as_date());
    Some(Waiver { gate: gate?.value, reason: reason?, until: until?.value })
}

fn slope(value: &Value<'_>) -> Option<(f64, f64)> {
    match value.as_numbers()?.as_slice() {
        [least, most] if 0.0 <= *least && least <= most => Some((*least, *most)),
        _ => {
            let help = "write the smallest and the largest slope, such as [0.8, 1.25]".to_owned();
            value.mistake(
                "`calibration_slope` is no range; expected two numbers, ascending",
                Some(help),
            );
            None
        }
    }
}
