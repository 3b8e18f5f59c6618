//! Scoring cases as data: the same files hold the scorer and every export to the same bits.
//!
//! A file holds a scorecard and cases: inputs in declared order (`{"number": "inf"}` for what JSON cannot
//! write) and everything that is expected of the result, to the last bit. `generate.py` beside the files
//! computed it independently.

use std::path::PathBuf;

use chs_scorecard::{HealthScore, Input, InputColumn, NoScore, Scorecard};
use serde_json::{Value, json};

struct File {
    name: String,
    scorecard: Scorecard,
    cases: Vec<Value>,
}

fn files() -> Vec<File> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus/scoring");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &std::path::Path) -> File {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lines: Vec<&str> =
        file["scorecard"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let scorecard = Scorecard::from_toml(&name, &lines.join("\n")).unwrap();
    File { name, scorecard, cases: file["cases"].as_array().unwrap().clone() }
}

fn inputs(case: &Value) -> Vec<Input<'_>> {
    let input = |value: &'_ Value| -> Option<f64> { value["number"].as_str()?.parse().ok() };
    (case["inputs"].as_array().unwrap().iter())
        .map(|value| match value {
            Value::Null => Input::Missing,
            Value::String(word) => Input::Text(word),
            Value::Number(number) => Input::Number(number.as_f64().unwrap()),
            other => Input::Number(input(other).unwrap()),
        })
        .collect()
}

/// The bits of a number, so that unequal is unequal.
fn bits(number: impl Into<Option<f64>>) -> Option<u64> {
    number.into().map(f64::to_bits)
}

fn expected(value: &Value) -> Option<u64> {
    bits(value.as_f64())
}

fn expected_list(value: &Value) -> Vec<Option<u64>> {
    value.as_array().unwrap().iter().map(expected).collect()
}

fn list(numbers: &[Option<f64>]) -> Vec<Option<u64>> {
    numbers.iter().copied().map(bits).collect()
}

fn reason(reason: Option<NoScore>) -> Value {
    match reason {
        None => Value::Null,
        Some(NoScore::NothingObserved) => json!("nothing observed"),
        Some(NoScore::NotFrozen) => json!("not frozen"),
        Some(NoScore::Rejected { indicator }) => json!({ "rejected": indicator }),
    }
}

#[test]
fn one_account_at_a_time() {
    for File { name, scorecard, cases } in files() {
        for case in &cases {
            let scored = scorecard.score(&inputs(case));
            let place = format!("{name}: {}: {scored:?}", case["name"]);
            assert_eq!(
                bits(scored.score.map(HealthScore::get)),
                expected(&case["score"]),
                "{place}"
            );
            assert_eq!(bits(scored.coverage), expected(&case["coverage"]), "{place}");
            let band = scored.band.map(|band| scorecard.bands()[band].name.as_str());
            assert_eq!(band, case["band"].as_str(), "{place}");
            assert_eq!(list(&scored.sub_scores), expected_list(&case["sub_scores"]), "{place}");
            assert_eq!(list(&scored.components), expected_list(&case["components"]), "{place}");
            assert_eq!(
                list(&scored.contributions),
                expected_list(&case["contributions"]),
                "{place}"
            );
            assert_eq!(Some(scored.unusable as u64), case["unusable"].as_u64(), "{place}");
            assert_eq!(reason(scored.reason), case["reason"], "{place}");
        }
    }
}

/// The numeric and the text inputs of one indicator; a column has one type, so that each case stands in
/// one of the two.
struct Column {
    numbers: Vec<f64>,
    codes: Vec<Option<u32>>,
    words: Vec<String>,
}

fn column(rows: &[Vec<Input<'_>>], indicator: usize) -> Column {
    let mut column = Column { numbers: Vec::new(), codes: Vec::new(), words: Vec::new() };
    for row in rows {
        let (number, code) = match row.get(indicator).copied().unwrap_or(Input::Missing) {
            Input::Missing => (f64::NAN, None),
            Input::Number(number) => (number, None),
            Input::Text(word) => {
                column.words.push(word.to_owned());
                (f64::NAN, Some(u32::try_from(column.words.len() - 1).unwrap()))
            }
        };
        column.numbers.push(number);
        column.codes.push(code);
    }
    column
}

#[test]
fn many_accounts_at_once_give_the_same_bits() {
    for File { name, scorecard, cases } in files() {
        let rows: Vec<Vec<Input<'_>>> = cases.iter().map(inputs).collect();
        let count = scorecard.indicators().count();
        let columns: Vec<Column> = (0..count).map(|indicator| column(&rows, indicator)).collect();
        let typed: Vec<InputColumn<'_>> = (columns.iter())
            .map(|column| match column.words.as_slice() {
                [] => InputColumn::Number(&column.numbers),
                words => InputColumn::Text { codes: &column.codes, words },
            })
            .collect();
        let scored = scorecard.score_columns(&typed);
        assert_eq!(scored.score.len(), rows.len(), "{name}");
        for (row, inputs) in rows.iter().enumerate() {
            // A number in a column of words cannot stand in it: the account is missing there.
            let inputs: Vec<Input<'_>> = (inputs.iter().zip(&typed))
                .map(|(input, column)| match (input, column) {
                    (Input::Number(_), InputColumn::Text { .. }) => Input::Missing,
                    (input, _) => *input,
                })
                .collect();
            let single = scorecard.score(&inputs);
            let place = format!("{name}: {}", cases[row]["name"]);
            let at = |columns: &[Vec<Option<f64>>]| -> Vec<Option<u64>> {
                columns.iter().map(|column| bits(column[row])).collect()
            };
            assert_eq!(
                bits(scored.score[row]),
                bits(single.score.map(HealthScore::get)),
                "{place}"
            );
            assert_eq!(bits(scored.coverage[row]), bits(single.coverage), "{place}");
            assert_eq!(scored.band[row], single.band, "{place}");
            assert_eq!(scored.reason[row], single.reason, "{place}");
            assert_eq!(at(&scored.sub_scores), list(&single.sub_scores), "{place}");
            assert_eq!(at(&scored.components), list(&single.components), "{place}");
            assert_eq!(at(&scored.contributions), list(&single.contributions), "{place}");
        }
    }
}
