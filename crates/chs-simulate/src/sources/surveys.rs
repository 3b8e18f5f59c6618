//! `surveys.ndjson.gz`: answers to the question whether one would recommend the product.

use crate::dirt::{BAD_DATE, Dirt, UNKNOWN_ACCOUNT, plant};
use crate::draws::{Draws, Topic, logistic, whole};
use crate::history::World;
use crate::life::{Life, Region};
use crate::plan::Component;
use crate::sources::working_second;
use crate::table::{Column, Format, Table};

#[derive(Debug, Clone)]
struct Answer {
    response_id: String,
    account_id: String,
    /// Second of the history, in UTC.
    second: i64,
    /// The cell: the account's local time with its offset.
    answered_at: String,
    nps: i64,
    kind: &'static str,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Answer> = world.lives.iter().flat_map(|life| answers(world, life)).collect();
    let mut draws = Draws::new(world.plan.seed, 4, Topic::Dirt);
    let bad_date = |row: &mut Answer, number: usize| {
        row.response_id = format!("SD{number:03}");
        row.answered_at = "2025-06-31T12:00:00+00:00".into();
    };
    let unknown = |row: &mut Answer, number: usize| {
        row.response_id = format!("SU{number:03}");
        row.account_id = "TEST".into();
    };
    let kinds = [
        Dirt { reason: BAD_DATE, one_in: 1_500, spoil: &bad_date },
        Dirt { reason: UNKNOWN_ACCOUNT, one_in: 1_000, spoil: &unknown },
    ];
    let planted = plant(&mut rows, &mut draws, &kinds);
    rows.sort_by(|a, b| (a.second, &a.response_id).cmp(&(b.second, &b.response_id)));
    Table {
        name: "surveys",
        file_name: "surveys.ndjson.gz",
        format: Format::NdjsonGzip,
        columns: vec![
            Column::text("response_id", &rows, |row| Some(row.response_id.clone())),
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::text("answered_at", &rows, |row| Some(row.answered_at.clone())),
            Column::integer("nps", &rows, |row| Some(row.nps)),
            Column::text("kind", &rows, |row| Some(row.kind.into())),
        ],
        planted,
    }
}

fn answers(world: &World<'_>, life: &Life) -> Vec<Answer> {
    let account = &life.account;
    let mut draws = Draws::new(world.plan.seed, account.number, Topic::Surveys);
    let (mut day, mut kind) = if account.signup >= -45 {
        (account.signup + draws.between(45, 75), "onboarding")
    } else {
        (draws.between(0, 125), "relationship")
    };
    let mut rows = Vec::new();
    while day < life.days.end {
        let second = working_second(&mut draws, &(day..day + 1), account.region);
        let state = life.state(world.calendar.month_of(day));
        if let Some(state) = state.filter(|_| day >= life.days.start) {
            let satisfaction = state.of(Component::Satisfaction);
            let answered = draws.chance(logistic(0.6 + 0.4 * satisfaction));
            let nps = 7.2 + 1.7 * satisfaction + 1.3 * world.plan.noise * draws.normal();
            if answered {
                rows.push(Answer {
                    response_id: format!("S{:04}-{:02}", account.number, rows.len() + 1),
                    account_id: account.id.clone(),
                    second,
                    answered_at: local_time(world, second, account.region),
                    nps: whole(nps).clamp(0, 10),
                    kind,
                });
            }
        }
        day += draws.between(100, 150);
        kind = "relationship";
    }
    rows
}

fn local_time(world: &World<'_>, second: i64, region: Region) -> String {
    let (hours, offset) = match region {
        Region::Emea => (1, "+01:00"),
        Region::Amer => (-5, "-05:00"),
        Region::Apac => (8, "+08:00"),
    };
    format!("{}{offset}", world.calendar.moment(second + hours * 3_600))
}
