//! The file `backtest.json`: its wire types, one module per version.

mod convert;
pub mod v1;
