//! What keeps a file, or the answer to a query, from being read, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A file that could not be read: which one, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("read {}: {problem}", path.display())]
#[non_exhaustive]
pub struct ReadError {
    /// The file, the pattern that was to find files, or where the query stands.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: ReadProblem,
}

/// What can be wrong with a file as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadProblem {
    /// The path leads nowhere.
    #[error("no such file{}", listed(files))]
    NotFound {
        /// The name that the path ends in.
        name: String,
        /// Files of the folder it leads to, by name; empty if there is no such folder.
        files: Vec<String>,
    },
    /// The glob matches no file.
    #[error("the pattern matches no file in {}{}", folder.display(), listed(files))]
    NoMatch {
        /// The part of the pattern after the folder.
        pattern: String,
        /// The folder that the pattern starts from.
        folder: PathBuf,
        /// Files in that folder, by name.
        files: Vec<String>,
    },
    /// The glob cannot be understood.
    #[error("the pattern is not valid: {detail}")]
    Pattern {
        /// What the glob says of itself.
        detail: String,
    },
    /// A folder where a file was expected.
    #[error("this is a folder, expected a file")]
    Folder,
    /// The file may not be read.
    #[error("no permission to read it")]
    Permission,
    /// The operating system or an unpacker fails.
    #[error("{detail}")]
    Unreadable {
        /// Its words.
        detail: String,
    },
    /// The extension tells no kind of file that can be read.
    #[error("the extension tells no known kind of file")]
    UnknownKind,
    /// No byte, or no line that holds anything.
    #[error("the file is empty, expected at least {expected}")]
    Empty {
        /// The least that such a file holds.
        expected: &'static str,
    },
    /// The extension tells a packing that the bytes do not have.
    #[error("the bytes are not {expected}, as the extension says")]
    NotPacked {
        /// Name of the packing.
        expected: &'static str,
    },
    /// The file ends before its end.
    #[error("the file is cut off or still being written: expected {expected}")]
    CutOff {
        /// What should stand at its end.
        expected: &'static str,
    },
    /// No Parquet file, whatever its extension says.
    #[error("the bytes are not Parquet, as the extension says: expected `PAR1` at its start")]
    NotParquet,
    /// A Parquet file whose inside is damaged or of an unknown kind.
    #[error("the Parquet file cannot be read: {detail}")]
    Parquet {
        /// Words of the Parquet reader.
        detail: String,
    },
    /// No Arrow IPC, whatever its extension says.
    #[error(
        "the bytes are not Arrow IPC, as the extension says: expected `ARROW1` or ff ff ff ff at its start"
    )]
    NotArrow,
    /// Arrow IPC whose inside is damaged or of an unknown kind.
    #[error("the Arrow file cannot be read: {detail}")]
    Arrow {
        /// Words of the Arrow reader.
        detail: String,
    },
    /// No workbook, whatever its extension says.
    #[error("the bytes are not an xlsx workbook, as the extension says: expected a zip archive")]
    NotWorkbook,
    /// A workbook of the old kind, or one with a password, which is packed in the same way.
    #[error("this is a workbook of the old kind (xls), or one with a password")]
    OldWorkbook,
    /// A workbook whose inside is damaged or of an unknown kind.
    #[error("the workbook cannot be read: {detail}")]
    Workbook {
        /// What of it, and how.
        detail: String,
    },
    /// The workbook has no sheet of that name.
    #[error("no sheet `{sheet}`; the workbook has {}", quoted(sheets))]
    NoSheet {
        /// The wanted name.
        sheet: String,
        /// The names that are there.
        sheets: Vec<String>,
    },
    /// The way to the database is not set.
    #[error("the environment variable `{variable}` is not set")]
    SecretUnset {
        /// Its name.
        variable: String,
    },
    /// The driver of the database cannot be loaded.
    #[error("the driver `{driver}` cannot be loaded: {detail}")]
    Driver {
        /// As declared.
        driver: String,
        /// Words of the loader, without secrets.
        detail: String,
    },
    /// The database cannot be reached.
    #[error("no connection to what `{variable}` holds: {detail}")]
    Connection {
        /// The environment variable.
        variable: String,
        /// Words of the driver, without secrets.
        detail: String,
    },
    /// The database refuses the question, or breaks off in its answer.
    #[error("the database refuses: {detail}")]
    Query {
        /// Words of the driver, without secrets.
        detail: String,
    },
    /// The delimiter is no single byte.
    #[error("the delimiter {delimiter:?} is not an ASCII character")]
    Delimiter {
        /// As declared.
        delimiter: char,
    },
    /// A column that is wanted is not there.
    #[error("no column `{column}`; the file has {}", quoted(columns))]
    MissingColumn {
        /// The wanted name.
        column: String,
        /// The names that are there.
        columns: Vec<String>,
        /// A better guess at the cause than a misspelt name.
        hint: Option<String>,
    },
    /// A column that is wanted is there more than once.
    #[error("more than one column is called `{column}`, expected one")]
    DuplicateColumn {
        /// The wanted name.
        column: String,
    },
    /// A column that is wanted has a type that has no cell.
    #[error(
        "column `{column}` has the type {kind}, expected text, numbers, booleans, dates or times"
    )]
    UnsupportedType {
        /// The wanted name.
        column: String,
        /// The type, as Arrow calls it.
        kind: String,
    },
    /// A quote opens and swallows the rest of the file.
    #[error("a quote in the row that starts at line {line} is never closed")]
    UnclosedQuote {
        /// Line on which the row starts, from 1.
        line: u64,
    },
}

impl ReadError {
    pub(super) fn new(path: &Path, problem: ReadProblem) -> ReadError {
        ReadError { path: path.into(), problem }
    }

    /// What the operating system, or an unpacker in its name, reports.
    pub(super) fn io(path: &Path, error: &io::Error) -> ReadError {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let files = super::find::files_beside(path);
                ReadProblem::NotFound { name, files }
            }
            io::ErrorKind::PermissionDenied => ReadProblem::Permission,
            io::ErrorKind::IsADirectory => ReadProblem::Folder,
            io::ErrorKind::UnexpectedEof => {
                ReadProblem::CutOff { expected: "the packed data to be complete" }
            }
            _ => ReadProblem::Unreadable { detail: error.to_string() },
        };
        ReadError::new(path, problem)
    }

    /// The line concerned, from 1, if there is one.
    pub fn line(&self) -> Option<u64> {
        match self.problem {
            ReadProblem::UnclosedQuote { line } => Some(line),
            ReadProblem::MissingColumn { .. } | ReadProblem::DuplicateColumn { .. } => Some(1),
            _ => None,
        }
    }

    /// What to do, a lower-case fragment.
    pub fn remedy(&self) -> String {
        match &self.problem {
            ReadProblem::NotFound { name, files } => {
                meant(name, files, "correct the path; it is relative to the project file")
            }
            ReadProblem::NoMatch { pattern, files, .. } => {
                meant(pattern, files, "correct the pattern; it is relative to the project file")
            }
            ReadProblem::Pattern { .. } => "`*` stands for any part of a name, `**` for any \
                 folders, `?` for one character, `[abc]` for one of these"
                .into(),
            ReadProblem::Folder => {
                format!("name the files in it, e.g. `{}`", self.path.join("*.csv").display())
            }
            ReadProblem::Permission => "give yourself the right to read it".into(),
            ReadProblem::Unreadable { .. }
            | ReadProblem::Parquet { .. }
            | ReadProblem::Arrow { .. }
            | ReadProblem::Workbook { .. } => "write the file again, or fetch it again".into(),
            ReadProblem::UnknownKind => "expected csv, tsv, ndjson or jsonl, each also with .gz \
                 or .zst after it, parquet, arrow (ipc, feather) or xlsx"
                .into(),
            ReadProblem::Empty { .. } => {
                "export it again; a table without rows still has its header".into()
            }
            ReadProblem::NotPacked { .. } => "rename the file to what it is".into(),
            ReadProblem::CutOff { .. } => "wait until it is written, or write it again".into(),
            ReadProblem::NotParquet | ReadProblem::NotArrow | ReadProblem::NotWorkbook => {
                "rename the file to what it is, or write it again".into()
            }
            ReadProblem::OldWorkbook => "save it as xlsx, without a password".into(),
            ReadProblem::NoSheet { sheet, sheets } => {
                meant(sheet, sheets, "name one of these sheets: `read = { sheet = \"...\" }`")
            }
            ReadProblem::SecretUnset { variable } => {
                format!("set it to the URI of the database: `export {variable}=...`")
            }
            ReadProblem::Driver { .. } => "install the ADBC driver, or give the path of its \
                 library; `entrypoint` names the function that starts it where it is not the usual one"
                .into(),
            ReadProblem::Connection { variable, .. } => {
                format!("check the URI in `{variable}`, and that the database can be reached from here")
            }
            ReadProblem::Query { .. } => {
                "try the query in a client of the database; it has to return rows".into()
            }
            ReadProblem::Delimiter { .. } => "declare one of `,` `;` `|` or `\\t`".into(),
            ReadProblem::MissingColumn { column, columns, hint } => match hint {
                Some(hint) => hint.clone(),
                None => meant(column, columns, "name one of these columns"),
            },
            ReadProblem::DuplicateColumn { .. } => "rename one of them in the file".into(),
            ReadProblem::UnsupportedType { .. } => {
                "write the column as one of these (a query can `cast` it), or leave it out of the \
                 project file"
                    .into()
            }
            ReadProblem::UnclosedQuote { .. } => {
                "close it; a quote that belongs to a quoted text is written twice".into()
            }
        }
    }
}

fn meant(word: &str, candidates: &[String], otherwise: &str) -> String {
    match chs_toml::nearest(word, candidates.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => otherwise.into(),
    }
}

fn listed(files: &[String]) -> String {
    if files.is_empty() { String::new() } else { format!("; beside it: {}", quoted(files)) }
}

/// Names in backticks; more than twenty would bury the message.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 20;
    if names.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..23).map(|index| format!("c{index}")).collect();
        let text = quoted(&names);
        assert!(text.starts_with("`c0`, `c1`") && text.ends_with("`c19` and 3 more"), "{text}");
        assert_eq!(quoted(&[]), "none");
    }

    #[test]
    fn what_the_system_reports_gets_a_remedy() {
        let check = |kind: io::ErrorKind, message: &str, remedy: &str| {
            let error = ReadError::io(Path::new("/nowhere/x.csv"), &kind.into());
            assert_eq!(error.to_string(), format!("read /nowhere/x.csv: {message}"));
            assert!(error.remedy().contains(remedy), "{}", error.remedy());
        };
        check(io::ErrorKind::NotFound, "no such file", "correct the path");
        check(io::ErrorKind::PermissionDenied, "no permission to read it", "right to read");
        check(io::ErrorKind::IsADirectory, "this is a folder, expected a file", "x.csv/*.csv");
        check(io::ErrorKind::Other, "other error", "again");
    }
}
