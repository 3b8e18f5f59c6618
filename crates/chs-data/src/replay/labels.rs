//! What came after each snapshot.

use chs_panel::{Label, LabelDefinition, LabelState, NextOutcome, Span};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::load::History;
use crate::project::{LabelPlan, OutcomeOrigin, ParsedExpression, Project, Question};
use crate::replay::ReplayError;
use crate::replay::expressions::passes;
use crate::replay::grid::{Bounds, Grid};
use crate::time::{Micros, NEVER, day_of, midnight_after, plus};

/// A label per account and snapshot: state, the day from which it was settled, and the outcome that comes
/// next, where outcomes have dates.
pub(super) struct LabelCells {
    pub(super) definition: LabelDefinition,
    pub(super) states: Vec<Option<LabelState>>,
    pub(super) settled: Vec<Option<Date>>,
    pub(super) next: Option<Vec<Option<NextOutcome>>>,
}

/// What is said of a cell.
pub(super) type CellLabel = (Option<LabelState>, Option<Date>);

impl LabelCells {
    /// The label of chosen cells.
    pub(super) fn gather(&self, chosen: impl Iterator<Item = usize> + Clone) -> Label {
        Label {
            definition: self.definition.clone(),
            states: chosen.clone().map(|cell| self.states[cell]).collect(),
            settled: chosen.clone().map(|cell| self.settled[cell]).collect(),
            next: self.next.as_ref().map(|next| chosen.map(|cell| next[cell]).collect()),
        }
    }
}

/// What a label is decided from.
pub(super) struct Labelling<'a> {
    pub(super) project: &'a Project,
    pub(super) history: &'a History,
    pub(super) grid: &'a Grid,
    /// Per account and snapshot.
    pub(super) at_risk: &'a [bool],
}

impl Labelling<'_> {
    /// Label every cell.
    pub(super) fn label(&self, plan: &LabelPlan) -> Result<LabelCells, ReplayError> {
        match &plan.question {
            Question::Outcome { outcome, competing } => {
                self.outcome_label(plan, *outcome, competing)
            }
            Question::Decision { outcome, words } => self.decision_label(plan, *outcome, words),
            Question::Decline { indicator, below } => self.decline_label(plan, *indicator, *below),
            Question::Inactive { source, within, filter } => {
                Ok(self.inactive_label(plan, (*source, *within), filter.as_ref()))
            }
        }
    }

    fn outcome_label(
        &self,
        plan: &LabelPlan,
        outcome: usize,
        competing: &[usize],
    ) -> Result<LabelCells, ReplayError> {
        let Self { project, history, grid, at_risk } = self;
        let follow_up = follow_up(project, history, plan, (outcome, competing))?;
        let dated = dated_outcomes(history, outcome, competing);
        let windows = self.windows(plan);
        let closes: Vec<Micros> = windows
            .iter()
            .map(|window| follow_up.grace.map_or(window.to, |grace| plus(window.to, grace)))
            .collect();
        let complete = midnight_after(follow_up.end);
        let state = |cell: usize| -> CellLabel {
            let (account, snapshot) = (cell / grid.len(), cell % grid.len());
            if !at_risk[cell] {
                return (None, None);
            }
            if closes[snapshot] > complete {
                return (Some(LabelState::Censored), None);
            }
            let (state, known) =
                decide(&dated[account], grid.instants()[snapshot], &windows[snapshot]);
            (Some(state), state.value().map(|_| settled(closes[snapshot], known)))
        };
        let next = |cell: usize| {
            let instant = grid.instants()[cell % grid.len()];
            let dated = dated[cell / grid.len()].iter().filter(|_| at_risk[cell]);
            dated.into_iter().find(|outcome| outcome.at >= instant).map(Dated::next)
        };
        let (states, settled) = (0..at_risk.len()).into_par_iter().map(state).unzip();
        let next = Some((0..at_risk.len()).into_par_iter().map(next).collect());
        let name = project.outcomes[outcome].name.value.clone();
        let definition = definition(plan, name, follow_up.end, follow_up.declared);
        Ok(LabelCells { definition, states, settled, next })
    }

    fn inactive_label(
        &self,
        plan: &LabelPlan,
        (source, within): (usize, Span),
        filter: Option<&ParsedExpression>,
    ) -> LabelCells {
        let Self { project, history, grid, at_risk } = self;
        let rows = &history.sources[source];
        let passes = passes(rows, filter);
        // Without any row nobody is at risk, and there is nothing to follow up.
        let latest = rows.at.iter().max().map_or(grid.instants()[0] - 1, |at| *at);
        let end = day_of(latest);
        let end = history.as_of.map_or(end, |as_of| as_of.min(end));
        let complete = midnight_after(end);
        let windows = self.windows(plan);
        let past = Bounds::new(grid, Some(within), Span::days(0));
        // Whether a row is recent, and when the first that follows was known.
        let (mut active, mut follows) = (vec![false; at_risk.len()], vec![None; at_risk.len()]);
        for row in (0..rows.len()).filter(|row| passes(*row)) {
            let first = rows.account[row] as usize * grid.len();
            for snapshot in past.run(grid, rows.at[row], rows.known(row), rows.superseded(row)) {
                active[first + snapshot] = true;
            }
            // Labels are as finally known: a version that was superseded says nothing.
            if rows.superseded(row) == NEVER {
                let from = windows.partition_point(|window| window.to <= rows.at[row]);
                let to = windows.partition_point(|window| window.from <= rows.at[row]);
                let cells = first + from..first + to.max(from);
                earliest(&mut follows[cells], rows.known(row));
            }
        }
        let state = |cell: usize| {
            let window = &windows[cell % grid.len()];
            let settled = Some(settled(window.to, follows[cell]));
            match (at_risk[cell] && active[cell], window.to > complete, follows[cell]) {
                (false, _, _) => (None, None),
                (true, true, _) => (Some(LabelState::Censored), None),
                (true, false, Some(_)) => (Some(LabelState::Negative), settled),
                (true, false, None) => (Some(LabelState::Positive), settled),
            }
        };
        let (states, settled) = (0..at_risk.len()).into_par_iter().map(state).unzip();
        let outcome = format!("no row in {}", project.sources[source].name.value);
        // What stays away has no day of its own.
        LabelCells {
            definition: definition(plan, outcome, end, false),
            states,
            settled,
            next: None,
        }
    }

    pub(super) fn windows(&self, plan: &LabelPlan) -> Vec<LabelWindow> {
        self.grid.instants().iter().map(|instant| LabelWindow::at(*instant, plan)).collect()
    }
}

/// Lower each instant to `known`, setting those that are not set.
fn earliest(instants: &mut [Option<Micros>], known: Micros) {
    for instant in instants {
        *instant = Some(instant.map_or(known, |first| first.min(known)));
    }
}

/// Targets and competing outcomes per account, in the order in which they decide.
fn dated_outcomes(history: &History, outcome: usize, competing: &[usize]) -> Vec<Vec<Dated>> {
    let mut dated: Vec<Vec<Dated>> = vec![Vec::new(); history.accounts.ids.len()];
    let all = std::iter::once((outcome, false)).chain(competing.iter().map(|index| (*index, true)));
    for (index, competes) in all {
        let rows = &history.outcomes[index];
        for row in rows.happened() {
            let (at, known) = (rows.at[row], rows.known[row]);
            dated[rows.account[row] as usize].push(Dated { at, competes, known });
        }
    }
    for dated in &mut dated {
        dated.sort_unstable();
    }
    dated
}

/// Until when the outcomes of a label are known.
pub(super) struct FollowUp {
    pub(super) end: Date,
    pub(super) declared: bool,
    /// Ends of spans are known that much later.
    grace: Option<Span>,
}

pub(super) fn follow_up(
    project: &Project,
    history: &History,
    plan: &LabelPlan,
    (outcome, competing): (usize, &[usize]),
) -> Result<FollowUp, ReplayError> {
    let grace = match &project.outcomes[outcome].origin {
        OutcomeOrigin::Spans { grace, .. } => Some(*grace),
        _ => None,
    };
    let target = &history.outcomes[outcome];
    let end = target.follow_up_end.ok_or_else(|| ReplayError::NoFollowUp {
        label: plan.name.value.clone(),
        as_of: history.as_of,
    })?;
    // A rare competing outcome says nothing by its latest row; only a declared end of it counts.
    let competing = competing.iter().map(|index| &history.outcomes[*index]);
    let declared = competing.filter(|rows| rows.follow_up_declared);
    let earlier = declared.filter_map(|rows| rows.follow_up_end).min().filter(|day| *day < end);
    let declared = target.follow_up_declared || earlier.is_some();
    Ok(FollowUp { end: earlier.unwrap_or(end), declared, grace })
}

/// The window of a label at an instant.
pub(super) struct LabelWindow {
    pub(super) from: Micros,
    pub(super) to: Micros,
}

impl LabelWindow {
    fn at(instant: Micros, plan: &LabelPlan) -> Self {
        let from = plus(instant, plan.lead_time);
        Self { from, to: plus(from, plan.horizon) }
    }
}

/// An outcome of an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Dated {
    at: Micros,
    /// A target wins ties with competing outcomes.
    competes: bool,
    known: Micros,
}

impl Dated {
    fn next(&self) -> NextOutcome {
        NextOutcome { day: day_of(self.at), known: day_of(self.known), is_target: !self.competes }
    }
}

/// The state, and since when the outcome that decided it was known.
fn decide(dated: &[Dated], instant: Micros, window: &LabelWindow) -> (LabelState, Option<Micros>) {
    // Gone, but not known to be: such a row could not have been scored in earnest.
    if dated.iter().any(|outcome| outcome.at < instant && outcome.known >= instant) {
        return (LabelState::Excluded, None);
    }
    match dated.iter().find(|outcome| outcome.at >= instant) {
        Some(outcome) if outcome.at < window.from => (LabelState::Excluded, None),
        Some(outcome) if outcome.at < window.to && outcome.competes => {
            (LabelState::Competing, Some(outcome.known))
        }
        Some(outcome) if outcome.at < window.to => (LabelState::Positive, Some(outcome.known)),
        _ => (LabelState::Negative, None),
    }
}

/// The first day at whose end the window had closed and the outcome was known.
pub(super) fn settled(closes: Micros, known: Option<Micros>) -> Date {
    day_of(known.map_or(closes - 1, |known| known.max(closes - 1)))
}

pub(super) fn definition(
    plan: &LabelPlan,
    outcome: String,
    follow_up_end: Date,
    follow_up_declared: bool,
) -> LabelDefinition {
    LabelDefinition {
        name: plan.name.value.clone(),
        outcome,
        polarity: plan.polarity,
        window: Some(chs_panel::LabelWindow {
            lead_time: plan.lead_time,
            horizon: plan.horizon,
            follow_up_end,
            follow_up_declared,
        }),
    }
}
