//! `vendor_scores.csv.gz`: the score that another system computed at the time, mostly from logins.

use std::collections::BTreeMap;

use crate::draws::{Draws, Topic, whole};
use crate::history::World;
use crate::life::Life;
use crate::sources::usage::active_days;
use crate::table::{Column, CsvStyle, Format, Table};

#[derive(Debug)]
struct Scored {
    account_id: String,
    day: i64,
    health: i64,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Scored> = world.lives.iter().flat_map(|life| scores(world, life)).collect();
    rows.sort_by(|a, b| (a.day, &a.account_id).cmp(&(b.day, &b.account_id)));
    Table {
        name: "vendor_scores",
        file_name: "vendor_scores.csv.gz",
        format: Format::CsvGzip(CsvStyle::PLAIN),
        columns: vec![
            Column::text("Account ID", &rows, |row| Some(row.account_id.clone())),
            Column::date("Scored At", &rows, |row| Some(world.calendar.date(row.day))),
            Column::integer("Health", &rows, |row| Some(row.health)),
        ],
        planted: BTreeMap::new(),
    }
}

/// On the 28th of each month: logins of the last 28 days, saturating, and a good deal of noise. The
/// size of the account is not taken out, so a small account looks less healthy than it is.
fn scores(world: &World<'_>, life: &Life) -> Vec<Scored> {
    let mut draws = Draws::new(world.plan.seed, life.account.number, Topic::Vendor);
    let usage = active_days(world, life);
    let mut rows = Vec::new();
    for month in 0..world.calendar.months() {
        let day = world.calendar.month(month).start + 27;
        if !life.days.contains(&day) || day < life.account.signup + 14 {
            continue;
        }
        let last = day - 28..=day;
        let logins = usage.iter().filter(|active| last.contains(&active.day));
        let logins = logins.map(|active| active.logins).sum::<i64>() as f64;
        let view = 100.0 * logins / (logins + 25.0) + 14.0 * world.plan.noise * draws.normal();
        let health = whole(view).clamp(0, 100);
        rows.push(Scored { account_id: life.account.id.clone(), day, health });
    }
    rows
}
