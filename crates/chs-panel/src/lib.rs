//! The panel: one row per account and snapshot, with what was known then and what came after.
//!
//! A [`Panel`] is immutable, sorted by snapshot and then account id, and checked when it is made. It
//! holds no IO and knows nothing of files: `chs-data` replays histories into it, `chs-backtest` reads it.
//! A missing number is stored as NaN inside a column and leaves it only as `None` or by the documented
//! slice accessors; infinities never enter. A panel without time, a cross-section, has one row per account
//! at the day [`UNDATED`], and everything that needs time asks [`Panel::is_cross_section`] first.

mod column;
mod finding;
mod label;
mod panel;
mod span;

pub use column::{IndicatorValues, NumberColumn, WordColumn};
pub use finding::{Finding, Level, Rule};
pub use label::{Label, LabelDefinition, LabelState, LabelWindow, NextOutcome, Polarity};
pub use panel::{Named, Panel, PanelError, PanelParts, UNDATED};
pub use span::{Span, SpanError, SpanUnit};
