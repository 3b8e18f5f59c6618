//! Whether parsed parts fit together, by their kinds.

use super::node::{Comparison, Node};
use super::{ExpressionError, Kind};

/// A parsed part, with what its surroundings need to know of it.
pub(super) struct Part {
    pub(super) node: Node,
    pub(super) kind: Kind,
    /// Byte offset of its first token.
    pub(super) position: usize,
}

impl Part {
    /// The node, if it is of the kind that `user` works on, or a cell, which is read as such.
    pub(super) fn require(self, wanted: Kind, user: &str) -> Result<Node, ExpressionError> {
        self.check(wanted, user)?;
        Ok(self.node)
    }

    /// As [`Self::require`], the part staying whole.
    pub(super) fn check(&self, wanted: Kind, user: &str) -> Result<(), ExpressionError> {
        if self.kind.meet(wanted).is_some() {
            return Ok(());
        }
        let help = match (wanted, self.kind) {
            (Kind::Number, Kind::Truth) => "`if(condition, 1, 0)` makes a number of a condition",
            (Kind::Truth, Kind::Number | Kind::Text) => "compare it with something, as in `a > 0`",
            (_, Kind::Text) => {
                "single quotes make a text; a column stands bare or in double quotes"
            }
            _ => "single quotes make a text: 'x'",
        };
        Err(ExpressionError {
            position: self.position,
            message: format!("`{user}` expects {}, found {}", wanted.noun(), self.kind.noun()),
            help: Some(help.to_owned()),
        })
    }
}

/// The comparison of two values.
pub(super) fn compare(
    (symbol, comparison): (&str, Comparison),
    left: Part,
    right: Part,
) -> Result<Node, ExpressionError> {
    let kind = comparable(symbol, &left, &right)?;
    if kind == Kind::Truth && comparison.orders() {
        return Err(ExpressionError {
            position: left.position,
            message: format!("`{symbol}` has no meaning between conditions"),
            help: Some("conditions are equal or not: `=`, `!=`".to_owned()),
        });
    }
    Ok(Node::Compare { comparison, kind, left: Box::new(left.node), right: Box::new(right.node) })
}

/// The kind that two values are compared as.
pub(super) fn comparable(symbol: &str, left: &Part, right: &Part) -> Result<Kind, ExpressionError> {
    if let Some(null) = [left, right].into_iter().find(|part| matches!(part.node, Node::Null)) {
        return Err(ExpressionError {
            position: null.position,
            message: "a comparison with null is never true".to_owned(),
            help: Some("write `is null` or `is not null`".to_owned()),
        });
    }
    left.kind.meet(right.kind).ok_or_else(|| ExpressionError {
        position: right.position,
        message: format!("`{symbol}` compares {} with {}", left.kind.noun(), right.kind.noun()),
        help: Some("write both as numbers, or both as texts in single quotes".to_owned()),
    })
}

/// An `if` and its kind.
pub(super) fn choose(
    [condition, then, otherwise]: [Part; 3],
) -> Result<(Node, Kind), ExpressionError> {
    let kind = then.kind.meet(otherwise.kind).ok_or_else(|| ExpressionError {
        position: otherwise.position,
        message: format!(
            "`if` gives {} in one branch and {} in the other",
            then.kind.noun(),
            otherwise.kind.noun()
        ),
        help: Some("both must be of one type; `null` is of any".to_owned()),
    })?;
    let node = Node::If {
        condition: Box::new(condition.require(Kind::Truth, "if")?),
        then: Box::new(then.node),
        otherwise: Box::new(otherwise.node),
    };
    Ok((node, kind))
}

/// The arguments of a function that takes `COUNT`.
pub(super) fn exactly<const COUNT: usize>(
    function: &str,
    position: usize,
    arguments: Vec<Part>,
) -> Result<[Part; COUNT], ExpressionError> {
    arguments.try_into().map_err(|arguments: Vec<Part>| ExpressionError {
        position,
        message: format!(
            "`{function}` with another number of values: expected {COUNT}, found {}",
            arguments.len()
        ),
        help: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Expression;

    fn check_error(text: &str, position: usize, message: &str, help: &str) {
        let error = Expression::parse(text).unwrap_err();
        let found = (error.position, error.message.as_str(), error.help.as_deref().unwrap_or(""));
        assert_eq!(found, (position, message, help), "{text}");
    }

    #[test]
    fn kinds_that_cannot_meet() {
        let quotes = "single quotes make a text; a column stands bare or in double quotes";
        let compare = "compare it with something, as in `a > 0`";
        let make = "single quotes make a text: 'x'";
        let both = "write both as numbers, or both as texts in single quotes";
        for (text, position, message, help) in [
            ("1 + 'a'", 4, "`+` expects a number, found a text", quotes),
            ("'a' * 2", 0, "`*` expects a number, found a text", quotes),
            ("-'a'", 1, "`-` expects a number, found a text", quotes),
            (
                "a * (b > 1)",
                4,
                "`*` expects a number, found a condition",
                "`if(condition, 1, 0)` makes a number of a condition",
            ),
            ("a = 1 or 2", 9, "`or` expects a condition, found a number", compare),
            ("'x' and a", 0, "`and` expects a condition, found a text", compare),
            ("not (a + 1)", 4, "`not` expects a condition, found a number", compare),
            ("lower(5)", 6, "`lower` expects a text, found a number", make),
            ("length(a = b)", 7, "`length` expects a text, found a condition", make),
            ("contains(a, 5)", 12, "`contains` expects a text, found a number", make),
            ("if(1, a, b)", 3, "`if` expects a condition, found a number", compare),
            (
                "if(a, 1, 'x')",
                9,
                "`if` gives a number in one branch and a text in the other",
                "both must be of one type; `null` is of any",
            ),
            ("lower(a) = 5", 11, "`=` compares a text with a number", both),
            ("a + 1 in (1, 'x')", 13, "`in` compares a number with a text", both),
            (
                "a > true",
                0,
                "`>` has no meaning between conditions",
                "conditions are equal or not: `=`, `!=`",
            ),
        ] {
            check_error(text, position, message, help);
        }
    }

    #[test]
    fn comparisons_that_mean_something_else() {
        let null = ("a comparison with null is never true", "write `is null` or `is not null`");
        check_error("a = null", 4, null.0, null.1);
        check_error("NULL <> a", 0, null.0, null.1);
        check_error("a not in (1, null)", 13, null.0, null.1);
        let chain =
            ("comparisons do not chain", "join them with `and`, or put brackets around one");
        for (text, position) in [("1 < a < 2", 6), ("a = b is null", 6), ("a in (1) in (2)", 9)] {
            check_error(text, position, chain.0, chain.1);
        }
    }
}
