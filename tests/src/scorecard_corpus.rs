//! The converter of `scorecard.toml` and its JSON Schema agree on a corpus of files.

use chs_scorecard::{Scorecard, scorecard_schema};
use chs_toml::Mistakes;

use crate::corpus::{check_invalid, check_schema, check_valid, files};

fn convert(name: &str, text: &str) -> Result<(), Mistakes> {
    Scorecard::from_toml(name, text).map(drop)
}

#[test]
fn valid_files_satisfy_converter_and_schema() {
    let files = files("scorecard/valid");
    assert!(files.len() >= 6);
    check_valid(&files, convert, &scorecard_schema());
}

#[test]
fn invalid_files_fail_converter_and_schema() {
    let files = files("scorecard/invalid");
    assert!(files.len() >= 20);
    check_invalid(&files, convert, &scorecard_schema());
}

#[test]
fn the_schema_is_a_schema_of_2020_12() {
    check_schema(&scorecard_schema());
}

#[test]
fn the_templates_satisfy_converter_and_schema() {
    let templates = chs::TEMPLATES.map(|own| (own.name.to_owned(), own.scorecard.to_owned()));
    check_valid(&templates, convert, &scorecard_schema());
}
