//! Indicators that add up the same rows, so that one pass serves them all.

use crate::project::{ParsedExpression, RowsVerb, Window};
use crate::replay::Cells;
use crate::replay::window::Sums;

/// What is made of the sums over a window.
#[derive(Clone, Copy)]
pub(super) enum Total {
    Count,
    Sum,
    Mean,
}

impl Total {
    /// The cells of one window.
    pub(super) fn of(self, sums: Sums, empty: f64) -> Cells {
        match self {
            Self::Count => sums.counts_or(empty),
            Self::Sum => sums.or(empty),
            Self::Mean => sums.means_or(empty),
        }
    }
}

/// Totals of the same rows, each over a window of its own.
pub(super) struct Totals<'a> {
    /// The verb of one of them: source, filter and connection are those of all.
    pub(super) verb: &'a RowsVerb,
    /// What is added; the rows are counted where absent.
    pub(super) value: Option<&'a ParsedExpression>,
    pub(super) windows: Vec<(Total, Window)>,
}

impl<'a> Totals<'a> {
    pub(super) fn new(
        verb: &'a RowsVerb,
        value: Option<&'a ParsedExpression>,
        window: (Total, Window),
    ) -> Self {
        Self { verb, value, windows: vec![window] }
    }

    /// Put the total of an indicator to those that add up the same rows.
    pub(super) fn join(self, indicator: usize, list: &mut Vec<(Vec<usize>, Self)>) {
        match list.iter_mut().find(|(_, known)| known.are_like(&self)) {
            Some((indicators, known)) => {
                indicators.push(indicator);
                known.windows.extend(self.windows);
            }
            None => list.push((vec![indicator], self)),
        }
    }

    /// Whether both add up the same rows.
    fn are_like(&self, other: &Self) -> bool {
        let expressions = |totals: &Self| {
            let parsed = [totals.value, totals.verb.filter.as_ref()];
            parsed.map(|parsed| parsed.map(|parsed| &parsed.expression))
        };
        self.verb.source == other.verb.source
            && self.verb.connected_for == other.verb.connected_for
            && expressions(self) == expressions(other)
    }
}
