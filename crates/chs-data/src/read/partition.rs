//! Hive partitions: folders called `name=value` are columns of the files below them.

use std::path::{Component, Path};

use super::Cell;

/// The name that Hive gives to the folder of null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// A column that stands in the path of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its name.
    pub(crate) name: String,
    /// Its value in every row of the file.
    value: Option<String>,
}

impl Partition {
    /// The cell in every row: text or null.
    pub(super) fn cell(&self) -> Cell<'_> {
        self.value.as_deref().map_or(Cell::Null, Cell::Text)
    }
}

/// The columns in the path of a file, from the first folder below `base` on.
pub(crate) fn partitions_of(base: &Path, path: &Path) -> Vec<Partition> {
    let below = path.strip_prefix(base).unwrap_or(path);
    let folders = below.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| {
            let Component::Normal(folder) = folder else { return None };
            let folder = folder.to_string_lossy();
            let (name, value) = folder.split_once('=').filter(|(name, _)| !name.is_empty())?;
            let value = (value != NULL).then(|| percent_decoded(value));
            Some(Partition { name: percent_decoded(name), value })
        })
        .collect()
}

/// `%2F` as `/`: what cannot stand in the name of a folder, or in a URI, is written so. Bytes that are no
/// UTF-8 come as U+FFFD.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Batch, ReadError, ReadOptions, ReadRequest, find_files, read_file};
    use super::*;

    #[test]
    fn columns_of_the_path_stand_in_every_row_and_win() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("not=this");
        let below = base.join("x/plan=pro%2Fplus/region=__HIVE_DEFAULT_PARTITION__");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join("a=b.csv"), "id,plan\n1,free\n2,free\n").unwrap();
        let path = &find_files(&base, "x/*/*/*.csv").unwrap()[0];
        let partitions = partitions_of(&base, path);
        let options = ReadOptions::default();
        let request = ReadRequest {
            wanted: &["region", "id", "plan"],
            whole_rows: true,
            options: &options,
            partitions: &partitions,
        };
        let mut rows = Vec::new();
        read_file(path, &request, &mut |batch: Batch| {
            for row in 0..batch.rows() {
                let mut whole = Vec::new();
                batch.row_bytes(row, &mut whole);
                let cells = [0, 1, 2].map(|column| format!("{:?}", batch.cell(column, row)));
                rows.push((cells.join(" "), whole));
            }
            Ok::<(), ReadError>(())
        })
        .unwrap();
        let expected = |id| format!("Null Text(\"{id}\") Text(\"pro/plus\")");
        let whole = |id| [b"\x01", id, &b"\0\x01free\0\x01pro/plus\0\0"[..]].concat();
        assert_eq!(rows, [(expected("1"), whole(b"1")), (expected("2"), whole(b"2"))]);
    }

    #[test]
    fn names_are_decoded_and_odd_ones_kept() {
        assert_eq!(percent_decoded("a%20b%3d%C3%A4"), "a b=ä");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
        assert!(partitions_of(Path::new("d"), Path::new("d/=x/y/a=b")).is_empty());
    }
}
