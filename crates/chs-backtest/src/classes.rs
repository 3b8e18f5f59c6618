//! What figures are broken down by: the segments of the panel, and classes of tenure and value.

use chs_panel::{Named, NumberColumn, Panel, WordColumn};
use chs_stats::quantile;

use crate::Settings;

/// Name of the classes by the days since the start.
const TENURE: &str = "tenure_class";
/// Name of the classes by value.
const VALUE: &str = "value_class";

/// Thirds of the rows by tenure; their order is that of the names.
const TENURES: [&str; 3] = ["1 newest third", "2 middle third", "3 oldest third"];

/// Thirds of the rows by value.
const VALUES: [&str; 3] = ["1 lowest third", "2 middle third", "3 highest third"];

/// The segments of the panel, then `tenure_class` where an indicator counts the time since the start, in
/// whatever unit, and `value_class` where the panel has values: thirds of the rows. A segment of the user's that
/// has one of these names stays in its place.
pub(crate) fn classes(panel: &Panel, settings: &Settings) -> Vec<Named<WordColumn>> {
    let mut classes = panel.segments().to_vec();
    let is_free = |name: &str| panel.segments().iter().all(|segment| segment.name != name);
    let tenure = settings.tenure_indicator.as_deref().and_then(|name| panel.indicator(name));
    let tenure = tenure.and_then(|values| values.numbers());
    for (name, values, thirds) in [(TENURE, tenure, TENURES), (VALUE, panel.value(), VALUES)] {
        let column = values.filter(|_| is_free(name)).and_then(|values| by_thirds(values, thirds));
        classes.extend(column.map(|column| Named { name: name.to_owned(), column }));
    }
    classes
}

/// None where a third of the rows or more have one value, so that there are no thirds.
fn by_thirds(values: &NumberColumn, names: [&'static str; 3]) -> Option<WordColumn> {
    let mut sorted: Vec<f64> =
        values.as_slice().iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let (lowest, highest) = (sorted.first()?, sorted.last()?);
    let [lower, upper] = [1.0 / 3.0, 2.0 / 3.0].map(|share| quantile(&sorted, share));
    if !(*lowest < lower && lower < upper && upper <= *highest) {
        return None;
    }
    let class = |row: usize| {
        let value = values.get(row)?;
        let third = usize::from(value >= lower) + usize::from(value >= upper);
        names.get(third).copied()
    };
    Some(WordColumn::from_words((0..values.len()).map(class).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use chs_panel::NumberColumn;

    use super::{TENURES, VALUES, by_thirds};

    #[test]
    fn rows_fall_into_thirds() {
        let thirds = |values: &[f64]| by_thirds(&NumberColumn::new(values.to_vec()), VALUES);
        let found = thirds(&[6.0, 1.0, 4.0, f64::NAN, 2.0, 5.0, 3.0]).unwrap();
        let counts = VALUES.map(|word| (0..7).filter(|row| found.get(*row) == Some(word)).count());
        assert_eq!(counts, [2, 2, 2]);
        assert_eq!((found.get(1), found.get(3)), (Some("1 lowest third"), None));
        assert_eq!(thirds(&[1.0, 1.0, 1.0, 1.0, 5.0, 6.0]), None, "no thirds");
        assert_eq!(thirds(&[]), None);
        assert!(VALUES.is_sorted() && TENURES.is_sorted());
    }
}
