//! The normalisation keys of an indicator.

use std::collections::BTreeMap;

use chs_toml::{Table, Value};

use super::{percent, report};
use crate::normalisation::{Better, Bins, Knots, Normalisation};

/// Exactly one normalisation; none after a mistake.
pub(super) fn normalisation(table: &Table<'_>) -> Option<Normalisation> {
    let (good, scores) = (table.get("good"), table.get("scores"));
    let (key, value) = table.require_one(&["poor", "knots", "edges", "map", "percentile"])?;
    for (partner, stray, of) in [("good", good, "poor"), ("scores", scores, "edges")] {
        if let Some(stray) = stray.filter(|_| key != of) {
            let help = Some(format!("remove `{partner}` or `{key}`"));
            stray.mistake(format!("`{partner}` belongs to `{of}`, but `{key}` stands here"), help);
        }
    }
    match key {
        "poor" => between(&value, &table.require("good")?),
        "knots" => knots(&value),
        "edges" => bins(&value, &table.require("scores")?),
        "map" => map(&value),
        _ => percentile(&value),
    }
}

fn between(poor: &Value<'_>, good: &Value<'_>) -> Option<Normalisation> {
    let (poor_number, good_number) = (poor.as_number(), good.as_number());
    match Knots::between(poor_number?.value, good_number?.value) {
        Ok(knots) => Some(Normalisation::Knots(knots)),
        Err(faults) => {
            report(poor, &[], faults);
            None
        }
    }
}

fn knots(value: &Value<'_>) -> Option<Normalisation> {
    let list = value.as_list()?;
    let points: Vec<Option<(f64, f64)>> = list.iter().map(point).collect();
    match Knots::new(points.into_iter().collect::<Option<_>>()?) {
        Ok(knots) => Some(Normalisation::Knots(knots)),
        Err(faults) => {
            report(value, &list, faults);
            None
        }
    }
}

fn point(value: &Value<'_>) -> Option<(f64, f64)> {
    match value.as_numbers()?.as_slice() {
        [x, y] => Some((*x, *y)),
        numbers => {
            let message =
                format!("a knot of {} numbers; expected [value, sub-score]", numbers.len());
            value.mistake(message, None);
            None
        }
    }
}

fn bins(edges: &Value<'_>, scores: &Value<'_>) -> Option<Normalisation> {
    let (edge_numbers, score_numbers) = (edges.as_numbers(), scores.as_numbers());
    let (edge_numbers, score_numbers) = (edge_numbers?, score_numbers?);
    report(edges, &edges.as_list()?, Bins::check_edges(&edge_numbers));
    report(scores, &scores.as_list()?, Bins::check_scores(&edge_numbers, &score_numbers));
    Bins::new(edge_numbers, score_numbers).map(Normalisation::Bins)
}

fn map(value: &Value<'_>) -> Option<Normalisation> {
    let table = value.as_table()?;
    let entries = table.entries();
    if entries.is_empty() {
        value.mistake("`map` is empty; expected a sub-score per word", None);
        return None;
    }
    let scores: Vec<Option<(String, f64)>> =
        entries.into_iter().map(|(word, score)| Some((word.value, percent(&score)?))).collect();
    scores.into_iter().collect::<Option<BTreeMap<_, _>>>().map(Normalisation::Map)
}

fn percentile(value: &Value<'_>) -> Option<Normalisation> {
    let words = [("higher_is_better", Better::Higher), ("lower_is_better", Better::Lower)];
    Some(Normalisation::Percentile(value.as_word(&words)?.value))
}
