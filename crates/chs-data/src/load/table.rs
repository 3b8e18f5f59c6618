//! Reading of one table over all its files, with its row account.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use chs_toml::{Located, Mistake, Mistakes};
use jiff::civil::Date;

use crate::load::error::{LoadError, Refused, TooManyRejected};
use crate::load::ready_panel::PANEL_TABLE;
use crate::load::row_account::{FileRead, LoadReport, QueryAsked, Reason, Reject, TableAccount};
use crate::load::sheet::{Contract, Sheet};
use crate::project::{FileTable, Project, TableOrigin};
use crate::read::{
    Answer, Batch, FileSummary, Partition, Query, ReadError, ReadProblem, ReadRequest, ask,
    columns_of, digest_of, find_files, partitions_of, read_file, read_slices, slices_of,
};
use crate::time::{Clock, Micros, day_of};

/// At most as many slices of a file does one thread read one after the other ...
const SLICES_AT_ONCE: usize = 8;

/// ... and few enough that each thread has about this many pieces to read.
const PIECES_OF_THREAD: usize = 4;

/// What all tables of a run share.
pub(super) struct Base<'a> {
    /// Name and text of the project file, for mistakes.
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    /// IANA name of the project's time zone.
    pub(super) time_zone: &'a str,
    pub(super) data_dir: &'a Path,
    /// First instant that is not read.
    pub(super) as_of: Option<Micros>,
}

impl Base<'_> {
    /// The day of `--as-of`.
    pub(super) fn last_day(&self) -> Option<Date> {
        self.as_of.map(|end| day_of(end - 1))
    }

    /// A mistake found later than the reading of the project file, at a place in it.
    pub(super) fn mistake(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Mistakes {
        let list = vec![Mistake { span, message: message.into(), help }];
        Mistakes::new(self.file, self.text, list)
    }
}

/// The reading of a history.
pub(super) struct Run<'a> {
    pub(super) project: &'a Project,
    pub(super) base: Base<'a>,
}

impl Run<'_> {
    /// What was read so far, held against the `max_rejected` of each table.
    pub(super) fn hold(&self, report: &LoadReport) -> Result<(), LoadError> {
        let tables = self.project.file_tables().into_iter();
        held_against(tables.map(|(name, key, table)| (name, key, table.max_rejected)), report)
    }
}

/// A table to read.
pub(super) struct TableRequest<'a> {
    /// Its name in reports.
    pub(super) name: &'a str,
    /// Its key in `chs.toml`.
    pub(super) key: String,
    pub(super) table: &'a FileTable,
    pub(super) time_zone: Option<&'a str>,
    /// Columns to read, in the order in which the sheet numbers them.
    pub(super) columns: Vec<Located<String>>,
    /// Whether whole rows are compared.
    pub(super) whole_rows: bool,
}

/// The columns of a request: each name once, numbered by first use.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) list: Vec<Located<String>>,
}

impl Columns {
    /// Number of a column, added if it is new.
    pub(super) fn number(&mut self, name: &str, span: Range<usize>) -> usize {
        if let Some(number) = self.list.iter().position(|known| known.value == name) {
            return number;
        }
        self.list.push(Located { value: name.to_owned(), span });
        self.list.len() - 1
    }
}

/// What reading a table gave: a part per piece of it, in the order of files and rows.
pub(super) struct TableRead<T> {
    pub(super) parts: Vec<T>,
    pub(super) account: TableAccount,
    pub(super) rejects: Vec<Reject>,
}

/// A piece of a table: where its rows are, and the columns that stand in its path.
struct Piece<'a> {
    rows: Rows<'a>,
    partitions: Vec<Partition>,
}

enum Rows<'a> {
    File(PathBuf),
    /// The digest of a file that is read slice by slice; its slices follow.
    Digest(PathBuf),
    Slices(PathBuf, Vec<Range<usize>>),
    Answer(Answer, &'a Query),
}

/// Read all files of a table, or the answer to its query; `convert` adds each batch to the part of its
/// piece.
pub(super) fn read_table<T: Default + Send>(
    base: &Base<'_>,
    request: &TableRequest<'_>,
    convert: impl Fn(&mut T, &mut Sheet<'_>) + Sync,
) -> Result<TableRead<T>, LoadError> {
    let pieces = pieces(base, request).map_err(|error| located(base, request, error))?;
    check_columns(base, request, pieces.first())?;
    let clock = clock(base, request.time_zone, &request.table.read.date_formats)?;
    let columns: Vec<String> = request.columns.iter().map(|name| name.value.clone()).collect();
    let contract = Contract {
        table: request.name,
        columns: &columns,
        clock: &clock,
        decimal: request.table.read.decimal,
        as_of: base.as_of,
    };
    let read = |piece: Piece| read_one(base, request, &contract, piece, &convert);
    let files: Vec<Result<FilePart<T>, ReadError>> = one_by_one(pieces, read);
    let mut whole = TableRead {
        parts: Vec::new(),
        account: TableAccount { table: request.name.to_owned(), ..TableAccount::default() },
        rejects: Vec::new(),
    };
    for part in files {
        let part = part.map_err(|error| located(base, request, error))?;
        whole.parts.push(part.rows);
        whole.account.read += part.file.rows;
        match whole.account.files.last_mut() {
            Some(file) if file.file == part.file.file => file.rows += part.file.rows,
            _ => whole.account.files.push(part.file),
        }
        whole.rejects.extend(part.rejects);
        for (reason, rows) in
            [(Reason::AfterAsOf, part.after_as_of), (Reason::OtherKind, part.other_kind)]
        {
            if rows > 0 {
                *whole.account.rejected.entry(reason).or_default() += rows;
            }
        }
    }
    Ok(whole)
}

/// What becomes of each item, in their order, on as many threads as there are workers.
///
/// Not workers themselves: one that waits for the Parquet reader would begin with the next item meanwhile,
/// and with the one after it, until it holds all of them and the others have nothing to do.
fn one_by_one<I: Send, O: Send>(items: Vec<I>, work: impl Fn(I) -> O + Sync) -> Vec<O> {
    let threads = rayon::current_num_threads().min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, O)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let joined = |own: thread::ScopedJoinHandle<'_, Vec<(usize, O)>>| {
            own.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(joined).collect()
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, own)| own).collect()
}

/// The files, or the answer once the query has been put.
fn pieces<'a>(base: &Base<'_>, request: &TableRequest<'a>) -> Result<Vec<Piece<'a>>, ReadError> {
    match &request.table.origin {
        TableOrigin::Files(path) => {
            let mut pieces = Vec::new();
            for path in find_files(base.data_dir, &path.value)? {
                let mut add = |rows| {
                    pieces.push(Piece { partitions: partitions_of(base.data_dir, &path), rows });
                };
                match slices_of(&path)? {
                    None => add(Rows::File(path.clone())),
                    Some(slices) => {
                        add(Rows::Digest(path.clone()));
                        let pieces = PIECES_OF_THREAD * rayon::current_num_threads();
                        let few = slices.len().div_ceil(pieces).clamp(1, SLICES_AT_ONCE);
                        let mut add =
                            |few: &[Range<usize>]| add(Rows::Slices(path.clone(), few.to_vec()));
                        slices.chunks(few).for_each(&mut add);
                    }
                }
            }
            Ok(pieces)
        }
        TableOrigin::Query(query) => {
            let place = format!("the answer to the query of [{}]", request.key);
            let answer = ask(query, Path::new(&place))?;
            Ok(vec![Piece { rows: Rows::Answer(answer, query), partitions: Vec::new() }])
        }
    }
}

struct FilePart<T> {
    rows: T,
    file: FileRead,
    rejects: Vec<Reject>,
    after_as_of: u64,
    other_kind: u64,
}

fn read_one<T: Default>(
    base: &Base<'_>,
    request: &TableRequest<'_>,
    contract: &Contract<'_>,
    piece: Piece<'_>,
    convert: &impl Fn(&mut T, &mut Sheet<'_>),
) -> Result<FilePart<T>, ReadError> {
    let wanted: Vec<&str> = contract.columns.iter().map(String::as_str).collect();
    let Piece { rows, partitions } = piece;
    let read = ReadRequest {
        wanted: &wanted,
        whole_rows: request.whole_rows,
        options: &request.table.read,
        partitions: &partitions,
    };
    let file = shown(base.data_dir, &rows);
    let (mut part, mut rejects, mut after_as_of, mut other_kind) = (T::default(), Vec::new(), 0, 0);
    let mut each = |batch: Batch| -> Result<(), ReadError> {
        let mut sheet = Sheet {
            contract,
            file: &file,
            batch: &batch,
            rejects: &mut rejects,
            after_as_of: &mut after_as_of,
            other_kind: &mut other_kind,
            later: Vec::new(),
        };
        sheet.reject_broken();
        convert(&mut part, &mut sheet);
        Ok(())
    };
    let (summary, query) = match rows {
        Rows::File(path) => (read_file(&path, &read, &mut each)?, None),
        Rows::Digest(path) => {
            let (sha256, bytes) = digest_of(&path)?;
            (FileSummary { rows_read: 0, sha256, bytes }, None)
        }
        Rows::Slices(path, slices) => {
            let rows_read = read_slices(&path, &read, &slices, &mut each)?;
            (FileSummary { rows_read, sha256: String::new(), bytes: 0 }, None)
        }
        Rows::Answer(answer, query) => {
            let asked = QueryAsked {
                driver: query.driver_name(),
                sha256: query.text_sha256(),
                uri_env: query.uri_env.value.clone(),
            };
            (answer.read(&read, &mut each)?, Some(asked))
        }
    };
    let file = FileRead {
        file,
        sha256: summary.sha256,
        bytes: summary.bytes,
        rows: summary.rows_read,
        query,
    };
    Ok(FilePart { rows: part, file, rejects, after_as_of, other_kind })
}

/// A path below the data folder as people write it; an answer is called `query`.
fn shown(data_dir: &Path, rows: &Rows<'_>) -> String {
    let (Rows::File(path) | Rows::Digest(path) | Rows::Slices(path, _)) = rows else {
        return "query".to_owned();
    };
    path.strip_prefix(data_dir).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The clock of a table; its zones were checked when `chs.toml` was read.
fn clock(base: &Base<'_>, zone: Option<&str>, formats: &[String]) -> Result<Clock, LoadError> {
    Clock::new(base.time_zone, zone, formats).map_err(|error| {
        LoadError::Project(base.mistake(
            0..0,
            format!("the time zone cannot be used: {error}"),
            None,
        ))
    })
}

/// Every column that `chs.toml` names has to be in the first piece; all that are not, at once.
fn check_columns(
    base: &Base<'_>,
    request: &TableRequest<'_>,
    first: Option<&Piece<'_>>,
) -> Result<(), LoadError> {
    let Some(first) = first else { return Ok(()) };
    let mut found = match &first.rows {
        Rows::File(path) | Rows::Digest(path) | Rows::Slices(path, _) => {
            columns_of(path, &request.table.read)?
        }
        Rows::Answer(answer, _) => answer.columns(),
    };
    found.extend(first.partitions.iter().map(|column| column.name.clone()));
    let file = shown(base.data_dir, &first.rows);
    let mut mistakes = base.mistake(0..0, "", None);
    mistakes.list.clear();
    for name in request.columns.iter().filter(|name| !found.contains(&name.value)) {
        let help = match other_delimiter(&found) {
            Some(delimiter) => format!(
                "the header of {file} reads as one field, with `{delimiter}` in it; set `read = {{ delimiter = \"{delimiter}\" }}` in [{}]",
                request.key
            ),
            None => match chs_toml::nearest(&name.value, found.iter().map(String::as_str)) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("columns there: {}", found.join(", ")),
            },
        };
        let message = format!("[{}]: no column `{}` in {file}", request.key, name.value);
        mistakes.list.push(Mistake { span: name.span.clone(), message, help: Some(help) });
    }
    mistakes.list.sort_by_key(|mistake| mistake.span.start);
    if mistakes.list.is_empty() { Ok(()) } else { Err(LoadError::Project(mistakes)) }
}

/// The delimiter that a header of one field most likely has.
fn other_delimiter(header: &[String]) -> Option<char> {
    let [one] = header else { return None };
    [';', ',', '\t', '|'].into_iter().find(|delimiter| one.contains(*delimiter))
}

/// A file that is not there, or a query that fails, is a mistake in `chs.toml`; other errors stand for
/// themselves.
fn located(base: &Base<'_>, request: &TableRequest<'_>, error: ReadError) -> LoadError {
    let name = match (&error.problem, &request.table.origin) {
        (ReadProblem::NotFound { .. } | ReadProblem::NoMatch { .. }, TableOrigin::Files(path)) => {
            path
        }
        (ReadProblem::Driver { .. }, TableOrigin::Query(query)) => &query.driver,
        (
            ReadProblem::SecretUnset { .. } | ReadProblem::Connection { .. },
            TableOrigin::Query(query),
        ) => &query.uri_env,
        (ReadProblem::Query { .. }, TableOrigin::Query(query)) => &query.text,
        _ => return LoadError::Read(error),
    };
    let span = name.span.clone();
    LoadError::Project(base.mistake(
        span,
        match &request.table.origin {
            TableOrigin::Files(_) => format!("[{}]: {error}", request.key),
            TableOrigin::Query(_) => format!("[{}]: {}", request.key, error.problem),
        },
        Some(error.remedy()),
    ))
}

/// Close a table's account.
pub(super) fn settle<T>(table: &mut TableRead<T>) {
    for reject in &table.rejects {
        *table.account.rejected.entry(reject.reason).or_default() += 1;
    }
    table.account.used = table.account.read - table.account.rejected_rows();
}

/// The accounts of tables, held against the `max_rejected` of each, which is told by name and key.
pub(super) fn held_against<'a>(
    limits: impl IntoIterator<Item = (&'a str, String, f64)>,
    report: &LoadReport,
) -> Result<(), LoadError> {
    let limits = limits.into_iter();
    let over = limits.filter_map(|(name, key, limit)| {
        let account = report.tables.iter().find(|account| account.table == name)?;
        let is_over = account.fault_share() > limit;
        is_over.then(|| too_many(account, (key, limit), &report.rejects))
    });
    let tables: Vec<TooManyRejected> = over.collect();
    if tables.is_empty() {
        return Ok(());
    }
    let mut report = report.clone();
    report.rejects.sort();
    Err(LoadError::TooManyRejected(Box::new(Refused { tables, report })))
}

fn too_many(
    account: &TableAccount,
    (key, limit): (String, f64),
    rejects: &[Reject],
) -> TooManyRejected {
    let mut reasons: Vec<(Reason, u64)> = account
        .rejected
        .iter()
        .filter(|(reason, _)| reason.is_fault())
        .map(|(reason, rows)| (*reason, *rows))
        .collect();
    reasons.sort_by_key(|(reason, rows)| (std::cmp::Reverse(*rows), *reason));
    let most = reasons.first().map(|(reason, _)| *reason);
    let is_first = |reject: &&Reject| reject.table == account.table && Some(reject.reason) == most;
    let first = rejects.iter().find(is_first).map_or_else(String::new, |reject| {
        let column = if reject.column.is_empty() {
            String::new()
        } else {
            format!(", column `{}`", reject.column)
        };
        format!("{} line {}{column}", reject.file, reject.line)
    });
    let list = reasons.iter().map(|(reason, rows)| format!("{} {rows}", reason.as_str()));
    TooManyRejected {
        table: account.table.clone(),
        faults: account.faults(),
        read: account.read,
        share: account.fault_share(),
        limit,
        reasons: list.collect::<Vec<_>>().join(", "),
        first,
        remedy: most.map_or("", |reason| remedy(reason, &key)),
        key,
    }
}

/// What to do about a reason, most likely.
fn remedy(reason: Reason, key: &str) -> &'static str {
    match reason {
        Reason::WrongNumberOfFields => {
            "check the delimiter and the quotes (`read = { delimiter = \";\" }`)"
        }
        Reason::NotUtf8 => "name the encoding (`read = { encoding = \"windows-1252\" }`)",
        Reason::BadJson => "write one JSON object per line",
        Reason::NullKey => "check that `id` names the column of the account id",
        Reason::UnknownAccount => {
            "check that both tables write the account id alike, and that accounts holds churned accounts too"
        }
        Reason::AmbiguousKey => "check that the `via` column leads to one account",
        Reason::MissingDate | Reason::BadDate => {
            "check that the key names the right column, or give `read = { date_format = \"%d.%m.%Y\" }`"
        }
        Reason::Before1900 => "check the dates, or give `read = { date_format = ... }`",
        Reason::NotANumber => {
            "check that the key names a column of numbers; words need a `map` or `as = \"words\"`, a decimal comma needs `read = { decimal = \",\" }`, and a word for nothing needs `read = { null = [\"\", \"n/a\"] }`"
        }
        Reason::InfiniteValue => "mend the values at their origin",
        Reason::EndsBeforeStart => "check the columns of start and end",
        Reason::Duplicate if key == "accounts" => {
            "write one row per account and start; name `valid_from` where attributes change"
        }
        Reason::Duplicate if key == PANEL_TABLE => "write one row per account and day",
        Reason::Duplicate => "check that `record_id` identifies a record",
        Reason::NotALabel => {
            "add the word to `positive` or `negative` of the label, or to `read = { null = [...] }`"
        }
        Reason::OtherKind | Reason::AfterAsOf => "",
    }
}
