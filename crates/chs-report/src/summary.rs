//! The backtest in a few lines, for the terminal.

use chs_backtest::backtest_json::v1::Backtest;

use crate::band_table::{BandColumn, band_table, monotone};
use crate::finding::{rank, tally};
use crate::label::question;
use crate::lookup::primary;
use crate::score_table::{ScoreColumn, score_table};
use crate::sufficiency::sufficiency_line;
use crate::{ReportFinding, Table};

/// A backtest in plain text, finished for printing; tables fit 80 columns unless names are long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The answer in a few words: `The score works`.
    pub heading: String,
    /// The answer in one sentence with the figures; names stand in backticks.
    pub sentence: String,
    /// What was asked: `churn within 90 days, starting 14 days after the snapshot`.
    pub question: String,
    /// What the answer rests on, and what that is not enough for.
    pub sufficiency: String,
    /// The scores under test beside the baselines.
    pub scores: Table,
    /// The bands of the primary score, from the lowest score to the highest; `None` without bands.
    pub bands: Option<Table>,
    /// Whether the outcome follows the bands, in a sentence; `None` without bands.
    pub bands_follow: Option<String>,
    /// `1 error, 2 warnings, 9 passed`.
    pub tally: String,
    /// Errors, then warnings.
    pub findings: Vec<ReportFinding>,
}

/// The backtest in a few lines, from the tables that the report shows.
pub fn summary(backtest: &Backtest) -> Summary {
    let score = primary(backtest);
    let bands = [BandColumn::Rows, BandColumn::Rate, BandColumn::Lift];
    let all: Vec<ReportFinding> = backtest.findings.iter().map(ReportFinding::from).collect();
    let tally = tally(&all);
    let mut findings: Vec<ReportFinding> =
        all.into_iter().filter(ReportFinding::is_grave).collect();
    findings.sort_by_key(|finding| rank(&finding.level));
    Summary {
        heading: heading(&backtest.verdict.answer),
        sentence: backtest.verdict.sentence.clone(),
        question: question(&backtest.label),
        sufficiency: sufficiency_line(&backtest.sufficiency),
        scores: score_table(backtest, &[ScoreColumn::Within, ScoreColumn::Difference]),
        bands: score.and_then(|score| band_table(backtest, score, &bands)),
        bands_follow: score.and_then(monotone).map(str::to_owned),
        tally,
        findings,
    }
}

/// The answer in a few words.
fn heading(answer: &str) -> String {
    match answer {
        "works" => "The score works".to_owned(),
        "weak" => "The score is weak".to_owned(),
        "does_not_work" => "The score is not shown to work".to_owned(),
        "wrong_way" => "The score points the wrong way".to_owned(),
        "cannot_tell" => "It cannot be told whether the score works".to_owned(),
        other => format!("Verdict: {}", crate::wording::spaced(other)),
    }
}
