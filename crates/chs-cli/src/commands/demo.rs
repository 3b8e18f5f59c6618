//! `chs demo`: the whole way once.

use chs::Error;

use crate::answer::Answer;
use crate::arguments::Format;
use crate::commands::{Session, backtest};
use crate::style::wrapped;

pub(super) fn run(session: &Session<'_>) -> Result<Answer, Error> {
    let out = &session.options.out;
    let done = chs::demo(out, &session.settings(), &session.progress)?;
    let answer = backtest::answer(&done, session);
    if session.options.format != Format::Table {
        return Ok(answer);
    }
    let intro = "A simulated software vendor: 2,000 accounts over two years; usage, tickets, invoices, \
                 surveys, meetings, comments, and who churned. Is its hand-made score worth anything?";
    let history = out.join(chs::demo::HISTORY_FOLDER);
    let next =
        format!("  {}/ (its data: change them, and run chs backtest there)\n", history.display());
    Ok(answer.surrounded(&format!("{}\n", wrapped(intro, "")), &next))
}
