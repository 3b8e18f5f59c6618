//! The tables, each rendered from the lives.

mod accounts;
mod comments;
mod contracts;
mod invoices;
mod meetings;
mod outcomes;
mod surveys;
mod tickets;
mod usage;
mod vendor_scores;

use crate::calendar::DAY;
use crate::draws::Draws;
use crate::history::World;
use crate::life::Region;
use crate::table::Table;

/// All tables of a history.
pub(crate) fn tables(world: &World<'_>) -> Vec<Table> {
    vec![
        accounts::table(world),
        usage::table(world),
        tickets::table(world),
        invoices::table(world),
        surveys::table(world),
        meetings::table(world),
        comments::table(world),
        contracts::table(world),
        outcomes::table(world),
        vendor_scores::table(world),
    ]
}

/// A second on one of the days, in the working hours of the region; the history runs in UTC.
fn working_second(draws: &mut Draws, days: &std::ops::Range<i64>, region: Region) -> i64 {
    let opens = match region {
        Region::Emea => 7,
        Region::Amer => 13,
        // Stays inside the day, so that no row leaves the account's life.
        Region::Apac => 0,
    };
    let day = draws.between(days.start, days.end - 1);
    day * DAY + opens * 3_600 + draws.between(0, 10 * 3_600 - 1)
}
