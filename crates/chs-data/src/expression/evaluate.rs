//! The value of a node in one row.
//!
//! Whoever needs a number, a text or a condition asks the node for it; a node of another kind has none.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::node::{Change, Node};
use super::{Cell, Kind};

/// Hands out the cell of a name in the row at hand.
type Cells<'r, 'a> = &'r dyn Fn(usize) -> Cell<'a>;

impl Node {
    pub(super) fn number<'a>(&'a self, cells: Cells<'_, 'a>) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(_) => cell_number(self.cell(cells)),
            Self::Negate(value) => value.number(cells).map(|number| -number),
            Self::Arithmetic { first, rest } => {
                rest.iter().try_fold(first.number(cells)?, |left, (operator, right)| {
                    operator.apply(left, right.number(cells)?)
                })
            }
            Self::Length(text) => text.text(cells).map(|text| text.chars().count() as f64),
            Self::If { .. } => self.branch(cells)?.number(cells),
            _ => None,
        }
    }

    pub(super) fn truth<'a>(&'a self, cells: Cells<'_, 'a>) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Name(_) => cell_truth(self.cell(cells)),
            Self::Compare { comparison, kind, left, right } => {
                order(*kind, left, right, cells).map(|ordering| comparison.holds(ordering))
            }
            Self::In { value, items } => decide(
                true,
                items
                    .iter()
                    .map(|(kind, item)| order(*kind, value, item, cells).map(Ordering::is_eq)),
            ),
            Self::IsNull { kind, value } => Some(match kind {
                Kind::Number => value.number(cells).is_none(),
                Kind::Text => value.text(cells).is_none(),
                Kind::Truth => value.truth(cells).is_none(),
                Kind::Any => value.cell(cells) == Cell::Null,
            }),
            Self::Not(condition) => condition.truth(cells).map(|truth| !truth),
            Self::And(conditions) => decide(false, conditions.iter().map(|one| one.truth(cells))),
            Self::Or(conditions) => decide(true, conditions.iter().map(|one| one.truth(cells))),
            Self::Search(search, text, part) => {
                Some(search.finds(&text.text(cells)?, &part.text(cells)?))
            }
            Self::If { .. } => self.branch(cells)?.truth(cells),
            _ => None,
        }
    }

    fn text<'a>(&'a self, cells: Cells<'_, 'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Name(_) => match self.cell(cells) {
                Cell::Text(text) => Some(Cow::Borrowed(text)),
                Cell::Null | Cell::Number(_) => None,
            },
            Self::Change(change, text) => {
                let text = text.text(cells)?;
                Some(Cow::Owned(match change {
                    Change::Lower => text.to_lowercase(),
                    Change::Upper => text.to_uppercase(),
                    Change::Trim => text.trim().to_owned(),
                }))
            }
            Self::If { .. } => self.branch(cells)?.text(cells),
            _ => None,
        }
    }

    /// The cell itself, of a node of kind any.
    fn cell<'a>(&'a self, cells: Cells<'_, 'a>) -> Cell<'a> {
        match self {
            Self::Name(index) => match cells(*index) {
                Cell::Number(number) if !number.is_finite() => Cell::Null,
                cell => cell,
            },
            Self::If { .. } => self.branch(cells).map_or(Cell::Null, |branch| branch.cell(cells)),
            _ => Cell::Null,
        }
    }

    /// The branch of an `if` that counts: an unknown condition is not true.
    fn branch<'a>(&'a self, cells: Cells<'_, 'a>) -> Option<&'a Node> {
        match self {
            Self::If { condition, then, otherwise } => {
                Some(if condition.truth(cells) == Some(true) { then } else { otherwise })
            }
            _ => None,
        }
    }
}

/// How two values compare as `kind`; None is unknown.
fn order<'a>(
    kind: Kind,
    left: &'a Node,
    right: &'a Node,
    cells: Cells<'_, 'a>,
) -> Option<Ordering> {
    match kind {
        Kind::Number => left.number(cells)?.partial_cmp(&right.number(cells)?),
        Kind::Text => Some(left.text(cells)?.cmp(&right.text(cells)?)),
        Kind::Truth => Some(left.truth(cells)?.cmp(&right.truth(cells)?)),
        Kind::Any => {
            let (left, right) = (left.cell(cells), right.cell(cells));
            match (cell_number(left), cell_number(right), left, right) {
                (Some(left), Some(right), _, _) => left.partial_cmp(&right),
                (_, _, Cell::Text(left), Cell::Text(right)) => Some(left.cmp(right)),
                _ => None,
            }
        }
    }
}

/// One `decisive` truth decides; else one unknown makes all unknown.
fn decide(decisive: bool, truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(!decisive);
    for truth in truths {
        if truth == Some(decisive) {
            return truth;
        }
        if truth.is_none() {
            result = None;
        }
    }
    result
}

fn cell_number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Null => None,
        Cell::Number(number) => Some(number),
        // `inf` and `nan` parse too, and are words here.
        Cell::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn cell_truth(cell: Cell<'_>) -> Option<bool> {
    let Cell::Text(text) = cell else { return None };
    let word = text.trim();
    if word.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        word.eq_ignore_ascii_case("false").then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Cell, Expression};

    /// The row that the cases read.
    fn cell_of(name: &str) -> Cell<'static> {
        match name {
            "two" => Cell::Number(2.0),
            "ten" => Cell::Number(10.0),
            "two_text" => Cell::Text(" 2.0 "),
            "ten_text" => Cell::Text("10"),
            "word" => Cell::Text("Größe"),
            "padded" => Cell::Text(" x "),
            "yes" => Cell::Text("True"),
            "no" => Cell::Text(" FALSE"),
            "infinite_text" => Cell::Text("inf"),
            "not_a_number" => Cell::Number(f64::NAN),
            "nothing" => Cell::Null,
            _ => panic!("no such cell: {name}"),
        }
    }

    fn number(text: &str) -> Option<f64> {
        let expression = Expression::parse(text).unwrap();
        expression.number(&|index| cell_of(&expression.names()[index]))
    }

    fn is_true(text: &str) -> bool {
        let expression = Expression::parse(text).unwrap();
        expression.is_true(&|index| cell_of(&expression.names()[index]))
    }

    /// `text` is `expected`; None is unknown: neither it nor its negation is true.
    fn check_truth(text: &str, expected: Option<bool>) {
        assert_eq!(is_true(text), expected == Some(true), "{text}");
        assert_eq!(is_true(&format!("not ({text})")), expected == Some(false), "not ({text})");
        let unknown = format!("(({text}) and true) is null");
        assert_eq!(is_true(&unknown), expected.is_none(), "{unknown}");
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("two + ten * two", Some(22.0)),
            ("(two + ten) * two", Some(24.0)),
            ("ten - two - 1", Some(7.0)),
            ("ten / two / 5", Some(1.0)),
            ("-two * -3 - -1", Some(7.0)),
            ("two_text * ten_text", Some(20.0)),
            ("word + 1", None),
            ("yes + 1", None),
            ("infinite_text + 1", None),
            ("nothing * 0", None),
            ("not_a_number", None),
            ("not_a_number + 1", None),
            ("null", None),
            ("two", Some(2.0)),
            ("two_text", Some(2.0)),
            ("'2'", None),
            ("two = 2", None),
            ("two / 0", None),
            ("0 / 0", None),
            ("two / -0", None),
            ("1e308 * 10 / 10", None),
            ("0.1 + 0.2 - 0.3", Some(0.1 + 0.2 - 0.3)),
            ("length(word)", Some(5.0)),
            ("length(nothing)", None),
            ("length(two)", None),
            ("length(trim(padded))", Some(1.0)),
            ("if(two > 1, ten, 0)", Some(10.0)),
            ("if(nothing > 1, ten, two) + 1", Some(3.0)),
            ("if(nothing is null, 0, nothing)", Some(0.0)),
            ("if(yes, word, 1)", None),
            ("IF(no, 1, -1)", Some(-1.0)),
        ] {
            assert_eq!(number(text).map(f64::to_bits), expected.map(f64::to_bits), "{text}");
        }
    }

    #[test]
    fn a_comparison_takes_the_type_of_its_literal() {
        for (text, expected) in [
            ("two_text = 2", Some(true)),
            ("two_text = '2'", Some(false)),
            ("ten_text > 9", Some(true)),
            ("ten_text > '9'", Some(false)),
            ("word = 5", None),
            ("word <> 5", None),
            ("two = '2'", None),
            ("two != '2'", None),
            ("nothing = 2", None),
            ("nothing = 'x'", None),
            ("not_a_number = 0", None),
            ("5 < ten", Some(true)),
            ("infinite_text > 5", None),
            ("two_text < 1E1", Some(true)),
            ("yes = true", Some(true)),
            ("yes = 'True'", Some(true)),
            ("no <> true", Some(true)),
            ("word = true", None),
            ("two = true", None),
            ("(two = 2) = (ten = 2)", Some(false)),
            ("-0.0 = 0", Some(true)),
        ] {
            check_truth(text, expected);
        }
    }

    #[test]
    fn two_columns_compare_as_numbers_where_both_are() {
        for (text, expected) in [
            ("two = two_text", Some(true)),
            ("two_text < ten_text", Some(true)),
            ("word > ten_text", Some(true)),
            ("word = padded", Some(false)),
            ("word = two", None),
            ("two < nothing", None),
            ("if(yes, two, word) < if(no, word, ten)", Some(true)),
        ] {
            check_truth(text, expected);
        }
    }

    #[test]
    fn every_comparison() {
        for (comparison, less, equal, greater) in [
            ("=", false, true, false),
            ("!=", true, false, true),
            ("<>", true, false, true),
            ("<", true, false, false),
            ("<=", true, true, false),
            (">", false, false, true),
            (">=", false, true, true),
        ] {
            check_truth(&format!("two {comparison} 3"), Some(less));
            check_truth(&format!("two {comparison} 2"), Some(equal));
            check_truth(&format!("two {comparison} 1"), Some(greater));
        }
    }

    #[test]
    fn membership_and_null() {
        for (text, expected) in [
            ("ten in (1, 10)", Some(true)),
            ("ten not in (1, 10)", Some(false)),
            ("ten in (1, two + 8)", Some(true)),
            ("ten in (1)", Some(false)),
            ("ten in (1, nothing)", None),
            ("ten not in (1, nothing)", None),
            ("ten in (nothing, 10)", Some(true)),
            ("nothing in (1)", None),
            ("word in ('x', 'Größe')", Some(true)),
            ("ten_text in ('x', 10)", Some(true)),
            ("nothing is null", Some(true)),
            ("not_a_number is null", Some(true)),
            ("word is null", Some(false)),
            ("word is not null", Some(true)),
            ("word + 1 is null", Some(true)),
            ("lower(two) is null", Some(true)),
            ("lower(word) is null", Some(false)),
            ("if(yes, nothing, two) is null", Some(true)),
            ("null is null", Some(true)),
        ] {
            check_truth(text, expected);
        }
    }

    #[test]
    fn text_functions() {
        for (text, expected) in [
            ("lower(word) = 'größe'", Some(true)),
            ("upper('größe') = 'GRÖSSE'", Some(true)),
            ("trim(padded) = 'x'", Some(true)),
            ("padded = 'x'", Some(false)),
            ("starts_with(word, 'Gr')", Some(true)),
            ("starts_with(word, 'ße')", Some(false)),
            ("ends_with(word, 'ße')", Some(true)),
            ("ends_with(word, 'Gr')", Some(false)),
            ("contains(word, 'röß')", Some(true)),
            ("Contains(word, 'rr')", Some(false)),
            ("contains(nothing, 'x')", None),
            ("contains(word, nothing)", None),
            ("contains(two, '2')", None),
            ("if(yes, 'a', word) = 'a'", Some(true)),
        ] {
            check_truth(text, expected);
        }
    }

    #[test]
    fn a_column_can_be_a_condition() {
        for (text, expected) in [
            ("yes", Some(true)),
            ("no", Some(false)),
            ("two", None),
            ("word", None),
            ("nothing", None),
            ("yes and not no", Some(true)),
            ("if(yes, no, yes)", Some(false)),
        ] {
            check_truth(text, expected);
        }
    }

    #[test]
    fn not_binds_tighter_than_and_and_looser_than_a_comparison() {
        check_truth("not two = 3 and ten = 10", Some(true));
        check_truth("true or true and false", Some(true));
        check_truth("not true or true", Some(true));
        check_truth("not two in (3)", Some(true));
        check_truth("not nothing is null", Some(false));
        check_truth("two + 1 in (3) and 1 + two = 4 - 1", Some(true));
    }

    /// Products first, then sums: what school teaches, in two passes.
    fn two_passes(first: f64, rest: &[(char, f64)]) -> Option<f64> {
        let mut terms = vec![(1.0, Some(first))];
        for &(operator, value) in rest {
            match (operator, terms.last_mut()) {
                ('*', Some((_, term))) => *term = term.map(|left| left * value),
                ('/', Some((_, term))) if value.abs() > 0.0 => {
                    *term = term.map(|left| left / value);
                }
                ('/', Some((_, term))) => *term = None,
                (sign, _) => terms.push((if sign == '-' { -1.0 } else { 1.0 }, Some(value))),
            }
        }
        let (_, start) = terms.remove(0);
        terms.into_iter().try_fold(start?, |sum, (sign, term)| Some(sum + sign * term?))
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_a_naive_twin(
            first in -4_i32..5,
            rest in proptest::collection::vec((prop::sample::select(vec!['+', '-', '*', '/']), -4_i32..5), 0..12),
        ) {
            let text = rest.iter().fold(first.to_string(), |text, (operator, value)| format!("{text} {operator} {value}"));
            let values: Vec<_> = rest.iter().map(|&(operator, value)| (operator, f64::from(value))).collect();
            prop_assert_eq!(number(&text), two_passes(f64::from(first), &values));
        }

        /// Three-valued logic is minimum, maximum and complement on 0, 1 (unknown) and 2.
        #[test]
        fn logic_agrees_with_a_naive_twin(
            alternatives in proptest::collection::vec(proptest::collection::vec((any::<bool>(), 0_usize..3), 1..4), 1..4),
        ) {
            let term = |&(negated, level): &(bool, usize)| {
                let word = ["no", "nothing", "yes"][level];
                if negated { format!("not {word}") } else { word.to_owned() }
            };
            let level = |&(negated, level): &(bool, usize)| if negated { 2 - level } else { level };
            let text = alternatives
                .iter()
                .map(|terms| terms.iter().map(term).collect::<Vec<_>>().join(" and "))
                .collect::<Vec<_>>()
                .join(" or ");
            let expected = alternatives
                .iter()
                .map(|terms| terms.iter().map(level).min().unwrap())
                .max()
                .unwrap();
            check_truth(&text, [Some(false), None, Some(true)][expected]);
        }
    }
}
