//! Tokens to nodes, by recursive descent; one function per level of binding.

use chs_toml::nearest;

use super::lex::{Form, Token, tokens};
use super::node::{Change, Comparison, Node, Operator, Search};
use super::part::{Part, choose, comparable, compare, exactly};
use super::{Expression, ExpressionError, Kind};

/// Brackets, functions, `not` and unary minus may stand in each other this deep: far beyond what anybody
/// writes, and within half the stack of a worker thread even without optimisation.
const MAX_DEPTH: usize = 32;

const FUNCTIONS: [(&str, Function); 8] = [
    ("lower", Function::Change(Change::Lower)),
    ("upper", Function::Change(Change::Upper)),
    ("trim", Function::Change(Change::Trim)),
    ("length", Function::Length),
    ("starts_with", Function::Search(Search::StartsWith)),
    ("ends_with", Function::Search(Search::EndsWith)),
    ("contains", Function::Search(Search::Contains)),
    ("if", Function::If),
];

#[derive(Clone, Copy)]
enum Function {
    Change(Change),
    Length,
    Search(Search),
    If,
}

const COMPARISONS: [(&str, Comparison); 7] = [
    ("=", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<>", Comparison::Unequal),
    ("<", Comparison::Less),
    ("<=", Comparison::AtMost),
    (">", Comparison::Greater),
    (">=", Comparison::AtLeast),
];

const SUMS: [(&str, Operator); 2] = [("+", Operator::Plus), ("-", Operator::Minus)];
const PRODUCTS: [(&str, Operator); 2] = [("*", Operator::Times), ("/", Operator::Over)];

/// Words that cannot be a bare name.
const KEYWORDS: [&str; 5] = ["and", "or", "not", "in", "is"];

/// What other languages write, and how it is said here.
const FOREIGN: [(&str, &str); 14] = [
    ("==", "equal is `=`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("!", "write `not`"),
    (".", "a name with other characters stands in double quotes"),
    ("`", "a name with other characters stands in double quotes"),
    ("[", "a name with other characters stands in double quotes"),
    ("“", "names stand in \" and texts in '"),
    ("‘", "names stand in \" and texts in '"),
    (",", "decimals are written with a point"),
    ("like", "write `starts_with(a, 'x')`, `ends_with(a, 'x')` or `contains(a, 'x')`"),
    ("between", "write `a >= 1 and a <= 2`"),
    ("case", "write `if(condition, a, b)`"),
    ("coalesce", "write `if(a is null, 0, a)`"),
];

/// Parses a whole text.
pub(super) fn parse(text: &str) -> Result<Expression, ExpressionError> {
    let end = Token { position: text.len(), source: "", form: Form::Symbol("") };
    let mut parser = Parser {
        tokens: tokens(text)?,
        end,
        next: 0,
        depth: 0,
        names: Vec::new(),
        positions: Vec::new(),
    };
    let whole = parser.alternatives()?;
    if parser.next < parser.tokens.len() {
        return Err(parser.expected("an operator or the end"));
    }
    let Parser { names, positions, .. } = parser;
    Ok(Expression { root: whole.node, kind: whole.kind, names, positions })
}

type Parsed = Result<Part, ExpressionError>;

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    /// Stands after the last token.
    end: Token<'t>,
    next: usize,
    depth: usize,
    names: Vec<String>,
    positions: Vec<usize>,
}

impl<'t> Parser<'t> {
    /// Conditions joined by `or`.
    fn alternatives(&mut self) -> Parsed {
        self.joined("or", Self::conjunction, Node::Or)
    }

    /// Conditions joined by `and`.
    fn conjunction(&mut self) -> Parsed {
        self.joined("and", Self::negation, Node::And)
    }

    fn joined(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Parsed,
        join: fn(Vec<Node>) -> Node,
    ) -> Parsed {
        let first = operand(self)?;
        if !self.at_word(word) {
            return Ok(first);
        }
        let position = first.position;
        let mut nodes = vec![first.require(Kind::Truth, word)?];
        while self.take_word(word) {
            nodes.push(operand(self)?.require(Kind::Truth, word)?);
        }
        Ok(Part { node: join(nodes), kind: Kind::Truth, position })
    }

    fn negation(&mut self) -> Parsed {
        let position = self.token().position;
        if !self.take_word("not") {
            return self.predicate();
        }
        let condition = self.nested(Self::negation)?.require(Kind::Truth, "not")?;
        Ok(Part { node: Node::Not(Box::new(condition)), kind: Kind::Truth, position })
    }

    /// A value, or one comparison, membership or null test of it.
    fn predicate(&mut self) -> Parsed {
        let left = self.sum()?;
        let position = left.position;
        let node = if let Some((symbol, comparison)) = self.take_symbol(&COMPARISONS) {
            let right = self.sum()?;
            compare((symbol, comparison), left, right)?
        } else if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("null") {
                return Err(self.expected("`null`"));
            }
            negate_if(negated, Node::IsNull { kind: left.kind, value: Box::new(left.node) })
        } else if self.at_word("in") || self.at_word("not") {
            let negated = self.take_word("not");
            if !self.take_word("in") {
                return Err(self.expected("`in`"));
            }
            negate_if(negated, self.membership(left)?)
        } else {
            return Ok(left);
        };
        if self.at_predicate() {
            return Err(ExpressionError {
                help: Some("join them with `and`, or put brackets around one".to_owned()),
                ..self.fault("comparisons do not chain")
            });
        }
        Ok(Part { node, kind: Kind::Truth, position })
    }

    fn membership(&mut self, value: Part) -> Result<Node, ExpressionError> {
        let items = self
            .list()?
            .into_iter()
            .map(|item| {
                let kind = comparable("in", &value, &item)?;
                Ok((kind, item.node))
            })
            .collect::<Result<_, _>>()?;
        Ok(Node::In { value: Box::new(value.node), items })
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(&SUMS, Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.arithmetic(&PRODUCTS, Self::signed)
    }

    fn arithmetic(
        &mut self,
        operators: &[(&'static str, Operator)],
        operand: fn(&mut Self) -> Parsed,
    ) -> Parsed {
        let first = operand(self)?;
        let position = first.position;
        let mut rest = Vec::new();
        while let Some((symbol, operator)) = self.take_symbol(operators) {
            if rest.is_empty() {
                first.check(Kind::Number, symbol)?;
            }
            rest.push((operator, operand(self)?.require(Kind::Number, symbol)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let node = Node::Arithmetic { first: Box::new(first.node), rest };
        Ok(Part { node, kind: Kind::Number, position })
    }

    fn signed(&mut self) -> Parsed {
        let position = self.token().position;
        if !self.take("-") {
            return self.primary();
        }
        let value = self.nested(Self::signed)?.require(Kind::Number, "-")?;
        Ok(Part { node: Node::Negate(Box::new(value)), kind: Kind::Number, position })
    }

    fn primary(&mut self) -> Parsed {
        let Token { position, form, .. } = self.token().clone();
        let (node, kind) = match form {
            Form::Number(number) => (Node::Number(number), Kind::Number),
            Form::Text(text) => (Node::Text(text), Kind::Text),
            Form::QuotedName(name) if name.is_empty() => return Err(self.fault("a name is empty")),
            Form::QuotedName(name) => (self.name(&name, position), Kind::Any),
            Form::Word(word) => return self.word(word, position),
            Form::Symbol("(") => {
                self.next += 1;
                let inner = self.nested(Self::alternatives)?;
                self.close("`)`")?;
                return Ok(Part { position, ..inner });
            }
            Form::Symbol(_) => return Err(self.expected("a value")),
        };
        self.next += 1;
        Ok(Part { node, kind, position })
    }

    /// A literal, a function or a name.
    fn word(&mut self, word: &'t str, position: usize) -> Parsed {
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| word.eq_ignore_ascii_case(keyword)) {
            return Err(ExpressionError {
                help: Some(format!("a column `{keyword}` stands in double quotes")),
                ..self.expected("a value")
            });
        }
        self.next += 1;
        let (node, kind) = if word.eq_ignore_ascii_case("null") {
            (Node::Null, Kind::Any)
        } else if word.eq_ignore_ascii_case("true") {
            (Node::Truth(true), Kind::Truth)
        } else if word.eq_ignore_ascii_case("false") {
            (Node::Truth(false), Kind::Truth)
        } else if self.at("(") {
            return self.call(word, position);
        } else {
            (self.name(word, position), Kind::Any)
        };
        Ok(Part { node, kind, position })
    }

    fn call(&mut self, word: &str, position: usize) -> Parsed {
        let lower = word.to_ascii_lowercase();
        let known = FUNCTIONS.iter().find(|(name, _)| *name == lower);
        let Some(&(name, function)) = known else {
            return Err(unknown_function(word, position));
        };
        let arguments = self.list()?;
        let (node, kind) = match function {
            Function::Change(change) => {
                let [text] = exactly(name, position, arguments)?;
                (Node::Change(change, Box::new(text.require(Kind::Text, name)?)), Kind::Text)
            }
            Function::Length => {
                let [text] = exactly(name, position, arguments)?;
                (Node::Length(Box::new(text.require(Kind::Text, name)?)), Kind::Number)
            }
            Function::Search(search) => {
                let [text, part] = exactly(name, position, arguments)?;
                let text = Box::new(text.require(Kind::Text, name)?);
                (Node::Search(search, text, Box::new(part.require(Kind::Text, name)?)), Kind::Truth)
            }
            Function::If => choose(exactly(name, position, arguments)?)?,
        };
        Ok(Part { node, kind, position })
    }

    /// `(a, b, ...)`, at least one.
    fn list(&mut self) -> Result<Vec<Part>, ExpressionError> {
        if !self.take("(") {
            return Err(self.expected("`(`"));
        }
        let mut parts = vec![self.nested(Self::alternatives)?];
        while self.take(",") {
            parts.push(self.nested(Self::alternatives)?);
        }
        self.close("`,` or `)`")?;
        Ok(parts)
    }

    fn close(&mut self, expected: &str) -> Result<(), ExpressionError> {
        if self.take(")") { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn name(&mut self, name: &str, position: usize) -> Node {
        let known = self.names.iter().position(|known| known == name);
        Node::Name(known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.positions.push(position);
            self.names.len() - 1
        }))
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(&format!("nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let part = parse(self)?;
        self.depth -= 1;
        Ok(part)
    }

    fn token(&self) -> &Token<'t> {
        self.tokens.get(self.next).unwrap_or(&self.end)
    }

    fn at_word(&self, keyword: &str) -> bool {
        matches!(self.token().form, Form::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn at_predicate(&self) -> bool {
        COMPARISONS.iter().any(|(symbol, _)| self.at(symbol))
            || ["is", "in", "not"].iter().any(|word| self.at_word(word))
    }

    fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.at_word(keyword);
        self.next += usize::from(found);
        found
    }

    fn at(&self, symbol: &str) -> bool {
        matches!(self.token().form, Form::Symbol(found) if found == symbol)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.at(symbol);
        self.next += usize::from(found);
        found
    }

    /// The symbol that comes next, if it is one of `known`, with what it stands for.
    fn take_symbol<T: Copy>(&mut self, known: &[(&'static str, T)]) -> Option<(&'static str, T)> {
        known.iter().find(|(symbol, _)| self.take(symbol)).copied()
    }

    fn expected(&self, expected: &str) -> ExpressionError {
        let source = self.token().source;
        let foreign = FOREIGN.iter().find(|(word, _)| source.eq_ignore_ascii_case(word));
        let found = if source.is_empty() { "the end".to_owned() } else { format!("`{source}`") };
        ExpressionError {
            help: foreign.map(|(_, help)| (*help).to_owned()),
            ..self.fault(&format!("expected {expected}, found {found}"))
        }
    }

    /// An error at the next token.
    fn fault(&self, message: &str) -> ExpressionError {
        let position = self.token().position;
        ExpressionError { position, message: message.to_owned(), help: None }
    }
}

fn negate_if(negated: bool, node: Node) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}

fn unknown_function(word: &str, position: usize) -> ExpressionError {
    let names = FUNCTIONS.map(|(name, _)| name);
    let foreign = FOREIGN.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    let help = match (foreign, nearest(word, names)) {
        (Some((_, help)), _) => (*help).to_owned(),
        (None, Some(name)) => format!("did you mean `{name}`?"),
        (None, None) => format!("functions are {}", names.join(", ")),
    };
    ExpressionError { position, message: format!("unknown function `{word}`"), help: Some(help) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Cell, Expression};

    fn check_error(text: &str, position: usize, message: &str, help: &str) {
        let error = Expression::parse(text).unwrap_err();
        let found = (error.position, error.message.as_str(), error.help.as_deref().unwrap_or(""));
        assert_eq!(found, (position, message, help), "{text}");
    }

    #[test]
    fn bad_syntax() {
        for (text, position, message, help) in [
            ("", 0, "expected a value, found the end", ""),
            ("a + ", 4, "expected a value, found the end", ""),
            ("(a + 1", 6, "expected `)`, found the end", ""),
            ("a b", 2, "expected an operator or the end, found `b`", ""),
            ("a)", 1, "expected an operator or the end, found `)`", ""),
            ("a is 5", 5, "expected `null`, found `5`", ""),
            ("a not 5", 6, "expected `in`, found `5`", ""),
            ("a in 5", 5, "expected `(`, found `5`", ""),
            ("a in ()", 6, "expected a value, found `)`", ""),
            ("a in (1", 7, "expected `,` or `)`, found the end", ""),
            ("a % 2", 2, "expected an operator or the end, found `%`", ""),
            ("\"\" = 1", 0, "a name is empty", ""),
            ("1e999", 0, "`1e999` is too large for a number", ""),
        ] {
            check_error(text, position, message, help);
        }
    }

    #[test]
    fn what_other_languages_write_is_answered() {
        for (text, position, message, help) in [
            ("a == 1", 2, "expected an operator or the end, found `==`", "equal is `=`"),
            ("a && b", 2, "expected an operator or the end, found `&&`", "write `and`"),
            (
                "a Between 1 and 2",
                2,
                "expected an operator or the end, found `Between`",
                "write `a >= 1 and a <= 2`",
            ),
            (
                "0,5 * a",
                1,
                "expected an operator or the end, found `,`",
                "decimals are written with a point",
            ),
            ("coalesce(a, 0)", 0, "unknown function `coalesce`", "write `if(a is null, 0, a)`"),
            ("or = 1", 0, "expected a value, found `or`", "a column `or` stands in double quotes"),
            (
                "2nd = 1",
                0,
                "`2nd` is no number",
                "a name that does not begin with a letter stands in double quotes: \"2nd\"",
            ),
            (
                "a.b = 1",
                1,
                "expected an operator or the end, found `.`",
                "a name with other characters stands in double quotes",
            ),
            (
                "a = 'x",
                4,
                "the quote ' is not closed",
                "a quote that belongs to the content is written twice: ''",
            ),
        ] {
            check_error(text, position, message, help);
        }
    }

    #[test]
    fn unknown_functions_and_wrong_arguments() {
        let all = "functions are lower, upper, trim, length, starts_with, ends_with, contains, if";
        check_error("1 + lenght(a)", 4, "unknown function `lenght`", "did you mean `length`?");
        check_error("regression(a)", 0, "unknown function `regression`", all);
        check_error("if(a, 1)", 0, "`if` with another number of values: expected 3, found 2", "");
        check_error(
            "contains(a)",
            0,
            "`contains` with another number of values: expected 2, found 1",
            "",
        );
    }

    #[test]
    fn deep_nesting_is_refused_and_long_chains_are_not() {
        for (open, close) in
            [("(", ")"), ("not ", ""), ("-", ""), ("if(", ", a, a)"), ("true in (", ")")]
        {
            let nested = |depth| format!("{}a{}", open.repeat(depth), close.repeat(depth));
            assert!(Expression::parse(&nested(32)).is_ok(), "{open}");
            let error = Expression::parse(&nested(10_000)).unwrap_err();
            assert_eq!(error.message, "nested deeper than 32");
            assert_eq!(error.position, 33 * open.len(), "{open}");
        }
        for operator in [" + ", " * ", " - "] {
            let chain = Expression::parse(&vec!["1"; 100_000].join(operator)).unwrap();
            assert!(chain.number(&|_| Cell::Null).is_some());
        }
        for word in [" and ", " or "] {
            let chain = Expression::parse(&vec!["true"; 100_000].join(word)).unwrap();
            assert!(chain.is_true(&|_| Cell::Null));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            check_any(&text);
        }

        #[test]
        fn no_run_of_tokens_makes_it_panic(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "a", "\"b c\"", "'x'", "'", "1", ".5", "2e", "(", ")", ",", "+", "-", "*", "/", "=", "<>", "<=", "!",
                    "and", "or", "not", "in", "is", "null", "true", "lower", "length", "contains", "if", "if(a,", "ß",
                ]),
                0..24,
            ),
        ) {
            check_any(&words.join(" "));
            check_any(&words.concat());
        }
    }

    /// Parsed or refused with a place in the text; evaluated to a finite number or none.
    fn check_any(text: &str) {
        match Expression::parse(text) {
            Ok(expression) => {
                let number = expression.number(&|_| Cell::Text("2"));
                assert!(number.is_none_or(f64::is_finite));
                expression.is_true(&|_| Cell::Number(2.0));
            }
            Err(error) => assert!(text.is_char_boundary(error.position)),
        }
    }
}
