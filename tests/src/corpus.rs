//! Files that people write, valid and invalid, on which a converter and its JSON Schema have to agree.
//!
//! Each invalid file holds one mistake and says in its head which: `# says: FRAGMENT` of the message, and
//! `# schema: cannot say` where only the converter can know.

use std::path::PathBuf;

use chs_toml::Mistakes;
use serde_json::Value;

/// What reads a file, by its name and text.
pub(crate) type Converter = fn(&str, &str) -> Result<(), Mistakes>;

/// Name and text of each file of a folder of the corpus, in order of the names.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// Every file is read without a mistake and satisfies the schema.
pub(crate) fn check_valid(files: &[(String, String)], converter: Converter, schema: &Value) {
    let schema = jsonschema::validator_for(schema).unwrap();
    let mut wrong = Vec::new();
    for (name, text) in files {
        wrong.extend(converter(name, text).err().map(|mistakes| mistakes.to_string()));
        wrong.extend(schema.iter_errors(&json(text)).map(|error| format!("{name}: {error}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every file has the one mistake that its head says, and fails the schema unless that cannot say.
pub(crate) fn check_invalid(files: &[(String, String)], converter: Converter, schema: &Value) {
    let schema = jsonschema::validator_for(schema).unwrap();
    let mut wrong = Vec::new();
    for (name, text) in files {
        let says = head(text).find_map(|line| line.strip_prefix("says: ")).expect(name);
        match converter(name, text) {
            Err(mistakes) if mistakes.list.len() > 1 => {
                wrong.push(format!("{mistakes}\n    is more than one mistake"));
            }
            Err(mistakes) if !mistakes.to_string().contains(says) => {
                wrong.push(format!("{mistakes}\n    does not say: {says}"));
            }
            Err(_) => {}
            Ok(()) => wrong.push(format!("{name}: the converter takes it")),
        }
        let cannot_say = head(text).any(|line| line == "schema: cannot say");
        match (schema.is_valid(&json(text)), cannot_say) {
            (true, false) => wrong.push(format!("{name}: the schema takes it")),
            (false, true) => wrong.push(format!("{name}: the schema refuses it")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The schema is one, and of which draft.
pub(crate) fn check_schema(schema: &Value) {
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(schema));
}

fn head(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.strip_prefix("# "))
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
