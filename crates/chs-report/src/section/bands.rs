//! What the bands mean.

use chs_backtest::backtest_json::v1::{Backtest, Scorecard};

use crate::band_table::{BandColumn, band_table, monotone};
use crate::chart::{Axis, Chart, Drawing, Forest, Mark, Reference, Tone, numbered};
use crate::document::Document;
use crate::escape::code;
use crate::figure::{Figure, Format};
use crate::label::rate_heading;
use crate::lookup::{EVENT_RATE, overall, primary};
use crate::wording::{level, percent, short_percent};
use crate::{Column, Table};

const COLUMNS: [BandColumn; 5] =
    [BandColumn::From, BandColumn::Rows, BandColumn::Share, BandColumn::Rate, BandColumn::Lift];

pub(crate) fn bands(document: &mut Document, backtest: &Backtest) {
    document.section("What do the bands mean?");
    for (number, score) in backtest.scorecards.iter().enumerate() {
        let has_value = score.bands.iter().any(|band| band.value_share.is_some());
        let mut columns = COLUMNS.to_vec();
        columns.extend(has_value.then_some(BandColumn::Value));
        document.subsection(&code(&score.name));
        let Some(table) = band_table(backtest, score, &columns) else {
            document.paragraph("The score has no bands.");
            continue;
        };
        if let Some(lender) = lender(backtest, score) {
            document.paragraph(&format!("The edges of its bands are those of {}.", code(lender)));
        }
        document.chart(rates(backtest, score, number));
        document.table(&table);
        if let Some(sentence) = monotone(score) {
            document.paragraph(sentence);
        }
        if !score.band_steps.is_empty() {
            document.table(&steps(backtest, score));
        }
    }
    document.paragraph(
        "A row is an account at a snapshot. Lift is the rate of the band over that of all rows; value \
         is the band's share of the value at stake, summed over rows. A step is above 0 where the rate \
         changes in the direction that the score promises.",
    );
}

/// The scorecard whose edges cut a recorded score into bands.
fn lender<'a>(backtest: &'a Backtest, score: &Scorecard) -> Option<&'a str> {
    let first = primary(backtest).filter(|first| first.kind == "scorecard")?;
    (score.kind == "recorded").then_some(first.name.as_str())
}

/// Name of the chart of the primary score's bands.
pub(crate) const BAND_CHART: &str = "bands";

/// The rate of each band, beside that of all rows.
fn rates(backtest: &Backtest, score: &Scorecard, number: usize) -> Chart {
    let of = score.bands.len();
    let marks: Vec<Mark> = (0..of)
        .zip(&score.bands)
        .map(|(place, band)| Mark {
            name: band.name.clone(),
            estimate: band.event_rate.estimate,
            bounds: band.event_rate.lower.zip(band.event_rate.upper),
            label: format!(
                "{}, {} of rows",
                Figure::from(&band.event_rate).words(Format::Percent).0,
                percent(band.share)
            ),
            tone: Tone::Band { place, of },
        })
        .collect();
    let highest = marks
        .iter()
        .filter_map(|mark| mark.bounds.map(|(_, upper)| upper).or(mark.estimate))
        .fold(0.0, f64::max);
    let to = if highest > 0.0 { highest } else { 1.0 };
    let base = overall(&score.metrics, EVENT_RATE).and_then(|metric| metric.estimate);
    let reference =
        base.map(|value| Reference { value, label: format!("all rows: {}", percent(value)) });
    let forest = Forest { marks, axis: Axis { from: 0.0, to, reference, write: short_percent } };
    Chart {
        name: numbered(BAND_CHART, number),
        title: format!(
            "{}: {} per band [{}]",
            score.name,
            rate_heading(&backtest.label),
            level(backtest.settings.level)
        ),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

fn steps(backtest: &Backtest, score: &Scorecard) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("lower band"),
        Column::words("higher band"),
        Column::words(format!("step of the {} [{interval}]", rate_heading(&backtest.label))),
        Column::numbers("p"),
    ]);
    for step in &score.band_steps {
        let cell = table.figure(Some(step), Format::Points);
        let p = table.p_value(step.p_value);
        table.push(vec![step.lower_band.clone(), step.higher_band.clone(), cell, p]);
    }
    table
}
