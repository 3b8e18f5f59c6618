//! The converter of `scorecard.toml` and its JSON Schema agree on a corpus of files.
//!
//! Each invalid file holds one mistake and says in its head which: `# says: FRAGMENT` of the message, and
//! `# schema: cannot say` where only the converter can know.

use std::path::PathBuf;

use chs_scorecard::{Scorecard, scorecard_schema, templates};
use serde_json::Value;

/// Name and text of each file of a folder of the corpus, in order of the names.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus/scorecard").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn json(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(integer) => integer.into(),
            // JSON has no NaN and no infinity: a text is as wrong there as they are here.
            toml::Value::Float(float) if !float.is_finite() => Value::String(float.to_string()),
            toml::Value::Float(float) => float.into(),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(datetime) => Value::String(datetime.to_string()),
            toml::Value::Array(list) => list.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, convert(value))).collect()
            }
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

fn head(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.strip_prefix("# "))
}

#[test]
fn valid_files_satisfy_converter_and_schema() {
    let schema = jsonschema::validator_for(&scorecard_schema()).unwrap();
    let files = files("valid");
    assert!(files.len() >= 6);
    for (name, text) in files {
        if let Err(mistakes) = Scorecard::from_toml(&name, &text) {
            panic!("{mistakes}");
        }
        let errors: Vec<String> =
            schema.iter_errors(&json(&text)).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn invalid_files_fail_converter_and_schema() {
    let schema = jsonschema::validator_for(&scorecard_schema()).unwrap();
    let files = files("invalid");
    assert!(files.len() >= 20);
    for (name, text) in files {
        let mistakes = Scorecard::from_toml(&name, &text).expect_err(&name);
        assert_eq!(mistakes.list.len(), 1, "{mistakes}");
        let says = head(&text).find_map(|line| line.strip_prefix("says: ")).expect(&name);
        assert!(mistakes.to_string().contains(says), "{mistakes}\ndoes not say {says}");
        let cannot_say = head(&text).any(|line| line == "schema: cannot say");
        assert_eq!(schema.is_valid(&json(&text)), cannot_say, "{name}: the schema");
    }
}

#[test]
fn the_schema_is_a_schema_of_2020_12() {
    let schema = scorecard_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn the_corpus_holds_the_templates() {
    let corpus = files("valid");
    let weighted_7 = corpus.iter().find(|(name, _)| name == "weighted-7.toml");
    assert_eq!(weighted_7.map(|(_, text)| text.as_str()), Some(templates::WEIGHTED_7));
}
