//! The rules of the audit, each with its page.

use chs_panel::Rule;

/// All rules of the audit, ascending by code.
pub static LEAK_RULES: [Rule; 7] = [
    KNOWS_THE_FUTURE,
    EVENT_TIME_FAKES,
    JUMPS_BEFORE_OUTCOME,
    BEGINS_AT_THE_END,
    WRITTEN_OVER,
    ONE_CLASS,
    ENDS_EARLY,
];

macro_rules! rules {
    ($($constant:ident $code:literal $name:literal)*) => {
        $(pub(super) const $constant: Rule = Rule {
            code: $code,
            name: $name,
            section: "leaks",
            page: include_str!(concat!("../../findings/", $code, ".md")),
        };)*
    };
}

rules! {
    KNOWS_THE_FUTURE "CHS113" "panel knows the future"
    EVENT_TIME_FAKES "CHS114" "event time would fake a ranking"
    JUMPS_BEFORE_OUTCOME "CHS115" "indicator jumps before the outcome"
    BEGINS_AT_THE_END "CHS116" "source begins with the end"
    WRITTEN_OVER "CHS117" "values written over at the end"
    ONE_CLASS "CHS118" "indicator filled for one class only"
    ENDS_EARLY "CHS119" "source ends early for one class"
}

#[cfg(test)]
mod tests {
    use super::LEAK_RULES;

    #[test]
    fn every_rule_has_its_page() {
        assert!(LEAK_RULES.is_sorted_by(|a, b| a.code < b.code));
        for rule in &LEAK_RULES {
            assert!(rule.page.starts_with(&format!("# {} {}\n", rule.code, rule.name)));
            for heading in ["## How it is found", "## Why it matters", "## What to do"] {
                assert!(rule.page.contains(heading), "{} {heading}", rule.code);
            }
        }
    }
}
