//! Values that were carried forward for long.

use chs_panel::Panel;
use chs_scorecard::{InputColumn, Scorecard};
use jiff::civil::Date;

use super::variant::{Change, variant as figures};
use super::{Subject, Variant, VariantKind};
use crate::BacktestError;
use crate::score::{inputs, score_inputs, scores_of};

/// Days without a change from which a value that is carried forward counts as stale.
pub const STALE_DAYS: i32 = 90;

/// The primary score if stale values counted as missing.
///
/// The panel shows when a value came by its first row with it: the same answer given again looks like
/// one that stands.
pub(super) fn variant(
    subject: &Subject<'_>,
    scorecard: &Scorecard,
) -> Result<Variant, BacktestError> {
    let (panel, settings) = (subject.frame.panel, subject.frame.settings);
    let carried: Vec<bool> = scorecard
        .indicators()
        .map(|indicator| settings.carried_indicators.contains(&indicator.name))
        .collect();
    let names = scorecard.indicators().zip(&carried).filter(|(_, carried)| **carried);
    let change = Change {
        kind: VariantKind::StaleAsMissing,
        name: "stale values as missing",
        indicators: names.map(|(indicator, _)| indicator.name.clone()).collect(),
    };
    if change.indicators.is_empty() {
        return Ok(change.impossible("the scorecard reads no value that is carried forward up to an age (`latest` with `max_age`)"));
    }
    if panel.is_cross_section() {
        return Ok(change.impossible("a cross-section does not show how old a value is"));
    }
    let columns = inputs(panel, scorecard)?;
    let fresh: Vec<Option<Fresh>> = columns
        .iter()
        .zip(&carried)
        .map(|(column, carried)| carried.then(|| fresh(panel, *column)))
        .collect();
    let replaced: Vec<InputColumn<'_>> = columns
        .iter()
        .zip(&fresh)
        .map(|(column, fresh)| match (column, fresh) {
            (_, Some(Fresh::Numbers(numbers))) => InputColumn::Number(numbers),
            (InputColumn::Text { words, .. }, Some(Fresh::Codes(codes))) => {
                InputColumn::Text { codes, words }
            }
            _ => *column,
        })
        .collect();
    let scores = scores_of(scorecard, score_inputs(panel, scorecard, &replaced)?);
    Ok(figures(subject, change, &scores))
}

/// A column without its stale values.
enum Fresh {
    Numbers(Vec<f64>),
    Codes(Vec<Option<u32>>),
}

fn fresh(panel: &Panel, column: InputColumn<'_>) -> Fresh {
    match column {
        InputColumn::Number(numbers) => {
            let key = |row: usize| numbers.get(row).map(|value| value.to_bits());
            let stale = stale(panel, key);
            let blanked = numbers.iter().zip(stale);
            Fresh::Numbers(
                blanked.map(|(value, stale)| if stale { f64::NAN } else { *value }).collect(),
            )
        }
        InputColumn::Text { codes, .. } => {
            let stale = stale(panel, |row| codes.get(row).copied().flatten().map(u64::from));
            Fresh::Codes(
                codes.iter().zip(stale).map(|(code, stale)| code.filter(|_| !stale)).collect(),
            )
        }
    }
}

/// Per row whether its account has held the same value for more than [`STALE_DAYS`] days. Rows are sorted
/// by snapshot.
fn stale(panel: &Panel, key: impl Fn(usize) -> Option<u64>) -> Vec<bool> {
    let mut held: Vec<Option<(u64, Date)>> = vec![None; panel.accounts().len()];
    let rows = panel.account().iter().zip(panel.snapshot()).enumerate();
    rows.map(|(row, (account, day))| {
        let Some(held) = held.get_mut(*account as usize) else { return false };
        let Some(value) = key(row) else {
            *held = None;
            return false;
        };
        match held {
            Some((known, since)) if *known == value => {
                since.until(*day).is_ok_and(|age| age.get_days() > STALE_DAYS)
            }
            _ => {
                *held = Some((value, *day));
                false
            }
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use chs_panel::{Panel, PanelParts};
    use jiff::civil::date;

    use super::stale;

    #[test]
    fn a_value_is_stale_after_ninety_days_without_a_change() {
        // Account a at six month ends, b beside it at the last two.
        let days = [
            date(2024, 1, 31),
            date(2024, 2, 29),
            date(2024, 3, 31),
            date(2024, 4, 30),
            date(2024, 5, 31),
            date(2024, 5, 31),
            date(2024, 6, 30),
            date(2024, 6, 30),
        ];
        let panel = Panel::new(PanelParts {
            accounts: vec!["a".into(), "b".into()],
            account: vec![0, 0, 0, 0, 0, 1, 0, 1],
            snapshot: days.into(),
            ..PanelParts::default()
        })
        .unwrap();
        let found = |values: [Option<u64>; 8]| stale(&panel, |row| values[row]);
        // 90 days pass by the end of April, 121 by the end of May.
        let held = found([Some(7); 8]);
        assert_eq!(held, [false, false, false, false, true, false, true, false]);
        let mut changed = [Some(7); 8];
        changed[3] = Some(8);
        assert_eq!(found(changed), [false; 8]);
        changed[3] = None;
        assert_eq!(found(changed), [false; 8], "it came back");
    }
}
