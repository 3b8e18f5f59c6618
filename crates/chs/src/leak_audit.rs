//! The leak audit: what a history says beside its panel, held against the panel.

use chs_backtest::{
    BlankCells, FutureEvidence, LeakAudit, LeakEvidence, SourceTraces, audit_leaks,
};
use chs_data::{
    BlankAccounts, Grid, History, Project, Question, ReplayError, SPOKE_DAYS, SnapshotDays,
    SourceEvidence, blank_accounts, days_to_outcome, known_at_once, midnight_after, other_future,
    replay, source_evidence,
};
use chs_panel::Panel;
use chs_scorecard::Scorecard;

use crate::Error;

/// How many snapshots are tried with another future.
const TRIED: usize = 3;

/// How a history becomes a panel.
type Replay<'a> = &'a dyn Fn(&Project, &History) -> Result<Panel, ReplayError>;

/// Audit a panel that was made from a history.
pub(crate) fn audit_history(
    project: &Project,
    history: &History,
    panel: &Panel,
    scorecards: &[Scorecard],
) -> Result<LeakAudit, Error> {
    // Snapshots stay where they are, whatever rows are taken away.
    let project = &pinned(project, history);
    let sources = source_evidence(project, history, panel);
    let by_event_time = sources
        .iter()
        .any(|source| source.tells_when_known)
        .then(|| replay(project, &known_at_once(history)))
        .transpose()?;
    Ok(audit_leaks(&LeakEvidence {
        panel,
        by_event_time: by_event_time.as_ref(),
        scorecards,
        future: Some(other_futures(project, history, panel, &replay)?),
        days_to_outcome: days_to_outcome(project, history, panel),
        sources: sources.into_iter().map(traces).collect(),
        columns: blank_accounts(project, history).into_iter().map(blank_cells).collect(),
    })?)
}

/// Audit a panel that was ready: what needs a history is left out.
pub(crate) fn audit_panel(panel: &Panel, scorecards: &[Scorecard]) -> Result<LeakAudit, Error> {
    Ok(audit_leaks(&LeakEvidence {
        panel,
        by_event_time: None,
        scorecards,
        future: None,
        days_to_outcome: None,
        sources: Vec::new(),
        columns: Vec::new(),
    })?)
}

fn pinned(project: &Project, history: &History) -> Project {
    let grid = Grid::new(project, history);
    let mut project = project.clone();
    project.snapshots.from = grid.days().first().copied();
    project.snapshots.to = grid.days().last().copied();
    project
}

/// The panel beside those of other futures, at [`TRIED`] snapshots spread over it.
fn other_futures(
    project: &Project,
    history: &History,
    panel: &Panel,
    replay: Replay<'_>,
) -> Result<FutureEvidence, Error> {
    let days = panel.snapshots();
    let mut tried: Vec<_> =
        (1..=TRIED).filter_map(|part| days.get(part * days.len() / (TRIED + 1))).collect();
    tried.dedup();
    let mut project = project.clone();
    let mut found = FutureEvidence::default();
    for day in tried {
        project.snapshots.to = Some(*day);
        let other = replay(&project, &other_future(history, midnight_after(*day)))?;
        found.compare(*day, panel, &other);
    }
    if rows_follow_from_the_future(&project) {
        found.unmatched = 0;
    }
    Ok(found)
}

/// Whether an account has a row because of a date that lies ahead of it.
fn rows_follow_from_the_future(project: &Project) -> bool {
    let decides = |plan: &chs_data::LabelPlan| matches!(plan.question, Question::Decision { .. });
    let is_anchored = matches!(project.snapshots.days, SnapshotDays::Anchored { .. });
    is_anchored || project.labels.iter().any(decides)
}

fn traces(source: SourceEvidence) -> SourceTraces {
    let SourceEvidence { name, tells_when_known, ended, begun_at_end, spoke } = source;
    SourceTraces { name, tells_when_known, ended, begun_at_end, spoke, spoke_days: SPOKE_DAYS }
}

fn blank_cells(accounts: BlankAccounts) -> BlankCells {
    let BlankAccounts { column, ended, ended_blank, others, others_blank } = accounts;
    BlankCells {
        column: format!("`{}` of `{}` is missing or 0", column.column, column.name),
        subject: column.name,
        ended,
        ended_blank,
        others,
        others_blank,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chs_data::load;

    use super::*;

    const PROJECT: &str = r#"
        spec_version = 1
        [accounts]
        path = "accounts.csv"
        id = "id"
        start = "start"
        churned = "churned"
        [sources.tickets]
        path = "tickets.csv"
        id = "id"
        at = "at"
        created = "created"
        [indicators]
        tickets_60d = { source = "tickets", count = "60d" }
    "#;

    /// Forty accounts of which every second one churns; their tickets are written down weeks later.
    fn history(folder: &std::path::Path) -> (Project, History) {
        let mut accounts = "id,start,churned\n".to_owned();
        let mut tickets = "id,at,created\n".to_owned();
        for account in 0..40 {
            let churned = if account % 2 == 0 { "2024-09-20" } else { "" };
            accounts.push_str(&format!("a{account:02},2023-01-01,{churned}\n"));
            for month in 1..=9 {
                tickets.push_str(&format!(
                    "a{account:02},2024-{month:02}-05,2024-{:02}-20\n",
                    month + 1
                ));
            }
        }
        fs::write(folder.join("accounts.csv"), accounts).unwrap();
        fs::write(folder.join("tickets.csv"), tickets).unwrap();
        let file = chs_data::read_project("chs.toml", PROJECT).unwrap();
        let project = file.history().unwrap().clone();
        let (history, _) = load(&project, folder, None).unwrap();
        (project, history)
    }

    #[test]
    fn a_replay_that_knows_the_future_is_caught() {
        let folder = tempfile::tempdir().unwrap();
        let (project, history) = history(folder.path());
        let project = pinned(&project, &history);
        let panel = replay(&project, &history).unwrap();
        let sound = other_futures(&project, &history, &panel, &replay).unwrap();
        assert_eq!((sound.snapshots.len(), sound.differing, sound.unmatched), (3, 0, 0));
        assert!(sound.cells >= 100, "{sound:?}");
        let by_event: Replay<'_> = &|project, history| replay(project, &known_at_once(history));
        let panel = by_event(&project, &history).unwrap();
        let leaky = other_futures(&project, &history, &panel, by_event).unwrap();
        assert!(leaky.differing > 10, "{leaky:?}");
    }
}
