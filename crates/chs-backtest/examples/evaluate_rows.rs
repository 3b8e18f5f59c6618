//! Evaluates two recorded scores over ten segments: the timed part of `tests/benches/evaluation`.
//!
//! ```text
//! cargo run --release --example evaluate_rows -- FOLDER      columns as `make_rows.py` writes them
//! ```
#![expect(clippy::print_stdout, reason = "the headline figures go to stdout")]

use std::path::Path;

use chs_backtest::{Settings, evaluate};
use chs_panel::{
    Label, LabelDefinition, LabelState, LabelWindow, Named, NumberColumn, Panel, PanelParts,
    Polarity, Span, WordColumn,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

type Failure = Box<dyn std::error::Error>;

/// Levels of the segment.
const SEGMENTS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("say the folder that holds the columns")?;
    let panel = panel(Path::new(&folder))?;
    let evaluation = evaluate(&panel, &[], &Settings::default())?;
    for candidate in &evaluation.candidates {
        for name in ["auc_within_snapshot", "brier", "calibration_slope"] {
            let bounds = candidate.metric(name).and_then(chs_backtest::Metric::bounds);
            let (estimate, lower, upper) =
                bounds.ok_or_else(|| format!("no interval of {name}"))?;
            println!("{} {name} {estimate:.4} ({lower:.4} to {upper:.4})", candidate.name);
        }
    }
    Ok(())
}

fn panel(folder: &Path) -> Result<Panel, Failure> {
    let bytes = |name: &str| std::fs::read(folder.join(name));
    let indices = |name: &str| -> Result<Vec<u32>, Failure> {
        let bytes = bytes(name)?;
        Ok(bytes.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)).collect())
    };
    let numbers = |name: &str| -> Result<NumberColumn, Failure> {
        let bytes = bytes(name)?;
        let values = bytes.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight));
        Ok(NumberColumn::new(values.collect()))
    };
    let score = |name: &str| -> Result<Named<NumberColumn>, Failure> {
        Ok(Named { name: name.to_owned(), column: numbers(&format!("{name}.f64"))? })
    };
    let (account, month) = (indices("account.u32")?, indices("month.u32")?);
    let accounts = account.iter().max().map_or(0, |last| last + 1);
    let segment = account.iter().map(|account| SEGMENTS.get(*account as usize % 10).copied());
    let day = |months: u32| date(2020, 1, 31).checked_add(i64::from(months).months());
    let snapshot: Vec<Date> = month.iter().map(|month| day(*month)).collect::<Result<_, _>>()?;
    let settled: Vec<Option<Date>> =
        month.iter().map(|month| day(month + 3).map(Some)).collect::<Result<_, _>>()?;
    let state =
        |label: &u8| Some(if *label == 1 { LabelState::Positive } else { LabelState::Negative });
    let definition = LabelDefinition {
        name: "churn_90d".into(),
        outcome: "churn".into(),
        polarity: Polarity::Adverse,
        window: Some(LabelWindow {
            lead_time: Span::days(0),
            horizon: Span::days(90),
            follow_up_end: date(2030, 12, 31),
            follow_up_declared: true,
        }),
    };
    let states = bytes("label.u8")?.iter().map(state).collect();
    Ok(Panel::new(PanelParts {
        accounts: (0..accounts).map(|number| format!("{number:08}")).collect(),
        segments: vec![Named {
            name: "segment".to_owned(),
            column: WordColumn::from_words(segment),
        }],
        labels: vec![Label { definition, states, settled, next: None }],
        recorded_scores: vec![score("first")?, score("second")?],
        account,
        snapshot,
        ..PanelParts::default()
    })?)
}
