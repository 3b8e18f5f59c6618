//! Paths that name a place in a JSON document.

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into an object.
    Key(String),
    /// Into an array.
    Index(usize),
}

/// `$.model.bands[1].from`, from the outermost step to the innermost.
pub(super) fn json_path<'a>(steps: impl IntoIterator<Item = &'a Step>) -> String {
    steps.into_iter().fold("$".to_owned(), |mut path, step| {
        path.push_str(&shown(step));
        path
    })
}

/// The path of a key of the object at `path`.
pub(super) fn key_path(path: &str, key: &str) -> String {
    format!("{path}{}", shown(&Step::Key(key.to_owned())))
}

fn shown(step: &Step) -> String {
    match step {
        Step::Index(index) => format!("[{index}]"),
        Step::Key(key) if is_plain(key) => format!(".{key}"),
        Step::Key(key) => format!("[{:?}]", excerpt(key)),
    }
}

fn is_plain(key: &str) -> bool {
    (1..=80).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// At most the first 80 characters of a text that may be anything.
pub(super) fn excerpt(text: &str) -> String {
    let mut start: String = text.chars().take(80).collect();
    if start.len() < text.len() {
        start.push_str("...");
    }
    start
}

#[cfg(test)]
mod tests {
    use super::{Step, json_path, key_path};

    #[test]
    fn unusual_keys_are_quoted_and_long_ones_cut() {
        let steps = [Step::Key("bands".to_owned()), Step::Index(1), Step::Key("a\n".to_owned())];
        assert_eq!(json_path(&steps), "$.bands[1][\"a\\n\"]");
        assert_eq!(key_path("$", "a-b"), "$[\"a-b\"]");
        assert_eq!(key_path("$", &"x".repeat(100)), format!("$[\"{}...\"]", "x".repeat(80)));
    }
}
