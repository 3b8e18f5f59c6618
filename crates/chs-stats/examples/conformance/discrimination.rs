//! Ranking: AUC, its variances and differences, average precision, lift and capture.

use chs_stats::{
    Auc, Observations, OutcomeOrder, StratifiedOutcomes, auc_covariance_obuchowski, auc_decline,
    auc_difference, auc_pooled, auc_within, average_precision, capture_at, lift_at,
    minimum_detectable_auc,
};

use crate::oracle::{Failure, Oracle, defined};
use crate::table::{CLOSED, ITERATED, Table};

/// What degrees of freedom and p-values are held against.
const T_TEST: (&str, &str) = ("R pt of survival::concordance(influence = 1)", "survival");

pub(crate) fn compare(table: &mut Table) -> Result<(), Failure> {
    clustered(table)?;
    paired(table)?;
    decline(table)?;
    delong(table)?;
    obuchowski(table)?;
    scikit(table)?;
    tops(table)?;
    detectable(table)
}

/// Columns of a case.
struct Rows {
    predictor: Vec<f64>,
    label: Vec<bool>,
    cluster: Vec<u32>,
}

impl Rows {
    fn of(case: &Oracle, predictor: &str) -> Result<Self, Failure> {
        let (predictor, label) = (case.numbers(predictor)?, case.labels("label")?);
        let alone = || (0..).take(label.len()).collect();
        let cluster = case.indices("cluster").unwrap_or_else(|_| alone());
        Ok(Self { predictor, label, cluster })
    }

    fn observations(&self) -> Observations<'_> {
        Observations { predictor: &self.predictor, label: &self.label, cluster: &self.cluster }
    }

    fn auc(&self) -> Result<Auc, Failure> {
        defined(auc_pooled(&self.observations()), "auc")
    }
}

fn clustered(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("discrimination.json")?;
    let cases = ["tied", "few_accounts", "untied", "single"];
    for (kind, formula) in [
        ("pooled", "R survival::concordance(cluster)"),
        ("within", "R survival::concordance(strata, cluster)"),
    ] {
        let mut found = Vec::new();
        for name in cases {
            let case = oracle.at(name)?;
            let (rows, stratum) = (Rows::of(&case, "predictor")?, case.indices("stratum")?);
            let observations = rows.observations();
            let order = OutcomeOrder::new(&observations);
            let (auc, in_order) = match kind {
                "pooled" => {
                    (auc_pooled(&observations), order.ranking(&order.unweighted(), &[]).auc)
                }
                _ => (
                    auc_within(&observations, &stratum),
                    StratifiedOutcomes::new(&observations, &stratum).auc(&order.unweighted()),
                ),
            };
            found.push((defined(auc, name)?, defined(in_order, name)?, case.at(kind)?));
        }
        let line = table.line(&format!("AUC, {kind}"), (formula, "survival"), &oracle, CLOSED)?;
        for (auc, in_order, expected) in &found {
            line.compare(auc.estimate, expected.number("estimate")?);
            line.compare(*in_order, expected.number("estimate")?);
        }
        let quantity = format!("AUC, {kind}: clustered variance");
        let line = table.line(&quantity, (formula, "survival"), &oracle, CLOSED)?;
        for (auc, _, expected) in &found {
            line.compare(auc.variance, expected.number("variance")?);
        }
    }
    Ok(())
}

fn paired(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("discrimination.json")?;
    let case = oracle.at("difference")?;
    let (first, second) = (Rows::of(&case, "first")?.auc()?, Rows::of(&case, "second")?.auc()?);
    let difference = defined(auc_difference(&first, &second, 0.95), "difference")?;
    let reference = ("R vcov(survival::concordance(f1, f2, cluster))", "survival");
    let quantity = "Paired AUC difference: estimate, variance";
    let line = table.line(quantity, reference, &oracle, CLOSED)?;
    line.compare(difference.estimate, case.number("estimate")?);
    line.compare(difference.standard_error.powi(2), case.number("variance")?);
    let quantity = "Paired AUC difference: degrees of freedom, p-value";
    let line = table.line(quantity, T_TEST, &oracle, ITERATED)?;
    line.compare(difference.degrees_of_freedom, case.number("degrees")?);
    line.compare(difference.p_value, case.number("p_value")?);
    Ok(())
}

fn decline(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("decline.json")?;
    let reference = ("R survival::concordance(influence = 1), summed by account", "survival");
    let mut tests = Vec::new();
    let line = table.line("AUC decline test: S, its error", reference, &oracle, CLOSED)?;
    for name in ["tied", "untied"] {
        let case = oracle.at(name)?;
        let (rows, stratum) = (Rows::of(&case, "predictor")?, case.numbers("stratum")?);
        let until = case.number("until")?;
        let side = |is_late: bool| {
            let kept = |row: &usize| (stratum[*row] > until) == is_late;
            let kept: Vec<usize> = (0..stratum.len()).filter(kept).collect();
            let side = Rows {
                predictor: kept.iter().map(|&row| rows.predictor[row]).collect(),
                label: kept.iter().map(|&row| rows.label[row]).collect(),
                cluster: kept.iter().map(|&row| rows.cluster[row]).collect(),
            };
            side.auc()
        };
        let decline = defined(auc_decline(&side(false)?, &side(true)?, 0.95), name)?;
        line.compare(decline.estimate, case.number("estimate")?);
        line.compare(decline.standard_error, case.number("error")?);
        tests.push((decline, case));
    }
    let quantity = "AUC decline test: degrees of freedom, p-value";
    let line = table.line(quantity, T_TEST, &oracle, ITERATED)?;
    for (decline, case) in tests {
        line.compare(decline.degrees_of_freedom, case.number("degrees")?);
        line.compare(decline.p_value_above_zero(), case.number("p_value")?);
    }
    Ok(())
}

fn delong(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("delong.json")?;
    let case = oracle.at("delong")?;
    let (first, second) = (Rows::of(&case, "first")?, Rows::of(&case, "second")?);
    let covariance = |a: &Rows, b: &Rows| {
        let found = auc_covariance_obuchowski(&a.observations(), &b.observations());
        defined(found, "covariance")
    };
    let reference = ("R pROC::var, pROC::cov, method DeLong", "pROC");
    let quantity = "AUC and its covariance, every account once";
    let line = table.line(quantity, reference, &oracle, CLOSED)?;
    line.compare(first.auc()?.estimate, case.number("first_auc")?);
    line.compare(second.auc()?.estimate, case.number("second_auc")?);
    line.compare(covariance(&first, &first)?, case.number("first_variance")?);
    line.compare(covariance(&second, &second)?, case.number("second_variance")?);
    line.compare(covariance(&first, &second)?, case.number("covariance")?);
    Ok(())
}

fn obuchowski(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("closed_forms.json")?;
    let reference = ("NumPy, Obuchowski 1997 pair by pair", "numpy");
    let line = table.line("AUC covariance, clustered", reference, &oracle, CLOSED)?;
    for case in oracle.at("obuchowski")?.each()? {
        let (first, second) = (Rows::of(&case, "first")?, Rows::of(&case, "second")?);
        for (a, b, name) in [
            (&first, &first, "first_variance"),
            (&second, &second, "second_variance"),
            (&first, &second, "covariance"),
        ] {
            let found = auc_covariance_obuchowski(&a.observations(), &b.observations());
            line.compare(defined(found, name)?, case.number(name)?);
        }
    }
    Ok(())
}

fn scikit(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("scikit.json")?;
    let mut found = Vec::new();
    for name in ["many_ties", "some_ties", "few_rows", "no_ties"] {
        let case = oracle.at(name)?;
        let rows = Rows::of(&case, "probability")?;
        let order = OutcomeOrder::new(&rows.observations());
        let plain = order.ranking(&order.unweighted(), &[]);
        let weighted = order.ranking(&case.indices("weights")?, &[]);
        let alone = average_precision(&rows.predictor, &rows.label);
        found.push((plain, case.at("plain")?, alone));
        found.push((weighted, case.at("weighted")?, None));
    }
    let reference = ("scikit-learn roc_auc_score", "scikit-learn");
    let line = table.line("AUC, with and without weights", reference, &oracle, CLOSED)?;
    for (ranking, expected, _) in &found {
        line.compare(defined(ranking.auc, "auc")?, expected.number("roc_auc")?);
    }
    let reference = ("scikit-learn average_precision_score", "scikit-learn");
    let quantity = "Average precision, with and without weights";
    let line = table.line(quantity, reference, &oracle, CLOSED)?;
    for (ranking, expected, alone) in &found {
        let expected = expected.number("average_precision")?;
        line.compare(defined(ranking.average_precision, "precision")?, expected);
        if let Some(alone) = alone {
            line.compare(*alone, expected);
        }
    }
    Ok(())
}

fn tops(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("closed_forms.json")?;
    let line =
        table.line("Lift and capture at 5, 10, 20 %", ("NumPy", "numpy"), &oracle, CLOSED)?;
    for case in oracle.at("tops")?.each()? {
        let rows = Rows::of(&case, "probability")?;
        for top in case.at("tops")?.each()? {
            let share = top.number("share")?;
            let lift = lift_at(&rows.predictor, &rows.label, share);
            let capture = capture_at(&rows.predictor, &rows.label, share);
            line.compare(defined(lift, "lift")?, top.number("lift")?);
            line.compare(defined(capture, "capture")?, top.number("capture")?);
        }
    }
    Ok(())
}

fn detectable(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("proportions.json")?;
    let case = oracle.at("detectable")?;
    let number = |key: &str| case.number(key);
    let found = minimum_detectable_auc(
        number("positives")?,
        number("negatives")?,
        number("level")?,
        number("power")?,
    );
    let reference = ("R qnorm, Hanley & McNeil 1982", "R");
    let line = table.line("Smallest detectable AUC difference", reference, &oracle, CLOSED)?;
    line.compare(defined(found, "detectable")?, number("distance")?);
    Ok(())
}
