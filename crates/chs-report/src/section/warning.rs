//! How early the score warns, and what alerts cost.

use chs_backtest::backtest_json::v1::{Backtest, Life, Metric, Policy, Scorecard, WarningTime};

use crate::chart::{Axis, Chart, Drawing, Forest, Mark, Tone};
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::lookup::primary;
use crate::wording::{counted, level, short_percent, spaced};
use crate::{Column, Table};

pub(crate) fn warning(document: &mut Document, backtest: &Backtest) {
    document.section("How early does it warn?");
    let Some(score) = primary(backtest) else {
        document.paragraph("There is no score.");
        return;
    };
    let Some(found) = &score.life.warning_time else {
        document.paragraph(&absent(&score.life));
        return;
    };
    document.paragraph(&format!(
        "{} puts an account on alert at reading {} in a row in {}, and off it as many above. All lost accounts \
         count, those without an alert as no warning at all. *At random*: each lost account with the score \
         history of another one read on the same day.",
        code(&score.name),
        found.consecutive,
        code(&found.band)
    ));
    document.chart(curve(backtest, score, found));
    document.table(&curve_table(backtest, found));
    burden(document, backtest, found);
    document.subsection("Alert policies");
    document.paragraph(
        "*Level*: in the alert band. *Sustained*: so for consecutive readings. *Drop*: so many points below the \
         best of the last three readings. Right are alerts that the outcome followed within the label window; \
         found are lost accounts on alert at the last reading before. The net benefit weighs false alarms at \
         the outcome rate of all rows; 0 is calling nobody.",
    );
    let alerts = &score.life.alerts;
    document.table(&policies(
        backtest,
        alerts,
        &[
            ("alerts_per_week", "per week", Format::Tenths),
            ("precision", "right", Format::Percent),
            ("recall", "found", Format::Percent),
        ],
    ));
    document.table(&policies(
        backtest,
        alerts,
        &[
            ("mean_warning_days", "mean days", Format::Tenths),
            ("warned_30_days", "30 days before", Format::Percent),
            ("net_benefit", "net benefit", Format::Loss),
        ],
    ));
    before(document, backtest, score);
}

/// Why there is nothing before outcomes.
pub(super) fn absent(life: &Life) -> String {
    let reason = life.no_outcomes.as_ref().or(life.no_bands.as_ref());
    reason.map_or("This was not looked at.".to_owned(), |reason| {
        format!("This cannot be told: {}.", prose(reason))
    })
}

fn curve(backtest: &Backtest, score: &Scorecard, found: &WarningTime) -> Chart {
    let mark = |name: String, metric: &Metric, tone: Tone| Mark {
        name,
        estimate: metric.estimate,
        bounds: metric.lower.zip(metric.upper),
        label: Figure::from(metric).words(Format::Percent).0,
        tone,
    };
    let points = found.clocks.first().map(|clock| clock.curve.as_slice()).unwrap_or_default();
    let marks: Vec<Mark> = points
        .iter()
        .filter(|point| [1, 30, 90, 180].contains(&point.days))
        .flat_map(|point| {
            let days = if point.days == 1 {
                "at all".to_owned()
            } else {
                format!("{} days before", point.days)
            };
            let random = format!("{days}, at random");
            [mark(days, &point.warned, Tone::Main), mark(random, &point.random, Tone::Other)]
        })
        .collect();
    let highest =
        marks.iter().filter_map(|mark| mark.bounds.map(|(_, upper)| upper)).fold(0.0, f64::max);
    let to = if highest > 0.0 { highest } else { 1.0 };
    let forest =
        Forest { marks, axis: Axis { from: 0.0, to, reference: None, write: short_percent } };
    Chart {
        name: "warning".to_owned(),
        title: format!(
            "{}: share of lost accounts on alert [{}]",
            score.name,
            level(backtest.settings.level)
        ),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

fn curve_table(backtest: &Backtest, found: &WarningTime) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("on alert"),
        Column::words(format!("before the outcome [{interval}]")),
        Column::words(format!("beyond random [{interval}]")),
        Column::words(format!("before the notice [{interval}]")),
    ]);
    let clock = |name: &str| found.clocks.iter().find(|clock| clock.clock == name);
    let (Some(outcome), Some(notice)) = (clock("outcome"), clock("notice")) else { return table };
    for (point, noticed) in outcome.curve.iter().zip(&notice.curve) {
        let days = counted(point.days, "day", "days");
        let cells = [
            table.figure(Some(&point.warned), Format::Percent),
            table.figure(Some(&point.gain), Format::Points),
            table.figure(Some(&noticed.warned), Format::Percent),
        ];
        table.push(std::iter::once(days).chain(cells).collect());
    }
    table
}

fn burden(document: &mut Document, backtest: &Backtest, found: &WarningTime) {
    let means: Vec<String> = found
        .clocks
        .iter()
        .map(|clock| format!("{} before the {}", in_words(&clock.mean_days), clock.clock))
        .collect();
    document.paragraph(&format!(
        "The mean warning is {} days, missed accounts at 0. It costs {} new alerts per 100 account-months. \
         Intervals are {}.",
        means.join(" and "),
        in_words(&found.burden),
        level(backtest.settings.level)
    ));
}

fn in_words(metric: &Metric) -> String {
    let (words, note) = Figure::from(metric).words(Format::Tenths);
    format!("{words}{}", note.map_or_else(String::new, |note| format!(" ({})", prose(note))))
}

fn policies(backtest: &Backtest, policies: &[Policy], columns: &[(&str, &str, Format)]) -> Table {
    let interval = level(backtest.settings.level);
    let heads = columns.iter().map(|(_, head, _)| Column::words(format!("{head} [{interval}]")));
    let mut table = Table::new(std::iter::once(Column::words("policy")).chain(heads).collect());
    for policy in policies {
        let mut cells = vec![spaced(&policy.policy)];
        for (name, _, format) in columns {
            let metric = policy.metrics.iter().find(|metric| metric.name == *name);
            cells.push(table.figure(metric, *format));
        }
        table.push(cells);
    }
    table
}

/// Scores before the renewal or the notice.
fn before(document: &mut Document, backtest: &Backtest, score: &Scorecard) {
    let Some(anchored) = &score.life.renewal_anchored else { return };
    document.subsection("Before the renewal or the notice");
    let kept = if anchored.against == "kept" {
        "decisions that were kept, at the same time before"
    } else {
        "accounts read at the same snapshots that were not lost by then"
    };
    document.paragraph(&format!("Mean scores of lost accounts, beside {kept}:"));
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::numbers("days before"),
        Column::words(format!("lost [{interval}]")),
        Column::words(format!("kept [{interval}]")),
        Column::words(format!("AUC [{interval}]")),
    ]);
    for offset in &anchored.offsets {
        let named = |name: &str| offset.metrics.iter().find(|own| own.name == name);
        let auc = offset.metrics.iter().find(|own| own.name.starts_with("auc"));
        let cells = [
            table.figure(named("mean_score_lost"), Format::Tenths),
            table.figure(named("mean_score_kept"), Format::Tenths),
            table.figure(auc, Format::Thousandths),
        ];
        table.push(std::iter::once(offset.days.to_string()).chain(cells).collect());
    }
    document.table(&table);
}
