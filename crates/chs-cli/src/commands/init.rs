//! `chs init`: the files to start from.

use chs::{Error, SampleData};

use crate::answer::Answer;
use crate::arguments::InitArguments;
use crate::commands::Session;

pub(super) fn run(arguments: &InitArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let template = chs::template(&arguments.template)?;
    let sample_data = if arguments.sample_data { SampleData::With } else { SampleData::Without };
    let written = chs::init(&arguments.folder, template, sample_data, &session.progress)?;
    let inside = if arguments.folder.as_os_str() == "." {
        String::new()
    } else {
        format!("cd {} && ", arguments.folder.display())
    };
    let next = match sample_data {
        SampleData::With => format!("Next: {inside}chs check, then chs backtest\n"),
        SampleData::Without => {
            format!("Next: name your tables and columns in chs.toml, then {inside}chs check\n")
        }
    };
    Ok(session.written(&written, &next))
}
