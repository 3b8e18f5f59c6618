//! A table of rows in files, or in the answer to a query.

use super::Name;
use crate::read::{Query, ReadOptions};

/// A table of data in files, or in the answer to a query.
#[derive(Clone, Debug)]
pub struct FileTable {
    /// Where its rows come from.
    pub origin: TableOrigin,
    /// How its cells are read.
    pub read: ReadOptions,
    /// Largest share of rows that may be rejected before the run stops; default 0.01.
    pub max_rejected: f64,
}

/// Where the rows of a table come from.
#[derive(Clone, Debug)]
pub enum TableOrigin {
    /// Files: a path or glob below the data folder.
    Files(Name),
    /// A database.
    Query(Box<Query>),
}

impl TableOrigin {
    /// How messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            TableOrigin::Files(path) => path.value.clone(),
            TableOrigin::Query(_) => "the answer to its query".to_owned(),
        }
    }
}
