//! Scoring of records by a model, as a production scorer embeds it.

use std::collections::BTreeMap;
use std::path::Path;

use chs_data::{
    OutputColumn, Record, RecordCell, RecordColumn, RecordKind, read_records, record_columns,
};
use chs_scorecard::model_file::v1::Distribution;
use chs_scorecard::{
    Action, ActionDue, DriverSource, HealthScore, Input, Model, ModelFile, ModelScored, NoScore,
    Normalisation, OutcomeProbability, Previous, Scorecard, TrendDirection,
};
use serde_json::{Map, Value};

use crate::Error;
use crate::output::OutputFile;
use crate::simulate::{encode, parquet_file};

/// Columns of the earlier score; used where a file has both.
const PREVIOUS: [&str; 2] = ["previous_score", "previous_age_days"];
/// Column of the ids where none is named.
const ACCOUNT: &str = "account_id";
/// Drivers that are told per record.
const DRIVERS: usize = 3;

/// Scores of the records of a file, column by column, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredRecords {
    /// Ids; `score`, `coverage`, `band` with its `color` and `grade`; `percentile`, 1 to 100: the hundredth
    /// of the scores behind the model in which this one lies, 100 the best; `rank` among the records of the
    /// file, within the segment where the model tells segments apart, 1 the best, equals share the better
    /// one; `probability`, `trend`; `component_NAME`; `driver_N` and `driver_N_points`; `actions`;
    /// `reason` of no score.
    pub columns: Vec<ScoreColumn>,
    /// Number of records.
    pub records: usize,
    /// Those without a score.
    pub unscored: usize,
    /// Values that were there but could not be used, such as words where a number is expected.
    pub unusable: usize,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreColumn {
    /// Its name.
    pub name: String,
    /// One value per record.
    pub values: ScoreValues,
}

/// Values of a column, none where there is nothing to say.
#[derive(Clone, Debug, PartialEq)]
pub enum ScoreValues {
    /// Words.
    Words(Vec<Option<String>>),
    /// Finite numbers.
    Numbers(Vec<Option<f64>>),
}

/// Score the records of a file of any kind that `chs.toml` can name.
///
/// The file has a column for each indicator of the model, and for its segments where it has those;
/// `ids` are repeated beside the scores: by default `account_id`, else `record`, counted from 1.
///
/// # Errors
///
/// [`Error::Records`] for a file that cannot be read or lacks a column, [`Error::IdColumn`].
pub fn score_records(
    file: &ModelFile,
    path: &Path,
    ids: &[String],
) -> Result<ScoredRecords, Error> {
    let model = file.model();
    let failed = |source| Error::Records { source };
    let found = record_columns(path).map_err(failed)?;
    let has = |name: &str| found.iter().any(|column| column == name);
    let ids = match ids {
        [] if has(ACCOUNT) => vec![ACCOUNT.to_owned()],
        named => named.to_vec(),
    };
    let layout = Layout::new(model, &ids, PREVIOUS.iter().all(|name| has(name)));
    let mut rows = Rows::new(model, &ids);
    if let Some(column) = ids.iter().find(|name| rows.own_columns().contains(name)) {
        return Err(Error::IdColumn { column: column.clone() });
    }
    read_records(path, &layout.wanted, &mut |record| match record {
        Record::Cells(cells) => rows.push(model, &layout.split(cells)),
        Record::Broken(why) => rows.push_broken(why),
    })
    .map_err(failed)?;
    Ok(rows.finish(&file.document().reference.score))
}

/// Which columns are wanted, in which order.
struct Layout<'a> {
    wanted: Vec<RecordColumn<'a>>,
    ids: usize,
    indicators: usize,
    has_segment: bool,
    has_previous: bool,
}

/// What a record says.
struct Told<'a> {
    ids: &'a [RecordCell<'a>],
    inputs: Vec<Input<'a>>,
    segment: Option<&'a str>,
    previous: Option<Previous>,
}

impl<'a> Layout<'a> {
    fn new(model: &'a Model, ids: &'a [String], has_previous: bool) -> Self {
        let column = |name, kind| RecordColumn { name, kind };
        let mut wanted: Vec<RecordColumn<'a>> =
            ids.iter().map(|name| column(name.as_str(), RecordKind::Id)).collect();
        wanted.extend(model.scorecard().indicators().map(|indicator| {
            let is_map = matches!(indicator.normalisation, Normalisation::Map(_));
            column(&indicator.name, if is_map { RecordKind::Text } else { RecordKind::Number })
        }));
        let segment = model.segment_column();
        wanted.extend(segment.map(|name| column(name, RecordKind::Text)));
        if has_previous {
            wanted.extend(PREVIOUS.map(|name| column(name, RecordKind::Number)));
        }
        let indicators = model.scorecard().indicators().count();
        Self { wanted, ids: ids.len(), indicators, has_segment: segment.is_some(), has_previous }
    }

    fn split<'b>(&self, cells: &'b [RecordCell<'b>]) -> Told<'b> {
        let (ids, rest) = cells.split_at(self.ids.min(cells.len()));
        let (inputs, rest) = rest.split_at(self.indicators.min(rest.len()));
        let (segment, rest) = rest.split_at(usize::from(self.has_segment).min(rest.len()));
        let previous = match rest {
            [RecordCell::Number(score), RecordCell::Number(age)] if self.has_previous => {
                previous(*score, *age)
            }
            _ => None,
        };
        let segment = match segment {
            [RecordCell::Text(level)] => Some(level.as_ref()),
            _ => None,
        };
        Told { ids, inputs: inputs.iter().map(input).collect(), segment, previous }
    }
}

fn input<'a>(cell: &'a RecordCell<'a>) -> Input<'a> {
    match cell {
        RecordCell::Missing => Input::Missing,
        RecordCell::Number(number) => Input::Number(*number),
        RecordCell::Text(text) => Input::Text(text),
    }
}

/// An earlier score, where both numbers are what they say.
fn previous(score: f64, age_days: f64) -> Option<Previous> {
    let whole = age_days.fract().abs() < f64::EPSILON;
    let days = (0.0..=f64::from(u32::MAX)).contains(&age_days) && whole;
    let score = HealthScore::new(score).ok().filter(|_| days)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within 0 to u32::MAX"
    )]
    let age_days = age_days as u32;
    Some(Previous { score, age_days })
}

/// Names and points of the drivers of one place.
#[derive(Default)]
struct DriverColumns {
    names: Vec<Option<String>>,
    points: Vec<Option<f64>>,
}

/// Rows on their way into columns.
struct Rows {
    ids: Vec<(String, Vec<Option<String>>)>,
    score: Vec<Option<f64>>,
    coverage: Vec<Option<f64>>,
    band: Vec<Option<String>>,
    color: Vec<Option<String>>,
    grade: Vec<Option<String>>,
    segment: Vec<Option<String>>,
    probability: Vec<Option<f64>>,
    trend: Vec<Option<String>>,
    components: Vec<(String, Vec<Option<f64>>)>,
    drivers: [DriverColumns; DRIVERS],
    actions: Vec<Option<String>>,
    reason: Vec<Option<String>>,
    unusable: usize,
}

impl Rows {
    fn new(model: &Model, ids: &[String]) -> Self {
        let record = ["record".to_owned()];
        let ids = if ids.is_empty() { &record } else { ids };
        let components = model.scorecard().components().iter();
        Self {
            ids: ids.iter().map(|name| (name.clone(), Vec::new())).collect(),
            score: Vec::new(),
            coverage: Vec::new(),
            band: Vec::new(),
            color: Vec::new(),
            grade: Vec::new(),
            segment: Vec::new(),
            probability: Vec::new(),
            trend: Vec::new(),
            components: components
                .map(|component| (format!("component_{}", component.name), Vec::new()))
                .collect(),
            drivers: Default::default(),
            actions: Vec::new(),
            reason: Vec::new(),
            unusable: 0,
        }
    }

    /// Names of the columns that are not ids.
    fn own_columns(&self) -> Vec<String> {
        let fixed = [
            "score",
            "coverage",
            "band",
            "color",
            "grade",
            "percentile",
            "rank",
            "probability",
            "trend",
            "actions",
            "reason",
        ];
        let mut names: Vec<String> = fixed.map(str::to_owned).to_vec();
        names.extend(self.components.iter().map(|(name, _)| name.clone()));
        names.extend((1..=DRIVERS).flat_map(driver_names));
        names
    }

    fn push(&mut self, model: &Model, told: &Told<'_>) {
        self.push_ids(told.ids);
        let scored = model.score(&told.inputs, told.segment, told.previous);
        let scorecard = model.scorecard();
        let band = scored.band().and_then(|band| scorecard.bands().get(band));
        self.score.push(scored.scored.score.map(HealthScore::get));
        self.coverage.push(Some(scored.scored.coverage));
        self.band.push(band.map(|band| band.name.clone()));
        self.color.push(band.and_then(|band| band.color.clone()));
        self.grade.push(band.and_then(|band| band.grade.clone()));
        self.segment.push(told.segment.map(str::to_owned));
        self.probability.push(scored.probability.map(OutcomeProbability::get));
        let trend = scored.trend.map(|reading| reading.direction.map_or("unknown", direction_word));
        self.trend.push(trend.map(str::to_owned));
        for ((_, values), own) in self.components.iter_mut().zip(&scored.scored.components) {
            values.push(*own);
        }
        self.push_drivers(scorecard, &scored);
        let due = scorecard.actions_due(&scored.scored, scored.band(), None);
        self.actions.push((!due.is_empty()).then(|| actions_sentence(&due)));
        self.reason.push(scored.scored.reason.map(|reason| reason_sentence(reason, scorecard)));
        self.unusable += scored.scored.unusable;
    }

    fn push_ids(&mut self, cells: &[RecordCell<'_>]) {
        let number = self.score.len() + 1;
        for (column, (_, values)) in self.ids.iter_mut().enumerate() {
            values.push(match cells.get(column) {
                Some(RecordCell::Text(text)) => Some(text.clone().into_owned()),
                Some(_) => None,
                None => Some(number.to_string()),
            });
        }
    }

    fn push_drivers(&mut self, scorecard: &Scorecard, scored: &ModelScored) {
        let drivers = scored.scored.drivers();
        for (place, columns) in self.drivers.iter_mut().enumerate() {
            let driver = drivers.get(place);
            columns.names.push(driver.map(|driver| driver_name(driver.source, scorecard)));
            columns.points.push(driver.map(|driver| driver.points));
        }
    }

    /// A row that cannot be taken apart has no ids, no score, and the reason.
    fn push_broken(&mut self, why: &str) {
        let number = self.score.len() + 1;
        for (name, values) in &mut self.ids {
            values.push((name == "record").then(|| number.to_string()));
        }
        for numbers in [&mut self.score, &mut self.coverage, &mut self.probability] {
            numbers.push(None);
        }
        self.components.iter_mut().for_each(|(_, values)| values.push(None));
        for columns in &mut self.drivers {
            columns.names.push(None);
            columns.points.push(None);
        }
        for words in [
            &mut self.band,
            &mut self.color,
            &mut self.grade,
            &mut self.segment,
            &mut self.trend,
            &mut self.actions,
        ] {
            words.push(None);
        }
        self.reason.push(Some(why.to_owned()));
    }

    fn finish(self, reference: &Distribution) -> ScoredRecords {
        let percentiles = self.score.iter().map(|score| percentile((*score)?, reference)).collect();
        let ranks = ranks(&self.score, &self.segment);
        let words = |name: String, values| ScoreColumn { name, values: ScoreValues::Words(values) };
        let numbers =
            |name: String, values| ScoreColumn { name, values: ScoreValues::Numbers(values) };
        let records = self.score.len();
        let unscored = self.score.iter().filter(|score| score.is_none()).count();
        let mut columns: Vec<ScoreColumn> =
            self.ids.into_iter().map(|(name, values)| words(name, values)).collect();
        columns.push(numbers("score".to_owned(), self.score));
        columns.push(numbers("coverage".to_owned(), self.coverage));
        columns.push(words("band".to_owned(), self.band));
        columns.push(words("color".to_owned(), self.color));
        columns.push(words("grade".to_owned(), self.grade));
        columns.push(numbers("percentile".to_owned(), percentiles));
        columns.push(numbers("rank".to_owned(), ranks));
        columns.push(numbers("probability".to_owned(), self.probability));
        columns.push(words("trend".to_owned(), self.trend));
        columns.extend(self.components.into_iter().map(|(name, values)| numbers(name, values)));
        for (place, DriverColumns { names, points }) in (1..).zip(self.drivers) {
            let [name, name_of_points] = driver_names(place);
            columns.push(words(name, names));
            columns.push(numbers(name_of_points, points));
        }
        columns.push(words("actions".to_owned(), self.actions));
        columns.push(words("reason".to_owned(), self.reason));
        ScoredRecords { columns, records, unscored, unusable: self.unusable }
    }
}

/// The hundredth of the reference in which a score lies; none where the reference is too small to say.
pub(crate) fn percentile(score: f64, reference: &Distribution) -> Option<f64> {
    let (last, _) = reference.quantiles.last()?;
    let above = reference.quantiles.iter().find(|(_, value)| score <= *value);
    Some(above.map_or((100.0 * last).round() + 1.0, |(share, _)| (100.0 * share).round()))
}

/// Rank of each score among those of its segment, 1 the highest; equal ones share the better rank.
fn ranks(scores: &[Option<f64>], segments: &[Option<String>]) -> Vec<Option<f64>> {
    let mut ascending: BTreeMap<Option<&str>, Vec<f64>> = BTreeMap::new();
    for (score, segment) in scores.iter().zip(segments) {
        ascending.entry(segment.as_deref()).or_default().extend(*score);
    }
    for own in ascending.values_mut() {
        own.sort_by(f64::total_cmp);
    }
    let rank = |(score, segment): (&Option<f64>, &Option<String>)| {
        let score = (*score)?;
        let own = ascending.get(&segment.as_deref())?;
        Some((own.len() - own.partition_point(|other| *other <= score) + 1) as f64)
    };
    scores.iter().zip(segments).map(rank).collect()
}

fn driver_names(place: usize) -> [String; 2] {
    [format!("driver_{place}"), format!("driver_{place}_points")]
}

/// What a driver comes from, by name.
pub(crate) fn driver_name(source: DriverSource, scorecard: &Scorecard) -> String {
    match source {
        DriverSource::Indicator(index) => {
            scorecard.indicators().nth(index).map_or_else(String::new, |own| own.name.clone())
        }
        DriverSource::Availability => "availability".to_owned(),
    }
}

/// The word used in files.
pub(crate) fn direction_word(direction: TrendDirection) -> &'static str {
    match direction {
        TrendDirection::Improving => "improving",
        TrendDirection::Stable => "stable",
        TrendDirection::Declining => "declining",
    }
}

/// Why there is no score.
pub(crate) fn reason_sentence(reason: NoScore, scorecard: &Scorecard) -> String {
    match reason {
        NoScore::NotFrozen => "a percentile has no earlier values to rank against".to_owned(),
        NoScore::NothingObserved => "nothing observed".to_owned(),
        NoScore::Rejected { indicator } => {
            format!("{} is missing", driver_name(DriverSource::Indicator(indicator), scorecard))
        }
    }
}

/// `recovery plan (csm, within 2 days)`
pub(crate) fn action_sentence(action: &Action) -> String {
    let within = action.within_days.map(|days| match days {
        1 => "within 1 day".to_owned(),
        days => format!("within {days} days"),
    });
    let owner = action.owner.clone().unwrap_or_else(|| "no one is responsible".to_owned());
    let about: Vec<String> = std::iter::once(owner).chain(within).collect();
    format!("{} ({})", action.what, about.join(", "))
}

fn actions_sentence(due: &[ActionDue<'_>]) -> String {
    due.iter().map(|due| action_sentence(due.action)).collect::<Vec<_>>().join("; ")
}

impl ScoredRecords {
    /// One object per record, its keys the columns.
    pub fn objects(&self) -> Vec<Map<String, Value>> {
        let cell = |values: &ScoreValues, record: usize| match values {
            ScoreValues::Words(words) => words.get(record).cloned().flatten().into(),
            ScoreValues::Numbers(numbers) => Value::from(numbers.get(record).copied().flatten()),
        };
        let object = |record| {
            let columns = self.columns.iter();
            columns.map(|own| (own.name.clone(), cell(&own.values, record))).collect()
        };
        (0..self.records).map(object).collect()
    }

    /// The cells of each record as texts, numbers in their shortest form.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let cell = |values: &ScoreValues, record: usize| match values {
            ScoreValues::Words(words) => words.get(record).cloned().flatten().unwrap_or_default(),
            ScoreValues::Numbers(numbers) => {
                let number = numbers.get(record).copied().flatten();
                number.map_or_else(String::new, |number| number.to_string())
            }
        };
        let row = |record| self.columns.iter().map(|own| cell(&own.values, record)).collect();
        (0..self.records).map(row).collect()
    }

    /// The records as a file: CSV, NDJSON or Parquet, by the extension of its name.
    ///
    /// # Errors
    ///
    /// [`Error::ScoresFile`] for another extension.
    pub fn to_file(&self, path: &Path) -> Result<OutputFile, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "csv" => self.csv_file(name),
            "ndjson" => {
                let objects = self.objects().into_iter();
                let lines: Vec<String> =
                    objects.map(|object| Value::Object(object).to_string() + "\n").collect();
                Ok(OutputFile::new(name, lines.concat()))
            }
            "parquet" => {
                let file = parquet_file(&name, self.output_columns())?;
                Ok(OutputFile::new(name, file.bytes))
            }
            _ => Err(Error::ScoresFile { path: path.to_owned() }),
        }
    }

    fn csv_file(&self, name: String) -> Result<OutputFile, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = self.columns.iter().map(|column| column.name.as_str());
        let written = writer
            .write_record(header)
            .and_then(|()| self.rows().iter().try_for_each(|row| writer.write_record(row)));
        written.map_err(|error| encode(&name, &error))?;
        let bytes = writer.into_inner().map_err(|error| encode(&name, &error))?;
        Ok(OutputFile::new(name, bytes))
    }

    fn output_columns(&self) -> Vec<(String, OutputColumn<'_>)> {
        let columns = self.columns.iter().map(|column| {
            let values = match &column.values {
                ScoreValues::Words(words) => {
                    OutputColumn::Text(words.iter().map(Option::as_deref).collect())
                }
                ScoreValues::Numbers(numbers) => OutputColumn::Number(
                    numbers.iter().map(|number| number.unwrap_or(f64::NAN)).collect(),
                ),
            };
            (column.name.clone(), values)
        });
        columns.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_score_is_a_score_and_a_number_of_days() {
        let read = |score, age| previous(score, age).map(|own| (own.score.get(), own.age_days));
        assert_eq!(read(40.5, 30.0), Some((40.5, 30)));
        for (score, age) in [(101.0, 30.0), (40.0, -1.0), (40.0, 0.5), (40.0, f64::INFINITY)] {
            assert_eq!(read(score, age), None);
        }
    }

    #[test]
    fn a_percentile_is_the_hundredth_of_the_reference() {
        let scores: Vec<f64> = (1..=1_000).map(|own| f64::from(own) / 10.0).collect();
        let reference = Distribution::of_numbers(&scores);
        let of = |score| percentile(score, &reference);
        assert_eq!([of(0.0), of(50.0), of(50.05), of(100.0)], [1.0, 50.0, 51.0, 100.0].map(Some));
        assert_eq!(percentile(50.0, &Distribution::of_numbers(&[1.0])), None, "too few to say");
    }

    #[test]
    fn ranks_are_told_within_segments() {
        let scores = [Some(10.0), Some(30.0), None, Some(30.0), Some(5.0)];
        let all = [const { None }; 5];
        assert_eq!(ranks(&scores, &all), [Some(3.0), Some(1.0), None, Some(1.0), Some(4.0)]);
        let segments = ["a", "b", "a", "a", "b"].map(|own| Some(own.to_owned()));
        assert_eq!(ranks(&scores, &segments), [Some(2.0), Some(1.0), None, Some(1.0), Some(2.0)]);
    }

    #[test]
    fn actions_say_who_and_when() {
        let text = r#"
            spec_version = 1
            name = "x"
            version = "1.0.0"
            [components.a]
            weight = 100
            indicators = [{ name = "a", poor = 0, good = 1 }]
            [[bands]]
            name = "low"
            from = 0
            actions = [{ do = "plan", owner = "csm", within = "2d" }, { do = "think" }]
        "#;
        let scorecard = Scorecard::from_toml("scorecard.toml", text).unwrap();
        let scored = scorecard.score(&[Input::Number(1.0)]);
        let due = scorecard.actions_due(&scored, scored.band, None);
        assert_eq!(
            actions_sentence(&due),
            "plan (csm, within 2 days); think (no one is responsible)"
        );
        assert_eq!(reason_sentence(NoScore::Rejected { indicator: 0 }, &scorecard), "a is missing");
    }
}
