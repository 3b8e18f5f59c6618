//! The panel and its invariants.

use std::ops::Range;

use jiff::civil::Date;

use crate::{IndicatorValues, Label, NumberColumn, WordColumn};

/// The day of all rows of a cross-section, which has no time: no snapshot of a history is as early.
pub const UNDATED: Date = Date::MIN;

/// A column under its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T> {
    /// Name, unique in the panel.
    pub name: String,
    /// The column.
    pub column: T,
}

/// What a panel is made of; rows sorted by snapshot, then account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PanelParts {
    /// Distinct account ids, strictly ascending by bytes.
    pub accounts: Vec<String>,
    /// Index into `accounts` per row.
    pub account: Vec<u32>,
    /// Day at whose end the row was taken; [`UNDATED`] in every row of a cross-section.
    pub snapshot: Vec<Date>,
    /// Categories to report by.
    pub segments: Vec<Named<WordColumn>>,
    /// Revenue at stake.
    pub value: Option<NumberColumn>,
    /// Indicators in declared order.
    pub indicators: Vec<Named<IndicatorValues>>,
    /// Labels in declared order; the first is the default.
    pub labels: Vec<Label>,
    /// Scores of other systems as they stood at the snapshot.
    pub recorded_scores: Vec<Named<NumberColumn>>,
}

/// A panel that would break an invariant; always a bug of the maker or a broken file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PanelError {
    /// A column has another number of rows.
    #[error("column `{column}` has {found} rows where the panel has {expected}")]
    Length {
        /// Name of the column.
        column: String,
        /// Rows it has.
        found: usize,
        /// Rows of the panel.
        expected: usize,
    },
    /// Rows are not strictly ascending by snapshot and account.
    #[error("row {row} does not follow the row before it by snapshot and account, each pair once")]
    Order {
        /// The row, from 0.
        row: usize,
    },
    /// Some rows have a day, others have none.
    #[error("{undated} rows have no day and the others have one")]
    Undated {
        /// Rows without a day.
        undated: usize,
    },
    /// Labels of a cross-section have a window, or labels of another panel have none.
    #[error("label `{label}` has a window in a cross-section, or none in a panel with days")]
    Window {
        /// Name of the label.
        label: String,
    },
    /// Account ids are not strictly ascending, or a row points outside them.
    #[error("the account ids are not distinct and sorted, or a row names none of them")]
    Accounts,
    /// A value is infinite.
    #[error("column `{column}` holds an infinite value in row {row}")]
    Infinite {
        /// Name of the column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// Two columns of a kind share a name.
    #[error("two columns are named `{name}`")]
    Name {
        /// The name.
        name: String,
    },
}

/// Accounts x snapshots of indicators, with labels beside them; immutable.
///
/// Rows are sorted by snapshot, then account id by bytes, each pair once. Memory: 12 bytes per row for
/// the keys and 8 per row and column.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    parts: PanelParts,
    snapshots: Vec<Date>,
    snapshot_start: Vec<usize>,
}

impl Panel {
    /// Check the parts and make a panel of them, in O(rows x columns).
    ///
    /// # Errors
    ///
    /// [`PanelError`] names the first broken invariant.
    pub fn new(parts: PanelParts) -> Result<Self, PanelError> {
        check_keys(&parts)?;
        check_time(&parts)?;
        check_columns(&parts)?;
        let mut snapshots: Vec<Date> = Vec::new();
        let mut snapshot_start = Vec::new();
        for (row, day) in parts.snapshot.iter().enumerate() {
            if snapshots.last() != Some(day) {
                snapshots.push(*day);
                snapshot_start.push(row);
            }
        }
        snapshot_start.push(parts.snapshot.len());
        Ok(Self { parts, snapshots, snapshot_start })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.parts.account.len()
    }

    /// Whether the panel has no row.
    pub fn is_empty(&self) -> bool {
        self.parts.account.is_empty()
    }

    /// Distinct account ids, ascending by bytes.
    pub fn accounts(&self) -> &[String] {
        &self.parts.accounts
    }

    /// Index into [`Self::accounts`] per row.
    pub fn account(&self) -> &[u32] {
        &self.parts.account
    }

    /// The account id of a row; empty if the row is out of range.
    pub fn account_id(&self, row: usize) -> &str {
        let index = self.parts.account.get(row).map(|index| *index as usize);
        index.and_then(|index| self.parts.accounts.get(index)).map_or("", String::as_str)
    }

    /// Whether the panel has no time: one row per account, all at [`UNDATED`].
    pub fn is_cross_section(&self) -> bool {
        self.snapshots == [UNDATED]
    }

    /// Day per row, at whose end the row was taken; [`UNDATED`] throughout a cross-section.
    pub fn snapshot(&self) -> &[Date] {
        &self.parts.snapshot
    }

    /// Distinct snapshot days, ascending.
    pub fn snapshots(&self) -> &[Date] {
        &self.snapshots
    }

    /// Rows of the snapshot with this index into [`Self::snapshots`]; empty if out of range.
    pub fn rows_of(&self, snapshot: usize) -> Range<usize> {
        match (self.snapshot_start.get(snapshot), self.snapshot_start.get(snapshot + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    /// Index into [`Self::snapshots`] per row.
    pub fn snapshot_index(&self) -> Vec<u32> {
        let mut index = Vec::with_capacity(self.len());
        for (number, _) in self.snapshots.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            index.extend(self.rows_of(number as usize).map(|_| number));
        }
        index
    }

    /// Categories to report by.
    pub fn segments(&self) -> &[Named<WordColumn>] {
        &self.parts.segments
    }

    /// Revenue at stake, where the history has it.
    pub fn value(&self) -> Option<&NumberColumn> {
        self.parts.value.as_ref()
    }

    /// Indicators in declared order.
    pub fn indicators(&self) -> &[Named<IndicatorValues>] {
        &self.parts.indicators
    }

    /// An indicator by name.
    pub fn indicator(&self, name: &str) -> Option<&IndicatorValues> {
        self.parts
            .indicators
            .iter()
            .find(|indicator| indicator.name == name)
            .map(|indicator| &indicator.column)
    }

    /// Labels in declared order; the first is the default.
    pub fn labels(&self) -> &[Label] {
        &self.parts.labels
    }

    /// Scores of other systems as they stood at the snapshot.
    pub fn recorded_scores(&self) -> &[Named<NumberColumn>] {
        &self.parts.recorded_scores
    }
}

fn check_keys(parts: &PanelParts) -> Result<(), PanelError> {
    let ascending = parts.accounts.is_sorted_by(|a, b| a < b);
    if !ascending || parts.account.iter().any(|index| *index as usize >= parts.accounts.len()) {
        return Err(PanelError::Accounts);
    }
    let rows = parts.account.len();
    if parts.snapshot.len() != rows {
        return Err(PanelError::Length {
            column: "snapshot".into(),
            found: parts.snapshot.len(),
            expected: rows,
        });
    }
    let keys: Vec<_> = parts.snapshot.iter().zip(&parts.account).collect();
    match keys.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(row) => Err(PanelError::Order { row: row + 1 }),
        None => Ok(()),
    }
}

/// Either every row has a day and every label a window, or no row and no label has.
fn check_time(parts: &PanelParts) -> Result<(), PanelError> {
    let undated = parts.snapshot.iter().filter(|day| **day == UNDATED).count();
    if undated > 0 && undated < parts.snapshot.len() {
        return Err(PanelError::Undated { undated });
    }
    let has_window = |label: &&Label| label.definition.window.is_some();
    match parts.labels.iter().find(|label| has_window(label) == (undated > 0)) {
        Some(label) => Err(PanelError::Window { label: label.definition.name.clone() }),
        None => Ok(()),
    }
}

fn check_columns(parts: &PanelParts) -> Result<(), PanelError> {
    let expected = parts.account.len();
    let length = |column: &str, found: usize| {
        if found == expected {
            Ok(())
        } else {
            Err(PanelError::Length { column: column.to_owned(), found, expected })
        }
    };
    let finite = |column: &str, numbers: &NumberColumn| match numbers
        .as_slice()
        .iter()
        .position(|v| v.is_infinite())
    {
        Some(row) => Err(PanelError::Infinite { column: column.to_owned(), row }),
        None => length(column, numbers.len()),
    };
    for segment in &parts.segments {
        length(&segment.name, segment.column.len())?;
    }
    if let Some(value) = &parts.value {
        finite("value", value)?;
    }
    for indicator in &parts.indicators {
        match &indicator.column {
            IndicatorValues::Numbers(numbers) => finite(&indicator.name, numbers)?,
            IndicatorValues::Words(words) => length(&indicator.name, words.len())?,
        }
    }
    for label in &parts.labels {
        length(&label.definition.name, label.states.len())?;
        length(&label.definition.name, label.settled.len())?;
        length(&label.definition.name, label.next.as_ref().map_or(expected, Vec::len))?;
    }
    for recorded in &parts.recorded_scores {
        finite(&recorded.name, &recorded.column)?;
    }
    let kinds: [Vec<&str>; 4] = [
        parts.segments.iter().map(|named| named.name.as_str()).collect(),
        parts.indicators.iter().map(|named| named.name.as_str()).collect(),
        parts.labels.iter().map(|label| label.definition.name.as_str()).collect(),
        parts.recorded_scores.iter().map(|named| named.name.as_str()).collect(),
    ];
    for mut names in kinds {
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(PanelError::Name { name: pair[0].to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Named, Panel, PanelError, PanelParts, UNDATED};
    use crate::{
        IndicatorValues, Label, LabelDefinition, LabelWindow, NumberColumn, Polarity, Span,
        WordColumn,
    };

    fn parts() -> PanelParts {
        PanelParts {
            accounts: vec!["a".into(), "b".into()],
            account: vec![0, 1, 1],
            snapshot: vec![date(2024, 1, 31), date(2024, 1, 31), date(2024, 2, 29)],
            indicators: vec![Named {
                name: "logins".into(),
                column: IndicatorValues::Numbers(NumberColumn::new(vec![1.0, f64::NAN, 3.0])),
            }],
            ..PanelParts::default()
        }
    }

    #[test]
    fn rows_of_a_snapshot_are_found() {
        let panel = Panel::new(parts()).unwrap();
        assert_eq!(panel.snapshots(), [date(2024, 1, 31), date(2024, 2, 29)]);
        assert_eq!((panel.rows_of(0), panel.rows_of(1), panel.rows_of(2)), (0..2, 2..3, 0..0));
        assert_eq!(panel.snapshot_index(), [0, 0, 1]);
        assert_eq!(panel.account_id(1), "b");
        let logins = panel.indicator("logins").unwrap();
        assert_eq!(logins.numbers().unwrap().get(0), Some(1.0));
        assert!(logins.is_missing(1));
    }

    #[test]
    fn broken_parts_are_refused() {
        let broken = |change: fn(&mut PanelParts)| {
            let mut parts = parts();
            change(&mut parts);
            Panel::new(parts).unwrap_err()
        };
        assert_eq!(broken(|parts| parts.account[1] = 0), PanelError::Order { row: 1 });
        assert_eq!(broken(|parts| parts.account[1] = 9), PanelError::Accounts);
        assert_eq!(broken(|parts| parts.accounts.swap(0, 1)), PanelError::Accounts);
        assert!(matches!(broken(|parts| parts.snapshot.truncate(2)), PanelError::Length { .. }));
        assert!(matches!(
            broken(|parts| parts.value = Some(NumberColumn::new(vec![0.0, f64::INFINITY, 0.0]))),
            PanelError::Infinite { row: 1, .. }
        ));
        assert!(matches!(
            broken(|parts| parts.indicators.push(parts.indicators[0].clone())),
            PanelError::Name { .. }
        ));
    }

    fn label(window: Option<LabelWindow>) -> Label {
        let definition = LabelDefinition {
            name: "churn".into(),
            outcome: "churn".into(),
            polarity: Polarity::Adverse,
            window,
        };
        Label { definition, states: vec![None; 3], settled: vec![None; 3], next: None }
    }

    #[test]
    fn a_cross_section_has_no_time_anywhere() {
        let cross_section = || PanelParts {
            accounts: ["a", "b", "c"].map(str::to_owned).into(),
            account: vec![0, 1, 2],
            snapshot: vec![UNDATED; 3],
            labels: vec![label(None)],
            ..PanelParts::default()
        };
        assert!(Panel::new(cross_section()).unwrap().is_cross_section());
        assert!(!Panel::new(parts()).unwrap().is_cross_section());
        assert!(!Panel::new(PanelParts::default()).unwrap().is_cross_section());
        let mut half = cross_section();
        half.snapshot[2] = date(2024, 1, 31);
        assert_eq!(Panel::new(half).unwrap_err(), PanelError::Undated { undated: 2 });
        let window = LabelWindow {
            lead_time: Span::days(0),
            horizon: Span::days(90),
            follow_up_end: date(2024, 12, 31),
            follow_up_declared: true,
        };
        let timed = PanelParts { labels: vec![label(Some(window))], ..cross_section() };
        let untimed = PanelParts { labels: vec![label(None)], ..parts() };
        for wrong in [timed, untimed] {
            assert_eq!(
                Panel::new(wrong).unwrap_err(),
                PanelError::Window { label: "churn".into() }
            );
        }
    }

    #[test]
    fn words_have_a_sorted_dictionary() {
        let words = WordColumn::from_words([Some("pro"), None, Some("basic"), Some("pro")]);
        assert_eq!(words.words(), ["basic", "pro"]);
        assert_eq!((words.get(0), words.get(1), words.get(2)), (Some("pro"), None, Some("basic")));
    }
}
