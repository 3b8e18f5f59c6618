//! JSON Schema of `chs.toml`.

/// JSON Schema of `chs.toml`.
pub fn project_schema() -> serde_json::Value {
    serde_json::Value::Null
}
