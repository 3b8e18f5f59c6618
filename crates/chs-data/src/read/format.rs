//! What a file is, by its extension.

use std::path::Path;

use super::error::{ReadError, ReadProblem};

/// The way rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Tsv,
    Ndjson,
    Parquet,
    Arrow,
    Workbook,
}

/// The way a text file is packed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// Kind and packing of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) kind: Kind,
    pub(super) packing: Packing,
}

impl Format {
    /// Reads the extension without regard to case: `a.csv`, `a.tsv.gz`, `a.jsonl.zst`, `a.parquet`,
    /// `a.arrow`, `a.xlsx`.
    pub(super) fn of(path: &Path) -> Result<Format, ReadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let (name, packing) = if let Some(name) = name.strip_suffix(".gz") {
            (name, Packing::Gzip)
        } else if let Some(name) = name.strip_suffix(".zst") {
            (name, Packing::Zstd)
        } else {
            (name.as_str(), Packing::Plain)
        };
        let kind = match (name.rsplit_once('.').map(|(_, extension)| extension), packing) {
            (Some("csv"), _) => Kind::Csv,
            (Some("tsv"), _) => Kind::Tsv,
            (Some("ndjson" | "jsonl"), _) => Kind::Ndjson,
            (Some("parquet"), Packing::Plain) => Kind::Parquet,
            (Some("arrow" | "arrows" | "ipc" | "feather"), Packing::Plain) => Kind::Arrow,
            (Some("xlsx" | "xlsm"), Packing::Plain) => Kind::Workbook,
            _ => return Err(ReadError::new(path, ReadProblem::UnknownKind)),
        };
        Ok(Format { kind, packing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_says_what_a_file_is() {
        let check = |name: &str, kind, packing| {
            assert_eq!(Format::of(Path::new(name)).unwrap(), Format { kind, packing });
        };
        check("a.csv", Kind::Csv, Packing::Plain);
        check("dir.x/A.B.CSV.GZ", Kind::Csv, Packing::Gzip);
        check("a.tsv.zst", Kind::Tsv, Packing::Zstd);
        check("a.ndjson", Kind::Ndjson, Packing::Plain);
        check("a.jsonl.gz", Kind::Ndjson, Packing::Gzip);
        check("a.parquet", Kind::Parquet, Packing::Plain);
        for name in ["a.arrow", "a.arrows", "a.ipc", "a.feather"] {
            check(name, Kind::Arrow, Packing::Plain);
        }
        check("a.xlsx", Kind::Workbook, Packing::Plain);
        check("a.XLSM", Kind::Workbook, Packing::Plain);
    }

    #[test]
    fn other_extensions_are_refused() {
        for name in ["a.docx", "a", "a.gz", "a.parquet.gz", "a.xls", "a.arrow.zst", ".."] {
            let error = Format::of(Path::new(name)).unwrap_err();
            assert!(matches!(error.problem, ReadProblem::UnknownKind), "{name}: {error}");
            assert!(error.remedy().contains("csv, tsv"), "{name}");
        }
    }
}
