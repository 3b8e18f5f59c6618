//! Histories with known truth.

use chs_stats::Observations;
use statrs::function::erf::erfc;

use crate::draws::Draws;

/// Most rows of an account; the numbers of rows are uniform from 1 on.
const MOST_ROWS: u32 = 12;
/// Correlation of the latent outcomes of two rows of one account.
const LATENT_CORRELATION: f64 = 0.4;
/// Distance of the mean scores of the two labels.
const SEPARATION: f64 = 1.2;
/// Standard deviation of what an account's scores have in common.
const COMMON: f64 = 0.8;
/// Mean and standard deviation of the log odds, half of whose variance is the account's own.
const LOG_ODDS: (f64, f64) = (-1.5, 1.2);

/// Probability that a standard normal lies below `z`.
pub(crate) fn normal_below(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Rows of accounts with two scores that rank equally well.
#[derive(Default)]
pub(crate) struct Scored {
    pub(crate) label: Vec<bool>,
    pub(crate) cluster: Vec<u32>,
    /// Number of the row within its account.
    pub(crate) snapshot: Vec<u32>,
    pub(crate) first: Vec<f64>,
    pub(crate) second: Vec<f64>,
}

impl Scored {
    /// Labels cluster by account through a latent risk, scores through a part that an account's rows
    /// share; the two scores share half of their variance.
    pub(crate) fn draw(draws: &mut Draws, accounts: u32, base: f64) -> Self {
        let mut rows = Self::default();
        for account in 0..accounts {
            let risk = sigmoid(base + draws.normal());
            let common = [draws.normal(), draws.normal(), draws.normal()].map(|x| COMMON * x);
            for snapshot in 0..=draws.below(MOST_ROWS) {
                let label = draws.uniform() < risk;
                let [shared, first, second] = common.map(|common| common + draws.normal());
                let mean = SEPARATION * f64::from(label);
                rows.first.push(mean + (shared + first) / std::f64::consts::SQRT_2);
                rows.second.push(mean + (shared + second) / std::f64::consts::SQRT_2);
                rows.label.push(label);
                rows.cluster.push(account);
                rows.snapshot.push(snapshot);
            }
        }
        rows
    }

    /// AUC of either score among rows of different accounts.
    pub(crate) fn true_auc() -> f64 {
        normal_below(SEPARATION / (2.0 * (1.0 + COMMON * COMMON)).sqrt())
    }

    pub(crate) fn observations(&self) -> Observations<'_> {
        Observations { predictor: &self.first, label: &self.label, cluster: &self.cluster }
    }

    pub(crate) fn second_observations(&self) -> Observations<'_> {
        Observations { predictor: &self.second, ..self.observations() }
    }
}

/// Rows of accounts with true probabilities.
#[derive(Default)]
pub(crate) struct Foretold {
    pub(crate) probability: Vec<f64>,
    /// Log odds of `probability`.
    pub(crate) logit: Vec<f64>,
    pub(crate) label: Vec<bool>,
    pub(crate) cluster: Vec<u32>,
}

impl Foretold {
    /// Each row's label is 1 with exactly its probability; both the probabilities and, given them, the
    /// labels of an account's rows are dependent.
    pub(crate) fn draw(draws: &mut Draws, accounts: u32) -> Self {
        let mut rows = Self::default();
        for account in 0..accounts {
            let (level, latent) = (draws.normal(), draws.normal());
            for _ in 0..=draws.below(MOST_ROWS) {
                let deviation = (level + draws.normal()) / std::f64::consts::SQRT_2;
                let logit = LOG_ODDS.0 + LOG_ODDS.1 * deviation;
                let probability = sigmoid(logit);
                rows.label.push(happens(draws, probability, latent));
                rows.probability.push(probability);
                rows.logit.push(logit);
                rows.cluster.push(account);
            }
        }
        rows
    }

    /// Each account's rows, events and sum of squared errors.
    pub(crate) fn account_sums(&self) -> Vec<[f64; 3]> {
        let accounts = self.cluster.last().map_or(0, |last| *last as usize + 1);
        let mut sums = vec![[0.0; 3]; accounts];
        for ((p, label), account) in self.probability.iter().zip(&self.label).zip(&self.cluster) {
            let label = f64::from(*label);
            let own = &mut sums[*account as usize];
            *own = [own[0] + 1.0, own[1] + label, own[2] + (label - p) * (label - p)];
        }
        sums
    }

    /// The log odds with noise that an account's rows share in part: a worse forecast.
    pub(crate) fn blurred(&self, draws: &mut Draws) -> Vec<f64> {
        let accounts = self.cluster.last().map_or(0, |last| *last as usize + 1);
        let shared: Vec<f64> = (0..accounts).map(|_| 0.4 * draws.normal()).collect();
        let rows = self.logit.iter().zip(&self.cluster);
        rows.map(|(logit, account)| {
            sigmoid(logit + shared[*account as usize] + 0.4 * draws.normal())
        })
        .collect()
    }

    /// Expected Brier score of the true probabilities, and the event rate: the distribution of the log
    /// odds on a fine grid.
    pub(crate) fn true_brier_and_rate() -> (f64, f64) {
        let (mut brier, mut rate, mut mass) = (0.0, 0.0, 0.0);
        for step in -8000..=8000 {
            let z = f64::from(step) / 1000.0;
            let weight = (-z * z / 2.0).exp();
            let p = sigmoid(LOG_ODDS.0 + LOG_ODDS.1 * z);
            brier += weight * p * (1.0 - p);
            rate += weight * p;
            mass += weight;
        }
        (brier / mass, rate / mass)
    }
}

/// Labels of accounts that all have one rate, dependent within an account.
pub(crate) fn labels_at(draws: &mut Draws, accounts: u32, rate: f64) -> (Vec<bool>, Vec<u32>) {
    let mut rows = (Vec::new(), Vec::new());
    for account in 0..accounts {
        let latent = draws.normal();
        for _ in 0..=draws.below(MOST_ROWS) {
            rows.0.push(happens(draws, rate, latent));
            rows.1.push(account);
        }
    }
    rows
}

/// An outcome of exactly the given probability that depends on the account's latent variable.
fn happens(draws: &mut Draws, probability: f64, latent: f64) -> bool {
    let own = (1.0 - LATENT_CORRELATION).sqrt() * draws.normal();
    normal_below(LATENT_CORRELATION.sqrt() * latent + own) < probability
}
