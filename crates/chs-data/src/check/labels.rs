//! Whether there is enough to learn from.

use std::collections::BTreeSet;

use chs_panel::{Finding, Label, LabelState, Level, Panel};

use crate::check::rules::LABEL_BALANCE;

/// Accounts with events below which intervals need the bootstrap and results are frail.
const FEW_EVENT_ACCOUNTS: usize = 30;

pub(super) fn findings(panel: &Panel) -> Vec<Finding> {
    panel.labels().iter().map(|label| balance(panel, label)).collect()
}

fn balance(panel: &Panel, label: &Label) -> Finding {
    let name = &label.definition.name;
    let positive = |row: &usize| label.states[*row] == Some(LabelState::Positive);
    let accounts: BTreeSet<u32> =
        (0..panel.len()).filter(positive).map(|row| panel.account()[row]).collect();
    let [positives, negatives, censored, excluded, competing] =
        LabelState::ALL.map(|state| label.count(state));
    let level = match accounts.len() {
        0 => Level::Error,
        few if few < FEW_EVENT_ACCOUNTS => Level::Warning,
        _ => Level::Passed,
    };
    let sentence = format!(
        "`{name}`: {positives} rows of {} accounts with the outcome, {negatives} without; {censored} censored, {excluded} excluded, {competing} competing",
        accounts.len()
    );
    LABEL_BALANCE
        .finding(level, name, sentence)
        .with_figure("events", positives as f64)
        .with_figure("event_accounts", accounts.len() as f64)
        .with_figure("non_events", negatives as f64)
}
