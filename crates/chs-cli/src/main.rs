//! `chs`, calibration and backtesting of customer health scores on the command line.
//!
//! Only this crate knows clap, the clock and the terminal. A command turns its arguments into one call of
//! the library and the result into an [`answer::Answer`]; nothing is printed before all of it is there. Results go
//! to stdout; progress and diagnostics to stderr.

mod answer;
mod arguments;
mod commands;
mod diagnostics;
mod findings;
mod interrupt;
mod measure;
mod progress;
mod sparkline;
mod style;
mod table;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use arguments::Arguments;
use commands::Session;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.global.format.of_findings().is_some() && !arguments.command.has_findings() {
        let message = "`sarif`, `junit` and `github` are forms of findings; `chs check` and `chs backtest` have some";
        Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    let session = Session::new(&arguments.global);
    let answer = session.prepare().and_then(|()| commands::run(&arguments.command, &session));
    session.progress.finish();
    match answer {
        Ok(answer) => answer.print(),
        Err(error) => {
            diagnostics::print(&error, session.style_of_errors);
            ExitCode::from(error.exit_code())
        }
    }
}
