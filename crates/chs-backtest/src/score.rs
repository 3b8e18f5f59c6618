//! From the panel to the scores under test.

use std::borrow::Cow;
use std::ops::Range;

use chs_panel::{IndicatorValues, Named, NumberColumn, Panel};
use chs_scorecard::{HealthScore, InputColumn, Normalisation, Scorecard, ScoredColumns};

use crate::{BacktestError, Scores};

/// Score every row of a panel, with sub-scores and components.
///
/// Percentiles that are not frozen are ranked as [`scorecard_at`] says.
///
/// # Errors
///
/// [`BacktestError`] where the panel lacks an indicator or has it in the other kind, or a percentile is not
/// frozen and the panel is a cross-section.
pub fn score_columns(panel: &Panel, scorecard: &Scorecard) -> Result<ScoredColumns, BacktestError> {
    score_inputs(panel, scorecard, &inputs(panel, scorecard)?)
}

/// The same from columns in place of the panel's, one per indicator of the scorecard.
pub(crate) fn score_inputs(
    panel: &Panel,
    scorecard: &Scorecard,
    columns: &[InputColumn<'_>],
) -> Result<ScoredColumns, BacktestError> {
    if !scorecard.needs_reference() {
        return Ok(scorecard.score_columns(columns));
    }
    if panel.is_cross_section() {
        return Err(BacktestError::NotFrozen { scorecard: scorecard.name().to_owned() });
    }
    let mut scored = ScoredColumns::default();
    for snapshot in 0..panel.snapshots().len() {
        let rows = panel.rows_of(snapshot);
        let columns: Vec<InputColumn<'_>> =
            columns.iter().map(|column| slice(*column, &rows)).collect();
        scored.append(scorecard_at(panel, scorecard, snapshot).score_columns(&columns));
    }
    Ok(scored)
}

/// The scorecard as it scores the rows of a snapshot, counted from 0: percentiles that are not frozen rank
/// against all rows of earlier snapshots, which is what was known then.
///
/// Where one of its indicators has no value at earlier snapshots nothing is frozen, so that no row of the
/// snapshot has a score.
pub fn scorecard_at<'a>(
    panel: &Panel,
    scorecard: &'a Scorecard,
    snapshot: usize,
) -> Cow<'a, Scorecard> {
    if !scorecard.needs_reference() {
        return Cow::Borrowed(scorecard);
    }
    let earlier = 0..panel.rows_of(snapshot).start;
    let reference: Vec<&[f64]> = scorecard
        .indicators()
        .map(|indicator| match panel.indicator(&indicator.name) {
            Some(IndicatorValues::Numbers(numbers)) => {
                numbers.as_slice().get(earlier.clone()).unwrap_or_default()
            }
            _ => &[],
        })
        .collect();
    scorecard.freeze(&reference).map_or(Cow::Borrowed(scorecard), Cow::Owned)
}

fn slice<'a>(column: InputColumn<'a>, rows: &Range<usize>) -> InputColumn<'a> {
    match column {
        InputColumn::Number(numbers) => {
            InputColumn::Number(numbers.get(rows.clone()).unwrap_or_default())
        }
        InputColumn::Text { codes, words } => {
            InputColumn::Text { codes: codes.get(rows.clone()).unwrap_or_default(), words }
        }
    }
}

/// The scores of every row of the panel.
pub(crate) fn score_panel(panel: &Panel, scorecard: &Scorecard) -> Result<Scores, BacktestError> {
    Ok(scores_of(scorecard, score_columns(panel, scorecard)?))
}

pub(crate) fn scores_of(scorecard: &Scorecard, scored: ScoredColumns) -> Scores {
    let contributions = scorecard
        .indicators()
        .zip(scored.contributions)
        .map(|(indicator, values)| Named { name: indicator.name.clone(), column: column(values) })
        .collect();
    Scores {
        score: column(scored.score),
        coverage: NumberColumn::new(scored.coverage),
        band_names: scorecard.bands().iter().map(|band| band.name.clone()).collect(),
        band: scored.band.into_iter().map(|band| u32::try_from(band?).ok()).collect(),
        contributions,
        ..Scores::default()
    }
}

/// A recorded score as it stands; it borrows the bands of a scorecard where all of it is within 0 to 100.
pub(crate) fn recorded(values: &NumberColumn, bands_of: Option<&Scorecard>) -> Scores {
    let mut scores = Scores { score: values.clone(), ..Scores::default() };
    let checked: Option<Vec<Option<HealthScore>>> = values
        .as_slice()
        .iter()
        .map(
            |value| {
                if value.is_nan() { Some(None) } else { HealthScore::new(*value).ok().map(Some) }
            },
        )
        .collect();
    if let (Some(scorecard), Some(checked)) = (bands_of, checked) {
        scores.band_names = scorecard.bands().iter().map(|band| band.name.clone()).collect();
        scores.band = checked
            .into_iter()
            .map(|score| u32::try_from(scorecard.band_of(score?)).ok())
            .collect();
    }
    scores
}

/// The columns of the panel that a scorecard reads, in the order of its indicators.
pub(crate) fn inputs<'a>(
    panel: &'a Panel,
    scorecard: &Scorecard,
) -> Result<Vec<InputColumn<'a>>, BacktestError> {
    scorecard
        .indicators()
        .map(|indicator| {
            let values = panel.indicator(&indicator.name).ok_or_else(|| {
                BacktestError::UnknownIndicator {
                    scorecard: scorecard.name().to_owned(),
                    indicator: indicator.name.clone(),
                }
            })?;
            let wrong = |expected| BacktestError::IndicatorType {
                scorecard: scorecard.name().to_owned(),
                indicator: indicator.name.clone(),
                expected,
            };
            let maps_words = matches!(indicator.normalisation, Normalisation::Map(_));
            match values {
                IndicatorValues::Numbers(_) if maps_words => Err(wrong("words")),
                IndicatorValues::Words(_) if !maps_words => Err(wrong("numbers")),
                IndicatorValues::Numbers(numbers) => Ok(InputColumn::Number(numbers.as_slice())),
                IndicatorValues::Words(words) => {
                    Ok(InputColumn::Text { codes: words.codes(), words: words.words() })
                }
            }
        })
        .collect()
}

pub(crate) fn column(values: Vec<Option<f64>>) -> NumberColumn {
    NumberColumn::new(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

#[cfg(test)]
mod tests {
    use chs_panel::{PanelParts, UNDATED};
    use jiff::civil::{Date, date};

    use super::*;

    const PERCENTILE: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.a]
        weight = 100
        indicators = [{ name = "logins", percentile = "higher_is_better" }]
    "#;

    fn panel(snapshot: Vec<Date>, logins: &[f64]) -> Panel {
        let numbers = IndicatorValues::Numbers(NumberColumn::new(logins.to_vec()));
        Panel::new(PanelParts {
            accounts: vec!["a".into(), "b".into()],
            account: (0..snapshot.len()).map(|row| u32::from(row % 2 == 1)).collect(),
            snapshot,
            indicators: vec![Named { name: "logins".into(), column: numbers }],
            ..PanelParts::default()
        })
        .unwrap()
    }

    fn three_months(logins: &[f64]) -> Panel {
        let days = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)];
        panel(days.into_iter().flat_map(|day| [day, day]).collect(), logins)
    }

    #[test]
    fn percentiles_rank_against_earlier_snapshots_alone() {
        let scorecard = Scorecard::from_toml("scorecard.toml", PERCENTILE).unwrap();
        let scored =
            score_columns(&three_months(&[2.0, 4.0, 3.0, 9.0, 3.0, 9.0]), &scorecard).unwrap();
        let expected = [None, None, Some(50.5), Some(100.0), Some(34.0), Some(100.0)];
        assert_eq!(scored.score, expected);
        assert_eq!(scored.sub_scores, [expected]);
        assert_eq!(scored.reason[0], Some(chs_scorecard::NoScore::NotFrozen));
        let other = score_columns(&three_months(&[2.0, 4.0, 3.0, 9.0, 8.0, 1.0]), &scorecard);
        assert_eq!(other.unwrap().score[..4], scored.score[..4], "the future does not matter");
    }

    #[test]
    fn a_cross_section_has_nothing_to_rank_against() {
        let scorecard = Scorecard::from_toml("scorecard.toml", PERCENTILE).unwrap();
        let error = score_columns(&panel(vec![UNDATED; 2], &[2.0, 4.0]), &scorecard).unwrap_err();
        assert!(matches!(error, BacktestError::NotFrozen { .. }), "{error}");
    }
}
