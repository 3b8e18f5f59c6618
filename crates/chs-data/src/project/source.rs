//! A source: how its rows find their account and their time.

use chs_panel::Span;

use super::{FileTable, Name};

/// How the rows of a source find their account.
#[derive(Clone, Debug)]
pub enum AccountKey {
    /// The column of the account id.
    Column(Name),
    /// A column that another source holds beside its own account.
    Via {
        /// The other source.
        source: Name,
        /// The column, of the same name in both.
        on: Name,
    },
}

/// Whether a source speaks for all accounts from its first row on, or for each from its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// From the first row of the source.
    Source,
    /// From the first row of the account.
    Account,
}

/// What a date-only `ended` means at the end of that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastDay {
    /// It is over.
    Over,
    /// It lasts: that day was its last.
    Lasts,
}

/// One table of history.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// Its files.
    pub table: FileTable,
    /// The account of a row.
    pub key: AccountKey,
    /// Column that identifies a record across its versions.
    pub record_id: Option<Name>,
    /// Column of the event time.
    pub at: Name,
    /// Column of the end of what began at the event time, null while it lasts.
    pub ended: Option<Name>,
    /// What a date-only `ended` means.
    pub last_day: LastDay,
    /// Column of the time from which a row could be known.
    pub created: Option<Name>,
    /// Column of the end of this version of the row.
    pub superseded: Option<Name>,
    /// Delay of knowledge where `created` is absent or null.
    pub blind_spot: Option<Span>,
    /// What silence means before the first row.
    pub coverage: Coverage,
    /// IANA name of the time zone of values without offset; default the project's.
    pub time_zone: Option<Name>,
}
