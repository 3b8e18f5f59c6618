//! `chs explain`: why has this account this score, and what is to be done?

use chs::{
    Alignment, Change, Due, Error, Explanation, IndicatorRow, Point, Points, Question, Standing,
};

use crate::answer::Answer;
use crate::arguments::{ExplainArguments, Format};
use crate::commands::Session;
use crate::style::wrapped;
use crate::table::grid;

/// Snapshots of the history that are shown.
const SHOWN: usize = 12;

pub(super) fn run(arguments: &ExplainArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    let score = match (&arguments.model, &arguments.scorecard) {
        (Some(path), _) | (None, Some(path)) => chs::read_score(&inputs, path)?,
        (None, None) => {
            let beside = inputs.project_file.with_file_name(chs::SCORECARD_FILE);
            if !beside.is_file() {
                return Err(Error::NoScorecard { path: beside });
            }
            chs::read_score(&inputs, &beside)?
        }
    };
    let question = Question {
        inputs: &inputs,
        score: &score,
        account: &arguments.account,
        snapshot: arguments.snapshot,
    };
    let found = chs::explain(question, &session.progress)?;
    Ok(match session.options.format.of_results() {
        Format::Table => Answer::text(text(&found)),
        Format::Json => Answer::json(&found),
        Format::Csv => Answer::csv(&HEADER, &found.history.iter().map(row).collect::<Vec<_>>()),
    })
}

const HEADER: [&str; 5] = ["snapshot", "score", "band", "probability", "reason"];

fn row(point: &Point) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    vec![
        point.snapshot.to_string(),
        number(point.score),
        point.band.clone().unwrap_or_default(),
        number(point.probability),
        point.reason.clone().unwrap_or_default(),
    ]
}

fn text(found: &Explanation) -> String {
    let mut text = wrapped(&heading(found), "");
    text.push_str(&wrapped(&reading(found), ""));
    text.push_str(&wrapped(&standing(found), ""));
    text.push_str("\nWhat the score is made of, against the reference:\n");
    text.push_str(&drivers(&found.indicators));
    text.push('\n');
    text.push_str(&found.change.as_ref().map_or_else(
        || "No scored snapshot before this one: nothing to compare with\n".to_owned(),
        change,
    ));
    text.push('\n');
    text.push_str(&actions(&found.actions));
    text.push('\n');
    text.push_str(&history(&found.history, found.outcome.as_deref()));
    text
}

/// `acct-7 scores 34.2, at-risk, at the end of 2025-11-30 (churn within 90d: 21.3 %)`
fn heading(found: &Explanation) -> String {
    let day = found.now.snapshot;
    let (account, now) = (&found.account, &found.now);
    let Some(score) = now.score else {
        let reason = now.reason.as_deref().unwrap_or("nothing is known");
        return format!("{account} has no score at the end of {day}: {reason}");
    };
    let band = now.band.as_ref().map_or_else(String::new, |band| format!(", {band},"));
    let probability = found.outcome.as_ref().zip(now.probability).map(|(outcome, probability)| {
        format!("; probability of {outcome}: {:.1} %", 100.0 * probability)
    });
    format!(
        "{account} scores {score:.1}{band} at the end of {day}{}",
        probability.unwrap_or_default()
    )
}

fn reading(found: &Explanation) -> String {
    let Explanation { scorecard, version, coverage, .. } = found;
    let trend = found.trend.as_deref().unwrap_or("unknown, for want of an earlier score");
    let fall = found.fall.map_or_else(String::new, |points| {
        format!("; a fall of {points} points or more decided the band")
    });
    format!(
        "By {scorecard} {version}; {:.0} % of the weight observed; trend {trend}{fall}",
        100.0 * coverage
    )
}

/// `Rank 212 of 341 (percentile 38); within plan pro 61 of 90 (percentile 33)`
fn standing(found: &Explanation) -> String {
    let place = |own: &Standing| {
        let among = match (&own.segment, &own.category) {
            (Some(segment), Some(category)) => format!("within {segment} {category} "),
            _ => "Rank ".to_owned(),
        };
        format!("{among}{} of {} (percentile {})", own.rank, own.accounts, own.percentile)
    };
    let mut places: Vec<String> = found.standing.iter().map(place).collect();
    places.extend(
        found.percentile.map(|own| format!("percentile {own} of the scores behind the model")),
    );
    places.join("; ")
}

/// Indicators, those that weigh most first.
fn drivers(indicators: &[IndicatorRow]) -> String {
    let columns = [
        ("indicator", Alignment::Left),
        ("value", Alignment::Right),
        ("sub-score", Alignment::Right),
        ("reference", Alignment::Right),
        ("weight", Alignment::Right),
        ("points", Alignment::Right),
    ];
    let mut sorted: Vec<&IndicatorRow> = indicators.iter().collect();
    let size = |row: &IndicatorRow| row.contribution.map_or(-1.0, f64::abs);
    sorted.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let row = |own: &&IndicatorRow| {
        let value = match &own.value {
            serde_json::Value::Null => "missing".to_owned(),
            serde_json::Value::String(word) => word.clone(),
            number => number.as_f64().map_or_else(String::new, rounded),
        };
        let optional = |number: Option<f64>| number.map_or_else(|| "none".to_owned(), rounded);
        vec![
            own.indicator.clone(),
            value,
            optional(own.sub_score),
            rounded(own.reference),
            format!("{} %", rounded(own.weight)),
            own.contribution.map_or_else(|| "none".to_owned(), signed),
        ]
    };
    grid(&columns, &sorted.iter().map(row).collect::<Vec<_>>())
}

fn change(change: &Change) -> String {
    let heading = format!("Change since {}: {} points\n", change.since, signed(change.points));
    let columns = [("driver", Alignment::Left), ("points", Alignment::Right)];
    let rows: Vec<Vec<String>> =
        (change.drivers.iter()).map(|own| vec![own.driver.clone(), signed(own.points)]).collect();
    heading + &grid(&columns, &rows)
}

fn actions(due: &[Due]) -> String {
    if due.is_empty() {
        return "No action is due\n".to_owned();
    }
    let columns = [
        ("action due", Alignment::Left),
        ("owner", Alignment::Left),
        ("within", Alignment::Left),
        ("called for by", Alignment::Left),
        ("driver", Alignment::Left),
    ];
    let driver = |own: &Points| format!("{} {}", own.driver, signed(own.points));
    let row = |own: &Due| {
        vec![
            own.what.clone(),
            own.owner.clone().unwrap_or_else(|| "no one".to_owned()),
            own.within_days.map_or_else(String::new, |days| format!("{days}d")),
            own.called_for_by.clone(),
            own.driver.as_ref().map_or_else(String::new, driver),
        ]
    };
    grid(&columns, &due.iter().map(row).collect::<Vec<_>>())
}

/// The latest snapshots, with a bar per score.
fn history(points: &[Point], outcome: Option<&str>) -> String {
    let mut columns = vec![
        ("snapshot", Alignment::Left),
        ("score", Alignment::Right),
        ("0        50       100", Alignment::Left),
        ("band", Alignment::Left),
    ];
    if outcome.is_some() {
        columns.push(("probability", Alignment::Right));
    }
    let row = |point: &Point| {
        let score = point.score.map_or_else(|| "none".to_owned(), |score| format!("{score:.1}"));
        let probability = point
            .probability
            .map_or_else(|| "none".to_owned(), |own| format!("{:.1} %", 100.0 * own));
        let band = point.band.as_ref().or(point.reason.as_ref());
        vec![
            point.snapshot.to_string(),
            score,
            point.score.map_or_else(String::new, bar),
            band.cloned().unwrap_or_default(),
            probability,
        ]
    };
    let skipped = points.len().saturating_sub(SHOWN);
    let rows: Vec<Vec<String>> = points.iter().skip(skipped).map(row).collect();
    let text = grid(&columns, &rows);
    match skipped {
        0 => text,
        _ => text + &format!("({skipped} earlier snapshots: --format csv)\n"),
    }
}

fn bar(score: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score is 0 to 100"
    )]
    let length = (score / 5.0).round() as usize;
    "█".repeat(length)
}

/// At most two decimals.
fn rounded(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn signed(points: f64) -> String {
    let text = format!("{points:+.1}");
    if text == "-0.0" { "+0.0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{bar, rounded, signed};

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, 30.0, 2.5, 1.0 / 3.0].map(rounded), ["0", "30", "2.5", "0.33"]);
        assert_eq!([-0.01, 0.0, 12.34].map(signed), ["+0.0", "+0.0", "+12.3"]);
        assert_eq!([0.0, 50.0, 100.0].map(|score| bar(score).chars().count()), [0, 10, 20]);
    }
}
