//! Laws of the replay, on small histories made up in memory: it equals the brute force bit by bit, and
//! neither the order of rows, nor rows not yet known, nor the number of threads can be seen in it.

mod draws;
mod histories;

use chs_data::{
    History, Micros, OutcomeOrigin, Project, ReplayError, level_changes, midnight_after, replay,
};
use chs_panel::{IndicatorValues, Panel};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::replay_oracle::{Row, Rows, Value, brute_force, changes_of_levels};
use draws::{Case, case};
use histories::{Entry, Outcome, Version};

fn rows_of(panel: Option<&Panel>) -> Rows {
    panel.map_or_else(Vec::new, rows_of_panel)
}

pub(crate) fn rows_of_panel(panel: &Panel) -> Rows {
    (0..panel.len())
        .map(|row| Row {
            snapshot: panel.snapshot()[row],
            account: panel.account_id(row).to_owned(),
            segments: panel
                .segments()
                .iter()
                .map(|segment| Value::word(segment.column.get(row)))
                .collect(),
            value: Value::number(panel.value().and_then(|value| value.get(row))),
            indicators: panel
                .indicators()
                .iter()
                .map(|indicator| match &indicator.column {
                    IndicatorValues::Numbers(numbers) => Value::number(numbers.get(row)),
                    IndicatorValues::Words(words) => Value::word(words.get(row)),
                })
                .collect(),
            labels: panel
                .labels()
                .iter()
                .map(|label| (label.states[row], label.settled[row], label.next(row)))
                .collect(),
            recorded: panel
                .recorded_scores()
                .iter()
                .map(|score| Value::number(score.column.get(row)))
                .collect(),
        })
        .collect()
}

/// The panel; none where no account is at risk at any snapshot.
fn fast(project: &Project, history: &History) -> Option<Panel> {
    match replay(project, history) {
        Ok(panel) => Some(panel),
        Err(ReplayError::NoSnapshot | ReplayError::NobodyAtRisk { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// What was known at the snapshots up to `t`: everything but the labels.
fn seen_until(panel: Option<&Panel>, t: Micros) -> Rows {
    let mut rows = rows_of(panel);
    rows.retain(|row| midnight_after(row.snapshot) <= t);
    for row in &mut rows {
        row.labels.clear();
    }
    rows
}

/// Rows of accounts and snapshots that the others have, too.
fn keep_common(rows: &mut Rows, others: &Rows) {
    let key = |row: &Row| (row.snapshot, row.account.clone());
    rows.retain(|row| others.iter().any(|other| key(other) == key(row)));
}

/// Rows in the order of `ranking`, in which each number below its length stands once.
fn reordered<T: Clone>(rows: &[T], ranking: &[usize]) -> Vec<T> {
    ranking.iter().filter_map(|place| rows.get(*place).cloned()).collect()
}

fn ranking() -> impl Strategy<Value = Vec<usize>> {
    Just((0..32).collect::<Vec<usize>>()).prop_shuffle()
}

/// What is done to a row that is not known yet.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Keep,
    Drop,
    Replace,
}

/// Rows that are not known before `t` kept, dropped, replaced, and strangers added.
fn edited<T: Clone>(
    rows: &[T],
    strangers: &[T],
    edits: &[Edit],
    unknown: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut left = Vec::new();
    for (number, (row, edit)) in rows.iter().zip(edits).enumerate() {
        match edit {
            Edit::Drop if unknown(row) => {}
            Edit::Replace if unknown(row) => left.extend(strangers.get(number).cloned()),
            _ => left.push(row.clone()),
        }
    }
    left.extend(strangers.iter().cloned());
    left
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_replay_equals_the_brute_force(case in case()) {
        let project = case.plan.project();
        let history = case.tables().history(&project);
        let (found, expected) = (rows_of(fast(&project, &history).as_ref()), brute_force(&project, &history));
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(found, expected, "{}", project.text);
        }
        prop_assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn the_order_of_rows_does_not_show(case in case(), ranking in ranking()) {
        let project = case.plan.project();
        let tables = case.tables();
        let mut shuffled = tables.clone();
        for rows in &mut shuffled.sources {
            *rows = reordered(rows, &ranking);
        }
        for rows in &mut shuffled.outcomes {
            *rows = reordered(rows, &ranking);
        }
        shuffled.scores = reordered(&shuffled.scores, &ranking);
        let panel = fast(&project, &tables.history(&project));
        prop_assert_eq!(fast(&project, &shuffled.history(&project)), panel);
    }

    #[test]
    fn what_was_not_known_does_not_show(
        case in case(),
        others in case(),
        snapshot in any::<Index>(),
        edits in prop::collection::vec(select(vec![Edit::Keep, Edit::Drop, Edit::Replace]), 32),
    ) {
        let mut case = case;
        case.plan.default_grid = false;
        let project = case.plan.project();
        let t = *snapshot.get(&case.resolver().instants);
        let tables = case.tables();
        // The same project and days, other rows, none of them known before `t`.
        let strangers = Case { plan: case.plan.clone(), accounts: case.accounts, ..others }.tables();
        let mut later = tables.clone();
        for (rows, strangers) in later.sources.iter_mut().zip(&strangers.sources) {
            let unknown = |row: Entry| Entry { known: row.known.max(t), known_by_event: row.known_by_event && row.known >= t, ..row };
            let strangers: Vec<Entry> = strangers.iter().cloned().map(unknown).collect();
            *rows = edited(rows, &strangers, &edits, |row| row.known >= t);
            // Nor was it known when versions would end.
            for (row, edit) in rows.iter_mut().zip(&edits) {
                if row.superseded >= t && matches!(edit, Edit::Replace) {
                    row.superseded = t;
                }
            }
        }
        for (rows, strangers) in later.outcomes.iter_mut().zip(&strangers.outcomes) {
            let strangers: Vec<_> = strangers.iter().map(|row| Outcome { known: row.known.max(t), ..*row }).collect();
            *rows = edited(rows, &strangers, &edits, |row| row.known >= t);
        }
        let scores: Vec<_> = strangers.scores.iter().map(|(account, at, score, tie)| (*account, *at.max(&t), *score, *tie)).collect();
        later.scores = edited(&later.scores, &scores, &edits, |(_, at, ..)| *at >= t);
        let versions: Vec<_> = strangers.versions.iter().map(|version| Version { valid_from: version.valid_from.max(t), ..*version }).collect();
        later.versions = edited(&later.versions, &versions, &edits, |version| version.valid_from >= t);
        for starts in &mut later.starts {
            starts.retain(|start| *start < t);
        }
        later.follow_up_ends = strangers.follow_up_ends;
        let mut before = seen_until(fast(&project, &tables.history(&project)).as_ref(), t);
        let mut after = seen_until(fast(&project, &later.history(&project)).as_ref(), t);
        // Which rows there are of an account hangs on the dates of its anchors and decisions; what they
        // say does not.
        if case.plan.later.anchor.is_some() || case.plan.decides() {
            keep_common(&mut before, &after);
            keep_common(&mut after, &before);
        }
        prop_assert_eq!(after, before, "{}", project.text);
    }

    #[test]
    fn changes_of_levels_equal_those_of_each_day(case in case()) {
        let project = case.plan.project();
        let history = case.tables().history(&project);
        for plan in &project.outcomes {
            let OutcomeOrigin::Change { source, sum, direction, at_least } = &plan.origin else {
                continue;
            };
            let (source, rows) = (&project.sources[*source], &history.sources[*source]);
            let question = (*direction, *at_least);
            let mut found: Vec<(u32, Micros, Micros)> = level_changes(source, rows, sum, question)
                .iter()
                .map(|change| (change.account, change.at, change.known))
                .collect();
            found.sort_unstable();
            prop_assert_eq!(found, changes_of_levels(source, rows, sum, question), "{}", project.text);
        }
    }

    #[test]
    fn the_number_of_threads_does_not_show(case in case()) {
        let project = case.plan.project();
        let history = case.tables().history(&project);
        let [one, two] = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fast(&project, &history))
        });
        prop_assert_eq!(one, two);
    }
}
