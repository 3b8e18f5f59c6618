//! Programs that are run, at the root of the repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The cargo that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// The binary `chs`, built.
///
/// Built by the same shape of command as everything else: another one would ask for other features of
/// shared crates and build polars anew.
pub(crate) fn chs() -> Result<PathBuf, Failure> {
    run(&mut cargo(&["build", "--quiet", "--release", "--bin", "chs"]))?;
    // It stands where this program stands, which `cargo xtask` builds in release as well.
    let own = std::env::current_exe().map_err(|error| format!("where xtask stands: {error}"))?;
    Ok(own.with_file_name(format!("chs{}", std::env::consts::EXE_SUFFIX)))
}

/// Run a program, its output going where this one's goes.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", shown(command))) }
}

/// What a program writes to stdout; whether its output is a terminal does not show in it.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    command
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = command.output().map_err(|error| format!("{}: {error}", shown(command)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{} failed: {}\n{said}", shown(command), output.status))
}

/// Whether a program is there.
pub(crate) fn is_there(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
