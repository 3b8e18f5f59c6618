//! `chs report`: a backtest in words.

use chs::Error;

use crate::answer::Answer;
use crate::arguments::ReportArguments;
use crate::commands::Session;

pub(super) fn run(arguments: &ReportArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let folder = arguments.folder.as_ref().unwrap_or(&session.options.out);
    let written = chs::report(folder, &session.progress)?;
    Ok(session.written(&written, ""))
}
