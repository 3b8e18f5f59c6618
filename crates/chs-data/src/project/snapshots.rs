//! The section `[snapshots]`.

use std::fmt;

use chs_panel::{Span, SpanUnit};
use chs_toml::{Table, Value};
use jiff::civil::Date;

use super::convert::{Declared, reference, span};

/// When snapshots are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshots {
    /// On which days.
    pub days: SnapshotDays,
    /// First day; default the first month end of the data, or its first day for anchored snapshots.
    pub from: Option<Date>,
    /// Last day a snapshot may have; default the last day of the data.
    pub to: Option<Date>,
}

/// The days of snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotDays {
    /// The same for all accounts: whole steps of days or calendar months.
    Every(Span),
    /// Those of each account: at offsets from its own dates.
    Anchored {
        /// Whose dates.
        anchor: Anchor,
        /// Distances from each date.
        offsets: Vec<Offset>,
    },
}

/// What holds the dates that snapshots are anchored on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Index into [`Project::outcomes`](super::Project::outcomes); its dates.
    Outcome(usize),
    /// Index into [`Project::sources`](super::Project::sources); the event times of its rows.
    Source(usize),
}

/// A distance from a date, in whole days or calendar months, such as "-90d".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// How far.
    pub span: Span,
    /// Towards the past.
    pub is_before: bool,
}

impl fmt::Display for Offset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", if self.is_before { "-" } else { "" }, self.span)
    }
}

impl Snapshots {
    /// Month ends over the range of the data.
    fn month_ends() -> Self {
        Self { days: SnapshotDays::Every(Span::months(1)), from: None, to: None }
    }
}

pub(super) fn snapshots(root: &Table<'_>, declared: &Declared) -> Option<Snapshots> {
    let Some(table) = root.table("snapshots") else { return Some(Snapshots::month_ends()) };
    let days = match table.get("anchor") {
        Some(anchor) => anchored(&table, anchor, declared),
        None => every(&table),
    };
    let (from, to) = (table.date("from"), table.date("to"));
    if let (Some(from), Some(to)) = (&from, &to)
        && from.value > to.value
    {
        table.mistake_at(
            to.span.clone(),
            format!("`to` {} lies before `from` {}", to.value, from.value),
            None,
        );
    }
    Some(Snapshots { days: days?, from: from.map(|day| day.value), to: to.map(|day| day.value) })
}

fn every(table: &Table<'_>) -> Option<SnapshotDays> {
    if let Some(offsets) = table.get("offsets") {
        let help = "add `anchor = \"...\"`, or remove `offsets`".to_owned();
        offsets.mistake("`offsets` are distances from an `anchor`, and there is none", Some(help));
    }
    let Some(value) = table.get("every") else {
        return Some(Snapshots::month_ends().days);
    };
    let every = span(value)?;
    if every.is_zero() || !is_whole_days(every) {
        table.mistake(
            format!("`every = \"{every}\"` is no step of whole days or months"),
            Some("write \"1mo\", \"1w\" or \"1d\"".into()),
        );
    }
    Some(SnapshotDays::Every(every))
}

fn anchored(table: &Table<'_>, anchor: Value<'_>, declared: &Declared) -> Option<SnapshotDays> {
    if let Some(every) = table.get("every") {
        let help = "remove `every`, or `anchor` and `offsets`".to_owned();
        every.mistake("`every` and `anchor` stand together; expected exactly one", Some(help));
    }
    let found = anchor.as_text().and_then(|name| find(anchor, &name.value, declared));
    let offsets = table.require("offsets")?;
    let read = offsets.each(offset)?;
    if read.is_empty() {
        let help = "write `offsets = [\"-90d\", \"-60d\", \"-30d\"]`".to_owned();
        offsets.mistake("`offsets` is empty; no snapshot would be taken", Some(help));
        return None;
    }
    Some(SnapshotDays::Anchored { anchor: found?, offsets: read })
}

/// An outcome of that name, else a source.
fn find(value: Value<'_>, name: &str, declared: &Declared) -> Option<Anchor> {
    if declared.outcomes.iter().any(|known| known == name) {
        return reference(value, "outcome", &declared.outcomes).map(Anchor::Outcome);
    }
    let mut known = declared.outcomes.clone();
    known.extend(declared.sources.iter().cloned());
    let index = reference(value, "outcome or source", &known)?;
    index.checked_sub(declared.outcomes.len()).map(Anchor::Source)
}

fn offset(value: &Value<'_>) -> Option<Offset> {
    let text = value.as_text()?.value;
    let (is_before, length) = match text.strip_prefix('-') {
        Some(length) => (true, length),
        None => (false, text.as_str()),
    };
    let span: Option<Span> = length.parse().ok();
    let found = span.filter(|span| is_whole_days(*span)).map(|span| Offset { span, is_before });
    if found.is_none() {
        let help = "write for example \"-90d\", \"-3mo\" or \"0d\"".to_owned();
        value.mistake(format!("`{text}` is no distance in whole days or months"), Some(help));
    }
    found
}

fn is_whole_days(span: Span) -> bool {
    span.unit() >= SpanUnit::Month || span.minutes() % 1_440 == 0
}
