//! `panel.parquet` and `predictions.parquet`: their columns and types.

use chs_backtest::{PredictionValues, Predictions};
use chs_data::OutputColumn;
use chs_panel::{IndicatorValues, Label, LabelState, NextOutcome, NumberColumn, Panel, WordColumn};
use jiff::civil::Date;

use crate::Error;
use crate::output::OutputFile;
use crate::simulate::parquet_file;

/// Name of the panel's file.
pub const PANEL_FILE: &str = "panel.parquet";
/// Name of the file of predictions.
pub const PREDICTIONS_FILE: &str = "predictions.parquet";

/// `account_id`, `snapshot` (null in a cross-section), segments, `value`, indicators, per label `NAME` and `NAME_state`
/// and, where outcomes have dates, `NAME_date`, `NAME_known` and `NAME_next`, then `recorded_NAME`; rows by snapshot and account.
pub(crate) fn panel_file(panel: &Panel) -> Result<OutputFile, Error> {
    let ids = panel.accounts().iter().map(String::as_str).collect();
    let account = panel.account().iter().map(|account| Some(*account));
    let is_dated = !panel.is_cross_section();
    let days = panel.snapshot().iter().map(|day| Some(*day).filter(|_| is_dated));
    let mut columns = vec![
        ("account_id".to_owned(), OutputColumn::Words(ids, account.collect())),
        ("snapshot".to_owned(), OutputColumn::Date(days.collect())),
    ];
    for segment in panel.segments() {
        columns.push((segment.name.clone(), words(&segment.column)));
    }
    if let Some(value) = panel.value() {
        columns.push(("value".to_owned(), numbers(value)));
    }
    for indicator in panel.indicators() {
        let column = match &indicator.column {
            IndicatorValues::Numbers(values) => numbers(values),
            IndicatorValues::Words(values) => words(values),
        };
        columns.push((indicator.name.clone(), column));
    }
    for label in panel.labels() {
        let name = &label.definition.name;
        let values = (0..panel.len()).map(|row| label.value(row));
        let place = |state: LabelState| LabelState::ALL.iter().position(|known| *known == state);
        let code = |state: LabelState| place(state).and_then(|place| u32::try_from(place).ok());
        let states = label.states.iter().map(|state| state.and_then(code));
        let names = LabelState::ALL.map(LabelState::as_str).to_vec();
        columns.push((name.clone(), labels(values)));
        columns.push((format!("{name}_state"), OutputColumn::Words(names, states.collect())));
        columns.extend(next_columns(label));
    }
    for recorded in panel.recorded_scores() {
        columns.push((format!("recorded_{}", recorded.name), numbers(&recorded.column)));
    }
    parquet_file(PANEL_FILE, columns)
}

/// Day of the outcome that comes next, the day on which it became known, and whether it is the target or
/// another one; no column where the panel does not tell.
fn next_columns(label: &Label) -> Vec<(String, OutputColumn<'static>)> {
    let Some(next) = &label.next else { return Vec::new() };
    let name = &label.definition.name;
    let days = |day: fn(&NextOutcome) -> Date| {
        OutputColumn::Date(next.iter().map(|next| next.as_ref().map(day)).collect())
    };
    let code = |next: &NextOutcome| u32::from(!next.is_target);
    let kinds = next.iter().map(|next| next.as_ref().map(code)).collect();
    vec![
        (format!("{name}_date"), days(|next| next.day)),
        (format!("{name}_known"), days(|next| next.known)),
        (format!("{name}_next"), OutputColumn::Words(vec!["target", "other"], kinds)),
    ]
}

/// The predictions, in their order.
pub(crate) fn predictions_file(predictions: &Predictions) -> Result<OutputFile, Error> {
    let columns = predictions.columns.iter().map(|named| {
        let column = match &named.column {
            PredictionValues::Words(values) => words(values),
            PredictionValues::Dates(days) => OutputColumn::Date(days.clone()),
            PredictionValues::Numbers(values) => numbers(values),
            PredictionValues::Labels(values) => labels(values.iter().copied()),
            PredictionValues::Counts(values) => {
                OutputColumn::Integer(values.iter().map(|count| count.map(i64::from)).collect())
            }
        };
        (named.name.clone(), column)
    });
    parquet_file(PREDICTIONS_FILE, columns.collect())
}

fn numbers(column: &NumberColumn) -> OutputColumn<'_> {
    OutputColumn::Number(column.as_slice().into())
}

fn words(column: &WordColumn) -> OutputColumn<'_> {
    let words = column.words().iter().map(String::as_str).collect();
    OutputColumn::Words(words, column.codes().into())
}

fn labels(values: impl IntoIterator<Item = Option<bool>>) -> OutputColumn<'static> {
    OutputColumn::Small(values.into_iter().map(|value| value.map(i8::from)).collect())
}
