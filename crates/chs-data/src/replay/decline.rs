//! Labels of declines: an indicator one window later against its value now.

use chs_panel::{IndicatorValues, LabelState};
use jiff::civil::Date;

use crate::project::{Indicator, LabelPlan, Project};
use crate::replay::grid::Grid;
use crate::replay::labels::{LabelCells, Labelling, definition, settled};
use crate::replay::{Cells, Replay, ReplayError, Rows};
use crate::time::{DAY, day_of, midnight_after};

impl Labelling<'_> {
    /// A row where the indicator is above 0; later it is what a snapshot would have seen then.
    pub(super) fn decline_label(
        &self,
        plan: &LabelPlan,
        indicator: usize,
        below: f64,
    ) -> Result<LabelCells, ReplayError> {
        let Self { grid, at_risk, .. } = self;
        let end = self.follow_up_of(indicator);
        let complete = midnight_after(end);
        let later_grid = grid.later([plan.lead_time, plan.horizon]);
        let now = self.values(plan, indicator, grid)?;
        let later = self.values(plan, indicator, &later_grid)?;
        let state = |cell: usize| {
            let closes = later_grid.instants()[cell % grid.len()];
            if !at_risk[cell] || now[cell].is_nan() || now[cell] <= 0.0 {
                return (None, None);
            }
            if closes > complete || later[cell].is_nan() {
                return (Some(LabelState::Censored), None);
            }
            let has_declined = later[cell] < below * now[cell];
            let state = if has_declined { LabelState::Positive } else { LabelState::Negative };
            (Some(state), Some(settled(closes, None)))
        };
        let (states, settled) = (0..at_risk.len()).map(state).unzip();
        let outcome = format!("decline of {}", self.project.indicators[indicator].name.value);
        let definition = definition(plan, outcome, end, false);
        // What declines over a window has no day of its own.
        Ok(LabelCells { definition, states, settled, next: None })
    }

    /// The earliest of the latest days of the sources that the indicator reads; of a source without rows
    /// the day before the first snapshot, so that every row is censored.
    fn follow_up_of(&self, indicator: usize) -> Date {
        let sources = self.project.sources_behind(indicator).into_iter();
        let nothing = self.grid.instants()[0] - DAY - 1;
        let latest = |source: usize| self.history.sources[source].at.iter().max().copied();
        let end = sources.map(|source| latest(source).unwrap_or(nothing)).min();
        let end = day_of(end.unwrap_or(nothing));
        self.history.as_of.map_or(end, |as_of| as_of.min(end))
    }

    /// The indicator of every account at the snapshots of a grid.
    fn values(
        &self,
        plan: &LabelPlan,
        indicator: usize,
        grid: &Grid,
    ) -> Result<Cells, ReplayError> {
        let behind = self.project.indicators_behind(indicator);
        let indicators: Vec<Indicator> =
            behind.iter().map(|index| self.project.indicators[*index].clone()).collect();
        let project = Project { indicators, ..self.project.clone() };
        let accounts = self.history.accounts.ids.len();
        let rows = Rows::new(accounts, grid.len(), |_| true);
        let replay = Replay { project: &project, history: self.history, grid, rows: &rows };
        let name = &self.project.indicators[indicator].name.value;
        let found = replay.indicators().into_iter().find(|found| found.name == *name);
        match found.map(|found| found.column) {
            Some(IndicatorValues::Numbers(numbers)) => {
                // By snapshot and account -> account by account.
                let numbers = numbers.as_slice();
                let of_account = |account: usize| {
                    (0..grid.len()).map(move |snapshot| numbers[snapshot * accounts + account])
                };
                Ok((0..accounts).flat_map(of_account).collect())
            }
            _ => Err(ReplayError::NoNumber {
                asked: format!("label `{}`", plan.name.value),
                indicator: name.clone(),
            }),
        }
    }
}
