//! `chs init`: the files to start from.

use chs::{Alignment, Error, SampleData, TEMPLATES};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::arguments::{Format, InitArguments};
use crate::commands::Session;
use crate::table::grid;

pub(super) fn run(arguments: &InitArguments, session: &Session<'_>) -> Result<Answer, Error> {
    if arguments.list {
        return Ok(templates(session.options.format.of_results()));
    }
    let folder = &arguments.folder;
    let inside = if folder.as_os_str() == "." {
        String::new()
    } else {
        format!("cd {} && ", folder.display())
    };
    if let Some(data) = &arguments.from {
        let written = chs::init_from(folder, data, &session.progress)?;
        let next = format!("Next: look at the guesses in chs.toml, then {inside}chs check\n");
        return Ok(session.written(&written, &next));
    }
    let template = chs::template(&arguments.template)?;
    let sample_data = if arguments.sample_data { SampleData::With } else { SampleData::Without };
    let written = chs::init(folder, template, sample_data, &session.progress)?;
    let next = match sample_data {
        SampleData::With => format!("Next: {inside}chs check, then chs backtest\n"),
        SampleData::Without => {
            format!("Next: name your tables and columns in chs.toml, then {inside}chs check\n")
        }
    };
    Ok(session.written(&written, &next))
}

fn templates(format: Format) -> Answer {
    let header = ["template", "what it is"];
    let rows: Vec<Vec<String>> =
        TEMPLATES.iter().map(|own| vec![own.name.to_owned(), own.description.to_owned()]).collect();
    match format {
        Format::Table => Answer::text(grid(&header.map(|name| (name, Alignment::Left)), &rows)),
        Format::Csv => Answer::csv(&header, &rows),
        Format::Json => {
            let one =
                |own: &chs::Template| json!({ "name": own.name, "description": own.description });
            Answer::json(&TEMPLATES.iter().map(one).collect::<Vec<Value>>())
        }
    }
}
