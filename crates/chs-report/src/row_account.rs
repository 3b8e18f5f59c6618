//! Every row accounted for.

use std::collections::BTreeMap;

use crate::wording::{spaced, thousands};
use crate::{Column, LoadedTable, Table};

/// The row account: one row per table, then their sum. Rows read are rows used and rows not used.
pub fn row_account(tables: &[LoadedTable]) -> Table {
    let mut account = Table::new(vec![
        Column::words("table"),
        Column::numbers("files"),
        Column::numbers("rows read"),
        Column::numbers("used"),
        Column::numbers("not used"),
        Column::words("why not used"),
    ]);
    for table in tables {
        account.push(cells(table));
    }
    if tables.len() > 1 {
        account.push(cells(&sum(tables)));
    }
    account
}

/// Whether rows read are rows used and rows not used, in every table.
pub(crate) fn adds_up(tables: &[LoadedTable]) -> bool {
    tables.iter().all(|table| table.read == table.used + table.rejected_rows())
}

fn cells(table: &LoadedTable) -> Vec<String> {
    let reasons: Vec<String> = table
        .rejected
        .iter()
        .filter(|(_, rows)| **rows > 0)
        .map(|(reason, rows)| format!("{} {}", thousands(rows), spaced(reason)))
        .collect();
    vec![
        table.name.clone(),
        thousands(table.files),
        thousands(table.read),
        thousands(table.used),
        thousands(table.rejected_rows()),
        reasons.join(", "),
    ]
}

fn sum(tables: &[LoadedTable]) -> LoadedTable {
    let mut rejected: BTreeMap<String, u64> = BTreeMap::new();
    for (reason, rows) in tables.iter().flat_map(|table| &table.rejected) {
        *rejected.entry(reason.clone()).or_default() += rows;
    }
    LoadedTable {
        name: "all".to_owned(),
        files: tables.iter().map(|table| table.files).sum(),
        read: tables.iter().map(|table| table.read).sum(),
        used: tables.iter().map(|table| table.used).sum(),
        rejected,
        ..LoadedTable::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{adds_up, row_account};
    use crate::LoadedTable;

    fn table(name: &str, used: u64, rejected: &[(&str, u64)]) -> LoadedTable {
        let rejected: BTreeMap<String, u64> =
            rejected.iter().map(|(reason, rows)| ((*reason).to_owned(), *rows)).collect();
        let read = used + rejected.values().sum::<u64>();
        LoadedTable { name: name.into(), files: 2, read, used, rejected, ..LoadedTable::default() }
    }

    #[test]
    fn tables_and_their_sum_are_listed() {
        let tables = [
            table("accounts", 1_990, &[("bad_date", 7), ("duplicate", 0)]),
            table("logins", 50_000, &[("bad_date", 3), ("unknown_account", 1_200)]),
        ];
        let account = row_account(&tables);
        let last = ["all", "4", "53,200", "51,990", "1,210", "10 bad date, 1,200 unknown account"];
        assert_eq!(account.rows()[0], ["accounts", "2", "1,997", "1,990", "7", "7 bad date"]);
        assert_eq!(account.rows()[2], last);
        assert_eq!(row_account(&tables[..1]).rows().len(), 1);
    }

    #[test]
    fn a_lost_row_is_noticed() {
        let sound = table("accounts", 10, &[("bad_date", 1)]);
        let lossy = LoadedTable { used: 9, ..sound.clone() };
        assert!(adds_up(std::slice::from_ref(&sound)));
        assert!(!adds_up(&[sound, lossy]));
    }
}
