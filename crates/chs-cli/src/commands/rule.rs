//! `chs rule`: what a finding means.

use chs::{Alignment, Error, Rule};
use serde_json::json;

use crate::answer::Answer;
use crate::arguments::{Format, RuleArguments};
use crate::commands::Session;
use crate::table::grid;

pub(super) fn run(arguments: &RuleArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let format = session.options.format.of_results();
    let Some(code) = &arguments.code else { return Ok(all(format)) };
    let rule = chs::rule(code)?;
    Ok(match format {
        Format::Table => Answer::text(format!("{}\n", rule.page.trim_end())),
        Format::Json => Answer::json(&as_json(rule)),
        Format::Csv => Answer::csv(&["code", "name", "section"], &[row(rule)]),
    })
}

fn all(format: Format) -> Answer {
    let rules = chs::rules();
    let rows: Vec<Vec<String>> = rules.iter().map(|rule| row(rule)).collect();
    match format {
        Format::Table => {
            let columns = [
                ("code", Alignment::Left),
                ("name", Alignment::Left),
                ("section", Alignment::Left),
            ];
            Answer::text(grid(&columns, &rows))
        }
        Format::Json => Answer::json(&rules.iter().map(|rule| as_json(rule)).collect::<Vec<_>>()),
        Format::Csv => Answer::csv(&["code", "name", "section"], &rows),
    }
}

fn row(rule: &Rule) -> Vec<String> {
    [rule.code, rule.name, rule.section].map(str::to_owned).to_vec()
}

fn as_json(rule: &Rule) -> serde_json::Value {
    json!({ "code": rule.code, "name": rule.name, "section": rule.section, "page": rule.page })
}
