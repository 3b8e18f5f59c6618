//! Everything that has to pass.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::drivers::drivers;
use crate::generate::{Mode, generate_from};
use crate::scratch::Scratch;
use crate::step::{cargo, chs, is_there, run, shown};

/// Format, lints, tests, doc tests, the demo end to end, generated files; up to the first failure.
pub(crate) fn test() -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let out = scratch.path().display().to_string();
    let demo = ["run", "--release", "--bin", "chs", "--", "demo", "--out", &out];
    let begin = now();
    step(&mut cargo(&["fmt", "--all", "--check"]))?;
    step(&mut cargo(&[
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    // The tests run the binary, and building them does not build it.
    step(&mut cargo(&["build", "--release", "--bin", "chs"]))?;
    timed("drivers of databases", drivers)?;
    step(&mut tests())?;
    step(&mut cargo(&["test", "--release", "--workspace", "--doc"]))?;
    step(&mut cargo(&demo))?;
    timed("generate --check", || generate_from(&chs()?, scratch.path(), Mode::Check))?;
    println!("all passed in {}", seconds(begin.elapsed()));
    Ok(())
}

/// The tests, by nextest where it is installed.
fn tests() -> Command {
    if is_there(&mut cargo(&["nextest", "--version"])) {
        cargo(&["nextest", "run", "--release", "--workspace"])
    } else {
        cargo(&["test", "--release", "--workspace", "--all-targets"])
    }
}

fn step(command: &mut Command) -> Result<(), Failure> {
    timed(&shown(command), || run(command))
}

fn timed(name: &str, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    println!("== {name}");
    let begin = now();
    work()?;
    println!("== passed in {}\n", seconds(begin.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[expect(clippy::disallowed_methods, reason = "says how long a step took; no result hangs on it")]
fn now() -> Instant {
    Instant::now()
}
