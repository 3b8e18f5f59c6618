//! A second opinion where events are few: figures on the training rows, less what fitting them flatters.
//!
//! The fit is made again, at the lambda that was chosen, on accounts drawn with replacement; what it ranks
//! better on the rows that it was drawn from than on all rows is the optimism of that resample. The mean
//! optimism is taken off the figure of the fit on its own rows (Harrell 1996), and off the ends of that
//! figure's bootstrap interval (Noma et al. 2021); of the slope, a ratio, the median stands for the mean.
//! Choosing lambda, rounding and edges are not repeated:
//! what they flatter is not taken off.

use chs_stats::{
    Bootstrap, Interval, LogisticRows, Observations, StratifiedOutcomes, cluster_replicates,
    exact_sum, logistic,
};

use crate::Solution;
use crate::stability::Question;

/// Accounts with an event from which no second opinion is asked for.
pub(crate) const FEW_EVENT_ACCOUNTS: usize = 200;

/// Figures of the training rows, corrected for optimism.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Optimism {
    /// Within-snapshot AUC.
    pub auc: Corrected,
    /// Calibration slope, 1 on the training rows.
    pub slope: Corrected,
    /// Resamples that were asked for.
    pub resamples: usize,
    /// Those in which the fit had no optimum.
    pub undefined: usize,
}

/// A figure, corrected for optimism.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Corrected {
    /// On the rows that taught.
    pub apparent: f64,
    /// What of that is flattery: the mean over resamples for the AUC, the median for the slope.
    pub optimism: f64,
    /// The rest.
    pub estimate: f64,
    /// Percentiles over resamples: of the apparent AUC less its optimism; of the slope of each resample's
    /// fit on all rows.
    pub interval: Interval,
}

/// The figures of one resample.
struct Resample {
    /// On the rows drawn.
    auc: f64,
    /// On all rows.
    auc_of_all: f64,
    /// On all rows, of a fit whose slope is 1 on those drawn.
    slope_of_all: f64,
}

/// The second opinion; none with many events, without resamples, or where no figure is defined.
pub(crate) fn optimism(question: &Question<'_>) -> Option<Optimism> {
    let history = question.history;
    let settings = history.settings;
    if settings.resamples == 0 || history.accounts_with(question.rows, true) >= FEW_EVENT_ACCOUNTS {
        return None;
    }
    let rows = Ranked::of(question);
    let all = rows.everybody();
    let apparent = rows.auc(&question.weighing.solution, &all)?;
    let found = rows.resamples();
    let drawn: Vec<&Resample> = found.iter().flatten().collect();
    if drawn.len() < 2 {
        return None;
    }
    let quantile = |figure: &dyn Fn(&Resample) -> f64, p: f64| {
        let mut values: Vec<f64> = drawn.iter().map(|own| figure(own)).collect();
        values.sort_by(f64::total_cmp);
        chs_stats::quantile(&values, p)
    };
    let tail = (1.0 - settings.level) / 2.0;
    let interval = |figure: &dyn Fn(&Resample) -> f64| Interval {
        lower: quantile(figure, tail),
        upper: quantile(figure, 1.0 - tail),
    };
    let flattery = exact_sum(drawn.iter().map(|own| own.auc - own.auc_of_all)) / drawn.len() as f64;
    // A resample with hardly a slope of its own has a ratio without bounds: the middle one, not the mean.
    let slope = quantile(&|own| own.slope_of_all, 0.5);
    Some(Optimism {
        auc: Corrected {
            apparent,
            optimism: flattery,
            estimate: apparent - flattery,
            interval: interval(&|own| own.auc - flattery),
        },
        slope: Corrected {
            apparent: 1.0,
            optimism: 1.0 - slope,
            estimate: slope,
            interval: interval(&|own| own.slope_of_all),
        },
        resamples: settings.resamples,
        undefined: found.len() - drawn.len(),
    })
}

/// The rows of a design in its own order.
struct Ranked<'a> {
    question: &'a Question<'a>,
    label: Vec<bool>,
    account: Vec<u32>,
    stratum: Vec<u32>,
}

impl<'a> Ranked<'a> {
    fn of(question: &'a Question<'a>) -> Self {
        let history = question.history;
        let (days, snapshots) = (history.panel.snapshot(), history.panel.snapshots());
        let accounts = history.accounts(question.rows);
        let (mut account, mut stratum) = (Vec::new(), Vec::new());
        question.design.each(|row| {
            account.push(accounts[row.source]);
            let day = days[question.rows[row.source]];
            stratum.push(u32::try_from(snapshots.partition_point(|own| *own < day)).unwrap_or(0));
        });
        Self { question, label: question.design.labels().to_vec(), account, stratum }
    }

    fn everybody(&self) -> Vec<u32> {
        vec![1; self.account.iter().max().map_or(0, |last| *last as usize + 1)]
    }

    /// Within-snapshot AUC, each account counting so many times.
    fn auc(&self, solution: &Solution, draws: &[u32]) -> Option<f64> {
        self.outcomes(&self.question.design.sums(&solution.coefficients)).auc(draws)
    }

    fn outcomes(&self, predictor: &[f64]) -> StratifiedOutcomes {
        let rows = Observations { predictor, label: &self.label, cluster: &self.account };
        StratifiedOutcomes::new(&rows, &self.stratum)
    }

    /// One per resample; none where the fit had no optimum.
    fn resamples(&self) -> Vec<Option<Resample>> {
        let settings = self.question.history.settings;
        let plan = Bootstrap {
            replicates: settings.resamples,
            seed: settings.seed,
            level: settings.level,
        };
        let accounts = self.question.history.accounts(self.question.rows);
        cluster_replicates(&accounts, plan, |draws| {
            let counts: Vec<f64> = draws.iter().map(|own| f64::from(*own)).collect();
            let solution = self.question.resampled(&counts)?;
            let mut of_account = vec![0; self.everybody().len()];
            for (account, draws) in accounts.iter().zip(draws) {
                of_account[*account as usize] = *draws;
            }
            self.resample(&solution, &of_account)
        })
    }

    fn resample(&self, solution: &Solution, draws: &[u32]) -> Option<Resample> {
        let predictor = self.question.design.sums(&solution.coefficients);
        let outcomes = self.outcomes(&predictor);
        let counts: Vec<u32> =
            self.account.iter().map(|account| draws[*account as usize]).collect();
        let slope = |weights: Option<&[u32]>| {
            let fit = logistic(&LogisticRows {
                columns: &[&predictor],
                label: &self.label,
                cluster: &self.account,
                offset: None,
                weights,
            });
            fit.ok().and_then(|fit| fit.coefficients.get(1).copied())
        };
        Some(Resample {
            auc: outcomes.auc(draws)?,
            auc_of_all: outcomes.auc(&self.everybody())?,
            slope_of_all: slope(None)? / slope(Some(&counts)).filter(|own| *own > 0.0)?,
        })
    }
}
