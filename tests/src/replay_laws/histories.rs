//! Draws -> the project file and the tables of a history.

use std::collections::BTreeMap;
use std::fmt::Write;

use chs_data::{
    AccountTable, Code, Column, DAY, History, Micros, NEVER, OutcomeOrigin, OutcomeRows, Project,
    RecordedRows, SourceRows, Words, day_of, midnight_after, minus, plus, read_project,
};
use chs_panel::{Named, NumberColumn, Span, WordColumn};
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::sample::Index;

use super::draws::{
    Bound, Case, DrawnOutcome, DrawnRow, DrawnScore, DrawnVersion, Known, LaterPlan, Near, Plan,
    RAGGED,
};
use crate::replay_oracle::{changes_of_levels, days_from, ends_of_spans};

impl Plan {
    fn to(&self) -> Date {
        self.from.saturating_add(self.days.days())
    }

    fn text(&self) -> String {
        let mut text = "spec_version = 1\n".to_owned();
        text.push_str("[accounts]\npath = \"a.csv\"\nid = \"id\"\nstart = \"start\"\nsegments = [\"plan\"]\nvalue = \"arr\"\n");
        let _ = match self.valid_from {
            Some(column) => writeln!(text, "valid_from = \"{column}\""),
            None => writeln!(text, "immutable = [\"arr\", \"seats\", \"tier\"]"),
        };
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
            let inclusive = self.later.ended_inclusive;
            let _ = writeln!(text, "ended = \"closed\"\nended_inclusive = {inclusive}");
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
        for (number, attribute) in self.attributes.iter().enumerate() {
            let _ = writeln!(text, "a{number} = {{ {attribute} }}");
        }
        text.push_str("[snapshots]\n");
        let _ = match &self.later.anchor {
            None => writeln!(text, "every = \"{}\"", self.every),
            Some((anchor, offsets)) => {
                writeln!(text, "anchor = \"{anchor}\"\noffsets = {offsets:?}")
            }
        };
        if !self.default_grid {
            let _ = writeln!(text, "from = {}\nto = {}", self.from, self.to());
        }
        for outcome in ["churn", "acquired", "reactivation", "expansion"] {
            let _ = write!(
                text,
                "[outcomes.{outcome}]\npath = \"o.csv\"\nid = \"id\"\nat = \"at\"\nknown = \"known\"\n"
            );
        }
        self.write_renewals(&mut text);
        let _ = writeln!(text, "[outcomes.ended]\nterminal = {}", self.spans_end_accounts);
        let _ = writeln!(
            text,
            "spans = {{ source = \"subscriptions\", start = \"start\", end = \"closed\", grace = \"{}\" }}",
            self.grace
        );
        self.write_changes(&mut text);
        self.write_labels(&mut text);
        text.push_str("[recorded_scores.vendor]\npath = \"r.csv\"\nid = \"id\"\nat = \"at\"\nscore = \"score\"\n");
        if let Some(max_age) = self.max_age {
            let _ = writeln!(text, "max_age = \"{max_age}\"");
        }
        text
    }

    fn write_renewals(&self, text: &mut String) {
        let renewals =
            "[outcomes.renewal]\npath = \"o.csv\"\nid = \"id\"\nat = \"at\"\nknown = \"known\"\n";
        text.push_str(renewals);
        if self.decides() {
            text.push_str(
                "kind = { column = \"kind\", keep = [\"lost\", \"renewed\", \"postponed\"] }\n",
            );
        }
        if let Some(terminal) = self.later.renewals_end_accounts {
            let _ = writeln!(text, "terminal = {terminal}");
        }
    }

    fn write_changes(&self, text: &mut String) {
        let LaterPlan { added, direction, at_least, edges, declines, .. } = &self.later;
        let _ = write!(
            text,
            "[outcomes.contraction]\nchange = {{ source = \"subscriptions\", sum = \"{added}\", direction = \"{direction}\", at_least = {at_least} }}\n"
        );
        let names: Vec<String> = (0..=edges.len()).map(|number| format!("n{number}")).collect();
        let from = self.numeric_indicator(*declines);
        let _ = write!(
            text,
            "[segments.size]\nfrom = \"{from}\"\nedges = {edges:?}\nnames = {names:?}\n"
        );
    }

    /// An indicator that is never one of words, and reads a source.
    fn numeric_indicator(&self, which: Index) -> String {
        let numeric = |(_, indicator): &(usize, &String)| !indicator.contains("latest");
        let numbers = self.indicators.iter().enumerate().filter(numeric);
        let mut names: Vec<String> = numbers.map(|(number, _)| format!("i{number}")).collect();
        let reads = |formula: &&str| formula.contains("i0") || formula.contains("i1");
        let formulas = self.formulas.iter().enumerate().filter(|(_, formula)| reads(formula));
        names.extend(formulas.map(|(number, _)| format!("f{number}")));
        if names.is_empty() { "tenure".to_owned() } else { which.get(&names).clone() }
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
            (
                "not_renewed",
                "decision = { outcome = \"renewal\", lost = [\"lost\"], kept = [\"renewed\"] }\n"
                    .to_owned(),
            ),
            ("smaller", self.decline()),
            ("contracted", "outcome = \"contraction\"\n".to_owned()),
        ];
        let later = self.later.labels;
        let wanted = self.labels.into_iter().chain([
            later[0],
            later[1] && !self.decline().is_empty(),
            later[2],
        ]);
        for ((name, question), _) in labels.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            let _ = write!(
                text,
                "[labels.{name}]\nlead_time = \"{}\"\nhorizon = \"{}\"\n{question}",
                self.lead_time, self.horizon
            );
        }
    }

    /// The question of a decline; empty where no indicator can decline.
    fn decline(&self) -> String {
        match self.numeric_indicator(self.later.declines) {
            tenure if tenure == "tenure" => String::new(),
            indicator => {
                let below = self.later.below;
                format!("decline = {{ indicator = \"{indicator}\", below = {below} }}\n")
            }
        }
    }

    pub(super) fn project(&self) -> Project {
        let file = read_project("chs.toml", &self.text())
            .unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{}", self.text()));
        file.history().unwrap().clone()
    }
}

/// A row of a source.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) account: u32,
    pub(super) at: Micros,
    pub(super) known: Micros,
    pub(super) known_by_event: bool,
    pub(super) superseded: Micros,
    pub(super) record: Option<String>,
    pub(super) amount: f64,
    pub(super) price: f64,
    pub(super) quantity: f64,
    pub(super) word: Option<&'static str>,
    pub(super) code: Option<&'static str>,
    pub(super) closed: Option<Micros>,
    pub(super) start: Option<Micros>,
    pub(super) tie: u8,
}

/// A row of an outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) account: u32,
    pub(super) at: Micros,
    pub(super) known: Micros,
    pub(super) kind: Option<&'static str>,
}

impl Outcome {
    /// Account, date, and when known: never, where decisions are made of it and this one is open.
    fn known_if(&self, decides: bool) -> (u32, Micros, Micros) {
        let is_open = decides && self.kind.is_none();
        (self.account, self.at, if is_open { NEVER } else { self.known })
    }
}

/// A row of the accounts table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    pub(super) account: u32,
    pub(super) valid_from: Micros,
    pub(super) seats: f64,
    pub(super) tier: Option<&'static str>,
}

/// The rows that a history is made of.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) starts: Vec<Vec<Micros>>,
    pub(super) versions: Vec<Version>,
    pub(super) sources: Vec<Vec<Entry>>,
    pub(super) outcomes: Vec<Vec<Outcome>>,
    pub(super) follow_up_ends: Vec<Date>,
    /// Account, date, score, tie.
    pub(super) scores: Vec<(u32, Micros, f64, u8)>,
    pub(super) as_of: Option<Date>,
}

/// Instants of the snapshots of a case, and what else turns a draw into rows.
pub(super) struct Resolver {
    pub(super) instants: Vec<Micros>,
    pub(super) accounts: usize,
    pub(super) blind_spot: Span,
    pub(super) lead_time: Span,
    pub(super) horizon: Span,
    pub(super) style: u8,
}

impl Resolver {
    fn near(&self, near: &Near) -> Micros {
        let span = |text: &str| text.parse::<Span>().unwrap();
        let snapshot = *near.snapshot.get(&self.instants);
        let bound = match near.bound {
            Bound::Before(first, second) => minus(minus(snapshot, span(first)), span(second)),
            Bound::After(first, second) => plus(plus(snapshot, span(first)), span(second)),
            Bound::LabelStart => plus(snapshot, self.lead_time),
            Bound::LabelEnd => plus(plus(snapshot, self.lead_time), self.horizon),
        };
        bound + near.offset
    }

    fn account(&self, index: Index) -> u32 {
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
            2 if places % 2 == 0 => *ragged.get(&RAGGED),
            1 | 2 => decimal,
            _ => {
                format!("{mantissa}{}.{places}7", "0".repeat(*places as usize * 2)).parse().unwrap()
            }
        }
    }

    fn event(&self, row: &DrawnRow) -> Entry {
        let at = self.near(&row.at);
        let closed = row.closed.as_ref().map(|closed| self.near(closed));
        let quantity = row.quantity.map_or(f64::NAN, f64::from);
        Entry {
            account: self.account(row.account),
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
    pub(super) fn resolver(&self) -> Resolver {
        let days = days_from(self.plan.from, self.plan.to(), self.plan.every.parse().unwrap());
        Resolver {
            instants: days.into_iter().map(midnight_after).collect(),
            accounts: self.accounts,
            blind_spot: self.plan.blind_spot.parse().unwrap(),
            lead_time: self.plan.lead_time.parse().unwrap(),
            horizon: self.plan.horizon.parse().unwrap(),
            style: self.style,
        }
    }

    /// Rows of the accounts table: any number with dates, or one for each account.
    fn versions(&self, resolver: &Resolver) -> Vec<Version> {
        let version = |number: usize, drawn: &DrawnVersion| {
            let seats = drawn.seats.map_or(f64::NAN, f64::from);
            let (account, valid_from) = if self.plan.valid_from.is_some() {
                (resolver.account(drawn.account), resolver.near(&drawn.valid_from))
            } else {
                (u32::try_from(number).unwrap(), Micros::MIN)
            };
            Version { account, valid_from, seats, tier: drawn.tier }
        };
        let versions = self.versions.iter().enumerate();
        let versions = versions.map(|(number, drawn)| version(number, drawn));
        let wanted =
            if self.plan.valid_from.is_some() { self.versions.len() } else { self.accounts };
        versions.take(wanted).collect()
    }

    pub(super) fn tables(&self) -> Tables {
        let resolver = self.resolver();
        let mut starts: Vec<Vec<Micros>> = (0..self.accounts).map(|_| Vec::new()).collect();
        for (number, list) in starts.iter_mut().enumerate() {
            // Most accounts start early, so that there is something to see.
            if number % 4 != 3 {
                list.push(resolver.instants[0] - 200 * DAY);
            }
        }
        for (account, start, onto) in &self.starts {
            let churned = onto
                .filter(|_| !self.outcomes[0].is_empty())
                .map(|onto| onto.get(&self.outcomes[0]));
            let (account, start) =
                churned.map_or((account, start), |churn| (&churn.account, &churn.at));
            starts[resolver.account(*account) as usize].push(resolver.near(start));
        }
        for list in &mut starts {
            list.sort_unstable();
        }
        let mut sources: Vec<Vec<Entry>> = self
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
            let known = resolver.known(&row.known, at, Span::days(0));
            Outcome { account: resolver.account(row.account), at, known, kind: row.kind }
        };
        let score = |row: &DrawnScore| {
            let score = row.score.map_or(f64::NAN, |score| f64::from(score) / 10.0);
            (resolver.account(row.account), resolver.near(&row.at), score, row.tie)
        };
        Tables {
            starts,
            versions: self.versions(&resolver),
            sources,
            outcomes: self.outcomes.iter().map(|rows| rows.iter().map(outcome).collect()).collect(),
            follow_up_ends: self
                .follow_up_ends
                .iter()
                .map(|end| day_of(plus(resolver.near(end), Span::days(180))))
                .collect(),
            scores: self.scores.iter().map(score).collect(),
            as_of: self.as_of.as_ref().map(|near| day_of(resolver.near(near))),
        }
    }
}

impl Tables {
    pub(super) fn history(&self, project: &Project) -> History {
        let sources: Vec<SourceRows> = self
            .sources
            .iter()
            .map(|rows| source_rows(rows).by_account(self.starts.len()))
            .collect();
        let mut outcomes = Vec::new();
        for (number, plan) in project.outcomes.iter().enumerate() {
            let follow_up_end = self.follow_up_ends[number];
            let decides = project.decisions(number).next().is_some();
            let rows = match &plan.origin {
                OutcomeOrigin::Spans { source, start, end, grace } => ends_of_spans(
                    &sources[*source],
                    [&start.value, &end.value],
                    *grace,
                    follow_up_end,
                ),
                OutcomeOrigin::Change { source, sum, direction, at_least } => changes_of_levels(
                    &project.sources[*source],
                    &sources[*source],
                    sum,
                    (*direction, *at_least),
                ),
                _ => self.outcomes[number].iter().map(|row| row.known_if(decides)).collect(),
            };
            outcomes.push(OutcomeRows {
                account: rows.iter().map(|(account, ..)| *account).collect(),
                at: rows.iter().map(|(_, at, _)| *at).collect(),
                known: rows.iter().map(|(.., known)| *known).collect(),
                kind: decides.then(|| words(self.outcomes[number].iter().map(|row| row.kind))),
                follow_up_end: Some(follow_up_end),
                // Whether it was declared matters for competing outcomes: both occur.
                follow_up_declared: follow_up_end.day() % 2 == 0,
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
        let mut versions = self.versions.clone();
        versions.sort_by_key(|version| (version.account, version.valid_from));
        let tiers = || versions.iter().map(|version| version.tier);
        let seats = || versions.iter().map(|version| version.seats);
        let attributes = [
            ("seats".to_owned(), Column::Numbers(seats().collect())),
            ("tier".to_owned(), Column::Words(words(tiers()))),
        ];
        AccountTable {
            ids,
            starts: self.starts.clone(),
            versions: versions.iter().map(|own| (own.account, own.valid_from)).collect(),
            segments: vec![Named {
                name: "plan".to_owned(),
                column: WordColumn::from_words(tiers()),
            }],
            value: Some(NumberColumn::new(seats().map(|seats| seats * 1.1).collect())),
            attributes: attributes.into(),
        }
    }
}

fn source_rows(rows: &[Entry]) -> SourceRows {
    let numbers = |number: fn(&Entry) -> f64| Column::Numbers(rows.iter().map(number).collect());
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
        starts: Vec::new(),
        at: rows.iter().map(|row| row.at).collect(),
        known: rows.iter().map(|row| row.known).collect(),
        known_by_event: rows.iter().map(|row| row.known_by_event).collect(),
        superseded: rows.iter().map(|row| row.superseded).collect(),
        record_id: Some(words(rows.iter().map(|row| row.record.as_deref()))),
        columns: columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect(),
        times: times.into_iter().map(|(name, column)| (name.to_owned(), column)).collect(),
        row_bytes: rows.iter().map(Entry::bytes).collect(),
        places: Vec::new(),
    }
}

impl Entry {
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
        found.codes.push(Code::new(code));
    }
    found
}
