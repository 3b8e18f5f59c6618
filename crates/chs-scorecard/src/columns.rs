//! Many accounts at once, column by column: the same bits as one by one.

use crate::normalisation::{Normalisation, Reading};
use crate::score::{Input, NoScore, Scored};
use crate::scorecard::Scorecard;

/// One indicator of many accounts.
#[derive(Clone, Copy, Debug)]
pub enum InputColumn<'a> {
    /// Numbers; NaN is missing.
    Number(&'a [f64]),
    /// Words by code: an index into `words`, or none where missing. A code without a word is unusable.
    Text {
        /// One code per account.
        codes: &'a [Option<u32>],
        /// The words.
        words: &'a [String],
    },
}

/// The scores of many accounts: one element per account in each list; in nested lists one list per
/// indicator or component, in declared order.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScoredColumns {
    /// Score, 0 to 100, higher is healthier.
    pub score: Vec<Option<f64>>,
    /// Share of the weight that was observed, 0 to 1.
    pub coverage: Vec<f64>,
    /// Index of the band.
    pub band: Vec<Option<usize>>,
    /// Why there is no score.
    pub reason: Vec<Option<NoScore>>,
    /// Sub-scores, per indicator.
    pub sub_scores: Vec<Vec<Option<f64>>>,
    /// Contributions, per indicator.
    pub contributions: Vec<Vec<Option<f64>>>,
    /// Sub-scores, per component.
    pub components: Vec<Vec<Option<f64>>>,
    /// Inputs that were there but could not be used, per indicator.
    pub unusable: Vec<usize>,
}

impl Scorecard {
    /// Score as many accounts as the longest column has, each as [`Scorecard::score`] does, bit for bit.
    ///
    /// `columns` follow the order of [`Scorecard::indicators`]; absent columns, and what a shorter
    /// column lacks, are missing.
    pub fn score_columns(&self, columns: &[InputColumn<'_>]) -> ScoredColumns {
        self.score_columns_by(columns, |_| self)
    }

    /// The same, each row by a variant of this scorecard that differs in weights or references only.
    pub(crate) fn score_columns_by<'a>(
        &'a self,
        columns: &[InputColumn<'_>],
        variant: impl Fn(usize) -> &'a Scorecard,
    ) -> ScoredColumns {
        let indicators = self.indicators().count();
        let columns: Vec<Readings<'_>> = (self.indicators().zip(columns))
            .map(|(indicator, column)| Readings::new(&indicator.normalisation, *column))
            .collect();
        let rows = columns.iter().map(Readings::len).max().unwrap_or(0);
        let mut scored = ScoredColumns {
            sub_scores: vec![Vec::with_capacity(rows); indicators],
            contributions: vec![Vec::with_capacity(rows); indicators],
            components: vec![Vec::with_capacity(rows); self.components().len()],
            unusable: vec![0; indicators],
            ..ScoredColumns::default()
        };
        let mut readings = vec![Reading::Missing; indicators];
        let mut row_scored = Scored::default();
        for row in 0..rows {
            for (reading, column) in readings.iter_mut().zip(&columns) {
                *reading = column.at(row);
            }
            variant(row).combine(&readings, &mut row_scored);
            scored.push(&readings, &row_scored);
        }
        scored
    }
}

/// A column with what its values say; each word is looked up once.
enum Readings<'a> {
    Number { normalisation: &'a Normalisation, numbers: &'a [f64] },
    Text { codes: &'a [Option<u32>], words: Vec<Reading> },
}

impl<'a> Readings<'a> {
    fn new(normalisation: &'a Normalisation, column: InputColumn<'a>) -> Self {
        match column {
            InputColumn::Number(numbers) => Self::Number { normalisation, numbers },
            InputColumn::Text { codes, words } => {
                let words =
                    words.iter().map(|word| normalisation.read(Input::Text(word))).collect();
                Self::Text { codes, words }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Number { numbers, .. } => numbers.len(),
            Self::Text { codes, .. } => codes.len(),
        }
    }

    fn at(&self, row: usize) -> Reading {
        match self {
            Self::Number { normalisation, numbers } => numbers
                .get(row)
                .map_or(Reading::Missing, |number| normalisation.read(Input::Number(*number))),
            Self::Text { codes, words } => match codes.get(row).copied().flatten() {
                Some(code) => words.get(code as usize).copied().unwrap_or(Reading::Unusable),
                None => Reading::Missing,
            },
        }
    }
}

impl ScoredColumns {
    /// Put the rows of another part of the same accounts' columns behind these.
    pub fn append(&mut self, other: Self) {
        self.score.extend(other.score);
        self.coverage.extend(other.coverage);
        self.band.extend(other.band);
        self.reason.extend(other.reason);
        for (lists, more) in [
            (&mut self.sub_scores, other.sub_scores),
            (&mut self.contributions, other.contributions),
            (&mut self.components, other.components),
        ] {
            lists.resize(lists.len().max(more.len()), Vec::new());
            lists.iter_mut().zip(more).for_each(|(list, more)| list.extend(more));
        }
        self.unusable.resize(self.unusable.len().max(other.unusable.len()), 0);
        self.unusable.iter_mut().zip(other.unusable).for_each(|(count, more)| *count += more);
    }

    fn push(&mut self, readings: &[Reading], row: &Scored) {
        self.score.push(row.score.map(crate::HealthScore::get));
        self.coverage.push(row.coverage);
        self.band.push(row.band);
        self.reason.push(row.reason);
        append(&mut self.sub_scores, &row.sub_scores);
        append(&mut self.contributions, &row.contributions);
        append(&mut self.components, &row.components);
        for (count, reading) in self.unusable.iter_mut().zip(readings) {
            *count += usize::from(*reading == Reading::Unusable);
        }
    }
}

fn append(columns: &mut [Vec<Option<f64>>], row: &[Option<f64>]) {
    columns.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
}
