//! `tickets.csv.gz`: support tickets as an export every six hours saw them, with late rows and
//! corrections.

use crate::calendar::DAY;
use crate::dirt::{
    AFTER_AS_OF, BAD_DATE, DUPLICATE, Dirt, NULL_KEY, Planted, UNKNOWN_ACCOUNT, plant,
};
use crate::draws::{Draws, Topic, logistic, whole};
use crate::history::World;
use crate::life::{Life, State};
use crate::plan::Component;
use crate::sources::working_second;
use crate::table::{Column, CsvStyle, Format, Table};

const HOUR: i64 = 3_600;

/// One version of a ticket. Times are seconds of the history.
#[derive(Debug, Clone)]
struct Version {
    ticket_id: String,
    account_id: Option<String>,
    opened: i64,
    /// What stands in the cell instead, where that is not a date.
    opened_text: Option<String>,
    closed: Option<i64>,
    priority: usize,
    csat: Option<i64>,
    ingested: i64,
    superseded: Option<i64>,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Version> =
        world.lives.iter().flat_map(|life| versions(world, life)).collect();
    let mut draws = Draws::new(world.plan.seed, 1, Topic::Dirt);
    pad_ids(&mut rows, &mut draws);
    let planted = plant_dirt(world, &mut rows, &mut draws);
    rows.sort_by(|a, b| (a.ingested, &a.ticket_id).cmp(&(b.ingested, &b.ticket_id)));
    let moment = |second: i64| world.calendar.moment(second);
    Table {
        name: "tickets",
        file_name: "tickets.csv.gz",
        format: Format::CsvGzip(CsvStyle::SPREADSHEET),
        columns: vec![
            Column::text("ticket_id", &rows, |row| Some(row.ticket_id.clone())),
            Column::text("account_id", &rows, |row| row.account_id.clone()),
            Column::text("opened_at", &rows, |row| {
                row.opened_text.clone().or_else(|| Some(moment(row.opened).to_string()))
            }),
            Column::date_time("closed_at", &rows, |row| row.closed.map(moment)),
            Column::text("priority", &rows, |row| Some(format!("P{}", row.priority))),
            Column::integer("csat", &rows, |row| row.csat),
            Column::date_time("ingested_at", &rows, |row| Some(moment(row.ingested))),
            Column::date_time("superseded_at", &rows, |row| row.superseded.map(moment)),
        ],
        planted,
    }
}

/// Some ids carry blanks; trimmed they are sound.
fn pad_ids(rows: &mut [Version], draws: &mut Draws) {
    for _ in 0..rows.len() / 1_000 {
        let position = draws.position(rows.len());
        if let Some(id) = rows.get_mut(position).and_then(|row| row.account_id.as_mut()) {
            *id = format!(" {} ", id.trim());
        }
    }
}

fn plant_dirt(world: &World<'_>, rows: &mut Vec<Version>, draws: &mut Draws) -> Planted {
    let rename = |row: &mut Version, kind: char, number: usize| {
        row.ticket_id = format!("T{kind}{number:03}");
        row.superseded = None;
    };
    let unknown = |row: &mut Version, number: usize| {
        rename(row, 'U', number);
        row.account_id = Some(format!("Z{number:04}"));
    };
    let bad_date = |row: &mut Version, number: usize| {
        rename(row, 'D', number);
        let texts = ["2024-02-30T09:15:00", "2025-13-01T10:00:00", "yesterday"];
        row.opened_text = texts.get(number % texts.len()).map(ToString::to_string);
    };
    let null_key = |row: &mut Version, number: usize| {
        rename(row, 'N', number);
        row.account_id = None;
    };
    let after = |row: &mut Version, number: usize| {
        rename(row, 'F', number);
        row.opened = (world.calendar.days() + days_ahead(number)) * DAY + 9 * HOUR;
        row.closed = None;
        row.csat = None;
        row.ingested = row.opened + HOUR;
    };
    let duplicate = |_: &mut Version, _| {};
    let kinds = [
        Dirt { reason: UNKNOWN_ACCOUNT, one_in: 1_500, spoil: &unknown },
        Dirt { reason: BAD_DATE, one_in: 3_000, spoil: &bad_date },
        Dirt { reason: NULL_KEY, one_in: 5_000, spoil: &null_key },
        Dirt { reason: AFTER_AS_OF, one_in: 5_000, spoil: &after },
        Dirt { reason: DUPLICATE, one_in: 1_500, spoil: &duplicate },
    ];
    plant(rows, draws, &kinds)
}

/// Days after the history's end on which a planted ticket is opened: a clock that ran ahead.
fn days_ahead(number: usize) -> i64 {
    30 + 10 * i64::try_from(number).unwrap_or(0)
}

fn versions(world: &World<'_>, life: &Life) -> Vec<Version> {
    let mut draws = Draws::new(world.plan.seed, life.account.number, Topic::Tickets);
    let size = 0.15 + 0.025 * (life.account.seats as f64).sqrt();
    let mut opened: Vec<(i64, &State)> = Vec::new();
    for (state, days) in life.months(&world.calendar) {
        let service = state.of(Component::Service);
        let mood = (0.4 * world.plan.noise * draws.normal()).exp();
        let length = (days.end - days.start) as f64 / 30.0;
        for _ in 0..draws.count(size * (-0.55 * service).exp() * mood * length) {
            opened.push((working_second(&mut draws, &days, life.account.region), state));
        }
    }
    opened.sort_by_key(|(second, _)| *second);
    let end = world.calendar.days() * DAY;
    let mut rows = Vec::new();
    for (number, (second, state)) in (1..).zip(opened) {
        let ticket_id = format!("T{:04}-{number:03}", life.account.number);
        let version = Version {
            ticket_id,
            account_id: Some(life.account.id.clone()),
            opened: second,
            opened_text: None,
            closed: None,
            priority: priority(&mut draws, state),
            csat: None,
            ingested: arrival(&mut draws, second),
            superseded: None,
        };
        rows.extend(history(&mut draws, version, state, world.plan.noise));
    }
    // The export was taken at the end of the last day: what came in later is not in it.
    rows.retain(|row| row.ingested < end);
    for row in &mut rows {
        row.superseded = row.superseded.filter(|&second| second < end);
    }
    rows
}

fn priority(draws: &mut Draws, state: &State) -> usize {
    if draws.chance(logistic(-2.6 - 0.9 * state.of(Component::Service))) {
        1
    } else if draws.chance(0.4) {
        2
    } else {
        3
    }
}

/// When the export first saw a change: at its next run, a few days later for one in thirty.
fn arrival(draws: &mut Draws, second: i64) -> i64 {
    let late = if draws.chance(1.0 / 30.0) { draws.between(HOUR, 5 * DAY) } else { 0 };
    let run = 6 * HOUR;
    (second + late).div_euclid(run) * run + run + 1_200
}

/// All versions of one ticket: as first seen, once it is closed and rated, and a correction.
fn history(draws: &mut Draws, opened: Version, state: &State, noise: f64) -> Vec<Version> {
    let service = state.of(Component::Service);
    let slowest = [30.0, 72.0, 200.0].get(opened.priority - 1).copied().unwrap_or(200.0);
    let hours = 1.0 + slowest * draws.unit() * draws.unit() * (-0.3 * service).exp();
    let closed = opened.opened + whole(hours * 3_600.0);
    let rated = draws.chance(0.45).then(|| {
        let view = 0.65 * state.of(Component::Satisfaction) + 0.2 * service;
        whole(3.8 + view + 0.8 * noise * draws.normal()).clamp(1, 5)
    });
    let known = closed + rated.map_or(0, |_| draws.between(600, 20 * HOUR));
    let done = Version { closed: Some(closed), csat: rated, ..opened.clone() };
    let mut versions = if known < opened.ingested {
        vec![done]
    } else {
        let ingested = arrival(draws, known).max(opened.ingested + 6 * HOUR);
        vec![opened, Version { ingested, ..done }]
    };
    if let Some(last) = versions.last().filter(|_| draws.chance(0.02)) {
        let priority = if last.priority == 3 { 2 } else { last.priority + 1 };
        let ingested = last.ingested + 6 * HOUR * draws.between(4, 20);
        versions.push(Version { priority, ingested, ..last.clone() });
    }
    for position in 1..versions.len() {
        let next = versions.get(position).map(|version| version.ingested);
        if let Some(version) = versions.get_mut(position - 1) {
            version.superseded = next;
        }
    }
    versions
}
