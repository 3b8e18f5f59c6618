//! `chs completions`: for the shell.

use clap::CommandFactory;

use crate::answer::Answer;
use crate::arguments::{Arguments, CompletionsArguments};

pub(super) fn run(arguments: &CompletionsArguments) -> Answer {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "chs", &mut bytes);
    Answer::text(String::from_utf8_lossy(&bytes).into_owned())
}
