//! Whether the indicators had values over time, and whether these moved.

use crate::chart::{Chart, Drawing, Strip, Strips};
use crate::document::Document;
use crate::escape::code;
use crate::loading::{DayCells, IndicatorCells};
use crate::wording::{counted, percent};
use crate::{Column, Loading, Table};

/// Snapshots at the end over which no cell changed, from which an indicator stands still.
const STILL: usize = 2;

pub(crate) fn indicators(document: &mut Document, loading: &Loading) {
    document.section("Were the indicators there?");
    if loading.indicators.is_empty() {
        document.paragraph("The check of the data tells of no indicator.");
        return;
    }
    let has_time = loading.indicators.iter().any(|own| !own.days.is_empty());
    document.paragraph(if has_time {
        "Of the cells of each indicator, the share with a value at each snapshot; and of the accounts of \
         two snapshots in a row, the share whose cell changed. An indicator that stops changing has a feed \
         that stopped, or is one that hardly moves."
    } else {
        "Of the cells of each indicator, the share with a value. A cross-section has no time."
    });
    if has_time {
        document.chart(chart(&loading.indicators));
    }
    document.numbers(&table(&loading.indicators, has_time));
    let still: Vec<String> = loading.indicators.iter().filter_map(stands_still).collect();
    document.list(&still);
}

fn chart(indicators: &[IndicatorCells]) -> Chart {
    let strip = |own: &IndicatorCells| Strip {
        name: own.name.clone(),
        label: words(own),
        days: own.days.iter().map(|day| (day.filled, day.changed)).collect(),
    };
    let described: Vec<String> =
        indicators.iter().map(|own| format!("{}: {}", own.name, words(own))).collect();
    let days = indicators.iter().map(|own| &own.days).find(|days| !days.is_empty());
    let end = |day: Option<&DayCells>| day.map_or_else(String::new, |day| day.date.clone());
    Chart {
        name: "indicators".to_owned(),
        title: "Cells of each indicator over time".to_owned(),
        description: format!("{}.", described.join("; ")),
        drawing: Drawing::Strips(Strips {
            legend: ["with a value".to_owned(), "changed since the snapshot before".to_owned()],
            lines: indicators.iter().map(strip).collect(),
            ends: [end(days.and_then(|days| days.first())), end(days.and_then(|days| days.last()))],
        }),
    }
}

/// Shares over all snapshots.
fn words(own: &IndicatorCells) -> String {
    match mean_change(own) {
        Some(changed) => format!("{} filled, {} changed", percent(own.filled), percent(changed)),
        None => format!("{} filled", percent(own.filled)),
    }
}

fn table(indicators: &[IndicatorCells], has_time: bool) -> Table {
    let mut columns = vec![Column::words("indicator"), Column::numbers("filled")];
    if has_time {
        columns.extend([
            Column::words("fewest filled"),
            Column::words("first value"),
            Column::numbers("changed, mean"),
            Column::words("last change"),
        ]);
    }
    let mut table = Table::new(columns);
    let none = || "none".to_owned();
    for own in indicators {
        let fewest = own.days.iter().min_by(|a, b| a.filled.total_cmp(&b.filled));
        let first = own.days.iter().find(|day| day.filled > 0.0);
        table.push(vec![
            own.name.clone(),
            percent(own.filled),
            fewest.map_or_else(none, |day| format!("{}, {}", percent(day.filled), day.date)),
            first.map_or_else(none, |day| day.date.clone()),
            mean_change(own).map_or_else(none, percent),
            last_change(own).map_or_else(none, |place| own.days[place].date.clone()),
        ]);
    }
    table
}

/// Mean over the snapshots at which it can be told.
fn mean_change(own: &IndicatorCells) -> Option<f64> {
    let known: Vec<f64> = own.days.iter().filter_map(|day| day.changed).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// Place of the last snapshot at which a cell changed.
fn last_change(own: &IndicatorCells) -> Option<usize> {
    own.days.iter().rposition(|day| day.changed.is_some_and(|share| share > 0.0))
}

/// An indicator that moved, and then moved no more.
fn stands_still(own: &IndicatorCells) -> Option<String> {
    let last = last_change(own)?;
    let after = own.days.get(last + 1..)?.iter().filter(|day| day.changed.is_some()).count();
    (after >= STILL).then(|| {
        format!(
            "{} stands still since {}: no cell changed at the {} after it",
            code(&own.name),
            own.days[last].date,
            counted(after, "snapshot", "snapshots")
        )
    })
}
