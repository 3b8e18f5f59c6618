//! Intervals of unpenalised weights against `glm` and `sandwich` of R: `oracles/fit/make.R` made the
//! expected values.

use chs_fit::{FitSettings, fit};
use chs_panel::{
    IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Named, NumberColumn, Panel,
    PanelParts, Polarity, Span,
};
use chs_scorecard::Scorecard;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde_json::Value;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Standard errors from an estimate to each end of its interval.
const REACH: f64 = 1.959_963_984_540_054;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|own| own.as_f64().unwrap()).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "counts of accounts and months")]
fn whole(value: &Value) -> Vec<i64> {
    numbers(value).into_iter().map(|own| own as i64).collect()
}

/// The rows of the oracle, by day and account.
fn panel(rows: &Value) -> Panel {
    let (account, month) = (whole(&rows["account"]), whole(&rows["month"]));
    let mut order: Vec<usize> = (0..account.len()).collect();
    order.sort_by_key(|row| (month[*row], account[*row]));
    let day = |row: usize| date(2024, 1, 31).checked_add(month[row].months()).unwrap();
    let column = |name: &str| -> Vec<f64> {
        let values = numbers(&rows[name]);
        order.iter().map(|row| values[*row]).collect()
    };
    let state = |y: f64| if y > 0.5 { LabelState::Positive } else { LabelState::Negative };
    let snapshot: Vec<Date> = order.iter().map(|row| day(*row)).collect();
    let indicator = |name: &str| Named {
        name: name.to_owned(),
        column: IndicatorValues::Numbers(NumberColumn::new(column(name))),
    };
    let settled = snapshot.iter().map(|own| Some(own.checked_add(60.days()).unwrap())).collect();
    Panel::new(PanelParts {
        accounts: (0..=*account.iter().max().unwrap()).map(|own| format!("{own:03}")).collect(),
        account: order.iter().map(|row| u32::try_from(account[*row]).unwrap()).collect(),
        snapshot,
        indicators: NAMES.into_iter().map(indicator).collect(),
        labels: vec![Label {
            definition: LabelDefinition {
                name: "churn_60d".into(),
                outcome: "churn".into(),
                polarity: Polarity::Adverse,
                window: Some(LabelWindow {
                    lead_time: Span::days(0),
                    horizon: Span::days(60),
                    follow_up_end: date(2025, 12, 31),
                    follow_up_declared: true,
                }),
            },
            states: column("y").into_iter().map(|y| Some(state(y))).collect(),
            settled,
            next: None,
        }],
        ..PanelParts::default()
    })
    .unwrap()
}

#[test]
fn intervals_of_weights_are_those_of_sandwich() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/oracles/fit/intervals.json");
    let oracle: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let indicators = NAMES.map(|name| format!("{{ name = \"{name}\", poor = 0, good = 100 }}"));
    let scorecard = format!(
        "spec_version = 1\nname = \"acme\"\nversion = \"0.1.0\"\n\
         [components.all]\nweight = 100\nindicators = [{}]\n",
        indicators.join(", ")
    );
    let scorecard = Scorecard::from_toml("scorecard.toml", &scorecard).unwrap();
    let settings = FitSettings { replicates: 100, resamples: 0, ..FitSettings::default() };
    let outcome = fit(&panel(&oracle["rows"]), &scorecard, &settings).unwrap();
    let expected = numbers(&oracle["expected"]["weight"]).into_iter();
    let expected = expected.zip(numbers(&oracle["expected"]["error"]));
    let rows = &outcome.report().weights;
    assert_eq!(rows.len(), 3);
    for (row, (weight, error)) in rows.iter().zip(expected) {
        let interval = row.unpenalised_interval.unwrap();
        let close = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}: {row:?}");
        };
        close(row.unpenalised.unwrap(), weight);
        close(interval.lower, weight - REACH * error);
        close(interval.upper, weight + REACH * error);
    }
}
