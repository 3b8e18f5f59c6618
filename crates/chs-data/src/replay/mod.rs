//! History -> panel: at each snapshot exactly what was known then.
//!
//! Everything is computed per account and snapshot over dense cells and then gathered into the rows in
//! which an account is at risk for a label. Cost: O(rows x indicators + accounts x snapshots x
//! indicators); indicators run in parallel, each by itself in a fixed order.

mod at_risk;
mod decision;
mod decline;
mod deviation;
mod expressions;
mod extreme;
mod grid;
mod labels;
mod last;
mod open;
mod reading;
mod ready_panel;
mod segments;
mod trend;
mod window;

use std::cmp::Ordering;

use chs_panel::{
    IndicatorValues, Named, NumberColumn, Panel, PanelError, PanelParts, Span, WordColumn,
};
use rayon::prelude::*;

use crate::load::{Column, History, RecordedRows, SourceRows};
use crate::project::{
    Coverage, Measure, Project, Reading, RowsVerb, Statistic, Verb, Window, formula_order,
};
use crate::time::{DAY, Micros, NEVER, minus};

use at_risk::at_risk;
use grid::Taken;
use labels::{LabelCells, Labelling};
use last::Dated;
use reading::ReadColumn;
use trend::Buckets;
use window::Observed;

pub(crate) use expressions::values as row_values;
pub use grid::Grid;
pub use ready_panel::ready_panel;
pub(crate) use window::exact_sum;

/// A number per account and snapshot, account by account; NaN where missing.
type Cells = Vec<f64>;

/// A history that gives no panel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No snapshot lies in the range.
    #[error("no snapshot lies between `from` and `to` of [snapshots] and the data")]
    NoSnapshot,
    /// Nobody is at risk at any snapshot.
    #[error("no account is at risk at any of the {snapshots} snapshots from {first} to {last}")]
    NobodyAtRisk {
        /// Number of snapshots.
        snapshots: usize,
        /// First snapshot.
        first: jiff::civil::Date,
        /// Last snapshot.
        last: jiff::civil::Date,
    },
    /// Nothing tells until when outcomes are known.
    #[error(
        "label `{label}`: no outcome has a date, so nothing tells until when outcomes are known"
    )]
    NoFollowUp {
        /// The label.
        label: String,
    },
    /// What needs numbers is asked of an indicator of words.
    #[error("{asked}: `{indicator}` holds words; expected numbers")]
    NoNumber {
        /// What asks.
        asked: String,
        /// The indicator.
        indicator: String,
    },
    /// An invariant of the panel is broken: a bug.
    #[error("the panel is inconsistent: {0}")]
    Panel(#[from] PanelError),
}

impl ReplayError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoSnapshot => "set `from` and `to` to days within the history, or leave them out",
            Self::NobodyAtRisk { .. } => {
                "check the starts of the accounts and the dates of [snapshots]"
            }
            Self::NoFollowUp { .. } => {
                "check the outcome's columns, or declare `complete_until = YYYY-MM-DD`"
            }
            Self::NoNumber { .. } => "name an indicator of numbers",
            Self::Panel(_) => "please report this",
        }
    }
}

/// Replay a history at the snapshots of its project.
///
/// # Errors
///
/// [`ReplayError`]: no snapshot, nobody at risk, or labels without follow-up.
pub fn replay(project: &Project, history: &History) -> Result<Panel, ReplayError> {
    let grid = Grid::new(project, history);
    let (Some(first), Some(last)) = (grid.days().first(), grid.days().last()) else {
        return Err(ReplayError::NoSnapshot);
    };
    let taken = Taken::new(project, history, &grid);
    let at_risk = at_risk(project, history, (&grid, &taken));
    let labelling = Labelling { project, history, grid: &grid, at_risk: &at_risk };
    let labels: Vec<LabelCells> =
        project.labels.iter().map(|plan| labelling.label(plan)).collect::<Result<_, _>>()?;
    let rows = Rows::new(&grid, history, &labels);
    if rows.cells.is_empty() {
        return Err(ReplayError::NobodyAtRisk {
            snapshots: grid.len(),
            first: *first,
            last: *last,
        });
    }
    let replay = Replay { project, history, grid: &grid, rows: &rows };
    let indicators = replay.indicators();
    let recorded = project.recorded_scores.par_iter().zip(&history.recorded_scores);
    let recorded_scores = recorded
        .map(|(plan, recorded)| Named {
            name: plan.name.value.clone(),
            column: replay.recorded(recorded, plan.max_age),
        })
        .collect();
    let accounts = &history.accounts;
    let versions = || rows.versions.iter().copied();
    let of_accounts = accounts.segments.iter().map(|segment| Named {
        name: segment.name.clone(),
        column: WordColumn::from_words(versions().map(|version| segment.column.get(version?))),
    });
    let of_indicators = project.segments.iter().map(|plan| segments::cut(plan, &indicators));
    let segments: Vec<Named<WordColumn>> =
        of_accounts.map(Ok).chain(of_indicators).collect::<Result<_, ReplayError>>()?;
    let value = accounts.value.as_ref().map(|value| {
        let value = |version: Option<usize>| version.and_then(|version| value.get(version));
        NumberColumn::new(versions().map(|version| value(version).unwrap_or(f64::NAN)).collect())
    });
    let (account, ids) = rows.present_accounts(&accounts.ids);
    Ok(Panel::new(PanelParts {
        accounts: ids,
        account,
        snapshot: rows.cells.iter().map(|cell| grid.days()[cell % grid.len()]).collect(),
        segments,
        value,
        indicators,
        labels: labels.iter().map(|label| label.gather(&rows.cells)).collect(),
        recorded_scores,
    })?)
}

/// The cells that are rows of the panel, by snapshot and account.
struct Rows {
    cells: Vec<usize>,
    /// Account index per row.
    owners: Vec<usize>,
    /// The version of the account's attributes per row.
    versions: Vec<Option<usize>>,
}

impl Rows {
    /// Every cell of a grid, account by account.
    fn all(grid: &Grid, history: &History) -> Self {
        let cells = (0..history.accounts.ids.len() * grid.len()).collect();
        Self::of(cells, grid, history)
    }

    /// The cells in which an account is at risk for a label.
    fn new(grid: &Grid, history: &History, labels: &[LabelCells]) -> Self {
        let accounts = history.accounts.ids.len();
        let cells = (0..grid.len())
            .flat_map(|snapshot| (0..accounts).map(move |account| account * grid.len() + snapshot))
            .filter(|cell| labels.iter().any(|label| label.states[*cell].is_some()))
            .collect();
        Self::of(cells, grid, history)
    }

    fn of(cells: Vec<usize>, grid: &Grid, history: &History) -> Self {
        let owners = cells.iter().map(|cell| cell / grid.len()).collect();
        let version = |cell: &usize| {
            history.accounts.version(cell / grid.len(), grid.instants()[cell % grid.len()])
        };
        let versions = cells.iter().map(version).collect();
        Self { cells, owners, versions }
    }

    /// Index per row into the ids of the accounts that have a row, and those ids.
    fn present_accounts(&self, ids: &[String]) -> (Vec<u32>, Vec<String>) {
        let mut present = vec![false; ids.len()];
        for account in &self.owners {
            present[*account] = true;
        }
        let mut number = vec![0_u32; ids.len()];
        let mut kept = Vec::new();
        for (account, id) in ids.iter().enumerate().filter(|(account, _)| present[*account]) {
            number[account] = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            kept.push(id.clone());
        }
        (self.owners.iter().map(|account| number[*account]).collect(), kept)
    }
}

struct Replay<'a> {
    project: &'a Project,
    history: &'a History,
    grid: &'a Grid,
    rows: &'a Rows,
}

impl Replay<'_> {
    /// Indicators in declared order: those over rows in parallel, formulas after what they read.
    fn indicators(&self) -> Vec<Named<IndicatorValues>> {
        let plans = &self.project.indicators;
        let mut computed: Vec<Option<Named<IndicatorValues>>> = plans
            .par_iter()
            .map(|plan| {
                let column = match &plan.verb {
                    Verb::Rows(verb) => self.rows_verb(verb),
                    Verb::Tenure => self.gather(&self.tenure()),
                    Verb::Attribute { column, reading } => self.attribute(&column.value, reading),
                    Verb::Formula(_) => return None,
                };
                Some(Named { name: plan.name.value.clone(), column })
            })
            .collect();
        // A circle was refused when the file was read.
        for index in formula_order(plans).unwrap_or_default() {
            if let Verb::Formula(formula) = &plans[index].verb {
                let values =
                    expressions::formula(&formula.expression, &computed, self.rows.cells.len());
                let column = IndicatorValues::Numbers(NumberColumn::new(values));
                computed[index] = Some(Named { name: plans[index].name.value.clone(), column });
            }
        }
        computed.into_iter().flatten().collect()
    }

    fn gather(&self, cells: &Cells) -> IndicatorValues {
        IndicatorValues::Numbers(NumberColumn::new(
            self.rows.cells.iter().map(|cell| cells[*cell]).collect(),
        ))
    }

    fn rows_verb(&self, verb: &RowsVerb) -> IndicatorValues {
        let rows = &self.history.sources[verb.source];
        let passes = expressions::passes(rows, verb.filter.as_ref());
        let accounts = self.history.accounts.ids.len();
        let observed = Observed { rows, passes: &passes, accounts, grid: self.grid };
        let mut cells = match &verb.measure {
            Measure::Count { window } => {
                window::count(&observed, observed.runs(*window), window.empty.value())
            }
            Measure::Statistic { statistic, value, window } => {
                let values = expressions::values(rows, &value.expression);
                statistic_of(&observed, *statistic, *window, &values)
            }
            Measure::Trend { value, window, buckets, method } => {
                let values = expressions::values(rows, &value.expression);
                let buckets = Buckets { window: *window, number: *buckets };
                trend::trend(&observed, buckets, &values, *method)
            }
            Measure::Distinct { column, window } => {
                window::distinct(&observed, *window, &codes(rows, &column.value))
            }
            Measure::Recency => last::recency(&observed),
            Measure::Open { amount, empty } => {
                let source = &self.project.sources[verb.source];
                open::open(&observed, source, amount.as_ref(), *empty)
            }
            Measure::Until { column } => match rows.times.get(&column.value) {
                Some(dates) => extreme::until(&observed, dates),
                None => vec![f64::NAN; accounts * self.grid.len()],
            },
            Measure::Latest { column, reading, at, max_age } => {
                let own = at.as_ref().and_then(|name| rows.times.get(&name.value));
                return self.latest(&observed, verb, (&column.value, reading), (own, *max_age));
            }
        };
        for (cell, connected) in self.connected(verb).into_iter().flatten().enumerate() {
            if !connected {
                cells[cell] = f64::NAN;
            }
        }
        self.gather(&cells)
    }

    fn latest(
        &self,
        observed: &Observed<'_>,
        verb: &RowsVerb,
        (column, reading): (&str, &Reading),
        (own, max_age): (Option<&Vec<Option<Micros>>>, Option<Span>),
    ) -> IndicatorValues {
        let rows = observed.rows;
        let Some(column) = rows.columns.get(column) else {
            return self.gather(&vec![f64::NAN; observed.accounts * self.grid.len()]);
        };
        let event = |row: usize| own.map_or(Some(rows.at[row]), |times| times[row]);
        // Both dates have to be known: the row itself, and its own date.
        let known = |row: usize| match own.and_then(|times| times[row]) {
            Some(date) if rows.known_by_event(row) => {
                rows.known(row).max(date + (rows.known(row) - rows.at[row]))
            }
            _ => rows.known(row),
        };
        let dated = Dated { event: &event, known: &known, max_age };
        let column = ReadColumn::new(column, reading);
        let mut cells = last::latest(observed, &dated, |row| column.is_value(row));
        for (cell, connected) in self.connected(verb).into_iter().flatten().enumerate() {
            if !connected {
                cells[cell] = None;
            }
        }
        column.gather(self.rows.cells.iter().map(|cell| cells[*cell]))
    }

    /// A column of the accounts table as it was.
    fn attribute(&self, column: &str, reading: &Reading) -> IndicatorValues {
        match self.history.accounts.attributes.get(column) {
            Some(column) => {
                ReadColumn::new(column, reading).gather(self.rows.versions.iter().copied())
            }
            None => {
                IndicatorValues::Numbers(NumberColumn::new(vec![f64::NAN; self.rows.cells.len()]))
            }
        }
    }

    /// Per cell whether the source has spoken for `connected_for`; `None` where that is not asked.
    fn connected(&self, verb: &RowsVerb) -> Option<Vec<bool>> {
        let length = verb.connected_for?;
        let rows = &self.history.sources[verb.source];
        let (accounts, snapshots) = (self.history.accounts.ids.len(), self.grid.len());
        let per_account = self.project.sources[verb.source].coverage == Coverage::Account;
        let first = if per_account {
            last::first_known_of_account(rows, self.grid, accounts)
        } else {
            last::first_known(rows, self.grid)
        };
        let latest: Vec<Micros> =
            self.grid.instants().iter().map(|instant| minus(*instant, length)).collect();
        let connected = |cell: usize| {
            let (account, snapshot) = (cell / snapshots, cell % snapshots);
            let start = self.history.accounts.starts[account].first().copied().unwrap_or(NEVER);
            let since = if per_account { first[cell] } else { first[snapshot].max(start) };
            since <= latest[snapshot]
        };
        Some((0..accounts * snapshots).map(connected).collect())
    }

    /// Whole civil days since the first start.
    fn tenure(&self) -> Cells {
        let days = |start: Option<&Micros>, instant: Micros| match start {
            Some(start) if *start < instant => (instant - start).div_euclid(DAY) as f64,
            _ => f64::NAN,
        };
        let starts = self.history.accounts.starts.iter().map(|starts| starts.first());
        starts
            .flat_map(|start| self.grid.instants().iter().map(move |instant| days(start, *instant)))
            .collect()
    }

    /// The last score of another system, as it stood.
    fn recorded(&self, recorded: &RecordedRows, max_age: Option<Span>) -> NumberColumn {
        let rows = SourceRows {
            account: recorded.account.clone(),
            at: recorded.at.clone(),
            known: recorded.at.clone(),
            superseded: vec![NEVER; recorded.at.len()],
            row_bytes: recorded.row_bytes.clone(),
            ..SourceRows::default()
        };
        let accounts = self.history.accounts.ids.len();
        let observed = Observed { rows: &rows, passes: &|_| true, accounts, grid: self.grid };
        let dated =
            Dated { event: &|row| Some(rows.at[row]), known: &|row| rows.known(row), max_age };
        let cells = last::latest(&observed, &dated, |row| !recorded.score[row].is_nan());
        let score = |cell: &usize| cells[*cell].map_or(f64::NAN, |row| recorded.score[row]);
        NumberColumn::new(self.rows.cells.iter().map(score).collect())
    }
}

fn statistic_of(
    observed: &Observed<'_>,
    statistic: Statistic,
    window: Window,
    values: &[f64],
) -> Cells {
    let sums = || window::sums(observed, observed.runs(window), values);
    match statistic {
        Statistic::Sum => sums().or(window.empty.value()),
        Statistic::Mean => sums().means_or(window.empty.value()),
        Statistic::Min => extreme::extreme(observed, window, values, Ordering::Less),
        Statistic::Max => extreme::extreme(observed, window, values, Ordering::Greater),
        Statistic::Std => deviation::std(observed, window, values),
    }
}

/// Numbers for the distinct texts of a column.
fn codes(rows: &SourceRows, column: &str) -> Vec<Option<u32>> {
    match rows.columns.get(column) {
        Some(Column::Words(words)) => words.codes.clone(),
        Some(Column::Numbers(numbers)) => {
            let mut known: Vec<u64> = numbers
                .iter()
                .filter(|number| !number.is_nan())
                .map(|number| number.to_bits())
                .collect();
            known.sort_unstable();
            known.dedup();
            let code = |number: &f64| {
                known
                    .binary_search(&number.to_bits())
                    .ok()
                    .and_then(|code| u32::try_from(code).ok())
            };
            numbers.iter().map(code).collect()
        }
        None => vec![None; rows.len()],
    }
}
