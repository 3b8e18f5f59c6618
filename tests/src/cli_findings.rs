//! Findings for programs, cells over time, and the leak audit, from end to end.

use serde_json::{Value, json};

use crate::cli_project::{Project, Said};

/// What SARIF 2.1.0 asks of the parts that are written here (sections 3.13 to 3.28 and 3.49): required
/// properties and closed words.
fn sarif_schema() -> Value {
    let text = json!({ "type": "object", "required": ["text"], "properties": {
        "text": { "type": "string", "minLength": 1 }, "markdown": { "type": "string" } } });
    let location = json!({ "type": "object", "required": ["physicalLocation"], "properties": {
        "physicalLocation": { "type": "object", "required": ["artifactLocation"], "properties": {
            "artifactLocation": { "type": "object", "required": ["uri"], "properties": {
                "uri": { "type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$" } } },
            "region": { "type": "object", "properties": {
                "startLine": { "type": "integer", "minimum": 1 } } } } } } });
    let result = json!({
        "type": "object",
        "required": ["message"],
        "properties": {
            "ruleId": { "type": "string" },
            "ruleIndex": { "type": "integer", "minimum": 0 },
            "level": { "enum": ["none", "note", "warning", "error"] },
            "message": text,
            "locations": { "type": "array", "items": location },
            "partialFingerprints": { "type": "object", "additionalProperties": { "type": "string" } },
            "properties": { "type": "object" },
        },
        "additionalProperties": false,
    });
    let rule = json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": { "type": "string" },
            "name": { "type": "string" },
            "shortDescription": text,
            "help": text,
            "properties": { "type": "object", "properties": {
                "tags": { "type": "array", "uniqueItems": true, "items": { "type": "string" } } } },
        },
        "additionalProperties": false,
    });
    let driver = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": { "type": "string" },
            "semanticVersion": { "type": "string" },
            "rules": { "type": "array", "uniqueItems": true, "items": rule },
        },
        "additionalProperties": false,
    });
    let run = json!({
        "type": "object",
        "required": ["tool"],
        "properties": {
            "tool": { "type": "object", "required": ["driver"], "properties": { "driver": driver } },
            "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
            "results": { "type": "array", "items": result },
        },
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "required": ["version", "runs"],
        "properties": {
            "$schema": { "type": "string", "format": "uri" },
            "version": { "const": "2.1.0" },
            "runs": { "type": "array", "items": run },
        },
        "additionalProperties": false,
    })
}

fn sarif(said: &Said) -> Value {
    let log: Value = serde_json::from_str(&said.stdout).unwrap();
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    let faults: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    log
}

/// Names of the elements, each closed before the one around it; a fault panics.
fn elements(xml: &str) -> Vec<String> {
    let (mut open, mut names) = (Vec::new(), Vec::new());
    for tag in xml.split('<').skip(1).map(|rest| rest.split_once('>').expect("a closed tag").0) {
        let name = tag.trim_matches('/').split_whitespace().next().unwrap().to_owned();
        if tag.starts_with('?') {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            names.push(name.clone());
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    names
}

/// A project with an error: an indicator without any value.
fn failing() -> Project {
    let project = Project::new();
    project.edit("chs.toml", "latest = \"mood\"", "latest = \"mood\", where = \"mood = 'none'\"");
    project
}

/// A project whose cancellations are written down after the fact, dated back to before it.
fn backdated() -> Project {
    let project = Project::new();
    let late: Vec<String> = project
        .read("outcomes.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (account, churned) = line.split_once(',')?;
            let day: jiff::civil::Date = churned.parse().ok()?;
            let days = |count: i64| jiff::Span::new().days(count);
            Some(format!("{account},{},{}", day - days(20), day + days(5)))
        })
        .collect();
    project.write_rows("calls.csv", "account_id,at,written_down_on", late.into_iter());
    project.edit(
        "chs.toml",
        "[indicators]\n",
        "[sources.calls]\npath = \"calls.csv\"\nid = \"account_id\"\nat = \"at\"\n\
         created = \"written_down_on\"\n\n[indicators]\ncalls_60d = { source = \"calls\", count = \"60d\" }\n",
    );
    project
}

fn level(check: &Value, code: &str, subject: &str) -> String {
    let findings = check["findings"].as_array().unwrap().iter();
    let mut own = findings.filter(|found| found["code"] == code && found["subject"] == subject);
    own.next().unwrap_or_else(|| panic!("{code} {subject}"))["level"].as_str().unwrap().to_owned()
}

#[test]
fn findings_are_told_as_sarif() {
    let project = failing();
    let said = project.expect(1, &["check", "--format", "sarif"]);
    assert_eq!(said.stderr, "");
    let log = sarif(&said);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let findings = project.json("chs-out/check.json")["findings"].clone();
    let to_look_at =
        |found: &&Value| found["level"] != "passed" && found["level"] != "not_applicable";
    assert_eq!(results.len(), findings.as_array().unwrap().iter().filter(to_look_at).count());
    let error = results.iter().find(|result| result["level"] == "error").unwrap();
    let location = &error["locations"][0]["physicalLocation"];
    let line = usize::try_from(location["region"]["startLine"].as_u64().unwrap()).unwrap();
    assert!(project.read("chs.toml").lines().nth(line - 1).unwrap().starts_with("mood = "));
    let backtest =
        Project::new().expect(0, &["backtest", "--replicates", "100", "--format", "sarif"]);
    let rules = sarif(&backtest)["runs"][0]["tool"]["driver"]["rules"].to_string();
    assert!(rules.contains("CHS101") && rules.contains("CHS202") && !rules.contains("CHS113"));
}

#[test]
fn findings_are_told_as_junit() {
    let said = failing().expect(1, &["check", "--format", "junit"]);
    assert_eq!(said.stderr, "");
    assert!(said.stdout.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "));
    let names = elements(&said.stdout);
    let count = |name: &str| names.iter().filter(|own| *own == name).count();
    assert_eq!((count("testsuite"), count("failure")), (1, 1));
    assert!(said.stdout.contains(&format!("tests=\"{}\" failures=\"1\"", count("testcase"))));
    assert!(!said.stdout.contains("CHS113"), "leaks were not looked for");
    let audited = failing().expect(1, &["check", "--leaks", "--format", "junit"]).stdout;
    assert!(audited.contains("CHS113") && !audited.contains("CHS201"));
}

#[test]
fn findings_are_told_as_annotations() {
    let said = failing().expect(1, &["check", "--format", "github"]);
    assert_eq!(said.stderr, "");
    let error = said.stdout.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(error.contains(" file=chs.toml,line=") && error.contains("title=CHS106 "), "{error}");
    assert!(said.stdout.lines().all(|line| line.starts_with("::")), "{}", said.stdout);
}

#[test]
fn forms_of_findings_are_for_findings() {
    let said = Project::new().expect(2, &["panel", "--format", "sarif"]);
    assert!(said.stderr.contains("forms of findings") && said.stdout.is_empty(), "{}", said.stderr);
}

#[test]
fn no_value_of_the_data_leaves_in_a_finding() {
    let project = backdated();
    let logins = project.read("logins.csv");
    project.write("logins.csv", &format!("{logins}acct-001,SECRET,low\nSECRET,2024-05-01,low\n"));
    for format in ["table", "json", "csv", "sarif", "junit", "github"] {
        let said = project.expect(0, &["check", "--leaks", "--format", format]).stdout;
        for word in ["SECRET", "acct-0", "basic"] {
            assert!(!said.contains(word), "{word} in {format}");
        }
    }
}

#[test]
fn cells_over_time_stand_in_the_check() {
    let project = Project::new();
    let check = |locale: &str| {
        let mut command = project.command(&["check"]);
        let output = command.env("LC_ALL", locale).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (blocks, ascii) = (check("C.UTF-8"), check("C"));
    assert!(blocks.contains('█') && !ascii.contains('█') && ascii.contains('#'), "{ascii}");
    assert!(blocks.lines().all(|line| line.chars().count() <= 80), "{blocks}");
    let check = project.json("chs-out/check.json");
    let mood = check["indicators"].as_array().unwrap().iter().find(|own| own["name"] == "mood");
    let cells = mood.unwrap()["over_time"].as_array().unwrap();
    assert_eq!(cells.len(), 11);
    assert!(cells[0]["changed_share"].is_null() && cells[1]["changed_share"].is_f64());
    assert!(
        cells.iter().all(|cell| (0.0..=1.0).contains(&cell["missing_share"].as_f64().unwrap()))
    );
}

#[test]
fn sound_data_hold_no_leak() {
    let project = Project::new();
    project.expect(0, &["check", "--leaks"]);
    let check = project.json("chs-out/check.json");
    assert_eq!(level(&check, "CHS113", "panel"), "passed");
    assert_eq!(level(&check, "CHS114", "logins"), "not_applicable");
    for finding in check["findings"].as_array().unwrap() {
        let is_suspect = finding["section"] == "leaks" && finding["level"] == "warning";
        assert!(!is_suspect, "{finding}");
    }
    let schema = project.expect(0, &["schema", "check"]).stdout;
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(validator.is_valid(&check));
}

#[test]
fn what_a_backdated_source_would_have_faked_is_told() {
    let project = backdated();
    let said = project.expect(0, &["check", "--leaks"]).stdout;
    assert!(said.contains("by event time alone"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let first = project.json("chs-out/check.json");
    assert_eq!(level(&first, "CHS113", "panel"), "passed");
    assert_eq!(level(&first, "CHS114", "calls_60d"), "note");
    assert_eq!(level(&first, "CHS114", "logins_30d"), "passed");
    let impact = &first["event_time_impacts"][0];
    assert_eq!((&impact["name"], &impact["kind"]), (&json!("calls_60d"), &json!("indicator")));
    assert!(
        impact["lower"].as_f64() > Some(0.0) && impact["auc_as_known"] == json!(0.5),
        "{impact}"
    );
    project.expect(0, &["check", "--leaks", "--threads", "1"]);
    assert_eq!(project.json("chs-out/check.json"), first, "1 thread gives what more give");
    project.expect(0, &["check"]);
    assert!(project.json("chs-out/check.json").get("event_time_impacts").is_none());
}

#[test]
fn a_blind_spot_shorter_than_the_lateness_seen_is_a_warning() {
    let project = Project::new();
    // Of three logins two tell that they became known twelve hours later.
    let logins = project.read("logins.csv");
    let known = |(line, text): (usize, &str)| match (line, line % 3) {
        (0, _) => format!("{text},known"),
        (_, 0) => format!("{text},"),
        _ => format!("{text},{}", text.split(',').nth(1).unwrap().replace("09:30", "21:30")),
    };
    let rows: Vec<String> = logins.lines().enumerate().map(known).collect();
    project.write("logins.csv", &(rows.join("\n") + "\n"));
    let told = |keys: &str| {
        let at = "at = \"at\"\n";
        project.edit("chs.toml", at, &format!("{at}{keys}\n"));
        project.expect(0, &["check"]);
        project.edit("chs.toml", &format!("{at}{keys}\n"), at);
        let check = project.json("chs-out/check.json");
        let found = check["findings"].as_array().unwrap().iter();
        found.clone().find(|own| own["code"] == "CHS120").unwrap().clone()
    };
    let short = told("created = \"known\"\nblind_spot = \"6h\"");
    assert_eq!(short["level"], "warning");
    let sentence = short["sentence"].as_str().unwrap();
    for part in [
        "half of them within 12.0 h of their event, 95 % within 12.0 h [12.0 h, beyond the latest seen]",
        "are taken to be known 6h after their event, and 100.0 % [",
        "declare at least `blind_spot = \"12h\"`",
    ] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    assert_eq!(told("created = \"known\"")["level"], "warning", "none declared");
    assert_eq!(told("created = \"known\"\nblind_spot = \"12h\"")["level"], "passed");
    assert_eq!(told("blind_spot = \"6h\"")["level"], "not_applicable", "nothing to hold against");
}
