//! The table of a ready panel -> panel: what a row says of the outcome becomes the state of its label.

use chs_panel::{
    Label, LabelDefinition, LabelState, LabelWindow, NextOutcome, Panel, PanelParts, Span,
};
use jiff::civil::Date;

use crate::load::{Answer, PanelTable};
use crate::project::{PanelAnswer, PanelProject, PanelTime};
use crate::replay::ReplayError;
use crate::time::{Micros, day_of, midnight_after, plus};

/// Make a panel of the table of a ready one.
///
/// A row without an answer is censored; so is one whose window closes after the end of follow-up. An
/// outcome before its row leaves the account not at risk, one in the lead time excludes the row.
///
/// # Errors
///
/// [`ReplayError::NoFollowUp`] where outcomes are given by date and none has one.
pub fn ready_panel(project: &PanelProject, table: PanelTable) -> Result<Panel, ReplayError> {
    let (window, answered) = match &project.label.time {
        PanelTime::CrossSection(_) => (None, table.answers.iter().map(undated).collect()),
        PanelTime::Snapshots { lead_time, horizon, answer, .. } => {
            let dated = Dated { table: &table, lead_time: *lead_time, horizon: *horizon };
            let (follow_up_end, follow_up_declared) = dated.follow_up(project, answer)?;
            let window = LabelWindow {
                lead_time: *lead_time,
                horizon: *horizon,
                follow_up_end,
                follow_up_declared,
            };
            (Some(window), dated.answered(midnight_after(follow_up_end)))
        }
    };
    let answered: Vec<Answered> = answered;
    let (states, settled) = answered.into_iter().unzip();
    let is_dated = |answer: &Answer| matches!(answer, Answer::Outcome(_));
    let next = table.answers.iter().all(is_dated).then(|| {
        table.day.iter().zip(&table.answers).map(|(day, answer)| next(*day, *answer)).collect()
    });
    let definition = LabelDefinition {
        name: project.label.name.value.clone(),
        outcome: project.label.name.value.clone(),
        polarity: project.label.polarity,
        window,
    };
    Ok(Panel::new(PanelParts {
        accounts: table.accounts,
        account: table.account,
        snapshot: table.day,
        segments: table.segments,
        value: table.value,
        indicators: table.indicators,
        labels: vec![Label { definition, states, settled, next }],
        recorded_scores: Vec::new(),
    })?)
}

/// State of a label, and the day on which it was settled.
type Answered = (Option<LabelState>, Option<Date>);

fn undated(answer: &Answer) -> Answered {
    let state = match answer {
        Answer::Label(Some(true)) => LabelState::Positive,
        Answer::Label(Some(false)) => LabelState::Negative,
        Answer::Label(None) | Answer::Outcome(_) => LabelState::Censored,
    };
    (Some(state), None)
}

/// An outcome at or after the end of the row's day. When it became known is not told: its day counts.
fn next(day: Date, answer: Answer) -> Option<NextOutcome> {
    let Answer::Outcome(Some(time)) = answer else { return None };
    let came = day_of(time);
    let follows = time >= midnight_after(day);
    follows.then_some(NextOutcome { day: came, known: came, is_target: true })
}

/// A table whose rows have a day.
struct Dated<'a> {
    table: &'a PanelTable,
    lead_time: Span,
    horizon: Span,
}

impl Dated<'_> {
    /// The last day up to whose end outcomes are known, and whether it was declared: the latest date of
    /// an outcome, or the day on which the last window with an answer closed.
    fn follow_up(
        &self,
        project: &PanelProject,
        answer: &PanelAnswer,
    ) -> Result<(Date, bool), ReplayError> {
        let (declared, found) = match answer {
            PanelAnswer::OutcomeDate { complete_until, .. } => {
                let times = self.table.answers.iter().filter_map(|answer| match answer {
                    Answer::Outcome(time) => *time,
                    Answer::Label(_) => None,
                });
                (*complete_until, times.max().map(day_of))
            }
            PanelAnswer::Words(_) => {
                let rows = self.table.day.iter().zip(&self.table.answers);
                let labelled = rows.filter(|(_, answer)| matches!(answer, Answer::Label(Some(_))));
                let closed = labelled.map(|(day, _)| day_of(self.window(*day).1 - 1)).max();
                (None, closed.or(self.table.day.last().copied()))
            }
        };
        let label = || ReplayError::NoFollowUp {
            label: project.label.name.value.clone(),
            as_of: self.table.as_of,
        };
        let end = declared.or(found).ok_or_else(label)?;
        let end = self.table.as_of.map_or(end, |as_of| as_of.min(end));
        Ok((end, declared.is_some()))
    }

    /// The window of a row: from, to.
    fn window(&self, day: Date) -> (Micros, Micros) {
        let from = plus(midnight_after(day), self.lead_time);
        (from, plus(from, self.horizon))
    }

    fn answered(&self, complete: Micros) -> Vec<Answered> {
        let rows = self.table.day.iter().zip(&self.table.answers);
        rows.map(|(day, answer)| {
            let window = self.window(*day);
            let state = state(*answer, midnight_after(*day), window, complete);
            let is_known = state.is_some_and(|state| state.value().is_some());
            (state, is_known.then(|| day_of(window.1 - 1)))
        })
        .collect()
    }
}

fn state(
    answer: Answer,
    instant: Micros,
    (from, to): (Micros, Micros),
    complete: Micros,
) -> Option<LabelState> {
    Some(match answer {
        Answer::Outcome(Some(time)) if time < instant => return None,
        _ if to > complete => LabelState::Censored,
        Answer::Label(Some(true)) => LabelState::Positive,
        Answer::Label(None) => LabelState::Censored,
        Answer::Outcome(Some(time)) if time < from => LabelState::Excluded,
        Answer::Outcome(Some(time)) if time < to => LabelState::Positive,
        Answer::Label(Some(false)) | Answer::Outcome(_) => LabelState::Negative,
    })
}

#[cfg(test)]
mod tests {
    use chs_panel::LabelState;

    use super::{Answer, state};

    #[test]
    fn the_date_of_an_outcome_decides() {
        let state = |time| state(Answer::Outcome(time), 10, (20, 50), 100);
        assert_eq!(state(Some(9)), None, "gone before the row");
        assert_eq!(state(Some(10)), Some(LabelState::Excluded));
        assert_eq!(state(Some(20)), Some(LabelState::Positive));
        assert_eq!(state(Some(49)), Some(LabelState::Positive));
        assert_eq!(state(Some(50)), Some(LabelState::Negative));
        assert_eq!(state(None), Some(LabelState::Negative));
    }

    #[test]
    fn a_window_beyond_follow_up_is_censored_whatever_was_seen() {
        let state = |answer| state(answer, 10, (20, 50), 49);
        for answer in [Answer::Outcome(Some(30)), Answer::Outcome(None), Answer::Label(Some(true))]
        {
            assert_eq!(state(answer), Some(LabelState::Censored));
        }
        assert_eq!(state(Answer::Outcome(Some(9))), None);
    }
}
