//! Decisions and declines, and segments made from indicators.

use std::ops::Range;

use chs_data::{DecisionWords, IndicatorSegment, Micros, NEVER, Question, day_of, midnight_after};
use chs_panel::LabelState;

use super::{Decision, Moment, Value};

impl Moment<'_> {
    /// Dates of the known outcomes that end the account: of an outcome that a decision names only those
    /// that are lost.
    pub(super) fn known_ends(&self, outcome: usize) -> Vec<Micros> {
        let lost: Vec<&String> = self
            .project
            .labels
            .iter()
            .filter_map(|label| match &label.question {
                Question::Decision { outcome: named, words } if *named == outcome => {
                    Some(&words.lost)
                }
                _ => None,
            })
            .flatten()
            .collect();
        if lost.is_empty() {
            return self.known_dates(outcome);
        }
        let rows = &self.history.outcomes[outcome];
        let ends = |row: &usize| {
            let kind = rows.kind.as_ref().and_then(|kinds| kinds.get(*row));
            rows.account[*row] == self.account
                && rows.known[*row] < self.t
                && kind.is_some_and(|kind| lost.iter().any(|word| *word == kind))
        };
        (0..rows.at.len()).filter(ends).map(|row| rows.at[row]).collect()
    }

    /// Decisions of the account: date; lost, kept or open; when known.
    pub(super) fn decisions(
        &self,
        outcome: usize,
        words: &DecisionWords,
    ) -> Vec<(Micros, &'static str, Micros)> {
        let rows = &self.history.outcomes[outcome];
        (0..rows.at.len())
            .filter(|row| rows.account[*row] == self.account)
            .filter_map(|row| {
                let fall = match rows.kind.as_ref().unwrap().get(row) {
                    None => "c: open",
                    Some(kind) if words.lost.iter().any(|word| word == kind) => "a: lost",
                    Some(kind) if words.kept.iter().any(|word| word == kind) => "b: kept",
                    Some(_) => return None,
                };
                Some((rows.at[row], fall, rows.known[row]))
            })
            .collect()
    }

    /// How the next decision falls; none where it was known, or none comes before the window closes.
    pub(super) fn decision(
        &self,
        outcome: usize,
        words: &DecisionWords,
        window: &Range<Micros>,
    ) -> Option<Decision> {
        let rows = &self.history.outcomes[outcome];
        let decisions = self.decisions(outcome, words);
        let (at, fall, known) = *decisions.iter().filter(|(at, ..)| *at >= self.t).min()?;
        if at >= window.end || known < self.t {
            return None;
        }
        let closed = window.end;
        let state = |state| Some(Decision { state, closed });
        let follow_up_end = rows.follow_up_end.map(midnight_after);
        if follow_up_end.is_none_or(|end| closed > end) {
            return state(LabelState::Censored);
        }
        let was_lost = |(at, fall, known): &(Micros, &str, Micros)| {
            *fall == "a: lost" && *at < self.t && *known >= self.t
        };
        if decisions.iter().any(was_lost) {
            return state(LabelState::Excluded);
        }
        if known == NEVER {
            return state(LabelState::Censored);
        }
        if at < window.start {
            return state(LabelState::Excluded);
        }
        let state = if fall == "a: lost" { LabelState::Positive } else { LabelState::Negative };
        Some(Decision { state, closed: closed.max(known + 1) })
    }

    /// Whether the indicator at the end of the window is below its share of now; none where it is not
    /// above 0 now.
    pub(super) fn decline(&self, indicator: usize, below: f64, until: Micros) -> Option<Decision> {
        let Value::Number(now) = self.indicator(indicator) else { return None };
        if now <= 0.0 {
            return None;
        }
        let last_days = self.sources_read(indicator).into_iter().map(|source| {
            let last = self.history.sources[source].at.iter().max().map(|at| day_of(*at));
            last.map(|day| self.history.as_of.map_or(day, |as_of| as_of.min(day)))
        });
        let end = last_days.min().flatten();
        if end.is_none_or(|day| until > midnight_after(day)) {
            return Some(Decision { state: LabelState::Censored, closed: until });
        }
        let state = match (Moment { t: until, ..*self }).indicator(indicator) {
            Value::Number(later) if later < below * now => LabelState::Positive,
            Value::Number(_) => LabelState::Negative,
            _ => LabelState::Censored,
        };
        Some(Decision { state, closed: until })
    }

    fn sources_read(&self, indicator: usize) -> Vec<usize> {
        let indicators = &self.project.indicators;
        if let chs_data::Verb::Rows(verb) = &indicators[indicator].verb {
            return vec![verb.source];
        }
        let chs_data::Verb::Formula(formula) = &indicators[indicator].verb else {
            return Vec::new();
        };
        let names = formula.expression.names();
        let is_read = |other: &usize| names.contains(&indicators[*other].name.value);
        let read = (0..indicators.len()).filter(is_read);
        read.flat_map(|other| self.sources_read(other)).collect()
    }

    /// The category of an indicator: the name after the last edge that it reaches.
    pub(super) fn segment(&self, segment: &IndicatorSegment) -> Value {
        let Value::Number(value) = self.indicator(segment.indicator) else {
            return Value::Missing;
        };
        let mut name = &segment.names[0];
        for (edge, above) in segment.edges.iter().zip(&segment.names[1..]) {
            if value >= *edge {
                name = above;
            }
        }
        Value::Word(name.clone())
    }
}
