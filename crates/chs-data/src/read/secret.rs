//! A value of the environment that is written nowhere.

use std::fmt;

use super::partition::percent_decoded;

/// Shorter parts would take ordinary words out of a message, and leave too little hidden.
const SHORTEST: usize = 4;

/// A secret; it shows neither in `{:?}` nor in the words of a driver that went through
/// [`Secret::scrubbed`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for a driver alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// A message without the secret, its password or any value of its parameters, as they are written or
    /// percent-decoded, on one line. If a part is too short to be found for sure, the message is withheld.
    pub(super) fn scrubbed(&self, message: &str) -> String {
        let parts = self.parts();
        if parts.iter().any(|part| part.len() < SHORTEST && message.contains(part.as_str())) {
            return "(its words are withheld: they may hold a part of the secret)".to_owned();
        }
        let mut message = message.to_owned();
        for part in parts.iter().filter(|part| part.len() >= SHORTEST) {
            message = message.replace(part, "***");
        }
        message.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The whole and its confidential parts, the longest first.
    fn parts(&self) -> Vec<String> {
        let after_scheme = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let (place, parameters) = after_scheme.split_once('?').unwrap_or((after_scheme, ""));
        let mut parts: Vec<&str> = vec![&self.0, after_scheme];
        // `user:password@host`; an `@` or a `?` may stand in the password.
        for text in [place, after_scheme] {
            let password = text.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
            parts.extend(password.map(|(_, password)| password));
        }
        // `key=value` after `?`, or `key=value key='v a l u e'` throughout.
        let pairs = if parameters.is_empty() { place } else { parameters };
        for pair in pairs.split(['&', ';']) {
            parts.extend(confidential(pair));
        }
        let mut parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
        parts.extend(parts.clone().iter().map(|part| percent_decoded(part)));
        parts.retain(|part| !part.is_empty());
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.dedup();
        parts
    }
}

/// Keys whose values help to find a mistake and are no secrets.
const OPEN_KEYS: [&str; 7] = ["host", "hostaddr", "port", "dbname", "user", "schema", "sslmode"];

/// What the key of a short value has to hold for it to be a secret.
const SECRET_KEYS: [&str; 5] = ["pass", "pwd", "key", "token", "secret"];

/// What is confidential in `key=value` pairs with spaces between, quoted by `'` or not: all words but the
/// open ones, and short ones only where their key tells.
fn confidential(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    let is_open = |word: &str| word.len() < SHORTEST || OPEN_KEYS.contains(&word);
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
        let value = match after.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next().unwrap_or_default(),
            None => after.split(char::is_whitespace).next().unwrap_or_default(),
        };
        let is_secret = SECRET_KEYS.iter().any(|word| key.contains(word));
        if is_secret || (value.len() >= SHORTEST && !OPEN_KEYS.contains(&key.as_str())) {
            found.push(value);
        }
        // A mistake may have brought the secret to where a key should stand.
        found.extend(before.split_whitespace().filter(|word| !is_open(word)));
        rest = after.get(value.len()..).unwrap_or_default();
    }
    if rest.len() < text.len() {
        found.extend(rest.split_whitespace().filter(|word| !is_open(word)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(secret: &str, message: &str) -> String {
        Secret::new(secret).scrubbed(message)
    }

    #[test]
    fn no_part_of_the_secret_is_left() {
        let uri = "postgresql://u:p%40ss:w/rd@db.acme.com/x?sslpassword=keyw%20ord&sslmode=off";
        let words = format!("bad \"{uri}\"\nat p@ss:w/rd or p%40ss:w/rd, keyw ord, keyw%20ord\n");
        assert_eq!(scrubbed(uri, &words), "bad \"***\" at *** or ***, ***, ***");
        let odd = "postgres://u:wha?t@ever@host/x?connect_timeout=10";
        assert_eq!(scrubbed(odd, "wha?t@ever in 10 s"), "*** in 10 s");
        let pairs = "host=db user=u password='two words' options=-cfoo";
        assert_eq!(
            scrubbed(pairs, "auth two words for u at db, -cfoo"),
            "auth *** for u at db, ***"
        );
        assert_eq!(scrubbed("hunter22=1 more22", "no hunter22 in more22"), "no *** in ***");
        assert_eq!(scrubbed("token:dapi123@host/x?a=b", "no dapi123"), "no ***");
        assert_eq!(scrubbed("/tmp/my.sqlite", "open /tmp/my.sqlite: no"), "open ***: no");
    }

    #[test]
    fn what_cannot_be_hidden_withholds_the_message() {
        let words = scrubbed("postgres://u:ab@host/x", "about to fail");
        assert!(words.contains("withheld"), "{words}");
        assert_eq!(scrubbed("postgres://u:ab@host/x", "no such role"), "no such role");
    }

    #[test]
    fn it_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", Secret::new("hunter22")), "Secret(***)");
    }
}
