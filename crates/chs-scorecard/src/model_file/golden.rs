//! Golden records: synthetic inputs with the result that every implementation has to give.

pub(super) mod v1;

use std::collections::BTreeMap;

use crate::calibration::ProbabilityCurve;
use crate::drivers::DriverSource;
use crate::health_score::HealthScore;
use crate::model::{Model, ModelScored};
use crate::normalisation::Normalisation;
use crate::score::{Input, NoScore};
use crate::trend::{Previous, TrendDirection};
use v1::{Cell, Driver, Expected, PreviousScore, Record, ScoreRecord, Tolerances, Verification};

/// The tolerances of version 1.0.
pub(super) const TOLERANCES: Tolerances =
    Tolerances { score: 0.0, drivers: 1e-9, probability: 1e-12 };

/// Most halvings in the search for a band edge: doubles between 0 and 1 are adjacent before.
const MOST_HALVINGS: usize = 1100;

/// Records of every knot and edge of every indicator, each also one double below and above; of every
/// word and an unknown one; of everything missing and each missing; of inputs on either side of each
/// band edge; of each segment and an unknown one; of each trend rule. And scores at each band edge and
/// one double beside it, and at each point of an isotonic probability.
pub(super) fn verification(model: &Model) -> Verification {
    let builder = Builder::of(model);
    let mut records = builder.points();
    records.extend(builder.gaps());
    records.extend(builder.band_edges());
    records.extend(builder.segments());
    records.extend(builder.trend_rules());
    Verification { tolerances: TOLERANCES, records, scores: score_records(model) }
}

/// What the model says of a record's inputs.
pub(super) fn expected(model: &Model, record: &Record) -> Option<Expected> {
    let inputs: Vec<Input<'_>> = (model.scorecard().indicators())
        .map(|indicator| match record.inputs.get(&indicator.name) {
            Some(Cell::Number(number)) => Input::Number(*number),
            Some(Cell::Text(word)) => Input::Text(word),
            Some(Cell::Missing) | None => Input::Missing,
        })
        .collect();
    let previous = match record.previous {
        None => None,
        Some(PreviousScore { score, age_days }) => {
            Some(Previous { score: HealthScore::new(score).ok()?, age_days })
        }
    };
    Some(shown(model, &model.score(&inputs, record.segment.as_deref(), previous)))
}

/// The band, and without a component the probability, of a score; none for what the model has not.
pub(super) fn expected_score(
    model: &Model,
    component: Option<&str>,
    score: f64,
) -> Option<ScoreRecord> {
    let score = HealthScore::new(score).ok()?;
    let (bands, probability) = match component {
        None => {
            (&model.scorecard().bands, Some(model.calibration().probability(score.get()).get()))
        }
        Some(name) => {
            let mut components = model.scorecard().components().iter();
            (components.find(|component| component.name == name)?.bands.as_ref()?, None)
        }
    };
    Some(ScoreRecord {
        component: component.map(str::to_owned),
        score: score.get(),
        band: bands.as_slice().get(bands.of(score.get()))?.name.clone(),
        probability,
    })
}

fn shown(model: &Model, scored: &ModelScored) -> Expected {
    let scorecard = model.scorecard();
    let names: Vec<&str> =
        scorecard.indicators().map(|indicator| indicator.name.as_str()).collect();
    let name = |index: usize| names.get(index).copied().unwrap_or_default().to_owned();
    let by_name = |values: &[Option<f64>], names: &mut dyn Iterator<Item = &str>| {
        names.map(str::to_owned).zip(values.iter().copied()).collect::<BTreeMap<_, _>>()
    };
    let result = &scored.scored;
    let mut components = scorecard.components().iter().map(|component| component.name.as_str());
    Expected {
        score: result.score.map(HealthScore::get),
        reason: result.reason.map(|reason| match reason {
            NoScore::NotFrozen => "not_frozen".to_owned(),
            NoScore::NothingObserved => "nothing_observed".to_owned(),
            NoScore::Rejected { indicator } => format!("rejected: {}", name(indicator)),
        }),
        coverage: result.coverage,
        band: scored
            .band()
            .and_then(|band| scorecard.bands().get(band))
            .map(|band| band.name.clone()),
        trend: scored.trend.and_then(|reading| reading.direction).map(|direction| {
            match direction {
                TrendDirection::Improving => "improving",
                TrendDirection::Stable => "stable",
                TrendDirection::Declining => "declining",
            }
            .to_owned()
        }),
        probability: scored.probability.map(crate::OutcomeProbability::get),
        sub_scores: by_name(&result.sub_scores, &mut names.iter().copied()),
        components: by_name(&result.components, &mut components),
        drivers: (result.drivers().into_iter())
            .filter_map(|driver| match driver.source {
                DriverSource::Indicator(index) => {
                    Some(Driver { reason_code: name(index), points: driver.points })
                }
                DriverSource::Availability => None,
            })
            .collect(),
    }
}

fn score_records(model: &Model) -> Vec<ScoreRecord> {
    let at = |component: Option<&str>, edges: &[f64]| -> Vec<ScoreRecord> {
        (edges.iter().chain(&[100.0]))
            .flat_map(|edge| [edge.next_down(), *edge, edge.next_up()])
            .filter_map(|score| expected_score(model, component, score))
            .collect()
    };
    let edges = |bands: &[crate::Band]| bands.iter().map(|band| band.from).collect::<Vec<f64>>();
    let mut records = at(None, &edges(model.scorecard().bands()));
    if let ProbabilityCurve::Isotonic { points } = &model.calibration().curve {
        records.extend(at(None, &points.iter().map(|(score, _)| *score).collect::<Vec<f64>>()));
    }
    for component in model.scorecard().components() {
        if let Some(bands) = component.bands() {
            records.extend(at(Some(&component.name), &edges(bands)));
        }
    }
    records
}

/// One indicator's inputs of interest.
struct Points {
    name: String,
    /// Each knot, edge or word, and the doubles beside it.
    all: Vec<Cell>,
    worst: Cell,
    best: Cell,
}

impl Points {
    fn of(name: &str, normalisation: &Normalisation) -> Self {
        let numbers = |numbers: &mut dyn Iterator<Item = f64>| -> Vec<Cell> {
            numbers
                .flat_map(|x| [x.next_down(), x, x.next_up()])
                .filter(|x| x.is_finite())
                .map(Cell::Number)
                .collect()
        };
        let all = match normalisation {
            Normalisation::Knots(knots) => numbers(&mut knots.points().iter().map(|(x, _)| *x)),
            Normalisation::Bins(bins) => numbers(&mut bins.edges().iter().copied()),
            Normalisation::Map(map) => map.keys().cloned().map(Cell::Text).collect(),
            Normalisation::Percentile(_) => Vec::new(), // a model has none
        };
        let sub_score = |cell: &Cell| match normalisation.read(input(cell)) {
            crate::normalisation::Reading::Observed(sub_score) => sub_score,
            _ => -1.0,
        };
        let by_score = |left: &&Cell, right: &&Cell| sub_score(left).total_cmp(&sub_score(right));
        let pick = |cell: Option<&Cell>| cell.cloned().unwrap_or(Cell::Missing);
        let (worst, best) = (pick(all.iter().min_by(by_score)), pick(all.iter().max_by(by_score)));
        Self { name: name.to_owned(), all, worst, best }
    }
}

fn input(cell: &Cell) -> Input<'_> {
    match cell {
        Cell::Missing => Input::Missing,
        Cell::Number(number) => Input::Number(*number),
        Cell::Text(word) => Input::Text(word),
    }
}

type Inputs = BTreeMap<String, Cell>;

struct Builder<'m> {
    model: &'m Model,
    points: Vec<Points>,
}

impl<'m> Builder<'m> {
    fn of(model: &'m Model) -> Self {
        let points = (model.scorecard().indicators())
            .map(|indicator| Points::of(&indicator.name, &indicator.normalisation))
            .collect();
        Self { model, points }
    }

    fn record(&self, name: String, inputs: Inputs) -> Record {
        self.finish(Record {
            name,
            inputs,
            segment: None,
            previous: None,
            expected: Expected::default(),
        })
    }

    fn finish(&self, mut record: Record) -> Record {
        record.expected = expected(self.model, &record).unwrap_or_default();
        record
    }

    fn inputs(&self, pick: impl Fn(&Points) -> Cell) -> Inputs {
        self.points.iter().map(|points| (points.name.clone(), pick(points))).collect()
    }

    /// Every point of every indicator, the nth of all of them in one record; then every unknown word.
    fn points(&self) -> Vec<Record> {
        let count = self.points.iter().map(|points| points.all.len()).max().unwrap_or(0);
        let nth = |n: usize| {
            let pick = |points: &Points| {
                points.all.iter().cycle().nth(n).cloned().unwrap_or(Cell::Missing)
            };
            self.record(format!("point {}", n + 1), self.inputs(pick))
        };
        let mut records: Vec<Record> = (0..count).map(nth).collect();
        for (points, indicator) in self.points.iter().zip(self.model.scorecard().indicators()) {
            let Normalisation::Map(map) = &indicator.normalisation else { continue };
            let mut word = "unknown".to_owned();
            while map.contains_key(&word) {
                word.push('_');
            }
            let mut inputs = self.inputs(|points| points.best.clone());
            inputs.insert(points.name.clone(), Cell::Text(word));
            records.push(self.record(format!("unknown word: {}", points.name), inputs));
        }
        records
    }

    fn gaps(&self) -> Vec<Record> {
        let worst = self.inputs(|points| points.worst.clone());
        let best = self.inputs(|points| points.best.clone());
        let mut records = vec![
            self.record("all at their worst".to_owned(), worst),
            self.record("all at their best".to_owned(), best.clone()),
            self.record("all missing".to_owned(), self.inputs(|_| Cell::Missing)),
        ];
        for points in &self.points {
            let mut inputs = best.clone();
            inputs.insert(points.name.clone(), Cell::Missing);
            records.push(self.record(format!("missing: {}", points.name), inputs));
        }
        records
    }

    fn band_edges(&self) -> Vec<Record> {
        let bands = self.model.scorecard().bands();
        let mut records = Vec::new();
        for band in bands.iter().skip(1) {
            if let Some((below, at)) = self.beside(band.from) {
                records.push(self.record(format!("last below {}", band.name), below));
                records.push(self.record(format!("first in {}", band.name), at));
            }
        }
        records
    }

    /// Neighbouring inputs on the way from worst to best, the first below a score, the second not.
    fn beside(&self, edge: f64) -> Option<(Inputs, Inputs)> {
        let ways = [true, false].map(|words_at_best| move |t: f64| self.between(t, words_at_best));
        let below = |inputs: &Inputs| self.score(inputs).map(|score| score < edge);
        let way = ways
            .iter()
            .find(|way| below(&way(0.0)) == Some(true) && below(&way(1.0)) == Some(false))?;
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        for _ in 0..MOST_HALVINGS {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if below(&way(middle))? { low = middle } else { high = middle }
        }
        Some((way(low), way(high)))
    }

    /// Numbers at share `t` of the way from worst to best; words at one end.
    fn between(&self, t: f64, words_at_best: bool) -> Inputs {
        self.inputs(|points| match (&points.worst, &points.best) {
            (Cell::Number(worst), Cell::Number(best)) if t < 1.0 => {
                Cell::Number(worst + t * (best - worst))
            }
            (Cell::Number(_), best) => best.clone(),
            (worst, best) => if words_at_best { best } else { worst }.clone(),
        })
    }

    fn score(&self, inputs: &Inputs) -> Option<f64> {
        let inputs: Vec<Input<'_>> = (self.points.iter())
            .map(|points| inputs.get(&points.name).map_or(Input::Missing, input))
            .collect();
        self.model.score(&inputs, None, None).scored.score.map(HealthScore::get)
    }

    fn segments(&self) -> Vec<Record> {
        if self.model.segment_column().is_none() {
            return Vec::new();
        }
        let mut unknown = "unknown".to_owned();
        while self.model.segments().any(|(level, _)| level == unknown) {
            unknown.push('_');
        }
        let levels = self.model.segments().map(|(level, _)| level.to_owned());
        (levels.chain([unknown]))
            .map(|level| {
                let inputs = self.inputs(|points| points.worst.clone());
                let name = format!("segment: {level}");
                self.finish(Record { segment: Some(level), ..self.record(name, inputs) })
            })
            .collect()
    }

    /// For each rule a score in the band above the one that it leaves, after its fall and a hair less,
    /// and with an earlier score of an age that does not count.
    fn trend_rules(&self) -> Vec<Record> {
        let scorecard = self.model.scorecard();
        let age = scorecard.trend().window_days.unwrap_or(30);
        let mut records = Vec::new();
        for (index, rule) in scorecard.trend().rules.iter().enumerate() {
            let Some(above) = scorecard.bands().get(rule.at_best + 1) else { continue };
            let Some((_, inputs)) = self.beside(above.from) else { continue };
            let Some(score) = self.score(&inputs) else { continue };
            let before = (score + rule.fall).min(100.0);
            for (what, score, age_days) in [
                ("fires", before, age),
                ("does not", (before - rule.fall / 2.0).max(0.0), age),
                ("too old", before, age.saturating_mul(2).saturating_add(1)),
            ] {
                let name = format!("trend rule {}: {what}", index + 1);
                let record = self.record(name, inputs.clone());
                let previous = Some(PreviousScore { score, age_days });
                records.push(self.finish(Record { previous, ..record }));
            }
        }
        records
    }
}
