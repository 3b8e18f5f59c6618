//! What must not stand in a model file: addresses, and ids of accounts where data words stand.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::{ModelFileError, ModelFileErrorKind};
use super::json_path::key_path;
use super::v1::Document;
use crate::model::Model;
use crate::normalisation::Normalisation;

/// No text or key anywhere holds an e-mail address.
pub(super) fn check_addresses(place: &str, value: &Value) -> Result<(), ModelFileError> {
    let check = |path: &str, text: &str| {
        let message = "an e-mail address stands here; expected none, a role instead of a person";
        let refused = || ModelFileError::new(ModelFileErrorKind::Privacy, path, message);
        if holds_address(text) { Err(refused()) } else { Ok(()) }
    };
    match value {
        Value::String(text) => check(place, text),
        Value::Array(elements) => elements.iter().enumerate().try_for_each(|(index, element)| {
            check_addresses(&format!("{place}[{index}]"), element)
        }),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            check(place, key)?;
            check_addresses(&key_path(place, key), value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// No word that comes from data is the id of an account.
pub(super) fn check_account_ids(
    document: &Document,
    model: &Model,
    account_ids: &BTreeSet<String>,
) -> Result<(), ModelFileError> {
    let mut words: Vec<(&str, &str)> = Vec::new();
    words.extend(model.segments().map(|(level, _)| ("$.model.segments", level)));
    for indicator in model.scorecard().indicators() {
        if let Normalisation::Map(map) = &indicator.normalisation {
            words.extend(map.keys().map(|word| ("$.model.components", word.as_str())));
        }
    }
    for distribution in document.reference.indicators.values() {
        let keys = distribution.words.keys();
        words.extend(keys.map(|word| ("$.reference.indicators", word.as_str())));
    }
    let validation = &document.validation;
    let metrics = (validation.metrics.iter().map(|metric| ("$.validation.metrics", metric))).chain(
        validation.comparisons.iter().map(|pair| ("$.validation.comparisons", &pair.metric)),
    );
    for (place, metric) in metrics {
        words.extend(metric.slice.values().map(|level| (place, level.as_str())));
    }
    match words.into_iter().find(|(_, word)| account_ids.contains(*word)) {
        None => Ok(()),
        Some((place, _)) => {
            let message = "the id of an account stands here as a word";
            Err(ModelFileError::new(ModelFileErrorKind::Privacy, place, message))
        }
    }
}

fn holds_address(text: &str) -> bool {
    let within = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte) || byte > 127;
    text.match_indices('@').any(|(at, _)| {
        let before = text.as_bytes().get(..at).and_then(|before| before.last());
        let domain: Vec<u8> = text.bytes().skip(at + 1).take_while(|byte| within(*byte)).collect();
        let mut labels = domain.split(|byte| *byte == b'.').map(<[u8]>::len);
        let first = labels.next().is_some_and(|length| length > 0);
        before.is_some_and(|byte| within(*byte)) && first && labels.any(|length| length > 1)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{check_addresses, holds_address};

    #[test]
    fn addresses_are_told_from_other_uses_of_the_sign() {
        for (text, found) in [
            ("ask jo.doe+x@example.co.uk today", true),
            ("jo@example.com.", true),
            ("jö@exämple.com", true),
            ("lift@10 percent", false),
            ("precision@10.", false),
            ("@team.lead", false),
            ("a @ b.com", false),
            ("@", false),
        ] {
            assert_eq!(holds_address(text), found, "{text}");
        }
    }

    #[test]
    fn every_text_and_key_is_looked_at() {
        let path = |value| check_addresses("$", &value).unwrap_err().path;
        assert_eq!(path(json!({"a": [1, "jo@example.com"]})), "$.a[1]");
        assert_eq!(path(json!({"a": {"jo@example.com": 1}})), "$.a");
        assert!(check_addresses("$", &json!({"a": [null, true, 1.5, "x"]})).is_ok());
    }
}
