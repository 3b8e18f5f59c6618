//! The section `[backtest]`: what a backtest cannot know by itself.

use chs_toml::{Located, Table, Value};

use super::convert::reference;

/// Most readings that an alert may wait for.
const LONGEST: i64 = 100;

/// What a backtest is told beside the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BacktestPlan {
    /// Name of the indicator that counts what was done for an account.
    pub touched: Option<String>,
    /// Consecutive readings in the alert band that start an alert.
    pub consecutive: Option<usize>,
}

/// The section of a file with these indicators; empty where there is none.
pub(super) fn backtest_plan(root: &Table<'_>, indicators: &[String]) -> BacktestPlan {
    let Some(table) = root.table("backtest") else { return BacktestPlan::default() };
    let touched = table.get("touched").and_then(|value| reference(value, "indicator", indicators));
    let consecutive = table.get("consecutive").and_then(readings);
    BacktestPlan { touched: touched.and_then(|index| indicators.get(index).cloned()), consecutive }
}

fn readings(value: Value<'_>) -> Option<usize> {
    let Located { value: count, .. } = value.as_integer()?;
    let found = usize::try_from(count).ok().filter(|_| (1..=LONGEST).contains(&count));
    if found.is_none() {
        let help = "write `consecutive = 2`: the second reading in a row starts an alert";
        value.mistake(
            format!("`consecutive` is {count}; expected a whole number from 1 to {LONGEST}"),
            Some(help.to_owned()),
        );
    }
    found
}
