//! What chs says when something is wrong: the file, the place, what was expected, and what to do; exit
//! code 2, and whatever earlier runs wrote stays as it was.

use std::fs;

use crate::cli_project::Project;

/// Run a command that has to refuse, with each of these parts on stderr, nothing on stdout, and the out
/// folder untouched.
fn refuses(project: &Project, arguments: &[&str], parts: &[&str]) -> String {
    project.write("chs-out/backtest.json", "from an earlier run");
    project.write("chs-out/notes.txt", "not ours");
    let before = project.files("chs-out");
    let said = project.expect(2, arguments);
    let errors = said.errors();
    for part in parts {
        assert!(errors.contains(part), "`{part}` is not in\n{}", said.stderr);
    }
    assert_eq!(said.stdout, "");
    assert_eq!(project.files("chs-out"), before);
    errors
}

#[test]
fn a_wrong_column_name() {
    let project = Project::new();
    project.edit("chs.toml", "\"signed_up_on\"", "\"signed_up\"");
    let parts = [
        "[accounts]: no column `signed_up` in accounts.csv",
        "chs.toml:6:9",
        "help: did you mean `signed_up_on`?",
        "error: 1 mistake in chs.toml",
    ];
    refuses(&project, &["backtest"], &parts);
}

#[test]
fn a_misspelt_key() {
    let project = Project::new();
    project.edit("chs.toml", "horizon =", "horizn =");
    let parts =
        ["unknown key `horizn` in `churn_60d`", "chs.toml:30:1", "help: did you mean `horizon`?"];
    refuses(&project, &["backtest"], &parts);
}

#[test]
fn seven_mistakes_in_one_file_are_seven_diagnostics() {
    let project = Project::new();
    project.edit("chs.toml", "spec_version = 1", "spec_version = 9");
    project.edit("chs.toml", "start = ", "strat = ");
    project.edit("chs.toml", "at = \"at\"", "at = 5");
    project.edit("chs.toml", "source = \"logins\", count", "source = \"login\", count");
    project.edit("chs.toml", "recency = \"days\"", "recency = \"weeks\"");
    project.edit("chs.toml", "2024-12-31", "\"soon\"");
    project.edit("chs.toml", "\"60d\"", "\"60 days\"");
    let parts = [
        "this program reads 1",
        "did you mean `start`?",
        "expected a text",
        "did you mean `logins`?",
        "\"weeks\"",
        "expected a date such as 2024-01-31",
        "`60 days` is no length of time",
        "error: 7 mistakes in chs.toml",
    ];
    refuses(&project, &["check"], &parts);
    let said = project.expect(2, &["check"]);
    assert_eq!(said.stderr.matches("╭─[chs.toml:").count(), 7, "{}", said.stderr);
}

#[test]
fn a_file_that_is_no_toml() {
    let project = Project::new();
    project.edit("chs.toml", "2024-12-31", "2024-13-31");
    refuses(&project, &["check"], &["chs.toml:26:", "error: 1 mistake in chs.toml"]);
}

#[test]
fn a_half_written_parquet_file() {
    let project = Project::new();
    project.expect(0, &["simulate", "--accounts", "20", "--out", "data"]);
    let bytes = fs::read(project.path("data/usage.parquet")).unwrap();
    fs::write(project.path("data/usage.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    project.edit("chs.toml", "logins.csv", "data/usage.parquet");
    let parts = [
        "data/usage.parquet: the file is cut off or still being written: expected",
        "`PAR1`",
        "help: wait until it is written, or write it again",
    ];
    refuses(&project, &["backtest"], &parts);
}

#[test]
fn an_outcomes_file_without_rows_or_without_bytes() {
    let project = Project::new();
    project.write("outcomes.csv", "account_id,churned_on\n");
    refuses(
        &project,
        &["backtest"],
        &["churn", "no row in outcomes.csv", "help: check the path, or that"],
    );
    project.write("outcomes.csv", "");
    refuses(&project, &["backtest"], &["outcomes.csv: the file is empty", "help: export it again"]);
}

#[test]
fn a_recorded_score_full_of_text() {
    let project = Project::new();
    let scores = (0..60).map(|number| format!("acct-{number:03},2024-05-01,Green"));
    project.write_rows("vendor.csv", "account_id,scored_at,health", scores);
    let text = project.read("chs.toml");
    project.write(
        "chs.toml",
        &format!(
            "{text}\n[recorded_scores.vendor]\npath = \"vendor.csv\"\nid = \"account_id\"\n\
             at = \"scored_at\"\nscore = \"health\"\n"
        ),
    );
    let parts = [
        "vendor",
        "60 of 60 rows",
        "not_a_number 60",
        "first: vendor.csv line 2, column `health`",
        "words need a `map`",
    ];
    let errors = refuses(&project, &["backtest"], &parts);
    assert!(!errors.contains("Green"), "cell values stand in rejects.csv alone: {errors}");
}

#[test]
fn an_indicator_of_words_where_the_scorecard_expects_numbers() {
    let project = Project::new();
    project.edit("scorecard.toml", "\"logins_30d\"", "\"mood\"");
    let parts = [
        "scorecard.toml:8:12",
        "the values of indicator `mood` are words; this normalisation expects numbers",
        "help: give each word its sub-score: `map = {",
    ];
    refuses(&project, &["backtest"], &parts);
    project.edit("scorecard.toml", "poor = 0, good = 6", "map = { low = 0, high = 100 }");
    project.edit("scorecard.toml", "poor = 40, good = 2", "map = { low = 0, high = 100 }");
    let parts = ["scorecard.toml:9:12", "`days_since_login` are numbers; `map` expects words"];
    refuses(&project, &["backtest"], &parts);
}

#[test]
fn a_delimiter_that_is_wrong() {
    let project = Project::new();
    project.edit(
        "chs.toml",
        "path = \"accounts.csv\"",
        "path = \"accounts.csv\"\nread = { delimiter = \";\" }",
    );
    let parts = [
        "no column `account_id` in accounts.csv",
        "chs.toml:6:6",
        "the header of accounts.csv reads as one field, with `,` in it",
        "set `read = { delimiter = \",\" }` in [accounts]",
    ];
    refuses(&project, &["backtest"], &parts);
}

#[test]
fn a_delimiter_that_a_guess_finds() {
    let project = Project::new();
    project.write("accounts.csv", &project.read("accounts.csv").replace(',', ";"));
    project.expect(0, &["panel", "--quiet"]);
}

#[test]
fn a_file_that_is_not_there() {
    let project = Project::new();
    project.edit("chs.toml", "outcomes.csv", "outcome.csv");
    let parts = [
        "[outcomes.churn]",
        "outcome.csv",
        "no such file",
        "chs.toml:23:8",
        "did you mean `outcomes.csv`?",
    ];
    refuses(&project, &["backtest"], &parts);
    let elsewhere = ["backtest", "--data-dir", "nowhere"];
    refuses(&project, &elsewhere, &["nowhere", "no such file", "help:"]);
}

#[test]
fn no_project() {
    let project = Project::empty();
    let parts = ["no `chs.toml` in", "or in a folder above it", "`chs init`", "`--project FILE`"];
    refuses(&project, &["backtest"], &parts);
    let named = ["backtest", "--project", "else.toml"];
    refuses(&project, &named, &["else.toml cannot be read", "expected a project file", "help:"]);
}

#[test]
fn an_unknown_template() {
    let project = Project::empty();
    let parts = [
        "no template is named `weighted7`",
        "`starter`, `weighted-7`",
        "did you mean `weighted-7`?",
    ];
    refuses(&project, &["init", "--template", "weighted7"], &parts);
    assert!(!project.path("chs.toml").exists());
}

#[test]
fn init_overwrites_nothing() {
    let project = Project::new();
    let before = project.read("scorecard.toml");
    refuses(&project, &["init"], &["chs.toml exists already", "help: move it away"]);
    assert_eq!(project.read("scorecard.toml"), before);
}

#[test]
fn an_out_folder_that_cannot_be_written_to() {
    let project = Project::new();
    for command in ["check", "panel", "backtest", "demo", "simulate"] {
        let parts = ["the out folder", "accounts.csv is no folder", "help:", "`--out DIR`"];
        refuses(&project, &[command, "--out", "accounts.csv"], &parts);
    }
    if cfg!(target_os = "linux") {
        let parts = ["the out folder /proc/chs-out cannot be written to", "`--out DIR`"];
        refuses(&project, &["backtest", "--out", "/proc/chs-out"], &parts);
    }
}

#[test]
fn a_result_file_that_cannot_be_replaced() {
    let project = Project::new();
    project.write("chs-out/run.json/mine.txt", "a folder of that name");
    refuses(
        &project,
        &["backtest"],
        &["chs-out/run.json cannot be written", "a folder has that name", "help:"],
    );
}

#[test]
fn a_scorecard_that_names_another_indicator() {
    let project = Project::new();
    project.edit("scorecard.toml", "\"logins_30d\"", "\"login_30d\"");
    let parts = [
        "scorecard.toml:8:12",
        "no indicator is named `login_30d` in chs.toml",
        "help: did you mean `logins_30d`?",
        "error: 1 mistake in scorecard.toml",
    ];
    refuses(&project, &["backtest"], &parts);
    refuses(&project, &["check"], &parts);
}

#[test]
fn no_scorecard_at_all() {
    let project = Project::new();
    fs::remove_file(project.path("scorecard.toml")).unwrap();
    refuses(
        &project,
        &["backtest"],
        &["no scorecard: scorecard.toml does not exist", "`--scorecard FILE`"],
    );
    refuses(&project, &["backtest", "--scorecard", "b.toml"], &["b.toml cannot be read", "help:"]);
    project.expect(0, &["check", "--quiet"]);
}

#[test]
fn a_label_that_is_not_there() {
    let project = Project::new();
    let parts = ["the panel has no label `churn`", "`churn_60d`", "`--label NAME`"];
    refuses(&project, &["backtest", "--label", "churn"], &parts);
}

#[test]
fn a_report_without_its_backtest() {
    let project = Project::new();
    let said = project.expect(2, &["report"]);
    assert!(
        said.errors().contains("no backtest.json in chs-out help: run `chs backtest` first"),
        "{}",
        said.stderr
    );
    project.expect(0, &["backtest", "--replicates", "100"]);
    project.expect(0, &["check"]);
    let said = project.expect(2, &["report"]);
    let parts = [
        "run.json in chs-out does not belong to the backtest.json beside it",
        "run `chs backtest` again",
    ];
    for part in parts {
        assert!(said.errors().contains(part), "{}", said.stderr);
    }
    project.expect(0, &["backtest", "--replicates", "100"]);
    project.edit("chs-out/backtest.json", "acme", "acne");
    project.expect(2, &["report"]);
    assert!(!project.path("chs-out/report.md").exists());
}

#[test]
fn usage() {
    let project = Project::empty();
    refuses(&project, &["bactest"], &["unrecognized subcommand 'bactest'", "'backtest'"]);
    refuses(
        &project,
        &["check", "--as-of", "2026-13-01"],
        &["'2026-13-01'", "expected a day such as 2026-01-31"],
    );
    refuses(&project, &["check", "--fromat", "json"], &["'--fromat'", "'--format'"]);
    refuses(
        &project,
        &["rule", "CHS2O4"],
        &["no rule has the code `CHS2O4`", "did you mean `CHS204`?"],
    );
    refuses(&project, &["simulate", "--accounts", "0"], &["`accounts` is 0", "1 to 1,000,000"]);
    refuses(&project, &["schema", "projcet"], &["'projcet'", "'project'"]);
}

#[test]
fn a_way_to_a_database_in_a_wrong_place_is_not_shown() {
    const WAY: &str = "\"postgres://me:hush@db.example/acme\"";
    let query =
        format!("adbc = {{ driver = \"d\", uri_env = \"W\", uri = {WAY} }}\nquery = \"select 1\"");
    for (instead, part) in [
        (query, "unknown key `uri`"),
        (format!("path = {WAY}"), "postgres://***"),
        (format!("path = \"logins.csv\"\ntimezone = {WAY}"), "is no time zone known here"),
    ] {
        let project = Project::new();
        project.edit("chs.toml", "path = \"logins.csv\"", &instead);
        let errors = refuses(&project, &["check"], &[part]);
        for word in ["hush", "db.example"] {
            assert!(!errors.contains(word), "{errors}");
        }
    }
}

#[test]
fn a_pattern_of_dates_that_tells_no_day() {
    let project = Project::new();
    project.edit(
        "chs.toml",
        "path = \"accounts.csv\"",
        "path = \"accounts.csv\"\nread = { date_format = \"DD.MM.YYYY\" }",
    );
    let parts = ["`DD.MM.YYYY` does not tell year, month and day", "chs.toml:5:24"];
    refuses(&project, &["check"], &parts);
}

#[test]
fn too_many_rejected_rows_are_written_by_the_check() {
    let project = Project::new();
    project.edit("logins.csv", "acct-00", "other-00");
    project.edit("outcomes.csv", "acct-00", "other-00");
    let parts = ["logins: ", "churn: ", "unknown_account", "`chs check` writes each such row"];
    refuses(&project, &["panel"], &parts);
    let said = project.expect(1, &["check"]);
    assert!(said.stdout.starts_with("The data are not ready"), "{}", said.stdout);
    assert!(said.stdout.contains("error CHS104: `logins`: "), "{}", said.stdout);
    let rejects = project.read("chs-out/rejects.csv");
    assert!(rejects.lines().any(|line| line.starts_with("logins,logins.csv,")), "{rejects}");
    assert!(rejects.lines().any(|line| line.starts_with("churn,outcomes.csv,")), "{rejects}");
    let errors = |check: &serde_json::Value| {
        let findings = check["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["level"] == "error").count()
    };
    assert_eq!(errors(&project.json("chs-out/check.json")), 2);
    assert_eq!(project.json("chs-out/run.json")["panel"]["rows"], 0);
    let said = project.expect(1, &["check", "--format", "junit"]);
    assert!(said.stdout.contains("CHS104"), "{}", said.stdout);
}
