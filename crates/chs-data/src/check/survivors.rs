//! Whether the accounts that ended are in the history, and whether rows go on where follow-up does not.

use chs_panel::{Finding, Level, Panel};

use crate::check::rules::{BEYOND_FOLLOW_UP, SURVIVORSHIP};
use crate::load::{History, SourceRows};
use crate::project::Project;
use crate::time::midnight_after;

/// Chance below which the absence of all ended accounts is no accident.
const SIGNIFICANCE: f64 = 0.001;

pub(super) fn findings(project: &Project, history: &History, panel: &Panel) -> Vec<Finding> {
    let ended = ended_accounts(project, history);
    let mut findings = Vec::new();
    for (source, rows) in project.sources.iter().zip(&history.sources) {
        findings.push(survivorship(&source.name.value, rows, &ended));
        findings.extend(beyond_follow_up(&source.name.value, rows, &ended, panel));
    }
    findings
}

/// Accounts with a terminal outcome.
fn ended_accounts(project: &Project, history: &History) -> Vec<bool> {
    let mut ended = vec![false; history.accounts.ids.len()];
    for (index, outcome) in history.outcomes.iter().enumerate() {
        for row in outcome.happened().filter(|row| project.ends_account(index, outcome.kind(*row)))
        {
            ended[outcome.account[row] as usize] = true;
        }
    }
    ended
}

fn survivorship(source: &str, rows: &SourceRows, ended: &[bool]) -> Finding {
    let mut present = vec![false; ended.len()];
    for account in &rows.account {
        present[*account as usize] = true;
    }
    let held = present.iter().filter(|present| **present).count();
    let all_ended = ended.iter().filter(|ended| **ended).count();
    let held_ended =
        present.iter().zip(ended).filter(|(present, ended)| **present && **ended).count();
    if all_ended == 0 {
        let sentence =
            format!("`{source}`: no account ended, so nothing can be said about survivorship");
        return SURVIVORSHIP.finding(Level::NotApplicable, source, sentence);
    }
    let chance = chance_of_none(ended.len(), all_ended, held);
    let (level, sentence) = if held_ended > 0 {
        let sentence = format!(
            "`{source}` holds {held_ended} of {all_ended} accounts that ended and {} of {} others",
            held - held_ended,
            ended.len() - all_ended
        );
        (Level::Passed, sentence)
    } else if chance < SIGNIFICANCE {
        let sentence = format!(
            "`{source}` holds {held} accounts and none of the {all_ended} that ended; chance would do that with probability {chance:.1e}"
        );
        (Level::Error, sentence)
    } else {
        let sentence = format!(
            "`{source}` holds {held} accounts, none of the {all_ended} that ended; chance alone would do that with probability {chance:.3}"
        );
        (Level::Note, sentence)
    };
    SURVIVORSHIP
        .finding(level, source, sentence)
        .with_figure("accounts_held", held as f64)
        .with_figure("ended_held", held_ended as f64)
        .with_figure("ended", all_ended as f64)
}

/// Probability that `drawn` of `all` accounts, drawn blindly, hold none of the `ended` ones.
fn chance_of_none(all: usize, ended: usize, drawn: usize) -> f64 {
    let mut chance = 1.0;
    for taken in 0..drawn {
        let left = all - taken;
        chance *= left.saturating_sub(ended) as f64 / left as f64;
        if chance <= 0.0 {
            return 0.0;
        }
    }
    chance
}

/// Rows after the end of follow-up say nothing that an outcome could answer; where only survivors have
/// any, a snapshot among them would see who survives.
fn beyond_follow_up(
    source: &str,
    rows: &SourceRows,
    ended: &[bool],
    panel: &Panel,
) -> Option<Finding> {
    let follow_up_end = panel.labels().first()?.definition.window.as_ref()?.follow_up_end;
    let complete = midnight_after(follow_up_end);
    let beyond: Vec<usize> = (0..rows.len()).filter(|row| rows.at[*row] >= complete).collect();
    if beyond.is_empty() {
        return None;
    }
    let survivors_only =
        ended.contains(&true) && !beyond.iter().any(|row| ended[rows.account[*row] as usize]);
    let snapshots = panel.snapshots().iter().filter(|day| midnight_after(**day) > complete).count();
    let whose = if survivors_only { ", all of accounts that did not end" } else { "" };
    let sentence = format!(
        "`{source}`: {} rows lie after the end of follow-up {follow_up_end}{whose}; {snapshots} snapshots lie there too",
        beyond.len(),
    );
    let level = if survivors_only && snapshots > 0 { Level::Warning } else { Level::Note };
    let finding = BEYOND_FOLLOW_UP.finding(level, source, sentence);
    Some(
        finding.with_figure("rows", beyond.len() as f64).with_figure("snapshots", snapshots as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::chance_of_none;

    #[test]
    fn chance_is_hypergeometric() {
        // 10 accounts, 2 ended, 3 drawn: C(8,3) / C(10,3) = 56 / 120.
        assert!((chance_of_none(10, 2, 3) - 56.0 / 120.0).abs() < 1e-15);
        assert!(chance_of_none(10, 2, 9) <= 0.0);
        assert!((chance_of_none(10, 2, 0) - 1.0).abs() < 1e-15);
    }
}
