//! The file `backtest.json`: its wire types, one module per version.

mod convert;
pub mod v1;

/// The JSON Schema (2020-12) of `backtest.json`, in its newest version.
pub fn backtest_schema() -> serde_json::Value {
    schemars::schema_for!(v1::Backtest).to_value()
}
