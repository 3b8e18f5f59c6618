//! Segments made from indicators.

use chs_panel::{IndicatorValues, Named, WordColumn};

use crate::project::IndicatorSegment;
use crate::replay::ReplayError;

/// The category of each row; missing where the indicator is.
pub(super) fn cut(
    plan: &IndicatorSegment,
    indicators: &[Named<IndicatorValues>],
) -> Result<Named<WordColumn>, ReplayError> {
    let column = indicators.get(plan.indicator);
    let Some(numbers) = column.and_then(|indicator| indicator.column.numbers()) else {
        return Err(ReplayError::NoNumber {
            asked: format!("segment `{}`", plan.name.value),
            indicator: column.map_or_else(String::new, |indicator| indicator.name.clone()),
        });
    };
    let rows = (0..numbers.len()).map(|row| numbers.get(row).map(|value| plan.category(value)));
    Ok(Named { name: plan.name.value.clone(), column: WordColumn::from_words(rows) })
}
