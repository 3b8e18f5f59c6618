//! What the history carries, in a line.

use chs_backtest::backtest_json::v1::Sufficiency;

use crate::wording::{counted, fixed, listed, thousands};

/// What the answer rests on, what that is not enough for, and the smallest effect that it would show.
pub(crate) fn sufficiency_line(found: &Sufficiency) -> String {
    let rests = format!(
        "{} with the outcome among {} ({} at {} over {})",
        counted(found.event_accounts, "account", "accounts"),
        thousands(found.accounts),
        counted(found.rows, "row", "rows"),
        counted(found.snapshots, "snapshot", "snapshots"),
        counted(found.months, "month", "months"),
    );
    let lacking: Vec<String> = found
        .floors
        .iter()
        .filter(|floor| !floor.met)
        .map(|floor| format!("{} ({} needed)", floor.purpose, thousands(floor.needed)))
        .collect();
    let enough = if lacking.is_empty() {
        "enough data for every figure".to_owned()
    } else {
        format!("not enough data for {}", listed(&lacking))
    };
    let detectable = found.detectable_auc_difference.map_or_else(
        || "The smallest AUC difference that would show cannot be given.".to_owned(),
        |difference| {
            let difference = fixed(difference, 3);
            format!("An AUC {difference} away from 0.5 would show with probability 0.8.")
        },
    );
    format!("{rests}: {enough}. {detectable}")
}
