//! What came after a snapshot.

use jiff::civil::Date;

use crate::Span;

/// Whether an outcome is bad news or good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// A low score should announce it (churn).
    Adverse,
    /// A high score should announce it (renewal, expansion).
    Favourable,
}

impl Polarity {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adverse => "adverse",
            Self::Favourable => "favourable",
        }
    }
}

/// What a label asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelDefinition {
    /// Its name, also that of its column.
    pub name: String,
    /// The outcome it asks for, in words (`churn`, `no row in orders`).
    pub outcome: String,
    /// Bad or good news.
    pub polarity: Polarity,
    /// When the outcome counts; `None` in a cross-section, whose rows have no time.
    pub window: Option<LabelWindow>,
}

/// When an outcome counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelWindow {
    /// Time between the snapshot and the label window.
    pub lead_time: Span,
    /// Length of the label window.
    pub horizon: Span,
    /// The last day up to whose end outcomes are completely known.
    pub follow_up_end: Date,
    /// Whether that day was declared, or taken from the latest row.
    pub follow_up_declared: bool,
}

/// State of a label in a row where the account was at risk for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelState {
    /// The outcome fell into the window: 1.
    Positive,
    /// It did not: 0.
    Negative,
    /// Follow-up ends before the window does, or a ready panel leaves the cell empty: unknown.
    Censored,
    /// An outcome fell into the lead time, or had come before the snapshot without being known.
    Excluded,
    /// A competing outcome came first: 0.
    Competing,
}

impl LabelState {
    /// All states, in the order of their use in tables.
    pub const ALL: [Self; 5] =
        [Self::Positive, Self::Negative, Self::Censored, Self::Excluded, Self::Competing];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Censored => "censored",
            Self::Excluded => "excluded",
            Self::Competing => "competing",
        }
    }

    /// The label: 1, 0, or none where it is unknown or meaningless.
    pub fn value(self) -> Option<bool> {
        match self {
            Self::Positive => Some(true),
            Self::Negative | Self::Competing => Some(false),
            Self::Censored | Self::Excluded => None,
        }
    }
}

/// The outcome that comes next after a row, as finally known. It lies on the side of the label: no score may
/// see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextOutcome {
    /// The day on which it came.
    pub day: Date,
    /// The day on which it became known: earlier than `day` where notice was given.
    pub known: Date,
    /// Whether it is the outcome that the label asks for, rather than a competing or a kept one.
    pub is_target: bool,
}

/// A label over the rows of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it asks.
    pub definition: LabelDefinition,
    /// State per row; `None` where the account was not at risk for this label.
    pub states: Vec<Option<LabelState>>,
    /// The first snapshot day at whose end the label of the row was settled: its window had closed and
    /// its outcome was known. A model fitted as of an earlier day must not see the row. `None` where the
    /// row has no value, and in a cross-section.
    pub settled: Vec<Option<Date>>,
    /// The first deciding outcome at or after the end of the row's day, `None` where none is known or the row
    /// has no state. Absent as a whole where the panel does not tell when outcomes came: in a cross-section,
    /// with answers in words, and where the outcome is that something stays away or declines.
    pub next: Option<Vec<Option<NextOutcome>>>,
}

impl Label {
    /// 1, 0, or none.
    pub fn value(&self, row: usize) -> Option<bool> {
        self.states.get(row).copied().flatten().and_then(LabelState::value)
    }

    /// The outcome that comes next after a row.
    pub fn next(&self, row: usize) -> Option<NextOutcome> {
        self.next.as_ref()?.get(row).copied().flatten()
    }

    /// Rows in a state.
    pub fn count(&self, state: LabelState) -> usize {
        self.states.iter().filter(|found| **found == Some(state)).count()
    }
}
