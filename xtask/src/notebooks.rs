//! The notebooks, executed from a clean state; their outputs go below `target/` and nowhere else.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;
use crate::step::{is_there, root, run};

/// Run every notebook, or say why none is run.
///
/// They run in a virtual environment below `target/`, made where it is missing or was made for other
/// requirements. A machine without Python or without a package index skips them; a notebook that fails
/// is a failure.
pub(crate) fn notebooks(chs: &Path) -> Result<(), Failure> {
    let python = match environment() {
        Ok(python) => python,
        Err(reason) => {
            println!("skipped: notebook, because {reason}");
            return Ok(());
        }
    };
    let outputs = below_target("notebooks");
    make_folder(&outputs)?;
    for notebook in committed()? {
        let name = notebook.file_name().unwrap_or_default();
        run(Command::new(&python)
            .arg("notebooks/execute.py")
            .arg(&notebook)
            .arg(outputs.join(name))
            .current_dir(root())
            .env("CHS_BIN", chs)
            // What these programs remember of their user stays below `target/` as well.
            .env("MPLCONFIGDIR", outputs.join("matplotlib"))
            .env("IPYTHONDIR", outputs.join("ipython")))?;
        println!("{} ran", notebook.display());
    }
    Ok(())
}

/// The Python of the notebooks' environment, or why there is none.
fn environment() -> Result<PathBuf, String> {
    let folder = below_target("notebook-environment");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = root().join("notebooks/requirements.txt");
    let wanted = std::fs::read(&requirements)
        .map_err(|error| format!("{}: {error}", requirements.display()))?;
    // Written after the last package: an environment without it is half made.
    let made_for = folder.join("requirements.txt");
    if std::fs::read(&made_for).is_ok_and(|made_for| made_for == wanted) {
        return Ok(python);
    }
    if !is_there(Command::new("python3").arg("--version")) {
        return Err("there is no python3".to_owned());
    }
    println!("making the notebooks' environment, {}", folder.display());
    quietly(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    quietly(Command::new(&python).args(pip).arg(&requirements))?;
    std::fs::write(&made_for, wanted)
        .map_err(|error| format!("{}: {error}", made_for.display()))?;
    Ok(python)
}

/// Run a program; where it fails, its last words are the reason.
fn quietly(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(format!("its packages cannot be installed: {}", last.trim()))
}

/// The notebooks of the repository, by name.
fn committed() -> Result<Vec<PathBuf>, Failure> {
    let entries = crate::generate::folder_entries(&root().join("notebooks"))?;
    let is_notebook = |path: &PathBuf| path.extension().is_some_and(|own| own == "ipynb");
    let below_root = |path: PathBuf| path.strip_prefix(root()).unwrap_or(&path).to_owned();
    Ok(entries.into_iter().filter(is_notebook).map(below_root).collect())
}

fn below_target(name: &str) -> PathBuf {
    root().join("target").join(name)
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}
