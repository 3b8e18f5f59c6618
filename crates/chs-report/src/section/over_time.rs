//! Whether the score holds over time.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Scorecard};

use crate::chart::{Chart, Day, Drawing, Reference, Timeline, Tone};
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::label::{has_time, rate_heading};
use crate::lookup::{EVENT_RATE, WITHIN, of_slice, overall, primary, snapshots};
use crate::section::ranking::{area_axis, area_mark};
use crate::wording::{fixed, level, thousands};
use crate::{Column, Table};

pub(crate) fn over_time(document: &mut Document, backtest: &Backtest) {
    document.section("Does it hold over time?");
    if !has_time(&backtest.label) {
        document.paragraph("A cross-section has no time: one row per account and no day.");
        return;
    }
    let Some(score) = primary(backtest).filter(|score| !snapshots(score).is_empty()) else {
        document.paragraph("No snapshot has a row with a known label and a score.");
        return;
    };
    document.paragraph(&format!("{} at each snapshot:", code(&score.name)));
    document.chart(areas(backtest, score));
    document.numbers(&by_snapshot(backtest, score));
    decline(document, backtest);
    drift(document, backtest);
}

/// Whether the ranking gets worse.
fn decline(document: &mut Document, backtest: &Backtest) {
    let found = &backtest.drift;
    let Some(all) = overall(&found.decline, "auc_decline") else { return };
    let (cell, note) = Figure::from(all).words(Format::Difference);
    let note = note.map_or_else(String::new, |note| format!(" ({})", prose(note)));
    let since = found.decayed_since.as_ref().map_or_else(
        || "No single snapshot is surely worse".to_owned(),
        |day| format!("The first snapshot that is surely worse is {day}"),
    );
    document.paragraph(&format!(
        "The AUC over the snapshots with the earlier half of the outcomes minus that over the later half is \
         {}{note}. {since}.",
        prose(&cell)
    ));
}

/// How distributions move.
fn drift(document: &mut Document, backtest: &Backtest) {
    let found = &backtest.drift;
    let Some(reference) = found.reference.as_ref().filter(|_| !found.indices.is_empty()) else {
        return;
    };
    document.subsection("Are these the same accounts?");
    document.paragraph(&format!(
        "Distributions beside those of {reference}, by the population stability index (PSI): below 0.1 is \
         called stable, from 0.25 on moved. An index counts where it is above what chance gives in one of \
         twenty cases; it has no interval of its own."
    ));
    let mut table = Table::new(vec![
        Column::words("of"),
        Column::words("snapshot"),
        Column::numbers("accounts"),
        Column::numbers("PSI"),
        Column::numbers("chance gives up to"),
        Column::words("reading"),
    ]);
    for shift in &found.indices {
        let reading = match (shift.beyond_chance, shift.rule_of_thumb.as_str()) {
            (false, _) => "within chance",
            (true, rule) => rule,
        };
        table.push(vec![
            shift.subject.clone(),
            shift.snapshot.clone(),
            thousands(shift.accounts),
            fixed(shift.index, 3),
            fixed(shift.critical_value, 3),
            reading.to_owned(),
        ]);
    }
    document.numbers(&table);
}

fn areas(backtest: &Backtest, score: &Scorecard) -> Chart {
    let days = snapshots(score).into_iter().map(|day| {
        let found = of_slice(&score.metrics, WITHIN, ("snapshot", day));
        area_mark(day.to_owned(), found, Tone::Main)
    });
    let marks: Vec<_> = days.collect();
    let axis = area_axis(&marks, Reference { value: 0.5, label: "chance".to_owned() });
    let words: Vec<String> =
        marks.iter().map(|mark| format!("{}: {}", mark.name, mark.label)).collect();
    let points = marks.into_iter().map(|mark| Day {
        date: mark.name,
        estimate: mark.estimate,
        bounds: mark.bounds,
        label: mark.label,
    });
    Chart {
        name: "over-time".to_owned(),
        title: format!("{}: AUC at each snapshot [{}]", score.name, level(backtest.settings.level)),
        description: format!("{}.", words.join("; ")),
        drawing: Drawing::Timeline(Timeline { points: points.collect(), axis }),
    }
}

fn by_snapshot(backtest: &Backtest, score: &Scorecard) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("snapshot"),
        Column::numbers("accounts"),
        Column::numbers("with outcome"),
        Column::words(format!("{} [{interval}]", rate_heading(&backtest.label))),
        Column::words(format!("AUC [{interval}]")),
    ]);
    for day in snapshots(score) {
        let slice = ("snapshot", day);
        let rate = of_slice(&score.metrics, EVENT_RATE, slice);
        let area = of_slice(&score.metrics, WITHIN, slice);
        let count =
            |count: fn(&Metric) -> usize| rate.map_or("none".to_owned(), |m| thousands(count(m)));
        let (accounts, with_outcome) = (count(|m| m.accounts), count(|m| m.event_accounts));
        let rate = table.figure(rate, Format::Percent);
        let area = table.figure(area, Format::Thousandths);
        table.push(vec![day.to_owned(), accounts, with_outcome, rate, area]);
    }
    let mean = |name: &str| overall(&score.metrics, &format!("{name}_snapshot_mean"));
    let rate = table.figure(mean(EVENT_RATE), Format::Percent);
    let area = table.figure(mean(WITHIN), Format::Thousandths);
    table.push(vec!["mean".to_owned(), String::new(), String::new(), rate, area]);
    table
}
