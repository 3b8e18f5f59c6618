//! Ways to databases, which may hold a password, covered before a text is shown.

/// The text with stars for what may be a secret: the rest of a URI that holds an `@` or parameters, what
/// stands before the `@` of `user:password@host`, and the value of `password=...` and the like.
///
/// As many bytes as before, and the same lines: places in the text stay what they are.
pub(crate) fn cover(text: &str) -> String {
    let mut covered = String::with_capacity(text.len());
    let ends = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`');
    for token in text.split_inclusive(ends) {
        let secret = secret(token.trim_end_matches(ends));
        for (place, sign) in token.char_indices() {
            if secret.contains(&place) {
                covered.extend(std::iter::repeat_n('*', sign.len_utf8()));
            } else {
                covered.push(sign);
            }
        }
    }
    covered
}

/// Bytes of a token that are not shown.
fn secret(token: &str) -> std::ops::Range<usize> {
    const NAMES: [&str; 4] = ["password=", "pwd=", "token=", "secret="];
    if let Some(scheme) = token.find("://") {
        let start = scheme + "://".len();
        return if token[start..].contains(['@', '?']) { start..token.len() } else { 0..0 };
    }
    let lower = token.to_ascii_lowercase();
    if let Some(start) = NAMES.iter().find_map(|name| Some(lower.find(name)? + name.len())) {
        return start..token.len();
    }
    match (token.find(':'), token.rfind('@')) {
        (Some(colon), Some(at)) if colon < at => 0..at,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::cover;

    #[test]
    fn what_may_be_a_secret_is_covered_and_places_stay() {
        for (text, covered) in [
            (
                "uri = \"postgres://me:hush@host/db\" # why",
                "uri = \"postgres://***************\" # why",
            ),
            ("x = 'http://host/?key=ü'", "x = 'http://************'"),
            ("no `me:hush@host/db`?", "no `*******@host/db`?"),
            ("\"host=a password=hush port=1\"", "\"host=a password=**** port=1\""),
            ("see https://acme.example/page", "see https://acme.example/page"),
            ("at = \"10:00\"\npath = \"a@b.csv\"", "at = \"10:00\"\npath = \"a@b.csv\""),
        ] {
            assert_eq!(cover(text), covered);
            assert_eq!(cover(text).len(), text.len());
        }
    }
}
