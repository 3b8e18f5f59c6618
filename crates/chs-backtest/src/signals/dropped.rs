//! What the score loses without an indicator.

use crate::baselines::oriented;
use crate::comparison::compare_within;
use crate::sample::Contender;
use crate::score::score_panel;
use crate::signals::Sheet;
use crate::{BacktestError, Metric, Slice};

/// `auc_lost_when_dropped`: the AUC of the score minus that without the indicator, the others sharing its
/// weight, on the rows that both score.
pub(super) fn figure(sheet: &Sheet<'_>, name: &str) -> Result<Metric, BacktestError> {
    let frame = sheet.frame;
    let undefined = |reason: &str| {
        let counts = sheet.sample.counts();
        Metric::undefined("auc_lost_when_dropped", &Slice::all(), counts, reason.to_owned())
    };
    let Some(left) = sheet.scorecard.without(&[name]) else {
        return Ok(undefined("nothing with a weight is left without it"));
    };
    let without = Contender {
        name: format!("without {name}"),
        predictor: oriented(&score_panel(frame.panel, &left)?.score, frame.sign()),
        probability: chs_panel::NumberColumn::default(),
    };
    let difference = compare_within(frame, sheet.primary, &without);
    Ok(Metric { name: "auc_lost_when_dropped".to_owned(), ..difference.metric })
}
