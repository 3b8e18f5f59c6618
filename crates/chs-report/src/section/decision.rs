//! What acting on the score is worth, and where its edge would lie.

use chs_backtest::backtest_json::v1::{Backtest, EdgeChoice, Metric};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::lookup::{overall, primary};
use crate::wording::{level, plain};
use crate::{Column, Table};

const NO_PRICE: &str = "a room for alerts names no price";

pub(crate) fn decision(document: &mut Document, backtest: &Backtest) {
    document.section("What is acting on it worth?");
    let Some(score) = primary(backtest) else {
        document.paragraph("There is no score.");
        return;
    };
    let found = &backtest.decision;
    if !found.curve.is_empty() {
        document.paragraph(&format!(
            "Net benefit of acting where the probability of {} is at least the threshold, in needed alerts \
             per 1,000 rows: needed ones minus needless ones at their weight. At a threshold of 10 %, nine \
             needless alerts weigh as much as a needed one. The gain is over the better of acting on \
             everybody and on nobody.",
            code(&score.name)
        ));
        document.table(&curve(backtest));
    }
    if let Some(reason) = &found.reason {
        document.paragraph(&format!("Edges are not looked for: {}.", prose(reason)));
        return;
    }
    if found.edges.is_empty() {
        return;
    }
    let now = found.current_edge.map_or_else(
        || "The score has no bands".to_owned(),
        |edge| format!("Its edge is at {}", plain(edge)),
    );
    document.paragraph(&format!(
        "{now}. Where the edge of the band that is acted on would lie, over whole points; the gain per 1,000 \
         rows is over the edge as it is, on the rows that it was found on:"
    ));
    document.table(&edges(backtest));
}

fn curve(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let of = |heading: &str| Column::words(format!("{heading} [{interval}]"));
    let mut table = Table::new(vec![
        Column::words("threshold"),
        of("net benefit"),
        of("acting on everybody"),
        of("gain"),
    ]);
    let found = &backtest.decision.curve;
    for metric in found.iter().filter(|metric| metric.name == "net_benefit") {
        let other =
            |name: &str| found.iter().find(|own| own.name == name && own.slice == metric.slice);
        let cells = vec![
            metric.slice.get("threshold").cloned().unwrap_or_default(),
            table.figure(Some(metric), Format::PerThousand),
            table.figure(other("net_benefit_of_everybody"), Format::PerThousand),
            table.figure(other("net_benefit_gain"), Format::PerThousand),
        ];
        table.push(cells);
    }
    table
}

fn edges(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let of = |heading: &str| Column::words(format!("{heading} [{interval}]"));
    let mut table =
        Table::new(vec![Column::words("where"), of("edge"), of("rows beyond it"), of("gain")]);
    for choice in &backtest.decision.edges {
        let metric = |name: &str| -> Option<&Metric> { overall(&choice.metrics, name) };
        let gain = match metric("net_benefit_gain") {
            None => table.figure(Some(Figure::absent(NO_PRICE)), Format::PerThousand),
            gain => table.figure(gain, Format::PerThousand),
        };
        let EdgeChoice { name, .. } = choice;
        let cells = vec![
            name.clone(),
            table.figure(metric("edge"), Format::Edge),
            table.figure(metric("alert_share"), Format::Percent),
            gain,
        ];
        table.push(cells);
    }
    table
}
