//! Indicators that rank the outcome well only in the last days before it.

use chs_panel::{Finding, Level, NumberColumn, Span};
use chs_stats::{Auc, Interval, auc_difference};

use crate::baselines::oriented;
use crate::leaks::rules::JUMPS_BEFORE_OUTCOME;
use crate::leaks::{AUDIT_LEVEL, suspected};
use crate::sample::{Frame, Sample};
use crate::sufficiency::AUC_FLOOR;

/// Part of the label window, from its beginning, in which an outcome is near.
const NEAR: f64 = 1.0 / 3.0;
/// Points of AUC that a jump is surely larger than. Honest indicators sharpen too as the outcome draws
/// near; on the simulated demo, whose causes are known, by less.
const JUMP: f64 = 0.15;
/// Days of a mean month.
const MONTH_DAYS: f64 = 30.436_875;

pub(super) fn findings(frame: &Frame<'_>, days: Option<&[Option<f64>]>) -> Vec<Finding> {
    let window = frame.label.definition.window.as_ref();
    let (Some(days), Some(window)) = (days, window) else { return Vec::new() };
    let near = in_days(window.lead_time) + NEAR * in_days(window.horizon);
    let numbers = frame.panel.indicators().iter();
    numbers
        .filter_map(|indicator| {
            Some(finding(frame, &indicator.name, indicator.column.numbers()?, (days, near)))
        })
        .collect()
}

fn in_days(span: Span) -> f64 {
    f64::from(span.whole_months()) * MONTH_DAYS + span.minutes() as f64 / 1_440.0
}

fn finding(
    frame: &Frame<'_>,
    name: &str,
    numbers: &NumberColumn,
    (days, near): (&[Option<f64>], f64),
) -> Finding {
    let nearness = |row: usize| Some(days.get(row).copied().flatten()? <= near);
    let sample = Sample::new(frame, numbers, |row| {
        frame.label.value(row) == Some(false) || nearness(row).is_some()
    });
    let positives = |near: bool| {
        let keep = |row: usize| frame.label.value(row) == Some(true) && nearness(row) == Some(near);
        sample.restrict(frame.panel, keep).accounts
    };
    let (near_accounts, far_accounts) = (positives(true), positives(false));
    if near_accounts.min(far_accounts) < AUC_FLOOR || sample.accounts_with(false) < AUC_FLOOR {
        let sentence = format!(
            "`{name}`: {near_accounts} accounts near the outcome and {far_accounts} farther away; {AUC_FLOOR} of each are needed"
        );
        return JUMPS_BEFORE_OUTCOME.finding(Level::NotApplicable, name, sentence);
    }
    let pair = |sign: f64| {
        let turned = sample.with_predictor(frame.panel, &oriented(numbers, sign));
        let near = auc_against(&turned, |row| nearness(row) == Some(true))?;
        Some((near, auc_against(&turned, |row| nearness(row) == Some(false))?))
    };
    let turned = |pair: &(Auc, Auc)| pair.0.estimate >= 0.5;
    let found = pair(1.0).filter(turned).or_else(|| pair(-1.0));
    let Some((close, distant)) = found else {
        let sentence = format!("`{name}`: no snapshot has rows of both labels");
        return JUMPS_BEFORE_OUTCOME.finding(Level::NotApplicable, name, sentence);
    };
    let Interval { lower, upper } = auc_difference(&close, &distant, AUDIT_LEVEL)
        .map_or(Interval { lower: 0.0, upper: 0.0 }, |difference| difference.interval);
    let sentence = format!(
        "`{name}` ranks with AUC {:.3} in the last {near:.0} days before the outcome and {:.3} before that, {:+.3} [{lower:+.3}, {upper:+.3}]; a jump beyond {JUMP:+.2} is suspect",
        close.estimate,
        distant.estimate,
        close.estimate - distant.estimate
    );
    JUMPS_BEFORE_OUTCOME
        .finding(suspected(lower > JUMP), name, sentence)
        .with_figure("auc_near", close.estimate)
        .with_figure("auc_far", distant.estimate)
        .with_figure("lower", lower)
        .with_figure("upper", upper)
}

/// AUC of the positive rows that `keep` holds for, against all negative ones.
fn auc_against(sample: &Sample, keep: impl Fn(usize) -> bool) -> Option<Auc> {
    let rows = |place: usize| Some((sample.label.get(place)?, sample.rows.get(place)?));
    sample.part(|place| rows(place).is_some_and(|(label, row)| !label || keep(*row))).auc()
}
