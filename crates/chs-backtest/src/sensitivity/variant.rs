//! The figures of one variant beside those of the score as it is.

use chs_panel::{NumberColumn, Polarity};
use chs_scorecard::Scorecard;
use chs_stats::{LabelledRows, clustered_proportion, proportion_difference};

use super::{Subject, Variant, VariantKind};
use crate::baselines::oriented;
use crate::comparison::compare_within;
use crate::figures::{auc_figures, event_rate};
use crate::metric::{Figure, Method};
use crate::sample::{Contender, Frame, Sample};
use crate::score::{score_columns, scores_of};
use crate::{BacktestError, Comparison, Metric, Scores, Slice};

/// What a variant changes.
pub(super) struct Change<'a> {
    pub(super) kind: VariantKind,
    pub(super) name: &'a str,
    pub(super) indicators: Vec<String>,
}

impl Change<'_> {
    pub(super) fn impossible(self, reason: &str) -> Variant {
        Variant {
            kind: self.kind,
            name: self.name.to_owned(),
            indicators: self.indicators,
            metrics: Vec::new(),
            differences: Vec::new(),
            reason: Some(reason.to_owned()),
        }
    }
}

/// The primary scorecard without those of its indicators that are listed.
pub(super) fn without(
    subject: &Subject<'_>,
    (kind, name): (VariantKind, &str),
    listed: &[String],
) -> Result<Variant, BacktestError> {
    let indicators = subject.scorecard.into_iter().flat_map(Scorecard::indicators);
    let own: Vec<String> = indicators
        .map(|indicator| indicator.name.clone())
        .filter(|name| listed.contains(name))
        .collect();
    let change = Change { kind, name, indicators: own.clone() };
    if own.is_empty() {
        return Ok(change.impossible("the scorecard has no such indicator"));
    }
    let names: Vec<&str> = own.iter().map(String::as_str).collect();
    let Some(left) = subject.scorecard.and_then(|scorecard| scorecard.without(&names)) else {
        return Ok(change.impossible("nothing with a weight is left"));
    };
    let scores = scores_of(&left, score_columns(subject.frame.panel, &left)?);
    Ok(variant(subject, change, &scores))
}

/// The figures of other scores of the same panel.
pub(super) fn variant(subject: &Subject<'_>, change: Change<'_>, scores: &Scores) -> Variant {
    let frame = subject.frame;
    let contender = Contender {
        name: change.name.to_owned(),
        predictor: oriented(&scores.score, frame.sign()),
        probability: NumberColumn::default(),
    };
    let sample = Sample::new(frame, &contender.predictor, |_| true);
    let [within, _] = auc_figures(&sample, &Slice::all(), frame.settings);
    let alert = alert_rows(frame, scores, &sample);
    Variant {
        kind: change.kind,
        name: change.name.to_owned(),
        indicators: change.indicators,
        metrics: vec![
            scored(frame, &scores.score),
            within,
            event_rate("alert_band_event_rate", &alert, &Slice::all(), frame.settings),
        ],
        differences: vec![
            compare_within(frame, subject.contender, &contender),
            alert_difference(subject, &contender, scores),
        ],
        reason: None,
    }
}

/// Share of the labelled rows that have a score.
fn scored(frame: &Frame<'_>, score: &NumberColumn) -> Metric {
    let constant = NumberColumn::new(vec![0.0; frame.panel.len()]);
    let labelled = Sample::new(frame, &constant, |_| true);
    let has_score: Vec<bool> = labelled.rows.iter().map(|row| score.get(*row).is_some()).collect();
    let (slice, counts) = (Slice::all(), labelled.counts());
    match clustered_proportion(&has_score, &labelled.cluster, frame.settings.level) {
        None => Metric::undefined("scored", &slice, counts, "no row has a label".to_owned()),
        Some(share) => {
            let figure = Figure::new(share.rate, Some(share.interval), Method::Jeffreys);
            Metric::new("scored", &slice, counts, figure)
        }
    }
}

/// The rows of a sample in the band that is acted on.
pub(super) fn alert_rows(frame: &Frame<'_>, scores: &Scores, sample: &Sample) -> Sample {
    let alert = alert_band(frame, scores);
    let band = |row: usize| scores.band.get(row).copied().flatten();
    sample.restrict(frame.panel, |row| alert.is_some() && band(row) == alert)
}

/// The band that is acted on: the lowest for an adverse label, the highest for a favourable one.
fn alert_band(frame: &Frame<'_>, scores: &Scores) -> Option<u32> {
    let last = u32::try_from(scores.band_names.len()).ok()?.checked_sub(1)?;
    Some(match frame.label.definition.polarity {
        Polarity::Adverse => 0,
        Polarity::Favourable => last,
    })
}

/// `alert_band_event_rate` of the score as it is minus that of the variant, on rows that both score.
fn alert_difference(subject: &Subject<'_>, other: &Contender, scores: &Scores) -> Comparison {
    let frame = subject.frame;
    let primary = &subject.contender.predictor;
    let common = Sample::new(frame, primary, |row| other.predictor.get(row).is_some());
    let columns = |scores: &Scores| -> (Vec<bool>, Vec<u32>) {
        let alert = alert_band(frame, scores);
        let band = |row: usize| scores.band.get(row).copied().flatten();
        let rows = common.rows.iter().zip(common.label.iter().zip(&common.cluster));
        rows.filter(|(row, _)| alert.is_some() && band(**row) == alert)
            .map(|(_, (label, cluster))| (*label, *cluster))
            .unzip()
    };
    let (own, changed) = (columns(subject.scores), columns(scores));
    let [own, changed] = [&own, &changed].map(|(label, cluster)| LabelledRows { label, cluster });
    let (name, slice) = ("alert_band_event_rate", Slice::all());
    let found = proportion_difference(changed, own, frame.settings.level);
    let metric = if let Some(found) = found {
        let interval = Some(found.interval);
        let figure = Figure::new(found.estimate, interval, Method::ClusteredDifference);
        Metric::new(name, &slice, common.counts(), figure)
    } else {
        let reason = "the bands hold the same rows, or one of them none".to_owned();
        Metric::undefined(name, &slice, common.counts(), reason)
    };
    Comparison {
        a: subject.contender.name.clone(),
        b: other.name.clone(),
        metric,
        p_value: found.map(|found| found.p_value),
    }
}
