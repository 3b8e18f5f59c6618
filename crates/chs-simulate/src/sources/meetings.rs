//! `meetings.csv.gz`: meetings of an account with its owner.

use std::collections::BTreeMap;

use crate::draws::{Draws, Topic, logistic};
use crate::history::World;
use crate::life::{Life, Region, Tier};
use crate::plan::Component;
use crate::table::{Column, CsvStyle, Format, Table};

#[derive(Debug)]
struct Meeting {
    account_id: String,
    day: i64,
    attendees: i64,
    owner: &'static str,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Meeting> =
        world.lives.iter().flat_map(|life| meetings(world, life)).collect();
    rows.sort_by(|a, b| (a.day, &a.account_id).cmp(&(b.day, &b.account_id)));
    Table {
        name: "meetings",
        file_name: "meetings.csv.gz",
        format: Format::CsvGzip(CsvStyle::PLAIN),
        columns: vec![
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::date("held_on", &rows, |row| Some(world.calendar.date(row.day))),
            Column::integer("attendees", &rows, |row| Some(row.attendees)),
            Column::text("owner", &rows, |row| Some(row.owner.into())),
        ],
        planted: BTreeMap::new(),
    }
}

fn meetings(world: &World<'_>, life: &Life) -> Vec<Meeting> {
    let account = &life.account;
    let mut draws = Draws::new(world.plan.seed, account.number, Topic::Meetings);
    let often = match account.tier {
        Tier::Starter => 0.35,
        Tier::Pro => 0.7,
        Tier::Enterprise => 1.2,
    };
    let owners = match account.region {
        Region::Emea => ["Okafor, Ada", "Lindqvist, Per", "Moreau, Inès"],
        Region::Amer => ["Reyes, Luz", "Carter, Sam", "Tremblay, Guy"],
        Region::Apac => ["Tanaka, Yui", "Singh, Arjun", "Nguyen, Lan"],
    };
    let owner = draws.pick(&owners).copied().unwrap_or_default();
    let mut rows = Vec::new();
    for (state, days) in life.months(&world.calendar) {
        let length = (days.end - days.start) as f64 / 30.0;
        let closeness = logistic(0.9 * state.of(Component::Relationship));
        for _ in 0..draws.count(2.0 * often * closeness * length) {
            let day = draws.between(days.start, days.end - 1);
            let attendees = 2 + draws.count(1.5);
            let account_id = account.id.clone();
            rows.push(Meeting { account_id, day, attendees, owner });
        }
    }
    rows
}
