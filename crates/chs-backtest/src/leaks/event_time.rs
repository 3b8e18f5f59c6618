//! How much better each indicator and scorecard would have looked had each row been known when it
//! happened.

use std::collections::BTreeMap;

use chs_panel::{Finding, Level, NumberColumn, Panel};
use chs_stats::{Auc, Interval, auc_difference, auc_within};
use jiff::civil::Date;

use crate::baselines::oriented;
use crate::leaks::rules::EVENT_TIME_FAKES;
use crate::leaks::{AUDIT_LEVEL, LeakEvidence};
use crate::sample::{Frame, Sample};
use crate::score::score_panel;
use crate::sufficiency::too_few;
use crate::{BacktestError, Counts};

/// The within-snapshot AUC of an indicator or scorecard as it was known, and by event time alone, on the
/// rows that have a value in both.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTimeImpact {
    /// Name of the indicator or scorecard.
    pub name: String,
    /// `indicator` or `scorecard`.
    pub kind: &'static str,
    /// What it rests on.
    pub counts: Counts,
    /// Share of the rows in which event time shows another value, one that is missing included.
    pub changed_share: f64,
    /// AUC as it was known, turned as that by event time is.
    pub as_known: Option<f64>,
    /// AUC by event time, turned to be at least 0.5.
    pub by_event_time: Option<f64>,
    /// Their difference's interval, at the level of the audit; `None` where nothing differs.
    pub faked: Option<Interval>,
    /// Why there is no AUC.
    pub reason: Option<String>,
}

/// One entry per indicator of numbers and per scorecard; none without a panel by event time.
pub(super) fn impacts(
    frame: &Frame<'_>,
    evidence: &LeakEvidence<'_>,
) -> Result<Vec<EventTimeImpact>, BacktestError> {
    let Some(other) = evidence.by_event_time else { return Ok(Vec::new()) };
    let twins = twins(frame.panel, other);
    let pair = |kind, name: &str, [own, others]: [&NumberColumn; 2]| {
        let others = NumberColumn::new(
            twins
                .iter()
                .map(|twin| twin.and_then(|row| others.get(row)).unwrap_or(f64::NAN))
                .collect(),
        );
        impact(frame, (kind, name), [own, &others])
    };
    let mut impacts = Vec::new();
    for indicator in frame.panel.indicators() {
        let others = other.indicator(&indicator.name).and_then(|values| values.numbers());
        if let (Some(own), Some(others)) = (indicator.column.numbers(), others) {
            impacts.push(pair("indicator", &indicator.name, [own, others]));
        }
    }
    for scorecard in evidence.scorecards {
        let [own, others] = [score_panel(frame.panel, scorecard)?, score_panel(other, scorecard)?];
        impacts.push(pair("scorecard", scorecard.name(), [&own.score, &others.score]));
    }
    Ok(impacts)
}

/// The row of the other panel of the same account and snapshot, per row.
fn twins(panel: &Panel, other: &Panel) -> Vec<Option<usize>> {
    let key = |panel: &Panel, row: usize| (panel.snapshot()[row], panel.account_id(row).to_owned());
    let rows: BTreeMap<(Date, String), usize> =
        (0..other.len()).map(|row| (key(other, row), row)).collect();
    (0..panel.len()).map(|row| rows.get(&key(panel, row)).copied()).collect()
}

fn impact(
    frame: &Frame<'_>,
    (kind, name): (&'static str, &str),
    [own, others]: [&NumberColumn; 2],
) -> EventTimeImpact {
    let bits = |column: &NumberColumn, row: usize| column.get(row).map(f64::to_bits);
    let labelled: Vec<usize> =
        (0..frame.panel.len()).filter(|row| frame.label.value(*row).is_some()).collect();
    let changed = labelled.iter().filter(|row| bits(own, **row) != bits(others, **row)).count();
    let known = Sample::new(frame, own, |row| others.get(row).is_some());
    let mut found = EventTimeImpact {
        name: name.to_owned(),
        kind,
        counts: known.counts(),
        changed_share: changed as f64 / labelled.len().max(1) as f64,
        as_known: None,
        by_event_time: None,
        faked: None,
        reason: too_few(&known),
    };
    if found.reason.is_some() {
        return found;
    }
    let auc = |sign: f64| {
        let sample = known.with_predictor(frame.panel, &oriented(others, sign));
        let others = auc_within(&sample.observations(), &sample.stratum)?;
        let sample = known.with_predictor(frame.panel, &oriented(own, sign));
        Some((others, auc_within(&sample.observations(), &sample.stratum)?))
    };
    let turned = |pair: &(Auc, Auc)| pair.0.estimate >= 0.5;
    let Some((others, own)) = auc(1.0).filter(turned).or_else(|| auc(-1.0)) else {
        found.reason = Some("no snapshot has rows of both labels".to_owned());
        return found;
    };
    (found.as_known, found.by_event_time) = (Some(own.estimate), Some(others.estimate));
    found.faked = auc_difference(&others, &own, AUDIT_LEVEL).map(|difference| difference.interval);
    found
}

/// What each would have faked, and the sources that do not tell when their rows became known.
pub(super) fn findings(evidence: &LeakEvidence<'_>, impacts: &[EventTimeImpact]) -> Vec<Finding> {
    let silent = evidence.sources.iter().filter(|source| !source.tells_when_known).map(|source| {
        let name = &source.name;
        let sentence = format!(
            "`{name}` does not say when its rows became known (`created`, `blind_spot`): its event time is believed"
        );
        EVENT_TIME_FAKES.finding(Level::NotApplicable, name, sentence)
    });
    silent.chain(impacts.iter().map(finding)).collect()
}

fn finding(found: &EventTimeImpact) -> Finding {
    let (name, percent) = (&found.name, 100.0 * found.changed_share);
    let (Some(known), Some(event)) = (found.as_known, found.by_event_time) else {
        let reason = found.reason.as_deref().unwrap_or("nothing to rank");
        return EVENT_TIME_FAKES.finding(Level::NotApplicable, name, format!("`{name}`: {reason}"));
    };
    let Some(Interval { lower, upper }) = found.faked else {
        let sentence = format!(
            "`{name}` ranks alike by event time alone: AUC {event:.3}; {percent:.1} % of its cells differ"
        );
        return EVENT_TIME_FAKES.finding(Level::Passed, name, sentence);
    };
    let sentence = format!(
        "`{name}`: by event time alone its AUC would be {event:.3} where it was {known:.3} as known, {:+.3} [{lower:+.3}, {upper:+.3}]; {percent:.1} % of its cells differ",
        event - known
    );
    let level = if lower > 0.0 { Level::Note } else { Level::Passed };
    EVENT_TIME_FAKES
        .finding(level, name, sentence)
        .with_figure("auc_as_known", known)
        .with_figure("auc_by_event_time", event)
        .with_figure("lower", lower)
        .with_figure("upper", upper)
        .with_figure("changed_share", found.changed_share)
}
