//! Laws of the replay, on small histories made up in memory: it equals the brute force bit by bit, and
//! neither the order of rows, nor rows not yet known, nor the number of threads can be seen in it.

use std::collections::BTreeMap;
use std::fmt::Write;

use chs_data::{
    AccountTable, Column, DAY, History, Micros, NEVER, OutcomeOrigin, OutcomeRows, Project,
    RecordedRows, ReplayError, SourceRows, Words, day_of, midnight_after, minus, plus,
    read_project, replay,
};
use chs_panel::{IndicatorValues, Named, NumberColumn, Panel, Span, WordColumn};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::replay_oracle::{Row, Rows, Value, as_number, brute_force, days_from, ends_of_spans};

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
const ADDENDS: [&str; 6] = [
    "amount",
    "quantity",
    "quantity * price",
    "amount * 2",
    "code * 1",
    "if(word = 'red', amount, null)",
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
const CODES: [&str; 5] = ["5", "5.0", "abc", "0.1", "-2"];
/// Doubles that are no decimals of six places.
const RAGGED: [f64; 7] = [0.1 + 0.2, 1.0 / 3.0, 1e-7, 0.7, -0.1, 123_456.789, 2e15 + 0.25];

// What is drawn. Everything is relative to the grid, and small.

/// An instant near a bound of a window of some snapshot.
#[derive(Clone, Debug)]
struct Near {
    snapshot: Index,
    back: &'static str,
    further: &'static str,
    ahead: bool,
    offset: Micros,
}

#[derive(Clone, Debug)]
enum Known {
    ByEvent,
    After(Micros),
    At(Near),
}

#[derive(Clone, Debug)]
struct DrawnRow {
    account: Index,
    at: Near,
    known: Known,
    superseded: Option<Near>,
    closed: Option<Near>,
    record: Option<u8>,
    amount: Option<(i32, u32, Index)>,
    quantity: Option<u8>,
    word: Option<&'static str>,
    code: Option<&'static str>,
    tie: u8,
}

#[derive(Clone, Debug)]
struct DrawnOutcome {
    account: Index,
    at: Near,
    known: Known,
}

#[derive(Clone, Debug)]
struct DrawnScore {
    account: Index,
    at: Near,
    score: Option<i32>,
    tie: u8,
}

/// What the project file says.
#[derive(Clone, Debug)]
struct Plan {
    every: &'static str,
    from: Date,
    days: i32,
    default_grid: bool,
    indicators: Vec<String>,
    formulas: Vec<&'static str>,
    blind_spot: &'static str,
    coverage: [&'static str; 2],
    grace: &'static str,
    spans_end_accounts: bool,
    labels: [bool; 4],
    lead_time: &'static str,
    horizon: &'static str,
    competing: bool,
    within: &'static str,
    inactive_filter: Option<&'static str>,
    max_age: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Case {
    plan: Plan,
    accounts: usize,
    starts: Vec<(Index, Near)>,
    /// Kind of numbers in `amount`: 0 whole, 1 decimals, 2 any double, 3 large decimals.
    style: u8,
    sources: Vec<Vec<DrawnRow>>,
    outcomes: Vec<Vec<DrawnOutcome>>,
    follow_up_ends: Vec<Near>,
    scores: Vec<DrawnScore>,
    as_of: Option<Near>,
}

fn near() -> impl Strategy<Value = Near> {
    let draws = (
        any::<Index>(),
        select(&SPANS[..]),
        select(&SPANS[..]),
        prop::bool::weighted(0.2),
        select(&OFFSETS[..]),
    );
    draws.prop_map(|(snapshot, back, further, ahead, offset)| Near {
        snapshot,
        back,
        further,
        ahead,
        offset,
    })
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
            (account, at, known, superseded, closed),
            (record, amount, quantity, word, code, tie),
        )| {
            DrawnRow {
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

fn drawn_outcome() -> impl Strategy<Value = DrawnOutcome> {
    (any::<Index>(), near(), known()).prop_map(|(account, at, known)| DrawnOutcome {
        account,
        at,
        known,
    })
}

fn drawn_score() -> impl Strategy<Value = DrawnScore> {
    let draws = (any::<Index>(), near(), prop::option::weighted(0.8, 0..100), 0_u8..3);
    draws.prop_map(|(account, at, score, tie)| DrawnScore { account, at, score, tie })
}

/// An indicator over rows, without its name.
fn indicator() -> impl Strategy<Value = String> {
    let verb = select(vec!["count", "sum", "mean", "distinct", "latest", "recency"]);
    let place = (select(vec!["events", "usage"]), prop::option::of(select(&FILTERS[..])));
    let window = (
        select(&LENGTHS[..]),
        prop::option::of(select(&SPANS[..])),
        prop::option::of(select(vec!["zero", "null"])),
    );
    let column = (select(&ADDENDS[..]), select(vec!["word", "quantity", "code", "amount"]));
    let latest = (prop::option::of(Just("closed")), prop::option::of(select(&LENGTHS[..])));
    let connected = prop::option::weighted(0.3, select(&SPANS[..]));
    (verb, place, window, column, latest, connected).prop_map(
        |(
            verb,
            (source, filter),
            (length, shift, empty),
            (addend, column),
            (own_date, max_age),
            connected,
        )| {
            let mut keys =
                vec![("source", Some(source)), ("where", filter), ("connected_for", connected)];
            match verb {
                "count" => {
                    keys.extend([("count", Some(length)), ("shift", shift), ("empty", empty)])
                }
                "recency" => keys.push(("recency", Some("days"))),
                "latest" => {
                    keys.extend([("latest", Some(column)), ("at", own_date), ("max_age", max_age)])
                }
                "distinct" => keys.extend([
                    (verb, Some(column)),
                    ("over", Some(length)),
                    ("shift", shift),
                    ("empty", empty),
                ]),
                _ => keys.extend([
                    (verb, Some(addend)),
                    ("over", Some(length)),
                    ("shift", shift),
                    ("empty", empty),
                ]),
            }
            let keys = keys
                .into_iter()
                .filter_map(|(key, value)| value.map(|value| format!("{key} = {value:?}")));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
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
    (grid, indicators, outcomes, labels).prop_map(
        |(
            ((every, most), from, days, default_grid),
            (indicators, formulas, blind_spot, coverage),
            (grace, spans_end_accounts, competing),
            (labels, lead_time, horizon, within, inactive_filter, max_age),
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
            }
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let accounts = (1_usize..=5, prop::collection::vec((any::<Index>(), near()), 0..6));
    let rows = [1, 0, 0].map(|fewest| prop::collection::vec(drawn_row(), fewest..24));
    let outcomes = prop::collection::vec(prop::collection::vec(drawn_outcome(), 0..4), 4);
    let follow_up_ends = prop::collection::vec(near(), 5);
    let scores = prop::collection::vec(drawn_score(), 0..8);
    let ends = (follow_up_ends, prop::option::weighted(0.1, near()));
    (plan(), accounts, 0_u8..4, rows, outcomes, ends, scores).prop_map(
        |(plan, (accounts, starts), style, sources, outcomes, (follow_up_ends, as_of), scores)| {
            Case {
                plan,
                accounts,
                starts,
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

// What it becomes: a project file and tables of rows.

impl Plan {
    fn to(&self) -> Date {
        self.from.saturating_add(self.days.days())
    }

    fn text(&self) -> String {
        let mut text = "spec_version = 1\n".to_owned();
        text.push_str("[accounts]\npath = \"a.csv\"\nid = \"id\"\nstart = \"start\"\nsegments = [\"plan\"]\nvalue = \"arr\"\n");
        let coverage = [self.coverage[0], self.coverage[1], "source"];
        for (source, coverage) in ["events", "usage", "subscriptions"].into_iter().zip(coverage) {
            let _ = write!(
                text,
                "[sources.{source}]\npath = \"s.csv\"\nid = \"id\"\nat = \"at\"\nrecord_id = \"record\"\n"
            );
            let _ = write!(
                text,
                "created = \"created\"\nsuperseded = \"superseded\"\ncoverage = \"{coverage}\"\n"
            );
            let _ = writeln!(text, "blind_spot = \"{}\"", self.blind_spot);
        }
        text.push_str("[indicators]\ntenure = { tenure = \"days\" }\n");
        for (number, indicator) in self.indicators.iter().enumerate() {
            let _ = writeln!(text, "i{number} = {indicator}");
        }
        for (number, formula) in self.formulas.iter().enumerate() {
            // The first formula must not read itself.
            let formula =
                if number == 0 { formula.replace("f0", "i1") } else { (*formula).to_owned() };
            let _ = writeln!(text, "f{number} = {{ formula = \"{formula}\" }}");
        }
        let _ = writeln!(text, "[snapshots]\nevery = \"{}\"", self.every);
        if !self.default_grid {
            let _ = writeln!(text, "from = {}\nto = {}", self.from, self.to());
        }
        for outcome in ["churn", "acquired", "reactivation", "expansion"] {
            let _ = write!(
                text,
                "[outcomes.{outcome}]\npath = \"o.csv\"\nid = \"id\"\nat = \"at\"\nknown = \"known\"\n"
            );
        }
        let _ = writeln!(text, "[outcomes.ended]\nterminal = {}", self.spans_end_accounts);
        let _ = writeln!(
            text,
            "spans = {{ source = \"subscriptions\", start = \"start\", end = \"closed\", grace = \"{}\" }}",
            self.grace
        );
        self.write_labels(&mut text);
        text.push_str("[recorded_scores.vendor]\npath = \"r.csv\"\nid = \"id\"\nat = \"at\"\nscore = \"score\"\n");
        if let Some(max_age) = self.max_age {
            let _ = writeln!(text, "max_age = \"{max_age}\"");
        }
        text
    }

    fn write_labels(&self, text: &mut String) {
        let competing = if self.competing { "competing = [\"acquired\", \"ended\"]\n" } else { "" };
        let filter =
            self.inactive_filter.map_or(String::new(), |filter| format!(", where = \"{filter}\""));
        let labels = [
            ("churned", format!("outcome = \"churn\"\n{competing}")),
            ("span_over", "outcome = \"ended\"\n".to_owned()),
            (
                "quiet",
                format!(
                    "inactive = {{ source = \"events\", within = \"{}\"{filter} }}\n",
                    self.within
                ),
            ),
            ("grown", "outcome = \"expansion\"\ncompeting = [\"churn\"]\n".to_owned()),
        ];
        for ((name, question), _) in labels.iter().zip(self.labels).filter(|(_, wanted)| *wanted) {
            let _ = write!(
                text,
                "[labels.{name}]\nlead_time = \"{}\"\nhorizon = \"{}\"\n{question}",
                self.lead_time, self.horizon
            );
        }
    }

    fn project(&self) -> Project {
        read_project("chs.toml", &self.text())
            .unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{}", self.text()))
    }
}

/// A row of a source.
#[derive(Clone, Debug)]
struct Event {
    account: u32,
    at: Micros,
    known: Micros,
    known_by_event: bool,
    superseded: Micros,
    record: Option<String>,
    amount: f64,
    price: f64,
    quantity: f64,
    word: Option<&'static str>,
    code: Option<&'static str>,
    closed: Option<Micros>,
    start: Option<Micros>,
    tie: u8,
}

/// The rows that a history is made of.
#[derive(Clone, Debug)]
struct Tables {
    starts: Vec<Vec<Micros>>,
    sources: Vec<Vec<Event>>,
    /// Account, date, known.
    outcomes: Vec<Vec<(u32, Micros, Micros)>>,
    follow_up_ends: Vec<Date>,
    /// Account, date, score, tie.
    scores: Vec<(u32, Micros, f64, u8)>,
    as_of: Option<Date>,
}

/// Instants of the snapshots of a case, and what else turns a draw into rows.
struct Resolver {
    instants: Vec<Micros>,
    accounts: usize,
    blind_spot: Span,
    style: u8,
}

impl Resolver {
    fn near(&self, near: &Near) -> Micros {
        let snapshot = *near.snapshot.get(&self.instants);
        let [back, further] = [near.back, near.further].map(|span| span.parse::<Span>().unwrap());
        let moved = if near.ahead {
            plus(plus(snapshot, back), further)
        } else {
            minus(minus(snapshot, back), further)
        };
        moved + near.offset
    }

    fn account(&self, index: &Index) -> u32 {
        u32::try_from(index.index(self.accounts)).unwrap()
    }

    fn known(&self, known: &Known, at: Micros, blind_spot: Span) -> Micros {
        match known {
            Known::ByEvent => plus(at, blind_spot),
            Known::After(delay) => at + delay,
            Known::At(near) => self.near(near),
        }
    }

    fn amount(&self, (mantissa, places, ragged): &(i32, u32, Index)) -> f64 {
        let decimal = f64::from(*mantissa) / 10_f64.powi(i32::try_from(*places).unwrap());
        match self.style {
            0 => f64::from(*mantissa),
            1 => decimal,
            2 if places % 2 == 0 => *ragged.get(&RAGGED),
            2 => decimal,
            _ => {
                format!("{mantissa}{}.{places}7", "0".repeat(*places as usize * 2)).parse().unwrap()
            }
        }
    }

    fn event(&self, row: &DrawnRow) -> Event {
        let at = self.near(&row.at);
        let closed = row.closed.as_ref().map(|closed| self.near(closed));
        let quantity = row.quantity.map_or(f64::NAN, f64::from);
        Event {
            account: self.account(&row.account),
            at,
            known: self.known(&row.known, at, self.blind_spot),
            known_by_event: matches!(row.known, Known::ByEvent),
            superseded: row.superseded.as_ref().map_or(NEVER, |end| self.near(end)),
            record: row.record.map(|record| format!("r{record}")),
            amount: row.amount.as_ref().map_or(f64::NAN, |amount| self.amount(amount)),
            price: if self.style == 2 { 0.1 } else { 0.25 },
            quantity,
            word: row.word,
            code: row.code,
            closed,
            start: Some(at),
            tie: row.tie,
        }
    }
}

impl Case {
    fn resolver(&self) -> Resolver {
        let days = days_from(self.plan.from, self.plan.to(), self.plan.every.parse().unwrap());
        Resolver {
            instants: days.into_iter().map(midnight_after).collect(),
            accounts: self.accounts,
            blind_spot: self.plan.blind_spot.parse().unwrap(),
            style: self.style,
        }
    }

    fn tables(&self) -> Tables {
        let resolver = self.resolver();
        let mut starts: Vec<Vec<Micros>> = (0..self.accounts).map(|_| Vec::new()).collect();
        for (number, list) in starts.iter_mut().enumerate() {
            // Most accounts start early, so that there is something to see.
            if number % 4 != 3 {
                list.push(resolver.instants[0] - 200 * DAY);
            }
        }
        for (account, start) in &self.starts {
            starts[resolver.account(account) as usize].push(resolver.near(start));
        }
        starts.iter_mut().for_each(|list| list.sort_unstable());
        let mut sources: Vec<Vec<Event>> = self
            .sources
            .iter()
            .map(|rows| rows.iter().map(|row| resolver.event(row)).collect())
            .collect();
        for row in &mut sources[2] {
            row.closed = row.closed.map(|end| end.max(row.at));
            row.start = (row.tie > 0 || row.closed.is_none()).then_some(row.at);
        }
        let outcome = |row: &DrawnOutcome| {
            let at = resolver.near(&row.at);
            (resolver.account(&row.account), at, resolver.known(&row.known, at, Span::days(0)))
        };
        let score = |row: &DrawnScore| {
            let score = row.score.map_or(f64::NAN, |score| f64::from(score) / 10.0);
            (resolver.account(&row.account), resolver.near(&row.at), score, row.tie)
        };
        Tables {
            starts,
            sources,
            outcomes: self.outcomes.iter().map(|rows| rows.iter().map(outcome).collect()).collect(),
            follow_up_ends: self
                .follow_up_ends
                .iter()
                .map(|end| day_of(plus(resolver.near(end), Span::days(60))))
                .collect(),
            scores: self.scores.iter().map(score).collect(),
            as_of: self.as_of.as_ref().map(|near| day_of(resolver.near(near))),
        }
    }
}

impl Tables {
    fn history(&self, project: &Project) -> History {
        let sources: Vec<SourceRows> = self.sources.iter().map(|rows| source_rows(rows)).collect();
        let mut outcomes = Vec::new();
        for (number, plan) in project.outcomes.iter().enumerate() {
            let follow_up_end = self.follow_up_ends[number];
            let rows = match &plan.origin {
                OutcomeOrigin::Spans { source, start, end, grace } => ends_of_spans(
                    &sources[*source],
                    [&start.value, &end.value],
                    *grace,
                    follow_up_end,
                ),
                _ => self.outcomes[number].clone(),
            };
            outcomes.push(OutcomeRows {
                account: rows.iter().map(|(account, ..)| *account).collect(),
                at: rows.iter().map(|(_, at, _)| *at).collect(),
                known: rows.iter().map(|(.., known)| *known).collect(),
                follow_up_end: Some(follow_up_end),
                follow_up_declared: true,
            });
        }
        let recorded = RecordedRows {
            account: self.scores.iter().map(|(account, ..)| *account).collect(),
            at: self.scores.iter().map(|(_, at, ..)| *at).collect(),
            score: self.scores.iter().map(|(_, _, score, _)| *score).collect(),
            row_bytes: self
                .scores
                .iter()
                .map(|row| format!("{}{row:?}", row.3).into_bytes().into_boxed_slice())
                .collect(),
        };
        History {
            accounts: self.accounts(),
            sources,
            outcomes,
            recorded_scores: vec![recorded],
            as_of: self.as_of,
        }
    }

    fn accounts(&self) -> AccountTable {
        let ids: Vec<String> = (0..self.starts.len()).map(|number| format!("a{number}")).collect();
        let plans =
            (0..ids.len()).map(|number| if number == 1 { None } else { Some(WORDS[number % 2]) });
        let values =
            (0..ids.len()).map(|number| if number == 2 { f64::NAN } else { number as f64 * 1.1 });
        AccountTable {
            starts: self.starts.clone(),
            segments: vec![Named {
                name: "plan".to_owned(),
                column: WordColumn::from_words(plans),
            }],
            value: Some(NumberColumn::new(values.collect())),
            ids,
        }
    }
}

fn source_rows(rows: &[Event]) -> SourceRows {
    let numbers = |number: fn(&Event) -> f64| Column::Numbers(rows.iter().map(number).collect());
    let columns = [
        ("amount", numbers(|row| row.amount)),
        ("price", numbers(|row| row.price)),
        ("quantity", numbers(|row| row.quantity)),
        ("word", Column::Words(words(rows.iter().map(|row| row.word)))),
        ("code", Column::Words(words(rows.iter().map(|row| row.code)))),
    ];
    let times = [
        ("closed", rows.iter().map(|row| row.closed).collect()),
        ("start", rows.iter().map(|row| row.start).collect()),
    ];
    SourceRows {
        account: rows.iter().map(|row| row.account).collect(),
        at: rows.iter().map(|row| row.at).collect(),
        known: rows.iter().map(|row| row.known).collect(),
        known_by_event: rows.iter().map(|row| row.known_by_event).collect(),
        superseded: rows.iter().map(|row| row.superseded).collect(),
        record_id: Some(words(rows.iter().map(|row| row.record.as_deref()))),
        columns: columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect(),
        times: times.into_iter().map(|(name, column)| (name.to_owned(), column)).collect(),
        row_bytes: rows.iter().map(Event::bytes).collect(),
    }
}

impl Event {
    /// The row as bytes; the end of a version is told by other rows.
    fn bytes(&self) -> Box<[u8]> {
        let row = Self { superseded: NEVER, ..self.clone() };
        format!("{}{row:?}", row.tie).into_bytes().into_boxed_slice()
    }
}

/// Each distinct text once, in order of first appearance.
fn words<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Words {
    let mut found = Words::default();
    let mut index: BTreeMap<&str, u32> = BTreeMap::new();
    for text in texts {
        let code = text.map(|text| {
            *index.entry(text).or_insert_with(|| {
                found.words.push(text.to_owned());
                u32::try_from(found.words.len() - 1).unwrap()
            })
        });
        found.codes.push(code);
    }
    found
}

// What is compared.

fn rows_of(panel: Option<&Panel>) -> Rows {
    panel.map_or_else(Vec::new, rows_of_panel)
}

fn rows_of_panel(panel: &Panel) -> Rows {
    (0..panel.len())
        .map(|row| Row {
            snapshot: panel.snapshot()[row],
            account: panel.account_id(row).to_owned(),
            segments: panel
                .segments()
                .iter()
                .map(|segment| Value::word(segment.column.get(row)))
                .collect(),
            value: Value::number(panel.value().and_then(|value| value.get(row))),
            indicators: panel
                .indicators()
                .iter()
                .map(|indicator| match &indicator.column {
                    IndicatorValues::Numbers(numbers) => Value::number(numbers.get(row)),
                    IndicatorValues::Words(words) => Value::word(words.get(row)),
                })
                .collect(),
            labels: panel
                .labels()
                .iter()
                .map(|label| (label.states[row], label.settled[row]))
                .collect(),
            recorded: panel
                .recorded_scores()
                .iter()
                .map(|score| Value::number(score.column.get(row)))
                .collect(),
        })
        .collect()
}

/// The panel; none where no account is at risk at any snapshot.
fn fast(project: &Project, history: &History) -> Option<Panel> {
    match replay(project, history) {
        Ok(panel) => Some(panel),
        Err(ReplayError::NoSnapshot | ReplayError::NobodyAtRisk { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// What was known at the snapshots up to `t`: everything but the labels.
fn seen_until(panel: Option<&Panel>, t: Micros) -> Rows {
    let mut rows = rows_of(panel);
    rows.retain(|row| midnight_after(row.snapshot) <= t);
    for row in &mut rows {
        row.labels.clear();
        // Whether a column holds numbers or words is a matter of all its rows, and nothing else is.
        for value in &mut row.indicators {
            if let Value::Word(text) = value {
                *value = as_number(text).map_or_else(|| value.clone(), Value::Number);
            }
        }
    }
    rows
}

/// Rows in the order of `ranking`, in which each number below its length stands once.
fn reordered<T: Clone>(rows: &[T], ranking: &[usize]) -> Vec<T> {
    ranking.iter().filter_map(|place| rows.get(*place).cloned()).collect()
}

fn ranking() -> impl Strategy<Value = Vec<usize>> {
    Just((0..32).collect::<Vec<usize>>()).prop_shuffle()
}

/// What is done to a row that is not known yet.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Keep,
    Drop,
    Replace,
}

/// Rows that are not known before `t` kept, dropped, replaced, and strangers added.
fn edited<T: Clone>(
    rows: &[T],
    strangers: &[T],
    edits: &[Edit],
    unknown: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut left = Vec::new();
    for (number, (row, edit)) in rows.iter().zip(edits).enumerate() {
        match edit {
            Edit::Drop if unknown(row) => {}
            Edit::Replace if unknown(row) => left.extend(strangers.get(number).cloned()),
            _ => left.push(row.clone()),
        }
    }
    left.extend(strangers.iter().cloned());
    left
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_replay_equals_the_brute_force(case in case()) {
        let project = case.plan.project();
        let history = case.tables().history(&project);
        let (found, expected) = (rows_of(fast(&project, &history).as_ref()), brute_force(&project, &history));
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(found, expected, "{}", project.text);
        }
        prop_assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn the_order_of_rows_does_not_show(case in case(), ranking in ranking()) {
        let project = case.plan.project();
        let tables = case.tables();
        let mut shuffled = tables.clone();
        for rows in &mut shuffled.sources {
            *rows = reordered(rows, &ranking);
        }
        for rows in &mut shuffled.outcomes {
            *rows = reordered(rows, &ranking);
        }
        shuffled.scores = reordered(&shuffled.scores, &ranking);
        let panel = fast(&project, &tables.history(&project));
        prop_assert_eq!(fast(&project, &shuffled.history(&project)), panel);
    }

    #[test]
    fn what_was_not_known_does_not_show(
        case in case(),
        others in case(),
        snapshot in any::<Index>(),
        edits in prop::collection::vec(select(vec![Edit::Keep, Edit::Drop, Edit::Replace]), 32),
    ) {
        let mut case = case;
        case.plan.default_grid = false;
        let project = case.plan.project();
        let t = *snapshot.get(&case.resolver().instants);
        let tables = case.tables();
        // The same project and days, other rows, none of them known before `t`.
        let strangers = Case { plan: case.plan.clone(), accounts: case.accounts, ..others }.tables();
        let mut later = tables.clone();
        for (rows, strangers) in later.sources.iter_mut().zip(&strangers.sources) {
            let unknown = |row: Event| Event { known: row.known.max(t), known_by_event: row.known_by_event && row.known >= t, ..row };
            let strangers: Vec<Event> = strangers.iter().cloned().map(unknown).collect();
            *rows = edited(rows, &strangers, &edits, |row| row.known >= t);
            // Nor was it known when versions would end.
            for (row, edit) in rows.iter_mut().zip(&edits) {
                if row.superseded >= t && matches!(edit, Edit::Replace) {
                    row.superseded = t;
                }
            }
        }
        for (rows, strangers) in later.outcomes.iter_mut().zip(&strangers.outcomes) {
            let strangers: Vec<_> = strangers.iter().map(|(account, at, known)| (*account, *at, *known.max(&t))).collect();
            *rows = edited(rows, &strangers, &edits, |(.., known)| *known >= t);
        }
        let scores: Vec<_> = strangers.scores.iter().map(|(account, at, score, tie)| (*account, *at.max(&t), *score, *tie)).collect();
        later.scores = edited(&later.scores, &scores, &edits, |(_, at, ..)| *at >= t);
        for starts in &mut later.starts {
            starts.retain(|start| *start < t);
        }
        later.follow_up_ends = strangers.follow_up_ends;
        let before = seen_until(fast(&project, &tables.history(&project)).as_ref(), t);
        prop_assert_eq!(seen_until(fast(&project, &later.history(&project)).as_ref(), t), before, "{}", project.text);
    }

    #[test]
    fn the_number_of_threads_does_not_show(case in case()) {
        let project = case.plan.project();
        let history = case.tables().history(&project);
        let [one, two] = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fast(&project, &history))
        });
        prop_assert_eq!(one, two);
    }
}
