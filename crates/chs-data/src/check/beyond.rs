//! What lies where it cannot be: outcomes before their account, scores beyond the scale, rows in years far
//! from all others.

use chs_panel::{Finding, Level};

use crate::check::rules::{BEYOND_SCALE, FAR_ROWS, OUTCOME_BEFORE_START};
use crate::load::{History, OutcomeRows, RecordedRows, SourceRows};
use crate::project::Project;
use crate::time::day_of;

pub(super) fn findings(project: &Project, history: &History) -> Vec<Finding> {
    let outcomes = project.outcomes.iter().zip(&history.outcomes);
    let outcomes = outcomes.filter_map(|(plan, rows)| early(&plan.name.value, rows, history));
    let scores = project.recorded_scores.iter().zip(&history.recorded_scores);
    let scores = scores.filter_map(|(plan, rows)| beyond_scale(&plan.name.value, rows));
    let sources = project.sources.iter().zip(&history.sources);
    let sources = sources.filter_map(|(plan, rows)| far(&plan.name.value, rows, history));
    outcomes.chain(scores).chain(sources).collect()
}

fn early(name: &str, rows: &OutcomeRows, history: &History) -> Option<Finding> {
    let is_early = |row: &usize| {
        let start = history.accounts.starts[rows.account[*row] as usize].first();
        start.is_some_and(|start| day_of(rows.at[*row]) < day_of(*start))
    };
    let early = rows.happened().filter(is_early).count();
    let sentence = format!(
        "`{name}`: {early} of {} outcomes lie before the start of their account and end nothing",
        rows.happened().count()
    );
    let finding = || OUTCOME_BEFORE_START.finding(Level::Warning, name, sentence);
    (early > 0).then(finding).map(|finding| finding.with_figure("outcomes", early as f64))
}

fn beyond_scale(name: &str, rows: &RecordedRows) -> Option<Finding> {
    let is_beyond = |score: &&f64| **score < 0.0 || **score > 100.0;
    let beyond = rows.score.iter().filter(is_beyond).count();
    let sentence = format!(
        "`{name}`: {beyond} of {} scores lie beyond the scale from 0 to 100",
        rows.score.len()
    );
    let finding = || BEYOND_SCALE.finding(Level::Warning, name, sentence);
    (beyond > 0).then(finding).map(|finding| finding.with_figure("rows", beyond as f64))
}

fn far(name: &str, rows: &SourceRows, history: &History) -> Option<Finding> {
    let days = history.days()?;
    let far: Vec<_> =
        rows.at.iter().map(|at| day_of(*at)).filter(|day| !days.contains(day)).collect();
    let (first, last) = (far.iter().min()?, far.iter().max()?);
    let sentence = format!(
        "`{name}`: {} of {} rows, from {first} to {last}, lie more than a year from all others, which \
         run from {} to {}; no snapshot is taken there",
        far.len(),
        rows.len(),
        days.start(),
        days.end()
    );
    let finding = FAR_ROWS.finding(Level::Warning, name, sentence);
    Some(finding.with_figure("rows", far.len() as f64))
}
