//! Strict JSON: what a lenient parser lets pass is refused with its path.
//!
//! Refused beyond RFC 8259: a key that stands twice in an object, numbers that no double holds or that
//! are not written in the shortest digits of their double (two texts that read as one number would make
//! a change invisible to a digest), and what exceeds the caps.

use serde_json::{Map, Number, Value};

use super::error::{ModelFileError, ModelFileErrorKind};
use super::json_path::{Step, excerpt, json_path};
use crate::calibration::{digits_of, significant_digits};

/// Longest document, in bytes.
const MOST_BYTES: usize = 16 << 20;
/// Deepest nesting.
const MOST_LEVELS: usize = 64;
/// Longest text, in bytes as written.
const MOST_TEXT_BYTES: usize = 65_536;
/// Most elements of an array, most keys of an object.
const MOST_ELEMENTS: usize = 100_000;
/// Integers up to here are doubles without loss.
const LARGEST_INTEGER: u64 = 1 << 53;

/// Read a document.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ModelFileError> {
    let refused = |message: String| ModelFileError::new(ModelFileErrorKind::Json, "$", message);
    if bytes.len() > MOST_BYTES {
        let message = format!("{} bytes; expected at most {MOST_BYTES}", bytes.len());
        return Err(refused(message));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| refused(format!("no UTF-8 from byte {} on", error.valid_up_to())))?;
    let mut parser = Parser { text, at: 0, path: Vec::new() };
    let value = parser.value()?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.refuse("text follows the document; expected its end"));
    }
    Ok(value)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    path: Vec<Step>,
}

impl<'t> Parser<'t> {
    fn value(&mut self) -> Result<Value, ModelFileError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object().map(Value::Object),
            Some(b'[') => self.array().map(Value::Array),
            Some(b'"') => self.text_value().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() => self.word(),
            Some(_) => Err(self.refuse_next("a value")),
            None => Err(self.refuse("the text ends here; expected a value")),
        }
    }

    fn object(&mut self) -> Result<Map<String, Value>, ModelFileError> {
        let mut object = Map::new();
        self.open()?;
        if self.takes(b'}') {
            return Ok(object);
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.refuse_next("a key in double quotes"));
            }
            let place = self.at;
            let key = self.text_value()?;
            self.path.push(Step::Key(key.clone()));
            if object.contains_key(&key) {
                self.at = place;
                return Err(self.refuse("the key stands twice in its object; expected once"));
            }
            if object.len() >= MOST_ELEMENTS {
                return Err(self.refuse(format!("more than {MOST_ELEMENTS} keys")));
            }
            if !self.takes(b':') {
                return Err(self.refuse_next("`:`"));
            }
            object.insert(key, self.value()?);
            self.path.pop();
            if self.takes(b'}') {
                return Ok(object);
            }
            if !self.takes(b',') {
                return Err(self.refuse_next("`,` or `}`"));
            }
        }
    }

    fn array(&mut self) -> Result<Vec<Value>, ModelFileError> {
        let mut array = Vec::new();
        self.open()?;
        if self.takes(b']') {
            return Ok(array);
        }
        loop {
            self.path.push(Step::Index(array.len()));
            if array.len() >= MOST_ELEMENTS {
                return Err(self.refuse(format!("more than {MOST_ELEMENTS} elements")));
            }
            array.push(self.value()?);
            self.path.pop();
            if self.takes(b']') {
                return Ok(array);
            }
            if !self.takes(b',') {
                return Err(self.refuse_next("`,` or `]`"));
            }
        }
    }

    /// Step over an opening bracket; the path is as long as the nesting is deep.
    fn open(&mut self) -> Result<(), ModelFileError> {
        if self.path.len() >= MOST_LEVELS {
            return Err(self.refuse(format!("nested deeper than {MOST_LEVELS} levels")));
        }
        self.at += 1;
        Ok(())
    }

    fn text_value(&mut self) -> Result<String, ModelFileError> {
        let mut escaped = false;
        let inside = self.rest().bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(inside) = inside else {
            self.at = self.text.len();
            return Err(self.refuse("the text ends inside a string"));
        };
        if inside > MOST_TEXT_BYTES {
            return Err(self.refuse(format!("a string of more than {MOST_TEXT_BYTES} bytes")));
        }
        let token = self.rest().get(..inside + 2).unwrap_or_default();
        let text = serde_json::from_str(token).map_err(|_| {
            self.refuse("a string with a raw control character or an unknown escape")
        })?;
        self.at += token.len();
        Ok(text)
    }

    fn number(&mut self) -> Result<Value, ModelFileError> {
        let token = self.token(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if serde_json::from_str::<serde::de::IgnoredAny>(token).is_err() {
            return Err(self.refuse(format!("`{}` is no JSON number", excerpt(token))));
        }
        let number: f64 = token.parse().unwrap_or(f64::NAN);
        if !number.is_finite() {
            return Err(self.refuse(format!("`{}` is more than a double holds", excerpt(token))));
        }
        let shortest = significant_digits(number);
        if digits_of(token) != shortest {
            let message = format!(
                "`{}` is read as {number:e}; expected the shortest digits of that",
                excerpt(token)
            );
            return Err(self.refuse(message));
        }
        self.at += token.len();
        let integer = token.parse().ok().filter(|integer: &i64| {
            integer.unsigned_abs() <= LARGEST_INTEGER && (*integer != 0 || token == "0")
        });
        let number =
            integer.map_or_else(|| Number::from_f64(number), |integer| Some(integer.into()));
        Ok(number.map_or(Value::Null, Value::Number))
    }

    fn word(&mut self) -> Result<Value, ModelFileError> {
        let token = self.token(|byte| byte.is_ascii_alphanumeric());
        let value = match token {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => return Err(self.refuse(format!("`{}` is no JSON value", excerpt(token)))),
        };
        self.at += token.len();
        Ok(value)
    }

    fn token(&self, belongs: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| !belongs(byte)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Step over space and, if it comes next, over `byte`.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn refuse_next(&self, expected: &str) -> ModelFileError {
        match self.rest().chars().next() {
            Some(found) => self.refuse(format!("{found:?}; expected {expected}")),
            None => self.refuse(format!("the text ends here; expected {expected}")),
        }
    }

    fn refuse(&self, message: impl Into<String>) -> ModelFileError {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        ModelFileError {
            position: Some((before.matches('\n').count() + 1, line.chars().count() + 1)),
            ..ModelFileError::new(ModelFileErrorKind::Json, json_path(&self.path), message)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST_BYTES, MOST_ELEMENTS, MOST_TEXT_BYTES, parse};

    fn refusal(text: &str) -> (String, String, (usize, usize)) {
        let error = parse(text.as_bytes()).unwrap_err();
        (error.path, error.message, error.position.unwrap())
    }

    #[test]
    fn what_is_json_is_read() {
        let text = r#" {"a": [1, -0.5, 1e-7, "\u00e9\ud83d\ude00\"", true, false, null, {}, []]} "#;
        let lenient: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), lenient);
    }

    #[test]
    fn of_two_shortest_forms_the_written_one_is_read() {
        // Both have 17 digits and read as ...528.25.
        assert!(parse(b"-1298888904631528.2").is_ok());
        assert!(refusal("-1298888904631528.3").1.contains("expected the shortest digits"));
    }

    #[test]
    fn the_place_is_named() {
        let cases = [
            (r#"{"a": {"b": 1, "b": 2}}"#, "$.a.b", "stands twice", (1, 16)),
            (r#"{"a": [1, NaN]}"#, "$.a[1]", "`NaN` is no JSON value", (1, 11)),
            (r#"{"a": [1, -Infinity]}"#, "$.a[1]", "`-Infinity` is no JSON number", (1, 11)),
            ("{\"a\":\n 1e999}", "$.a", "more than a double holds", (2, 2)),
            (r#"{"a": 0.30000000000000005}"#, "$.a", "read as 3.0000000000000004e-1", (1, 7)),
            (r#"{"a": 9007199254740993}"#, "$.a", "shortest digits", (1, 7)),
            (r#"{"a": 01}"#, "$.a", "`01` is no JSON number", (1, 7)),
            (r#"{"a": 1."#, "$.a", "no JSON number", (1, 7)),
            (r#"{"a": [1, 2"#, "$.a", "the text ends here; expected `,` or `]`", (1, 12)),
            (r#"{"a": "b"#, "$.a", "ends inside a string", (1, 9)),
            (r#"{"a": "\x"}"#, "$.a", "unknown escape", (1, 7)),
            (r#"{"a": "#, "$.a", "expected a value", (1, 7)),
            (r#"{"a" 1}"#, "$.a", "'1'; expected `:`", (1, 6)),
            (r#"{"a": 1 "b": 2}"#, "$", "expected `,` or `}`", (1, 9)),
            (r#"{"a": 1,}"#, "$", "expected a key", (1, 9)),
            ("[1] 2", "$", "follows the document", (1, 5)),
            ("", "$", "expected a value", (1, 1)),
            ("\u{feff}{}", "$", "expected a value", (1, 1)),
        ];
        for (text, path, message, position) in cases {
            let found = refusal(text);
            assert_eq!((found.0.as_str(), found.2), (path, position), "{text}: {}", found.1);
            assert!(found.1.contains(message), "{text}: {}", found.1);
        }
        assert!(parse(b"{\"a\": \"\xff\"}").unwrap_err().message.contains("no UTF-8 from byte 7"));
    }

    #[test]
    fn caps_hold() {
        let deep = format!("{{\"a\": {}", "[".repeat(10_000));
        assert_eq!(refusal(&deep).1, "nested deeper than 64 levels");
        assert_eq!(refusal(&deep).0, format!("$.a{}", "[0]".repeat(63)));
        assert_eq!(refusal(&"{\"a\":".repeat(10_000)).1, "nested deeper than 64 levels");
        let sixty_four = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(parse(sixty_four.as_bytes()).is_ok());
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(MOST_TEXT_BYTES + 1));
        assert_eq!(refusal(&long).0, "$.a");
        let wide = format!("[{}0]", "0,".repeat(MOST_ELEMENTS));
        assert_eq!(refusal(&wide).0, format!("$[{MOST_ELEMENTS}]"));
        let big = vec![b' '; MOST_BYTES + 1];
        assert!(parse(&big).unwrap_err().message.contains("expected at most"));
    }

    proptest! {
        #[test]
        fn every_double_is_read_back_as_it_was_written(number in any::<f64>()) {
            prop_assume!(number.is_finite());
            let text = serde_json::to_string(&number).unwrap();
            let value = parse(text.as_bytes()).unwrap();
            prop_assert_eq!(value.as_f64().map(f64::to_bits), Some(number.to_bits()));
        }

        #[test]
        fn a_changed_digit_is_another_number_or_refused(
            number in any::<f64>(), place in 0_usize..30, digit in b'0'..=b'9',
        ) {
            prop_assume!(number.is_finite());
            let mut text = serde_json::to_string(&number).unwrap().into_bytes();
            prop_assume!(place < text.len() && text[place].is_ascii_digit() && text[place] != digit);
            text[place] = digit;
            if let Ok(value) = parse(&text) {
                prop_assert_ne!(value.as_f64().map(f64::to_bits), Some(number.to_bits()));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_text_made_of_json_makes_it_panic(text in r#"[\[\]{}:,"\\eE0-9.\- ntfu]{0,60}"#) {
            if let Ok(value) = parse(text.as_bytes()) {
                prop_assert_eq!(value, serde_json::from_str::<serde_json::Value>(&text).unwrap());
            }
        }
    }
}
