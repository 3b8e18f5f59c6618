//! The replay by brute force: for every snapshot, account and cell a scan of all rows, and the rule read
//! off the page. Slow and plain on purpose; the laws hold the fast replay against it, bit by bit.

use chs_data::{
    Cell, History, LabelPlan, Micros, NEVER, OutcomeOrigin, ParsedExpression, Project, Question,
    RecordedRows, SourceRows, day_of, midnight_after, minus, plus,
};
use chs_panel::{LabelState, NextOutcome, Span};
use jiff::ToSpan;
use jiff::civil::Date;

mod after;
mod anchors;
mod levels;
mod verbs;

use anchors::{days_of_grid, is_taken};
pub(crate) use levels::changes_of_levels;
use verbs::{CIVIL_DAY, divided, millionths, number};

/// What a panel says, row by row, sorted by snapshot and account.
pub(crate) type Rows = Vec<Row>;

/// One account at one snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) snapshot: Date,
    pub(crate) account: String,
    pub(crate) segments: Vec<Value>,
    pub(crate) value: Value,
    pub(crate) indicators: Vec<Value>,
    /// State, day of settlement and the outcome that comes next, per label.
    pub(crate) labels: Vec<LabelRow>,
    pub(crate) recorded: Vec<Value>,
}

/// What a label says of a row.
pub(crate) type LabelRow = (Option<LabelState>, Option<Date>, Option<NextOutcome>);

/// A cell; numbers are equal if their bits are.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Missing,
    Number(f64),
    Word(String),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Missing, Self::Missing) => true,
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Word(a), Self::Word(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    pub(crate) fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }

    pub(crate) fn word(word: Option<&str>) -> Self {
        word.map_or(Self::Missing, |word| Self::Word(word.to_owned()))
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Null,
            Self::Number(number) => Cell::Number(*number),
            Self::Word(word) => Cell::Text(word),
        }
    }
}

/// The panel of a history.
pub(crate) fn brute_force(project: &Project, history: &History) -> Rows {
    let mut rows = Vec::new();
    for snapshot in days_of_grid(&project.snapshots, history) {
        for (account, id) in (0_u32..).zip(&history.accounts.ids) {
            if !is_taken(&project.snapshots, history, (account, snapshot)) {
                continue;
            }
            let moment = Moment { project, history, account, t: midnight_after(snapshot) };
            let labels: Vec<_> = project.labels.iter().map(|label| moment.label(label)).collect();
            if labels.iter().any(|(state, ..)| state.is_some()) {
                rows.push(moment.row(snapshot, id, labels));
            }
        }
    }
    rows
}

/// Whole steps from the first day, each counted from that day.
pub(crate) fn days_from(from: Date, to: Date, every: Span) -> Vec<Date> {
    let months = every.whole_months();
    let step = |number: u32| {
        if months == 0 {
            let days = i64::from(number) * every.minutes() / (24 * 60);
            return from.saturating_add(days.days());
        }
        let month = from.first_of_month().saturating_add(i64::from(number * months).months());
        let last_day = from == from.last_of_month() || from.day() > month.days_in_month();
        if last_day {
            month.last_of_month()
        } else {
            month.saturating_add(i64::from(from.day() - 1).days())
        }
    };
    (0_u32..10_000).map(step).take_while(|day| *day <= to).collect()
}

/// An account at the instant of a snapshot.
struct Moment<'a> {
    project: &'a Project,
    history: &'a History,
    account: u32,
    /// Knowledge is what was known strictly before it.
    t: Micros,
}

impl<'a> Moment<'a> {
    fn row(&self, snapshot: Date, id: &str, labels: Vec<LabelRow>) -> Row {
        let (accounts, version) = (&self.history.accounts, self.version());
        Row {
            snapshot,
            account: id.to_owned(),
            segments: accounts
                .segments
                .iter()
                .map(|segment| Value::word(version.and_then(|version| segment.column.get(version))))
                .chain(self.project.segments.iter().map(|segment| self.segment(segment)))
                .collect(),
            value: Value::number(accounts.value.as_ref().and_then(|value| value.get(version?))),
            indicators: (0..self.project.indicators.len())
                .map(|index| self.indicator(index))
                .collect(),
            labels,
            recorded: self.recorded_scores(),
        }
    }

    fn starts(&self) -> &'a [Micros] {
        &self.history.accounts.starts[self.account as usize]
    }

    /// The version of the account's attributes that held: the last that was valid before the snapshot.
    fn version(&self) -> Option<usize> {
        let versions = self.history.accounts.versions.iter().enumerate();
        let held = versions
            .filter(|(_, (account, valid_from))| *account == self.account && *valid_from < self.t);
        held.max_by_key(|(index, (_, valid_from))| (*valid_from, *index)).map(|(index, _)| index)
    }

    /// Rows of the account, whenever known.
    fn own_rows(&self, rows: &'a SourceRows) -> impl Iterator<Item = usize> + use<'a> {
        let account = self.account;
        (0..rows.len()).filter(move |row| rows.account[*row] == account)
    }

    /// Rows of the account in the version known at the snapshot.
    fn known_rows(&self, rows: &'a SourceRows) -> impl Iterator<Item = usize> + use<'a> {
        let t = self.t;
        self.own_rows(rows).filter(move |row| rows.known(*row) < t && rows.superseded(*row) >= t)
    }
}

// Scores of other systems.
impl Moment<'_> {
    fn recorded_scores(&self) -> Vec<Value> {
        let plans = self.project.recorded_scores.iter().zip(&self.history.recorded_scores);
        plans.map(|(plan, rows)| self.recorded_score(rows, plan.max_age)).collect()
    }

    fn recorded_score(&self, rows: &RecordedRows, max_age: Option<Span>) -> Value {
        let oldest = max_age.map_or(Micros::MIN, |age| minus(self.t, age));
        let stands = |row: &usize| {
            rows.account[*row] == self.account
                && (oldest..self.t).contains(&rows.at[*row])
                && !rows.score[*row].is_nan()
        };
        let last = (0..rows.at.len())
            .filter(stands)
            .max_by_key(|row| (rows.at[*row], &rows.row_bytes[*row]));
        Value::number(last.map(|row| rows.score[row]))
    }
}

// At risk, and what came after.
impl Moment<'_> {
    /// Whether the account had started and no end that is known was without a later return.
    fn at_risk(&self) -> bool {
        let (mut ends, mut returns) = (Vec::new(), self.starts().to_vec());
        for (index, plan) in self.project.outcomes.iter().enumerate() {
            let terminal = self.project.is_terminal(index);
            match &plan.origin {
                OutcomeOrigin::Spans { .. } if terminal => {
                    let spans = self.spans(&plan.origin);
                    returns.extend(spans.iter().map(|(start, _)| *start));
                    ends.extend(spans.iter().filter_map(|(_, end)| *end));
                }
                OutcomeOrigin::Spans { .. } => {}
                _ if plan.name.value == "reactivation" => returns.extend(self.known_dates(index)),
                _ if terminal => ends.extend(self.known_ends(index)),
                _ => {}
            }
        }
        let returns: Vec<Micros> = returns.into_iter().filter(|back| *back < self.t).collect();
        let started = self.starts().iter().any(|start| *start < self.t);
        started && ends.iter().all(|end| returns.iter().any(|back| back > end))
    }

    /// Dates of the outcomes of the account that are known.
    fn known_dates(&self, outcome: usize) -> Vec<Micros> {
        let rows = &self.history.outcomes[outcome];
        let known = (0..rows.at.len())
            .filter(|row| rows.account[*row] == self.account && rows.known[*row] < self.t);
        known.map(|row| rows.at[row]).collect()
    }

    /// Start of each span that is known, and its end where that is over.
    fn spans(&self, origin: &OutcomeOrigin) -> Vec<(Micros, Option<Micros>)> {
        let OutcomeOrigin::Spans { source, start, end, grace } = origin else { return Vec::new() };
        let source = &self.history.sources[*source];
        let known: Vec<usize> = self.known_rows(source).collect();
        let spans = spans(source, [&start.value, &end.value], &known, *grace, self.t);
        let over = |(start, end)| (start, Some(end).filter(|end| ended(*end, *grace, self.t)));
        spans.into_iter().map(over).collect()
    }

    fn label(&self, label: &LabelPlan) -> LabelRow {
        if !self.at_risk() {
            return (None, None, None);
        }
        let from = plus(self.t, label.lead_time);
        let until = plus(from, label.horizon);
        let decision = match &label.question {
            Question::Outcome { outcome, competing } => {
                Some(self.outcome(*outcome, competing, from..until))
            }
            Question::Decision { outcome, words } => self.decision(*outcome, words, &(from..until)),
            Question::Decline { indicator, below } => self.decline(*indicator, *below, until),
            Question::Inactive { source, within, filter } => {
                self.inactive(*source, *within, filter.as_ref(), from..until)
            }
        };
        let next = self.next(label, until);
        match decision {
            None => (None, None, None),
            Some(Decision { state, .. }) if state.value().is_none() => (Some(state), None, next),
            Some(Decision { state, closed }) => {
                let mut day = day_of(closed).saturating_sub(2.days());
                while midnight_after(day) < closed {
                    day = day.saturating_add(1.day());
                }
                (Some(state), Some(day), next)
            }
        }
    }

    /// The first outcome of the label that does not precede the snapshot and is known in the end; a decision
    /// only where none that comes first is open or was known, and only before the window closes.
    fn next(&self, label: &LabelPlan, until: Micros) -> Option<NextOutcome> {
        // Date, whether not the target, when known.
        let mut dated: Vec<(Micros, bool, Micros)> = Vec::new();
        match &label.question {
            Question::Outcome { outcome, competing } => {
                for index in std::iter::once(outcome).chain(competing) {
                    let rows = &self.history.outcomes[*index];
                    let is_own = |row: &usize| rows.account[*row] == self.account;
                    let own = rows.happened().filter(is_own);
                    dated.extend(own.map(|row| (rows.at[row], index != outcome, rows.known[row])));
                }
            }
            Question::Decision { outcome, words } => {
                let decisions = self.decisions(*outcome, words).into_iter();
                let told = decisions.map(|(at, fall, known)| (at, fall != "a: lost", known));
                dated.extend(told.filter(|(at, ..)| *at < until));
            }
            Question::Decline { .. } | Question::Inactive { .. } => {}
        }
        dated.retain(|(at, ..)| *at >= self.t);
        dated.sort_unstable_by_key(|(at, other, known)| (*at, *known == NEVER, *other, *known));
        let (at, other, known) = *dated.first()?;
        let was_known = matches!(label.question, Question::Decision { .. }) && known < self.t;
        (known != NEVER && !was_known).then(|| NextOutcome {
            day: day_of(at),
            known: day_of(known),
            is_target: !other,
        })
    }

    /// Whether the outcome comes in the window.
    fn outcome(
        &self,
        target: usize,
        competing: &[usize],
        window: std::ops::Range<Micros>,
    ) -> Decision {
        let closed = match &self.project.outcomes[target].origin {
            OutcomeOrigin::Spans { grace, .. } => plus(window.end, *grace),
            _ => window.end,
        };
        let others = competing.iter().map(|index| &self.history.outcomes[*index]);
        let others = others.filter(|table| table.follow_up_declared);
        let tables = std::iter::once(&self.history.outcomes[target]).chain(others);
        let follow_up_end = tables.filter_map(|table| table.follow_up_end).min();
        if follow_up_end.is_none_or(|day| closed > midnight_after(day)) {
            return Decision { state: LabelState::Censored, closed };
        }
        // Date, whether another outcome than the target, and when known.
        let mut dated: Vec<(Micros, bool, Micros)> = Vec::new();
        for index in std::iter::once(&target).chain(competing) {
            let rows = &self.history.outcomes[*index];
            let own = (0..rows.at.len())
                .filter(|row| rows.account[*row] == self.account && rows.known[*row] != NEVER);
            dated.extend(own.map(|row| (rows.at[row], *index != target, rows.known[row])));
        }
        dated.sort_unstable();
        let excludes = |(at, _, known): &(Micros, bool, Micros)| {
            (self.t..window.start).contains(at) || (*at < self.t && *known >= self.t)
        };
        if dated.iter().any(excludes) {
            return Decision { state: LabelState::Excluded, closed };
        }
        match dated.iter().find(|(at, ..)| window.contains(at)) {
            None => Decision { state: LabelState::Negative, closed },
            Some((_, other, known)) => {
                let state = if *other { LabelState::Competing } else { LabelState::Positive };
                Decision { state, closed: closed.max(known + 1) }
            }
        }
    }

    /// Whether no row comes in the window; `None` where the account had no row recently.
    fn inactive(
        &self,
        source: usize,
        within: Span,
        filter: Option<&ParsedExpression>,
        window: std::ops::Range<Micros>,
    ) -> Option<Decision> {
        let rows = &self.history.sources[source];
        let recent = minus(self.t, within)..self.t;
        self.known_rows(rows)
            .find(|row| recent.contains(&rows.at[*row]) && passes(rows, filter, *row))?;
        let closed = window.end;
        let last_day = rows.at.iter().max().map(|at| day_of(*at));
        let follow_up_end =
            last_day.map(|day| self.history.as_of.map_or(day, |as_of| as_of.min(day)));
        if follow_up_end.is_none_or(|day| closed > midnight_after(day)) {
            return Some(Decision { state: LabelState::Censored, closed });
        }
        let follows = |row: &usize| {
            rows.superseded(*row) == NEVER
                && window.contains(&rows.at[*row])
                && passes(rows, filter, *row)
        };
        Some(match self.own_rows(rows).filter(follows).map(|row| rows.known(row)).min() {
            None => Decision { state: LabelState::Positive, closed },
            Some(known) => Decision { state: LabelState::Negative, closed: closed.max(known + 1) },
        })
    }
}

/// A label, and the instant from which it was certain.
struct Decision {
    state: LabelState,
    closed: Micros,
}

fn cell<'a>(rows: &'a SourceRows, column: &str, row: usize) -> Cell<'a> {
    rows.columns[column].cell(row)
}

fn passes(rows: &SourceRows, filter: Option<&ParsedExpression>, row: usize) -> bool {
    filter.is_none_or(|filter| {
        let names = filter.expression.names();
        filter.expression.is_true(&|name| cell(rows, &names[name], row))
    })
}

fn record_id(rows: &SourceRows, row: usize) -> Option<&str> {
    rows.record_id.as_ref().and_then(|ids| ids.get(row))
}

/// Whether a span with this end is known to be over at `t`, no other having followed within `grace`.
fn ended(end: Micros, grace: Span, t: Micros) -> bool {
    end != NEVER && plus(end, grace) < t
}

/// Spans (start, end) of the given rows that start before `t`, those at most `grace` apart as one,
/// ascending; [`NEVER`] is an open end.
fn spans(
    rows: &SourceRows,
    [start, end]: [&str; 2],
    chosen: &[usize],
    grace: Span,
    t: Micros,
) -> Vec<(Micros, Micros)> {
    let span =
        |row: &usize| Some((rows.times[start][*row]?, rows.times[end][*row].unwrap_or(NEVER)));
    let mut spans: Vec<(Micros, Micros)> =
        chosen.iter().filter_map(span).filter(|(start, _)| *start < t).collect();
    let reaches = |(_, end): (Micros, Micros), (start, _): (Micros, Micros)| {
        end == NEVER || start <= plus(end, grace)
    };
    let touch = |a, b| reaches(a, b) && reaches(b, a);
    let pairs = |count| (0..count).flat_map(|second| (0..second).map(move |first| (first, second)));
    // Any two that touch become one, until none do.
    while let Some((first, second)) = pairs(spans.len()).find(|(a, b)| touch(spans[*a], spans[*b]))
    {
        let (start, end) = spans.remove(second);
        spans[first] = (spans[first].0.min(start), spans[first].1.max(end));
    }
    spans.sort_unstable();
    spans
}

/// Ends of spans as finally known, the way a history holds them: (account, end, known).
pub(crate) fn ends_of_spans(
    rows: &SourceRows,
    names: [&str; 2],
    grace: Span,
    follow_up_end: Date,
) -> Vec<(u32, Micros, Micros)> {
    let mut ends = Vec::new();
    for account in 0..=rows.account.iter().copied().max().unwrap_or(0) {
        let final_rows: Vec<usize> = (0..rows.len())
            .filter(|row| rows.account[*row] == account && rows.superseded(*row) == NEVER)
            .collect();
        for (_, end) in spans(rows, names, &final_rows, grace, NEVER) {
            if ended(end, grace, midnight_after(follow_up_end)) {
                ends.push((account, end, plus(end, grace)));
            }
        }
    }
    ends
}
