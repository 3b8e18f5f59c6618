//! The file `fit.json`: its wire types, one module per version.

mod convert;
mod further;
pub mod v1;

/// The JSON Schema (2020-12) of `fit.json`, in its newest version.
pub fn fit_schema() -> serde_json::Value {
    schemars::schema_for!(v1::Fit).to_value()
}
