//! Replay of golden records: does this model, here, give what its file expects?

use serde::Serialize;
use serde_json::Value;

use super::error::{ModelFileError, ModelFileErrorKind};
use super::golden::{TOLERANCES, expected, expected_score};
use super::json_path::key_path;
use super::v1::Verification;
use crate::model::Model;

/// Nothing, or the first difference.
pub(super) fn replay(model: &Model, verification: &Verification) -> Result<(), ModelFileError> {
    let place = "$.verification";
    let refused = |path: String, message: String| {
        ModelFileError::new(ModelFileErrorKind::Golden, path, message)
    };
    if verification.tolerances != TOLERANCES {
        let message = "other tolerances than format 1.0 has".to_owned();
        return Err(refused(format!("{place}.tolerances"), message));
    }
    if verification.records.is_empty() || verification.scores.is_empty() {
        return Err(refused(place.to_owned(), "nothing to replay; expected records".to_owned()));
    }
    for (index, record) in verification.records.iter().enumerate() {
        let place = format!("{place}.records[{index}]");
        let stray = record
            .inputs
            .keys()
            .find(|name| !model.scorecard().indicators().any(|indicator| indicator.name == **name));
        if let Some(name) = stray {
            let message = "the model has no such input".to_owned();
            return Err(refused(key_path(&format!("{place}.inputs"), name), message));
        }
        let Some(computed) = expected(model, record) else {
            let message = "no score; expected 0 to 100".to_owned();
            return Err(refused(format!("{place}.previous.score"), message));
        };
        compare(&format!("{place}.expected"), &record.expected, &computed)
            .map_err(|(path, message)| refused(path, format!("\"{}\": {message}", record.name)))?;
    }
    for (index, record) in verification.scores.iter().enumerate() {
        let place = format!("{place}.scores[{index}]");
        let component = record.component.as_deref();
        let Some(computed) = expected_score(model, component, record.score) else {
            return Err(refused(place, "no score of something that has bands".to_owned()));
        };
        compare(&place, record, &computed).map_err(|(path, message)| refused(path, message))?;
    }
    Ok(())
}

type Difference = (String, String);

fn compare<T: Serialize>(path: &str, expected: &T, computed: &T) -> Result<(), Difference> {
    let json = |value: &T| serde_json::to_value(value).unwrap_or(Value::Null);
    first_difference(path, &json(expected), &json(computed))
}

/// The first place where two values differ by more than the tolerances.
fn first_difference(path: &str, expected: &Value, computed: &Value) -> Result<(), Difference> {
    match (expected, computed) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => (left
            .iter())
        .zip(right.values())
        .try_for_each(|((key, left), right)| first_difference(&key_path(path, key), left, right)),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            (left.iter()).zip(right).enumerate().try_for_each(|(index, (left, right))| {
                first_difference(&format!("{path}[{index}]"), left, right)
            })
        }
        (Value::Number(left), Value::Number(right)) => match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) if agree(path, left, right) => Ok(()),
            _ => Err((path.to_owned(), format!("the model gives {computed}; expected {expected}"))),
        },
        _ if expected == computed => Ok(()),
        _ => Err((path.to_owned(), format!("the model gives {computed}; expected {expected}"))),
    }
}

fn agree(path: &str, expected: f64, computed: f64) -> bool {
    if path.ends_with(".probability") {
        (expected - computed).abs() <= TOLERANCES.probability * expected.abs()
    } else {
        // Both zeros are one number.
        (expected + 0.0).to_bits() == (computed + 0.0).to_bits()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::first_difference;

    #[test]
    fn the_first_difference_is_named() {
        let expected = json!({"score": 1.5, "probability": 0.25, "drivers": [{"points": 1.0}]});
        let differs = |computed| first_difference("$", &expected, &computed).err();
        assert_eq!(differs(expected.clone()), None);
        let close = json!({"score": 1.5, "probability": 0.25 + 2e-13, "drivers": [{"points": 1}]});
        assert_eq!(differs(close), None);
        let far = json!({"score": 1.5, "probability": 0.25 + 1e-12, "drivers": [{"points": 1}]});
        assert_eq!(differs(far).unwrap().0, "$.probability");
        let score = json!({"score": 1.5_f64.next_up(), "probability": 1, "drivers": []});
        let (path, message) = differs(score).unwrap();
        assert_eq!(path, "$.score");
        assert_eq!(message, "the model gives 1.5000000000000002; expected 1.5");
        let driver = json!({"score": 1.5, "probability": 0.25, "drivers": [{"points": null}]});
        assert_eq!(differs(driver).unwrap().0, "$.drivers[0].points");
        let fewer = json!({"score": 1.5, "probability": 0.25, "drivers": []});
        assert_eq!(differs(fewer).unwrap().0, "$.drivers");
        assert_eq!(differs(json!({"score": 1.5})).unwrap().0, "$");
    }
}
