//! What became of the rows that were read.

use crate::document::Document;
use crate::escape::code;
use crate::row_account::adds_up;
use crate::wording::counted;
use crate::{LoadedTable, Loading, row_account};

pub(crate) fn rows(document: &mut Document, loading: &Loading) {
    document.section("Row account");
    if loading.tables.is_empty() {
        document.paragraph("No table was read.");
        return;
    }
    document.table(&row_account(&loading.tables));
    document.paragraph(if adds_up(&loading.tables) {
        "Every row is accounted for: rows read are rows used and rows not used."
    } else {
        "**It does not add up:** rows read are not rows used and rows not used in every table."
    });
    document.list(&loading.tables.iter().filter_map(remark).collect::<Vec<_>>());
}

/// What is worth knowing about used rows.
fn remark(table: &LoadedTable) -> Option<String> {
    let remarks: Vec<String> = [
        (table.before_start, "before the start of the account"),
        (table.unmapped, "with a word that is not in its `map`"),
        (table.corrected, "superseded by a later version, and used as it was known"),
    ]
    .into_iter()
    .filter(|(rows, _)| *rows > 0)
    .map(|(rows, words)| format!("{} {words}", counted(rows, "used row", "used rows")))
    .collect();
    (!remarks.is_empty()).then(|| format!("{}: {}", code(&table.name), remarks.join("; ")))
}
