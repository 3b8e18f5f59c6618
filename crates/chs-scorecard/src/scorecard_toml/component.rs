//! Components and indicators of the file, before their weights are percents.

use std::ops::Range;

use chs_toml::{Located, Table, Value};

use super::{Aggregation, band, missing, name, normalisation, number_within, percent};
use crate::band::{Action, Bands};
use crate::component::{Category, Missing, Share};
use crate::normalisation::Normalisation;

/// A component as far as it could be read.
pub(super) struct ComponentDraft {
    pub(super) name: Located<String>,
    /// Percent of the score; none where broken, absent or not asked for.
    pub(super) weight: Option<Located<f64>>,
    pub(super) category: Option<Category>,
    pub(super) share: Option<Share>,
    pub(super) bands: Option<Bands>,
    pub(super) on_decline: Vec<Action>,
    pub(super) indicators: Vec<IndicatorDraft>,
}

/// An indicator as far as it could be read.
pub(super) struct IndicatorDraft {
    pub(super) name: Option<Located<String>>,
    /// Relative; none where broken.
    pub(super) weight: Option<f64>,
    pub(super) normalisation: Option<Normalisation>,
    pub(super) missing: Option<Missing>,
    pub(super) share: Option<Share>,
    pub(super) on_decline: Vec<Action>,
}

impl ComponentDraft {
    /// Where mistakes about its weights are shown.
    pub(super) fn place(&self) -> Range<usize> {
        self.weight.as_ref().map_or(&self.name.span, |weight| &weight.span).clone()
    }

    /// Relative weights of its indicators; none where one is broken.
    pub(super) fn weights(&self) -> Option<Vec<f64>> {
        self.indicators.iter().map(|indicator| indicator.weight).collect()
    }
}

pub(super) fn draft(
    name: Located<String>,
    table: &Table<'_>,
    aggregation: Aggregation,
) -> ComponentDraft {
    let weight = if aggregation == Aggregation::Weighted {
        table.require("weight").and_then(|value| {
            percent(&value).map(|weight| Located { value: weight, span: value.span() })
        })
    } else {
        if let Some(value) = table.get("weight") {
            let help = "remove it, or leave `aggregation` out".to_owned();
            value.mistake(
                "with this `aggregation` a component has no weight of its own",
                Some(help),
            );
        }
        None
    };
    let category = table.get("category").and_then(|value| {
        value.as_word(&[
            ("declarative", Category::Declarative),
            ("behavioral", Category::Behavioral),
            ("operational", Category::Operational),
            ("financial", Category::Financial),
            ("qualitative", Category::Qualitative),
            ("relationship", Category::Relationship),
        ])
    });
    ComponentDraft {
        name,
        weight,
        category: category.map(|word| word.value),
        share: table.get("share").and_then(|value| share(&value)),
        bands: band::bands(table),
        on_decline: band::actions(table, "on_decline"),
        indicators: indicators(table, aggregation),
    }
}

fn indicators(table: &Table<'_>, aggregation: Aggregation) -> Vec<IndicatorDraft> {
    let Some(value) = table.require("indicators") else { return Vec::new() };
    let Some(list) = value.as_list() else { return Vec::new() };
    if list.is_empty() {
        value.mistake(
            format!("component `{}` has no indicator; expected at least one", table.name()),
            None,
        );
    }
    list.iter().filter_map(|value| Some(indicator(&value.as_table()?, aggregation))).collect()
}

fn indicator(table: &Table<'_>, aggregation: Aggregation) -> IndicatorDraft {
    let weight = match table.get("weight") {
        None => Some(1.0),
        Some(value) if aggregation == Aggregation::Mean => {
            let help = "remove it, or leave `aggregation` out".to_owned();
            value.mistake(
                "with `aggregation = \"mean\"` every indicator weighs the same",
                Some(help),
            );
            None
        }
        Some(value) => number_within(&value, 0.0, 1e6),
    };
    IndicatorDraft {
        name: table.require("name").and_then(|value| name(&value)),
        weight,
        normalisation: normalisation::normalisation(table),
        missing: table.get("missing").and_then(|value| missing(&value)),
        share: table.get("share").and_then(|value| share(&value)),
        on_decline: band::actions(table, "on_decline"),
    }
}

fn share(value: &Value<'_>) -> Option<Share> {
    let numbers = value.as_numbers()?;
    let share = match numbers.as_slice() {
        [least, most] => Share::new(*least, *most),
        _ => None,
    };
    if share.is_none() {
        let help = "write the least and the most percent of the score, such as [10, 50]".to_owned();
        value.mistake(
            "`share` is no range; expected two numbers of 0 to 100, ascending",
            Some(help),
        );
    }
    share
}
