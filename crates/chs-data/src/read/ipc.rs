//! Arrow IPC: checked for completeness first, then read a record batch at a time.
//!
//! The file form (Feather version 2) and the stream form are told apart by their first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatchReader;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::ArrowError;

use super::ReadRequest;
use super::arrow::{Columns, names, to_writer};
use super::batch::BatchWriter;
use super::error::{ReadError, ReadProblem};

/// Both ends of the file form.
const MAGIC: &[u8] = b"ARROW1";
/// The start of each message of the stream form ...
const MESSAGE: &[u8] = &[0xff; 4];
/// ... and its end: a message without length.
const END: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Names of the columns.
pub(super) fn columns(path: &Path) -> Result<Vec<String>, ReadError> {
    Ok(names(&open(path)?.schema()))
}

/// Reads all rows.
pub(super) fn read<E: From<ReadError>>(
    path: &Path,
    request: &ReadRequest,
    writer: &mut BatchWriter<E>,
) -> Result<(), E> {
    let mut batches = open(path)?;
    let columns = Columns::new(&batches.schema(), request)
        .map_err(|problem| ReadError::new(path, problem))?;
    let mut first = 1;
    while let Some(batch) = guarded(path, || batches.next().transpose())? {
        let mut each = to_writer(writer);
        guarded(path, || columns.rows(&batch, first, request.options, &mut each))??;
        first += batch.num_rows() as u64;
    }
    Ok(())
}

/// Runs a step of the Arrow reader, which meets some kinds of damage with a panic.
fn guarded<T>(path: &Path, step: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, ReadError> {
    let damaged = |detail| ReadError::new(path, ReadProblem::Arrow { detail });
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(outcome) => outcome.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its schema or its batches are damaged".into())),
    }
}

/// Opens a file that is complete.
fn open(path: &Path) -> Result<Box<dyn RecordBatchReader>, ReadError> {
    let refuse = |error: &io::Error| ReadError::io(path, error);
    let mut file = File::open(path).map_err(|error| refuse(&error))?;
    let form = form(&mut file)
        .map_err(|error| refuse(&error))?
        .map_err(|problem| ReadError::new(path, problem))?;
    guarded(path, || {
        let batches: Box<dyn RecordBatchReader> = match form {
            Form::File => Box::new(FileReader::try_new_buffered(file, None)?),
            Form::Stream => Box::new(StreamReader::try_new(BufReader::new(file), None)?),
        };
        Ok(batches)
    })
}

enum Form {
    File,
    Stream,
}

/// The form that the first bytes tell, if the last ones are those of the same form.
fn form(file: &mut File) -> io::Result<Result<Form, ReadProblem>> {
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(MAGIC.len() as u64).read_to_end(&mut start)?;
    let (form, end, expected) = if start.starts_with(MESSAGE) {
        (Form::Stream, END, "the mark of the stream's end")
    } else if MAGIC.starts_with(&start) || start.starts_with(MAGIC) {
        (Form::File, MAGIC, "the footer `ARROW1` at its end")
    } else {
        return Ok(Err(ReadProblem::NotArrow));
    };
    let cut = Ok(Err(ReadProblem::CutOff { expected }));
    if length < (start.len() + end.len()) as u64 {
        return cut;
    }
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(length - end.len() as u64))?;
    file.read_to_end(&mut last)?;
    file.rewind()?;
    if last == end { Ok(Ok(form)) } else { cut }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, RecordBatch};
    use arrow_ipc::writer::{FileWriter, StreamWriter};

    use super::super::{ReadOptions, check};
    use super::*;

    /// Both forms of a table of a hundred thousand rows in two batches.
    fn written(rows: i64) -> [(&'static str, Vec<u8>); 2] {
        let batch = |first: i64| {
            let numbers = Arc::new(Int64Array::from_iter_values(first..first + rows)) as _;
            RecordBatch::try_from_iter([("b", numbers)]).unwrap()
        };
        let (one, two) = (batch(1), batch(rows + 1));
        let mut file = FileWriter::try_new(Vec::new(), &one.schema()).unwrap();
        let mut stream = StreamWriter::try_new(Vec::new(), &one.schema()).unwrap();
        for batch in [&one, &two] {
            file.write(batch).unwrap();
            stream.write(batch).unwrap();
        }
        [("a.arrow", file.into_inner().unwrap()), ("a.ipc", stream.into_inner().unwrap())]
    }

    #[test]
    fn both_forms_are_read_under_any_of_their_extensions() {
        for (name, bytes) in written(40_000) {
            let read = check::read(name, &bytes, "b", &ReadOptions::default()).unwrap();
            let expected = (1..=80_000).map(|number| format!("{number}: {number}"));
            assert!(read.rows.into_iter().eq(expected), "{name}");
            let summary = read.summary.unwrap();
            assert_eq!((summary.rows_read, summary.bytes), (80_000, bytes.len() as u64));
        }
    }

    #[test]
    fn damage_is_an_error_or_passes_but_never_panics() {
        for (name, bytes) in written(3) {
            let refused = (8..bytes.len() - 8).filter(|at| {
                let mut damaged = bytes.clone();
                damaged[*at] ^= 0xff;
                check::read(name, &damaged, "b", &ReadOptions::default()).is_err()
            });
            assert!(refused.count() > 20, "{name}");
            for length in 1..bytes.len() {
                let error = check::read(name, &bytes[..length], "b", &ReadOptions::default());
                let problem = error.unwrap_err().problem;
                assert!(
                    matches!(problem, ReadProblem::CutOff { .. } | ReadProblem::NotArrow),
                    "{name} {length}: {problem}"
                );
            }
        }
    }
}
