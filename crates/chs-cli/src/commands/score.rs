//! `chs score`: records in, scores out.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chs::{Error, ModelFile, ScoredRecords};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::answer::Answer;
use crate::arguments::{Format, InputFormat, ScoreArguments};
use crate::commands::Session;
use crate::diagnostics;
use crate::style::thousands;

/// What stands for the path of stdin in messages.
const STDIN: &str = "standard input";

pub(super) fn run(arguments: &ScoreArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let (model, _) = chs::read_model(&arguments.model)?;
    let scored = if arguments.input == Path::new("-") {
        let spooled = spooled(arguments.input_format).map_err(|source| Error::Unreadable {
            path: PathBuf::from(STDIN),
            expected: "records to score",
            source,
        })?;
        chs::score_records(&model, spooled.path(), &arguments.ids).map_err(named)?
    } else {
        chs::score_records(&model, &arguments.input, &arguments.ids)?
    };
    let answer = match &arguments.out_file {
        None => on_stdout(&scored, &model, session.options.format.of_results()),
        Some(path) => {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let file = scored.to_file(path)?;
            let folder = folder.unwrap_or(Path::new("."));
            chs::write_files(folder, &[file], &session.progress)?;
            session.written(std::slice::from_ref(path), "")
        }
    };
    if !session.options.quiet {
        tell(&scored, session);
    }
    Ok(answer)
}

/// A name for what has none on the disk: NDJSON is read twice, so stdin is put into a file first.
fn spooled(format: InputFormat) -> io::Result<NamedTempFile> {
    let suffix = match format {
        InputFormat::Csv => ".csv",
        InputFormat::Ndjson => ".ndjson",
    };
    let mut file = tempfile::Builder::new().prefix("chs-").suffix(suffix).tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    file.flush()?;
    Ok(file)
}

fn named(error: Error) -> Error {
    match error {
        Error::Records { mut source } => {
            source.path = PathBuf::from(STDIN);
            Error::Records { source }
        }
        other => other,
    }
}

fn on_stdout(scored: &ScoredRecords, model: &ModelFile, format: Format) -> Answer {
    if format != Format::Json {
        let header: Vec<&str> = scored.columns.iter().map(|column| column.name.as_str()).collect();
        return Answer::csv(&header, &scored.rows());
    }
    let scorecard = model.model().scorecard();
    Answer::json(&json!({
        "model": {
            "name": scorecard.name(),
            "version": scorecard.version(),
            "digest": model.document().digests.model,
        },
        "records": scored.records,
        "unscored": scored.unscored,
        "unusable": scored.unusable,
        "scores": scored.objects(),
    }))
}

/// What a reader of the scores alone might pass over.
fn tell(scored: &ScoredRecords, session: &Session<'_>) {
    if scored.unscored > 0 {
        let [unscored, records] = [scored.unscored, scored.records].map(thousands);
        let note =
            format!("{unscored} of {records} records have no score; see the column `reason`");
        diagnostics::note(&note, session.style_of_errors);
    }
    if scored.unusable > 0 {
        let unusable = thousands(scored.unusable);
        let note = format!(
            "{unusable} values could not be used and count as missing: words where the model expects \
             numbers, words that it does not know, or infinite numbers"
        );
        diagnostics::note(&note, session.style_of_errors);
    }
}
