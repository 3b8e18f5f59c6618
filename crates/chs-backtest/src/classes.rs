//! What figures are broken down by: the segments of the panel, and classes of tenure and value.

use chs_panel::{Named, NumberColumn, Panel, WordColumn};
use chs_stats::quantile;

use crate::Settings;

/// Name of the classes by the days since the start.
const TENURE: &str = "tenure_class";
/// Name of the classes by value.
const VALUE: &str = "value_class";

/// Days since the start from which a class begins; its name sorts where it belongs.
const TENURES: [(f64, &str); 4] = [
    (0.0, "0 to 179 days"),
    (180.0, "180 to 364 days"),
    (365.0, "365 to 729 days"),
    (730.0, "730 days and more"),
];

const THIRDS: [&str; 3] = ["1 lowest third", "2 middle third", "3 highest third"];

/// The segments of the panel, then `tenure_class` where an indicator counts the days since the start and
/// `value_class`, thirds of the rows by value, where the panel has values. A segment of the user's that
/// has one of these names stays in its place.
pub(crate) fn classes(panel: &Panel, settings: &Settings) -> Vec<Named<WordColumn>> {
    let mut classes = panel.segments().to_vec();
    let is_free = |name: &str| panel.segments().iter().all(|segment| segment.name != name);
    let tenure = settings.tenure_indicator.as_deref().and_then(|name| panel.indicator(name));
    if let Some(days) = tenure.and_then(|values| values.numbers()).filter(|_| is_free(TENURE)) {
        classes.push(Named { name: TENURE.to_owned(), column: by_tenure(days) });
    }
    if let Some(values) = panel.value().filter(|_| is_free(VALUE)) {
        classes.extend(by_value(values).map(|column| Named { name: VALUE.to_owned(), column }));
    }
    classes
}

fn by_tenure(days: &NumberColumn) -> WordColumn {
    let class = |row: usize| {
        let days = days.get(row)?;
        TENURES.iter().rev().find(|(from, _)| days >= *from).map(|(_, name)| *name)
    };
    WordColumn::from_words((0..days.len()).map(class).collect::<Vec<_>>())
}

/// None where a third of the rows or more have one value, so that there are no thirds.
fn by_value(values: &NumberColumn) -> Option<WordColumn> {
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
        THIRDS.get(third).copied()
    };
    Some(WordColumn::from_words((0..values.len()).map(class).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use chs_panel::NumberColumn;

    use super::{by_tenure, by_value};

    #[test]
    fn classes_begin_at_their_edges() {
        let days = NumberColumn::new(vec![0.0, 179.0, 180.0, 364.9, 365.0, 729.0, 730.0, f64::NAN]);
        let found = by_tenure(&days);
        let words: Vec<_> = (0..7).map(|row| found.get(row).unwrap()).collect();
        assert_eq!(words[..2], ["0 to 179 days"; 2]);
        assert_eq!(words[2..4], ["180 to 364 days"; 2]);
        assert_eq!(words[4..6], ["365 to 729 days"; 2]);
        assert_eq!((words[6], found.get(7)), ("730 days and more", None));
        assert!(found.words().is_sorted());
    }

    #[test]
    fn values_fall_into_thirds() {
        let values = |values: &[f64]| by_value(&NumberColumn::new(values.to_vec()));
        let found = values(&[6.0, 1.0, 4.0, 2.0, 5.0, 3.0]).unwrap();
        let counts = found
            .words()
            .iter()
            .map(|word| (0..6).filter(|row| found.get(*row) == Some(word.as_str())).count());
        assert_eq!(counts.collect::<Vec<_>>(), [2, 2, 2]);
        assert_eq!(found.get(1), Some("1 lowest third"));
        assert_eq!(values(&[1.0, 1.0, 1.0, 1.0, 5.0, 6.0]), None, "no thirds");
        assert_eq!(values(&[]), None);
    }
}
