//! A history: everything that `chs.toml` says where the panel is made from sources.

use std::collections::BTreeSet;

use chs_toml::{Mistake, Mistakes};

use super::{
    Accounts, AccountsOrigin, BacktestPlan, DecisionWords, FileTable, IgnoredFinding, Indicator,
    IndicatorSegment, LabelPlan, Name, Outcome, OutcomeOrigin, Question, RecordedScore, Snapshots,
    Source, Verb,
};

/// A history as `chs.toml` describes it, checked as far as that goes without reading data.
#[derive(Clone, Debug)]
pub struct Project {
    /// Name of the file as the user knows it.
    pub file: String,
    /// Its text, so that later mistakes can point into it.
    pub text: String,
    /// Name of the project; default the empty text.
    pub name: String,
    /// IANA name of the civil time in which everything is compared; default UTC.
    pub time_zone: String,
    /// The accounts.
    pub accounts: Accounts,
    /// The sources in declared order.
    pub sources: Vec<Source>,
    /// The indicators in declared order.
    pub indicators: Vec<Indicator>,
    /// Segments made from indicators, in declared order; they follow those of the accounts.
    pub segments: Vec<IndicatorSegment>,
    /// When snapshots are taken.
    pub snapshots: Snapshots,
    /// The outcomes in declared order.
    pub outcomes: Vec<Outcome>,
    /// The labels in declared order; the first is the default.
    pub labels: Vec<LabelPlan>,
    /// Scores of other systems.
    pub recorded_scores: Vec<RecordedScore>,
    /// What a backtest is told beside the data.
    pub backtest: BacktestPlan,
    /// Findings that are let be.
    pub ignored: Vec<IgnoredFinding>,
}

impl Project {
    /// A mistake found later than the reading of the file, at a place in it.
    pub fn mistake(
        &self,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Mistakes {
        let list = vec![Mistake { span, message: message.into(), help }];
        Mistakes::new(&self.file, &self.text, list)
    }

    /// Every table that is read: its name in reports, its key in the file, and what it is.
    pub fn file_tables(&self) -> Vec<(&str, String, &FileTable)> {
        let accounts = match &self.accounts.origin {
            AccountsOrigin::Table { table, .. } => Some(("accounts", "accounts".to_owned(), table)),
            AccountsOrigin::Source(_) => None,
        };
        let sources =
            self.sources.iter().map(|source| named("sources", &source.name, &source.table));
        let outcomes = self.outcomes.iter().filter_map(|outcome| match &outcome.origin {
            OutcomeOrigin::Table { table, .. } => Some(named("outcomes", &outcome.name, table)),
            _ => None,
        });
        let recorded = self
            .recorded_scores
            .iter()
            .map(|score| named("recorded_scores", &score.name, &score.table));
        accounts.into_iter().chain(sources).chain(outcomes).chain(recorded).collect()
    }

    pub(super) fn file_tables_mut(&mut self) -> Vec<&mut FileTable> {
        let accounts = match &mut self.accounts.origin {
            AccountsOrigin::Table { table, .. } => Some(table),
            AccountsOrigin::Source(_) => None,
        };
        let sources = self.sources.iter_mut().map(|source| &mut source.table);
        let outcomes = self.outcomes.iter_mut().filter_map(|outcome| match &mut outcome.origin {
            OutcomeOrigin::Table { table, .. } => Some(table),
            _ => None,
        });
        let recorded = self.recorded_scores.iter_mut().map(|score| &mut score.table);
        accounts.into_iter().chain(sources).chain(outcomes).chain(recorded).collect()
    }

    /// Index of a source by name.
    pub fn source_index(&self, name: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.name.value == name)
    }

    /// Whether an outcome ends the account: as declared, else for churn, non-renewal, the end of spans,
    /// outcomes that compete with a label's, and outcomes of which a decision tells what is lost.
    pub fn is_terminal(&self, outcome: usize) -> bool {
        let Some(plan) = self.outcomes.get(outcome) else { return false };
        let competes = |label: &LabelPlan| matches!(&label.question, Question::Outcome { competing, .. } if competing.contains(&outcome));
        plan.terminal.unwrap_or_else(|| {
            matches!(plan.name.value.as_str(), "churn" | "non-renewal" | "non_renewal")
                || matches!(plan.origin, OutcomeOrigin::Spans { .. })
                || self.labels.iter().any(competes)
                || self.decisions(outcome).next().is_some()
        })
    }

    /// Whether a row of an outcome, of this kind, ends its account: all rows of a terminal outcome do, or,
    /// where decisions name it, those of a kind that is lost.
    pub fn ends_account(&self, outcome: usize, kind: Option<&str>) -> bool {
        let mut decisions = self.decisions(outcome).peekable();
        let is_lost = |words: &DecisionWords| {
            kind.is_some_and(|kind| words.lost.iter().any(|word| word == kind))
        };
        self.is_terminal(outcome) && (decisions.peek().is_none() || decisions.any(is_lost))
    }

    /// The decisions that labels make of an outcome.
    pub fn decisions(&self, outcome: usize) -> impl Iterator<Item = &DecisionWords> {
        self.labels.iter().filter_map(move |label| match &label.question {
            Question::Decision { outcome: named, words } if *named == outcome => Some(words),
            _ => None,
        })
    }

    /// Indices of the indicators that an indicator is computed from, itself included.
    pub fn indicators_behind(&self, indicator: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![indicator];
        while let Some(index) = waiting.pop() {
            if !found.insert(index) {
                continue;
            }
            if let Some(Indicator { verb: Verb::Formula(formula), .. }) = self.indicators.get(index)
            {
                let names = formula.expression.names().iter();
                waiting.extend(names.filter_map(|name| self.indicator_index(name)));
            }
        }
        found
    }

    /// Indices of the sources that an indicator is computed from.
    pub fn sources_behind(&self, indicator: usize) -> BTreeSet<usize> {
        let behind = self.indicators_behind(indicator).into_iter();
        behind
            .filter_map(|index| match &self.indicators.get(index)?.verb {
                Verb::Rows(verb) => Some(verb.source),
                _ => None,
            })
            .collect()
    }

    fn indicator_index(&self, name: &str) -> Option<usize> {
        self.indicators.iter().position(|indicator| indicator.name.value == name)
    }

    /// Index of an outcome by name.
    pub fn outcome_index(&self, name: &str) -> Option<usize> {
        self.outcomes.iter().position(|outcome| outcome.name.value == name)
    }
}

fn named<'a>(
    section: &str,
    name: &'a Name,
    table: &'a FileTable,
) -> (&'a str, String, &'a FileTable) {
    (&name.value, format!("{section}.{}", name.value), table)
}
