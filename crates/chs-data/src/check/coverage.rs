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
    /// Share of the accounts with a row at each snapshot and the one before it whose cell changed between
    /// them; `None` where there is no such account, as at the first snapshot.
    pub changed_by_snapshot: Vec<Option<f64>>,
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
            changed_by_snapshot: (0..panel.snapshots().len())
                .map(|snapshot| changed(panel, &indicator.column, snapshot))
                .collect(),
            distinct: distinct(&indicator.column),
        }
    };
    panel.indicators().iter().map(coverage).collect()
}

/// Share of the accounts of a snapshot and the one before whose cell differs, a missing one from any value.
fn changed(panel: &Panel, values: &IndicatorValues, snapshot: usize) -> Option<f64> {
    let account = panel.account();
    let mut before = panel.rows_of(snapshot.checked_sub(1)?).peekable();
    let (mut common, mut changed) = (0_usize, 0_usize);
    for row in panel.rows_of(snapshot) {
        while before.next_if(|earlier| account[*earlier] < account[row]).is_some() {}
        if let Some(earlier) = before.next_if(|earlier| account[*earlier] == account[row]) {
            common += 1;
            changed += usize::from(!is_same(values, earlier, row));
        }
    }
    (common > 0).then(|| changed as f64 / common as f64)
}

fn is_same(values: &IndicatorValues, one: usize, other: usize) -> bool {
    match values {
        IndicatorValues::Words(words) => words.codes().get(one) == words.codes().get(other),
        IndicatorValues::Numbers(numbers) => {
            let bits = |row: usize| numbers.get(row).map(f64::to_bits);
            bits(one) == bits(other)
        }
    }
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

#[cfg(test)]
mod tests {
    use chs_panel::{IndicatorValues, Named, NumberColumn, Panel, PanelParts};
    use jiff::civil::date;

    #[test]
    fn change_is_counted_over_accounts_of_both_snapshots() {
        let [january, february] = [date(2024, 1, 31), date(2024, 2, 29)];
        let values = NumberColumn::new(vec![1.0, f64::NAN, 3.0, 7.0, 2.0, f64::NAN, 3.0, 9.0]);
        let panel = Panel::new(PanelParts {
            accounts: ["a", "b", "c", "d", "e"].map(str::to_owned).into(),
            account: vec![0, 1, 2, 3, 0, 1, 2, 4],
            snapshot: [[january; 4], [february; 4]].concat(),
            indicators: vec![Named { name: "n".into(), column: IndicatorValues::Numbers(values) }],
            ..PanelParts::default()
        })
        .unwrap();
        let found = &super::indicators(&panel)[0];
        // Of a, b and c, which have both rows, a alone changed.
        assert_eq!(found.changed_by_snapshot, [None, Some(1.0 / 3.0)]);
        assert_eq!(found.by_snapshot, [0.75, 0.75]);
    }
}
