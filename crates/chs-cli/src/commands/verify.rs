//! `chs verify`: is a model file what it was when it was sealed?

use chs::{Error, ModelFile, ModelFileError};
use serde_json::json;

use crate::answer::Answer;
use crate::arguments::{Format, VerifyArguments};
use crate::commands::Session;
use crate::style::{thousands, wrapped};

/// Exit code of a file that is not sound.
const NOT_SOUND: u8 = 1;

const HEADER: [&str; 9] =
    ["file", "sound", "name", "version", "digest", "golden_records", "path", "message", "help"];

pub(super) fn run(arguments: &VerifyArguments, session: &Session<'_>) -> Result<Answer, Error> {
    match chs::read_model(&arguments.file) {
        Ok((model, _)) => Ok(sound(&arguments.file.display().to_string(), &model, session)),
        Err(Error::Model { file, source }) => {
            Ok(different(&file, &source, session).with_code(NOT_SOUND))
        }
        Err(other) => Err(other),
    }
}

fn sound(file: &str, model: &ModelFile, session: &Session<'_>) -> Answer {
    let scorecard = model.model().scorecard();
    let (name, version) = (scorecard.name(), scorecard.version());
    let digest = &model.document().digests.model;
    let records = chs::golden_records(model);
    match session.options.format.of_results() {
        Format::Table => Answer::text(format!(
            "{}: {name} {version}, digest {digest}, {} golden records replayed\n",
            session.style.level("passed", "sound"),
            thousands(records)
        )),
        Format::Json => Answer::json(&json!({
            "file": file, "sound": true, "name": name, "version": version, "digest": digest,
            "golden_records": records,
        })),
        Format::Csv => {
            let records = records.to_string();
            let row = [file, "true", name, version, digest, &records, "", "", ""];
            Answer::csv(&HEADER, &[row.map(str::to_owned).to_vec()])
        }
    }
}

fn different(file: &str, error: &ModelFileError, session: &Session<'_>) -> Answer {
    let help = error.remedy();
    match session.options.format.of_results() {
        Format::Table => {
            let heading = session.style.level("error", &format!("{file} is not sound"));
            let difference = wrapped(&error.to_string(), "  ");
            let help = wrapped(&format!("help: {help}"), "  ");
            Answer::text(format!("{heading}\n{difference}{help}"))
        }
        Format::Json => Answer::json(&json!({
            "file": file, "sound": false, "path": error.path, "message": error.to_string(),
            "help": help,
        })),
        Format::Csv => {
            let row = [file, "false", "", "", "", "", &error.path, &error.to_string(), help];
            Answer::csv(&HEADER, &[row.map(str::to_owned).to_vec()])
        }
    }
}
