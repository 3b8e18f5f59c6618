//! The rows of `predictions.parquet`, column by column.

use chs_panel::{LabelState, Named, NumberColumn, Panel, WordColumn};
use jiff::civil::Date;

use crate::{CandidateResult, Evaluation};

/// Values of a column, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum PredictionValues {
    /// Text.
    Words(WordColumn),
    /// Days, none in a cross-section.
    Dates(Vec<Option<Date>>),
    /// Numbers, NaN where missing.
    Numbers(NumberColumn),
    /// 0 or 1.
    Labels(Vec<Option<bool>>),
    /// Whole numbers from 0.
    Counts(Vec<Option<u32>>),
}

/// The columns in the order of the file, one row per candidate, snapshot and account, sorted by these.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// Columns of equal length.
    pub columns: Vec<Named<PredictionValues>>,
}

impl Evaluation {
    /// Everything that was said per row: `account_id`, `snapshot`, `scorecard`, `score`, `coverage`,
    /// `band`, `probability`, `contribution_NAME` per indicator, `NAME` and `NAME_state` of the label,
    /// `fold`, segments, `value`.
    ///
    /// `panel` is the one that was evaluated. Recorded scores are there, baselines are not; rows without
    /// a score or a label are there too. `value` is absent where the panel has none.
    pub fn predictions(&self, panel: &Panel) -> Predictions {
        let mut candidates: Vec<&CandidateResult> = self.candidates.iter().collect();
        candidates.sort_by(|a, b| a.name.cmp(&b.name));
        let rows = Rows { panel, candidates };
        let mut columns = rows.score_columns();
        columns.extend(rows.contributions());
        columns.extend(rows.label_columns(&self.label.name));
        columns.push(column("fold", PredictionValues::Counts(rows.folds())));
        for segment in panel.segments() {
            let words = rows.words(|_, row| segment.column.get(row));
            columns.push(column(&segment.name, words));
        }
        if let Some(value) = panel.value() {
            columns.push(column("value", rows.numbers(|_, row| value.get(row))));
        }
        Predictions { columns }
    }
}

/// The rows of the panel, once per candidate.
struct Rows<'a> {
    panel: &'a Panel,
    candidates: Vec<&'a CandidateResult>,
}

impl<'a> Rows<'a> {
    fn pairs(&self) -> impl Iterator<Item = (&'a CandidateResult, usize)> + Clone {
        let rows = self.panel.len();
        let candidates = self.candidates.clone();
        candidates.into_iter().flat_map(move |candidate| (0..rows).map(move |row| (candidate, row)))
    }

    fn numbers(
        &self,
        value: impl Fn(&'a CandidateResult, usize) -> Option<f64>,
    ) -> PredictionValues {
        let values = self
            .pairs()
            .map(|(candidate, row)| value(candidate, row).unwrap_or(f64::NAN))
            .collect();
        PredictionValues::Numbers(NumberColumn::new(values))
    }

    fn words<'b>(
        &self,
        word: impl Fn(&'a CandidateResult, usize) -> Option<&'b str> + Clone,
    ) -> PredictionValues {
        let words = self.pairs().map(move |(candidate, row)| word(candidate, row));
        PredictionValues::Words(WordColumn::from_words(words))
    }

    fn score_columns(&self) -> Vec<Named<PredictionValues>> {
        let panel = self.panel;
        let is_dated = !panel.is_cross_section();
        let day = |row: usize| panel.snapshot().get(row).copied().filter(|_| is_dated);
        let days = self.pairs().map(|(_, row)| day(row)).collect();
        let band = |candidate: &'a CandidateResult, row: usize| {
            let band = candidate.scores.band.get(row).copied().flatten()?;
            candidate.scores.band_names.get(band as usize).map(String::as_str)
        };
        vec![
            column("account_id", self.words(|_, row| Some(panel.account_id(row)))),
            column("snapshot", PredictionValues::Dates(days)),
            column("scorecard", self.words(|candidate, _| Some(candidate.name.as_str()))),
            column("score", self.numbers(|candidate, row| candidate.scores.score.get(row))),
            column("coverage", self.numbers(|candidate, row| candidate.scores.coverage.get(row))),
            column("band", self.words(band)),
            column(
                "probability",
                self.numbers(|candidate, row| candidate.scores.probability.get(row)),
            ),
        ]
    }

    /// One column per indicator of any candidate, in the order of their first use.
    fn contributions(&self) -> Vec<Named<PredictionValues>> {
        let mut names: Vec<&str> = Vec::new();
        for contribution in self.candidates.iter().flat_map(|found| &found.scores.contributions) {
            if !names.contains(&contribution.name.as_str()) {
                names.push(&contribution.name);
            }
        }
        names
            .into_iter()
            .map(|name| {
                let numbers = self.numbers(|candidate, row| {
                    let mut own = candidate.scores.contributions.iter();
                    own.find(|own| own.name == name)?.column.get(row)
                });
                column(&format!("contribution_{name}"), numbers)
            })
            .collect()
    }

    fn label_columns(&self, name: &str) -> Vec<Named<PredictionValues>> {
        let label = self.panel.labels().iter().find(|label| label.definition.name == name);
        let state = |row: usize| label?.states.get(row).copied().flatten();
        let values = self.pairs().map(|(_, row)| state(row).and_then(LabelState::value)).collect();
        vec![
            column(name, PredictionValues::Labels(values)),
            column(
                &format!("{name}_state"),
                self.words(|_, row| state(row).map(LabelState::as_str)),
            ),
        ]
    }

    fn folds(&self) -> Vec<Option<u32>> {
        let fold = |(candidate, row): (&CandidateResult, usize)| {
            candidate.scores.fold.get(row).copied().flatten()
        };
        self.pairs().map(fold).collect()
    }
}

fn column(name: &str, column: PredictionValues) -> Named<PredictionValues> {
    Named { name: name.to_owned(), column }
}
