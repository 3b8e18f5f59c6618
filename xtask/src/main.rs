//! `cargo xtask`: what a person who works on chs runs.
//!
//! | command | what it does |
//! | --- | --- |
//! | `test` | everything that has to pass, in order, up to the first failure |
//! | `generate` | writes every file that is made from code |
//! | `generate --check` | compares them instead; another byte is a failure |
//! | `drivers` | fetches the drivers of databases that the tests of queries ask for |
//! | `notebooks` | executes the notebooks; `test` does that too |
//! | `oracles` | computes the expected values again, by R and Python |
//! | `coverage` | simulates again how often intervals and tests keep their promise (minutes) |
//!
//! No dependencies, so that it builds in a moment.
#![expect(clippy::print_stdout, reason = "people read it in a terminal")]
#![expect(clippy::print_stderr, reason = "people read it in a terminal")]

mod drivers;
mod generate;
mod notebooks;
mod oracles;
mod scratch;
mod step;
mod test;

use std::process::ExitCode;

use generate::Mode;

const USAGE: &str =
    "usage: cargo xtask test | generate [--check] | drivers | notebooks | oracles | coverage";

/// Why a command failed, for people.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::test(),
        ["generate"] => generate::generate(Mode::Write),
        ["generate", "--check"] => generate::generate(Mode::Check),
        ["drivers"] => drivers::drivers(),
        ["notebooks"] => step::chs().and_then(|chs| notebooks::notebooks(&chs)),
        ["oracles"] => oracles::oracles(),
        ["coverage"] => generate::coverage(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
