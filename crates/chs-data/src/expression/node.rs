//! The parsed form.

use std::cmp::Ordering;

use super::Kind;

/// One part of an expression. The parser has checked that the kinds of its children fit, and chains of
/// operators are flat, so that only brackets nest.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Number(f64),
    Text(String),
    Truth(bool),
    /// Index into the names.
    Name(usize),
    Negate(Box<Node>),
    /// From left to right.
    Arithmetic {
        first: Box<Node>,
        rest: Vec<(Operator, Node)>,
    },
    Compare {
        comparison: Comparison,
        kind: Kind,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// Each item with the kind that it is compared as.
    In {
        value: Box<Node>,
        items: Vec<(Kind, Node)>,
    },
    IsNull {
        kind: Kind,
        value: Box<Node>,
    },
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Change(Change, Box<Node>),
    Length(Box<Node>),
    Search(Search, Box<Node>, Box<Node>),
    If {
        condition: Box<Node>,
        then: Box<Node>,
        otherwise: Box<Node>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Functions from text to text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Lower,
    Upper,
    Trim,
}

/// Functions from two texts to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    StartsWith,
    EndsWith,
    Contains,
}

impl Operator {
    /// The result, or None if it is not finite. A divisor of 0 gives infinity or NaN, hence None.
    pub(super) fn apply(self, left: f64, right: f64) -> Option<f64> {
        let result = match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
        };
        result.is_finite().then_some(result)
    }
}

impl Comparison {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }

    /// Whether it asks for an order, which conditions have not.
    pub(super) fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

impl Search {
    pub(super) fn finds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}
