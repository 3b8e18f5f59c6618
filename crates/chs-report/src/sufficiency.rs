//! What the history carries, in a line.

use chs_backtest::backtest_json::v1::Sufficiency;

use crate::wording::{counted, fixed, listed, thousands};

/// What the answer rests on, what that is not enough for, and the smallest effect that it would show.
pub(crate) fn sufficiency_line(found: &Sufficiency) -> String {
    // A cross-section has rows and no snapshot.
    let rows = if found.snapshots == 0 && found.rows > 0 {
        "one row each, a cross-section".to_owned()
    } else {
        format!(
            "{} at {} over {}",
            counted(found.rows, "row", "rows"),
            counted(found.snapshots, "snapshot", "snapshots"),
            counted(found.months, "month", "months"),
        )
    };
    let rests = format!(
        "{} with the outcome among {} ({rows})",
        counted(found.event_accounts, "account", "accounts"),
        thousands(found.accounts),
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

#[cfg(test)]
mod tests {
    use super::sufficiency_line;
    use crate::examples::backtest;

    #[test]
    fn what_is_lacking_is_named() {
        let mut found = backtest().sufficiency;
        assert!(sufficiency_line(&found).contains("over 1 month): enough data for every figure."));
        (found.snapshots, found.months) = (0, 0);
        assert!(sufficiency_line(&found).contains(" (one row each, a cross-section): enough data"));
        (found.event_accounts, found.detectable_auc_difference) = (31, None);
        for floor in &mut found.floors {
            floor.met = floor.needed <= 31;
        }
        let line = sufficiency_line(&found);
        assert!(line.starts_with("31 accounts with the outcome among 1,900"));
        assert!(
            line.contains(": not enough data for calibration slope and intercept (60 needed).")
        );
        assert!(line.ends_with("The smallest AUC difference that would show cannot be given."));
    }
}
