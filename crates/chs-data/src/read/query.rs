//! Queries: put to a database through Arrow's ADBC, answered in record batches.
//!
//! The driver is a library of its own that is loaded by name, the way to the database a secret. The
//! driver's words are scrubbed of it before they go on, since drivers like to quote it.

use std::path::{Path, PathBuf};

use adbc_core::options::{AdbcVersion, OptionDatabase, OptionValue};
use adbc_core::{Connection, Database, Driver, LOAD_FLAG_DEFAULT, Statement};
use adbc_driver_manager::{ManagedConnection, ManagedDatabase, ManagedDriver, ManagedStatement};
use arrow_array::RecordBatchReader;
use chs_toml::Located;
use sha2::{Digest, Sha256};

use super::arrow::{Columns, Row, names};
use super::batch::{BatchWriter, append_text};
use super::error::{ReadError, ReadProblem};
use super::secret::Secret;
use super::stream::hexadecimal;
use super::{Batch, FileSummary, ReadRequest};

/// A question to a database.
#[derive(Clone, Debug)]
pub struct Query {
    /// The driver: a name, or the path of its library or manifest.
    pub driver: Located<String>,
    /// The driver's function that starts it, where it is not called as usual.
    pub entrypoint: Option<String>,
    /// Name of the environment variable that holds the way to the database.
    pub uri_env: Located<String>,
    /// The question, in SQL.
    pub text: Located<String>,
    /// What the environment variable holds, once it has been looked up.
    pub uri: Option<Secret>,
}

impl Query {
    /// The driver without the folder it may lie in.
    pub fn driver_name(&self) -> String {
        let name = Path::new(&self.driver.value).file_name();
        name.map_or_else(|| self.driver.value.clone(), |name| name.to_string_lossy().into_owned())
    }

    /// SHA-256 of the question, in lower-case hexadecimal.
    pub fn text_sha256(&self) -> String {
        hexadecimal(&Sha256::digest(self.text.value.as_bytes()))
    }
}

/// Rows on their way from a database.
pub(crate) struct Answer {
    place: PathBuf,
    secret: Secret,
    // What is read from comes before what it needs, as it has to be dropped before it.
    batches: Box<dyn RecordBatchReader + Send>,
    _statement: ManagedStatement,
    _connection: ManagedConnection,
    _database: ManagedDatabase,
}

/// Puts a question; `place` says in messages where it stands.
///
/// # Errors
///
/// The environment variable is not set, no such driver, no way to the database, a question that the
/// database does not understand.
pub(crate) fn ask(query: &Query, place: &Path) -> Result<Answer, ReadError> {
    let refuse = |problem| ReadError::new(place, problem);
    let Some(secret) = &query.uri else {
        return Err(refuse(ReadProblem::SecretUnset { variable: query.uri_env.value.clone() }));
    };
    let words = |error: adbc_core::error::Error| secret.scrubbed(&error.message);
    let mut driver = load(query).map_err(|error| {
        let (driver, detail) = (query.driver.value.clone(), words(error));
        refuse(ReadProblem::Driver { driver, detail })
    })?;
    // Libraries written in Go cannot be unloaded: this one stays until the program ends.
    std::mem::forget(driver.clone());
    let uri = OptionValue::String(secret.reveal().to_owned());
    let no_way = |error| {
        let (variable, detail) = (query.uri_env.value.clone(), words(error));
        refuse(ReadProblem::Connection { variable, detail })
    };
    let database = driver.new_database_with_opts([(OptionDatabase::Uri, uri)]).map_err(no_way)?;
    let mut connection = database.new_connection().map_err(no_way)?;
    let refused = |error| refuse(ReadProblem::Query { detail: words(error) });
    let mut statement = connection.new_statement().map_err(refused)?;
    statement.set_sql_query(&query.text.value).map_err(refused)?;
    let batches = statement.execute().map_err(refused)?;
    Ok(Answer {
        place: place.into(),
        secret: secret.clone(),
        batches,
        _statement: statement,
        _connection: connection,
        _database: database,
    })
}

/// Loads a driver of the newer version of ADBC, or else of the older.
fn load(query: &Query) -> adbc_core::error::Result<ManagedDriver> {
    let load = |version| {
        let entrypoint = query.entrypoint.as_deref().map(str::as_bytes);
        let name = &query.driver.value;
        ManagedDriver::load_from_name(name, entrypoint, version, LOAD_FLAG_DEFAULT, None)
    };
    load(AdbcVersion::V110).or_else(|error| load(AdbcVersion::V100).map_err(|_| error))
}

impl Answer {
    /// Names of its columns, in order.
    pub(crate) fn columns(&self) -> Vec<String> {
        names(&self.batches.schema())
    }

    /// Hands over the rows in batches, as they come.
    ///
    /// # Errors
    ///
    /// A wanted column that is missing, there twice or of a type without cells; the database breaks off;
    /// whatever `each` returns.
    pub(crate) fn read<E: From<ReadError>>(
        mut self,
        request: &ReadRequest,
        each: &mut dyn FnMut(Batch) -> Result<(), E>,
    ) -> Result<FileSummary, E> {
        let refuse = |problem| ReadError::new(&self.place, problem);
        let schema = self.batches.schema();
        let mut digest = RowsDigest::default();
        let mut writer = BatchWriter::new(request, each);
        let whole = ReadRequest { whole_rows: true, ..*request };
        let columns = Columns::new(&schema, &whole).map_err(refuse)?;
        let mut first = 1;
        for batch in self.batches.by_ref() {
            let broken_off = |error: arrow_schema::ArrowError| {
                let detail = self.secret.scrubbed(&error.to_string());
                refuse(ReadProblem::Query { detail })
            };
            let batch = batch.map_err(broken_off)?;
            columns
                .rows(&batch, first, request.options, &mut |row: Row| {
                    digest.add(row.whole);
                    writer.row(row.line, row.cells, row.whole)
                })
                .map_err(broken_off)??;
            first += batch.num_rows() as u64;
        }
        let rows_read = writer.finish()?;
        let (sha256, bytes) = digest.finish(&names(&schema));
        Ok(FileSummary { rows_read, sha256, bytes })
    }
}

/// Digest of rows that come in any order.
#[derive(Default)]
struct RowsDigest {
    /// Sum of the rows' SHA-256 as numbers of 256 bits, least byte first.
    sum: [u8; 32],
    rows: u64,
    bytes: u64,
}

impl RowsDigest {
    /// Adds a row in the form of [`Batch::row_bytes`].
    fn add(&mut self, whole: &[u8]) {
        let mut carry = 0;
        for (sum, byte) in self.sum.iter_mut().zip(Sha256::digest(whole)) {
            let total = u16::from(*sum) + u16::from(byte) + carry;
            *sum = total.to_le_bytes()[0];
            carry = total >> 8;
        }
        self.rows += 1;
        self.bytes += whole.len() as u64;
    }

    /// SHA-256 over the names of the columns, the number of rows and their sum; bytes of the rows.
    fn finish(&self, columns: &[String]) -> (String, u64) {
        let mut bytes = Vec::new();
        for column in columns {
            append_text(column.as_bytes(), &mut bytes);
        }
        bytes.extend(self.rows.to_le_bytes());
        bytes.extend(self.sum);
        (hexadecimal(&Sha256::digest(&bytes)), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(rows: &[&str]) -> (String, u64) {
        let mut digest = RowsDigest::default();
        for row in rows {
            digest.add(row.as_bytes());
        }
        digest.finish(&["a".to_owned()])
    }

    #[test]
    fn the_digest_knows_rows_but_not_their_order() {
        assert_eq!(digest(&["x", "y", "z"]), digest(&["z", "x", "y"]));
        assert_eq!(digest(&["x", "yz"]).1, 3);
        for other in [&["x", "y"][..], &["x", "x", "y"], &["x", "y", "y"], &["xy"], &[]] {
            assert_ne!(digest(&["x", "y", "z"]).0, digest(other).0, "{other:?}");
        }
        let mut one = RowsDigest { sum: [0xff; 32], ..RowsDigest::default() };
        one.add(b"x");
        let mut less = Sha256::digest(b"x").to_vec();
        less[0] -= 1;
        assert_eq!(one.sum.to_vec(), less, "carries go through to the end");
    }
}
