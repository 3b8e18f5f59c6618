//! What keeps a file from being read, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A file that could not be read: which one, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("read {}: {problem}", path.display())]
#[non_exhaustive]
pub struct ReadError {
    /// The file, or the pattern that was to find files.
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
            ReadProblem::Unreadable { .. } | ReadProblem::Parquet { .. } => {
                "write the file again, or fetch it again".into()
            }
            ReadProblem::UnknownKind => "expected csv, tsv, ndjson or jsonl, each also with .gz \
                 or .zst after it, or parquet"
                .into(),
            ReadProblem::Empty { .. } => {
                "export it again; a table without rows still has its header".into()
            }
            ReadProblem::NotPacked { .. } => "rename the file to what it is".into(),
            ReadProblem::CutOff { .. } => "wait until it is written, or write it again".into(),
            ReadProblem::NotParquet => "rename the file to what it is, or write it again".into(),
            ReadProblem::Delimiter { .. } => "declare one of `,` `;` `|` or `\\t`".into(),
            ReadProblem::MissingColumn { column, columns, hint } => match hint {
                Some(hint) => hint.clone(),
                None => meant(column, columns, "name one of these columns"),
            },
            ReadProblem::DuplicateColumn { .. } => "rename one of them in the file".into(),
            ReadProblem::UnsupportedType { .. } => {
                "write the column as one of these, or leave it out of the project file".into()
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
