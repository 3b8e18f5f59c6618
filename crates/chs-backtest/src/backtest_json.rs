//! The file `backtest.json`: its wire types, one module per version.

mod convert;
pub mod v1;

/// The JSON Schema (2020-12) of `backtest.json`, in its newest version.
pub fn backtest_schema() -> serde_json::Value {
    schemars::schema_for!(v1::Backtest).to_value()
}

#[cfg(test)]
mod tests {
    use super::v1;

    #[test]
    fn a_score_without_later_keys_is_read() {
        let text = r#"{
            "name": "acme", "kind": "recorded", "version": null, "probability_source": null,
            "coverage": { "labelled": 0, "scored": 0, "with_probability": 0, "mean_weight": null },
            "metrics": [], "bands": [], "band_steps": [], "monotone": null
        }"#;
        let found: v1::Scorecard = serde_json::from_str(text).unwrap();
        assert!(found.reliability.is_empty() && found.distribution.is_empty());
        assert!(found.life.portfolio.is_none());
    }
}
