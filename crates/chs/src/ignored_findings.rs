//! Findings that the project file lets be.

use chs_backtest::backtest_json::v1::Finding;
use chs_data::ProjectFile;
use chs_toml::{Mistake, Mistakes};
use jiff::civil::Date;

use crate::Error;
use crate::rules::rule;

/// Level of a finding that is let be.
const IGNORED: &str = "ignored";

/// Every code has to be one.
///
/// # Errors
///
/// [`Error::Mistakes`] with the places of those that are not.
pub(crate) fn check_codes(project: &ProjectFile) -> Result<(), Error> {
    let mistake = |ignored: &chs_data::IgnoredFinding| {
        let error = rule(&ignored.code.value).err()?;
        let (span, message) = (ignored.code.span.clone(), error.to_string());
        Some(Mistake { span, message, help: error.help() })
    };
    let list: Vec<Mistake> = project.ignored().iter().filter_map(mistake).collect();
    if list.is_empty() {
        return Ok(());
    }
    Err(Mistakes::new(project.file(), project.text(), list).into())
}

/// Let the findings be that the project says, each with the reason. `last` is the last snapshot: what runs
/// out before it is no longer let be.
pub(crate) fn let_be(findings: &mut [Finding], project: &ProjectFile, last: Option<Date>) {
    for finding in findings {
        let is_meant =
            |ignored: &&chs_data::IgnoredFinding| ignored.is_meant(&finding.code, &finding.subject);
        let Some(ignored) = project.ignored().iter().find(is_meant) else { continue };
        let (until, reason) = (ignored.until, &ignored.reason);
        if last.is_some_and(|last| last > until) {
            finding.sentence =
                format!("{}; it was ignored until {until}: {reason}", finding.sentence);
        } else if ["error", "warning", "note"].contains(&finding.level.as_str()) {
            IGNORED.clone_into(&mut finding.level);
            finding.sentence = format!("{}; ignored until {until}: {reason}", finding.sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_let_be_until_its_day() {
        let text = "spec_version = 1\n[panel]\npath = \"p.csv\"\nid = \"id\"\nindicators = [\"a\"]\n\
            label = { name = \"churn\", column = \"c\" }\n[findings]\nignore = [{ code = \"CHS107\", \
            subject = \"a\", reason = \"a trial\", until = 2024-06-30 }]\n";
        let project = chs_data::read_project("chs.toml", text).unwrap();
        let level = |subject: &str, level: &str, last: Option<Date>| {
            let rule = rule("CHS107").unwrap();
            let finding = rule.finding(chs_panel::Level::Error, subject, "constant".to_owned());
            let mut findings = [Finding { level: level.to_owned(), ..Finding::from(&finding) }];
            let_be(&mut findings, &project, last);
            let [finding] = findings;
            (finding.level, finding.sentence)
        };
        let day = jiff::civil::date(2024, 6, 30);
        let ignored = level("a", "error", Some(day));
        assert_eq!(ignored.0, "ignored");
        assert_eq!(ignored.1, "constant; ignored until 2024-06-30: a trial");
        assert_eq!(level("a", "warning", None).0, "ignored");
        assert_eq!(level("a", "passed", None).0, "passed");
        assert_eq!(level("b", "error", Some(day)).0, "error");
        let late = level("a", "error", day.tomorrow().ok());
        assert!(late.0 == "error" && late.1.contains("it was ignored until"), "{late:?}");
        check_codes(&project).unwrap();
        let unknown = text.replace("CHS107", "CHS1O7");
        let project = chs_data::read_project("chs.toml", &unknown).unwrap();
        let error = check_codes(&project).unwrap_err().to_string();
        assert!(error.contains("no rule has the code `CHS1O7`"), "{error}");
    }
}
