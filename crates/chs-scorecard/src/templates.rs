//! Starter scorecards, each a whole `scorecard.toml`.

/// Seven weighted components over the classic signals of a subscription business; bands 0-39 at risk, 40-69
/// attention, 70-100 healthy.
pub const WEIGHTED_7: &str = include_str!("../templates/weighted-7/scorecard.toml");
