//! The question, the rows that answer it, and how far the scores reach.

use chs_backtest::backtest_json::v1::{Backtest, Scorecard, Sufficiency};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::label::{has_time, is_favourable, question};
use crate::lookup::{primary, snapshots};
use crate::wording::{counted, fixed, percent, thousands};
use crate::{Column, ReportInput, Table};

pub(crate) fn measured_on(document: &mut Document, report: &ReportInput) {
    let backtest = &report.backtest;
    document.section("What it was measured on");
    document.list(&facts(report));
    document.table(&row_states(backtest));
    document.paragraph("What the history is enough for, counted in accounts with the outcome:");
    document.table(&floors(&backtest.sufficiency));
    if !backtest.scorecards.is_empty() {
        document.paragraph("How far the scores reach:");
        document.table(&coverage(&backtest.scorecards));
    }
}

fn facts(report: &ReportInput) -> Vec<String> {
    let label = &report.backtest.label;
    let (news, end) =
        if is_favourable(label) { ("good news", "high") } else { ("bad news", "low") };
    let follow_up = if label.follow_up_declared {
        "as the project declares"
    } else {
        "the latest row of the table that the outcome comes from"
    };
    let mut facts = vec![
        format!("**Asked:** {} (label {})", prose(&question(label)), code(&label.name)),
        format!("**Direction:** {news}, so that a {end} score should announce it"),
        format!("**Snapshots:** {}", prose(&data_window(&report.backtest))),
        format!("**Read:** {}", what_was_read(report)),
    ];
    facts.extend(label.follow_up_end.as_ref().map(|end| {
        format!(
            "**Follow-up:** outcomes are completely known up to the end of {}, {follow_up}",
            prose(end)
        )
    }));
    if let Some(ratio) = report.backtest.sufficiency.event_accounts_per_indicator {
        let indicators = report.backtest.sufficiency.indicators;
        facts.push(format!(
            "**Indicators:** {} in the score, {} accounts with the outcome for each",
            thousands(indicators),
            fixed(ratio, 1)
        ));
    }
    facts
}

/// `18 snapshots with a known label and a score, 2024-03-31 to 2025-08-31`
pub(crate) fn data_window(backtest: &Backtest) -> String {
    if !has_time(&backtest.label) {
        return "none, a cross-section: one row per account and no day".to_owned();
    }
    let days = primary(backtest).map(snapshots).unwrap_or_default();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => {
            let count = counted(days.len(), "snapshot", "snapshots");
            format!("{count} with a known label and a score, {first} to {last}")
        }
        _ => "no snapshot has a row with a known label and a score".to_owned(),
    }
}

/// `nothing known at the end of 2026-01-01 or later`
fn what_was_read(report: &ReportInput) -> String {
    report.loading.provenance.as_of.map_or_else(
        || "all that the sources hold".to_owned(),
        |day| format!("nothing known at the end of {day} or later"),
    )
}

/// Rows of the panel by state of the label.
fn row_states(backtest: &Backtest) -> Table {
    let states = &backtest.row_states;
    let mut table = Table::new(vec![
        Column::words("state of the row"),
        Column::numbers("rows"),
        Column::numbers("share"),
        Column::words("what it means"),
    ]);
    let [positive, censored] = if has_time(&backtest.label) {
        [
            "the outcome fell into the window: label 1",
            "not counted: follow-up ends before the window does",
        ]
    } else {
        ["the account has the outcome: label 1", "not counted: the label is empty"]
    };
    let rows = [
        ("positive", states.positive, positive),
        ("negative", states.negative, "it did not: label 0"),
        ("competing", states.competing, "a competing outcome came first: label 0"),
        ("censored", states.censored, censored),
        ("excluded", states.excluded, "not counted: gone before the window, or not yet known"),
        ("not at risk", states.not_at_risk, "not counted: the account was not at risk for it"),
        ("all", states.rows, ""),
    ];
    for (name, count, meaning) in rows {
        let share = if states.rows == 0 {
            "none".to_owned()
        } else {
            percent(count as f64 / states.rows as f64)
        };
        table.push(vec![name.to_owned(), thousands(count), share, meaning.to_owned()]);
    }
    table
}

fn floors(sufficiency: &Sufficiency) -> Table {
    let mut table = Table::new(vec![
        Column::words("for"),
        Column::numbers("needed"),
        Column::numbers("found"),
        Column::words("enough"),
    ]);
    for floor in &sufficiency.floors {
        let met = if floor.met { "yes" } else { "no" };
        table.push(vec![
            floor.purpose.clone(),
            thousands(floor.needed),
            thousands(floor.found),
            met.to_owned(),
        ]);
    }
    table
}

fn coverage(scores: &[Scorecard]) -> Table {
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words("kind"),
        Column::numbers("rows with a label"),
        Column::numbers("of these scored"),
        Column::numbers("with a probability"),
        Column::numbers("weight observed"),
    ]);
    for score in scores {
        let coverage = &score.coverage;
        let weight = coverage.mean_weight.map_or("not known".to_owned(), percent);
        table.push(vec![
            score.name.clone(),
            score.kind.clone(),
            thousands(coverage.labelled),
            thousands(coverage.scored),
            thousands(coverage.with_probability),
            weight,
        ]);
    }
    table
}
