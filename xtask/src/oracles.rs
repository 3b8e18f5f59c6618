//! Expected values, computed again by other people's software.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::generate::folder_entries;
use crate::step::{is_there, root, run};

/// Ending of a script, program that runs it, and where that comes from.
const KINDS: [(&str, &str, &str); 2] = [
    ("R", "Rscript", "install r-base-core and the packages that the head of the script names"),
    ("py", "python3", "install Python 3 and the packages that the script imports"),
];

/// Run the scripts of `tests/oracles/*/`, which write their JSON beside themselves; say what is missing
/// and what has changed.
pub(crate) fn oracles() -> Result<(), Failure> {
    let mut failures = Vec::new();
    for folder in folder_entries(&root().join("tests/oracles"))? {
        for path in folder_entries(&folder)? {
            let ending = path.extension().and_then(|own| own.to_str());
            let kind = KINDS.iter().find(|(own, ..)| ending == Some(own));
            let Some((_, program, remedy)) = kind else { continue };
            if !is_there(Command::new(program).arg("--version")) {
                println!("skipped {}: {program} is missing; {remedy}", below_root(&path).display());
                continue;
            }
            println!("== {program} {}", below_root(&path).display());
            let done = run(Command::new(program).arg(&path).current_dir(&folder));
            failures.extend(done.err().map(|failure| format!("{failure}; {remedy}")));
        }
    }
    println!("== changed:");
    run(Command::new("git").args(["status", "--short", "tests/oracles"]).current_dir(root()))?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\nxtask: ")) }
}

fn below_root(path: &Path) -> PathBuf {
    path.strip_prefix(root()).unwrap_or(path).to_owned()
}
