//! Columns of a panel.

/// Numbers with missing ones; 8 bytes per row.
#[derive(Clone, Debug, Default)]
pub struct NumberColumn {
    values: Vec<f64>,
}

impl NumberColumn {
    /// A column from values in row order; NaN means missing.
    pub fn new(values: Vec<f64>) -> Self {
        Self { values }
    }

    /// The number of a row, `None` where missing or out of range.
    pub fn get(&self, row: usize) -> Option<f64> {
        self.values.get(row).copied().filter(|value| !value.is_nan())
    }

    /// All values; NaN means missing.
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the column has no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Equal bits, missing equal to missing.
impl PartialEq for NumberColumn {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &f64, b: &f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        self.len() == other.len() && self.values.iter().zip(&other.values).all(|(a, b)| same(a, b))
    }
}

/// Words from a small set, with missing ones; 8 bytes per row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordColumn {
    words: Vec<String>,
    codes: Vec<Option<u32>>,
}

impl WordColumn {
    /// A column from words in row order; its dictionary is sorted, so that equal columns have equal codes.
    pub fn from_words<'a>(rows: impl IntoIterator<Item = Option<&'a str>> + Clone) -> Self {
        let mut words: Vec<String> =
            rows.clone().into_iter().flatten().map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        let code = |word: &str| words.binary_search_by(|known| known.as_str().cmp(word)).ok();
        let codes = rows
            .into_iter()
            .map(|word| word.and_then(code).and_then(|index| u32::try_from(index).ok()))
            .collect();
        Self { words, codes }
    }

    /// The word of a row, `None` where missing or out of range.
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = (*self.codes.get(row)?)?;
        self.words.get(code as usize).map(String::as_str)
    }

    /// The distinct words, sorted by bytes.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Index into [`Self::words`] per row.
    pub fn codes(&self) -> &[Option<u32>] {
        &self.codes
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether the column has no row.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// Values of an indicator.
#[derive(Clone, Debug, PartialEq)]
pub enum IndicatorValues {
    /// A quantity.
    Numbers(NumberColumn),
    /// A category, for scorecards that map words to sub-scores.
    Words(WordColumn),
}

impl IndicatorValues {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words(words) => words.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.get(row).is_none(),
            Self::Words(words) => words.get(row).is_none(),
        }
    }

    /// The numbers, if this is a quantity.
    pub fn numbers(&self) -> Option<&NumberColumn> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            Self::Words(_) => None,
        }
    }
}
