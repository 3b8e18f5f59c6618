//! Findings as SARIF 2.1.0, the format of code scanning: errors, warnings and notes. What passed is no
//! result, for most readers would show it as an alert; the rules tell what was looked at.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use chs::Rule;
use chs::backtest_json::v1::Finding;
use serde_json::{Value, json};

use crate::findings::Concluded;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run.
pub(super) fn log(concluded: &Concluded<'_>) -> Value {
    let driver = json!({
        "name": "chs",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": concluded.rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    });
    let to_look_at =
        |finding: &&&Finding| ["error", "warning", "note"].contains(&finding.level.as_str());
    let results =
        concluded.findings.iter().filter(to_look_at).map(|finding| result(concluded, finding));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    // The page without its title.
    let page = rule.page.split_once('\n').map_or(rule.page, |(_, page)| page).trim();
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.name },
        "help": { "text": page, "markdown": page },
        "properties": { "tags": [rule.section] },
    })
}

fn result(concluded: &Concluded<'_>, finding: &Finding) -> Value {
    let mut result = json!({
        "ruleId": finding.code,
        "level": finding.level,
        "message": { "text": finding.sentence },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&concluded.file) },
            "region": { "startLine": concluded.line(finding) },
        }}],
        "partialFingerprints": { "finding/v1": format!("{}/{}", finding.code, finding.subject) },
        "properties": { "subject": finding.subject, "figures": finding.figures },
    });
    let index = concluded.rules.iter().position(|rule| rule.code == finding.code);
    if let (Some(index), Some(result)) = (index, result.as_object_mut()) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{log, uri};
    use crate::findings::tests::concluded;

    #[test]
    fn what_passed_is_no_result() {
        let log = log(&concluded(&["error", "note", "passed", "not_applicable"]));
        let results = log["runs"][0]["results"].as_array().unwrap();
        let levels: Vec<&str> =
            results.iter().filter_map(|result| result["level"].as_str()).collect();
        assert_eq!(levels, ["error", "note"]);
        let location = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "chs.toml");
        assert_eq!(location["region"]["startLine"], 3);
        assert_eq!(results[0]["ruleIndex"], 0);
    }

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("my projects/chs.toml"), "my%20projects/chs.toml");
        assert_eq!(uri("größe"), "gr%C3%B6%C3%9Fe");
    }
}
