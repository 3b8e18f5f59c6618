//! An indicator and its verb: how its number or word is computed.

use chs_panel::Span;

use super::Name;
use crate::expression::Expression;

/// One number (or word) per account and snapshot.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its name.
    pub name: Name,
    /// How it is computed.
    pub verb: Verb,
}

/// How an indicator is computed.
#[derive(Clone, Debug)]
pub enum Verb {
    /// From the rows of a source.
    Rows(RowsVerb),
    /// From other indicators of the row.
    Formula(ParsedExpression),
    /// Whole civil days since the start of the account.
    Tenure,
    /// A column of the accounts table as it was.
    Attribute {
        /// The column.
        column: Name,
        /// What its cells are taken for.
        reading: Reading,
    },
}

/// What the cells of a column are taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Numbers; a row with another text breaks the contract.
    Numbers,
    /// Words.
    Words,
    /// Words that stand for numbers; a word that is not among them is no observation.
    Mapped(Vec<(String, f64)>),
}

impl Reading {
    /// The number that a word stands for, spaces around it apart; `None` where it stands for none.
    pub fn number_of(&self, word: &str) -> Option<f64> {
        let Self::Mapped(numbers) = self else { return None };
        numbers.iter().find(|(known, _)| known == word.trim()).map(|(_, number)| *number)
    }
}

/// An indicator over the rows of a source.
#[derive(Clone, Debug)]
pub struct RowsVerb {
    /// Index into [`Project::sources`](super::Project::sources).
    pub source: usize,
    /// What is computed.
    pub measure: Measure,
    /// Rows that count; all where absent.
    pub filter: Option<ParsedExpression>,
    /// Null until the source has spoken that long.
    pub connected_for: Option<Span>,
}

/// What is computed from the rows.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Rows in a window.
    Count {
        /// The window.
        window: Window,
    },
    /// A statistic of an expression over a window.
    Statistic {
        /// Which one.
        statistic: Statistic,
        /// What is observed.
        value: ParsedExpression,
        /// The window.
        window: Window,
    },
    /// How the sums of an expression move over the equal buckets of a window.
    Trend {
        /// What is added.
        value: ParsedExpression,
        /// The window; its length is a whole multiple of the buckets.
        window: Window,
        /// Number of buckets, at least two.
        buckets: u32,
        /// How the sums are compared.
        method: TrendMethod,
    },
    /// Distinct texts of a column in a window.
    Distinct {
        /// The column.
        column: Name,
        /// The window.
        window: Window,
    },
    /// Last non-null value of a column.
    Latest {
        /// The column.
        column: Name,
        /// What its cells are taken for.
        reading: Reading,
        /// Column of the value's own date.
        at: Option<Name>,
        /// Values older than this are gone.
        max_age: Option<Span>,
    },
    /// Whole civil days since the last row.
    Recency,
    /// Rows that have begun and not ended.
    Open {
        /// Column that is added; without it the rows are counted.
        amount: Option<Name>,
        /// What no open row gives.
        empty: Empty,
    },
    /// Whole civil days to the next date of a column.
    Until {
        /// The column.
        column: Name,
    },
}

/// A statistic of the observations in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Their standard deviation, with n - 1; missing below two.
    Std,
}

/// How the sums of a window's buckets are compared, the newest being the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendMethod {
    /// Slope per bucket of the least-squares line through the sums.
    Ols,
    /// (newer half - older half) / older half; an odd number leaves out the middle.
    Change,
}

/// A window of time before the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its length.
    pub length: Span,
    /// How far before the snapshot it ends.
    pub shift: Span,
    /// What a window without a row gives.
    pub empty: Empty,
}

/// The value of a window without a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// 0
    Zero,
    /// Missing.
    Null,
}

/// An expression with its place in `chs.toml`.
#[derive(Clone, Debug)]
pub struct ParsedExpression {
    /// The expression.
    pub expression: Expression,
    /// Place of its text, quotes included.
    pub span: std::ops::Range<usize>,
}

impl ParsedExpression {
    /// Place of the first use of a name in `chs.toml`.
    pub fn place_of(&self, name: &str) -> std::ops::Range<usize> {
        let start = self.span.start + 1 + self.expression.name_position(name);
        start..(start + name.len()).min(self.span.end.max(start + 1))
    }
}
