//! A small project in a folder of its own, and the binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const CHS_TOML: &str = r#"spec_version = 1

[accounts]
path = "accounts.csv"
id = "account_id"
start = "signed_up_on"
segments = ["plan"]
value = "arr"
immutable = ["arr"]

[sources.logins]
path = "logins.csv"
id = "account_id"
at = "at"

[indicators]
logins_30d = { source = "logins", count = "30d" }
days_since_login = { source = "logins", recency = "days" }
mood = { source = "logins", latest = "mood", as = "words" }
age = { tenure = "days" }

[outcomes.churn]
path = "outcomes.csv"
id = "account_id"
at = "churned_on"
complete_until = 2024-12-31

[labels.churn_60d]
outcome = "churn"
horizon = "60d"
"#;

const SCORECARD_TOML: &str = r#"spec_version = 1
name = "acme"
version = "0.1.0"

[components.activity]
weight = 100
indicators = [
  { name = "logins_30d", poor = 0, good = 6 },
  { name = "days_since_login", poor = 40, good = 2, missing = 0 },
]
"#;

/// A project whose files can be changed.
pub(crate) struct Project {
    folder: TempDir,
}

/// A customer by number.
#[derive(Clone, Copy)]
struct Customer(u32);

impl Customer {
    fn row(self) -> String {
        let Self(number) = self;
        let plan = if number % 2 == 0 { "pro" } else { "basic" };
        let (month, value) = (1 + number % 12, 1_000 + 7 * number);
        format!("acct-{number:03},2023-{month:02}-15,{plan},{value}")
    }

    fn churn_month(self) -> Option<u32> {
        self.0.is_multiple_of(3).then_some(4 + self.0 / 3 % 8)
    }

    fn churn(self) -> Option<String> {
        let (number, month) = (self.0, self.churn_month()?);
        Some(format!("acct-{number:03},2024-{month:02}-{:02}", 10 + number % 9))
    }

    fn logins(self) -> Vec<String> {
        (1..=12).flat_map(|month| self.logins_of(month)).collect()
    }

    fn logins_of(self, month: u32) -> Vec<String> {
        let Self(number) = self;
        let is_silent = self.churn_month().is_some_and(|churn| month + 1 + number % 2 >= churn);
        let (visits, mood) = match (is_silent, number % 5) {
            (true, 0) => (1, "low"),
            (true, _) => (0, "low"),
            (false, _) => (2 + (number * 5 + month) % 6, "high"),
        };
        let login = |visit| {
            format!("acct-{number:03},2024-{month:02}-{:02} 09:30:00,{mood}", 1 + 4 * visit)
        };
        (0..visits).map(login).collect()
    }
}

/// What a run said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// Sixty accounts over 2024, of which every third churns; who churns has gone silent before.
    pub(crate) fn new() -> Self {
        let project = Self::empty();
        let numbers = || (0..60).map(Customer);
        project.write_rows(
            "accounts.csv",
            "account_id,signed_up_on,plan,arr",
            numbers().map(Customer::row),
        );
        project.write_rows(
            "logins.csv",
            "account_id,at,mood",
            numbers().flat_map(Customer::logins),
        );
        project.write_rows(
            "outcomes.csv",
            "account_id,churned_on",
            numbers().filter_map(Customer::churn),
        );
        project.write("chs.toml", CHS_TOML);
        project.write("scorecard.toml", SCORECARD_TOML);
        project
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Write lines below a header.
    pub(crate) fn write_rows(&self, name: &str, header: &str, rows: impl Iterator<Item = String>) {
        let lines: Vec<String> = std::iter::once(header.to_owned()).chain(rows).collect();
        self.write(name, &(lines.join("\n") + "\n"));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Put one text in the place of another, which has to be there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{from} in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// The command, to be run in the folder of the project.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("chs"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("NO_COLOR");
        command
    }

    /// Run the binary in the folder of the project.
    pub(crate) fn chs(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Run it, and expect an exit code.
    pub(crate) fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.chs(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}\n{}\n{}", said.stdout, said.stderr);
        said
    }

    /// Every file below a folder with its bytes; a folder that is not there has none.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(folder), "", &mut files);
        files
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// What stands on stderr, without the frame and the line breaks of its lay-out.
    pub(crate) fn errors(&self) -> String {
        let frameless = self.stderr.replace(['│', '×', '·', '╭', '─', '┬', '╰', '┴'], " ");
        frameless.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
