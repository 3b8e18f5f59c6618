//! What is drawn at random: a project file and rows near the bounds that it has. Everything is relative to
//! the grid of snapshots, and small.

use chs_data::{DAY, Micros};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Lengths of time that windows, shifts and events share, so that events fall onto bounds.
const SPANS: [&str; 9] = ["0d", "1d", "7d", "2w", "30d", "1mo", "1q", "36h", "28d"];
/// Lengths of windows.
const LENGTHS: [&str; 7] = ["1d", "7d", "30d", "1mo", "1q", "36h", "1y"];
/// Distances from a bound, in microseconds: on it, beside it, at the ends of days, some hours off.
const OFFSETS: [Micros; 9] =
    [0, 0, -1, 1, -DAY, DAY - 1, 5 * 3_600_000_000, -3 * DAY - 7, 20 * DAY];
/// Delays of knowledge.
const DELAYS: [Micros; 6] = [0, 1, 3_600_000_000, DAY, 10 * DAY, 45 * DAY];
/// First days of the grid: ends of months, and days that some months do not have.
const FIRST_DAYS: [Date; 7] = [
    date(2024, 1, 31),
    date(2024, 1, 30),
    date(2024, 1, 29),
    date(2023, 1, 28),
    date(2023, 2, 28),
    date(2024, 2, 29),
    date(2023, 11, 30),
];
const FILTERS: [&str; 8] = [
    "amount > 0",
    "word = 'red'",
    "word != 'red' and quantity >= 2",
    "quantity is null",
    "word in ('red', 'blue')",
    "amount > quantity",
    "code = 5",
    "not (word = 'green')",
];
const ADDENDS: [&str; 7] = [
    "amount",
    "amount",
    "quantity",
    "quantity * price",
    "amount * 2",
    "code * 1",
    "if(word = 'red', amount, null)",
];
/// Windows and numbers of buckets that divide them.
const TRENDS: [(&str, u32); 8] =
    [("28d", 4), ("30d", 3), ("1q", 3), ("1y", 4), ("36h", 2), ("7d", 7), ("2mo", 2), ("2d", 5)];
/// Ways to take the cells of a column.
const READINGS: [&str; 4] = [
    "",
    "as = \"numbers\"",
    "as = \"words\"",
    "map = { red = 1, blue = -2.5, 5 = 50, \"0.1\" = 0 }",
];
/// Columns of the accounts, each as numbers, words and through a map.
const ATTRIBUTES: [&str; 4] = [
    "attribute = \"seats\"",
    "attribute = \"seats\", as = \"words\"",
    "attribute = \"tier\", as = \"words\"",
    "attribute = \"tier\", map = { red = 3, green = 0.5 }",
];
const FORMULAS: [&str; 7] = [
    "i0 / i1",
    "(i0 - i1) / i1 + 1",
    "if(i0 is null, 0, i0)",
    "i1 * 0.1 + tenure",
    "f0 / i0",
    "-i0 - f0",
    "tenure / 7",
];
const WORDS: [&str; 3] = ["red", "green", "blue"];
/// Kinds of a renewal; without one it is open.
const KINDS: [&str; 3] = ["lost", "renewed", "postponed"];
/// Distances of anchored snapshots.
const OFFSETS_OF_ANCHORS: [&str; 8] = ["-1mo", "-30d", "-90d", "0d", "-1d", "7d", "-1q", "1mo"];
const CODES: [&str; 5] = ["5", "5.0", "abc", "0.1", "-2"];
/// Doubles that are no decimals of six places, some that are, and both zeros.
pub(super) const RAGGED: [f64; 10] =
    [0.1 + 0.2, 1.0 / 3.0, 1e-7, 0.7, -0.1, 123_456.789, 2e15 + 0.25, -2e15, -0.0, 0.0];

/// An instant near a bound of a window of some snapshot.
#[derive(Clone, Debug)]
pub(super) struct Near {
    pub(super) snapshot: Index,
    pub(super) bound: Bound,
    pub(super) offset: Micros,
}

#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// Two lengths of time before the snapshot.
    Before(&'static str, &'static str),
    /// Two lengths of time after it.
    After(&'static str, &'static str),
    /// The start of the window of its labels.
    LabelStart,
    /// The end of that window.
    LabelEnd,
}

#[derive(Clone, Debug)]
pub(super) enum Known {
    ByEvent,
    After(Micros),
    At(Near),
}

#[derive(Clone, Debug)]
pub(super) struct DrawnRow {
    /// Whether it has the account and the times of the row before it (1), and the record too (2).
    pub(super) twin: u8,
    pub(super) account: Index,
    pub(super) at: Near,
    pub(super) known: Known,
    pub(super) superseded: Option<Near>,
    pub(super) closed: Option<Near>,
    pub(super) record: Option<u8>,
    pub(super) amount: Option<(i32, u32, Index)>,
    pub(super) quantity: Option<u8>,
    pub(super) word: Option<&'static str>,
    pub(super) code: Option<&'static str>,
    pub(super) tie: u8,
}

#[derive(Clone, Debug)]
pub(super) struct DrawnOutcome {
    pub(super) account: Index,
    pub(super) at: Near,
    pub(super) known: Known,
    pub(super) kind: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) struct DrawnScore {
    pub(super) account: Index,
    pub(super) at: Near,
    pub(super) score: Option<i32>,
    pub(super) tie: u8,
}

/// A row of the accounts table.
#[derive(Clone, Debug)]
pub(super) struct DrawnVersion {
    pub(super) account: Index,
    pub(super) valid_from: Near,
    pub(super) seats: Option<u8>,
    pub(super) tier: Option<&'static str>,
}

/// What the project file says.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) every: &'static str,
    pub(super) from: Date,
    pub(super) days: i32,
    pub(super) default_grid: bool,
    pub(super) indicators: Vec<String>,
    pub(super) formulas: Vec<&'static str>,
    pub(super) attributes: Vec<&'static str>,
    /// Column of the date of a change, where the accounts have a row for each.
    pub(super) valid_from: Option<&'static str>,
    pub(super) blind_spot: &'static str,
    pub(super) coverage: [&'static str; 2],
    pub(super) grace: &'static str,
    pub(super) spans_end_accounts: bool,
    pub(super) labels: [bool; 4],
    pub(super) lead_time: &'static str,
    pub(super) horizon: &'static str,
    pub(super) competing: bool,
    pub(super) within: &'static str,
    pub(super) inactive_filter: Option<&'static str>,
    pub(super) max_age: Option<&'static str>,
    pub(super) later: LaterPlan,
}

/// What the project file says of anchors, of labels beyond outcomes, and of changes.
#[derive(Clone, Debug)]
pub(super) struct LaterPlan {
    /// Outcome or source, and the distances from its dates.
    pub(super) anchor: Option<(&'static str, Vec<&'static str>)>,
    /// Labels of renewals, of a decline and of a contraction.
    pub(super) labels: [bool; 3],
    pub(super) renewals_end_accounts: Option<bool>,
    pub(super) below: f64,
    /// What declines, and what a segment is made from: numbers of indicators.
    pub(super) declines: Index,
    pub(super) edges: Vec<i32>,
    pub(super) ended_inclusive: bool,
    pub(super) added: &'static str,
    pub(super) direction: &'static str,
    pub(super) at_least: f64,
}

impl Plan {
    /// Whether decisions are made of renewals.
    pub(super) fn decides(&self) -> bool {
        self.later.labels[0]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) plan: Plan,
    pub(super) accounts: usize,
    /// Starts; some fall onto the date of an outcome.
    pub(super) starts: Vec<(Index, Near, Option<Index>)>,
    pub(super) versions: Vec<DrawnVersion>,
    /// Kind of numbers in `amount`: 0 whole, 1 decimals, 2 any double, 3 large decimals.
    pub(super) style: u8,
    pub(super) sources: Vec<Vec<DrawnRow>>,
    pub(super) outcomes: Vec<Vec<DrawnOutcome>>,
    pub(super) follow_up_ends: Vec<Near>,
    pub(super) scores: Vec<DrawnScore>,
    pub(super) as_of: Option<Near>,
}

fn near() -> impl Strategy<Value = Near> {
    let bound = prop_oneof![
        6 => (select(&SPANS[..]), select(&SPANS[..])).prop_map(|(first, second)| Bound::Before(first, second)),
        1 => (select(&SPANS[..]), select(&SPANS[..])).prop_map(|(first, second)| Bound::After(first, second)),
        1 => Just(Bound::LabelStart),
        1 => Just(Bound::LabelEnd),
    ];
    let draws = (any::<Index>(), bound, select(&OFFSETS[..]));
    draws.prop_map(|(snapshot, bound, offset)| Near { snapshot, bound, offset })
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![
        3 => Just(Known::ByEvent),
        2 => select(&DELAYS[..]).prop_map(Known::After),
        1 => near().prop_map(Known::At),
    ]
}

fn drawn_row() -> impl Strategy<Value = DrawnRow> {
    let times = (
        prop_oneof![4 => Just(0_u8), 1 => Just(1), 2 => Just(2)],
        any::<Index>(),
        near(),
        known(),
        prop::option::weighted(0.2, near()),
        prop::option::weighted(0.7, near()),
    );
    let cells = (
        prop::option::weighted(0.8, 0_u8..6),
        prop::option::weighted(0.8, (-3000..3000, 0_u32..=6, any::<Index>())),
        prop::option::weighted(0.8, 0_u8..5),
        prop::option::weighted(0.8, select(&WORDS[..])),
        prop::option::weighted(0.8, select(&CODES[..])),
        0_u8..3,
    );
    (times, cells).prop_map(
        |(
            (twin, account, at, known, superseded, closed),
            (record, amount, quantity, word, code, tie),
        )| {
            DrawnRow {
                twin,
                account,
                at,
                known,
                superseded,
                closed,
                record,
                amount,
                quantity,
                word,
                code,
                tie,
            }
        },
    )
}

/// Rows, some of which differ from the one before in little more than their values.
fn rows(fewest: usize) -> impl Strategy<Value = Vec<DrawnRow>> {
    prop::collection::vec(drawn_row(), fewest..24).prop_map(|mut rows| {
        for number in 1..rows.len() {
            let (before, row) = (rows[number - 1].clone(), rows[number].clone());
            let record = if row.twin == 2 { before.record } else { row.record };
            if row.twin > 0 {
                let DrawnRow { account, at, closed, .. } = before;
                rows[number] = DrawnRow { account, at, closed, record, ..row };
            }
        }
        rows
    })
}

fn drawn_outcome() -> impl Strategy<Value = DrawnOutcome> {
    let kind = prop::option::weighted(0.8, select(&KINDS[..]));
    (any::<Index>(), near(), known(), kind).prop_map(|(account, at, known, kind)| DrawnOutcome {
        account,
        at,
        known,
        kind,
    })
}

fn drawn_score() -> impl Strategy<Value = DrawnScore> {
    let draws = (any::<Index>(), near(), prop::option::weighted(0.8, 0..100), 0_u8..3);
    draws.prop_map(|(account, at, score, tie)| DrawnScore { account, at, score, tie })
}

fn drawn_version() -> impl Strategy<Value = DrawnVersion> {
    let cells =
        (prop::option::weighted(0.8, 0_u8..9), prop::option::weighted(0.8, select(&WORDS[..])));
    (any::<Index>(), near(), cells).prop_map(|(account, valid_from, (seats, tier))| DrawnVersion {
        account,
        valid_from,
        seats,
        tier,
    })
}

/// An indicator over rows, without its name.
fn indicator() -> impl Strategy<Value = String> {
    prop_oneof![3 => windowed(), 2 => trend(), 2 => latest(), 3 => undated()]
        .prop_flat_map(|keys| {
            let connected = prop::option::weighted(0.3, select(&SPANS[..]));
            let place = (select(vec!["events", "usage"]), prop::option::of(select(&FILTERS[..])));
            (Just(keys), place, connected)
        })
        .prop_map(|(keys, (source, filter), connected)| {
            let mut all = vec![format!("source = \"{source}\""), keys];
            all.extend(filter.map(|filter| format!("where = \"{filter}\"")));
            all.extend(connected.map(|span| format!("connected_for = \"{span}\"")));
            format!("{{ {} }}", all.join(", "))
        })
}

/// Keys of a verb, those that are there.
fn keys(keys: &[(&str, Option<&str>)]) -> String {
    let written = keys.iter().filter_map(|(key, value)| Some(format!("{key} = {:?}", (*value)?)));
    written.collect::<Vec<_>>().join(", ")
}

/// Where a window ends, and what an empty one gives.
fn edges() -> impl Strategy<Value = (Option<&'static str>, Option<&'static str>)> {
    (prop::option::of(select(&SPANS[..])), prop::option::of(select(vec!["zero", "null"])))
}

fn windowed() -> impl Strategy<Value = String> {
    let verb = select(vec!["count", "sum", "sum", "mean", "distinct", "min", "max", "std", "std"]);
    let of = (select(&ADDENDS[..]), select(vec!["word", "quantity", "code", "amount"]));
    (verb, select(&LENGTHS[..]), edges(), of).prop_map(
        |(verb, length, (shift, empty), (addend, column))| {
            let (of, over) = match verb {
                "count" => (length, None),
                "distinct" => (column, Some(length)),
                _ => (addend, Some(length)),
            };
            keys(&[(verb, Some(of)), ("over", over), ("shift", shift), ("empty", empty)])
        },
    )
}

fn trend() -> impl Strategy<Value = String> {
    let method = prop::option::of(select(vec!["ols", "change"]));
    (select(&ADDENDS[..]), select(&TRENDS[..]), edges(), method).prop_map(
        |(addend, (over, buckets), (shift, empty), method)| {
            let own = [("trend", Some(addend)), ("over", Some(over)), ("method", method)];
            let edges = [("shift", shift), ("empty", empty)];
            format!("buckets = {buckets}, {}", keys(&[&own[..], &edges[..]].concat()))
        },
    )
}

fn latest() -> impl Strategy<Value = String> {
    let column = select(vec!["word", "quantity", "code", "amount"]);
    let age = prop::option::of(select(&LENGTHS[..]));
    (column, select(&READINGS[..]), prop::option::of(Just("closed")), age).prop_map(
        |(column, reading, own_date, max_age)| {
            let keys = keys(&[("latest", Some(column)), ("at", own_date), ("max_age", max_age)]);
            if reading.is_empty() { keys } else { format!("{keys}, {reading}") }
        },
    )
}

/// Verbs without a window.
fn undated() -> impl Strategy<Value = String> {
    let verb = select(vec!["recency", "open", "open sum", "until"]);
    let amount = select(vec!["amount", "quantity"]);
    let empty = prop::option::of(select(vec!["zero", "null"]));
    (verb, amount, empty, select(vec!["closed", "start"])).prop_map(
        |(verb, amount, empty, date)| match verb {
            "recency" => keys(&[("recency", Some("days"))]),
            "until" => keys(&[("until", Some(date))]),
            "open" => keys(&[("open", Some("count")), ("empty", empty)]),
            _ => keys(&[("open", Some("sum")), ("column", Some(amount)), ("empty", empty)]),
        },
    )
}

fn later_plan() -> impl Strategy<Value = LaterPlan> {
    let anchors = select(vec!["renewal", "churn", "events", "contraction", "ended"]);
    let offsets = prop::collection::vec(select(&OFFSETS_OF_ANCHORS[..]), 1..4);
    let labels = (
        prop::option::weighted(0.3, (anchors, offsets)),
        any::<[bool; 3]>(),
        prop::option::weighted(0.3, any::<bool>()),
    );
    let decline = (select(vec![0.5, 1.0, 0.9]), any::<Index>());
    let edges = prop::collection::btree_set(-3..40, 1..4);
    let change = (
        any::<bool>(),
        select(vec!["amount", "quantity", "quantity * price"]),
        select(vec!["decrease", "increase"]),
        select(vec![0.1, 0.5, 0.9]),
    );
    (labels, decline, edges, change).prop_map(
        |(
            (anchor, labels, renewals_end_accounts),
            (below, declines),
            edges,
            (ended_inclusive, added, direction, at_least),
        )| {
            LaterPlan {
                anchor,
                labels,
                renewals_end_accounts,
                below,
                declines,
                edges: edges.into_iter().collect(),
                ended_inclusive,
                added,
                direction,
                at_least,
            }
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    let grid = (
        select(vec![("1mo", 150), ("1w", 40), ("1q", 300), ("2mo", 200), ("1d", 6)]),
        select(&FIRST_DAYS[..]),
        any::<Index>(),
        prop::bool::weighted(0.1),
    );
    let indicators = (
        prop::collection::vec(indicator(), 2..8),
        prop::collection::vec(select(&FORMULAS[..]), 0..3),
        (prop::collection::vec(select(&ATTRIBUTES[..]), 0..3), prop::option::of(Just("changed"))),
        select(vec!["0d", "6h", "1d"]),
        [select(vec!["source", "account"]), select(vec!["source", "account"])],
    );
    let outcomes = (select(vec!["0d", "7d", "1mo"]), any::<bool>(), any::<bool>());
    let labels = (
        any::<[bool; 4]>(),
        select(vec!["0d", "14d", "1mo", "1d"]),
        select(vec!["30d", "1mo", "1q", "1d"]),
        select(&LENGTHS[..]),
        prop::option::of(select(&FILTERS[..])),
        prop::option::of(select(&LENGTHS[..])),
    );
    (grid, indicators, outcomes, labels, later_plan()).prop_map(
        |(
            ((every, most), from, days, default_grid),
            (indicators, formulas, (attributes, valid_from), blind_spot, coverage),
            (grace, spans_end_accounts, competing),
            (labels, lead_time, horizon, within, inactive_filter, max_age),
            later,
        )| {
            let days = i32::try_from(days.index(most)).unwrap();
            let default_grid = default_grid && every == "1mo";
            Plan {
                every,
                from,
                days,
                default_grid,
                indicators,
                formulas,
                attributes,
                valid_from,
                blind_spot,
                coverage,
                grace,
                spans_end_accounts,
                labels,
                lead_time,
                horizon,
                competing,
                within,
                inactive_filter,
                max_age,
                later,
            }
        },
    )
}

/// A project and a history.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let accounts = (
        1_usize..=5,
        prop::collection::vec(
            (any::<Index>(), near(), prop::option::weighted(0.3, any::<Index>())),
            0..6,
        ),
        prop::collection::vec(drawn_version(), 5..14),
    );
    let rows = [0, 0, 0].map(rows);
    let outcomes = prop::collection::vec(prop::collection::vec(drawn_outcome(), 0..4), 5);
    let follow_up_ends = prop::collection::vec(near(), 7);
    let scores = prop::collection::vec(drawn_score(), 0..8);
    let ends = (follow_up_ends, prop::option::weighted(0.1, near()));
    (plan(), accounts, select(vec![0, 1, 2, 2, 3]), rows, outcomes, ends, scores).prop_map(
        |(
            plan,
            (accounts, starts, versions),
            style,
            sources,
            outcomes,
            (follow_up_ends, as_of),
            scores,
        )| {
            Case {
                plan,
                accounts,
                starts,
                versions,
                style,
                sources: sources.into(),
                outcomes,
                follow_up_ends,
                scores,
                as_of,
            }
        },
    )
}
