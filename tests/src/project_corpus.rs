//! The converter of `chs.toml` and its JSON Schema agree on a corpus of files, and on every project of
//! this repository.

use std::path::{Path, PathBuf};

use chs_data::{project_schema, read_project};
use chs_toml::Mistakes;

use crate::corpus::{check_invalid, check_schema, check_valid, files};

fn convert(name: &str, text: &str) -> Result<(), Mistakes> {
    read_project(name, text).map(drop)
}

#[test]
fn valid_files_satisfy_converter_and_schema() {
    let files = files("project/valid");
    assert!(files.len() >= 8);
    check_valid(&files, convert, &project_schema());
}

#[test]
fn invalid_files_fail_converter_and_schema() {
    let files = files("project/invalid");
    assert!(files.len() >= 40);
    check_invalid(&files, convert, &project_schema());
}

#[test]
fn the_schema_is_a_schema_of_2020_12() {
    check_schema(&project_schema());
}

#[test]
fn the_projects_of_the_data_sets_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets");
    let folders = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path().join("chs.toml")).collect()
    };
    let projects: Vec<(String, String)> = (folders("").into_iter().chain(folders("recipes")))
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    assert!(!projects.is_empty());
    check_valid(&projects, convert, &project_schema());
}
