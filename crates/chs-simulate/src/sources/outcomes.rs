//! `outcomes.csv`: churn and renewals, each with the day on which it became known.

use std::collections::BTreeMap;

use crate::draws::{Draws, Topic};
use crate::history::World;
use crate::life::Life;
use crate::sources::contracts::terms;
use crate::table::{Column, CsvStyle, Format, Table};

#[derive(Debug)]
struct Outcome {
    account_id: String,
    kind: &'static str,
    at: i64,
    notice: i64,
    reason: Option<&'static str>,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Outcome> =
        world.lives.iter().flat_map(|life| outcomes(world, life)).collect();
    rows.sort_by(|a, b| (a.at, &a.account_id).cmp(&(b.at, &b.account_id)));
    Table {
        name: "outcomes",
        file_name: "outcomes.csv",
        format: Format::Csv(CsvStyle::PLAIN),
        columns: vec![
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::text("kind", &rows, |row| Some(row.kind.into())),
            Column::date("at", &rows, |row| Some(world.calendar.date(row.at))),
            Column::date("notice_on", &rows, |row| Some(world.calendar.date(row.notice))),
            Column::text("reason", &rows, |row| row.reason.map(Into::into)),
        ],
        planted: BTreeMap::new(),
    }
}

fn outcomes(world: &World<'_>, life: &Life) -> Vec<Outcome> {
    let account_id = &life.account.id;
    let renewals = terms(world, life).into_iter().filter(|term| term.start >= 0);
    let mut rows: Vec<Outcome> = renewals
        .filter_map(|term| {
            let notice = term.renewed?;
            let account_id = term.account_id;
            Some(Outcome { account_id, kind: "renewal", at: term.start, notice, reason: None })
        })
        .collect();
    if let Some(end) = life.ended(&world.calendar) {
        let mut draws = Draws::new(world.plan.seed, life.account.number, Topic::Outcomes);
        let involuntary = draws.chance(if end.acausal { 0.6 } else { 0.1 });
        rows.push(Outcome {
            account_id: account_id.clone(),
            kind: "churn",
            at: end.at,
            notice: end.notice,
            reason: Some(if involuntary { "involuntary" } else { "voluntary" }),
        });
    }
    rows
}
