//! The question in words.

use chs_backtest::backtest_json::v1::Label;

use crate::wording::span;

/// `churn within 90 days, starting 14 days after the snapshot`
pub(crate) fn question(label: &Label) -> String {
    let outcome = &label.outcome;
    let Some(horizon) = label.horizon.as_deref().map(span) else {
        return format!("{outcome}, in a cross-section");
    };
    match label.lead_time.as_deref().filter(|lead| !lead.starts_with('0')) {
        None => format!("{outcome} within {horizon} of the snapshot"),
        Some(lead) => {
            format!("{outcome} within {horizon}, starting {} after the snapshot", span(lead))
        }
    }
}

/// Whether rows have a day; a cross-section has none, and no label window either.
pub(crate) fn has_time(label: &Label) -> bool {
    label.horizon.is_some()
}

/// What the headline AUC is called: `AUC, same day`.
pub(crate) fn auc_heading(label: &Label) -> &'static str {
    if has_time(label) { "AUC, same day" } else { "AUC" }
}

/// The same in a sentence: `same-day AUC`.
pub(crate) fn auc_in_words(label: &Label) -> &'static str {
    if has_time(label) { "same-day AUC" } else { "AUC" }
}

/// Whether a high score should announce the outcome.
pub(crate) fn is_favourable(label: &Label) -> bool {
    label.polarity == "favourable"
}

/// `churn rate`; `outcome rate` where the outcome is more than a word.
pub(crate) fn rate_heading(label: &Label) -> String {
    if label.outcome.contains(char::is_whitespace) {
        "outcome rate".to_owned()
    } else {
        format!("{} rate", label.outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::{auc_heading, auc_in_words, question, rate_heading};
    use crate::examples::backtest;

    #[test]
    fn the_question_is_worded() {
        let mut label = backtest().label;
        assert_eq!(question(&label), "churn within 90 days, starting 14 days after the snapshot");
        assert_eq!(rate_heading(&label), "churn rate");
        label.lead_time = Some("0d".into());
        label.outcome = "no row in orders".into();
        assert_eq!(question(&label), "no row in orders within 90 days of the snapshot");
        assert_eq!(rate_heading(&label), "outcome rate");
        assert_eq!(auc_heading(&label), "AUC, same day");
        assert_eq!(auc_in_words(&label), "same-day AUC");
        label.horizon = None;
        assert_eq!(auc_in_words(&label), "AUC");
        assert_eq!(auc_heading(&label), "AUC");
        assert_eq!(question(&label), "no row in orders, in a cross-section");
    }
}
