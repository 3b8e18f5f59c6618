//! From the domain to the file.

mod anatomy;
mod life;

use chs_panel::{LabelDefinition, LabelState};

use super::v1;
use crate::{
    BandRow, BandStep, BandTable, BaselineResult, CandidateResult, Comparison, Evaluation, Metric,
    ReliabilityBin, RowStates, ScoreBin, Sufficiency,
};

impl Evaluation {
    /// The evaluation as it is written to `backtest.json`.
    pub fn to_json(&self) -> v1::Backtest {
        let level = self.level;
        v1::Backtest {
            schema: v1::Schema { name: v1::NAME.to_owned(), version: v1::VERSION },
            verdict: v1::Verdict {
                answer: self.verdict.answer.as_str().to_owned(),
                scorecard: self.verdict.candidate.clone(),
                sentence: self.verdict.sentence().to_owned(),
            },
            label: v1::Label::from(&self.label),
            settings: v1::Settings { seed: self.seed, replicates: self.replicates, level },
            row_states: row_states(&self.row_states),
            sufficiency: sufficiency(&self.sufficiency),
            findings: self.findings.iter().map(v1::Finding::from).collect(),
            scorecards: self.candidates.iter().map(|found| scorecard(found, level)).collect(),
            comparisons: self.comparisons.iter().map(|found| comparison(found, level)).collect(),
            baselines: self.baselines.iter().map(|found| baseline(found, level)).collect(),
            signals: self.signals.iter().map(|found| anatomy::signal(found, level)).collect(),
            same_rates: (self.same_rates.iter())
                .map(|found| anatomy::same_rate(found, level))
                .collect(),
            sensitivity: anatomy::sensitivity(&self.sensitivity, level),
            drift: anatomy::drift(&self.drift, level),
            decision: anatomy::decision(&self.decision, level),
            shipping: self.shipping.iter().map(|found| life::shipping(found, level)).collect(),
            questions: self.questions.iter().map(question).collect(),
        }
    }
}

impl From<&LabelDefinition> for v1::Label {
    fn from(label: &LabelDefinition) -> Self {
        let window = label.window.as_ref();
        Self {
            name: label.name.clone(),
            outcome: label.outcome.clone(),
            polarity: label.polarity.as_str().to_owned(),
            lead_time: window.map(|window| window.lead_time.to_string()),
            horizon: window.map(|window| window.horizon.to_string()),
            follow_up_end: window.map(|window| window.follow_up_end.to_string()),
            follow_up_declared: window.is_some_and(|window| window.follow_up_declared),
        }
    }
}

fn row_states(states: &RowStates) -> v1::RowStates {
    v1::RowStates {
        rows: states.rows,
        positive: states.count(LabelState::Positive),
        negative: states.count(LabelState::Negative),
        censored: states.count(LabelState::Censored),
        excluded: states.count(LabelState::Excluded),
        competing: states.count(LabelState::Competing),
        not_at_risk: states.not_at_risk,
    }
}

fn sufficiency(found: &Sufficiency) -> v1::Sufficiency {
    let floor = |floor: &crate::FloorCheck| v1::Floor {
        name: floor.name.to_owned(),
        needed: floor.needed,
        found: floor.found,
        met: floor.is_met(),
        purpose: floor.purpose.to_owned(),
    };
    let segment = |segment: &crate::SegmentCounts| v1::Segment {
        slice: segment.slice.parts().clone(),
        n: segment.counts.n,
        events: segment.counts.events,
        accounts: segment.counts.accounts,
        event_accounts: segment.counts.event_accounts,
        sufficient: segment.is_sufficient,
    };
    v1::Sufficiency {
        rows: found.rows,
        events: found.events,
        accounts: found.accounts,
        event_accounts: found.event_accounts,
        snapshots: found.snapshots,
        months: found.months,
        indicators: found.indicators,
        event_accounts_per_indicator: found.event_accounts_per_indicator,
        detectable_auc_difference: found.detectable_auc_difference,
        floors: found.floors.iter().map(floor).collect(),
        segments: found.segments.iter().map(segment).collect(),
    }
}

impl From<&chs_panel::Finding> for v1::Finding {
    fn from(found: &chs_panel::Finding) -> Self {
        Self {
            code: found.code.to_owned(),
            name: found.name.to_owned(),
            section: found.section.to_owned(),
            level: found.level.as_str().to_owned(),
            subject: found.subject.clone(),
            sentence: found.sentence.clone(),
            figures: found.figures.iter().cloned().collect(),
        }
    }
}

fn question(found: &crate::Question) -> v1::Question {
    v1::Question {
        number: found.number,
        question: found.question.to_owned(),
        answer: found.reply.as_str().to_owned(),
        sentence: found.sentence.clone(),
        findings: found.codes.iter().map(|code| (*code).to_owned()).collect(),
        needed: found.needed.clone(),
    }
}

fn scorecard(found: &CandidateResult, level: f64) -> v1::Scorecard {
    let mut metrics: Vec<v1::Metric> = found.metrics.iter().map(|own| metric(own, level)).collect();
    let rows = found.bands.iter().flat_map(|table| &table.rows);
    metrics.extend(rows.flat_map(|row| [metric(&row.event_rate, level), metric(&row.lift, level)]));
    let steps = |table: &BandTable| table.steps.iter().map(step).collect();
    v1::Scorecard {
        name: found.name.clone(),
        kind: found.kind.as_str().to_owned(),
        version: found.version.clone(),
        probability_source: (found.coverage.with_probability > 0)
            .then(|| found.scheme.as_str().to_owned()),
        coverage: v1::Coverage {
            labelled: found.coverage.labelled,
            scored: found.coverage.scored,
            with_probability: found.coverage.with_probability,
            mean_weight: found.coverage.mean_weight,
        },
        metrics,
        bands: found
            .bands
            .iter()
            .flat_map(|table| &table.rows)
            .map(|row| band(row, level))
            .collect(),
        band_steps: found.bands.as_ref().map(steps).unwrap_or_default(),
        monotone: found.bands.as_ref().map(|table| table.monotone.as_str().to_owned()),
        reliability: found.reliability.iter().map(reliability_bin).collect(),
        calibration_curve: found.calibration_curve.iter().map(anatomy::calibration_level).collect(),
        distribution: found.distribution.iter().map(score_bin).collect(),
        life: life::life(&found.life, level),
    }
}

fn band(row: &BandRow, level: f64) -> v1::Band {
    v1::Band {
        name: row.name.clone(),
        from: row.from,
        n: row.counts.n,
        events: row.counts.events,
        accounts: row.counts.accounts,
        event_accounts: row.counts.event_accounts,
        share: row.share,
        value: row.value,
        value_share: row.value_share,
        event_rate: metric(&row.event_rate, level),
        lift: metric(&row.lift, level),
    }
}

fn step(step: &BandStep) -> v1::BandStep {
    v1::BandStep {
        lower_band: step.lower_band.clone(),
        higher_band: step.higher_band.clone(),
        difference: step.difference,
        lower: step.interval.map(|interval| interval.lower),
        upper: step.interval.map(|interval| interval.upper),
        p_value: step.p_value,
    }
}

fn reliability_bin(bin: &ReliabilityBin) -> v1::ReliabilityBin {
    v1::ReliabilityBin {
        lowest: bin.lowest,
        highest: bin.highest,
        mean_probability: bin.mean_probability,
        event_rate: bin.event_rate,
        lower: bin.interval.lower,
        upper: bin.interval.upper,
        n: bin.counts.n,
        events: bin.counts.events,
        accounts: bin.counts.accounts,
        event_accounts: bin.counts.event_accounts,
    }
}

fn score_bin(bin: &ScoreBin) -> v1::ScoreBin {
    v1::ScoreBin {
        from: bin.from,
        to: bin.to,
        n: bin.n,
        events: bin.events,
        share_of_events: bin.share_of_events,
        share_of_others: bin.share_of_others,
    }
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
        n: metric.counts.n,
        events: metric.counts.events,
        accounts: metric.counts.accounts,
        event_accounts: metric.counts.event_accounts,
        reason: metric.reason.clone(),
    }
}

fn comparison(found: &Comparison, level: f64) -> v1::Comparison {
    let metric = metric(&found.metric, level);
    v1::Comparison {
        a: found.a.clone(),
        b: found.b.clone(),
        name: metric.name,
        slice: metric.slice,
        estimate: metric.estimate,
        lower: metric.lower,
        upper: metric.upper,
        level: metric.level,
        method: metric.method,
        p_value: found.p_value,
        n: metric.n,
        events: metric.events,
        accounts: metric.accounts,
        event_accounts: metric.event_accounts,
        reason: metric.reason,
    }
}

fn baseline(found: &BaselineResult, level: f64) -> v1::Baseline {
    v1::Baseline {
        name: found.baseline.as_str().to_owned(),
        indicator: found.indicator.clone(),
        metrics: found.metrics.iter().map(|own| metric(own, level)).collect(),
        reason: found.reason.clone(),
    }
}
