//! What the bands of a score mean.

use chs_backtest::backtest_json::v1::{Backtest, Scorecard};

use crate::figure::Format;
use crate::label::rate_heading;
use crate::wording::{level, percent, plain, thousands};
use crate::{Column, Table};

/// What is said of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BandColumn {
    /// Lowest score.
    From,
    /// Rows.
    Rows,
    /// Share of the rows.
    Share,
    /// Share of its rows with the outcome.
    Rate,
    /// That rate over the one of all rows.
    Lift,
    /// Share of the value at stake.
    Value,
}

/// One row per band, from the lowest score to the highest; `None` where the score has no bands.
pub(crate) fn band_table(
    backtest: &Backtest,
    score: &Scorecard,
    columns: &[BandColumn],
) -> Option<Table> {
    if score.bands.is_empty() {
        return None;
    }
    let interval = level(backtest.settings.level);
    let mut heads = vec![Column::words("band")];
    heads.extend(columns.iter().map(|column| match column {
        BandColumn::From => Column::numbers("from"),
        BandColumn::Rows => Column::numbers("rows"),
        BandColumn::Share => Column::numbers("share"),
        BandColumn::Rate => {
            Column::words(format!("{} [{interval}]", rate_heading(&backtest.label)))
        }
        BandColumn::Lift => Column::words(format!("lift [{interval}]")),
        BandColumn::Value => Column::numbers("value"),
    }));
    let mut table = Table::new(heads);
    for band in &score.bands {
        let mut cells = vec![band.name.clone()];
        for column in columns {
            cells.push(match column {
                BandColumn::From => plain(band.from),
                BandColumn::Rows => thousands(band.n),
                BandColumn::Share => percent(band.share),
                BandColumn::Rate => table.figure(Some(&band.event_rate), Format::Percent),
                BandColumn::Lift => table.figure(Some(&band.lift), Format::Ratio),
                BandColumn::Value => band.value_share.map_or("none".to_owned(), percent),
            });
        }
        table.push(cells);
    }
    Some(table)
}

/// Whether the rates follow the bands, in words; `None` where the score has no bands.
pub(crate) fn monotone(score: &Scorecard) -> Option<&'static str> {
    Some(match score.monotone.as_deref()? {
        "yes" => "Every step from band to band goes the right way.",
        "no" => "A step from band to band goes the wrong way.",
        _ => "The data do not show for every step from band to band that it goes the right way.",
    })
}
