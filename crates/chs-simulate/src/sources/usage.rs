//! `usage.parquet`: one row per account and active day.

use crate::dirt::{BEFORE_1900, Dirt, plant};
use crate::draws::{Draws, Topic, logistic};
use crate::history::World;
use crate::life::{Life, State};
use crate::plan::Component;
use crate::table::{Column, Format, Table};

/// One active day.
#[derive(Debug, Clone)]
pub(super) struct ActiveDay {
    account_id: String,
    pub(super) day: i64,
    pub(super) logins: i64,
    minutes: f64,
    features: i64,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<ActiveDay> =
        world.lives.iter().flat_map(|life| active_days(world, life)).collect();
    let mut draws = Draws::new(world.plan.seed, 3, Topic::Dirt);
    // Day zero of a spreadsheet.
    let epoch = world.calendar.day(jiff::civil::date(1899, 12, 30));
    let spoil = |row: &mut ActiveDay, _| row.day = epoch;
    let kinds = [Dirt { reason: BEFORE_1900, one_in: 100_000, spoil: &spoil }];
    let planted = plant(&mut rows, &mut draws, &kinds);
    rows.sort_by(|a, b| (&a.account_id, a.day).cmp(&(&b.account_id, b.day)));
    Table {
        name: "usage",
        file_name: "usage.parquet",
        format: Format::ParquetZstd,
        columns: vec![
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::date("day", &rows, |row| Some(world.calendar.date(row.day))),
            Column::integer("logins", &rows, |row| Some(row.logins)),
            Column::decimal("minutes", &rows, 1, |row| Some(row.minutes)),
            Column::integer("features_used", &rows, |row| Some(row.features)),
        ],
        planted,
    }
}

/// The active days of one life, in order.
pub(super) fn active_days(world: &World<'_>, life: &Life) -> Vec<ActiveDay> {
    let mut draws = Draws::new(world.plan.seed, life.account.number, Topic::Usage);
    let noise = world.plan.noise;
    // How much a healthy account of this kind uses the product: a habit, not a matter of health.
    let habit = 0.45 * noise * draws.normal();
    let mut rows = Vec::new();
    for (state, days) in life.months(&world.calendar) {
        let mood = habit + 0.4 * noise * draws.normal();
        let absent = absence(&mut draws, &days);
        for day in days {
            let engagement = 0.9 * state.of(Component::Activity) + mood;
            let likely = logistic(0.2 + engagement);
            let weekend = if world.calendar.is_weekend(day) { 0.2 } else { 1.0 };
            let fading = if life.leaving(day) { 0.5 } else { 1.0 };
            if draws.chance(likely * weekend * fading) && !absent.contains(&day) {
                rows.push(active_day(&mut draws, life, state, (day, engagement)));
            }
        }
    }
    rows
}

/// Holidays and the like: now and then one to two weeks of silence that mean nothing.
fn absence(draws: &mut Draws, days: &std::ops::Range<i64>) -> std::ops::Range<i64> {
    let start = draws.between(days.start, days.end.max(days.start));
    let length = draws.between(7, 14);
    if draws.chance(0.08) { start..start + length } else { start..start }
}

fn active_day(
    draws: &mut Draws,
    life: &Life,
    state: &State,
    (day, engagement): (i64, f64),
) -> ActiveDay {
    let size = 0.3 * (life.account.seats as f64).sqrt();
    let logins = 1 + draws.count(size * (0.4 + 1.2 * logistic(engagement)));
    let adoption = state.of(Component::Adoption);
    let uses_feature = logistic(-0.6 + 0.7 * adoption);
    let features = 1 + (0..9).map(|_| i64::from(draws.chance(uses_feature))).sum::<i64>();
    let length = 5.0 + 9.0 * logistic(0.7 * adoption);
    let minutes = logins as f64 * length * (0.5 + draws.unit());
    ActiveDay {
        account_id: life.account.id.clone(),
        day,
        logins,
        minutes: (minutes * 10.0).round() / 10.0,
        features,
    }
}
