//! Findings as a `JUnit` report: a test case per rule, which fails where a finding is an error.
//!
//! There is no standard; this is the core that CI servers share (testsuites, testsuite, testcase, failure,
//! skipped, system-out).

use chs::Rule;
use chs::backtest_json::v1::Finding;

use crate::findings::Concluded;

/// The report, one suite.
pub(super) fn report(concluded: &Concluded<'_>) -> String {
    let cases: Vec<Case<'_>> =
        concluded.rules.iter().map(|rule| Case::new(rule, &concluded.findings)).collect();
    let failures = cases.iter().filter(|case| case.fails()).count();
    let skipped = cases.iter().filter(|case| case.is_skipped()).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"",
        cases.len()
    );
    let cases: String = cases.iter().map(Case::xml).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"chs\" {counts}>\n  \
         <testsuite name=\"chs\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// A rule with its findings.
struct Case<'a> {
    rule: &'static Rule,
    findings: Vec<&'a Finding>,
}

impl<'a> Case<'a> {
    fn new(rule: &'static Rule, findings: &[&'a Finding]) -> Self {
        let own = findings.iter().filter(|finding| finding.code == rule.code);
        Self { rule, findings: own.copied().collect() }
    }

    fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == "error")
    }

    /// Whether there was nothing to look at.
    fn is_skipped(&self) -> bool {
        !self.findings.is_empty()
            && self.findings.iter().all(|finding| finding.level == "not_applicable")
    }

    fn xml(&self) -> String {
        let Rule { code, name, section, .. } = self.rule;
        let head = format!(
            "    <testcase classname=\"chs.{}\" name=\"{}\"",
            escaped(section),
            escaped(&format!("{code} {name}"))
        );
        let told = |level: &str| -> Vec<String> {
            let of_level = self.findings.iter().filter(|finding| finding.level == level);
            of_level.map(|finding| format!("{level}: {}", finding.sentence)).collect()
        };
        let mut body = String::new();
        if self.fails() {
            let errors = told("error");
            body.push_str(&format!(
                "      <failure type=\"{code}\" message=\"{}\">{}</failure>\n",
                escaped(errors.first().map_or("", String::as_str)),
                escaped(&errors.join("\n"))
            ));
        } else if self.is_skipped() {
            let reasons = told("not_applicable");
            let reason = escaped(reasons.first().map_or("", String::as_str));
            body.push_str(&format!("      <skipped message=\"{reason}\"/>\n"));
        }
        let rest = ["warning", "note"].map(told).concat();
        if !rest.is_empty() {
            body.push_str(&format!(
                "      <system-out>{}</system-out>\n",
                escaped(&rest.join("\n"))
            ));
        }
        if body.is_empty() {
            format!("{head}/>\n")
        } else {
            format!("{head}>\n{body}    </testcase>\n")
        }
    }
}

/// Text for XML; characters that XML cannot hold become the replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(sign),
            sign if sign.is_control() => escaped.push('\u{fffd}'),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::findings::tests::concluded;

    #[test]
    fn an_error_fails_the_case_of_its_rule() {
        let text = report(&concluded(&["error", "warning", "passed"]));
        assert!(text.contains(
            "<testsuite name=\"chs\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">"
        ));
        assert!(text.contains(
            "<failure type=\"CHS101\" message=\"error: 50 % of &lt;acme&gt;\">error: 50 % of &lt;acme&gt;</failure>"
        ));
        assert!(text.contains("<system-out>warning: 50 % of &lt;acme&gt;</system-out>"));
        assert!(text.contains("name=\"CHS102 rows beyond follow-up\"/>"), "{text}");
    }

    #[test]
    fn what_could_not_be_looked_at_is_skipped() {
        let text = report(&concluded(&["not_applicable"]));
        assert!(text.contains("skipped=\"1\"") && text.contains("<skipped message="), "{text}");
        assert!(!report(&concluded(&["not_applicable", "passed"])).contains("<skipped"));
    }
}
