//! The closed expression language of the project file: what `where`, `sum` and `formula` say.
//!
//! An expression is parsed once, with a byte position in every error, and evaluated row by row over
//! cells that the caller hands out. It is never given to an engine as text.
//!
//! From the loosest binding to the tightest, as in SQL:
//!
//! | Form | Meaning |
//! |------|---------|
//! | `or`, `and`, `not` | three-valued |
//! | `= != <> < <= > >=`, `in (...)`, `not in (...)`, `is null`, `is not null` | one of them, they do not chain |
//! | `+ -`, then `* /`, then unary `-` | plain f64, rounded after each step |
//! | `lower upper trim` | text of a text |
//! | `length` | number of characters |
//! | `starts_with(a, b)`, `ends_with`, `contains` | condition on two texts |
//! | `if(c, a, b)` | `a` where `c` is true, else `b` |
//! | `'it''s'`, `1.5e3`, `true`, `false`, `null` | literals |
//! | `seats`, `"Account ID"` | names of columns, or of indicators in a formula |
//!
//! Keywords and functions are read without regard to case, names with.
//!
//! **Types.** Literals, operators and functions have a type, a column has not: its cell is read as what
//! stands beside it asks for. A text cell that holds a number is a number where one is asked for; a text
//! cell `true` or `false`, in any case, is a condition; a number cell is never a text. A cell that
//! cannot be read so is null. Two columns compare as numbers where both cells are numbers, else as
//! texts, by their bytes.
//!
//! **Null.** Arithmetic, functions and comparisons on null are null; so are a division by zero and any
//! result that is not finite. Only `is null` and `if` see null.

mod evaluate;
mod lex;
mod node;
mod parse;
mod part;

use std::collections::BTreeSet;

use node::Node;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
    kind: Kind,
    names: Vec<String>,
    /// Byte offset of the first use of each name.
    positions: Vec<usize>,
}

/// A text that is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// Where the mistake is: byte offset in the text, at most its length.
    pub position: usize,
    /// What is wrong and what was expected, a lower-case fragment.
    pub message: String,
    /// What to write instead, where that can be told.
    pub help: Option<String>,
}

/// What an expression yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// A condition: true, false or unknown.
    Truth,
    /// Whatever the cells hold: a plain column, `null`, or a choice between such.
    Any,
}

/// As a message says it.
impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "a condition",
            Self::Any => "any value",
        })
    }
}

/// The value of one column in one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// A text, which may hold a number (`5`) or a condition (`true`).
    Text(&'a str),
    /// A number; one that is not finite counts as null.
    Number(f64),
}

impl Expression {
    /// Parses `text`.
    ///
    /// # Errors
    /// The first mistake with its place: bad syntax, an unknown function (with the nearest known one), a
    /// wrong number of arguments, types that cannot meet (`'a' + 1`), a comparison with `null`, or
    /// nesting deeper than 32.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text)
    }

    /// The names it reads, distinct, in the order of their first use.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Byte offset of the first use of `name`; 0, the start, if the expression does not read it.
    pub fn name_position(&self, name: &str) -> usize {
        let found = self.names.iter().zip(&self.positions).find(|(known, _)| *known == name);
        found.map_or(0, |(_, position)| *position)
    }

    /// The names whose cells are read as texts: compared with one, or handed to a function of texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut read = BTreeSet::new();
        self.root.texts(&mut read);
        read.into_iter().filter_map(|index| self.names.get(index)).map(String::as_str)
    }

    /// The names whose cells are compared with each other's.
    pub fn compared(&self) -> impl Iterator<Item = &str> {
        let mut read = BTreeSet::new();
        self.root.compared(&mut read);
        read.into_iter().filter_map(|index| self.names.get(index)).map(String::as_str)
    }

    /// The name, if the expression is a plain name and nothing else.
    pub fn column(&self) -> Option<&str> {
        match self.root {
            Node::Name(index) => self.names.get(index).map(String::as_str),
            _ => None,
        }
    }

    /// What it yields, known without data.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its number in one row, always finite; `cell` takes an index into [`Self::names`].
    ///
    /// None is null: also for an expression of kind text or truth.
    pub fn number<'a>(&'a self, cell: &dyn Fn(usize) -> Cell<'a>) -> Option<f64> {
        self.kind.meet(Kind::Number).and_then(|_| self.root.number(cell))
    }

    /// Whether it is true in one row; neither false nor unknown is. `cell` as in [`Self::number`].
    ///
    /// Never for an expression of kind number or text.
    pub fn is_true<'a>(&'a self, cell: &dyn Fn(usize) -> Cell<'a>) -> bool {
        self.kind.meet(Kind::Truth).is_some() && self.root.truth(cell) == Some(true)
    }
}

impl Kind {
    /// The kind of both together, if they can meet: a cell takes the kind of the other side.
    fn meet(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, kind) | (kind, Self::Any) => Some(kind),
            _ => (self == other).then_some(self),
        }
    }

    /// As it reads in a message.
    fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "a condition",
            Self::Any => "a column",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Expression, Kind};

    fn parse(text: &str) -> Expression {
        Expression::parse(text).unwrap()
    }

    /// Found by the fuzz target `expression`: the branch is read as what the whole is.
    #[test]
    fn a_choice_is_one_kind_whatever_its_column_holds() {
        let five = |_: usize| Cell::Text("5");
        let truth = parse("if(a is null, 0 <> b, a)");
        assert_eq!((truth.kind(), truth.number(&five)), (Kind::Truth, None));
        let yes = |_: usize| Cell::Text("true");
        let number = parse("if(a is null, 1, a)");
        assert_eq!((number.kind(), number.is_true(&yes)), (Kind::Number, false));
    }

    #[test]
    fn names_that_are_read_as_texts_are_told() {
        let texts = |text: &str| parse(text).texts().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(texts("a = 'x' and not (b > 1 or 'y' != c)"), ["a", "c"]);
        assert_eq!(texts("d in ('x', 'y') and e in (1, 2) and f is null"), ["d"]);
        assert_eq!(texts("if(starts_with(lower(g), h), length(i), -j) + k"), ["g", "h", "i"]);
        assert!(texts("l = m").is_empty(), "columns are what they hold");
        assert_eq!(texts("n and not (o or 1 > 2)"), ["n", "o"], "conditions are texts too");
        let compared = |text: &str| parse(text).compared().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(compared("a > b and c = 'x' or d in (e, 1)"), ["a", "b", "d", "e"]);
    }

    #[test]
    fn names_are_distinct_and_in_order_of_first_use() {
        let expression = parse("b > a and \"Account ID\" = 'a' or a < b");
        assert_eq!(expression.names(), ["b", "a", "Account ID"]);
        assert_eq!(expression.name_position("b"), 0);
        assert_eq!(expression.name_position("a"), 4);
        assert_eq!(expression.name_position("Account ID"), 10);
        assert_eq!(expression.name_position("c"), 0);
    }

    #[test]
    fn only_a_plain_name_is_a_column() {
        assert_eq!(parse(" sku ").column(), Some("sku"));
        assert_eq!(parse("(\"Unit \"\"X\"\"\")").column(), Some("Unit \"X\""));
        assert_eq!(parse("-sku").column(), None);
        assert_eq!(parse("'sku'").column(), None);
    }

    #[test]
    fn the_kind_is_known_without_data() {
        for (kind, texts) in [
            (Kind::Any, &["a", "null", "if(a > 1, a, null)"][..]),
            (Kind::Number, &["a + b", "-a", "1", "length(a)", "if(a is null, 0, a)"]),
            (Kind::Text, &["'a'", "lower(a)", "if(b, a, 'none')"]),
            (Kind::Truth, &["a > 1", "not a", "a and b", "a in (1)", "a is null", "true"]),
            (Kind::Truth, &["contains(a, 'x')", "if(a, b, false)"]),
        ] {
            for text in texts {
                assert_eq!(parse(text).kind(), kind, "{text}");
            }
        }
    }
}
