//! Proportions, means, correlations, stability and information.

use chs_stats::{
    ClusteredMean, LabelledRows, RankOrder, clustered_mean, clustered_proportion, information,
    jeffreys, log_loss_difference, pearson, population_stability, proportion_difference, quantile,
    spearman,
};

use crate::oracle::{Failure, Oracle, defined};
use crate::table::{CLOSED, ITERATED, Line, Table};

pub(crate) fn compare(table: &mut Table) -> Result<(), Failure> {
    jeffreys_limits(table)?;
    proportions(table)?;
    means(table)?;
    quantiles(table)?;
    correlations(table)?;
    stability(table)?;
    information_values(table)
}

fn jeffreys_limits(table: &mut Table) -> Result<(), Failure> {
    for (file, reference, package) in
        [("scipy.json", "scipy.stats.beta.ppf", "scipy"), ("proportions.json", "R qbeta", "R")]
    {
        let oracle = Oracle::read(file)?;
        let line = table.line("Jeffreys limits", (reference, package), &oracle, ITERATED)?;
        for case in oracle.at("jeffreys")?.each()? {
            let (events, n) = (case.number("events")?, case.number("n")?);
            let found = jeffreys(events, n, case.number("level")?);
            line.compare_all(&[found.lower, found.upper], &case.numbers("limits")?)?;
        }
    }
    Ok(())
}

fn proportions(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("proportions.json")?;
    let case = oracle.at("clustered")?;
    let (label, cluster) = (case.labels("label")?, case.indices("cluster")?);
    let all = defined(clustered_proportion(&label, &cluster, 0.95), "proportion")?;
    let reference = ("R sandwich::vcovCL(lm)", "sandwich");
    let line =
        table.line("Clustered proportion: rate, design effect", reference, &oracle, CLOSED)?;
    line.compare(all.rate, case.number("rate")?);
    line.compare(all.design_effect, case.number("design_effect")?);
    let line = table.line("Clustered proportion: limits", ("R qbeta", "R"), &oracle, ITERATED)?;
    line.compare_all(&[all.interval.lower, all.interval.upper], &case.numbers("limits")?)?;

    let group = case.labels("group")?;
    let of_group = |wanted: bool| -> (Vec<bool>, Vec<u32>) {
        let rows = (0..label.len()).filter(|&row| group[row] == wanted);
        rows.map(|row| (label[row], cluster[row])).unzip()
    };
    let (first, second) = (of_group(false), of_group(true));
    let difference = proportion_difference(
        LabelledRows { label: &first.0, cluster: &first.1 },
        LabelledRows { label: &second.0, cluster: &second.1 },
        0.95,
    );
    let difference = defined(difference, "difference")?;
    let quantity = "Difference of two proportions: estimate, error";
    let line = table.line(quantity, reference, &oracle, CLOSED)?;
    line.compare(difference.estimate, case.number("difference")?);
    line.compare(difference.standard_error, case.number("difference_error")?);
    let quantity = "Difference of two proportions: degrees of freedom, p-value";
    let line = table.line(quantity, ("R pt", "R"), &oracle, ITERATED)?;
    line.compare(difference.degrees_of_freedom, case.number("degrees")?);
    line.compare(difference.p_value, case.number("p_value")?);
    Ok(())
}

fn means(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("means.json")?;
    let case = oracle.at("mean")?;
    let found = clustered_mean(&case.numbers("values")?, &case.indices("cluster")?, 0.95);
    let mean = (defined(found, "mean")?, case);
    let case = oracle.at("loss")?;
    let found = log_loss_difference(
        &case.numbers("first")?,
        &case.numbers("second")?,
        &case.labels("label")?,
        &case.indices("cluster")?,
        0.95,
    );
    let loss = (defined(found, "loss")?, case);
    for (quantity, (found, case)) in [("Clustered mean", mean), ("Log-loss difference", loss)] {
        let reference = ("R sandwich::vcovCL(lm)", "sandwich");
        let what = format!("{quantity}: estimate, error");
        moments(table.line(&what, reference, &oracle, CLOSED)?, &found, &case)?;
        let what = format!("{quantity}: t limits, p-value");
        let line = table.line(&what, ("R qt, pt", "R"), &oracle, ITERATED)?;
        line.compare_all(&[found.interval.lower, found.interval.upper], &case.numbers("limits")?)?;
        line.compare(found.p_value, case.number("p_value")?);
    }
    Ok(())
}

fn moments(line: &mut Line, found: &ClusteredMean, case: &Oracle) -> Result<(), Failure> {
    line.compare(found.estimate, case.number("estimate")?);
    line.compare(found.standard_error, case.number("error")?);
    line.compare(found.degrees_of_freedom as f64, case.number("degrees")?);
    Ok(())
}

fn quantiles(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("proportions.json")?;
    let case = oracle.at("quantiles")?;
    let line = table.line("Quantiles, type 7", ("R quantile", "R"), &oracle, CLOSED)?;
    let values = case.numbers("values")?;
    let found: Vec<f64> = case.numbers("at")?.iter().map(|p| quantile(&values, *p)).collect();
    line.compare_all(&found, &case.numbers("expected")?)
}

fn correlations(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("scipy.json")?;
    let reference = ("scipy.stats.pearsonr, spearmanr", "scipy");
    let line = table.line("Pearson's and Spearman's correlation", reference, &oracle, CLOSED)?;
    for case in oracle.at("correlations")?.each()? {
        let (first, second) = (case.numbers("first")?, case.numbers("second")?);
        let ones = vec![1; first.len()];
        let found = pearson(&first, &second, &ones);
        line.compare(defined(found, "pearson")?, case.number("pearson")?);
        let found = spearman(&RankOrder::new(&first), &RankOrder::new(&second), &ones);
        line.compare(defined(found, "spearman")?, case.number("spearman")?);
    }
    Ok(())
}

fn stability(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("closed_forms.json")?;
    let mut found = Vec::new();
    for case in oracle.at("stability")?.each()? {
        let rows = |key: &str| -> Result<Vec<u64>, Failure> {
            Ok(case.indices(key)?.into_iter().map(u64::from).collect())
        };
        let index = population_stability(&rows("before")?, &rows("now")?, case.number("level")?);
        found.push((defined(index, "stability")?, case));
    }
    let line = table.line("Population stability index", ("NumPy", "numpy"), &oracle, CLOSED)?;
    for (found, case) in &found {
        line.compare(found.index, case.number("index")?);
    }
    let reference = ("scipy.stats.chi2.ppf x (1/n + 1/m)", "scipy");
    let line = table.line("Critical value of the index", reference, &oracle, CLOSED)?;
    for (found, case) in &found {
        line.compare(found.critical_value, case.number("critical")?);
    }
    Ok(())
}

fn information_values(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("closed_forms.json")?;
    let line = table.line("Information value of bins", ("NumPy", "numpy"), &oracle, CLOSED)?;
    for case in oracle.at("information")?.each()? {
        let mut bins = Vec::new();
        for bin in case.at("bins")?.each()? {
            let counts: Vec<f64> =
                bin.each()?.iter().map(Oracle::value).collect::<Result<_, _>>()?;
            bins.push(counts);
        }
        let counts: Vec<(u64, u64)> =
            bins.iter().map(|bin| (whole(bin, 0), whole(bin, 1))).collect();
        line.compare(defined(information(&counts), "information")?, case.number("value")?);
    }
    Ok(())
}

/// A count, read as a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts, written as whole numbers"
)]
fn whole(numbers: &[f64], place: usize) -> u64 {
    numbers.get(place).map_or(0, |number| *number as u64)
}
