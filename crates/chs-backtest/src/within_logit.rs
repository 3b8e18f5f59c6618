//! Logistic regression inside snapshots: what several columns say of accounts of the same day.

use chs_stats::{Estimate, LogisticFit, LogisticRows, Undefined, exact_sum, logistic};

use crate::AUC_FLOOR;
use crate::metric::{Figure, Method};
use crate::sample::Sample;

/// Deviations below this share of the scale of a column are rounding.
const ROUNDING: f64 = 1e-9;

/// A fit of the label on columns that are centred inside each snapshot and scaled to a standard
/// deviation of 1, a snapshot's own event rate being the offset.
pub(crate) struct WithinFit {
    /// One per column that was given.
    columns: Vec<Result<FittedColumn, String>>,
    /// Linear predictor of each row of the fit.
    linear: Vec<f64>,
    fit: LogisticFit,
}

struct FittedColumn {
    /// Place among the coefficients, the intercept being the first.
    place: usize,
    /// Log odds per standard deviation.
    coefficient: f64,
    standard_deviation: f64,
    /// Centred and scaled, one value per row of the fit.
    values: Vec<f64>,
}

/// Fit the label on columns with one value per row of the sample; a missing one (NaN) counts as the mean
/// of its snapshot. Snapshots of one class say nothing and are left out.
///
/// Columns that do not vary, or are a combination of earlier ones, are left out with the reason.
///
/// # Errors
///
/// In words where nothing can be fitted: fewer than [`AUC_FLOOR`] accounts with and without events per
/// column, separated classes.
pub(crate) fn within_fit(sample: &Sample, columns: &[Vec<f64>]) -> Result<WithinFit, String> {
    let rates = snapshot_rates(sample);
    let is_mixed = |stratum: u32| rates.get(stratum as usize).copied().flatten().is_some();
    let part = sample.part(|place| sample.stratum.get(place).is_some_and(|own| is_mixed(*own)));
    let needed = AUC_FLOOR * columns.len().max(1);
    let found = part.accounts_with(true).min(part.accounts_with(false));
    if found < needed {
        return Err(format!(
            "not enough data: {found} accounts with events or without, {needed} needed for {} columns",
            columns.len()
        ));
    }
    let offset: Vec<f64> = part
        .stratum
        .iter()
        .filter_map(|own| rates.get(*own as usize).copied().flatten())
        .map(|rate| (rate / (1.0 - rate)).ln())
        .collect();
    let kept = |column: &Vec<f64>| -> Vec<f64> {
        let rows = sample.stratum.iter().zip(column);
        rows.filter(|(own, _)| is_mixed(**own)).map(|(_, value)| *value).collect()
    };
    let mut scaled: Vec<Result<(Vec<f64>, f64), String>> =
        columns.iter().map(|column| centred(&kept(column), &part.stratum)).collect();
    loop {
        let used: Vec<usize> = (0..scaled.len()).filter(|index| scaled[*index].is_ok()).collect();
        let values: Vec<&[f64]> =
            scaled.iter().flatten().map(|(values, _)| values.as_slice()).collect();
        let rows = LogisticRows {
            columns: &values,
            label: &part.label,
            cluster: &part.cluster,
            offset: Some(&offset),
            weights: None,
        };
        match logistic(&rows) {
            Ok(fit) => {
                let linear = linear_predictors(&fit.coefficients, &values, &offset);
                return Ok(WithinFit::new(scaled, fit, linear));
            }
            Err(Undefined::Collinear { column }) if column > 0 => {
                if let Some(index) = used.get(column - 1) {
                    scaled[*index] = Err("a combination of the indicators before it".to_owned());
                }
            }
            Err(undefined) => return Err(undefined.to_string()),
        }
    }
}

/// The event rate of each snapshot that has both classes.
fn snapshot_rates(sample: &Sample) -> Vec<Option<f64>> {
    let strata = sample.stratum.iter().max().map_or(0, |last| *last as usize + 1);
    let mut counts = vec![(0_u32, 0_u32); strata];
    for (stratum, label) in sample.stratum.iter().zip(&sample.label) {
        if let Some((rows, events)) = counts.get_mut(*stratum as usize) {
            *rows += 1;
            *events += u32::from(*label);
        }
    }
    let rate = |(rows, events): (u32, u32)| {
        (events > 0 && events < rows).then(|| f64::from(events) / f64::from(rows))
    };
    counts.into_iter().map(rate).collect()
}

/// The column minus the mean of its snapshot, over its standard deviation; with that deviation. Rows of
/// a snapshot stand together.
fn centred(column: &[f64], stratum: &[u32]) -> Result<(Vec<f64>, f64), String> {
    let mut values = Vec::with_capacity(column.len());
    let mut start = 0;
    for group in stratum.chunk_by(|a, b| a == b) {
        let own = column.get(start..start + group.len()).unwrap_or_default();
        let observed = || own.iter().copied().filter(|value| !value.is_nan());
        let mean = exact_sum(observed()) / observed().count().max(1) as f64;
        values.extend(own.iter().map(|value| if value.is_nan() { 0.0 } else { value - mean }));
        start += group.len();
    }
    let observed = || column.iter().copied().filter(|value| !value.is_nan());
    let scale = observed().map(f64::abs).fold(0.0, f64::max);
    let squares = exact_sum(values.iter().map(|value| value * value));
    let deviation = (squares / observed().count().max(1) as f64).sqrt();
    if deviation <= ROUNDING * scale {
        return Err("does not vary between the accounts of a day".to_owned());
    }
    for value in &mut values {
        *value /= deviation;
    }
    Ok((values, deviation))
}

fn linear_predictors(coefficients: &[f64], columns: &[&[f64]], offset: &[f64]) -> Vec<f64> {
    let Some((intercept, slopes)) = coefficients.split_first() else { return Vec::new() };
    let mut linear: Vec<f64> = offset.iter().map(|own| own + intercept).collect();
    for (slope, column) in slopes.iter().zip(columns) {
        linear.iter_mut().zip(*column).for_each(|(sum, value)| *sum += slope * value);
    }
    linear
}

impl WithinFit {
    fn new(
        scaled: Vec<Result<(Vec<f64>, f64), String>>,
        fit: LogisticFit,
        linear: Vec<f64>,
    ) -> Self {
        let mut place = 0;
        let mut fitted = |(values, standard_deviation)| {
            place += 1;
            let coefficient = fit.coefficients.get(place).copied().unwrap_or_default();
            FittedColumn { place, coefficient, standard_deviation, values }
        };
        let columns = scaled.into_iter().map(|column| column.map(&mut fitted)).collect();
        Self { columns, linear, fit }
    }

    fn column(&self, index: usize) -> Result<&FittedColumn, String> {
        self.columns.get(index).ok_or("no such column")?.as_ref().map_err(Clone::clone)
    }

    /// Log odds of label 1 per standard deviation of a column, the others being equal.
    ///
    /// # Errors
    ///
    /// Why the column is not in the fit.
    pub(crate) fn log_odds(&self, index: usize, level: f64) -> Result<Estimate, String> {
        let column = self.column(index)?;
        let own = self.fit.covariance.get(column.place).and_then(|row| row.get(column.place));
        Ok(Estimate::new(column.coefficient, own.map_or(0.0, |own| own.sqrt()), level))
    }

    /// By how much the mean probability of label 1 moves when a column is one standard deviation higher in
    /// every row, the others being equal; the bounds are those of the column's own coefficient.
    pub(crate) fn effect(&self, index: usize, level: f64) -> Result<Figure, String> {
        let log_odds = self.log_odds(index, level)?;
        let column = self.column(index)?;
        let moved = |coefficient: f64| {
            let rows = self.linear.iter().zip(&column.values);
            let terms = rows.map(|(linear, value)| {
                let own = linear + (coefficient - column.coefficient) * value;
                sigmoid(own + coefficient) - sigmoid(own)
            });
            exact_sum(terms) / self.linear.len().max(1) as f64
        };
        let (one, other) = (moved(log_odds.interval.lower), moved(log_odds.interval.upper));
        let interval = chs_stats::Interval { lower: one.min(other), upper: one.max(other) };
        Ok(Figure::new(moved(log_odds.estimate), Some(interval), Method::Sandwich))
    }

    /// Estimate of a sum of columns in their own units, each times its factor: log odds.
    pub(crate) fn contrast(
        &self,
        factors: &[(usize, f64)],
        level: f64,
    ) -> Result<Estimate, String> {
        let mut terms = Vec::new();
        for (index, factor) in factors {
            let column = self.column(*index)?;
            terms.push((column.place, factor / column.standard_deviation, column.coefficient));
        }
        let entry = |row: usize, column: usize| {
            self.fit
                .covariance
                .get(row)
                .and_then(|row| row.get(column))
                .copied()
                .unwrap_or_default()
        };
        let estimate = exact_sum(terms.iter().map(|(_, factor, own)| factor * own));
        let pairs = terms.iter().flat_map(|(row, one, _)| {
            terms.iter().map(move |(column, other, _)| one * other * entry(*row, *column))
        });
        Ok(Estimate::new(estimate, exact_sum(pairs).max(0.0).sqrt(), level))
    }

    /// The p value of "none of these columns says anything", clustered by account; `None` where it has none.
    pub(crate) fn p_value(&self, columns: &[usize]) -> Option<f64> {
        let places: Vec<usize> =
            columns.iter().filter_map(|index| Some(self.column(*index).ok()?.place)).collect();
        if places.is_empty() {
            return None;
        }
        self.fit.wald(&places).ok().map(|test| test.p_value)
    }

    /// The mean probability of label 1 if every row's log odds were these, beside what the columns listed
    /// in `without` add to them.
    pub(crate) fn mean_probability(&self, without: &[usize], log_odds: f64) -> f64 {
        let mut linear = self.linear.clone();
        for column in without.iter().filter_map(|index| self.column(*index).ok()) {
            let rows = linear.iter_mut().zip(&column.values);
            rows.for_each(|(sum, value)| *sum -= column.coefficient * value);
        }
        exact_sum(linear.iter().map(|own| sigmoid(own + log_odds))) / linear.len().max(1) as f64
    }
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
