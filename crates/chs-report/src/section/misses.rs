//! What the score missed: losses that were healthy, alerts that stayed, and what was done for accounts.

use chs_backtest::backtest_json::v1::{Backtest, Interventions, Metric};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::lookup::primary;
use crate::section::warning::absent;
use crate::wording::{level, thousands};
use crate::{Column, Table};

pub(crate) fn misses(document: &mut Document, backtest: &Backtest) {
    document.section("What did it miss?");
    let Some(score) = primary(backtest) else {
        document.paragraph("There is no score.");
        return;
    };
    let Some(found) = &score.life.misses else {
        document.paragraph(&absent(&score.life));
        return;
    };
    let healthy = code(&found.healthy_band);
    document.paragraph(&format!(
        "Of the lost accounts with a score 90 days before the outcome or the notice, {} stood in {healthy} then: \
         {} of the value. Of all readings {} do. {} lost accounts had no score then.",
        words(&found.false_green_share),
        words(&found.false_green_share_of_value),
        words(&found.healthy_share),
        thousands(found.unread)
    ));
    if found.false_greens > 0 {
        document.paragraph(&format!(
            "`missed.csv` lists all {}, the largest value first.",
            thousands(found.false_greens)
        ));
    }
    document.subsection("Alerts that stayed");
    let [all, touched, untouched] = found.alerts_stayed.as_slice() else { return };
    document.paragraph(&format!(
        "Of the readings in {}, {} had no outcome in their window. {}.",
        code(&found.alert_band),
        words(all),
        by_touch(touched, untouched)
    ));
    if let Some(interventions) = &score.life.interventions {
        touched_table(document, backtest, interventions);
    }
}

/// The share among alerts that were touched and that were not; one reason where neither is known.
fn by_touch(touched: &Metric, untouched: &Metric) -> String {
    match &touched.reason {
        Some(reason) if touched.estimate.is_none() && untouched.reason == touched.reason => {
            format!(
                "Whether something had been done for the account is unknown ({})",
                prose(reason)
            )
        }
        _ => format!(
            "Something had been done for the account: {}; nothing: {}",
            words(touched),
            words(untouched)
        ),
    }
}

/// A share with its interval, or why there is none.
pub(super) fn words(metric: &Metric) -> String {
    match Figure::from(metric).words(Format::Percent) {
        (_, Some(reason)) if metric.estimate.is_none() => {
            format!("an unknown share ({})", prose(reason))
        }
        (cell, Some(reason)) => format!("{cell} ({})", prose(reason)),
        (cell, None) => cell,
    }
}

fn touched_table(document: &mut Document, backtest: &Backtest, found: &Interventions) {
    document.subsection("What could interventions have hidden?");
    document.paragraph(&format!(
        "{} counts what was done; {} of the alerts were touched later. Accounts that were saved look like false \
         alarms: the last row shows the figures as if every touched alert had been lost.",
        code(&found.indicator),
        words(&found.touched_share)
    ));
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("touched alerts"),
        Column::words(format!("AUC [{interval}]")),
    ]);
    for (name, auc) in ["as observed", "left out", "as if lost"].iter().zip(&found.aucs) {
        let cell = table.figure(Some(auc), Format::Thousandths);
        table.push(vec![(*name).to_owned(), cell]);
    }
    document.table(&table);
    let mut table = Table::new(vec![
        Column::words("alerts"),
        Column::words(format!("outcome rate [{interval}]")),
    ]);
    let names = ["touched", "untouched", "all, as if the touched had been lost"];
    for (name, rate) in names.iter().zip(&found.alert_event_rates) {
        let cell = table.figure(Some(rate), Format::Percent);
        table.push(vec![(*name).to_owned(), cell]);
    }
    document.table(&table);
}
