//! What goes wrong on the way to the rows: where, what, expected, remedy; and no secret in any of it.

use std::fs;

use super::databases::{Database, PASSWORD, PASSWORD_IN_URI, driver};
use super::history::{accounts, events};
use super::{Origin, files, panel, skipped};
use crate::cli_project::{Project, Said};

/// What `chs panel` says of a project that cannot be read.
fn refused(project: &Project, origin: &Origin, uri: Option<&str>) -> String {
    origin.write(project);
    let mut command = project.command(&["panel", "-v"]);
    command.env_remove("WAREHOUSE_URI");
    if let Some(uri) = uri {
        command.env("WAREHOUSE_URI", uri);
    }
    let said = Said::from(command.output().unwrap());
    assert_eq!(said.code, Some(2), "{}\n{}", said.stdout, said.stderr);
    assert!(project.files("chs-out").is_empty());
    is_kept(&said.stdout);
    is_kept(&said.stderr);
    // What `-v` adds before it, times among it, is not compared.
    let errors = said.errors();
    errors.split_once("[sources").map_or(errors.clone(), |(_, rest)| format!("[sources{rest}"))
}

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_workbook_that_cannot_be_read_says_why() {
    let project = Project::empty();
    files::csv(&project);
    files::workbook(&project);
    let sheet = |name: &str| format!("path = \"history.xlsx\"\nread = {{ sheet = \"{name}\" }}");
    let csv = "path = \"accounts.csv\"";
    let said = refused(&project, &Origin::new(csv, sheet("Event")), None);
    contains(
        &said,
        &[
            "history.xlsx: no sheet `Event`; the workbook has `Accounts`, `Events & more`",
            "name one of these sheets",
        ],
    );
    let said = refused(&project, &Origin::new(csv, sheet("accounts")), None);
    contains(&said, &["no sheet `accounts`", "did you mean `Accounts`?"]);
    // The first sheet is that of the accounts.
    let said = refused(&project, &Origin::new(csv, "path = \"history.xlsx\""), None);
    contains(&said, &["[sources.events]: no column `at` in history.xlsx"]);
    let whole = fs::read(project.path("history.xlsx")).unwrap();
    for (bytes, parts) in [
        (&whole[..whole.len() / 2], ["cut off or still being written", "write it again"]),
        (b"id,at\n", ["not an xlsx workbook", "rename the file"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ["the old kind (xls)", "save it as xlsx"]),
    ] {
        fs::write(project.path("history.xlsx"), bytes).unwrap();
        let said = refused(&project, &Origin::new(csv, sheet("Events & more")), None);
        contains(&said, &parts);
    }
}

#[test]
fn half_an_arrow_file_says_so() {
    let project = Project::empty();
    files::arrow_file(&project);
    files::arrow_stream(&project);
    for (extension, expected) in
        [("arrow", "the footer `ARROW1` at its end"), ("arrows", "the mark of the stream's end")]
    {
        let path = project.path(&format!("events.{extension}"));
        let whole = fs::read(&path).unwrap();
        for length in [4, whole.len() / 2, whole.len() - 8] {
            fs::write(&path, &whole[..length]).unwrap();
            let said = refused(&project, &Origin::files(extension, ""), None);
            contains(&said, &["cut off or still being written", expected, "write it again"]);
        }
        fs::write(&path, "account_id,at\n").unwrap();
        let said = refused(&project, &Origin::files(extension, ""), None);
        contains(&said, &["not Arrow IPC", "`ARROW1`", "rename the file"]);
    }
}

#[test]
fn a_driver_that_is_not_there_says_how_to_get_it() {
    let project = Project::empty();
    files::csv(&project);
    let keys = "adbc = { driver = \"adbc_driver_nowhere\", uri_env = \"WAREHOUSE_URI\" }\nquery = \"select 1\"";
    let origin = Origin::new("path = \"accounts.csv\"", keys);
    let said = refused(&project, &origin, None);
    contains(
        &said,
        &[
            "the environment variable `WAREHOUSE_URI` is not set",
            "[sources.events]",
            "export WAREHOUSE_URI=",
        ],
    );
    assert_eq!(refused(&project, &origin, Some("")), said, "an empty one is none");
    let uri = format!("nowhere://u:{PASSWORD_IN_URI}@host/x");
    let said = refused(&project, &origin, Some(&uri));
    contains(
        &said,
        &["the driver `adbc_driver_nowhere` cannot be loaded", "install the ADBC driver"],
    );
}

#[test]
fn a_query_that_fails_says_where() {
    let database = match Database::sqlite() {
        Ok(database) => database,
        Err(absent) => return skipped(&absent),
    };
    database.fill(&[accounts(), events()]);
    let project = Project::empty();
    let origin = |query: &str| {
        let accounts = Origin::database(&database).accounts;
        Origin::new(accounts, format!("{}query = \"{query}\"", database.keys()))
    };
    let said = refused(&project, &origin("select * from evens"), Some(database.uri()));
    contains(
        &said,
        &[
            "[sources.events]: the database refuses",
            "no such table: evens",
            "try the query in a client",
        ],
    );
    let said =
        refused(&project, &origin("select account_id, at from events"), Some(database.uri()));
    contains(
        &said,
        &["[sources.events]: no column `kind` in query", "columns there: account_id, at"],
    );
    let said = refused(
        &project,
        &origin("select x'00' at, kind, minutes, seats, account_id from events"),
        Some(database.uri()),
    );
    contains(&said, &["column `at` has the type Binary", "a query can `cast` it"]);
    let said = refused(&project, &origin("select 1"), Some("/nowhere/at/all.sqlite"));
    contains(
        &said,
        &["no connection to what `WAREHOUSE_URI` holds", "check the URI in `WAREHOUSE_URI`"],
    );
    assert!(!said.contains("/nowhere/at"), "{said}");
}

/// No form of the planted password stands in a text.
fn is_kept(text: &str) {
    for secret in [PASSWORD, PASSWORD_IN_URI, "nt/ed", "nt%2Fed"] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}

#[test]
fn a_uri_that_its_driver_quotes_is_kept() {
    if let Err(absent) = driver("libadbc_driver_postgresql.so") {
        return skipped(&absent);
    }
    let project = Project::empty();
    files::csv(&project);
    let driver = driver("libadbc_driver_postgresql.so").unwrap();
    let keys = format!(
        "adbc = {{ driver = \"{}\", uri_env = \"WAREHOUSE_URI\" }}\nquery = \"select 1\"",
        driver.display()
    );
    let origin = Origin::new("path = \"accounts.csv\"", keys);
    for uri in [
        format!("postgresql://u:{PASSWORD_IN_URI}@[bad"),
        format!("postgresql://u@/x?{PASSWORD_IN_URI}=1"),
        format!("user=u password='{PASSWORD}' host="),
        format!("{PASSWORD}=1"),
    ] {
        let said = refused(&project, &origin, Some(&uri));
        contains(&said, &["no connection to what `WAREHOUSE_URI` holds"]);
    }
}

#[test]
fn no_output_of_a_run_holds_the_password() {
    let database = match Database::postgres() {
        Ok(database) => database,
        Err(absent) => return skipped(&absent),
    };
    database.fill(&[accounts(), events()]);
    let project = Project::empty();
    let origin = Origin::database(&database);
    panel(&project, &origin, &[("WAREHOUSE_URI", database.uri())]);
    project.write("scorecard.toml", SCORECARD);
    for arguments in [
        &["check", "-v"][..],
        &["backtest", "--replicates", "100", "-v"],
        &["fit", "--weights", "prior", "-v"],
        &["report", "-v"],
    ] {
        let mut command = project.command(arguments);
        let said = Said::from(command.env("WAREHOUSE_URI", database.uri()).output().unwrap());
        assert!(matches!(said.code, Some(0 | 1 | 3)), "{arguments:?}: {}", said.stderr);
        is_kept(&said.stdout);
        is_kept(&said.stderr);
    }
    let wrong = database.uri().replace("chs:", "nobody:");
    origin.write(&project);
    let said =
        Said::from(project.command(&["check"]).env("WAREHOUSE_URI", wrong).output().unwrap());
    assert_eq!(said.code, Some(2));
    contains(&said.errors(), &["no connection to what `WAREHOUSE_URI` holds", "nobody"]);
    is_kept(&said.stderr);
    let written = project.files("chs-out");
    assert!(written.len() >= 6, "{:?}", written.keys());
    for (name, bytes) in written {
        assert!(!name.is_empty());
        is_kept(&String::from_utf8_lossy(&bytes));
    }
}

const SCORECARD: &str = r#"spec_version = 1
name = "acme"
version = "0.1.0"

[components.activity]
weight = 100
indicators = [
  { name = "calls_30d", poor = 0, good = 6 },
  { name = "days_since_event", poor = 40, good = 2, missing = 0 },
]
"#;
