//! Where the result comes from.

use crate::document::Document;
use crate::escape::code;
use crate::wording::{counted, level, thousands};
use crate::{ReportInput, lookup};

pub(crate) fn provenance(document: &mut Document, report: &ReportInput) {
    let (backtest, source) = (&report.backtest, &report.loading.provenance);
    let files: usize = report.loading.tables.iter().map(|table| table.files).sum();
    let score = |score: &chs_backtest::backtest_json::v1::Scorecard| match &score.version {
        Some(version) => format!("{} version {}", code(&score.name), code(version)),
        None => format!("{}, as recorded", code(&score.name)),
    };
    let scores: Vec<String> = backtest.scorecards.iter().map(score).collect();
    let primary =
        lookup::primary(backtest).map_or("no score".to_owned(), |found| code(&found.name));
    document.section("Where it comes from");
    document.list(&[
        format!("project {}, made by chs {}", code(&source.project), code(&source.tool_version)),
        format!("the verdict speaks of {primary}; tested: {}", scores.join("; ")),
        source.as_of.map_or_else(
            || "as of: no limit was set".to_owned(),
            |day| format!("as of {day}: nothing known at the end of that day or later was read"),
        ),
        format!(
            "seed {}, {} resamples of accounts per figure, {} intervals",
            backtest.settings.seed,
            thousands(backtest.settings.replicates),
            level(backtest.settings.level)
        ),
        format!(
            "input: {}, digest {}",
            counted(files, "file", "files"),
            code(&source.input_digest)
        ),
        format!("{} version {}", code(&backtest.schema.name), backtest.schema.version),
    ]);
}
