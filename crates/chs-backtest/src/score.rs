//! From the panel to the scores under test.

use chs_panel::{IndicatorValues, Named, NumberColumn, Panel};
use chs_scorecard::{HealthScore, InputColumn, Normalisation, Scorecard, ScoredColumns};

use crate::{BacktestError, Scores};

/// Score every row of a panel, with sub-scores and components.
///
/// # Errors
///
/// [`BacktestError`] where a percentile is not frozen, or the panel lacks an indicator or has it in the
/// other kind.
pub fn score_columns(panel: &Panel, scorecard: &Scorecard) -> Result<ScoredColumns, BacktestError> {
    if scorecard.needs_reference() {
        return Err(BacktestError::NotFrozen { scorecard: scorecard.name().to_owned() });
    }
    Ok(scorecard.score_columns(&inputs(panel, scorecard)?))
}

/// The scores of every row of the panel.
pub(crate) fn score_panel(panel: &Panel, scorecard: &Scorecard) -> Result<Scores, BacktestError> {
    let scored = score_columns(panel, scorecard)?;
    let contributions = scorecard
        .indicators()
        .zip(scored.contributions)
        .map(|(indicator, values)| Named { name: indicator.name.clone(), column: column(values) })
        .collect();
    Ok(Scores {
        score: column(scored.score),
        coverage: NumberColumn::new(scored.coverage),
        band_names: scorecard.bands().iter().map(|band| band.name.clone()).collect(),
        band: scored.band.into_iter().map(|band| u32::try_from(band?).ok()).collect(),
        contributions,
        ..Scores::default()
    })
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

fn inputs<'a>(
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

fn column(values: Vec<Option<f64>>) -> NumberColumn {
    NumberColumn::new(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}
