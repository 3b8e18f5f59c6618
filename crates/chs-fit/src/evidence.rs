//! The evidence of a fit as a model file holds it.

use std::collections::BTreeMap;

use chs_backtest::{Comparison, Metric, Slice};
use chs_panel::IndicatorValues;
use chs_scorecard::Scorecard;
use chs_scorecard::model_file::{SMALLEST_CELL, v1};

use crate::history::History;
use crate::{FitReport, Gate, GateStatus};

/// What held-out rows said: pooled figures, figures per band of enough accounts, comparisons, gates.
pub(crate) fn validation(report: &FitReport) -> v1::Validation {
    let level = report.level;
    let primary = report.evaluation.primary();
    let pooled = primary.iter().flat_map(|own| &own.metrics);
    let pooled = pooled.filter(|metric| metric.slice == Slice::all());
    let bands = primary.iter().filter_map(|own| own.bands.as_ref()).flat_map(|table| &table.rows);
    let bands = bands.flat_map(|row| [&row.event_rate, &row.lift]);
    let bands = bands.filter(|metric| metric.counts.accounts as u64 >= SMALLEST_CELL);
    let name = primary.map_or("", |own| own.name.as_str());
    let comparisons = report.evaluation.comparisons.iter().filter(|own| own.a == name);
    v1::Validation {
        design: report.design(),
        metrics: pooled.chain(bands).map(|own| metric(own, level)).collect(),
        comparisons: comparisons.map(|own| comparison(own, level)).collect(),
        gates: report.gates.iter().map(gate).collect(),
    }
}

/// The distributions of the score and of each indicator over some rows.
pub(crate) fn reference(
    history: &History<'_>,
    scorecard: &Scorecard,
    rows: &[usize],
    scores: &[Option<f64>],
) -> v1::Reference {
    let numbers = |value: &dyn Fn(usize) -> Option<f64>| {
        let values: Vec<f64> = rows.iter().map(|row| value(*row).unwrap_or(f64::NAN)).collect();
        v1::Distribution::of_numbers(&values)
    };
    let indicators: BTreeMap<String, v1::Distribution> = scorecard
        .indicators()
        .map(|indicator| {
            let distribution = match history.panel.indicator(&indicator.name) {
                Some(IndicatorValues::Numbers(column)) => numbers(&|row| column.get(row)),
                Some(IndicatorValues::Words(column)) => {
                    v1::Distribution::of_words(rows.iter().map(|row| column.get(*row)))
                }
                None => v1::Distribution::default(),
            };
            (indicator.name.clone(), distribution)
        })
        .collect();
    let score = numbers(&|row| scores.get(row).copied().flatten());
    v1::Reference { score, indicators }
}

fn metric(metric: &Metric, level: f64) -> v1::Metric {
    v1::Metric {
        name: metric.name.clone(),
        slice: metric.slice.parts().clone(),
        estimate: metric.estimate,
        lower: metric.interval.map(|interval| interval.lower),
        upper: metric.interval.map(|interval| interval.upper),
        level: metric.interval.map(|_| level),
        method: metric.method.map(|method| method.as_str().to_owned()),
        n: metric.counts.n as u64,
        events: metric.counts.events as u64,
        accounts: metric.counts.accounts as u64,
        event_accounts: metric.counts.event_accounts as u64,
        reason: metric.reason.clone(),
    }
}

fn comparison(found: &Comparison, level: f64) -> v1::Comparison {
    v1::Comparison {
        a: found.a.clone(),
        b: found.b.clone(),
        metric: metric(&found.metric, level),
        p_value: found.p_value,
    }
}

fn gate(gate: &Gate) -> v1::Gate {
    let named = |values: &BTreeMap<&'static str, f64>| {
        values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    v1::Gate {
        name: gate.name.to_owned(),
        policy: gate.policy.clone(),
        tested: named(&gate.tested),
        thresholds: named(&gate.thresholds),
        status: match &gate.status {
            GateStatus::Pass => v1::GateStatus::Pass,
            GateStatus::Fail => v1::GateStatus::Fail,
            GateStatus::Waived(waiver) => v1::GateStatus::Waived {
                reason: waiver.reason.clone(),
                until: waiver.until.to_string(),
            },
            GateStatus::NotEvaluated { reason } => {
                v1::GateStatus::NotEvaluated { reason: reason.clone() }
            }
        },
    }
}
