//! A label: what it asks of the time after a snapshot.

use chs_panel::{Polarity, Span};

use super::{Name, ParsedExpression};

/// What a label asks.
#[derive(Clone, Debug)]
pub struct LabelPlan {
    /// Its name.
    pub name: Name,
    /// What it asks for.
    pub question: Question,
    /// Time between the snapshot and the window.
    pub lead_time: Span,
    /// Length of the window.
    pub horizon: Span,
    /// Good or bad news.
    pub polarity: Polarity,
}

/// What a label asks for.
#[derive(Clone, Debug)]
pub enum Question {
    /// Whether an outcome comes.
    Outcome {
        /// Index into [`Project::outcomes`](super::Project::outcomes).
        outcome: usize,
        /// Indices of competing outcomes.
        competing: Vec<usize>,
    },
    /// How a decision falls, such as a renewal.
    Decision {
        /// Index into [`Project::outcomes`](super::Project::outcomes); a table with a kind.
        outcome: usize,
        /// Which kinds mean what.
        words: DecisionWords,
    },
    /// Whether an indicator falls, among accounts where it is above 0.
    Decline {
        /// Index into [`Project::indicators`](super::Project::indicators).
        indicator: usize,
        /// Share of its value now, above 0 and at most 1.
        below: f64,
    },
    /// Whether no row comes, among accounts with one in the last `within`.
    Inactive {
        /// Index into [`Project::sources`](super::Project::sources).
        source: usize,
        /// How recent the last row must be for the account to be at risk.
        within: Span,
        /// Rows that count.
        filter: Option<ParsedExpression>,
    },
}

/// Kinds of a decision; a row without a kind is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionWords {
    /// Kinds for label 1.
    pub lost: Vec<String>,
    /// Kinds for label 0.
    pub kept: Vec<String>,
}
