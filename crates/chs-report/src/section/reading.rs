//! How to read the figures.

use chs_backtest::backtest_json::v1::Backtest;

use crate::document::Document;
use crate::label::has_time;
use crate::wording::{level, thousands};

type Words = (&'static str, &'static str, &'static str, &'static str, &'static str);

const TIMED: Words = (
    "one account at one snapshot, scored from what was known at the end of that day",
    "**AUC, same day:** pairs are formed within a snapshot, and all snapshots' pairs count alike. **AUC, \
     pooled:** over all rows at once; it mixes comparisons between dates.",
    "same-day AUCs",
    "the outcome rate known at the snapshot",
    "whose window holds the outcome. An account may stand behind several rows, so it is no share of \
     accounts",
);

const WITHOUT_TIME: Words = (
    "one account, as the table has it",
    "**AUC:** pairs are formed of all rows, as none has a day.",
    "AUCs",
    "the outcome rate of all rows",
    "with the outcome",
);

pub(crate) fn reading(document: &mut Document, backtest: &Backtest) {
    let level = level(backtest.settings.level);
    let is_timed = has_time(&backtest.label);
    let (row, area, minus, base, rate) = if is_timed { TIMED } else { WITHOUT_TIME };
    document.section("How to read this");
    document.list(&[
        format!("**Row:** {row}."),
        format!(
            "**[lower, upper]:** the {level} interval. Rows of one account are not independent, so all \
             intervals are by account: from influence terms (AUC), a sandwich error (calibration), \
             effective counts (rates), or {} resamples of accounts. Findings are decided on these \
             bounds, never on an estimate alone.",
            thousands(backtest.settings.replicates)
        ),
        area.to_owned(),
        format!(
            "**minus it:** the difference of two {minus} on the rows that both scores have. Where its \
             interval holds 0, the two are not told apart."
        ),
        format!("**Base rate:** {base}, for everyone. **Recency:** days since the \
         last activity. **Tenure:** days since the start. **Equal weights:** the same indicators, all \
         of one weight. **Shuffled labels:** the score against labels at random; if that is not chance, \
         the evaluation is broken."),
        format!("**Outcome rate:** the share of rows {rate}."),
        "**none (1):** there is no such figure, and note (1) says why.".to_owned(),
    ]);
}
