//! What a fit changed, and whether its model may be used.

use crate::chart::{Chart, Drawing, WeightPair};
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::wording::{fixed, level, plain, spaced};
use crate::{Column, FitSummary, FittedWeight, Table};

/// Nothing where no weights were fitted.
pub(crate) fn fitted(document: &mut Document, fit: Option<&FitSummary>, confidence: f64) {
    let Some(fit) = fit else { return };
    document.section("What did the fit change?");
    let lambda = fit.lambda.map_or(String::new(), |lambda| {
        format!(", pulled toward the weights before it with a strength of {lambda}")
    });
    document.paragraph(&format!("Estimator {}{lambda}.", code(&fit.estimator)));
    if !fit.refusals.is_empty() {
        document.paragraph("**No model left the fit:**");
        document.list(&fit.refusals.iter().map(|reason| prose(reason)).collect::<Vec<_>>());
    }
    if !fit.weights.is_empty() {
        document.chart(weights(fit));
        document.table(&weight_table(fit));
    }
    if !fit.gates.is_empty() {
        document.subsection("Gates");
        document.paragraph("A gate that cannot be evaluated counts as failed.");
        document.table(&gates(fit));
    }
    if !fit.out_of_time.is_empty() {
        document.subsection("On rows that no fit had seen");
        document.paragraph(
            "The fitted score minus the others, on the rows that both have. An AUC above 0, and a log loss \
             below 0, is in its favour.",
        );
        document.table(&out_of_time(fit, confidence));
    }
}

/// `4 of 5 passed`
pub(crate) fn gate_tally(fit: &FitSummary) -> String {
    let passed = fit.gates.iter().filter(|gate| gate.outcome == "pass").count();
    format!("{passed} of {} passed", fit.gates.len())
}

fn change(weight: &FittedWeight) -> String {
    let range = weight
        .range
        .map_or(String::new(), |(lower, upper)| format!(" [{}, {}]", plain(lower), plain(upper)));
    format!("{} to {} %{range}", plain(weight.prior), plain(weight.fitted))
}

fn weights(fit: &FitSummary) -> Chart {
    let pair = |weight: &FittedWeight| WeightPair {
        name: weight.indicator.clone(),
        prior: weight.prior,
        fitted: weight.fitted,
        range: weight.range,
        label: change(weight),
    };
    let pairs: Vec<WeightPair> = fit.weights.iter().map(pair).collect();
    let words: Vec<String> =
        pairs.iter().map(|pair| format!("{}: {}", pair.name, pair.label)).collect();
    Chart {
        name: "weights".to_owned(),
        title: "Weights, before and fitted".to_owned(),
        description: format!("{}.", words.join("; ")),
        drawing: Drawing::Weights(pairs),
    }
}

fn weight_table(fit: &FitSummary) -> Table {
    let range_is = if fit.range_is.is_empty() { "range" } else { fit.range_is.as_str() };
    let mut table = Table::new(vec![
        Column::words("indicator"),
        Column::numbers("before, %"),
        Column::numbers("fitted, %"),
        Column::words(range_is),
    ]);
    for weight in &fit.weights {
        let range = weight.range.map_or("none".to_owned(), |(lower, upper)| {
            format!("[{}, {}]", plain(lower), plain(upper))
        });
        table.push(vec![
            weight.indicator.clone(),
            plain(weight.prior),
            plain(weight.fitted),
            range,
        ]);
    }
    table
}

fn gates(fit: &FitSummary) -> Table {
    let mut table = Table::new(vec![
        Column::words("gate"),
        Column::words("outcome"),
        Column::numbers("found"),
        Column::numbers("asked for"),
        Column::words("what was found"),
    ]);
    let number = |value: Option<f64>| value.map_or(String::new(), |value| fixed(value, 3));
    for gate in &fit.gates {
        table.push(vec![
            spaced(&gate.name),
            spaced(&gate.outcome),
            number(gate.bound),
            number(gate.threshold),
            gate.sentence.clone(),
        ]);
    }
    table
}

fn out_of_time(fit: &FitSummary, confidence: f64) -> Table {
    let interval = level(confidence);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words(format!("AUC, same day [{interval}]")),
        Column::words(format!("fitted minus it [{interval}]")),
        Column::words(format!("log loss [{interval}]")),
        Column::words(format!("fitted minus it [{interval}]")),
    ]);
    for row in &fit.out_of_time {
        let cells = vec![
            row.score.clone(),
            table.figure(Some(Figure::from(&row.auc)), Format::Thousandths),
            minus(&mut table, row.auc_difference.as_ref().map(Figure::from), Format::Difference),
            table.figure(Some(Figure::from(&row.log_loss)), Format::Loss),
            minus(
                &mut table,
                row.log_loss_difference.as_ref().map(Figure::from),
                Format::LossDifference,
            ),
        ];
        table.push(cells);
    }
    table
}

fn minus(table: &mut Table, difference: Option<Figure<'_>>, format: Format) -> String {
    match difference {
        Some(found) => table.figure(Some(found), format),
        None => "the fitted score".to_owned(),
    }
}
