//! The parsed form.

use std::cmp::Ordering;
use std::collections::BTreeSet;

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

impl Node {
    /// Adds the names whose cells are read as texts; nesting is bounded by the parser.
    pub(super) fn texts(&self, read: &mut BTreeSet<usize>) {
        let mut text = |node: &Node| {
            if let Node::Name(index) = node {
                read.insert(*index);
            }
        };
        match self {
            Self::Compare { kind: Kind::Text | Kind::Truth, left, right, .. }
            | Self::Search(_, left, right) => {
                text(left);
                text(right);
            }
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(text),
            Self::If { condition, .. } => text(condition),
            Self::In { value, items } if items.iter().any(|(kind, _)| *kind == Kind::Text) => {
                text(value);
            }
            Self::Change(_, value) | Self::Length(value) | Self::Not(value) => text(value),
            _ => {}
        }
        self.children().into_iter().for_each(|child| child.texts(read));
    }

    /// Adds the names whose cells are compared with each other's.
    pub(super) fn compared(&self, read: &mut BTreeSet<usize>) {
        let mut name = |node: &Node| {
            if let Node::Name(index) = node {
                read.insert(*index);
            }
        };
        match self {
            Self::Compare { kind: Kind::Any, left, right, .. } => {
                name(left);
                name(right);
            }
            Self::In { value, items } => {
                for (_, item) in items.iter().filter(|(kind, _)| *kind == Kind::Any) {
                    name(value);
                    name(item);
                }
            }
            _ => {}
        }
        self.children().into_iter().for_each(|child| child.compared(read));
    }

    fn children(&self) -> Vec<&Node> {
        match self {
            Self::Null | Self::Number(_) | Self::Text(_) | Self::Truth(_) | Self::Name(_) => {
                Vec::new()
            }
            Self::Negate(value)
            | Self::IsNull { value, .. }
            | Self::Not(value)
            | Self::Change(_, value)
            | Self::Length(value) => vec![value],
            Self::Arithmetic { first, rest } => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, node)| node)).collect()
            }
            Self::Compare { left, right, .. } | Self::Search(_, left, right) => vec![left, right],
            Self::In { value, items } => {
                std::iter::once(&**value).chain(items.iter().map(|(_, node)| node)).collect()
            }
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().collect(),
            Self::If { condition, then, otherwise } => vec![condition, then, otherwise],
        }
    }
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
