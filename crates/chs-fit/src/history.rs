//! What every part of a fit reads: panel, label, prior, and the prior's sub-scores.

use std::sync::Arc;

use chs_backtest::{BacktestError, score_columns};
use chs_panel::{IndicatorValues, Label, Panel, Polarity};
use chs_scorecard::{BandRule, Indicator, Probability, Scales, Scorecard, ScoredColumns};
use jiff::civil::Date;

use crate::learn::Stop;
use crate::progress::Progress;
use crate::rows::Rows;
use crate::scales::learned_scales;
use crate::{FitError, FitSettings, Weights};

/// The sub-scores of a panel under the prior's normalisation.
pub(crate) struct Table {
    /// The prior, its percentiles frozen.
    pub(crate) prior: Scorecard,
    pub(crate) scored: ScoredColumns,
}

impl Table {
    /// The sub-scores of a row, 0 to 1, those that are missing filled with the prior's score of the
    /// row: the prior-weighted mean of the others.
    pub(crate) fn filled(&self, row: usize) -> impl Iterator<Item = f64> {
        let score = self.scored.score.get(row).copied().flatten().unwrap_or(f64::NAN);
        let own = move |column: &Vec<Option<f64>>| column.get(row).copied().flatten();
        self.scored.sub_scores.iter().map(move |column| own(column).unwrap_or(score) / 100.0)
    }
}

/// The panel with what is asked of it.
pub(crate) struct History<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) label: &'a Label,
    pub(crate) settings: &'a FitSettings,
    /// The prior as it was given.
    prior: &'a Scorecard,
    /// Rows with label 0 or 1 that the prior scores, ascending.
    pub(crate) rows: Vec<usize>,
    /// Sub-scores with percentiles ranked against all labelled rows.
    pub(crate) whole: Arc<Table>,
    pub(crate) progress: Progress<'a>,
}

impl<'a> History<'a> {
    pub(crate) fn new(
        panel: &'a Panel,
        prior: &'a Scorecard,
        settings: &'a FitSettings,
        progress: Progress<'a>,
    ) -> Result<Self, FitError> {
        settings.check()?;
        if panel.is_empty() {
            return Err(BacktestError::EmptyPanel.into());
        }
        let label = find_label(panel, settings)?;
        let labelled: Vec<usize> =
            (0..panel.len()).filter(|row| label.value(*row).is_some()).collect();
        let whole = Arc::new(table(panel, prior, &labelled)?);
        let scored = |row: &usize| whole.scored.score.get(*row).copied().flatten().is_some();
        let rows = labelled.into_iter().filter(scored).collect();
        Ok(Self { panel, label, settings, prior, rows, whole, progress })
    }

    /// What multiplies a health score so that more of it announces label 1.
    pub(crate) fn sign(&self) -> f64 {
        match self.label.definition.polarity {
            Polarity::Adverse => -1.0,
            Polarity::Favourable => 1.0,
        }
    }

    /// How the edges of bands are found.
    pub(crate) fn band_rule(&self) -> BandRule {
        self.prior.fit().edges.unwrap_or(match self.settings.weights {
            Weights::Learned => BandRule::LIKELIHOOD,
            Weights::Prior => BandRule::Prior,
        })
    }

    /// What turns a score into a probability.
    pub(crate) fn probability(&self) -> Probability {
        self.prior.fit().probability
    }

    /// The last day that the history speaks of; none in a cross-section.
    pub(crate) fn as_of(&self) -> Option<Date> {
        let follow_up_end = self.label.definition.window.as_ref()?.follow_up_end;
        let last =
            self.panel.snapshots().last().map_or(follow_up_end, |day| follow_up_end.max(*day));
        Some(self.settings.as_of.unwrap_or(last))
    }

    /// Sub-scores as the fit of weights has them: with the scales that these rows teach, where that is
    /// asked for.
    pub(crate) fn learned_table(&self, rows: &[usize]) -> Result<Arc<Table>, FitError> {
        let given = self.table(rows)?;
        match self.prior.fit().scales {
            Scales::Given => Ok(given),
            Scales::Learned => {
                let prior = learned_scales(self, &given.prior, rows);
                let scored = score_columns(self.panel, &prior)?;
                Ok(Arc::new(Table { prior, scored }))
            }
        }
    }

    /// Sub-scores with percentiles ranked against these rows alone.
    pub(crate) fn table(&self, rows: &[usize]) -> Result<Arc<Table>, FitError> {
        if !self.prior.needs_reference() {
            return Ok(Arc::clone(&self.whole));
        }
        Ok(Arc::new(table(self.panel, self.prior, rows)?))
    }

    pub(crate) fn labels(&self, rows: &[usize]) -> Vec<bool> {
        rows.iter().map(|row| self.label.value(*row) == Some(true)).collect()
    }

    /// Accounts of some rows, by their index in the panel.
    pub(crate) fn accounts(&self, rows: &[usize]) -> Vec<u32> {
        let account = self.panel.account();
        rows.iter().map(|row| account.get(*row).copied().unwrap_or_default()).collect()
    }

    /// The columns of a fit: sub-scores, signed so that more of each makes the label likelier.
    pub(crate) fn design(&self, table: &Table, rows: &[usize]) -> Result<Rows, Stop> {
        let sign = self.sign();
        let values: Vec<f64> =
            rows.iter().flat_map(|row| table.filled(*row)).map(|value| sign * value).collect();
        let width = table.scored.sub_scores.len();
        Ok(Rows::new(width, &values, &self.labels(rows), &self.weights_of_rows(rows))?)
    }

    /// What each row counts in the fit of weights: its account's value where that is asked for, none
    /// without a value above 0; halved with every half-life before the last snapshot of the rows.
    fn weights_of_rows(&self, rows: &[usize]) -> Vec<f64> {
        let policy = self.prior.fit();
        let days = self.panel.snapshot();
        let last = rows.iter().filter_map(|row| days.get(*row)).max();
        let half_life = policy.half_life_days.filter(|_| !self.panel.is_cross_section());
        let of_age = |row: usize| {
            let age = last.zip(days.get(row)).map(|(last, day)| (*last - *day).get_days());
            let half_lives = half_life.zip(age).map(|(own, age)| f64::from(age) / f64::from(own));
            half_lives.map_or(1.0, |own| 0.5_f64.powf(own))
        };
        let of_value = |row: usize| {
            let value = self.panel.value().and_then(|values| values.get(row));
            if policy.by_value { value.unwrap_or(0.0).max(0.0) } else { 1.0 }
        };
        rows.iter().map(|row| of_value(*row) * of_age(*row)).collect()
    }

    /// Distinct accounts with a row of this label.
    pub(crate) fn accounts_with(&self, rows: &[usize], label: bool) -> usize {
        let mut found: Vec<u32> = (rows.iter().zip(self.accounts(rows)))
            .filter(|(row, _)| self.label.value(**row) == Some(label))
            .map(|(_, account)| account)
            .collect();
        found.sort_unstable();
        found.dedup();
        found.len()
    }
}

fn find_label<'a>(panel: &'a Panel, settings: &FitSettings) -> Result<&'a Label, FitError> {
    let labels = panel.labels();
    let first = labels.first().ok_or(BacktestError::NoLabel)?;
    let Some(name) = &settings.label else { return Ok(first) };
    let found = labels.iter().find(|label| label.definition.name == *name);
    found.ok_or_else(|| {
        let known: Vec<String> =
            labels.iter().map(|label| format!("`{}`", label.definition.name)).collect();
        BacktestError::UnknownLabel { name: name.clone(), known: known.join(", ") }.into()
    })
}

fn table(panel: &Panel, prior: &Scorecard, rows: &[usize]) -> Result<Table, FitError> {
    let prior = if prior.needs_reference() {
        let values = |indicator: &Indicator| match panel.indicator(&indicator.name) {
            Some(IndicatorValues::Numbers(numbers)) => {
                rows.iter().filter_map(|row| numbers.get(*row)).collect()
            }
            _ => Vec::new(),
        };
        let columns: Vec<Vec<f64>> = prior.indicators().map(values).collect();
        let reference: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        prior.freeze(&reference)?
    } else {
        prior.clone()
    };
    let scored = score_columns(panel, &prior)?;
    Ok(Table { prior, scored })
}
