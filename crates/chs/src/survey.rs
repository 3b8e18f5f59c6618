//! What a folder of files holds: its tables, their columns, and what the cells look like.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chs_data::{Record, RecordCell, RecordColumn, RecordKind, read_records, record_columns};
use jiff::civil::{Date, DateTime};

use crate::Error;

/// Rows of a table that are looked at.
const ROWS: usize = 200_000;
/// Files of a table that are looked at, from the first to the last by name.
const FILES: usize = 12;
/// Distinct values that are kept of a column that is no id.
const FEW: usize = 13;
/// Formats of dates that are tried where ISO 8601 does not fit.
const FORMATS: [&str; 6] =
    ["%d.%m.%Y", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"];
/// Extensions of tables, also packed.
const EXTENSIONS: [&str; 11] = [
    "csv", "tsv", "ndjson", "jsonl", "parquet", "arrow", "ipc", "feather", "arrows", "xlsx", "xlsm",
];

/// A table of the folder.
#[derive(Clone, Debug)]
pub(crate) struct SurveyedTable {
    /// Path below the folder; a glob where a folder holds many files with the same columns.
    pub(crate) path: String,
    /// Its name, for `chs.toml`: letters, digits, `_`.
    pub(crate) name: String,
    /// Rows that were looked at.
    pub(crate) rows: usize,
    /// Its columns.
    pub(crate) columns: Vec<SurveyedColumn>,
}

/// A column of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct SurveyedColumn {
    /// Its name.
    pub(crate) name: String,
    /// Cells that are not empty.
    pub(crate) filled: usize,
    /// Cells that are numbers.
    numbers: usize,
    /// Cells that are dates of ISO 8601, then by format.
    dates: [usize; FORMATS.len() + 1],
    /// Different values: of an id all, else the first few.
    pub(crate) values: BTreeSet<String>,
}

/// How a column writes its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateFormat {
    /// As ISO 8601 has them.
    Iso,
    /// By a strptime pattern.
    Pattern(&'static str),
}

impl SurveyedColumn {
    /// Its name in small letters and digits alone.
    pub(crate) fn plain(&self) -> String {
        plain(&self.name)
    }

    /// Whether its name holds one of these words.
    pub(crate) fn names(&self, words: &[&str]) -> bool {
        let plain = self.plain();
        words.iter().any(|word| plain.contains(word))
    }

    /// How dates are written, where nearly all cells are dates: as most of them are.
    pub(crate) fn date_format(&self) -> Option<DateFormat> {
        let best = (0..self.dates.len()).rev().max_by_key(|index| self.dates.get(*index))?;
        let nearly_all = self.dates.get(best).is_some_and(|dates| dates * 10 >= self.filled * 9);
        let pattern = best.checked_sub(1).and_then(|index| FORMATS.get(index));
        (nearly_all && self.filled > 0)
            .then(|| pattern.map_or(DateFormat::Iso, |pattern| DateFormat::Pattern(pattern)))
    }

    /// Whether all cells are numbers, but for a few.
    pub(crate) fn is_number(&self) -> bool {
        self.filled > 0 && self.numbers * 1_000 >= self.filled * 999
    }

    /// Whether it holds a few words, as a segment does.
    pub(crate) fn is_segment(&self, rows: usize) -> bool {
        (2..FEW).contains(&self.values.len())
            && self.filled * 10 >= rows * 9
            && !self.is_number()
            && self.date_format().is_none()
    }

    /// Whether it names each row: filled, and no value twice.
    pub(crate) fn is_unique(&self, rows: usize) -> bool {
        rows > 0 && self.filled == rows && self.values.len() == rows
    }

    fn take(&mut self, cell: &RecordCell<'_>) {
        let RecordCell::Text(text) = cell else { return };
        self.filled += 1;
        self.numbers += usize::from(text.parse::<f64>().is_ok_and(f64::is_finite));
        if let Some(format) = date_format(text)
            && let Some(count) = self.dates.get_mut(format)
        {
            *count += 1;
        }
        if self.values.len() < FEW || self.plain().ends_with("id") {
            self.values.insert(text.clone().into_owned());
        }
    }
}

/// Small letters and digits of a name.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// 0 for ISO 8601, with or without a time; else one more than the index of the format.
fn date_format(text: &str) -> Option<usize> {
    let text = text.trim();
    let day = text.get(..10).is_some_and(|day| day.parse::<Date>().is_ok());
    if day && text.get(10..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', ' '])) {
        return Some(0);
    }
    if !text.contains(['.', '/']) {
        return None;
    }
    let fits = |format: &str| {
        if format.contains("%H") {
            DateTime::strptime(format, text).is_ok()
        } else {
            Date::strptime(format, text).is_ok()
        }
    };
    FORMATS.iter().position(|format| fits(format)).map(|index| index + 1)
}

/// The tables of a folder and of the folders in it, by path; at most 200,000 rows of each are looked at,
/// of a folder of like files those of twelve.
///
/// # Errors
///
/// [`Error::Unreadable`] where the folder is none, [`Error::NoTables`] where nothing in it is a table.
pub(crate) fn survey(folder: &Path) -> Result<Vec<SurveyedTable>, Error> {
    let unreadable = |source: io::Error| Error::Unreadable {
        path: folder.to_owned(),
        expected: "a folder of data files",
        source,
    };
    let mut tables = Vec::new();
    for path in entries(folder).map_err(unreadable)? {
        if path.is_dir() {
            let inside = entries(&path).map_err(unreadable)?;
            tables.extend(folder_of_files(folder, &path, &inside));
        } else {
            tables.extend(table(&[&path], below(folder, &path)));
        }
    }
    if tables.is_empty() {
        return Err(Error::NoTables { folder: folder.to_owned() });
    }
    name_apart(&mut tables);
    Ok(tables)
}

/// Entries of a folder that are not hidden, by name.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| !file_name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

/// One table where many files have the same columns, else a table per file.
fn folder_of_files(base: &Path, folder: &Path, files: &[PathBuf]) -> Vec<SurveyedTable> {
    let files: Vec<&PathBuf> = files.iter().filter(|path| extension(path).is_some()).collect();
    let Some(first) = files.first() else { return Vec::new() };
    let ending = |path: &Path| file_name(path).split_once('.').map(|(_, ending)| ending.to_owned());
    let columns = record_columns(first).ok();
    let alike = |path: &&PathBuf| {
        ending(path) == ending(first) && columns.is_some() && record_columns(path).ok() == columns
    };
    if files.len() > 1 && files.iter().all(alike) {
        let glob = format!("{}/*.{}", below(base, folder), ending(first).unwrap_or_default());
        return table(&spread(&files), glob).into_iter().collect();
    }
    files.into_iter().filter_map(|path| table(&[path], below(base, path))).collect()
}

/// At most [`FILES`] of the files, evenly from the first to the last.
fn spread<'a>(files: &[&'a PathBuf]) -> Vec<&'a Path> {
    let kept = files.len().min(FILES);
    let place = |number: usize| number * (files.len() - 1) / (kept - 1).max(1);
    (0..kept).filter_map(|number| files.get(place(number)).map(|path| path.as_path())).collect()
}

/// What files with the same columns hold; none where they are no table, or cannot be read as one.
fn table(files: &[&Path], path: String) -> Option<SurveyedTable> {
    let first = *files.first()?;
    extension(first)?;
    let names = record_columns(first).ok()?;
    let wanted: Vec<RecordColumn<'_>> =
        names.iter().map(|name| RecordColumn { name, kind: RecordKind::Id }).collect();
    let mut columns: Vec<SurveyedColumn> = names
        .iter()
        .map(|name| SurveyedColumn { name: name.clone(), ..SurveyedColumn::default() })
        .collect();
    let mut rows = 0;
    for (file, number) in files.iter().zip(1..) {
        let upto = ROWS * number / files.len();
        read_records(file, &wanted, &mut |record| {
            let Record::Cells(cells) = record else { return };
            if rows < upto {
                rows += 1;
                columns.iter_mut().zip(cells).for_each(|(column, cell)| column.take(cell));
            }
        })
        .ok()?;
    }
    let stem = path.split('/').next().filter(|_| path.contains('*')).unwrap_or(file_name(first));
    let stem = stem.split('.').next().unwrap_or_default();
    let sign =
        |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '_' };
    Some(SurveyedTable { name: stem.chars().map(sign).collect(), path, rows, columns })
}

/// A word before all names is left out, and names that stand twice get a number.
fn name_apart(tables: &mut [SurveyedTable]) {
    let first = tables.first().map(|table| table.name.clone()).unwrap_or_default();
    let word = first.split_inclusive('_').next().filter(|word| word.ends_with('_'));
    if let Some(word) = word
        && tables.len() > 1
        && tables
            .iter()
            .all(|table| table.name.strip_prefix(word).is_some_and(|rest| !rest.is_empty()))
    {
        for table in &mut *tables {
            table.name = table.name.replacen(word, "", 1);
        }
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for table in tables {
        let name = table.name.clone();
        let mut number = 2;
        while !taken.insert(table.name.clone()) {
            table.name = format!("{name}_{number}");
            number += 1;
        }
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// The extension, where it is one of a table.
fn extension(path: &Path) -> Option<&'static str> {
    let name = file_name(path).to_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    let own = name.rsplit_once('.')?.1;
    EXTENSIONS.into_iter().find(|known| *known == own)
}

fn below(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{FILES, spread};

    #[test]
    fn of_many_files_the_first_the_last_and_some_between_are_looked_at() {
        let files: Vec<PathBuf> = (10..99).map(|month| format!("{month}.csv").into()).collect();
        let files: Vec<&PathBuf> = files.iter().collect();
        let some = spread(&files);
        assert_eq!(some.len(), FILES);
        assert_eq!((some[0], some[11]), (files[0].as_path(), files[88].as_path()));
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(spread(&files[..1]), [files[0]]);
        assert_eq!(spread(&files[..3]).len(), 3);
    }
}
