//! From the domain to the file.

use std::collections::BTreeMap;

use chs_scorecard::ProbabilityCurve;

use super::{further, v1};
use crate::{
    BandRule, DataUsed, FitOutcome, FitPlan, FitReport, FoldReport, Gate, GateStatus, PlannedFold,
    Selection, WeightRow,
};

impl FitOutcome {
    /// The outcome as it is written to `fit.json`.
    pub fn to_json(&self) -> v1::Fit {
        let report = self.report();
        let reason = |reason: &crate::Reason| v1::Reason {
            code: reason.code().to_owned(),
            sentence: reason.sentence(),
        };
        v1::Fit {
            schema: v1::Schema { name: v1::NAME.to_owned(), version: v1::VERSION },
            outcome: match self {
                Self::Validated(_) => "validated".to_owned(),
                Self::Refused(_) => "refused".to_owned(),
            },
            reasons: self.reasons().iter().map(reason).collect(),
            scorecard: v1::Scorecard {
                name: report.scorecard.clone(),
                version: report.version.clone(),
            },
            label: report.evaluation.to_json().label,
            settings: settings(report),
            data: data(&report.data),
            weights: report.weights.iter().map(weight).collect(),
            moved: report.moved,
            selection: report
                .selection
                .as_ref()
                .map(|own| selection(own, report.undefined_resamples)),
            certificate: report.certificate.map(|own| v1::Certificate {
                residual: own.residual,
                promised: own.promised,
                steps: own.steps,
            }),
            removed: report.removed.iter().map(removed).collect(),
            rounding: report.rounding.map(|own| v1::Rounding { steps: own.steps, cost: own.cost }),
            calibration: report.calibration.as_ref().map(calibration),
            bands: bands(report),
            evidence: evidence(report),
            gates: report.gates.iter().map(gate).collect(),
            recalibration: report.recalibration.as_ref().map(further::recalibration),
            trends: report.trends.as_ref().map(further::trends),
            segments: report.segments.iter().map(further::segment).collect(),
            optimism: report.optimism.as_ref().map(further::optimism),
        }
    }
}

impl FitPlan {
    /// The plan as it is written to stdout.
    pub fn to_json(&self) -> v1::Plan {
        let fold = |own: &PlannedFold| v1::PlannedFold {
            origin: own.origin.map(|day| day.to_string()),
            training_rows: own.training_rows,
            training_event_accounts: own.training_event_accounts,
            test_rows: own.test_rows,
        };
        v1::Plan {
            scorecard: self.scorecard.clone(),
            label: self.label.clone(),
            indicators: self.indicators,
            data: data(&self.data),
            scheme: self.scheme.as_str().to_owned(),
            folds: self.folds.iter().map(fold).collect(),
            fits: self.fits,
        }
    }
}

fn settings(report: &FitReport) -> v1::Settings {
    v1::Settings {
        weights: report.weights_from.as_str().to_owned(),
        estimator: report.estimator.as_str().to_owned(),
        seed: report.seed,
        replicates: report.replicates,
        resamples: report.resamples,
        level: report.level,
    }
}

fn data(data: &DataUsed) -> v1::Data {
    v1::Data {
        rows: data.rows,
        events: data.events,
        accounts: data.accounts,
        event_accounts: data.event_accounts,
        unscored: data.unscored,
        snapshots: data.snapshots,
        from: data.window.map(|(from, _)| from.to_string()),
        to: data.window.map(|(_, to)| to.to_string()),
    }
}

fn weight(row: &WeightRow) -> v1::Weight {
    v1::Weight {
        component: row.component.clone(),
        indicator: row.indicator.clone(),
        prior: row.prior,
        fitted: row.fitted,
        continuous: row.continuous,
        coefficient: row.coefficient,
        range_lower: row.range.map(|range| range.lower),
        range_upper: row.range.map(|range| range.upper),
        why: row.why(),
        keeping: row.keeping.map(|own| own.estimate),
        keeping_lower: row.keeping.map(|own| own.interval.lower),
        keeping_upper: row.keeping.map(|own| own.interval.upper),
        unpenalised: row.unpenalised,
        unpenalised_lower: row.unpenalised_interval.map(|interval| interval.lower),
        unpenalised_upper: row.unpenalised_interval.map(|interval| interval.upper),
        silent: row.silent,
    }
}

fn selection(own: &Selection, undefined_resamples: usize) -> v1::Selection {
    let point = |point: &crate::PathPoint| v1::PathPoint {
        lambda: point.lambda,
        loss: point.loss,
        standard_error: point.standard_error,
        weights: point.weights.clone(),
    };
    v1::Selection {
        scheme: own.scheme.map(|scheme| scheme.as_str().to_owned()),
        folds: own.folds,
        best: own.best,
        chosen: own.chosen,
        undefined_resamples,
        path: own.path.iter().map(point).collect(),
    }
}

fn calibration(own: &chs_scorecard::Calibration) -> v1::Calibration {
    let (intercept, slope, points) = match &own.curve {
        ProbabilityCurve::Logistic { intercept, slope } => {
            (Some(*intercept), Some(*slope), Vec::new())
        }
        ProbabilityCurve::Isotonic { points } => {
            let points = points.iter().map(|(score, probability)| [*score, *probability]);
            (None, None, points.collect())
        }
    };
    let method = own.curve.as_str().to_owned();
    v1::Calibration { method, intercept, slope, points, base_rate: own.base_rate }
}

fn removed((indicator, cost): &(String, f64)) -> v1::Removed {
    v1::Removed { indicator: indicator.clone(), cost: *cost }
}

fn bands(report: &FitReport) -> v1::Bands {
    let edge = |own: &crate::EdgeRow| v1::Edge {
        band: own.band.clone(),
        prior: own.prior,
        fitted: own.fitted,
        lower: own.interval.map(|interval| interval.lower),
        upper: own.interval.map(|interval| interval.upper),
    };
    let mut bands = v1::Bands {
        rule: report.bands.rule.as_str().to_owned(),
        found: report.bands.found,
        undefined_resamples: report.bands.undefined_resamples,
        edges: report.bands.edges.iter().map(edge).collect(),
        ..v1::Bands::default()
    };
    match report.bands.rule {
        BandRule::Prior => {}
        BandRule::Likelihood { minimum_share } => bands.minimum_share = Some(minimum_share),
        BandRule::Capacity { accounts } => bands.capacity = Some(accounts),
        BandRule::Cost { miss } => bands.miss_costs = Some(miss),
        BandRule::Precision { at_least } => bands.precision = Some(at_least),
        BandRule::Ratio { at_least } => bands.ratio = Some(at_least),
    }
    bands
}

fn evidence(report: &FitReport) -> v1::Evidence {
    let backtest = report.evaluation.to_json();
    let candidate = backtest.verdict.scorecard;
    let own = backtest.scorecards.into_iter().next();
    let (metrics, bands) = own.map(|own| (own.metrics, own.bands)).unwrap_or_default();
    v1::Evidence {
        scheme: report.scheme.as_str().to_owned(),
        design: report.design(),
        folds: report.folds.iter().map(fold).collect(),
        metrics: metrics.into_iter().filter(|metric| metric.slice.is_empty()).collect(),
        bands,
        comparisons: backtest.comparisons.into_iter().filter(|own| own.a == candidate).collect(),
        baselines: backtest.baselines,
        candidate,
    }
}

fn fold(own: &FoldReport) -> v1::Fold {
    v1::Fold {
        origin: own.origin.map(|day| day.to_string()),
        training_rows: own.training_rows,
        training_event_accounts: own.training_event_accounts,
        test_rows: own.test_rows,
        lambda: own.lambda,
        probability: own.probability.map(str::to_owned),
        weights: own.weights.clone(),
        kept_prior: own.kept_prior.as_ref().map(crate::Unlearnable::sentence),
    }
}

fn gate(own: &Gate) -> v1::Gate {
    let named = |values: &BTreeMap<&'static str, f64>| {
        values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    v1::Gate {
        name: own.name.to_owned(),
        status: own.status.as_str().to_owned(),
        sentence: own.sentence(),
        tested: named(&own.tested),
        thresholds: named(&own.thresholds),
        waiver: match &own.status {
            GateStatus::Waived(waiver) => {
                Some(v1::Waiver { reason: waiver.reason.clone(), until: waiver.until.to_string() })
            }
            _ => None,
        },
    }
}
