//! Digests of JSON: SHA-256 of the canonical form.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::{ModelFileError, ModelFileErrorKind};

/// SHA-256 of the canonical JSON (RFC 8785) of a value: 64 lower-case hexadecimal digits.
pub(super) fn canonical_digest(value: &Value) -> Result<String, ModelFileError> {
    // Only numbers that are not finite have no canonical form; a JSON value holds none.
    let canonical = serde_jcs::to_vec(value).map_err(|error| {
        ModelFileError::new(ModelFileErrorKind::Json, "$", format!("no canonical form: {error}"))
    })?;
    Ok(sha256_hex(&canonical))
}

/// SHA-256 of bytes: 64 lower-case hexadecimal digits.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a text is such a digest.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{canonical_digest, is_digest, sha256_hex};

    #[test]
    fn the_order_of_keys_and_the_form_of_numbers_do_not_matter() {
        let one = canonical_digest(&json!({"a": 1, "b": [2.0, null]})).unwrap();
        let other = canonical_digest(&json!({"b": [2, null], "a": 1.0})).unwrap();
        assert_eq!(one, other);
        assert_eq!(one, sha256_hex(br#"{"a":1,"b":[2,null]}"#));
        assert!(is_digest(&one) && !is_digest(&one.to_uppercase()) && !is_digest("ab"));
    }

    #[test]
    fn the_digest_is_sha_256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(b""), empty);
    }
}
