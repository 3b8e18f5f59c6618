//! The rows that a figure is computed from.

use chs_panel::{Label, Named, NumberColumn, Panel, Polarity, WordColumn};
use chs_stats::{Auc, Observations, auc_within};

use crate::classes::classes;
use crate::{Counts, Settings};

/// What every part of a backtest reads.
pub(crate) struct Frame<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) label: &'a Label,
    pub(crate) settings: &'a Settings,
    /// Index of the snapshot per row of the panel.
    pub(crate) stratum: Vec<u32>,
    /// What figures are broken down by: segments, and classes of tenure and value.
    pub(crate) classes: Vec<Named<WordColumn>>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(panel: &'a Panel, label: &'a Label, settings: &'a Settings) -> Self {
        let classes = classes(panel, settings);
        Self { panel, label, settings, stratum: panel.snapshot_index(), classes }
    }

    /// Days from a row to the outcome that the label asks for, or to its being known where that came first;
    /// `None` where the panel does not tell.
    pub(crate) fn days_to_outcome(&self, row: usize) -> Option<i32> {
        let next = self.label.next(row).filter(|next| next.is_target)?;
        let snapshot = self.panel.snapshot().get(row)?;
        Some(snapshot.until(next.day.min(next.known)).ok()?.get_days())
    }

    /// What a health score is multiplied by, so that a higher value announces label 1.
    pub(crate) fn sign(&self) -> f64 {
        match self.label.definition.polarity {
            Polarity::Adverse => -1.0,
            Polarity::Favourable => 1.0,
        }
    }
}

/// A score on its way through the backtest.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// Per row of the panel, oriented: a higher value announces label 1.
    pub(crate) predictor: NumberColumn,
    /// Per row of the panel, from a model that the row is not in.
    pub(crate) probability: NumberColumn,
}

/// Rows with a label and a predictor, one per account and snapshot, in the order of the panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// Rows of the panel.
    pub(crate) rows: Vec<usize>,
    /// Higher announces label 1.
    pub(crate) predictor: Vec<f64>,
    pub(crate) label: Vec<bool>,
    /// Index of the snapshot.
    pub(crate) stratum: Vec<u32>,
    /// Accounts of this sample, renumbered from 0.
    pub(crate) cluster: Vec<u32>,
    /// Number of accounts.
    pub(crate) accounts: usize,
}

impl Sample {
    /// The rows with a label, a predictor, and whatever else `keep` asks for.
    pub(crate) fn new(
        frame: &Frame<'_>,
        predictor: &NumberColumn,
        keep: impl Fn(usize) -> bool,
    ) -> Self {
        Self::labelled(frame, predictor, |row| frame.label.value(row).filter(|_| keep(row)))
    }

    /// The rows with a predictor to which `label` gives one.
    pub(crate) fn labelled(
        frame: &Frame<'_>,
        predictor: &NumberColumn,
        label: impl Fn(usize) -> Option<bool>,
    ) -> Self {
        let mut sample = Self::default();
        for row in 0..frame.panel.len() {
            let Some(value) = predictor.get(row) else { continue };
            if let Some(label) = label(row) {
                sample.rows.push(row);
                sample.predictor.push(value);
                sample.label.push(label);
                sample.stratum.push(frame.stratum.get(row).copied().unwrap_or_default());
            }
        }
        (sample.cluster, sample.accounts) = renumber(frame.panel, &sample.rows);
        sample
    }

    /// Those of its rows for which `keep` holds, a row being one of the panel.
    pub(crate) fn restrict(&self, panel: &Panel, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<bool> = self.rows.iter().map(|row| keep(*row)).collect();
        let rows = pick(&self.rows, &kept);
        let (cluster, accounts) = renumber(panel, &rows);
        Self {
            rows,
            predictor: pick(&self.predictor, &kept),
            label: pick(&self.label, &kept),
            stratum: pick(&self.stratum, &kept),
            cluster,
            accounts,
        }
    }

    /// Those of its rows, by their place in the sample, for which `keep` holds; accounts keep their
    /// numbers, so that the influences of two parts can be held against each other.
    pub(crate) fn part(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<bool> = (0..self.rows.len()).map(keep).collect();
        Self {
            rows: pick(&self.rows, &kept),
            predictor: pick(&self.predictor, &kept),
            label: pick(&self.label, &kept),
            stratum: pick(&self.stratum, &kept),
            cluster: pick(&self.cluster, &kept),
            accounts: self.accounts,
        }
    }

    /// The within-snapshot AUC with one influence per account of the sample, those without rows included.
    pub(crate) fn auc(&self) -> Option<Auc> {
        let mut auc = auc_within(&self.observations(), &self.stratum)?;
        auc.influence.resize(self.accounts, 0.0);
        Some(auc)
    }

    /// Its rows that have a value in a column of the panel, with that value as predictor.
    pub(crate) fn with_predictor(&self, panel: &Panel, column: &NumberColumn) -> Self {
        let mut sample = self.restrict(panel, |row| column.get(row).is_some());
        sample.predictor = sample.rows.iter().filter_map(|row| column.get(*row)).collect();
        sample
    }

    pub(crate) fn observations(&self) -> Observations<'_> {
        Observations { predictor: &self.predictor, label: &self.label, cluster: &self.cluster }
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            n: self.rows.len(),
            events: self.label.iter().filter(|label| **label).count(),
            accounts: self.accounts,
            event_accounts: self.accounts_with(true),
        }
    }

    /// One index per account: what a bootstrap draws from when a statistic takes weights by account.
    pub(crate) fn account_indices(&self) -> Vec<u32> {
        (0..).take(self.accounts).collect()
    }

    /// Accounts with at least one row of this label.
    pub(crate) fn accounts_with(&self, label: bool) -> usize {
        let mut found = vec![false; self.accounts];
        for (cluster, _) in self.cluster.iter().zip(&self.label).filter(|(_, row)| **row == label) {
            if let Some(found) = found.get_mut(*cluster as usize) {
                *found = true;
            }
        }
        found.iter().filter(|found| **found).count()
    }
}

fn pick<T: Copy>(values: &[T], kept: &[bool]) -> Vec<T> {
    values.iter().zip(kept).filter(|(_, kept)| **kept).map(|(value, _)| *value).collect()
}

/// Accounts of some rows of the panel, numbered from 0 in the order of their ids, and how many.
fn renumber(panel: &Panel, rows: &[usize]) -> (Vec<u32>, usize) {
    let account = panel.account();
    let mut numbers: Vec<Option<u32>> = vec![None; panel.accounts().len()];
    for index in rows.iter().filter_map(|row| account.get(*row)) {
        if let Some(number) = numbers.get_mut(*index as usize) {
            *number = Some(0);
        }
    }
    let mut next = 0;
    for number in numbers.iter_mut().flatten() {
        *number = next;
        next += 1;
    }
    let cluster = rows
        .iter()
        .filter_map(|row| numbers.get(*account.get(*row)? as usize).copied().flatten())
        .collect();
    (cluster, next as usize)
}

#[cfg(test)]
mod tests {
    use chs_panel::{Panel, PanelParts};
    use jiff::civil::date;

    use super::renumber;

    #[test]
    fn accounts_are_renumbered_by_id() {
        let panel = Panel::new(PanelParts {
            accounts: ["a", "b", "c"].map(str::to_owned).into(),
            account: vec![0, 2, 1, 2],
            snapshot: vec![
                date(2024, 1, 31),
                date(2024, 1, 31),
                date(2024, 2, 29),
                date(2024, 2, 29),
            ],
            ..PanelParts::default()
        })
        .unwrap();
        assert_eq!(renumber(&panel, &[0, 1, 2, 3]), (vec![0, 2, 1, 2], 3));
        assert_eq!(renumber(&panel, &[1, 2, 3]), (vec![1, 0, 1], 2));
        assert_eq!(renumber(&panel, &[]), (vec![], 0));
    }
}
