//! The end of a fit: a validated model, or a refusal.

use std::collections::BTreeSet;

use chs_scorecard::model_file::v1;
use chs_scorecard::{Model, ModelParts, Scorecard};

use crate::evidence::validation;
use crate::{FitReport, Reason, Weights};

/// The end of a fit. Both carry the same report.
#[derive(Clone, Debug, PartialEq)]
pub enum FitOutcome {
    /// Every gate is open: a model may be written.
    Validated(Box<Validated>),
    /// There is no model, and why.
    Refused(Box<Refusal>),
}

impl FitOutcome {
    /// What was found.
    pub fn report(&self) -> &FitReport {
        match self {
            Self::Validated(validated) => &validated.report,
            Self::Refused(refusal) => &refusal.report,
        }
    }

    /// Why there is no model; empty where there is one.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Validated(_) => &[],
            Self::Refused(refusal) => &refusal.reasons,
        }
    }
}

/// A model whose evidence passed every gate; only this can be exported.
#[derive(Clone, Debug, PartialEq)]
pub struct Validated {
    pub(crate) report: FitReport,
    pub(crate) model: Model,
    pub(crate) reference: v1::Reference,
    pub(crate) account_ids: BTreeSet<String>,
}

/// A result, not an error: what the history does not carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub(crate) report: FitReport,
    pub(crate) reasons: Vec<Reason>,
}

impl Refusal {
    /// What was found.
    pub fn report(&self) -> &FitReport {
        &self.report
    }

    /// Why, at least one.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}

impl Validated {
    /// What was found.
    pub fn report(&self) -> &FitReport {
        &self.report
    }

    /// The model, as the scorer computes it.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Its scorecard, with final weights and band edges.
    pub fn scorecard(&self) -> &Scorecard {
        self.model.scorecard()
    }

    /// The parts of a model file, but for what only the caller knows: digests, data files, the day up to
    /// which was read, units of inputs, the parent model.
    pub fn model_parts(&self, tool: v1::Tool, model_card: v1::ModelCard) -> ModelParts {
        let report = &self.report;
        let label = &report.label;
        let window = report.data.window;
        let [lead_time, horizon] = crate::calibration::spans(label);
        let provenance = v1::Provenance {
            tool,
            weights: match report.weights_from {
                Weights::Learned => v1::WeightOrigin::Learned,
                Weights::Prior => v1::WeightOrigin::Prior,
            },
            project_digest: None,
            scorecard_digest: None,
            data: Vec::new(),
            rows: report.data.rows as u64,
            accounts: report.data.accounts as u64,
            window: window
                .map(|(from, to)| v1::Window { from: from.to_string(), to: to.to_string() }),
            label: v1::Label {
                name: label.name.clone(),
                outcome: label.outcome.clone(),
                lead_time,
                horizon,
                follow_up_end: label.window.as_ref().map(|window| window.follow_up_end.to_string()),
            },
            as_of: None,
            seed: Some(report.seed.to_string()),
            parent_model_digest: None,
        };
        ModelParts {
            model: self.model.clone(),
            inputs: std::collections::BTreeMap::new(),
            provenance,
            validation: validation(report),
            reference: self.reference.clone(),
            model_card,
            extensions: serde_json::Map::new(),
            account_ids: self.account_ids.clone(),
        }
    }
}
