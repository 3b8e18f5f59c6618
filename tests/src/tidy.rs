//! The tree is as ARCHITECTURE.md says: who knows whom, what stands only where.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Crates of the workspace that each may know; `chs-tests` may know all.
const ARROWS: [(&str, &[&str]); 12] = [
    ("chs-toml", &[]),
    ("chs-panel", &[]),
    ("chs-stats", &[]),
    ("chs-simulate", &[]),
    ("chs-scorecard", &["chs-toml"]),
    ("chs-data", &["chs-toml", "chs-panel"]),
    ("chs-backtest", &["chs-panel", "chs-stats", "chs-scorecard"]),
    ("chs-fit", &["chs-panel", "chs-stats", "chs-scorecard", "chs-backtest"]),
    ("chs-report", &["chs-backtest", "chs-fit"]),
    (
        "chs",
        &[
            "chs-toml",
            "chs-panel",
            "chs-stats",
            "chs-scorecard",
            "chs-data",
            "chs-simulate",
            "chs-backtest",
            "chs-fit",
            "chs-report",
        ],
    ),
    ("chs-cli", &["chs-toml", "chs"]),
    ("xtask", &[]),
];

/// Dependencies that one crate fences off from the others. The tests read Parquet by themselves.
const FENCES: [(&str, &[&str]); 4] = [
    ("polars", &["chs-data", "chs-tests"]),
    ("clap", &["chs-cli"]),
    ("indicatif", &["chs-cli"]),
    ("miette", &["chs-cli"]),
];

/// Programs that talk to a terminal; libraries do not.
const PRINTING: [&str; 4] =
    ["crates/chs-backtest/examples", "crates/chs-cli", "crates/chs-stats/examples", "xtask"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Names of the dependencies of each crate of the workspace.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            (name(package), dependencies.map(name).collect())
        })
        .collect()
}

/// Paths below the root with an extension, sorted; what was built is left out.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn rust_files() -> Vec<PathBuf> {
    ["crates", "tests/src", "xtask"].iter().flat_map(|folder| files(folder, "rs")).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Places of lines of code that hold one of `words`.
fn lines_with(path: &Path, words: &[&str]) -> Vec<String> {
    let text = read(path);
    let lines = text.lines().zip(1..).filter(|(line, _)| {
        !line.trim_start().starts_with("//") && words.iter().any(|word| line.contains(word))
    });
    lines.map(|(line, number)| format!("{}:{number}: {}", path.display(), line.trim())).collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    for (name, dependencies) in dependencies() {
        let arrows = ARROWS.iter().find(|(crate_name, _)| *crate_name == name);
        let Some((_, allowed)) = arrows else {
            assert_eq!(name, "chs-tests", "a new crate: give it its arrows here");
            continue;
        };
        let own = dependencies.iter().filter(|other| other.starts_with("chs") || *other == "xtask");
        let unknown: Vec<&String> =
            own.filter(|other| !allowed.contains(&other.as_str())).collect();
        assert!(unknown.is_empty(), "{name} may not know {unknown:?}");
    }
}

#[test]
fn heavy_dependencies_stay_behind_their_fence() {
    for (name, dependencies) in dependencies() {
        for (fenced, behind) in FENCES {
            let crates = |other: &&String| {
                *other == fenced
                    || other.strip_prefix(fenced).is_some_and(|rest| rest.starts_with(['-', '_']))
            };
            let found = dependencies.iter().find(crates);
            assert!(
                found.is_none() || behind.contains(&name.as_str()),
                "{name} depends on {found:?}"
            );
        }
    }
}

#[test]
fn only_programs_print() {
    let words = ["println!", "print!", "dbg!", "std::io::stdout", "io::stdout()"];
    let paths = files("crates", "rs").into_iter();
    let libraries = paths.filter(|path| !PRINTING.iter().any(|program| path.starts_with(program)));
    let printing: Vec<String> = libraries.flat_map(|path| lines_with(&path, &words)).collect();
    assert!(printing.is_empty(), "libraries do not print:\n{}", printing.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<PathBuf> =
        rust_files().into_iter().filter(|path| !read(path).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "the first line says what the file is (`//! ...`): {silent:?}");
}

#[test]
fn no_test_is_ignored() {
    let attribute = concat!("#[", "ignore");
    let ignored: Vec<String> =
        rust_files().iter().flat_map(|path| lines_with(path, &[attribute])).collect();
    assert!(ignored.is_empty(), "a test runs or is deleted:\n{}", ignored.join("\n"));
}

#[test]
fn every_file_of_the_tests_is_a_module() {
    let root = read(Path::new("tests/src/lib.rs"));
    for path in files("tests/src", "rs") {
        let name = path.file_stem().unwrap().to_string_lossy();
        let is_top = path.parent() == Some(Path::new("tests/src")) && name != "lib";
        let declared = root.lines().any(|line| line.trim() == format!("mod {name};"));
        assert!(!is_top || declared, "{} is forgotten in lib.rs", path.display());
    }
}

#[test]
fn the_architecture_names_every_crate() {
    let text = read(Path::new("ARCHITECTURE.md"));
    for name in dependencies().keys() {
        assert!(text.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name `{name}`");
    }
}

#[test]
fn the_data_are_those_of_the_digests() {
    let folder = root().join("datasets/saas-demo");
    let list = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut listed = Vec::new();
    for line in list.lines() {
        let (digest, path) = line.split_once("  ").expect("a digest, two blanks, a path");
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let mut found = String::new();
        for byte in Sha256::digest(&bytes) {
            write!(found, "{byte:02x}").unwrap();
        }
        assert_eq!(found, digest, "{path}");
        listed.push(folder.join(path));
    }
    let entries = std::fs::read_dir(folder.join("data")).unwrap();
    let mut there: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    there.sort();
    listed.sort();
    assert_eq!(there, listed);
}

#[test]
fn notebooks_hold_no_outputs() {
    let notebooks = files("notebooks", "ipynb");
    assert!(!notebooks.is_empty());
    for path in notebooks {
        let notebook: Value = serde_json::from_str(&read(&path)).unwrap();
        for cell in notebook["cells"].as_array().unwrap() {
            let is_code = cell["cell_type"] == "code";
            let is_bare =
                cell["outputs"] == serde_json::json!([]) && cell["execution_count"].is_null();
            assert!(!is_code || is_bare, "{}: clear the outputs of {}", path.display(), cell["id"]);
        }
    }
}
