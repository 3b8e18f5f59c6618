//! `invoices.csv.gz`: invoices that fell due in the history, and when they were paid.

use crate::dirt::{Dirt, INFINITE_VALUE, plant};
use crate::draws::{Draws, Topic, hundredths, logistic};
use crate::history::World;
use crate::life::{Life, Tier};
use crate::plan::Component;
use crate::table::{Column, CsvStyle, Format, Table};

/// Days from issue to due.
const TERM: i64 = 14;

#[derive(Debug, Clone)]
struct Invoice {
    id: String,
    account_id: String,
    issued: i64,
    due: i64,
    paid: Option<i64>,
    amount: f64,
}

pub(super) fn table(world: &World<'_>) -> Table {
    let mut rows: Vec<Invoice> =
        world.lives.iter().flat_map(|life| invoices(world, life)).collect();
    let mut draws = Draws::new(world.plan.seed, 2, Topic::Dirt);
    let spoil = |row: &mut Invoice, number: usize| {
        row.id = format!("IX{number:03}");
        row.amount = f64::INFINITY;
    };
    let kinds = [Dirt { reason: INFINITE_VALUE, one_in: 5_000, spoil: &spoil }];
    let planted = plant(&mut rows, &mut draws, &kinds);
    rows.sort_by(|a, b| (a.issued, &a.id).cmp(&(b.issued, &b.id)));
    let date = |day: i64| Some(world.calendar.date(day));
    Table {
        name: "invoices",
        file_name: "invoices.csv.gz",
        format: Format::CsvGzip(CsvStyle::PLAIN),
        columns: vec![
            Column::text("invoice_id", &rows, |row| Some(row.id.clone())),
            Column::text("account_id", &rows, |row| Some(row.account_id.clone())),
            Column::date("issued_on", &rows, |row| date(row.issued)),
            Column::date("due_on", &rows, |row| date(row.due)),
            Column::date("paid_on", &rows, |row| row.paid.and_then(date)),
            Column::decimal("amount", &rows, 2, |row| Some(row.amount)),
        ],
        planted,
    }
}

fn invoices(world: &World<'_>, life: &Life) -> Vec<Invoice> {
    let account = &life.account;
    let mut draws = Draws::new(world.plan.seed, account.number, Topic::Invoices);
    let months = if account.tier == Tier::Starter { 1 } else { 3 };
    let amount = hundredths(account.arr as f64 * months as f64 / 12.0);
    let mut rows = Vec::new();
    for period in 0.. {
        let issued = world.calendar.months_after(account.signup, period * months);
        let due = issued + TERM;
        if due >= life.days.end {
            break;
        }
        let Some(state) = life.state(world.calendar.month_of(due)).filter(|_| issued >= 0) else {
            continue;
        };
        let late = draws.chance(logistic(-1.9 - state.of(Component::Financial)));
        let delay = if late { draws.between(1, 45) } else { -draws.between(0, TERM) };
        let never = late && draws.chance(0.06);
        rows.push(Invoice {
            id: format!("I{:04}-{:02}", account.number, period + 1),
            account_id: account.id.clone(),
            issued,
            due,
            paid: Some(due + delay).filter(|&day| !never && day < world.calendar.days()),
            amount,
        });
    }
    rows
}
