//! How to read the figures.

use chs_backtest::backtest_json::v1::Backtest;

use crate::document::Document;
use crate::wording::{level, thousands};

pub(crate) fn reading(document: &mut Document, backtest: &Backtest) {
    let level = level(backtest.settings.level);
    document.section("How to read this");
    document.list(&[
        "**Row:** one account at one snapshot, scored from what was known at the end of that day.".to_owned(),
        format!(
            "**[lower, upper]:** the {level} interval. Rows of one account are not independent, so all \
             intervals are by account: from influence terms (AUC), a sandwich error (calibration), \
             effective counts (rates), or {} resamples of accounts. Findings are decided on these \
             bounds, never on an estimate alone.",
            thousands(backtest.settings.replicates)
        ),
        "**AUC, same day:** pairs are formed within a snapshot, and all snapshots' pairs count alike. \
         **AUC, pooled:** over all rows at once; it mixes comparisons between dates.".to_owned(),
        "**minus it:** the difference of two same-day AUCs on the rows that both scores have. Where its \
         interval holds 0, the two are not told apart.".to_owned(),
        "**Base rate:** the outcome rate known at the snapshot, for everyone. **Recency:** days since the \
         last activity. **Tenure:** days since the start. **Equal weights:** the same indicators, all \
         of one weight. **Shuffled labels:** the score against labels at random; if that is not chance, \
         the evaluation is broken.".to_owned(),
        "**Outcome rate:** the share of rows whose window holds the outcome. An account may stand behind \
         several rows, so it is no share of accounts.".to_owned(),
        "**none (1):** there is no such figure, and note (1) says why.".to_owned(),
    ]);
}
