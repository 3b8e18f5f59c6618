//! The workbook that `tests/oracles/workbook/make.py` writes with openpyxl.

use super::super::check::{self, Read};
use super::*;

const BOOK: &[u8] = include_bytes!("../../../../../tests/oracles/workbook/book.xlsx");

fn read(sheet: &str, wanted: &str) -> Result<Read, ReadError> {
    let options = ReadOptions { sheet: Some(sheet.to_owned()), ..ReadOptions::default() };
    check::read("a.xlsx", BOOK, wanted, &options)
}

#[test]
fn every_kind_of_cell_is_read_as_excel_shows_it() {
    let read = read("Kinds & more", "text number day time flag formula").unwrap();
    let expected = [
        "3: \"plain\" 17850 2024-02-29 1709201472000000us true \"late\"",
        "4: \"two\\nlines & <signs> ä\" 0.1 1900-01-01 1709164800000000us false null",
        "6: \"0042\" -3 2024-02-29 1709207999999000us null \"#N/A\"",
    ];
    assert_eq!(read.rows, expected);
    // Seven columns, the first without a name, each ended by a zero.
    assert_eq!(read.whole[0].split(|byte| *byte == 0).count(), 8);
    assert!(read.broken.is_empty());
}

#[test]
fn without_a_name_the_first_sheet_is_read() {
    let read = check::read("a.xlsx", BOOK, "id", &ReadOptions::default()).unwrap();
    assert_eq!(read.rows, ["2: \"a\""]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    std::fs::write(&path, BOOK).unwrap();
    assert_eq!(columns(&path, &ReadOptions::default()).unwrap(), ["id", "", "7"]);
}

#[test]
fn a_sheet_without_rows_and_one_that_is_not_there_are_refused() {
    let error = read("Empty", "id").unwrap_err();
    assert!(matches!(error.problem, ReadProblem::Empty { .. }), "{error}");
    let error = read("Firs", "id").unwrap_err();
    assert!(error.to_string().contains("no sheet `Firs`; the workbook has `First`"), "{error}");
    assert_eq!(error.remedy(), "did you mean `First`?");
}

#[test]
fn damage_is_an_error_or_passes_but_never_panics() {
    let mut refused = 0;
    for at in 0..BOOK.len() {
        let mut damaged = BOOK.to_vec();
        damaged[at] ^= 0xff;
        refused +=
            usize::from(check::read("a.xlsx", &damaged, "id", &ReadOptions::default()).is_err());
    }
    assert!(refused > 500, "{refused} of {}", BOOK.len());
    for length in (1..BOOK.len()).step_by(97) {
        let error =
            check::read("a.xlsx", &BOOK[..length], "id", &ReadOptions::default()).unwrap_err();
        assert!(
            matches!(error.problem, ReadProblem::CutOff { .. } | ReadProblem::NotWorkbook),
            "{length}: {error}"
        );
    }
}
