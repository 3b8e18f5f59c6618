//! Where the scores of those with and without the outcome lie.

use chs_backtest::backtest_json::v1::{Backtest, ScoreBin, Scorecard};

use crate::chart::{Bin, Chart, Distribution, Drawing, numbered};
use crate::document::Document;
use crate::escape::code;
use crate::wording::{counted, percent, plain, thousands};
use crate::{Column, Table};

pub(crate) fn distribution(document: &mut Document, backtest: &Backtest) {
    document.section("Where do the scores lie?");
    document.paragraph(
        "Of the rows with the outcome ahead, and of those without, the share per five points of score. A \
         score that tells them apart has the two at different ends.",
    );
    for (number, score) in backtest.scorecards.iter().enumerate() {
        document.subsection(&code(&score.name));
        if score.distribution.is_empty() {
            document.paragraph("No row has a score and a label, or the score leaves 0 to 100.");
            continue;
        }
        document.chart(histograms(backtest, score, number));
        document.numbers(&shares(backtest, &score.distribution));
    }
}

fn histograms(backtest: &Backtest, score: &Scorecard, number: usize) -> Chart {
    let bins = &score.distribution;
    let events: usize = bins.iter().map(|bin| bin.events).sum();
    let rows: usize = bins.iter().map(|bin| bin.n).sum();
    let [with, without] = sides(backtest);
    let captions = [(with, events), (without, rows - events)]
        .map(|(side, rows)| format!("{side}: {}", counted(rows, "row", "rows")));
    let bin = |bin: &ScoreBin| Bin {
        from: bin.from,
        to: bin.to,
        shares: [bin.share_of_events, bin.share_of_others],
    };
    let words: Vec<String> = bins
        .iter()
        .filter(|bin| bin.n > 0)
        .map(|bin| {
            format!(
                "{}: {} and {}",
                range(bin),
                share(bin.share_of_events),
                share(bin.share_of_others)
            )
        })
        .collect();
    Chart {
        name: numbered("distribution", number),
        title: format!("{}: scores by what came", score.name),
        description: format!("{} and {} by score. {}.", captions[0], captions[1], words.join("; ")),
        drawing: Drawing::Distribution(Distribution {
            captions,
            bins: bins.iter().map(bin).collect(),
            bands: score.bands.iter().map(|band| (band.name.clone(), band.from)).collect(),
        }),
    }
}

fn shares(backtest: &Backtest, bins: &[ScoreBin]) -> Table {
    let [with, without] = sides(backtest);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::numbers("rows"),
        Column::numbers("of these with it"),
        Column::numbers(with),
        Column::numbers(without),
    ]);
    let is_held = |bin: &&ScoreBin| bin.n > 0;
    for bin in bins.iter().filter(is_held) {
        table.push(vec![
            range(bin),
            thousands(bin.n),
            thousands(bin.events),
            share(bin.share_of_events),
            share(bin.share_of_others),
        ]);
    }
    table
}

/// `with churn`, `without`
fn sides(backtest: &Backtest) -> [String; 2] {
    let outcome = &backtest.label.outcome;
    let with = if outcome.contains(char::is_whitespace) {
        "with the outcome".to_owned()
    } else {
        format!("with {outcome}")
    };
    [with, "without".to_owned()]
}

fn range(bin: &ScoreBin) -> String {
    format!("{} to {}", plain(bin.from), plain(bin.to))
}

fn share(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), percent)
}
