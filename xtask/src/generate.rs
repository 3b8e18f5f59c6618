//! Files that are made from code: schemas, command reference, finding pages, conformance, coverage, the
//! demo's report and data.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::scratch::Scratch;
use crate::step::{cargo, chs, is_there, output, root, run};

/// Folders in which every file is made here; one that is not made any more has to go.
const OWNED: [&str; 3] = ["docs/schemas", "datasets/saas-demo/data", "reports/saas-demo/charts"];

/// Files that have a schema.
const SCHEMAS: [&str; 8] =
    ["project", "scorecard", "backtest", "check", "run", "fit", "model", "compare"];

const MADE: &str = "<!-- Made by `cargo xtask generate`. -->\n\n";

/// Content by path below the root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What to do with the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write those that differ.
    Write,
    /// Fail if one differs.
    Check,
}

/// Make all files from the demo, run for it, and from what the binary says.
pub(crate) fn generate(mode: Mode) -> Result<(), Failure> {
    let (chs, scratch) = (chs()?, Scratch::new()?);
    let out = scratch.path().display().to_string();
    run(Command::new(&chs).args(["demo", "--quiet", "--out", &out]))?;
    generate_from(&chs, scratch.path(), mode)
}

/// As [`generate`], from a demo that has been run.
pub(crate) fn generate_from(chs: &Path, demo: &Path, mode: Mode) -> Result<(), Failure> {
    let mut files = schemas(chs)?;
    files.insert("docs/commands.md".into(), commands(chs)?);
    files.insert("docs/findings.md".into(), findings(chs)?);
    files.insert("docs/conformance.md".into(), example(&["conformance"])?);
    files.insert("docs/coverage.md".into(), example(&["coverage", "page"])?);
    files.extend(report(demo)?);
    files.extend(data(&demo.join("history/data"))?);
    let gone = no_longer_made(&files)?;
    let differing: Vec<(&PathBuf, &Vec<u8>)> =
        files.iter().filter(|(path, made)| differs(path, made)).collect();
    match mode {
        Mode::Write => {
            for (path, made) in &differing {
                write(path, made)?;
            }
            for path in &gone {
                fs::remove_file(root().join(path)).map_err(|error| failure(path, &error))?;
                println!("removed {}", path.display());
            }
            println!("{} files, {} written", files.len(), differing.len());
            Ok(())
        }
        Mode::Check if differing.is_empty() && gone.is_empty() => {
            println!("{} files as the code makes them", files.len());
            Ok(())
        }
        Mode::Check => {
            let places = differing.iter().map(|(path, made)| place(path, made));
            let gone = gone.iter().map(|path| format!("{}: not made any more", path.display()));
            let list: Vec<String> = places.chain(gone).collect();
            let remedy = "run `cargo xtask generate`, and look at what changed";
            Err(format!("files differ from what the code makes; {remedy}:\n{}", list.join("\n")))
        }
    }
}

fn schemas(chs: &Path) -> Result<Files, Failure> {
    let schema = |name: &str| {
        let text = output(Command::new(chs).args(["schema", name]))?;
        Ok((PathBuf::from(format!("docs/schemas/{name}.schema.json")), text))
    };
    SCHEMAS.into_iter().map(schema).collect()
}

/// The help of the program and of each of its commands.
fn commands(chs: &Path) -> Result<Vec<u8>, Failure> {
    let help = |command: &[&str]| -> Result<String, Failure> {
        let text = output(Command::new(chs).args(command).arg("--help"))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let whole = help(&[])?;
    let section = whole.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.is_empty());
    // Continued descriptions stand further right than names.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut page = format!("# Commands\n\n{MADE}```text\n{}\n```\n", whole.trim_end());
    for name in names.filter(|name| !name.is_empty() && *name != "help") {
        let text = help(&[name])?;
        page.extend(["\n## chs ", name, "\n\n```text\n", text.trim_end(), "\n```\n"]);
    }
    Ok(trim_lines(&page))
}

/// The pages of all findings.
fn findings(chs: &Path) -> Result<Vec<u8>, Failure> {
    let list = output(Command::new(chs).args(["rule", "--format", "csv"]))?;
    let list = String::from_utf8_lossy(&list).into_owned();
    let codes = list.lines().filter_map(|line| line.split(',').next());
    let mut page = format!(
        "# Findings\n\n{MADE}What `chs` concludes, by code; `chs rule CODE` prints one page.\n"
    );
    for code in codes.filter(|code| code.starts_with("CHS")) {
        let text = output(Command::new(chs).args(["rule", code]))?;
        page.push('\n');
        for line in String::from_utf8_lossy(&text).trim_end().lines() {
            // The page's title becomes a section here.
            let deeper = if line.starts_with('#') { "#" } else { "" };
            page.extend([deeper, line, "\n"]);
        }
    }
    Ok(trim_lines(&page))
}

/// Simulates again what `docs/coverage.md` shows.
pub(crate) fn coverage() -> Result<(), Failure> {
    write(Path::new("tests/oracles/coverage/result.json"), &example(&["coverage", "run"])?)
}

/// What an example prints, with the arguments after its name.
fn example(words: &[&str]) -> Result<Vec<u8>, Failure> {
    let mut program = cargo(&["run", "--quiet", "--release", "--example"]);
    output(program.args(words.first()).arg("--").args(words.iter().skip(1)))
}

/// The demo's report and its charts.
fn report(demo: &Path) -> Result<Files, Failure> {
    let folder = Path::new("reports/saas-demo");
    let mut files = Files::new();
    for name in ["report.html", "report.md"] {
        files.insert(folder.join(name), read(&demo.join(name))?);
    }
    for path in folder_entries(&demo.join("charts"))? {
        let name = path.file_name().unwrap_or_default();
        files.insert(folder.join("charts").join(name), read(&path)?);
    }
    Ok(files)
}

/// The demo's tables and their digests.
fn data(folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    let mut names = Vec::new();
    for path in folder_entries(folder)? {
        let name = format!("data/{}", path.file_name().unwrap_or_default().to_string_lossy());
        files.insert(Path::new("datasets/saas-demo").join(&name), read(&path)?);
        names.push(name);
    }
    let beside = folder.parent().unwrap_or(folder);
    let digests = output(digest_program()?.args(&names).current_dir(beside))?;
    files.insert("datasets/saas-demo/SHA256SUMS".into(), digests);
    Ok(files)
}

fn digest_program() -> Result<Command, Failure> {
    let mut perl = Command::new("shasum");
    perl.args(["-a", "256"]);
    if is_there(Command::new("sha256sum").arg("--version")) {
        Ok(Command::new("sha256sum"))
    } else if is_there(Command::new("shasum").arg("--version")) {
        Ok(perl)
    } else {
        Err("sha256sum is missing; install the GNU coreutils".to_owned())
    }
}

/// Files of the owned folders that are not among the made ones.
fn no_longer_made(files: &Files) -> Result<Vec<PathBuf>, Failure> {
    let mut gone = Vec::new();
    for folder in OWNED.map(Path::new).into_iter().filter(|folder| root().join(folder).is_dir()) {
        let entries = folder_entries(&root().join(folder))?.into_iter();
        let named = entries.map(|path| folder.join(path.file_name().unwrap_or_default()));
        gone.extend(named.filter(|path| !files.contains_key(path)));
    }
    Ok(gone)
}

/// The paths in a folder, sorted.
pub(crate) fn folder_entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| failure(folder, &error))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(|error: std::io::Error| failure(folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn differs(path: &Path, made: &[u8]) -> bool {
    fs::read(root().join(path)).map_or(true, |found| found != made)
}

/// Where a file differs first.
fn place(path: &Path, made: &[u8]) -> String {
    let Ok(found) = fs::read(root().join(path)) else {
        return format!("{}: missing", path.display());
    };
    let (Ok(found), Ok(made)) = (std::str::from_utf8(&found), std::str::from_utf8(made)) else {
        return format!("{}: other bytes", path.display());
    };
    let same = found.lines().zip(made.lines()).take_while(|(found, made)| found == made).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end").to_owned();
    format!("{}:{}:\n  - {}\n  + {}", path.display(), same + 1, line(found), line(made))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| failure(path, &error))
}

fn write(path: &Path, made: &[u8]) -> Result<(), Failure> {
    let whole = root().join(path);
    let folder = whole.parent().unwrap_or(root());
    fs::create_dir_all(folder).map_err(|error| failure(folder, &error))?;
    fs::write(&whole, made).map_err(|error| failure(path, &error))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Help texts end some lines with blanks; editors take them away.
fn trim_lines(text: &str) -> Vec<u8> {
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect::<String>().into_bytes()
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    format!("{}: {error}", path.display())
}
