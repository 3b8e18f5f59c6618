//! The history in memory: typed columns over rows that were accepted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use chs_panel::{Named, NumberColumn, WordColumn};
use jiff::civil::Date;

use crate::expression::Cell;
use crate::load::columns::WordsBuilder;
use crate::time::{Micros, NEVER};

/// Everything that was loaded.
#[derive(Clone, Debug)]
pub struct History {
    /// The accounts.
    pub accounts: AccountTable,
    /// Rows per source, in the order of the project.
    pub sources: Vec<SourceRows>,
    /// Rows per outcome, in the order of the project.
    pub outcomes: Vec<OutcomeRows>,
    /// Rows per recorded score, in the order of the project.
    pub recorded_scores: Vec<RecordedRows>,
    /// Nothing known at the end of this day or later was read.
    pub as_of: Option<Date>,
}

/// Accounts, sorted by id, with the versions of their attributes.
#[derive(Clone, Debug, Default)]
pub struct AccountTable {
    /// Distinct ids, ascending by bytes; other tables name an account by its index here.
    pub ids: Vec<String>,
    /// Starts per account, ascending; empty where only a span or a row can tell.
    pub starts: Vec<Vec<Micros>>,
    /// Account index per version, and from when its attributes hold ([`Micros::MIN`] where they always
    /// did); ascending, of equals the last rules.
    pub versions: Vec<(u32, Micros)>,
    /// Categories per version.
    pub segments: Vec<Named<WordColumn>>,
    /// Revenue at stake per version.
    pub value: Option<NumberColumn>,
    /// Columns per version that indicators read.
    pub attributes: BTreeMap<String, Column>,
}

impl AccountTable {
    /// Index of the version of an account that held just before an instant.
    pub fn version(&self, account: usize, instant: Micros) -> Option<usize> {
        let before = |version: &(u32, Micros)| (version.0 as usize, version.1) < (account, instant);
        let index = self.versions.partition_point(before).checked_sub(1)?;
        (self.versions[index].0 as usize == account).then_some(index)
    }
}

/// Rows of a source, those of an account together; 12 bytes per row, 8 more per number, 16 per time and 4
/// per text.
#[derive(Clone, Debug, Default)]
pub struct SourceRows {
    /// Account index per row.
    pub account: Vec<u32>,
    /// First row of each account, and the number of rows: those of account `a` are
    /// `starts[a]..starts[a + 1]`.
    pub starts: Vec<usize>,
    /// Event time per row.
    pub at: Vec<Micros>,
    /// From when each row could be known: `created`, else the event plus the blind spot. Empty where all
    /// are known at their event.
    pub known: Vec<Micros>,
    /// Whether `known` is the event plus the blind spot; empty where it is for all.
    pub known_by_event: Vec<bool>,
    /// When this version of each row ended; [`crate::time::NEVER`] where it did not, empty where none did.
    pub superseded: Vec<Micros>,
    /// Record id per row, where the source declares one.
    pub record_id: Option<Words>,
    /// Columns that indicators, labels or other sources read.
    pub columns: BTreeMap<String, Column>,
    /// Date columns that indicators or outcomes read; `None` where null.
    pub times: BTreeMap<String, Vec<Option<Micros>>>,
    /// The whole row as bytes that compare cell by cell as text, null first; empty where not needed.
    pub row_bytes: Vec<Box<[u8]>>,
    /// File and line of each row until duplicates have been looked for; empty where not needed.
    pub places: Vec<(String, u64)>,
}

impl SourceRows {
    /// Rows of an account.
    pub fn of_account(&self, account: usize) -> Range<usize> {
        match self.starts.get(account..account + 2) {
            Some([start, end]) => *start..*end,
            _ => 0..0,
        }
    }

    /// From when a row could be known.
    pub fn known(&self, row: usize) -> Micros {
        self.known.get(row).copied().unwrap_or_else(|| self.at[row])
    }

    /// Whether that is the event plus the blind spot.
    pub fn known_by_event(&self, row: usize) -> bool {
        self.known_by_event.get(row).copied().unwrap_or(true)
    }

    /// When this version of a row ended; [`NEVER`] where it did not.
    pub fn superseded(&self, row: usize) -> Micros {
        self.superseded.get(row).copied().unwrap_or(NEVER)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.account.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.account.is_empty()
    }
}

/// Values of a column.
#[derive(Clone, Debug)]
pub enum Column {
    /// Numbers, NaN where null.
    Numbers(Vec<f64>),
    /// Texts.
    Words(Words),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words(words) => words.codes.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its texts, as which numbers are written first.
    pub(super) fn turn_to_words(&mut self) -> Option<&mut Words> {
        if matches!(self, Self::Numbers(_)) {
            let mut words = WordsBuilder::default();
            (0..self.len()).for_each(|row| words.push(self.word(row).as_deref()));
            *self = Self::Words(words.finish());
        }
        match self {
            Self::Words(words) => Some(words),
            Self::Numbers(_) => None,
        }
    }

    /// The text of a cell; numbers in their shortest form.
    pub fn word(&self, row: usize) -> Option<Cow<'_, str>> {
        match self.cell(row) {
            Cell::Null => None,
            Cell::Text(text) => Some(Cow::Borrowed(text)),
            Cell::Number(number) => Some(Cow::Owned(number.to_string())),
        }
    }

    /// The cell of a row, as expressions read it.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Numbers(numbers) => match numbers.get(row) {
                Some(number) if !number.is_nan() => Cell::Number(*number),
                _ => Cell::Null,
            },
            Self::Words(words) => words.get(row).map_or(Cell::Null, Cell::Text),
        }
    }
}

/// Place of a text among the distinct ones of its column, none where null; 4 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Code(u32);

impl Code {
    /// The code of a place; more than four billion distinct texts would fit no memory.
    pub fn new(place: Option<u32>) -> Self {
        Self(place.map_or(0, |place| place.saturating_add(1)))
    }

    /// The code where the distinct texts stand in other places, `places` of them per text.
    pub(super) fn moved(self, places: &[u32]) -> Self {
        Self::new(self.place().and_then(|place| places.get(place).copied()))
    }

    /// The place.
    pub fn place(self) -> Option<usize> {
        (self.0 as usize).checked_sub(1)
    }
}

/// Texts of a column, each distinct one held once, in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Place in `words` per row.
    pub codes: Vec<Code>,
    /// The distinct texts.
    pub words: Vec<String>,
}

impl Words {
    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.words.get(self.codes.get(row)?.place()?).map(String::as_str)
    }
}

/// Dated outcomes in no particular order.
#[derive(Clone, Debug, Default)]
pub struct OutcomeRows {
    /// Account index per row.
    pub account: Vec<u32>,
    /// When it happened.
    pub at: Vec<Micros>,
    /// From when it was known; [`crate::time::NEVER`] for a decision that is still open.
    pub known: Vec<Micros>,
    /// Kind per row, where decisions are made of the outcome; none while open.
    pub kind: Option<Words>,
    /// Last day up to whose end outcomes are completely known; `None` if there is no row to tell.
    pub follow_up_end: Option<Date>,
    /// Whether that day was declared.
    pub follow_up_declared: bool,
}

impl OutcomeRows {
    /// The kind of a row.
    pub fn kind(&self, row: usize) -> Option<&str> {
        self.kind.as_ref().and_then(|kinds| kinds.get(row))
    }

    /// Rows that happened; the others are decisions that are still open.
    pub fn happened(&self) -> impl Iterator<Item = usize> {
        (0..self.at.len()).filter(|row| self.known[*row] != NEVER)
    }
}

/// Recorded scores in no particular order.
#[derive(Clone, Debug, Default)]
pub struct RecordedRows {
    /// Account index per row.
    pub account: Vec<u32>,
    /// When the score stood.
    pub at: Vec<Micros>,
    /// The score, as the other system wrote it.
    pub score: Vec<f64>,
    /// The whole row as bytes, for ties.
    pub row_bytes: Vec<Box<[u8]>>,
}
