//! The accounts: where their ids, starts and attributes come from.

use super::{FileTable, Name};

/// Where the accounts come from.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// A table, or the ids found in a source.
    pub origin: AccountsOrigin,
    /// Categories to report by: columns of the table.
    pub segments: Vec<Name>,
    /// Revenue at stake: a column of the table.
    pub value: Option<Name>,
    /// Column of the time from which a row's attributes hold; each account may have several rows then.
    pub valid_from: Option<Name>,
    /// Columns that never change, so that the table tells them as they were without `valid_from`.
    pub immutable: Vec<Name>,
}

impl Accounts {
    /// Whether a column of the table is known as it was at any time.
    pub fn is_known_as_it_was(&self, column: &str) -> bool {
        self.valid_from.is_some() || self.immutable.iter().any(|name| name.value == column)
    }
}

/// Origin of the account ids.
#[derive(Clone, Debug)]
pub enum AccountsOrigin {
    /// A table with a row per account.
    Table {
        /// Its files.
        table: FileTable,
        /// Column of the id.
        id: Name,
        /// Column of the start of the relationship.
        start: Option<Name>,
    },
    /// The ids of a source; an account starts with its first row.
    Source(Name),
}
