//! The section `[segments]`: categories made from indicators.

use chs_toml::{Located, Table, Value};

use super::Name;
use super::convert::reference;

/// A segment made from an indicator; missing where the indicator is.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorSegment {
    /// Its name.
    pub name: Name,
    /// Index into [`Project::indicators`](super::Project::indicators).
    pub indicator: usize,
    /// Place of the indicator's name.
    pub span: std::ops::Range<usize>,
    /// Lowest value of each category but the first, strictly ascending.
    pub edges: Vec<f64>,
    /// The categories, one more than edges.
    pub names: Vec<String>,
}

impl IndicatorSegment {
    /// The category of a value.
    pub fn category(&self, value: f64) -> &str {
        let category = self.edges.partition_point(|edge| *edge <= value);
        self.names.get(category).map_or("", String::as_str)
    }
}

pub(super) fn segments(root: &Table<'_>, indicators: &[String]) -> Option<Vec<IndicatorSegment>> {
    let converted: Vec<Option<IndicatorSegment>> = root
        .named_tables("segments")
        .into_iter()
        .map(|(name, table)| segment(name, &table, indicators))
        .collect();
    converted.into_iter().collect()
}

fn segment(
    name: Located<String>,
    table: &Table<'_>,
    indicators: &[String],
) -> Option<IndicatorSegment> {
    let from = table.require("from");
    let indicator = from.and_then(|from| reference(from, "indicator", indicators));
    let edges = table.require("edges").and_then(edges);
    let names = table.require("names");
    let words = names.and_then(|names| names.as_texts());
    let (names, words, edges) = (names?, words?, edges?);
    if words.len() != edges.len() + 1 {
        let message = format!(
            "{} edges make {} categories, and `names` holds {}",
            edges.len(),
            edges.len() + 1,
            words.len()
        );
        names.mistake(message, Some("give one name more than there are edges".into()));
    }
    for (number, word) in words.iter().enumerate() {
        if word.value.trim().is_empty()
            || words[..number].iter().any(|known| known.value == word.value)
        {
            let message = format!("`{}` does not tell a category from the others", word.value);
            table.mistake_at(
                word.span.clone(),
                message,
                Some("give each a name of its own".into()),
            );
        }
    }
    let names = words.into_iter().map(|word| word.value).collect();
    Some(IndicatorSegment { name, indicator: indicator?, span: from?.span(), edges, names })
}

fn edges(value: Value<'_>) -> Option<Vec<f64>> {
    let edges = value.as_numbers()?;
    let help = || Some("write for example `edges = [1, 10]`".to_owned());
    if edges.is_empty() {
        value.mistake("`edges` is empty; there would be one category", help());
    } else if !edges.is_sorted_by(|a, b| a < b) {
        value.mistake("`edges` do not ascend", help());
    }
    Some(edges)
}
