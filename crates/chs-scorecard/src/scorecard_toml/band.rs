//! Bands and actions of the file.

use chs_toml::{Table, Value};

use super::{days, report};
use crate::band::{Action, Band, Bands};

/// The bands of the file or of a component; none where absent or broken.
pub(super) fn bands(table: &Table<'_>) -> Option<Bands> {
    let value = table.get("bands")?;
    let list = value.as_list()?;
    let bands: Vec<Option<Band>> =
        list.iter().map(|value| value.as_table().and_then(|table| band(&table))).collect();
    let bands = bands.into_iter().collect::<Option<Vec<Band>>>()?;
    let edges: Vec<f64> = bands.iter().map(|band| band.from).collect();
    let names: Vec<&str> = bands.iter().map(|band| band.name.as_str()).collect();
    report(&value, &list, Bands::check_edges(&edges));
    report(&value, &list, Bands::check_names(&names));
    Bands::new(bands)
}

fn band(table: &Table<'_>) -> Option<Band> {
    let name = table.require("name").and_then(|value| words(&value));
    let from = table.require("from").and_then(|value| value.as_number());
    let band = Band {
        name: name.unwrap_or_default(),
        from: from.as_ref().map_or(0.0, |from| from.value),
        color: table.get("color").and_then(|value| words(&value)),
        grade: table.get("grade").and_then(|value| words(&value)),
        actions: actions(table, "actions"),
    };
    (from.is_some() && !band.name.is_empty()).then_some(band)
}

/// The list of actions under a key; empty where absent.
pub(super) fn actions(table: &Table<'_>, key: &str) -> Vec<Action> {
    let Some(list) = table.get(key).and_then(|value| value.as_list()) else { return Vec::new() };
    list.iter().filter_map(|value| action(&value.as_table()?)).collect()
}

fn action(table: &Table<'_>) -> Option<Action> {
    let what = table.require("do").and_then(|value| words(&value));
    let owner = table.get("owner").and_then(|value| words(&value));
    let within_days = table.get("within").and_then(|value| days(&value));
    Some(Action { what: what?, owner, within_days })
}

/// A text that says something.
pub(super) fn words(value: &Value<'_>) -> Option<String> {
    let text = value.as_text()?.value;
    if text.trim().is_empty() {
        value.mistake("the text is empty; expected at least one letter", None);
        return None;
    }
    Some(text)
}
