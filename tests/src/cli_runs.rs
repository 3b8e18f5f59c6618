//! The commands from end to end: what they write and say, and that nothing else ever stands there.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::cli_project::Project;

/// Quick enough for a test, and enough for an interval.
const BACKTEST: [&str; 3] = ["backtest", "--replicates", "100"];

#[test]
fn every_command_writes_its_files_and_nothing_else() {
    let project = Project::new();
    project.write("chs-out/notes.txt", "not ours");
    let names = || project.files("chs-out").into_keys().collect::<Vec<_>>();
    project.expect(0, &["check"]);
    assert_eq!(names(), ["check.json", "notes.txt", "rejects.csv", "run.json"]);
    project.expect(0, &["panel"]);
    assert_eq!(names(), ["check.json", "notes.txt", "panel.parquet", "rejects.csv", "run.json"]);
    let said = project.expect(0, &BACKTEST);
    assert_eq!(said.stderr, "", "no progress where there is no terminal");
    for part in
        ["The score is ", "`acme` is ", "recency", "at-risk", "Findings: ", "chs-out/backtest.json"]
    {
        assert!(said.stdout.contains(part), "{part} in\n{}", said.stdout);
    }
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    project.expect(0, &["report"]);
    let (charts, files): (Vec<String>, Vec<String>) =
        names().into_iter().partition(|name| name.starts_with("charts/"));
    assert!(charts.contains(&"charts/auc.svg".to_owned()), "{charts:?}");
    assert_eq!(
        files,
        [
            "backtest.json",
            "check.json",
            "missed_accounts.csv",
            "notes.txt",
            "panel.parquet",
            "predictions.parquet",
            "rejects.csv",
            "report.html",
            "report.md",
            "run.json"
        ]
    );
    assert!(project.read("chs-out/report.md").contains("acme"));
    assert_eq!(project.read("chs-out/notes.txt"), "not ours");
}

#[test]
fn rows_read_are_rows_used_and_rows_rejected() {
    let project = Project::new();
    let logins = project.read("logins.csv");
    project
        .write("logins.csv", &format!("{logins}acct-999,2024-05-01,low\nacct-001,yesterday,low\n"));
    project.expect(0, &["panel"]);
    let run = project.json("chs-out/run.json");
    for table in run["tables"].as_array().unwrap() {
        let rejected = table["rejected"].as_object().unwrap().values();
        let rejected: u64 = rejected.map(|rows| rows.as_u64().unwrap()).sum();
        assert_eq!(
            table["read"].as_u64().unwrap(),
            table["used"].as_u64().unwrap() + rejected,
            "{table}"
        );
    }
    assert_eq!(
        run["tables"][1]["rejected"],
        serde_json::json!({ "bad_date": 1, "unknown_account": 1 })
    );
    let line = logins.lines().count();
    assert_eq!(
        project.read("chs-out/rejects.csv"),
        format!(
            "table,file,line,column,value,reason\n\
             logins,logins.csv,{},account_id,acct-999,unknown_account\n\
             logins,logins.csv,{},at,yesterday,bad_date\n",
            line + 1,
            line + 2
        )
    );
}

#[test]
fn no_value_of_the_data_leaves_the_tables() {
    let project = Project::new();
    let logins = project.read("logins.csv");
    project.write("logins.csv", &format!("{logins}acct-001,SECRET,low\nSECRET,2024-05-01,low\n"));
    let mut said = project.expect(0, &["backtest", "--replicates", "100", "--verbose"]);
    said.stdout += &project.expect(0, &["report", "--verbose"]).stdout;
    for word in ["SECRET", "acct-0"] {
        assert!(!said.stdout.contains(word) && !said.stderr.contains(word), "{word}");
        for name in ["backtest.json", "check.json", "run.json", "report.md", "report.html"] {
            assert!(!project.read(&format!("chs-out/{name}")).contains(word), "{word} in {name}");
        }
    }
    assert!(project.read("chs-out/rejects.csv").contains("SECRET"));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let project = Project::new();
    let run = |threads: &str| {
        project.expect(0, &["backtest", "--replicates", "100", "--threads", threads]);
        project.expect(0, &["report"]);
        let mut files = project.files("chs-out");
        let mut run = project.json("chs-out/run.json");
        assert!(run["environment"]["command_line"].is_array());
        assert!(run.as_object_mut().unwrap().remove("environment").is_some());
        files.insert("run.json".into(), serde_json::to_vec(&run).unwrap());
        files
    };
    let first = run("1");
    assert!(first == run("2"), "2 threads give what 1 gives");
    assert!(first == run("1"), "twice the same");
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let project = Project::new();
    let json = |arguments: &[&str]| -> serde_json::Value {
        let said = project.expect(0, &[arguments, &["--format", "json"]].concat());
        assert_eq!(said.stderr, "");
        serde_json::from_str(&said.stdout).unwrap()
    };
    assert_eq!(json(&["check"]), project.json("chs-out/check.json"));
    assert_eq!(json(&["panel"])["tables"], project.json("chs-out/run.json")["tables"]);
    assert_eq!(json(&BACKTEST), project.json("chs-out/backtest.json"));
    assert_eq!(json(&["report"])["written"][0], "chs-out/report.html");
    assert!(json(&["rule"]).as_array().unwrap().len() > 10);
    assert_eq!(json(&["rule", "chs204"])["code"], "CHS204");
}

#[test]
fn csv_is_the_main_table() {
    let project = Project::new();
    let first = |arguments: &[&str]| {
        let said = project.expect(0, &[arguments, &["--format", "csv"]].concat());
        said.stdout.lines().next().unwrap().to_owned()
    };
    assert_eq!(first(&["check"]), "code,level,section,subject,sentence");
    assert_eq!(first(&["panel"]), "table,read,used,rejected,reason,rows");
    assert!(first(&BACKTEST).starts_with("kind,score,against,metric,slice,estimate,lower,upper"));
    assert_eq!(first(&["rule"]), "code,name,section");
}

#[test]
fn a_check_that_fails_exits_with_1() {
    let project = Project::new();
    project.edit("chs.toml", "latest = \"mood\"", "latest = \"mood\", where = \"mood = 'none'\"");
    let said = project.expect(1, &["check"]);
    assert!(said.stdout.contains("error CHS106: `mood` has a value in 0 of"), "{}", said.stdout);
    assert!(project.path("chs-out/check.json").exists(), "a finding is a result");
}

#[test]
fn too_few_events_exit_with_3() {
    let project = Project::new();
    let outcomes = project.read("outcomes.csv");
    let few = outcomes.lines().skip(1).take(3).map(str::to_owned);
    project.write_rows("outcomes.csv", "account_id,churned_on", few);
    let said = project.expect(3, &BACKTEST);
    assert!(said.stdout.contains("cannot be told"), "{}", said.stdout);
    assert!(project.path("chs-out/backtest.json").exists(), "that is an answer too");
}

#[test]
fn as_of_reads_nothing_later() {
    let project = Project::new();
    project.edit("chs.toml", "complete_until = 2024-12-31\n", "");
    project.expect(0, &["panel", "--as-of", "2024-06-30"]);
    let run = project.json("chs-out/run.json");
    assert_eq!(run["as_of"], "2024-06-30");
    assert_eq!(run["panel"]["last_snapshot"], "2024-05-31", "June is not over");
    assert!(run["tables"][1]["rejected"]["after_as_of"].as_u64().unwrap() > 0);
}

#[test]
fn several_scorecards_are_tested_side_by_side() {
    let project = Project::new();
    project.write("b.toml", &project.read("scorecard.toml").replace("acme", "other"));
    let scorecards = ["--scorecard", "scorecard.toml", "--scorecard", "b.toml"];
    project.expect(0, &[&BACKTEST[..], &scorecards].concat());
    let backtest = project.json("chs-out/backtest.json");
    assert_eq!(backtest["scorecards"][0]["name"], "acme");
    assert_eq!(backtest["scorecards"][1]["name"], "other");
    assert_eq!(project.json("chs-out/run.json")["scorecards"][1]["name"], "other");
}

#[test]
fn the_project_is_found_from_below_and_by_name() {
    let project = Project::new();
    project.write("deep/er/x", "");
    let said = project
        .command(&["panel", "--format", "json"])
        .current_dir(project.path("deep/er"))
        .output();
    assert!(said.unwrap().status.success());
    assert!(
        project.path("deep/er/chs-out/panel.parquet").exists(),
        "out is below the current folder"
    );
    let elsewhere = Project::empty();
    let file = project.path("chs.toml");
    elsewhere.expect(0, &["panel", "--project", file.to_str().unwrap()]);
    assert!(elsewhere.path("chs-out/panel.parquet").exists());
}

#[test]
fn a_new_project_runs_as_it_is() {
    for template in ["starter", "weighted-7"] {
        let project = Project::empty();
        let said = project.expect(0, &["init", "new", "--template", template, "--sample-data"]);
        assert!(said.stdout.contains("Next: cd new && chs check"), "{}", said.stdout);
        project.expect(0, &["check", "--project", "new/chs.toml"]);
        project.expect(0, &["backtest", "--replicates", "100", "--project", "new/chs.toml"]);
    }
}

#[test]
fn the_templates_are_listed() {
    let project = Project::empty();
    let said = project.expect(0, &["init", "--list"]).stdout;
    assert_eq!(said.lines().count(), 2 + chs::TEMPLATES.len(), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scorecard.md");
    let page = std::fs::read_to_string(page).unwrap();
    for template in &chs::TEMPLATES {
        let row = format!("| `{}` | {} |", template.name, template.description);
        assert!(page.contains(&row), "{row}");
        assert!(said.contains(template.name) && said.contains(template.description), "{said}");
    }
    assert!(project.files(".").is_empty(), "nothing is written");
    let json = project.expect(0, &["init", "--list", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[1]["name"], "weighted-7");
}

#[test]
fn a_project_is_proposed_from_files() {
    let project = Project::new();
    std::fs::remove_file(project.path("chs.toml")).unwrap();
    std::fs::remove_file(project.path("scorecard.toml")).unwrap();
    let said = project.expect(0, &["init", "--from", "."]).stdout;
    assert!(said.contains("Next: look at the guesses in chs.toml, then chs check"), "{said}");
    project.expect(0, &["panel"]);
    let again = project.chs(&["init", "--from", "."]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("chs.toml exists already"), "{}", again.stderr);
    let nothing = Project::empty();
    let said = nothing.chs(&["init", "--from", "."]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("no table in"), "{}", said.stderr);
}

#[test]
fn a_simulated_history_is_the_same_every_time() {
    let project = Project::empty();
    let plan = ["simulate", "--accounts", "30", "--months", "12", "--truth", "--seed", "7"];
    for out in ["a", "b"] {
        project.expect(0, &[&plan[..], &["--out", out]].concat());
    }
    let files = project.files("a");
    assert!(files.contains_key("accounts.csv") && files.contains_key("truth.parquet"));
    assert!(files == project.files("b"));
}

#[test]
fn what_is_for_machines_can_be_read_by_them() {
    let project = Project::empty();
    for file in ["project", "scorecard", "backtest", "fit", "model", "compare", "check", "run"] {
        let schema = project.expect(0, &["schema", file]).stdout;
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{file}");
    }
    assert!(project.expect(0, &["completions", "bash"]).stdout.contains("backtest"));
    assert!(project.expect(0, &["man"]).stdout.contains(".TH chs"));
    assert!(project.expect(0, &["man", "backtest"]).stdout.contains("scorecard"));
    assert!(
        project.expect(0, &["rule", "CHS204"]).stdout.starts_with("# CHS204 bands not monotone\n")
    );
    assert!(project.expect(0, &["rule"]).stdout.contains("\nCHS101"));
}

#[test]
fn results_satisfy_their_schemas() {
    let project = Project::new();
    project.expect(0, &BACKTEST);
    for file in ["backtest", "check", "run"] {
        let schema = project.expect(0, &["schema", file]).stdout;
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        assert!(validator.is_valid(&project.json(&format!("chs-out/{file}.json"))), "{file}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let project = Project::new();
    let escape = '\u{1b}';
    assert!(!project.expect(0, &["check"]).stdout.contains(escape));
    assert!(project.expect(0, &["check", "--color", "always"]).stdout.contains(escape));
    project.edit("chs.toml", "horizon", "horizn");
    assert!(!project.expect(2, &["check"]).stderr.contains(escape));
    assert!(project.expect(2, &["check", "--color", "always"]).stderr.contains(escape));
}

#[test]
fn verbose_says_what_is_done_and_quiet_nothing() {
    let project = Project::new();
    let said = project.expect(0, &["check", "--verbose"]);
    assert!(
        said.stderr.contains("reading the files: ") && said.stderr.contains(" s"),
        "{}",
        said.stderr
    );
    assert_eq!(project.expect(0, &["check", "--quiet"]).stderr, "");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let project = Project::empty();
    let mut command = project.command(&["schema", "backtest"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(stderr, "");
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_behind() {
    let project = Project::empty();
    let mut command = project.command(&["simulate", "--accounts", "500000", "--quiet"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!project.path("chs-out").exists());
}
