//! `chs simulate`: a history with known truth.

use chs::{Error, Plan};
use jiff::ToSpan;

use crate::answer::Answer;
use crate::arguments::SimulateArguments;
use crate::commands::Session;
use crate::style::thousands;

pub(super) fn run(arguments: &SimulateArguments, session: &Session<'_>) -> Result<Answer, Error> {
    let out = &session.options.out;
    chs::check_folder(out)?;
    let (history, mut files) = chs::simulate_files(&plan(arguments, session), &session.progress)?;
    if arguments.truth {
        files.push(chs::truth_file(&history.truth)?);
    }
    let written = chs::write_files(out, &files, &session.progress)?;
    let rows: usize = history.tables.iter().map(chs::SimulatedTable::rows).sum();
    let dirty: u64 = history.planted.values().sum();
    let summary = format!(
        "{} rows over {} accounts, {dirty} of them dirty on purpose; known to the end of {}\n",
        thousands(rows),
        thousands(history.truth.accounts.len()),
        history.last_day
    );
    Ok(session.written(&written, &summary))
}

fn plan(arguments: &SimulateArguments, session: &Session<'_>) -> Plan {
    let demo = Plan::saas_demo();
    let mut plan = Plan {
        seed: session.options.seed.unwrap_or(demo.seed),
        accounts: arguments.accounts.unwrap_or(demo.accounts),
        monthly_churn: arguments.monthly_churn.unwrap_or(demo.monthly_churn),
        ..demo
    };
    if let Some(months) = arguments.months {
        // As in the demo, nobody signs up in the last two months; a plan that is too long is refused later.
        let last_signup = plan.from.checked_add((i32::from(months) - 2).months().days(-1));
        plan.last_signup = last_signup.unwrap_or(plan.last_signup);
        plan.months = months;
    }
    plan
}
