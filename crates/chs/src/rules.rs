//! The rules by which everything here concludes, of all crates.

use chs_panel::Rule;

use crate::Error;

/// All rules, ascending by code.
pub fn rules() -> Vec<&'static Rule> {
    let of_backtests = chs_backtest::LEAK_RULES.iter().chain(chs_backtest::RULES);
    let mut rules: Vec<&Rule> = chs_data::RULES.iter().chain(of_backtests).collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

/// The rule with a code, such as `CHS204`; case does not matter.
///
/// # Errors
///
/// [`Error::UnknownRule`] with the nearest code.
pub fn rule(code: &str) -> Result<&'static Rule, Error> {
    let rules = rules();
    let found = rules.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code));
    found.ok_or_else(|| Error::UnknownRule {
        code: code.to_owned(),
        nearest: chs_toml::nearest(code, rules.iter().map(|rule| rule.code)),
    })
}

#[cfg(test)]
mod tests {
    use super::{rule, rules};

    #[test]
    fn codes_are_unlike_and_sorted() {
        assert!(rules().is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(rule("chs204").unwrap().code, "CHS204");
        let error = rule("CHS2O4").unwrap_err();
        assert_eq!(error.to_string(), "no rule has the code `CHS2O4`");
        assert!(error.help().unwrap().starts_with("did you mean `CHS2"), "{error}");
    }
}
