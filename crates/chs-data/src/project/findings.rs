//! The section `[findings]`: conclusions that somebody has looked at and lets be for a time.

use chs_toml::{Located, Table};
use jiff::civil::Date;

/// A conclusion that is let be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredFinding {
    /// Its code, such as `CHS204`.
    pub code: Located<String>,
    /// What it is about; `None` for all that have the code.
    pub subject: Option<String>,
    /// Why it is let be.
    pub reason: String,
    /// Last day of the data up to which it is.
    pub until: Date,
}

impl IgnoredFinding {
    /// Whether a finding is meant.
    pub fn is_meant(&self, code: &str, subject: &str) -> bool {
        self.code.value == code && self.subject.as_ref().is_none_or(|own| own == subject)
    }
}

/// The section of a file; empty where there is none.
pub(super) fn ignored_findings(root: &Table<'_>) -> Vec<IgnoredFinding> {
    let Some(table) = root.table("findings") else { return Vec::new() };
    let Some(list) = table.require("ignore") else { return Vec::new() };
    list.each(|value| ignored(&value.as_table()?)).unwrap_or_default()
}

fn ignored(table: &Table<'_>) -> Option<IgnoredFinding> {
    let subject = table.text("subject").map(|subject| subject.value);
    let (code, reason) = (table.require_text("code"), table.require_text("reason"));
    let until = table.require("until").and_then(|until| until.as_date());
    let (code, reason, until) = (code?, reason?, until?.value);
    if reason.value.trim().is_empty() {
        let help = "say why it is let be, for who comes after you".to_owned();
        table.mistake_at(reason.span.clone(), "`reason` is empty", Some(help));
    }
    Some(IgnoredFinding { code, subject, reason: reason.value, until })
}
