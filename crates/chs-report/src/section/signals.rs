//! What each indicator of the score says.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Signal, SignalGroup};

use crate::chart::{Bar, BarStrip, BarStrips, Chart, Drawing, Forest, Reference, Tone};
use crate::document::Document;
use crate::escape::code;
use crate::figure::{Figure, Format};
use crate::label::{auc_heading, has_time, is_favourable, rate_heading};
use crate::lookup::{WITHIN, overall};
use crate::section::ranking::{area_axis, area_mark};
use crate::wording::{fixed, level, listed, percent, plain};
use crate::{Column, Table};

pub(crate) fn signals(document: &mut Document, backtest: &Backtest) {
    document.section("What does each indicator say?");
    if backtest.signals.is_empty() {
        document.paragraph("The score is not computed from indicators here.");
        return;
    }
    let same_day =
        if has_time(&backtest.label) { " and among accounts of the same day" } else { "" };
    document.paragraph(&format!(
        "Each indicator of the score alone, by the sub-scores of the rows where it is observed{same_day}. \
         Above 0.5 it points the right way."
    ));
    document.chart(areas(backtest));
    document.table(&alone(backtest));
    let outcome = rate_heading(&backtest.label);
    document.paragraph(&format!(
        "The information value adds up how unlike the two outcomes are over rising bins; it is never negative. \
         The change of the AUC is from the earlier half of the outcomes to the later one. Below, the \
         {outcome} by sub-score in groups of about equal size."
    ));
    document.table(&evidence(backtest));
    document.chart(groups(backtest));
    if let Some(chart) = before_outcome(backtest).filter(|_| has_time(&backtest.label)) {
        document.paragraph(
            "Rows by their days before the outcome, against rows of the same days without one: when does an \
             indicator begin to tell?",
        );
        document.chart(chart);
        document.numbers(&days_before(backtest));
    }
    document.subsection("After the others");
    document.paragraph(&format!(
        "All indicators at once, in one logistic regression. The effect is by how many points the {outcome} \
         moves when the sub-score is one standard deviation higher and the others stay: {} is right. Without \
         an indicator the others share its weight; what the AUC loses is in points.",
        if is_favourable(&backtest.label) { "above 0" } else { "below 0" }
    ));
    document.table(&joint(backtest));
    let partners = partners(backtest);
    if !partners.is_empty() {
        document.paragraph(
            "Sub-scores that correlate above 0.6, or below -0.6, with the whole interval:",
        );
        document.list(&partners);
    }
}

fn areas(backtest: &Backtest) -> Chart {
    let mark = |signal: &Signal| {
        let tone = if signal.alone == "right" { Tone::Main } else { Tone::Other };
        area_mark(signal.indicator.clone(), overall(&signal.metrics, WITHIN), tone)
    };
    let marks: Vec<_> = backtest.signals.iter().map(mark).collect();
    let chance = Reference { value: 0.5, label: "chance".to_owned() };
    let forest = Forest { axis: area_axis(&marks, chance), marks };
    Chart {
        name: "signals".to_owned(),
        title: format!(
            "{} of each indicator alone [{}]",
            auc_heading(&backtest.label),
            level(backtest.settings.level)
        ),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

fn alone(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("indicator"),
        Column::numbers("weight"),
        Column::words(format!("observed [{interval}]")),
        Column::words(format!("AUC alone [{interval}]")),
    ]);
    for signal in &backtest.signals {
        let observed = table.figure(overall(&signal.metrics, "coverage"), Format::Percent);
        let area = table.figure(overall(&signal.metrics, WITHIN), Format::Thousandths);
        let weight = format!("{} %", plain(signal.weight));
        table.push(vec![signal.indicator.clone(), weight, observed, area]);
    }
    table
}

fn evidence(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("indicator"),
        Column::words(format!("information value [{interval}]")),
        Column::words(format!("change of the AUC [{interval}]")),
    ]);
    for signal in &backtest.signals {
        let value = overall(&signal.metrics, "information_value");
        let value = table.figure(value, Format::Thousandths);
        let change = table.figure(overall(&signal.metrics, "auc_change"), Format::Difference);
        table.push(vec![signal.indicator.clone(), value, change]);
    }
    table
}

fn joint(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("indicator"),
        Column::words(format!("effect, points [{interval}]")),
        Column::words("points"),
        Column::words(format!("AUC lost, points [{interval}]")),
    ]);
    for signal in &backtest.signals {
        let effect = overall(&signal.metrics, "effect_of_one_sd");
        let effect = table.figure(effect, Format::PointsMoved);
        let lost = overall(&signal.metrics, "auc_lost_when_dropped");
        let lost = table.figure(lost, Format::PointsMoved);
        let points = match signal.joint.as_str() {
            "right" => "the right way",
            "wrong" => "the wrong way",
            _ => "not shown",
        };
        table.push(vec![signal.indicator.clone(), effect, points.to_owned(), lost]);
    }
    table
}

/// Which indicators say nearly the same.
fn partners(backtest: &Backtest) -> Vec<String> {
    let told = |signal: &&Signal| !signal.goes_with.is_empty();
    let words = |signal: &Signal| {
        let others: Vec<String> = signal.goes_with.iter().map(|name| code(name)).collect();
        format!("{} goes with {}", code(&signal.indicator), listed(&others))
    };
    backtest.signals.iter().filter(told).map(words).collect()
}

fn groups(backtest: &Backtest) -> Chart {
    let bar = |group: &SignalGroup| Bar {
        value: group.event_rate.estimate,
        label: format!(
            "sub-score {} to {}: {}",
            fixed(group.lowest, 0),
            fixed(group.highest, 0),
            Figure::from(&group.event_rate).words(Format::Percent).0
        ),
    };
    let strip = |signal: &Signal| BarStrip {
        name: signal.indicator.clone(),
        bars: signal.groups.iter().map(bar).collect(),
    };
    let strips = BarStrips {
        rows: backtest.signals.iter().map(strip).collect(),
        ends: ["worst sub-scores".to_owned(), "best".to_owned()],
        base: 0.0,
        write: percent,
    };
    Chart {
        name: "signal-groups".to_owned(),
        title: format!(
            "{} by sub-score, from the worst group to the best",
            rate_heading(&backtest.label)
        ),
        description: format!("{}.", strips.description()),
        drawing: Drawing::BarStrips(strips),
    }
}

/// The distances from the outcome that a signal has figures of, the nearest first.
fn distances(signal: &Signal) -> impl DoubleEndedIterator<Item = (&str, &Metric)> {
    signal
        .metrics
        .iter()
        .filter(|metric| metric.name == WITHIN)
        .filter_map(|metric| Some((metric.slice.get("days_before")?.as_str(), metric)))
}

fn before_outcome(backtest: &Backtest) -> Option<Chart> {
    backtest.signals.iter().find(|signal| distances(signal).next().is_some())?;
    let bar = |(days, metric): (&str, &Metric)| Bar {
        value: metric.estimate,
        label: format!("{days} days before: {}", Figure::from(metric).words(Format::Thousandths).0),
    };
    let strip = |signal: &Signal| BarStrip {
        name: signal.indicator.clone(),
        bars: distances(signal).rev().map(bar).collect(),
    };
    let strips = BarStrips {
        rows: backtest.signals.iter().map(strip).collect(),
        ends: ["long before".to_owned(), "last days".to_owned()],
        base: 0.5,
        write: |value| fixed(value, 2),
    };
    Some(Chart {
        name: "signal-lead".to_owned(),
        title: "AUC of each indicator by days before the outcome; the line is chance".to_owned(),
        description: format!("{}.", strips.description()),
        drawing: Drawing::BarStrips(strips),
    })
}

fn days_before(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("indicator"),
        Column::words("days before"),
        Column::words(format!("AUC [{interval}]")),
        Column::words(format!("sub-score difference [{interval}]")),
    ]);
    for signal in &backtest.signals {
        for (days, metric) in distances(signal) {
            let difference = signal.metrics.iter().find(|found| {
                found.name == "sub_score_difference"
                    && found.slice.get("days_before").is_some_and(|own| own == days)
            });
            let area = table.figure(Some(metric), Format::Thousandths);
            let difference = table.figure(difference, Format::Change);
            table.push(vec![signal.indicator.clone(), days.to_owned(), area, difference]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::signals;
    use crate::document::{Block, Document};
    use crate::examples::backtest;

    #[test]
    fn every_indicator_stands_in_every_table() {
        let mut document = Document::default();
        signals(&mut document, &backtest());
        let tables = document.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        for table in tables {
            let names: Vec<&str> = table.rows().iter().map(|row| row[0].as_str()).collect();
            assert_eq!(names, ["logins_30d", "nps_last"]);
        }
        assert_eq!(document.charts().count(), 3);
    }
}
