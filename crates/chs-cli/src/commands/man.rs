//! `chs man`: manual pages.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::answer::Answer;
use crate::arguments::{Arguments, ManArguments};

pub(super) fn run(arguments: &ManArguments) -> Answer {
    let mut chs = Arguments::command();
    chs.build();
    let named = arguments.command.as_ref().and_then(|name| chs.find_subcommand(name)).cloned();
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    drop(Man::new(named.unwrap_or(chs)).render(&mut bytes));
    Answer::text(String::from_utf8_lossy(&bytes).into_owned())
}
