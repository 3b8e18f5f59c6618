//! Labels of decisions, such as renewals: lost or kept.

use chs_panel::{LabelState, NextOutcome};

use crate::load::History;
use crate::project::{DecisionWords, LabelPlan};
use crate::replay::ReplayError;
use crate::replay::labels::{LabelCells, LabelWindow, Labelling, definition, follow_up, settled};
use crate::time::{Micros, NEVER, day_of, midnight_after};

/// How a decision fell. Of two at one time the lost one stands, and an open one last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fall {
    Lost,
    Kept,
    Open,
}

/// A decision of an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Decision {
    at: Micros,
    fall: Fall,
    /// [`NEVER`] while it is open.
    known: Micros,
}

impl Decision {
    /// What is told of it once it has fallen.
    fn fallen(self) -> Option<NextOutcome> {
        (self.fall != Fall::Open).then(|| NextOutcome {
            day: day_of(self.at),
            known: day_of(self.known),
            is_target: self.fall == Fall::Lost,
        })
    }
}

impl Labelling<'_> {
    /// A row where the next decision comes before the window closes and was not known before the snapshot.
    pub(super) fn decision_label(
        &self,
        plan: &LabelPlan,
        outcome: usize,
        words: &DecisionWords,
    ) -> Result<LabelCells, ReplayError> {
        let Self { project, history, grid, at_risk } = self;
        let follow_up = follow_up(project, history, plan, (outcome, &[]))?;
        let complete = midnight_after(follow_up.end);
        let decisions = decisions(history, outcome, words);
        let windows = self.windows(plan);
        let state = |cell: usize| {
            let (account, snapshot) = (cell / grid.len(), cell % grid.len());
            let (instant, window) = (grid.instants()[snapshot], &windows[snapshot]);
            if !at_risk[cell] {
                return (None, None);
            }
            let Some(next) = next(&decisions[account], instant, window) else {
                return (None, None);
            };
            if window.to > complete {
                return (Some(LabelState::Censored), None);
            }
            let state = fallen(next, &decisions[account], (instant, window));
            (Some(state), state.value().map(|_| settled(window.to, Some(next.known))))
        };
        let next = |cell: usize| {
            let (account, snapshot) = (cell / grid.len(), cell % grid.len());
            let decisions = at_risk[cell].then_some(&decisions[account])?;
            next(decisions, grid.instants()[snapshot], &windows[snapshot])?.fallen()
        };
        let (states, settled) = (0..at_risk.len()).map(state).unzip();
        let next = Some((0..at_risk.len()).map(next).collect());
        let name = format!("{} lost", project.outcomes[outcome].name.value);
        let definition = definition(plan, name, follow_up.end, follow_up.declared);
        Ok(LabelCells { definition, states, settled, next })
    }
}

/// The first decision at or after the snapshot, if it comes before the window closes and was not known.
fn next<'a>(
    decisions: &'a [Decision],
    instant: Micros,
    window: &LabelWindow,
) -> Option<&'a Decision> {
    let next = decisions.iter().find(|decision| decision.at >= instant)?;
    (next.at < window.to && next.known >= instant).then_some(next)
}

fn fallen(
    next: &Decision,
    all: &[Decision],
    (instant, window): (Micros, &LabelWindow),
) -> LabelState {
    // Lost, but not known to be: such a row could not have been scored in earnest.
    let is_gone = |decision: &Decision| {
        decision.fall == Fall::Lost && decision.at < instant && decision.known >= instant
    };
    match next.fall {
        _ if all.iter().any(is_gone) => LabelState::Excluded,
        Fall::Open => LabelState::Censored,
        _ if next.at < window.from => LabelState::Excluded,
        Fall::Lost => LabelState::Positive,
        Fall::Kept => LabelState::Negative,
    }
}

/// The decisions per account, by date; kinds that are neither lost nor kept are none.
fn decisions(history: &History, outcome: usize, words: &DecisionWords) -> Vec<Vec<Decision>> {
    let mut decisions = vec![Vec::new(); history.accounts.ids.len()];
    let rows = &history.outcomes[outcome];
    for row in 0..rows.at.len() {
        let is_in = |words: &[String]| {
            rows.kind(row).is_some_and(|kind| words.iter().any(|word| word == kind))
        };
        let fall = match rows.known[row] {
            NEVER => Fall::Open,
            _ if is_in(&words.lost) => Fall::Lost,
            _ if is_in(&words.kept) => Fall::Kept,
            _ => continue,
        };
        let decision = Decision { at: rows.at[row], fall, known: rows.known[row] };
        decisions[rows.account[row] as usize].push(decision);
    }
    for decisions in &mut decisions {
        decisions.sort_unstable();
    }
    decisions
}
