//! `comments.ndjson.gz`: what people wrote, reduced to its sentiment; no text.

use crate::dirt::{Dirt, NULL_KEY, plant};
use crate::draws::{Draws, Topic, hundredths};
use crate::history::World;
use crate::life::Life;
use crate::plan::Component;
use crate::sources::working_second;
use crate::table::{Column, Format, Table};

#[derive(Debug, Clone)]
struct Comment {
    account_id: Option<String>,
    second: i64,
    sentiment: f64,
    channel: &'static str,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Comment> =
        world.lives.iter().flat_map(|life| comments(world, life)).collect();
    let mut draws = Draws::new(world.plan.seed, 5, Topic::Dirt);
    let spoil = |row: &mut Comment, _| row.account_id = None;
    let kinds = [Dirt { reason: NULL_KEY, one_in: 3_000, spoil: &spoil }];
    let planted = plant(&mut rows, &mut draws, &kinds);
    rows.sort_by(|a, b| (a.second, &a.account_id).cmp(&(b.second, &b.account_id)));
    Table {
        name: "comments",
        file_name: "comments.ndjson.gz",
        format: Format::NdjsonGzip,
        columns: vec![
            Column::text("account_id", &rows, |row| row.account_id.clone()),
            Column::date_time("written_at", &rows, |row| Some(world.calendar.moment(row.second))),
            Column::decimal("sentiment", &rows, 2, |row| Some(row.sentiment)),
            Column::text("channel", &rows, |row| Some(row.channel.into())),
        ],
        planted,
    }
}

fn comments(world: &World<'_>, life: &Life) -> Vec<Comment> {
    let mut draws = Draws::new(world.plan.seed, life.account.number, Topic::Comments);
    let mut rows = Vec::new();
    for (state, days) in life.months(&world.calendar) {
        let length = (days.end - days.start) as f64 / 30.0;
        for _ in 0..draws.count(0.45 * length) {
            let second = working_second(&mut draws, &days, life.account.region);
            let noise = 0.3 * world.plan.noise * draws.normal();
            let sentiment = 0.15 + 0.32 * state.of(Component::Feedback) + noise;
            let channel = draws.pick(&["email", "chat", "call", "community"]).copied();
            rows.push(Comment {
                account_id: Some(life.account.id.clone()),
                second,
                sentiment: hundredths(sentiment.clamp(-1.0, 1.0)),
                channel: channel.unwrap_or("email"),
            });
        }
    }
    rows
}
