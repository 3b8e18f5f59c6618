//! One history, written in every way that can be read: the panel is the same to the last byte.

mod databases;
mod files;
mod history;
mod wrong;

use databases::Database;
use history::{accounts, events};

use crate::cli_project::{Project, Said};

/// Where accounts and events come from, as keys of `chs.toml`; the rest of the project is always the same.
struct Origin {
    accounts: String,
    events: String,
}

impl Origin {
    fn new(accounts: impl Into<String>, events: impl Into<String>) -> Origin {
        Origin { accounts: accounts.into(), events: events.into() }
    }

    /// Files of one kind, with the same options for both.
    fn files(extension: &str, options: &str) -> Origin {
        let path = |name| format!("path = \"{name}.{extension}\"\n{options}");
        Origin::new(path("accounts"), path("events"))
    }

    fn database(database: &Database) -> Origin {
        let table = |columns: &str, name: &str| {
            format!("{}query = '''select {columns} from {name}'''", database.keys())
        };
        Origin::new(
            table("account_id, signed_up_on, plan, arr, churned_on", "accounts"),
            table("minutes, seats, \"at\", kind, account_id", "events order by kind desc, \"at\""),
        )
    }

    fn write(&self, project: &Project) {
        let Origin { accounts, events } = self;
        let text = format!(
            r#"spec_version = 1

[accounts]
{accounts}
id = "account_id"
start = "signed_up_on"
churned = "churned_on"
segments = ["plan"]
value = "arr"
immutable = ["arr"]
max_rejected = 0

[sources.events]
{events}
id = "account_id"
at = "at"
max_rejected = 0

[indicators]
calls_30d = {{ source = "events", count = "30d", where = "kind = 'call'" }}
minutes_90d = {{ source = "events", sum = "minutes", over = "90d" }}
kind_last = {{ source = "events", latest = "kind", as = "words" }}
seats_last = {{ source = "events", latest = "seats" }}
days_since_event = {{ source = "events", recency = "days" }}
"#
        );
        project.write("chs.toml", &text);
    }
}

/// The panel's bytes and what was said of them.
fn panel(project: &Project, origin: &Origin, environment: &[(&str, &str)]) -> (Vec<u8>, Said) {
    origin.write(project);
    let output = project.command(&["panel"]).envs(environment.iter().copied()).output().unwrap();
    let said = Said::from(output);
    assert_eq!(said.code, Some(0), "{}\n{}", said.stdout, said.stderr);
    (std::fs::read(project.path("chs-out/panel.parquet")).unwrap(), said)
}

/// The panel of the plainest files, which all others have to match.
fn expected() -> Vec<u8> {
    let project = Project::empty();
    files::csv(&project);
    panel(&project, &Origin::files("csv", ""), &[]).0
}

/// Says that a test, or a part of it, did not run.
#[expect(clippy::print_stdout, reason = "a test that is skipped has no other way to say so")]
fn skipped(absent: &str) {
    println!("skipped: {absent}");
}

/// What writes the history into a project.
type Write = fn(&Project);

#[test]
fn every_kind_of_file_gives_the_same_panel() {
    let project = Project::empty();
    let german = r#"read = { delimiter = ";", decimal = ",", date_format = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y"], encoding = "windows-1252", null = ["n/a"] }"#;
    let sheet = |name| format!("path = \"history.xlsx\"\nread = {{ sheet = \"{name}\" }}");
    let table: [(&str, Write, Origin); 12] = [
        ("CSV", files::csv, Origin::files("csv", "")),
        ("CSV in gzip", files::gzip, Origin::files("csv.gz", "")),
        ("NDJSON in zstd", files::zstd, Origin::files("ndjson.zst", "")),
        ("TSV with a byte order mark", files::tsv, Origin::files("tsv", "")),
        ("semicolons, commas, days first", files::german, Origin::files("csv", german)),
        ("several zones", files::zones, Origin::files("csv", "")),
        ("NDJSON", files::ndjson, Origin::files("jsonl", "")),
        ("Parquet", files::parquet, Origin::files("parquet", "")),
        ("Arrow file", files::arrow_file, Origin::files("arrow", "")),
        ("Arrow stream", files::arrow_stream, Origin::files("arrows", "")),
        ("workbook", files::workbook, Origin::new(sheet("Accounts"), sheet("Events & more"))),
        (
            "partitions",
            files::partitions,
            Origin::new("path = \"accounts.csv\"", "path = \"events/*/*.parquet\""),
        ),
    ];
    let expected = expected();
    for (name, write, origin) in table {
        write(&project);
        let (panel, _) = panel(&project, &origin, &[]);
        assert!(panel == expected, "{name}");
        let run = project.json("chs-out/run.json");
        let rows: u64 = run["tables"][1]["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| {
                assert!(file["query"].is_null());
                file["rows"].as_u64().unwrap()
            })
            .sum();
        assert_eq!(rows, events().rows.len() as u64, "{name}");
    }
}

#[test]
fn every_database_gives_the_same_panel() {
    let expected = expected();
    for open in [Database::sqlite, Database::duckdb, Database::postgres] {
        let database = match open() {
            Ok(database) => database,
            Err(absent) => {
                skipped(&absent);
                continue;
            }
        };
        database.fill(&[accounts(), events()]);
        let project = Project::empty();
        let origin = Origin::database(&database);
        let (panel, _) = panel(&project, &origin, &[("WAREHOUSE_URI", database.uri())]);
        assert!(panel == expected, "{}", database.name());
        let file = &project.json("chs-out/run.json")["tables"][1]["files"][0];
        assert_eq!(file["file"], "query");
        assert_eq!(file["rows"], events().rows.len());
        assert_eq!(file["query"]["uri_env"], "WAREHOUSE_URI");
        assert!(!file["query"]["driver"].as_str().unwrap().contains('/'), "{file}");
        digest_is_that_of_the_rows(&project, &database, &file["sha256"]);
    }
}

/// Another order is the same digest, a row less another one.
fn digest_is_that_of_the_rows(project: &Project, database: &Database, own: &serde_json::Value) {
    let digest = |from: &str, to: &str| {
        let origin = Origin::database(database);
        let origin = Origin { events: origin.events.replace(from, to), ..origin };
        panel(project, &origin, &[("WAREHOUSE_URI", database.uri())]);
        project.json("chs-out/run.json")["tables"][1]["files"][0]["sha256"].clone()
    };
    assert_eq!(&digest("order by kind desc, \"at\"", "order by \"at\""), own);
    assert_ne!(&digest("order by kind desc, \"at\"", "where account_id <> '00012'"), own);
}
