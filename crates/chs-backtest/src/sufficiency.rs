//! What the history can carry, before anything is said.

use chs_panel::{LabelState, NumberColumn};
use chs_stats::minimum_detectable_auc;

use crate::sample::{Frame, Sample};
use crate::{Counts, FloorCheck, RowStates, Scheme, SegmentCounts, Slice, Sufficiency};

/// Accounts with events, and accounts with rows of label 0, below which no AUC, lift or loss is given:
/// with fewer, one account moves an AUC by more than 5 points.
pub const AUC_FLOOR: usize = 10;
/// Accounts with events below which intervals of an AUC come from the cluster bootstrap: the normal
/// approximation behind the influence interval is not trusted there.
pub const BOOTSTRAP_BELOW: usize = 30;
/// Accounts with events below which no calibration slope or intercept is given: the standard error of
/// the slope is then of the order of the slope itself for scores that rank moderately well.
pub const CALIBRATION_FLOOR: usize = 60;
/// Accounts with events, and accounts without, that a fit must have seen before it turns scores into
/// probabilities: ten per coefficient of the model and class.
pub const TRAINING_FLOOR: usize = 20;

/// Probability with which a real difference of the stated size would show.
const POWER: f64 = 0.8;

/// Why a cross-section has no figure over snapshots.
pub(crate) const NO_SNAPSHOTS: &str = "a cross-section has no time: there are no snapshots";

pub(crate) fn row_states(frame: &Frame<'_>) -> RowStates {
    let states = LabelState::ALL.map(|state| frame.label.count(state));
    let rows = frame.panel.len();
    RowStates { rows, states, not_at_risk: rows.saturating_sub(states.iter().sum()) }
}

/// Why there is no AUC of this sample.
pub(crate) fn too_few(sample: &Sample) -> Option<String> {
    let (events, others) = (sample.accounts_with(true), sample.accounts_with(false));
    if events < AUC_FLOOR {
        Some(format!("not enough data: {events} accounts with events, {AUC_FLOOR} needed"))
    } else if others < AUC_FLOOR {
        Some(format!("not enough data: {others} accounts without events, {AUC_FLOOR} needed"))
    } else {
        None
    }
}

pub(crate) fn sufficiency(frame: &Frame<'_>, indicators: usize) -> Sufficiency {
    // Every labelled row counts here, scored or not.
    let constant = NumberColumn::new(vec![0.0; frame.panel.len()]);
    let sample = Sample::new(frame, &constant, |_| true);
    let counts = sample.counts();
    let mut strata = sample.stratum.clone();
    strata.dedup();
    if frame.panel.is_cross_section() {
        strata.clear();
    }
    let others = counts.accounts.saturating_sub(counts.event_accounts);
    Sufficiency {
        rows: counts.n,
        events: counts.events,
        accounts: counts.accounts,
        event_accounts: counts.event_accounts,
        snapshots: strata.len(),
        months: months(frame, &strata),
        indicators,
        event_accounts_per_indicator: (indicators > 0)
            .then(|| counts.event_accounts as f64 / indicators as f64),
        detectable_auc_difference: minimum_detectable_auc(
            counts.event_accounts as f64,
            others as f64,
            frame.settings.level,
            POWER,
        ),
        floors: floors(frame, counts),
        segments: segments(frame, &constant),
    }
}

fn floors(frame: &Frame<'_>, counts: Counts) -> Vec<FloorCheck> {
    let floor =
        |name, needed, purpose| FloorCheck { name, needed, found: counts.event_accounts, purpose };
    vec![
        floor("auc", AUC_FLOOR, "any figure of ranking or loss"),
        floor(Scheme::of(frame.panel).as_str(), TRAINING_FLOOR, "a probability of the score"),
        floor("influence_interval", BOOTSTRAP_BELOW, "an interval without resampling"),
        floor("calibration", CALIBRATION_FLOOR, "calibration slope and intercept"),
    ]
}

/// Calendar months from the first to the last of these snapshots.
fn months(frame: &Frame<'_>, strata: &[u32]) -> u32 {
    let day = |stratum: Option<&u32>| frame.panel.snapshots().get(*stratum? as usize).copied();
    match (day(strata.first()), day(strata.last())) {
        (Some(first), Some(last)) => {
            let month =
                |day: jiff::civil::Date| i32::from(day.year()) * 12 + i32::from(day.month());
            u32::try_from(month(last) - month(first)).unwrap_or(0)
        }
        _ => 0,
    }
}

fn segments(frame: &Frame<'_>, constant: &NumberColumn) -> Vec<SegmentCounts> {
    segment_levels(frame)
        .map(|(slice, keep)| {
            let sample = Sample::new(frame, constant, keep);
            SegmentCounts {
                slice,
                counts: sample.counts(),
                is_sufficient: too_few(&sample).is_none(),
            }
        })
        .collect()
}

/// Every level of every segment and class, with the test whether a row of the panel belongs to it.
pub(crate) fn segment_levels<'a>(
    frame: &'a Frame<'_>,
) -> impl Iterator<Item = (Slice, impl Fn(usize) -> bool + 'a)> + 'a {
    frame.classes.iter().flat_map(|segment| {
        (0_u32..).zip(segment.column.words()).map(|(code, word)| {
            let codes = segment.column.codes();
            let keep = move |row: usize| codes.get(row).copied().flatten() == Some(code);
            (Slice::of(&segment.name, word), keep)
        })
    })
}
