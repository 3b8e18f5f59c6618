//! `chs demo`: the whole way once.

use chs::Error;

use crate::answer::Answer;
use crate::arguments::Format;
use crate::commands::{Session, backtest, fit};
use crate::style::{thousands, wrapped};

pub(super) fn run(session: &Session<'_>) -> Result<Answer, Error> {
    let out = &session.options.out;
    let done = chs::demo(out, &session.settings(), &session.progress)?;
    let answer = backtest::answer(&done.backtest, session);
    if session.options.format.of_results() != Format::Table {
        return Ok(answer);
    }
    let intro = "A simulated software vendor: 2,000 accounts over two years; usage, tickets, invoices, \
                 surveys, meetings, comments, and who churned. Is its hand-made score worth anything?";
    let history = out.join(chs::demo::HISTORY_FOLDER);
    let mut after =
        format!("  {}/ (its data: change them, and run chs backtest there)\n", history.display());
    after.push_str("\nCan weights learned from the same history do better?\n\n");
    after.push_str(&fit::summary(&done.fitted, session.style));
    if let (Some(model), Some(scored)) = (&done.fitted.model, &done.scored) {
        let [records, rows] = [chs::golden_records(model), scored.records].map(thousands);
        let text = format!(
            "Verified: {records} golden records replayed. Scored by the file alone: {rows} rows of \
             panel.parquet into {}",
            chs::demo::SCORES_FILE
        );
        after.push_str(&wrapped(&text, "  "));
    }
    Ok(answer.surrounded(&format!("{}\n", wrapped(intro, "")), &after))
}
