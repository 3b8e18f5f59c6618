//! The file `compare.json`: its wire types, one module per version.

pub mod v1;
