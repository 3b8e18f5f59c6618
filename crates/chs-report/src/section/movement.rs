//! How accounts move: between bands, as a portfolio, and if another score took over.

use chs_backtest::backtest_json::v1::{
    Backtest, Metric, Migration, Portfolio, PortfolioPart, PortfolioStep, Scorecard, Shipping,
};

use crate::chart::{Axis, Chart, Day, Drawing, Timeline};
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::lookup::primary;
use crate::section::misses::words;
use crate::section::warning::absent;
use crate::wording::{fixed, level, percent, plain, signed, thousands};
use crate::{Column, Table};

/// Steps of the portfolio that the report shows; all stand in `backtest.json`.
const STEPS: usize = 6;

pub(crate) fn movement(document: &mut Document, backtest: &Backtest) {
    document.section("How do accounts move?");
    let Some(score) = primary(backtest) else {
        document.paragraph("There is no score.");
        return;
    };
    match &score.life.migration {
        Some(found) => migration(document, backtest, found),
        None => document.paragraph(&absent(&score.life)),
    }
    if let Some(found) = &score.life.portfolio {
        portfolio(document, backtest, (score, found));
    }
    for shipping in &backtest.shipping {
        shipped(document, shipping);
    }
}

fn migration(document: &mut Document, backtest: &Backtest, found: &Migration) {
    document.paragraph("Where a reading in a band stands at the next snapshot:");
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("band"),
        Column::numbers("readings"),
        Column::words("then"),
        Column::words(format!("share [{interval}]")),
    ]);
    let bands: Vec<&str> = found.rows.iter().map(|row| row.band.as_str()).collect();
    for row in &found.rows {
        let goals = bands.iter().copied().chain(["the outcome", "no score"]);
        let shares = row.to.iter().chain([&row.lost, &row.unread]);
        for (number, (goal, share)) in goals.zip(shares).enumerate() {
            let head = match number {
                0 => [row.band.clone(), thousands(row.readings)],
                _ => [String::new(), String::new()],
            };
            let cell = table.figure(Some(share), Format::Percent);
            table.push(head.into_iter().chain([goal.to_owned(), cell]).collect());
        }
    }
    document.table(&table);
    document.paragraph(&format!(
        "Of the changes of band that another reading follows, {} are undone at it.",
        words(&found.flap_rate)
    ));
}

fn portfolio(
    document: &mut Document,
    backtest: &Backtest,
    (score, found): (&Scorecard, &Portfolio),
) {
    document.subsection("The portfolio");
    document.chart(means(backtest, score, found));
    if !found.steps.is_empty() {
        document.paragraph(
            "The change of the mean score, split exactly into accounts that stayed, that came and that went \
             (others: that became scored or lost their score):",
        );
        document.table(&steps(backtest, found));
    }
    if let Some(last) = found.steps.last() {
        document.paragraph(&last_step(last));
        document.table(&parts(last));
    }
    let correlation = words_of(&found.correlation, Format::Ratio);
    document.paragraph(&format!(
        "Mean score against the share of accounts that is not lost by the next snapshot: correlation {correlation}."
    ));
    if let Some(forecast) = found.forecast.first() {
        document.paragraph(&format!(
            "Value expected to stay, by the held-out probabilities, less value that stayed, over the value at \
             stake: {}. Above 0 is too hopeful.",
            words_of(forecast, Format::Points)
        ));
    }
}

fn words_of(metric: &Metric, format: Format) -> String {
    match Figure::from(metric).words(format) {
        (cell, Some(reason)) => format!("{cell} ({})", prose(reason)),
        (cell, None) => cell,
    }
}

fn means(backtest: &Backtest, score: &Scorecard, found: &Portfolio) -> Chart {
    let marks: Vec<Day> = found
        .means
        .iter()
        .filter(|metric| metric.name == "mean_score")
        .map(|metric| Day {
            date: metric.slice.get("snapshot").cloned().unwrap_or_default(),
            estimate: metric.estimate,
            bounds: metric.lower.zip(metric.upper),
            label: Figure::from(metric).words(Format::Tenths).0,
        })
        .collect();
    let bounds = || marks.iter().filter_map(|day| day.bounds);
    let lowest = bounds().map(|(lower, _)| lower).fold(f64::INFINITY, f64::min);
    let highest = bounds().map(|(_, upper)| upper).fold(f64::NEG_INFINITY, f64::max);
    let (from, to) = if lowest < highest { (lowest.floor(), highest.ceil()) } else { (0.0, 100.0) };
    let description: Vec<String> =
        marks.iter().map(|day| format!("{}: {}", day.date, day.label)).collect();
    let axis = Axis { from, to, reference: None, write: plain };
    Chart {
        name: "portfolio".to_owned(),
        title: format!(
            "{}: mean score at each snapshot [{}]",
            score.name,
            level(backtest.settings.level)
        ),
        description: format!("{}.", description.join("; ")),
        drawing: Drawing::Timeline(Timeline { points: marks, axis }),
    }
}

fn steps(backtest: &Backtest, found: &Portfolio) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("from"),
        Column::words("to"),
        Column::numbers("mean"),
        Column::words(format!("change [{interval}]")),
        Column::numbers("stayed"),
        Column::numbers("came"),
        Column::numbers("went"),
        Column::numbers("others"),
    ]);
    let from = found.steps.len().saturating_sub(STEPS);
    let latest = found.steps.get(from..).unwrap_or_default();
    // Over two snapshots the whole is the only step.
    for step in latest.iter().chain(found.whole.as_ref().filter(|_| found.steps.len() > 1)) {
        let change = table.figure(step.change.as_ref(), Format::ScorePoints);
        let points = |names: &[&str]| {
            let parts = step.parts.iter().filter(|part| names.contains(&part.name.as_str()));
            signed(parts.map(|part| part.points).sum(), 2)
        };
        table.push(vec![
            step.from.clone(),
            step.to.clone(),
            fixed(step.mean_to, 1),
            change,
            points(&["stayed"]),
            points(&["came"]),
            points(&["went"]),
            points(&["became scored", "lost their score"]),
        ]);
    }
    table
}

fn last_step(step: &PortfolioStep) -> String {
    let fell = step.fell_share.map_or_else(String::new, |share| {
        format!(" {} of those that stayed fell.", percent(share))
    });
    let largest = step.largest.as_ref().map_or_else(String::new, |largest| {
        format!(
            " The account that moved the mean most moved it by {} points, its own score by {}.",
            signed(largest.points, 3),
            signed(largest.change, 1)
        )
    });
    let by_value = step.by_value.as_ref().map_or_else(String::new, |found| {
        format!(
            " Weighted by value the mean of those that stayed went from {} to {}: {} by scores, {} by value \
             that moved.",
            fixed(found.mean_from, 1),
            fixed(found.mean_to, 1),
            signed(found.by_score, 2),
            signed(found.by_value, 2)
        )
    });
    format!("The last step, from {} to {}.{fell}{largest}{by_value}", step.from, step.to)
}

/// Those that stayed in the last step, by segment and by component.
fn parts(step: &PortfolioStep) -> Table {
    let mut table = Table::new(vec![
        Column::words("of those that stayed"),
        Column::words("part"),
        Column::numbers("accounts"),
        Column::numbers("points of the mean"),
    ]);
    let mut add = |kind: &str, part: &PortfolioPart| {
        table.push(vec![
            kind.to_owned(),
            part.name.clone(),
            thousands(part.accounts),
            signed(part.points, 2),
        ]);
    };
    for part in step.segments.iter().filter(|part| part.accounts > 0) {
        add(&part.segment, part);
    }
    for part in &step.components {
        add("component", part);
    }
    table
}

fn shipped(document: &mut Document, shipping: &Shipping) {
    document.subsection(&format!("{} in place of {}", code(&shipping.to), code(&shipping.from)));
    let [lower, higher, same] = shipping.event_rates.as_slice() else { return };
    document.paragraph(&format!(
        "At {} {} of {} accounts change their band. Over all snapshots the outcome followed in {} of the readings \
         that it puts lower, in {} of those that it puts higher, in {} of the rest.",
        shipping.snapshot,
        words(&shipping.share_moved),
        thousands(shipping.accounts),
        words(lower),
        words(higher),
        words(same)
    ));
    let mut table = Table::new(vec![
        Column::words("from"),
        Column::words("to"),
        Column::numbers("accounts"),
        Column::numbers("value"),
    ]);
    for own in &shipping.moves {
        table.push(vec![
            own.from.clone(),
            own.to.clone(),
            thousands(own.accounts),
            own.value.map_or("none".to_owned(), |value| thousands(fixed(value, 0))),
        ]);
    }
    document.table(&table);
}
