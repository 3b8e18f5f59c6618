//! Databases that hold the history, reached through ADBC.
//!
//! Their drivers are libraries that `cargo xtask drivers` fetches below `target/adbc`. Where one is
//! absent, or the server of `PostgreSQL` is not installed, the test says so and is skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use adbc_core::options::{AdbcVersion, OptionDatabase, OptionValue};
use adbc_core::{Connection, Database as _, Driver, LOAD_FLAG_DEFAULT, Statement};
use adbc_driver_manager::{ManagedConnection, ManagedDriver};
use tempfile::TempDir;

use super::history::{Table, Type, Value};

/// A password with signs that a URI writes in another way; no output may hold it in either.
pub(super) const PASSWORD: &str = "pla:nt/ed secret";
pub(super) const PASSWORD_IN_URI: &str = "pla%3Ant%2Fed%20secret";

/// A database of its own, gone with the value.
pub(super) struct Database {
    name: &'static str,
    driver: PathBuf,
    entrypoint: Option<&'static str>,
    uri: String,
    _server: Option<Server>,
    _folder: TempDir,
}

/// The library of a driver, or which one is absent.
pub(super) fn driver(file: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/adbc");
    let path = folder.join(file);
    fs::canonicalize(&path).map_err(|_| {
        format!("no {file} in target/adbc; `cargo xtask drivers` fetches it from its registry")
    })
}

impl Database {
    pub(super) fn sqlite() -> Result<Database, String> {
        let folder = tempfile::tempdir().unwrap();
        Ok(Database {
            name: "SQLite",
            driver: driver("libadbc_driver_sqlite.so")?,
            entrypoint: None,
            uri: folder.path().join("history.sqlite").display().to_string(),
            _server: None,
            _folder: folder,
        })
    }

    pub(super) fn duckdb() -> Result<Database, String> {
        let folder = tempfile::tempdir().unwrap();
        Ok(Database {
            name: "DuckDB",
            driver: driver("libduckdb.so")?,
            entrypoint: Some("duckdb_adbc_init"),
            uri: folder.path().join("history.duckdb").display().to_string(),
            _server: None,
            _folder: folder,
        })
    }

    pub(super) fn postgres() -> Result<Database, String> {
        let driver = driver("libadbc_driver_postgresql.so")?;
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path())?;
        let socket = folder.path().display().to_string().replace('/', "%2F");
        Ok(Database {
            name: "PostgreSQL",
            driver,
            entrypoint: None,
            uri: format!("postgresql://chs:{PASSWORD_IN_URI}@/postgres?host={socket}"),
            _server: Some(server),
            _folder: folder,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The key `adbc` of a table in `chs.toml`.
    pub(super) fn keys(&self) -> String {
        let entrypoint =
            self.entrypoint.map_or_else(String::new, |name| format!(", entrypoint = \"{name}\""));
        let driver = self.driver.display();
        format!("adbc = {{ driver = \"{driver}\"{entrypoint}, uri_env = \"WAREHOUSE_URI\" }}\n")
    }

    /// Makes tables and fills them.
    pub(super) fn fill(&self, tables: &[Table]) {
        let mut driver = ManagedDriver::load_from_name(
            &self.driver,
            self.entrypoint.map(str::as_bytes),
            AdbcVersion::V110,
            LOAD_FLAG_DEFAULT,
            None,
        )
        .unwrap();
        std::mem::forget(driver.clone());
        let uri = OptionValue::String(self.uri.clone());
        let database = driver.new_database_with_opts([(OptionDatabase::Uri, uri)]).unwrap();
        let mut connection = database.new_connection().unwrap();
        for table in tables {
            let column =
                |(name, kind): &(&str, Type)| format!("\"{name}\" {}", self.type_name(*kind));
            let columns: Vec<String> = table.columns.iter().map(column).collect();
            run(&mut connection, &format!("create table {} ({})", table.name, columns.join(", ")));
            let row = |row: &Vec<Value>| {
                format!("({})", row.iter().map(literal).collect::<Vec<_>>().join(", "))
            };
            let rows: Vec<String> = table.rows.iter().map(row).collect();
            run(&mut connection, &format!("insert into {} values {}", table.name, rows.join(", ")));
        }
    }

    fn type_name(&self, kind: Type) -> &'static str {
        match (self.name, kind) {
            (_, Type::Text) | ("SQLite", Type::Day | Type::Time) => "text",
            (_, Type::Integer) => "integer",
            ("SQLite", Type::Amount) => "real",
            (_, Type::Amount) => "numeric(12, 2)",
            (_, Type::Day) => "date",
            ("PostgreSQL", Type::Time) => "timestamptz",
            (_, Type::Time) => "timestamp",
        }
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(_) | Value::Amount(_) => value.text(),
        Value::Time(time) => format!("'{time}'"),
        other => format!("'{}'", other.text().replace('\'', "''")),
    }
}

fn run(connection: &mut ManagedConnection, text: &str) {
    let mut statement = connection.new_statement().unwrap();
    statement.set_sql_query(text).unwrap();
    statement.execute_update().unwrap();
}

/// A server of `PostgreSQL` on a socket in a folder, stopped with the value.
struct Server {
    programs: PathBuf,
    data: PathBuf,
}

impl Server {
    fn start(folder: &Path) -> Result<Server, String> {
        let found = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut versions: Vec<PathBuf> = found.map(|entry| entry.path().join("bin")).collect();
        versions.sort();
        let programs = versions
            .pop()
            .filter(|programs| programs.join("initdb").is_file())
            .ok_or("no server of PostgreSQL; `apt-get install postgresql` brings it")?;
        let server = Server { programs, data: folder.join("data") };
        let password = folder.join("password");
        fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        if is_root() {
            // A server of `PostgreSQL` refuses to be root.
            succeed(Command::new("chown").args(["-R", "postgres"]).arg(folder));
        }
        let option = |name: &str, path: &Path| format!("{name}={}", path.display());
        succeed(
            server
                .program("initdb")
                .args(["--username=chs", "--auth=scram-sha-256", "--no-sync", "--encoding=UTF8"])
                .arg(option("--pwfile", &password))
                .arg(option("--pgdata", &server.data)),
        );
        let socket = format!("-c listen_addresses='' -c timezone=UTC -k {}", folder.display());
        succeed(
            server
                .program("pg_ctl")
                .args(["start", "--wait", "--silent", "--options", &socket])
                .arg(option("--log", &folder.join("log")))
                .arg(option("--pgdata", &server.data)),
        );
        Ok(server)
    }

    /// A program of the server, as a user that it accepts.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pgdata = format!("--pgdata={}", self.data.display());
        let _ = self.program("pg_ctl").args(["stop", "--mode=immediate", &pgdata]).status();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

fn succeed(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
