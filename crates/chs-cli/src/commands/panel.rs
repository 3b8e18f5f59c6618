//! `chs panel`: the data as they were known, one row per account and snapshot.

use chs::run_json::v1::Table;
use chs::{Error, Job};

use crate::answer::Answer;
use crate::arguments::Format;
use crate::commands::{Session, panel_size, written_paths};
use crate::table::rendered;

pub(super) fn run(session: &Session<'_>) -> Result<Answer, Error> {
    let inputs = session.inputs()?;
    let job = Job {
        command: "panel",
        inputs: &inputs,
        scorecards: &[],
        out: &session.options.out,
        observer: &session.progress,
    };
    let done = chs::panel(job)?;
    Ok(match session.options.format.of_results() {
        Format::Table => {
            let account = rendered(&chs::row_account(&chs::loaded_tables(&done.run.tables)));
            Answer::text(format!(
                "{account}\n{}\n\n{}",
                panel_size(&done.run.panel),
                written_paths(&done.written)
            ))
        }
        Format::Json => Answer::json(&done.run),
        Format::Csv => Answer::csv(&HEADER, &rows(&done.run.tables)),
    })
}

const HEADER: [&str; 6] = ["table", "read", "used", "rejected", "reason", "rows"];

/// A row per table and reason; a table without rejected rows has one with an empty reason.
fn rows(tables: &[Table]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for table in tables {
        let rejected: u64 = table.rejected.values().sum();
        let mut push = |reason: &str, count: u64| {
            let numbers = [table.read, table.used, rejected].map(|number| number.to_string());
            let mut row = vec![table.table.clone()];
            row.extend(numbers);
            row.extend([reason.to_owned(), count.to_string()]);
            rows.push(row);
        };
        if table.rejected.is_empty() {
            push("", 0);
        }
        for (reason, count) in &table.rejected {
            push(reason, *count);
        }
    }
    rows
}
