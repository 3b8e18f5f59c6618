//! The verbs of indicators, one cell at a time.

use chs_data::{
    Cell, Column, Coverage, Empty, LastDay, Measure, Micros, Name, ParsedExpression, Reading,
    RowsVerb, SourceRows, Statistic, TrendMethod, Verb, Window, day_of, midnight_after, minus,
};
use chs_panel::Span;

use super::{Moment, Value, cell, passes, record_id};

/// Microseconds of a civil day.
pub(super) const CIVIL_DAY: Micros = 24 * 60 * 60 * 1_000_000;

impl<'a> Moment<'a> {
    pub(super) fn indicator(&self, index: usize) -> Value {
        match &self.project.indicators[index].verb {
            Verb::Rows(verb) => self.rows_verb(verb),
            Verb::Formula(formula) => self.formula(formula),
            Verb::Tenure => {
                let first = self.starts().iter().filter(|start| **start < self.t).min();
                Value::number(first.map(|start| self.whole_days_since(*start)))
            }
            Verb::Attribute { column, reading } => {
                let column = &self.history.accounts.attributes[&column.value];
                self.version().map_or(Value::Missing, |version| read(column, reading, version))
            }
        }
    }

    fn formula(&self, formula: &ParsedExpression) -> Value {
        let values: Vec<Value> = formula
            .expression
            .names()
            .iter()
            .map(|name| {
                let named = |indicator: &chs_data::Indicator| indicator.name.value == *name;
                self.project
                    .indicators
                    .iter()
                    .position(named)
                    .map_or(Value::Missing, |read| self.indicator(read))
            })
            .collect();
        Value::number(formula.expression.number(&|name| values[name].cell()))
    }

    fn whole_days_since(&self, event: Micros) -> f64 {
        (self.t - event).div_euclid(CIVIL_DAY) as f64
    }

    fn rows_verb(&self, verb: &RowsVerb) -> Value {
        let rows = &self.history.sources[verb.source];
        if verb.connected_for.is_some_and(|span| !self.connected(verb.source, span)) {
            return Value::Missing;
        }
        let filter = verb.filter.as_ref();
        match &verb.measure {
            Measure::Count { window } => {
                let count = self.in_window(rows, filter, window).len();
                if count == 0 { empty(window.empty) } else { Value::Number(count as f64) }
            }
            Measure::Statistic { statistic, value, window } => {
                let observed = Observed::new(rows, value, &self.in_window(rows, filter, window));
                observed.statistic(*statistic, window.empty)
            }
            Measure::Trend { value, window, buckets, method } => {
                let window_rows = self.in_window(rows, filter, window);
                let trend =
                    Trend { value, window, buckets: *buckets, upper: minus(self.t, window.shift) };
                trend.of(rows, &window_rows, *method)
            }
            Measure::Distinct { column, window } => {
                let window_rows = self.in_window(rows, filter, window);
                let cells = window_rows.into_iter().map(|row| cell(rows, &column.value, row));
                let mut texts: Vec<String> = cells
                    .filter(|cell| *cell != Cell::Null)
                    .map(|cell| format!("{cell:?}"))
                    .collect();
                texts.sort();
                texts.dedup();
                if texts.is_empty() {
                    empty(window.empty)
                } else {
                    Value::Number(texts.len() as f64)
                }
            }
            Measure::Latest { column, reading, at, max_age } => {
                let own_date = at.as_ref().map(|name| name.value.as_str());
                self.latest(rows, filter, (&column.value, reading, own_date, *max_age))
            }
            Measure::Recency => {
                let events = self
                    .known_rows(rows)
                    .filter(|row| rows.at[*row] < self.t && passes(rows, filter, *row));
                Value::number(
                    events.map(|row| rows.at[row]).max().map(|event| self.whole_days_since(event)),
                )
            }
            Measure::Open { amount, empty } => {
                self.open(verb, amount.as_ref().map(|name| name.value.as_str()), *empty)
            }
            Measure::Until { column } => self.until(rows, filter, column),
        }
    }

    /// Whether the source has spoken for that long.
    fn connected(&self, source: usize, span: Span) -> bool {
        let rows = &self.history.sources[source];
        let seen = |row: &usize| rows.at[*row] < self.t && rows.known(*row) < self.t;
        let since = match self.project.sources[source].coverage {
            Coverage::Account => self.own_rows(rows).filter(seen).map(|row| rows.at[row]).min(),
            Coverage::Source => {
                let first = (0..rows.len()).filter(seen).map(|row| rows.at[row]).min();
                let start = self.starts().iter().min().copied();
                first.zip(start).map(|(first, start)| first.max(start))
            }
        };
        since.is_some_and(|since| since <= minus(self.t, span))
    }

    /// Rows whose event lies in the window, as known at the snapshot.
    fn in_window(
        &self,
        rows: &'a SourceRows,
        filter: Option<&ParsedExpression>,
        window: &Window,
    ) -> Vec<usize> {
        let upper = minus(self.t, window.shift);
        let lower = minus(upper, window.length);
        let inside =
            |row: &usize| (lower..upper).contains(&rows.at[*row]) && passes(rows, filter, *row);
        self.known_rows(rows).filter(inside).collect()
    }

    /// The last observation of a column, by the date of the row or by its own.
    fn latest(
        &self,
        rows: &'a SourceRows,
        filter: Option<&ParsedExpression>,
        (column, reading, own_date, max_age): (&str, &Reading, Option<&str>, Option<Span>),
    ) -> Value {
        let oldest = max_age.map_or(Micros::MIN, |age| minus(self.t, age));
        let candidates =
            self.known_rows(rows).filter(|row| passes(rows, filter, *row)).filter_map(|row| {
                let date = match own_date {
                    None => rows.at[row],
                    Some(name) => rows.times[name][row]?,
                };
                let known = own_date.is_none() || date + delay(rows, row) < self.t;
                let value = read(&rows.columns[column], reading, row);
                let counts = known && (oldest..self.t).contains(&date) && value != Value::Missing;
                counts.then(|| {
                    ((date, rows.known(row), record_id(rows, row), &rows.row_bytes[row]), value)
                })
            });
        candidates.max_by(|(a, _), (b, _)| a.cmp(b)).map_or(Value::Missing, |(_, value)| value)
    }

    /// Rows that have begun and, as far as is known, not ended.
    fn open(&self, verb: &RowsVerb, amount: Option<&str>, none: Empty) -> Value {
        let rows = &self.history.sources[verb.source];
        let source = &self.project.sources[verb.source];
        let ended = &rows.times[&source.ended.as_ref().unwrap().value];
        let is_open = |row: &usize| {
            let Some(end) = ended[*row] else { return true };
            let midnight = midnight_after(day_of(end));
            let lasts = source.last_day == LastDay::Lasts && end == midnight - 1;
            (if lasts { midnight } else { end }) + delay(rows, *row) >= self.t
        };
        let open: Vec<usize> = self
            .known_rows(rows)
            .filter(|row| rows.at[*row] < self.t && passes(rows, verb.filter.as_ref(), *row))
            .filter(is_open)
            .collect();
        let Some(amount) = amount else {
            return if open.is_empty() { empty(none) } else { Value::Number(open.len() as f64) };
        };
        let number = |row: usize| match cell(rows, amount, row) {
            Cell::Number(number) => Some(number),
            _ => None,
        };
        Observed::of(rows, &open, number).statistic(Statistic::Sum, none)
    }

    /// Whole days to the next date of a column; a date without a time ends with its day.
    fn until(
        &self,
        rows: &'a SourceRows,
        filter: Option<&ParsedExpression>,
        column: &Name,
    ) -> Value {
        let dates = self
            .known_rows(rows)
            .filter(|row| passes(rows, filter, *row))
            .filter_map(|row| rows.times[&column.value][row]);
        let next = dates.filter(|date| *date >= self.t).min();
        // Midnights after the snapshot's that come before the date is over.
        let days = |date: Micros| {
            (1..=1_000_000).find(|day| self.t + day * CIVIL_DAY > date + 1).unwrap() - 1
        };
        Value::number(next.map(|date| days(date) as f64))
    }
}

/// How much later than its date a thing is known, where the row does not say when it was known.
fn delay(rows: &SourceRows, row: usize) -> Micros {
    if rows.known_by_event(row) { rows.known(row) - rows.at[row] } else { 0 }
}

/// The cell of a column as an indicator takes it.
fn read(column: &Column, reading: &Reading, row: usize) -> Value {
    let (number, text) = match column.cell(row) {
        Cell::Null => return Value::Missing,
        Cell::Number(number) => (Some(number), number.to_string()),
        Cell::Text(text) => (as_number(text), text.to_owned()),
    };
    match reading {
        Reading::Numbers => Value::number(number),
        Reading::Words => Value::Word(text),
        Reading::Mapped(map) => {
            let found = map.iter().find(|(word, _)| *word == text.trim());
            Value::number(found.map(|(_, number)| *number))
        }
    }
}

/// Observations, in no order, and what orders them: event, record.
struct Observed<'a> {
    values: Vec<((Micros, Option<&'a str>), f64)>,
}

impl<'a> Observed<'a> {
    fn new(rows: &'a SourceRows, value: &ParsedExpression, chosen: &[usize]) -> Self {
        let names = value.expression.names();
        Self::of(rows, chosen, |row| value.expression.number(&|name| cell(rows, &names[name], row)))
    }

    fn of(rows: &'a SourceRows, chosen: &[usize], number: impl Fn(usize) -> Option<f64>) -> Self {
        let observation =
            |row: &usize| number(*row).map(|value| ((rows.at[*row], record_id(rows, *row)), value));
        Self { values: chosen.iter().filter_map(observation).collect() }
    }

    fn statistic(&self, statistic: Statistic, none: Empty) -> Value {
        let n = self.values.len();
        if n == 0 {
            return empty(none);
        }
        match statistic {
            Statistic::Sum => Value::Number(self.sum()),
            Statistic::Mean => Value::Number(self.sum() / n as f64),
            Statistic::Min => Value::number(self.plain().min_by(f64::total_cmp)),
            Statistic::Max => Value::number(self.plain().max_by(f64::total_cmp)),
            Statistic::Std => Value::number((n > 1).then(|| self.std())),
        }
    }

    /// The values, with one zero.
    fn plain(&self) -> impl Iterator<Item = f64> {
        self.values.iter().map(|(_, value)| if value.abs() > 0.0 { *value } else { 0.0 })
    }

    fn in_order(&self) -> Vec<f64> {
        let mut values = self.values.clone();
        values.sort_by(|(a, left), (b, right)| a.cmp(b).then(left.total_cmp(right)));
        values.into_iter().map(|(_, value)| value).collect()
    }

    fn sum(&self) -> f64 {
        let in_millionths: Option<Vec<i128>> =
            self.values.iter().map(|(_, value)| millionths(*value)).collect();
        match in_millionths {
            Some(millionths) => divided(millionths.into_iter().sum()),
            None => self.in_order().into_iter().fold(0.0, |sum, value| sum + value),
        }
    }

    /// With n - 1. Decimals below 2^50 millionths are exact until the end: n times the squares about the
    /// mean is the sum of the squared differences of all pairs.
    fn std(&self) -> f64 {
        let n = self.values.len();
        let units: Option<Vec<i128>> = self
            .values
            .iter()
            .map(|(_, value)| millionths(*value).filter(|units| units.abs() < 1 << 50))
            .collect();
        if let Some(units) = units {
            let pairs = (0..n).flat_map(|second| (0..second).map(move |first| (first, second)));
            let spread: i128 = pairs.map(|(a, b)| (units[a] - units[b]).pow(2)).sum();
            let pairs = (n * (n - 1)) as i128 * 1_000_000_000_000;
            return (spread as f64 / pairs as f64).sqrt();
        }
        let mean = self.sum() / n as f64;
        let squares = self.in_order().into_iter().map(|value| (value - mean) * (value - mean));
        (squares.fold(0.0, |sum, square| sum + square) / (n - 1) as f64).sqrt()
    }
}

/// The buckets of a window, each with the sum of its rows.
struct Trend<'a> {
    value: &'a ParsedExpression,
    window: &'a Window,
    buckets: u32,
    /// End of the window.
    upper: Micros,
}

impl Trend<'_> {
    fn of(&self, rows: &SourceRows, window_rows: &[usize], method: TrendMethod) -> Value {
        if Observed::new(rows, self.value, window_rows).values.is_empty() {
            return empty(self.window.empty);
        }
        let n = self.buckets;
        let sum = |first: u32, end: u32| {
            let (from, until) = (self.edge(first), self.edge(end));
            let inside = |row: &&usize| from <= rows.at[**row] && rows.at[**row] < until;
            let chosen: Vec<usize> = window_rows.iter().filter(inside).copied().collect();
            Observed::new(rows, self.value, &chosen).sum()
        };
        match method {
            TrendMethod::Ols => {
                // Against the number of the bucket, newest last; the same distance either side of the middle
                // weighs the same, so that a flat line has no slope.
                let pairs = (0..n / 2).map(|bucket| (bucket, n - 1 - bucket));
                let slope = pairs.fold(0.0, |slope, (older, newer)| {
                    let apart = f64::from(newer - older);
                    slope + apart * (sum(newer, newer + 1) - sum(older, older + 1))
                });
                let n = f64::from(n);
                Value::Number(6.0 * slope / (n * (n * n - 1.0)))
            }
            TrendMethod::Change => {
                let (older, newer) = (sum(0, n / 2), sum(n - n / 2, n));
                let by_zero = older.abs() <= 0.0;
                Value::number((!by_zero).then(|| (newer - older) / older))
            }
        }
    }

    /// Start of a bucket counted from the oldest: so many buckets before the end, one subtraction.
    fn edge(&self, bucket: u32) -> Micros {
        let length = self.window.length;
        let left = self.buckets - bucket;
        if length.whole_months() > 0 {
            minus(self.upper, Span::months(length.whole_months() / self.buckets * left))
        } else {
            self.upper - length.minutes() * 60_000_000 / i64::from(self.buckets) * i64::from(left)
        }
    }
}

fn empty(empty: Empty) -> Value {
    match empty {
        Empty::Zero => Value::Number(0.0),
        Empty::Null => Value::Missing,
    }
}

/// The value of an expression in a row.
pub(super) fn number(rows: &SourceRows, value: &ParsedExpression, row: usize) -> Option<f64> {
    let names = value.expression.names();
    value.expression.number(&|name| cell(rows, &names[name], row))
}

/// The number that a text holds.
fn as_number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The value in millionths, if a text of at most six decimals and fifteen digits stands for it and no other.
pub(super) fn millionths(value: f64) -> Option<i128> {
    (0..=6_usize).find_map(|places| {
        let written = format!("{value:.places$}");
        let read: f64 = written.parse().ok()?;
        let units: i128 = written.replace('.', "").parse().ok()?;
        let zero = units == 0 && value.abs() <= 0.0;
        let same = read.to_bits() == value.to_bits() || zero;
        (same && units.abs() < 10_i128.pow(15))
            .then(|| units * 10_i128.pow(6 - u32::try_from(places).unwrap()))
    })
}

/// A sum of millionths in units of its smallest decimal, divided once.
pub(super) fn divided(sum: i128) -> f64 {
    let places = (0..=6).find(|places| sum % 10_i128.pow(6 - places) == 0).unwrap();
    (sum / 10_i128.pow(6 - places)) as f64 / 10_i128.pow(places) as f64
}
