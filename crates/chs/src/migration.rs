//! Two scores of the same accounts: who changes band, and what the change of the mean comes from.

use chs_backtest::{BacktestError, score_columns};
use chs_panel::{Label, Panel};
use chs_scorecard::{Scorecard, ScoredColumns};
use chs_stats::exact_sum;

use crate::compare_json::v1::{Cell, Migration, Shift};

/// Both scores of all rows of a panel.
pub(crate) struct Pair<'a> {
    panel: &'a Panel,
    label: &'a Label,
    a: Scores<'a>,
    b: Scores<'a>,
}

struct Scores<'a> {
    scorecard: &'a Scorecard,
    columns: ScoredColumns,
}

impl<'a> Scores<'a> {
    fn new(panel: &Panel, scorecard: &'a Scorecard) -> Result<Self, BacktestError> {
        Ok(Self { scorecard, columns: score_columns(panel, scorecard)? })
    }

    fn score(&self, row: usize) -> Option<f64> {
        self.columns.score.get(row).copied().flatten()
    }

    fn band(&self, row: usize) -> Option<usize> {
        self.columns.band.get(row).copied().flatten()
    }

    /// Mean points per indicator over rows that have a score, in declared order.
    fn points(&self, rows: &[usize]) -> Vec<f64> {
        let weights = self.scorecard.weights();
        let mut terms: Vec<Vec<f64>> = weights.iter().map(|_| Vec::new()).collect();
        for row in rows {
            let sub_scores = || {
                let columns = self.columns.sub_scores.iter();
                weights.iter().zip(columns.map(|column| column.get(*row).copied().flatten()))
            };
            let available = sub_scores().filter_map(|(weight, own)| own.map(|_| *weight));
            let weight: f64 = available.sum();
            for (terms, (own, sub_score)) in terms.iter_mut().zip(sub_scores()) {
                terms.extend(sub_score.map(|sub_score| own / weight * sub_score));
            }
        }
        terms.into_iter().map(|own| exact_sum(own) / rows.len() as f64).collect()
    }
}

impl<'a> Pair<'a> {
    /// Score the panel by both.
    pub(crate) fn new(
        panel: &'a Panel,
        label: &'a Label,
        [a, b]: [&'a Scorecard; 2],
    ) -> Result<Self, BacktestError> {
        Ok(Self { panel, label, a: Scores::new(panel, a)?, b: Scores::new(panel, b)? })
    }

    /// Who changes band at the last snapshot with known labels, and at the last one where that is another.
    pub(crate) fn migrations(&self) -> Vec<Migration> {
        let snapshots = self.panel.snapshots().len();
        let is_labelled = |snapshot: &usize| {
            self.panel.rows_of(*snapshot).any(|row| self.label.value(row).is_some())
        };
        let labelled = (0..snapshots).rev().find(is_labelled);
        let last = snapshots.checked_sub(1).filter(|last| Some(*last) != labelled);
        let named = labelled.map(|own| ("last_labelled", own)).into_iter();
        named
            .chain(last.map(|own| ("last", own)))
            .map(|(at, own)| self.migration(at, own))
            .collect()
    }

    fn migration(&self, at: &str, snapshot: usize) -> Migration {
        let rows = self.panel.rows_of(snapshot);
        let all = rows.len();
        let rows: Vec<usize> = rows
            .filter(|row| self.a.score(*row).is_some() && self.b.score(*row).is_some())
            .collect();
        let moved: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| {
                let name = |side: &Scores<'_>| {
                    side.band(*row)
                        .and_then(|band| side.scorecard.bands().get(band))
                        .map(|band| band.name.clone())
                };
                name(&self.a) != name(&self.b)
            })
            .collect();
        let day = self.panel.snapshots().get(snapshot);
        Migration {
            at: at.to_owned(),
            snapshot: day.map_or_else(String::new, ToString::to_string),
            accounts: rows.len(),
            unscored: all - rows.len(),
            moved: moved.len(),
            value: self.value(&rows),
            moved_value: self.value(&moved),
            cells: self.cells(&rows),
            mean_a: mean(&rows, |row| self.a.score(row)),
            mean_b: mean(&rows, |row| self.b.score(row)),
            components: self.shifts(&rows, Level::Components),
            indicators: self.shifts(&rows, Level::Indicators),
        }
    }

    fn value(&self, rows: &[usize]) -> Option<f64> {
        let values = self.panel.value()?;
        Some(exact_sum(rows.iter().filter_map(|row| values.get(*row))))
    }

    fn cells(&self, rows: &[usize]) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (a, band_a) in self.a.scorecard.bands().iter().enumerate() {
            for (b, band_b) in self.b.scorecard.bands().iter().enumerate() {
                let inside =
                    |row: &&usize| self.a.band(**row) == Some(a) && self.b.band(**row) == Some(b);
                let own: Vec<usize> = rows.iter().filter(inside).copied().collect();
                let labels: Vec<bool> =
                    own.iter().filter_map(|row| self.label.value(*row)).collect();
                cells.push(Cell {
                    a: band_a.name.clone(),
                    b: band_b.name.clone(),
                    accounts: own.len(),
                    events: (!labels.is_empty())
                        .then(|| labels.iter().filter(|label| **label).count()),
                    value: self.value(&own),
                });
            }
        }
        cells
    }

    fn shifts(&self, rows: &[usize], level: Level) -> Vec<Shift> {
        if rows.is_empty() {
            return Vec::new();
        }
        let [a, b] = [&self.a, &self.b].map(|side| level.parts(side.scorecard, &side.points(rows)));
        let mut names: Vec<&String> = a.iter().map(|part| &part.name).collect();
        names.extend(
            b.iter().map(|part| &part.name).filter(|own| a.iter().all(|part| part.name != **own)),
        );
        let find = |parts: &[Part], name: &str| {
            parts.iter().find(|part| part.name == name).map(|part| (part.weight, part.points))
        };
        names
            .into_iter()
            .map(|name| {
                let (a, b) = (find(&a, name), find(&b, name));
                let [points_a, points_b] = [a, b].map(|own| own.map_or(0.0, |(_, points)| points));
                Shift {
                    name: name.clone(),
                    weight_a: a.map(|(weight, _)| weight),
                    weight_b: b.map(|(weight, _)| weight),
                    points_a,
                    points_b,
                    change: points_b - points_a,
                }
            })
            .collect()
    }
}

/// What points are summed up by.
#[derive(Clone, Copy)]
enum Level {
    Components,
    Indicators,
}

struct Part {
    name: String,
    weight: f64,
    points: f64,
}

impl Level {
    /// Parts of a scorecard from the points of its indicators.
    fn parts(self, scorecard: &Scorecard, points: &[f64]) -> Vec<Part> {
        let mut points = points.iter().copied();
        let mut parts = Vec::new();
        for component in scorecard.components() {
            let own = component.indicators.iter().zip(points.by_ref()).map(|(own, points)| Part {
                name: own.name.clone(),
                weight: own.weight,
                points,
            });
            match self {
                Self::Indicators => parts.extend(own),
                Self::Components => parts.push(Part {
                    name: component.name.clone(),
                    weight: component.weight,
                    points: own.map(|part| part.points).sum(),
                }),
            }
        }
        parts
    }
}

fn mean(rows: &[usize], score: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let sum = exact_sum(rows.iter().filter_map(|row| score(*row)));
    (!rows.is_empty()).then(|| sum / rows.len() as f64)
}

#[cfg(test)]
mod tests {
    use chs_panel::{
        IndicatorValues, LabelDefinition, LabelState, LabelWindow, Named, NumberColumn, PanelParts,
        Polarity, Span,
    };
    use jiff::civil::date;

    use super::*;

    fn scorecard(weights: [u32; 2]) -> Scorecard {
        let [a, b] = weights;
        let text = format!(
            r#"
            spec_version = 1
            name = "x"
            version = "1.0.0"
            [components.one]
            weight = {a}
            indicators = [{{ name = "a", poor = 0, good = 100 }}]
            [components.two]
            weight = {b}
            indicators = [{{ name = "b", poor = 0, good = 100 }}]
            [[bands]]
            name = "low"
            from = 0
            [[bands]]
            name = "high"
            from = 50
        "#
        );
        Scorecard::from_toml("x.toml", &text).unwrap()
    }

    fn panel() -> Panel {
        let numbers = |values: [f64; 4]| NumberColumn::new(values.to_vec());
        let named = |name: &str, values| Named {
            name: name.to_owned(),
            column: IndicatorValues::Numbers(numbers(values)),
        };
        let definition = LabelDefinition {
            name: "churn".into(),
            outcome: "churn".into(),
            polarity: Polarity::Adverse,
            window: Some(LabelWindow {
                lead_time: Span::days(0),
                horizon: Span::days(30),
                follow_up_end: date(2024, 3, 1),
                follow_up_declared: true,
            }),
        };
        let (january, february) = (date(2024, 1, 31), date(2024, 2, 29));
        Panel::new(PanelParts {
            accounts: ["p", "q", "r"].map(str::to_owned).into(),
            account: vec![0, 1, 2, 0],
            snapshot: vec![january, january, january, february],
            value: Some(numbers([10.0, 20.0, 40.0, 10.0])),
            indicators: vec![
                named("a", [80.0, 20.0, f64::NAN, 60.0]),
                named("b", [20.0, 10.0, f64::NAN, f64::NAN]),
            ],
            labels: vec![Label {
                definition,
                states: vec![Some(LabelState::Positive), Some(LabelState::Negative), None, None],
                settled: vec![Some(february), Some(february), None, None],
                next: None,
            }],
            ..PanelParts::default()
        })
        .unwrap()
    }

    #[test]
    fn accounts_and_value_that_move_are_counted_and_points_add_up() {
        let panel = panel();
        let (a, b) = (scorecard([80, 20]), scorecard([20, 80]));
        let pair = Pair::new(&panel, &panel.labels()[0], [&a, &b]).unwrap();
        let [labelled, last] = pair.migrations().try_into().unwrap();
        assert_eq!(
            (labelled.at.as_str(), labelled.snapshot.as_str()),
            ("last_labelled", "2024-01-31")
        );
        assert_eq!((labelled.accounts, labelled.unscored, labelled.moved), (2, 1, 1));
        assert_eq!((labelled.value, labelled.moved_value), (Some(30.0), Some(10.0)));
        let fell = labelled.cells.iter().find(|cell| cell.a == "high" && cell.b == "low").unwrap();
        assert_eq!((fell.accounts, fell.events, fell.value), (1, Some(1), Some(10.0)));
        assert_eq!(labelled.cells.len(), 4);
        let change = labelled.mean_b.unwrap() - labelled.mean_a.unwrap();
        for shifts in [&labelled.components, &labelled.indicators] {
            let sum: f64 = shifts.iter().map(|shift| shift.change).sum();
            assert!((sum - change).abs() < 1e-9 && change < -10.0);
        }
        assert_eq!(
            (labelled.components[0].weight_a, labelled.components[0].weight_b),
            (Some(80.0), Some(20.0))
        );
        assert_eq!((last.at.as_str(), last.accounts, last.moved), ("last", 1, 0));
        assert_eq!(last.cells.iter().filter_map(|cell| cell.events).count(), 0);
    }
}
