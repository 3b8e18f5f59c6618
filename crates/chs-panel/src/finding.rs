//! Coded conclusions: what the checks and the backtest say, in a form that every output shares.

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The result must not be used as it is.
    Error,
    /// Somebody should look before the result is used.
    Warning,
    /// Worth knowing; nothing to do, or the data cannot decide.
    Note,
    /// Looked at, and sound.
    Passed,
    /// There was nothing to look at.
    NotApplicable,
}

impl Level {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Passed => "passed",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What a code stands for; each crate that concludes something holds a list of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Code, never reused: `CHS204`.
    pub code: &'static str,
    /// Name in lower case: `bands not monotone`.
    pub name: &'static str,
    /// Part of the result that it belongs to: `bands`.
    pub section: &'static str,
    /// Page in Markdown: how it is found, why it matters, what to do.
    pub page: &'static str,
}

impl Rule {
    /// A finding of this rule, without figures.
    pub fn finding(&self, level: Level, subject: &str, sentence: String) -> Finding {
        Finding {
            code: self.code,
            name: self.name,
            section: self.section,
            level,
            subject: subject.to_owned(),
            sentence,
            figures: Vec::new(),
        }
    }
}

/// One conclusion with the figures that decided it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Code of its rule.
    pub code: &'static str,
    /// Name of its rule.
    pub name: &'static str,
    /// Section of its rule.
    pub section: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What it is about: a scorecard, a source, an indicator.
    pub subject: String,
    /// One sentence with the figures.
    pub sentence: String,
    /// The figures by name, finite, in the order of their use.
    pub figures: Vec<(String, f64)>,
}

impl Finding {
    /// The same finding with one more figure; one that is not finite is left out.
    #[must_use]
    pub fn with_figure(mut self, name: &str, value: f64) -> Self {
        if value.is_finite() {
            self.figures.push((name.to_owned(), value));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Rule};

    const RULE: Rule = Rule { code: "CHS000", name: "nothing", section: "none", page: "" };

    #[test]
    fn a_finding_carries_its_rule_and_finite_figures() {
        let finding = RULE
            .finding(Level::Note, "acme", "a sentence".into())
            .with_figure("events", 3.0)
            .with_figure("rate", f64::NAN);
        assert_eq!((finding.code, finding.name, finding.section), ("CHS000", "nothing", "none"));
        assert_eq!(finding.figures, [("events".to_owned(), 3.0)]);
    }

    #[test]
    fn the_gravest_level_sorts_first() {
        assert!(Level::Error < Level::Warning && Level::Warning < Level::Passed);
        assert_eq!(Level::NotApplicable.as_str(), "not_applicable");
    }
}
