//! `contracts.csv`: yearly terms, and the renewals between them.

use std::collections::BTreeMap;

use crate::draws::{Draws, Topic, whole};
use crate::history::World;
use crate::life::Life;
use crate::table::{Column, CsvStyle, Format, Table};

/// One yearly term. Days count from the history's first.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) contract_id: String,
    pub(super) account_id: String,
    pub(super) start: i64,
    /// Last day of the term.
    end: i64,
    arr: i64,
    /// Day on which the term became known as a renewal; `None` for an account's first term.
    pub(super) renewed: Option<i64>,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let rows: Vec<Term> = world.lives.iter().flat_map(|life| terms(world, life)).collect();
    Table {
        name: "contracts",
        file_name: "contracts.csv",
        format: Format::Csv(CsvStyle::PLAIN),
        columns: vec![
            Column::text("contract_id", &rows, |row| Some(row.contract_id.clone())),
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::date("term_start", &rows, |row| Some(world.calendar.date(row.start))),
            Column::date("term_end", &rows, |row| Some(world.calendar.date(row.end))),
            Column::integer("arr", &rows, |row| Some(row.arr)),
        ],
        planted: BTreeMap::new(),
    }
}

/// The terms of one life that overlap the history and began in it or before.
pub(super) fn terms(world: &World<'_>, life: &Life) -> Vec<Term> {
    let account = &life.account;
    let mut draws = Draws::new(world.plan.seed, account.number, Topic::Contracts);
    let mut arr = account.arr;
    let mut rows = Vec::new();
    for year in 0.. {
        let start = world.calendar.years_after(account.signup, year);
        // An account that has given notice does not renew.
        if start >= life.days.end || (year > 0 && life.leaving(start)) {
            break;
        }
        let end = world.calendar.years_after(account.signup, year + 1) - 1;
        let early = draws.between(0, 60);
        if year > 0 {
            let health = life.state(world.calendar.month_of(start)).map_or(0.0, |s| s.health);
            let growth = 1.03 + 0.08 * health + 0.05 * draws.normal();
            arr = whole(arr as f64 * growth.max(0.7));
        }
        if end >= 0 {
            rows.push(Term {
                contract_id: format!("C{:04}-{}", account.number, year + 1),
                account_id: account.id.clone(),
                start,
                end,
                arr,
                renewed: (year > 0).then_some(start - early),
            });
        }
    }
    rows
}
