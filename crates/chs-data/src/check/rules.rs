//! The rules by which a check concludes, each with its page.

use chs_panel::Rule;

/// All rules, ascending by code.
pub static RULES: [Rule; 17] = [
    SURVIVORSHIP,
    BEYOND_FOLLOW_UP,
    IDENTICAL_ROWS,
    REJECTED_ROWS,
    BEFORE_START,
    INDICATOR_COVERAGE,
    INDICATOR_CONSTANT,
    LABEL_BALANCE,
    UNMAPPED_WORDS,
    BEFORE_LINK,
    FLAGS_DISAGREE,
    READY_PANEL,
    LATENESS,
    ABSENT_WORDS,
    OUTCOME_BEFORE_START,
    BEYOND_SCALE,
    FAR_ROWS,
];

macro_rules! rules {
    ($($constant:ident $code:literal $name:literal $section:literal)*) => {
        $(pub(super) const $constant: Rule = Rule {
            code: $code,
            name: $name,
            section: $section,
            page: include_str!(concat!("../../findings/", $code, ".md")),
        };)*
    };
}

rules! {
    SURVIVORSHIP "CHS101" "survivorship" "sources"
    BEYOND_FOLLOW_UP "CHS102" "rows beyond follow-up" "sources"
    IDENTICAL_ROWS "CHS103" "identical rows" "sources"
    REJECTED_ROWS "CHS104" "rejected rows" "rows"
    BEFORE_START "CHS105" "rows before the start" "rows"
    INDICATOR_COVERAGE "CHS106" "indicator often missing" "indicators"
    INDICATOR_CONSTANT "CHS107" "indicator constant" "indicators"
    LABEL_BALANCE "CHS108" "few accounts with events" "labels"
    UNMAPPED_WORDS "CHS109" "words without a score" "rows"
    BEFORE_LINK "CHS110" "rows before their record" "rows"
    FLAGS_DISAGREE "CHS111" "flag and outcome disagree" "outcomes"
    READY_PANEL "CHS112" "panel made elsewhere" "panel"
    LATENESS "CHS120" "rows known late" "sources"
    ABSENT_WORDS "CHS121" "words that no row has" "outcomes"
    OUTCOME_BEFORE_START "CHS122" "outcomes before the start" "outcomes"
    BEYOND_SCALE "CHS123" "scores beyond the scale" "rows"
    FAR_ROWS "CHS124" "rows far from all others" "rows"
}

/// The rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}
