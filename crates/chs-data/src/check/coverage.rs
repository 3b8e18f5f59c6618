//! How often each indicator has a value.

use chs_panel::{Finding, IndicatorValues, Level, Panel};

use crate::check::rules::{INDICATOR_CONSTANT, INDICATOR_COVERAGE};

/// Share of rows with a value below which an indicator is worth a look.
const LOW_COVERAGE: f64 = 0.5;

/// Coverage of one indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorCoverage {
    /// Its name.
    pub name: String,
    /// Rows of the panel.
    pub rows: usize,
    /// Rows with a value.
    pub present: usize,
    /// Share of rows with a value at each snapshot, ascending by day.
    pub by_snapshot: Vec<f64>,
    /// Distinct values, counted up to two.
    distinct: usize,
}

impl IndicatorCoverage {
    /// Share of rows with a value.
    pub fn share(&self) -> f64 {
        self.present as f64 / (self.rows.max(1)) as f64
    }
}

pub(super) fn indicators(panel: &Panel) -> Vec<IndicatorCoverage> {
    let coverage = |indicator: &chs_panel::Named<IndicatorValues>| {
        let present = |rows: std::ops::Range<usize>| {
            rows.filter(|row| !indicator.column.is_missing(*row)).count()
        };
        let snapshots = 0..panel.snapshots().len();
        let by_snapshot = snapshots.map(|snapshot| panel.rows_of(snapshot));
        IndicatorCoverage {
            name: indicator.name.clone(),
            rows: panel.len(),
            present: present(0..panel.len()),
            by_snapshot: by_snapshot
                .map(|rows| present(rows.clone()) as f64 / rows.len() as f64)
                .collect(),
            distinct: distinct(&indicator.column),
        }
    };
    panel.indicators().iter().map(coverage).collect()
}

/// Distinct values, counted up to two.
fn distinct(values: &IndicatorValues) -> usize {
    match values {
        IndicatorValues::Words(words) => words.words().len().min(2),
        IndicatorValues::Numbers(numbers) => {
            let mut present = numbers.as_slice().iter().filter(|number| !number.is_nan());
            match present.next() {
                None => 0,
                Some(first) => {
                    1 + usize::from(present.any(|number| number.total_cmp(first).is_ne()))
                }
            }
        }
    }
}

pub(super) fn findings(indicators: &[IndicatorCoverage]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for indicator in indicators {
        let name = &indicator.name;
        let (present, rows, percent) =
            (indicator.present, indicator.rows, 100.0 * indicator.share());
        let level = match present {
            0 => Level::Error,
            _ if indicator.share() < LOW_COVERAGE => Level::Warning,
            _ => Level::Passed,
        };
        let sentence = format!("`{name}` has a value in {present} of {rows} rows ({percent:.1} %)");
        let finding = INDICATOR_COVERAGE.finding(level, name, sentence);
        findings
            .push(finding.with_figure("present", present as f64).with_figure("rows", rows as f64));
        if present > 0 && indicator.distinct == 1 {
            let sentence = format!(
                "`{name}` is the same in all of its {present} rows; it cannot tell accounts apart"
            );
            findings.push(INDICATOR_CONSTANT.finding(Level::Warning, name, sentence));
        }
    }
    findings
}
