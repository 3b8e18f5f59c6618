//! Text to tokens.

use super::ExpressionError;

/// One token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    /// Byte offset in the text.
    pub(super) position: usize,
    /// As it is written.
    pub(super) source: &'t str,
    pub(super) form: Form<'t>,
}

#[derive(Clone, Debug)]
pub(super) enum Form<'t> {
    Number(f64),
    /// In single quotes.
    Text(String),
    /// In double quotes.
    QuotedName(String),
    /// A bare name, a keyword or a function.
    Word(&'t str),
    /// An operator, a bracket, a comma; also any character that belongs nowhere.
    Symbol(&'t str),
}

/// Two characters that are one symbol; `== && ||` so that they can be answered with what is meant.
const PAIRS: [&str; 7] = ["<=", ">=", "<>", "!=", "==", "&&", "||"];

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let position = text.len() - rest.len();
        let (form, after) = match first {
            '\'' => quoted(rest, first, position).map(|(text, after)| (Form::Text(text), after))?,
            '"' => quoted(rest, first, position)
                .map(|(name, after)| (Form::QuotedName(name), after))?,
            _ if begins_number(rest) => number(rest, position)?,
            _ if begins_name(first) => word(rest),
            _ => symbol(rest, first),
        };
        let (source, after) = rest.split_at(rest.len() - after.len());
        tokens.push(Token { position, source, form });
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// What stands between the quotes, a doubled one being one, and the rest after them.
fn quoted(rest: &str, quote: char, position: usize) -> Result<(String, &str), ExpressionError> {
    let mut content = String::new();
    let mut characters = rest.chars();
    characters.next();
    while let Some(character) = characters.next() {
        if character == quote {
            match characters.as_str().strip_prefix(quote) {
                Some(after) => characters = after.chars(),
                None => return Ok((content, characters.as_str())),
            }
        }
        content.push(character);
    }
    Err(ExpressionError {
        position,
        message: format!("the quote {quote} is not closed"),
        help: Some(format!("a quote that belongs to the content is written twice: {quote}{quote}")),
    })
}

fn number(rest: &str, position: usize) -> Result<(Form<'_>, &str), ExpressionError> {
    let skip_digits = |from: &'_ str| from.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let tail = |length: usize| rest.split_at(rest.len() - length).1;
    let mut after = tail(skip_digits(rest));
    if let Some(fraction) = after.strip_prefix('.') {
        after = tail(skip_digits(fraction));
    }
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = skip_digits(digits);
        after = if length < digits.len() { tail(length) } else { after };
    }
    if after.starts_with(continues_name) {
        let end = after.trim_start_matches(continues_name);
        let source = rest.split_at(rest.len() - end.len()).0;
        return Err(ExpressionError {
            position,
            message: format!("`{source}` is no number"),
            help: Some(format!(
                "a name that does not begin with a letter stands in double quotes: \"{source}\""
            )),
        });
    }
    let literal = rest.split_at(rest.len() - after.len()).0;
    match literal.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Form::Number(number), after)),
        _ => Err(ExpressionError {
            position,
            message: format!("`{literal}` is too large for a number"),
            help: None,
        }),
    }
}

fn word(rest: &str) -> (Form<'_>, &str) {
    let after = rest.trim_start_matches(continues_name);
    (Form::Word(rest.split_at(rest.len() - after.len()).0), after)
}

fn symbol(rest: &str, first: char) -> (Form<'_>, &str) {
    let is_pair = PAIRS.iter().any(|pair| rest.starts_with(pair));
    let (symbol, after) = rest.split_at(if is_pair { 2 } else { first.len_utf8() });
    (Form::Symbol(symbol), after)
}

fn begins_number(rest: &str) -> bool {
    rest.strip_prefix('.').unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit())
}

fn begins_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn continues_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn splits_a_text_into_tokens_with_their_places() {
        let found: Vec<_> = tokens(" größe<=1.5e-3 AND\u{a0}\"a \"\"b\"\"\"<>'it''s'|| .5.x")
            .unwrap()
            .into_iter()
            .map(|token| format!("{} {:?}", token.position, token.form))
            .collect();
        assert_eq!(
            found,
            [
                "1 Word(\"größe\")",
                "8 Symbol(\"<=\")",
                "10 Number(0.0015)",
                "17 Word(\"AND\")",
                "22 QuotedName(\"a \\\"b\\\"\")",
                "31 Symbol(\"<>\")",
                "33 Text(\"it's\")",
                "40 Symbol(\"||\")",
                "43 Number(0.5)",
                "45 Symbol(\".\")",
                "46 Word(\"x\")",
            ]
        );
    }
}
