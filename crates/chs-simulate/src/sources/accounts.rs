//! `accounts.csv`: who the accounts are.

use std::collections::BTreeMap;

use crate::history::World;
use crate::life::Account;
use crate::table::{Column, CsvStyle, Format, Table};

pub(super) fn table(world: &World<'_>) -> Table {
    let rows: Vec<&Account> = world.lives.iter().map(|life| &life.account).collect();
    Table {
        name: "accounts",
        file_name: "accounts.csv",
        format: Format::Csv(CsvStyle::PLAIN),
        columns: vec![
            Column::text("account_id", &rows, |row| Some(row.id.clone())),
            Column::date("signup_date", &rows, |row| Some(world.calendar.date(row.signup))),
            Column::text("plan", &rows, |row| Some(row.tier.name().into())),
            Column::text("region", &rows, |row| Some(row.region.name().into())),
            Column::integer("seats", &rows, |row| Some(row.seats)),
            Column::integer("arr", &rows, |row| Some(row.arr)),
        ],
        planted: BTreeMap::new(),
    }
}
