//! History -> panel: at each snapshot exactly what was known then.
//!
//! Verbs over rows are computed for a block of accounts at a time, on all cores, over dense cells of
//! account and snapshot, from which the rows are filled in which an account is at risk for a label. Cost:
//! O(rows x indicators + accounts x snapshots x indicators).

mod at_risk;
mod decision;
mod decline;
mod deviation;
mod expressions;
mod extreme;
mod grid;
mod labels;
mod last;
mod measure;
mod open;
mod reading;
mod ready_panel;
mod rows;
mod segments;
mod totals;
mod trend;
mod window;
mod windows;

use chs_panel::{
    IndicatorValues, Named, NumberColumn, Panel, PanelError, PanelParts, Span, WordColumn,
};

use crate::load::{Column, History, RecordedRows, SourceRows};
use crate::project::{Project, Reading, RecordedScore, Verb, formula_order};
use crate::time::DAY;

use at_risk::at_risk;
use grid::{Bounds, Taken};
use labels::{LabelCells, Labelling};
use measure::{Measured, OfAccounts, Ready, latest_numbers};
use reading::ReadColumn;
use rows::{Rows, blocks};
use totals::Totals;
use window::Observed;

pub(crate) use expressions::values as row_values;
pub use grid::Grid;
pub use ready_panel::ready_panel;
pub(crate) use window::exact_sum;

/// A number per account and snapshot, account by account; NaN where missing.
type Cells = Vec<f64>;

/// Name under which the scores of another system are read as a column.
const SCORE: &str = "score";

/// A history that gives no panel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No snapshot lies in the range.
    #[error("no snapshot lies between `from` and `to` of [snapshots] and the data")]
    NoSnapshot,
    /// Without `from` and `to` the rows of the sources tell when snapshots are taken, and there is none.
    #[error("no source has a row that is used, so that nothing tells when to take snapshots: {}", sources.join(", "))]
    NoRows {
        /// The sources.
        sources: Vec<String>,
    },
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
        "label `{label}`: no outcome has a date{}, so nothing tells until when outcomes are known",
        as_of.map_or_else(String::new, |day| format!(" and was known by {day}"))
    )]
    NoFollowUp {
        /// The label.
        label: String,
        /// The last day of which anything is known, where one was named.
        as_of: Option<jiff::civil::Date>,
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
            Self::NoRows { .. } => {
                "check that the exports ran, and why rows are rejected: rejects.csv"
            }
            Self::NoFollowUp { as_of: Some(_), .. } => {
                "name a later day as `--as-of`, or declare `complete_until = YYYY-MM-DD`"
            }
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
        let is_silent = history.sources.iter().all(SourceRows::is_empty);
        if is_silent && (project.snapshots.from.is_none() || project.snapshots.to.is_none()) {
            let sources = project.sources.iter().map(|source| source.name.value.clone());
            return Err(ReplayError::NoRows { sources: sources.collect() });
        }
        return Err(ReplayError::NoSnapshot);
    };
    let taken = Taken::new(project, history, &grid);
    let at_risk = at_risk(project, history, (&grid, &taken));
    let labelling = Labelling { project, history, grid: &grid, at_risk: &at_risk };
    let labels: Vec<LabelCells> =
        project.labels.iter().map(|plan| labelling.label(plan)).collect::<Result<_, _>>()?;
    let is_row = |cell: usize| labels.iter().any(|label| label.states[cell].is_some());
    let rows = Rows::new(history.accounts.ids.len(), grid.len(), is_row);
    if rows.len() == 0 {
        return Err(ReplayError::NobodyAtRisk {
            snapshots: grid.len(),
            first: *first,
            last: *last,
        });
    }
    let replay = Replay { project, history, grid: &grid, rows: &rows };
    let indicators = replay.indicators();
    let accounts = &history.accounts;
    let versions = || rows.versions(accounts, &grid).iter();
    let of_accounts = accounts.segments.iter().map(|segment| Named {
        name: segment.name.clone(),
        column: WordColumn::from_words(versions().map(|own| segment.column.get((*own)?))),
    });
    let of_indicators = project.segments.iter().map(|plan| segments::cut(plan, &indicators));
    let segments: Vec<Named<WordColumn>> =
        of_accounts.map(Ok).chain(of_indicators).collect::<Result<_, ReplayError>>()?;
    let value = accounts.value.as_ref().map(|value| {
        let value = |version: &Option<usize>| version.and_then(|version| value.get(version));
        NumberColumn::new(versions().map(|own| value(own).unwrap_or(f64::NAN)).collect())
    });
    let (account, ids) = rows.present_accounts(&accounts.ids);
    Ok(Panel::new(PanelParts {
        accounts: ids,
        account,
        snapshot: rows.places().map(|(_, snapshot)| grid.days()[snapshot]).collect(),
        segments,
        value,
        indicators,
        labels: labels.iter().map(|label| label.gather(rows.cells())).collect(),
        recorded_scores: replay.recorded_scores(),
    })?)
}

struct Replay<'a> {
    project: &'a Project,
    history: &'a History,
    grid: &'a Grid,
    rows: &'a Rows,
}

impl Replay<'_> {
    /// Indicators in declared order, formulas computed after what they read.
    fn indicators(&self) -> Vec<Named<IndicatorValues>> {
        let plans = &self.project.indicators;
        let mut computed: Vec<Option<Named<IndicatorValues>>> =
            plans.iter().map(|_| None).collect();
        let mut put = |index: usize, column: IndicatorValues| {
            computed[index] = Some(Named { name: plans[index].name.value.clone(), column });
        };
        let (mut numbers, mut words) = (Vec::new(), Vec::new());
        let mut totals: Vec<(Vec<usize>, Totals<'_>)> = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            match &plan.verb {
                Verb::Rows(verb) => match self.ready(verb) {
                    Ready::Numbers(measure) => numbers.push((vec![index], Measured::one(measure))),
                    Ready::Words(column, measure) => words.push((index, column, measure)),
                    Ready::Total(own) => own.join(index, &mut totals),
                },
                Verb::Tenure => put(index, self.tenure()),
                Verb::Attribute { column, reading } => {
                    put(index, self.attribute(&column.value, reading));
                }
                Verb::Formula(_) => {}
            }
        }
        numbers.extend(totals.into_iter().map(|(places, own)| (places, self.together(own))));
        let (places, measures): (Vec<Vec<usize>>, Vec<Measured<'_, f64>>) =
            numbers.into_iter().unzip();
        for (index, values) in places.into_iter().flatten().zip(self.fill(&measures)) {
            put(index, IndicatorValues::Numbers(NumberColumn::new(values)));
        }
        for (index, column, measure) in words {
            let latest = self.fill(&[Measured::one(measure)]).into_iter().flatten();
            put(index, ReadColumn::Words(column).gather(latest));
        }
        // A circle was refused when the file was read.
        for index in formula_order(plans).unwrap_or_default() {
            if let Verb::Formula(formula) = &plans[index].verb {
                let values = expressions::formula(&formula.expression, &computed, self.rows.len());
                let column = IndicatorValues::Numbers(NumberColumn::new(values));
                computed[index] = Some(Named { name: plans[index].name.value.clone(), column });
            }
        }
        computed.into_iter().flatten().collect()
    }

    /// What each measure makes of the accounts, in the order of the rows.
    fn fill<T: Copy + Default + Send + Sync>(&self, measures: &[Measured<'_, T>]) -> Vec<Vec<T>> {
        self.rows.fill(&blocks(self.history), measures)
    }

    /// A column of the accounts table as it was.
    fn attribute(&self, column: &str, reading: &Reading) -> IndicatorValues {
        let accounts = &self.history.accounts;
        let versions = self.rows.versions(accounts, self.grid).iter().copied();
        match accounts.attributes.get(column) {
            Some(column) => ReadColumn::new(column, reading).gather(versions),
            None => IndicatorValues::Numbers(NumberColumn::new(vec![f64::NAN; self.rows.len()])),
        }
    }

    /// Whole civil days since the first start.
    fn tenure(&self) -> IndicatorValues {
        let days = |(account, snapshot): (usize, usize)| {
            let instant = self.grid.instants()[snapshot];
            match self.history.accounts.starts[account].first() {
                Some(start) if *start < instant => (instant - start).div_euclid(DAY) as f64,
                _ => f64::NAN,
            }
        };
        IndicatorValues::Numbers(NumberColumn::new(self.rows.places().map(days).collect()))
    }

    /// The last score of each other system, as it stood.
    fn recorded_scores(&self) -> Vec<Named<NumberColumn>> {
        let recorded = self.project.recorded_scores.iter().zip(&self.history.recorded_scores);
        let column = |(plan, recorded): (&RecordedScore, &RecordedRows)| {
            let rows = SourceRows {
                account: recorded.account.clone(),
                at: recorded.at.clone(),
                row_bytes: recorded.row_bytes.clone(),
                columns: [(SCORE.to_owned(), Column::Numbers(recorded.score.clone()))].into(),
                ..SourceRows::default()
            };
            let rows = rows.by_account(self.history.accounts.ids.len());
            let scores = match rows.columns.get(SCORE) {
                Some(Column::Numbers(scores)) => scores.as_slice(),
                _ => &[],
            };
            let bounds = Bounds::new(self.grid, plan.max_age, Span::days(0));
            let latest: OfAccounts<'_, f64> = Box::new(|accounts| {
                let observed =
                    Observed { rows: &rows, passes: &|_| true, accounts, grid: self.grid };
                latest_numbers(&observed, None, &bounds, scores)
            });
            let values = self.fill(&[Measured::one(latest)]).into_iter().flatten().collect();
            Named { name: plan.name.value.clone(), column: NumberColumn::new(values) }
        };
        recorded.map(column).collect()
    }
}
