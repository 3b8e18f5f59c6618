//! What is simulated: one study per interval or test, with its claim.

use chs_stats::{
    Bootstrap, Difference, Estimate, Interval, LabelledRows, Observations, OutcomeOrder, Undefined,
    UpdateRows, auc_decline, auc_difference, auc_pooled, auc_within, calibration_intercept,
    calibration_slope, closed_test, cluster_bootstrap, clustered_proportion, log_loss_difference,
    population_stability, proportion_difference,
};
use rayon::prelude::*;

use crate::draws::Draws;
use crate::histories::{Foretold, Scored, labels_at};
use crate::result::{Claim, Study};

/// Level of every interval.
const LEVEL: f64 = 0.95;
/// Replicates of a bootstrap.
const REPLICATES: usize = 1_000;
/// Latent log odds at which about a sixth of the rows have label 1.
const COMMON_RISK: f64 = -2.0;
/// Latent log odds at which one account in seven has any such row.
const RARE_RISK: f64 = -4.3;
/// Accounts of a history, few and many.
const SIZES: [u32; 2] = [100, 400];
/// Accounts of a history where what many are shows late.
const VERY_MANY: u32 = 1_600;

/// All studies, over as many histories each.
pub(crate) fn studies(runs: u64) -> Vec<Study> {
    let mut studies = Vec::new();
    studies.extend(SIZES.into_iter().flat_map(|accounts| ranking(accounts, runs)));
    studies.extend(few_events(runs));
    let sizes = SIZES.into_iter().chain([VERY_MANY]);
    studies.extend(sizes.clone().flat_map(|accounts| calibration(accounts, runs)));
    studies.extend(SIZES.into_iter().flat_map(|accounts| losses(accounts, runs)));
    studies.extend(sizes.flat_map(|accounts| rates(accounts, runs)));
    studies.push(stability(runs));
    studies
}

/// Runs the trial on the histories of a study; a trial that is not defined is left out.
fn study(
    name: &str,
    (setting, claim): (String, Claim),
    runs: u64,
    trial: impl Fn(&mut Draws) -> Option<bool> + Sync,
) -> Study {
    // A seed of its own for each study: its name and setting, as a number.
    let letters = name.bytes().chain(setting.bytes());
    let seed =
        letters.fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let outcomes: Vec<Option<bool>> =
        (0..runs).into_par_iter().map(|run| trial(&mut Draws::new(seed, run))).collect();
    let defined = outcomes.iter().flatten().count();
    let hits = outcomes.iter().flatten().filter(|hit| **hit).count();
    Study::new(name, &setting, claim, (hits, defined))
}

fn of_accounts(accounts: u32) -> String {
    format!("{accounts} accounts")
}

fn holds(interval: Interval, truth: f64) -> bool {
    interval.lower <= truth && truth <= interval.upper
}

fn rejects(difference: Difference) -> bool {
    difference.p_value < 1.0 - LEVEL
}

fn ranking(accounts: u32, runs: u64) -> Vec<Study> {
    let covers = || (of_accounts(accounts), Claim::Coverage);
    let tests = || (of_accounts(accounts), Claim::Rejection);
    let truth = Scored::true_auc();
    let drawn = move |draws: &mut Draws| Scored::draw(draws, accounts, COMMON_RISK);
    vec![
        study("AUC within snapshots, clustered interval", covers(), runs, |draws| {
            let rows = drawn(draws);
            let auc = auc_within(&rows.observations(), &rows.snapshot)?;
            Some(holds(auc.interval(LEVEL)?, truth))
        }),
        study("AUC pooled, clustered interval", covers(), runs, |draws| {
            let auc = auc_pooled(&drawn(draws).observations())?;
            Some(holds(auc.interval(LEVEL)?, truth))
        }),
        study("Paired AUC difference, no difference", tests(), runs, |draws| {
            let rows = drawn(draws);
            let first = auc_pooled(&rows.observations())?;
            let second = auc_pooled(&rows.second_observations())?;
            Some(rejects(auc_difference(&first, &second, LEVEL)?))
        }),
        study("AUC decline, no decline (one-sided)", tests(), runs, |draws| {
            let rows = drawn(draws);
            let side = |is_late: bool| {
                let kept = |row: &usize| (rows.snapshot[*row] > 2) == is_late;
                let kept: Vec<usize> = (0..rows.label.len()).filter(kept).collect();
                let predictor: Vec<f64> = kept.iter().map(|&row| rows.first[row]).collect();
                let label: Vec<bool> = kept.iter().map(|&row| rows.label[row]).collect();
                let cluster: Vec<u32> = kept.iter().map(|&row| rows.cluster[row]).collect();
                auc_pooled(&Observations {
                    predictor: &predictor,
                    label: &label,
                    cluster: &cluster,
                })
            };
            let decline = auc_decline(&side(false)?, &side(true)?, LEVEL)?;
            Some(decline.p_value_above_zero() < 1.0 - LEVEL)
        }),
    ]
}

/// Fewer than thirty accounts with events: the clustered interval and what stands in for it.
fn few_events(runs: u64) -> [Study; 2] {
    let truth = Scored::true_auc();
    let setting = || ("150 accounts, about 20 with events".to_owned(), Claim::Coverage);
    let drawn = |draws: &mut Draws| Scored::draw(draws, 150, RARE_RISK);
    [
        study("AUC pooled, clustered interval", setting(), runs, |draws| {
            let auc = auc_pooled(&drawn(draws).observations())?;
            Some(holds(auc.interval(LEVEL)?, truth))
        }),
        study("AUC pooled, bootstrap percentiles", setting(), runs, |draws| {
            let order = OutcomeOrder::new(&drawn(draws).observations());
            let accounts: Vec<u32> = (0..150).collect();
            let found = cluster_bootstrap(&accounts, plan(draws), |weights| {
                vec![order.ranking(weights, &[]).auc]
            });
            Some(holds(found.first()?.interval?, truth))
        }),
    ]
}

/// A bootstrap with a seed from the history's own draws.
fn plan(draws: &mut Draws) -> Bootstrap {
    Bootstrap { replicates: REPLICATES, seed: u64::from(draws.below(u32::MAX)), level: LEVEL }
}

fn calibration(accounts: u32, runs: u64) -> Vec<Study> {
    type Calibration = fn(&[f64], &[bool], &[u32], f64) -> Result<Estimate, Undefined>;
    let covers = || (of_accounts(accounts), Claim::Coverage);
    let drawn = move |draws: &mut Draws| Foretold::draw(draws, accounts);
    let figure = |name: &str, calibration: Calibration, truth: f64| {
        study(name, covers(), runs, |draws| {
            let rows = drawn(draws);
            let found = calibration(&rows.probability, &rows.label, &rows.cluster, LEVEL).ok()?;
            Some(holds(found.interval, truth))
        })
    };
    vec![
        figure("Calibration slope, clustered sandwich", calibration_slope, 1.0),
        figure("Calibration intercept, clustered sandwich", calibration_intercept, 0.0),
        study(
            "Closed test, a model that holds",
            (of_accounts(accounts), Claim::Rejection),
            runs,
            |draws| {
                let rows = drawn(draws);
                let column: Vec<f64> = rows.label.iter().map(|_| draws.normal()).collect();
                let update = UpdateRows {
                    logit: &rows.logit,
                    columns: &[&column],
                    label: &rows.label,
                    cluster: &rows.cluster,
                };
                let found = closed_test(&update, 1.0 - LEVEL).ok()?;
                Some(found.keep.p_value < 1.0 - LEVEL)
            },
        ),
    ]
}

fn losses(accounts: u32, runs: u64) -> Vec<Study> {
    let drawn = move |draws: &mut Draws| Foretold::draw(draws, accounts);
    let (brier, rate) = Foretold::true_brier_and_rate();
    let scaled = 1.0 - brier / (rate * (1.0 - rate));
    let resampled = |name: &str, truth: f64, loss: fn([f64; 3]) -> f64| {
        study(name, (of_accounts(accounts), Claim::Coverage), runs, |draws| {
            let sums = drawn(draws).account_sums();
            Some(holds(resampled_loss(&sums, plan(draws), loss)?, truth))
        })
    };
    vec![
        study(
            "Log-loss difference, no difference",
            (of_accounts(accounts), Claim::Rejection),
            runs,
            |draws| {
                let rows = drawn(draws);
                let (first, second) = (rows.blurred(draws), rows.blurred(draws));
                let found =
                    log_loss_difference(&first, &second, &rows.label, &rows.cluster, LEVEL)?;
                Some(found.p_value < 1.0 - LEVEL)
            },
        ),
        resampled("Brier score, bootstrap percentiles", brier, |[rows, _, squared]| squared / rows),
        resampled(
            "Scaled Brier score, bootstrap percentiles",
            scaled,
            |[rows, events, squared]| 1.0 - squared / (events * (1.0 - events / rows)),
        ),
    ]
}

/// Percentiles of a loss of the account's summed rows, events and squared errors.
fn resampled_loss(
    sums: &[[f64; 3]],
    plan: Bootstrap,
    loss: fn([f64; 3]) -> f64,
) -> Option<Interval> {
    let accounts: Vec<u32> = (0..).take(sums.len()).collect();
    let found = cluster_bootstrap(&accounts, plan, |weights| {
        let weighted = [0, 1, 2].map(|place: usize| {
            let terms = sums.iter().zip(weights);
            terms.map(|(sums, weight)| sums[place] * f64::from(*weight)).sum::<f64>()
        });
        vec![Some(loss(weighted))]
    });
    found.first()?.interval
}

fn rates(accounts: u32, runs: u64) -> Vec<Study> {
    let band = |rate: f64| {
        let setting = format!("{accounts} accounts, rate {rate}");
        study(
            "Event rate of a band, clustered Jeffreys",
            (setting, Claim::Coverage),
            runs,
            |draws| {
                let (label, cluster) = labels_at(draws, accounts, rate);
                Some(holds(clustered_proportion(&label, &cluster, LEVEL)?.interval, rate))
            },
        )
    };
    let mut studies: Vec<Study> = [0.05, 0.2, 0.5].into_iter().map(band).collect();
    let setting = (of_accounts(accounts), Claim::Rejection);
    studies.push(study("Event rates of two bands, no difference", setting, runs, |draws| {
        let (label, cluster) = labels_at(draws, accounts, 0.2);
        let group: Vec<bool> = label.iter().map(|_| draws.uniform() < 0.4).collect();
        let of_group = |wanted: bool| -> (Vec<bool>, Vec<u32>) {
            let rows = (0..label.len()).filter(|&row| group[row] == wanted);
            rows.map(|row| (label[row], cluster[row])).unzip()
        };
        let (first, second) = (of_group(false), of_group(true));
        let first = LabelledRows { label: &first.0, cluster: &first.1 };
        let second = LabelledRows { label: &second.0, cluster: &second.1 };
        Some(rejects(proportion_difference(first, second, LEVEL)?))
    }));
    studies
}

fn stability(runs: u64) -> Study {
    let setting = ("500 and 800 independent rows, 10 bins".to_owned(), Claim::Rejection);
    study("Stability index, nothing has moved", setting, runs, |draws| {
        let mut counts = |rows: u32| {
            let mut counts = [0_u64; 10];
            (0..rows).for_each(|_| counts[draws.below(10) as usize] += 1);
            counts
        };
        let found = population_stability(&counts(500), &counts(800), LEVEL)?;
        Some(found.is_beyond_chance())
    })
}
