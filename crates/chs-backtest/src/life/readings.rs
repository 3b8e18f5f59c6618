//! The scores of an account one after the other, and how its life went on.

use chs_panel::{NextOutcome, Span};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::sample::Frame;
use crate::{Counts, Scores};

/// Days by which a reading may be older than the day that is asked for, at least.
const OLDEST: i64 = 31;

/// A known outcome of an account that had a reading before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// Index of the account in the panel.
    pub(crate) account: usize,
    pub(crate) outcome: NextOutcome,
    /// The last reading before it, as an index into the readings of the account.
    pub(crate) last: usize,
}

impl Ending {
    /// The outcome, or the notice of it where that came first.
    pub(crate) fn notice(&self) -> Date {
        self.outcome.day.min(self.outcome.known)
    }
}

/// Rows with a score in which the account was at risk, by account, and what became of them.
pub(crate) struct Readings<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) scores: &'a Scores,
    /// Rows of the panel per account, ascending by day.
    pub(crate) of_account: Vec<Vec<usize>>,
    /// Outcomes that the label asks for, by account and day, up to the end of follow-up.
    pub(crate) lost: Vec<Ending>,
    /// Other outcomes, by account and day: decisions that were kept.
    pub(crate) kept: Vec<Ending>,
    /// Days that a reading may be old.
    oldest: i64,
}

impl<'a> Readings<'a> {
    pub(crate) fn new(frame: &'a Frame<'a>, scores: &'a Scores) -> Self {
        let mut of_account = vec![Vec::new(); frame.panel.accounts().len()];
        for row in 0..frame.panel.len() {
            let is_at_risk = frame.label.states.get(row).is_some_and(Option::is_some);
            let readings = of_account.get_mut(frame.account(row));
            if let Some(readings) = readings.filter(|_| is_at_risk && has_score(scores, row)) {
                readings.push(row);
            }
        }
        let steps = frame.panel.snapshots().windows(2);
        let longest = steps.map(|pair| days_between(pair[0], pair[1])).max();
        let mut readings = Self {
            frame,
            scores,
            of_account,
            lost: Vec::new(),
            kept: Vec::new(),
            oldest: longest.unwrap_or(0).max(OLDEST),
        };
        readings.lost = readings.endings(true);
        readings.kept = readings.endings(false);
        readings
    }

    /// Distinct outcomes of one kind, each with the last reading before it.
    fn endings(&self, is_target: bool) -> Vec<Ending> {
        let window = self.frame.label.definition.window.as_ref();
        let Some(end) = window.map(|window| window.follow_up_end) else { return Vec::new() };
        let is_asked = |next: &NextOutcome| next.is_target == is_target && next.day <= end;
        let mut endings: Vec<Ending> = Vec::new();
        for (account, rows) in self.of_account.iter().enumerate() {
            let next = |row: &usize| self.frame.label.next(*row).filter(is_asked);
            let outcomes =
                rows.iter().enumerate().filter_map(|(last, row)| Some((last, next(row)?)));
            endings.extend(outcomes.map(|(last, outcome)| Ending { account, outcome, last }));
        }
        // Of all readings before an outcome the last one stays.
        endings.dedup_by(|later, earlier| {
            let is_same =
                later.account == earlier.account && later.outcome.day == earlier.outcome.day;
            if is_same {
                earlier.last = later.last;
            }
            is_same
        });
        endings
    }

    /// The row of the last reading of an account at or before a day, unless it is too old.
    pub(crate) fn before(&self, account: usize, day: Date) -> Option<usize> {
        let rows = self.of_account.get(account)?;
        let count = rows.partition_point(|row| self.frame.day(*row) <= day);
        let row = *rows.get(count.checked_sub(1)?)?;
        (days_between(self.frame.day(row), day) <= self.oldest).then_some(row)
    }

    /// The last day on which a row is looked at when a day is asked for: [`Self::before`] from the other end.
    pub(crate) fn latest_use(&self, row: usize) -> Date {
        self.frame.day(row).saturating_add(self.oldest.days())
    }

    /// Rows of the readings, account by account.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.of_account.iter().flatten().copied()
    }

    /// What figures over endings rest on.
    pub(crate) fn counts(endings: &[Ending]) -> Counts {
        let mut accounts: Vec<usize> = endings.iter().map(|ending| ending.account).collect();
        accounts.dedup();
        let (n, accounts) = (endings.len(), accounts.len());
        Counts { n, events: n, accounts, event_accounts: accounts }
    }
}

impl Frame<'_> {
    /// Index of the account of a row.
    pub(crate) fn account(&self, row: usize) -> usize {
        self.panel.account().get(row).map_or(usize::MAX, |account| *account as usize)
    }

    /// Day of a row.
    pub(crate) fn day(&self, row: usize) -> Date {
        self.panel.snapshot().get(row).copied().unwrap_or_default()
    }

    /// Index of the snapshot of a row.
    pub(crate) fn snapshot(&self, row: usize) -> usize {
        self.stratum.get(row).map_or(0, |snapshot| *snapshot as usize)
    }

    /// Value of a row, where it is above 0.
    pub(crate) fn value(&self, row: usize) -> Option<f64> {
        self.panel.value()?.get(row).filter(|value| *value > 0.0)
    }

    /// The last day on which the label window of a row is open.
    pub(crate) fn window_end(&self, day: Date) -> Date {
        let window = self.label.definition.window.as_ref();
        window.map_or(day, |window| after(after(day, window.lead_time), window.horizon))
    }
}

fn has_score(scores: &Scores, row: usize) -> bool {
    scores.score.get(row).is_some()
}

/// The day a span after another; parts of a day count as none.
fn after(day: Date, span: Span) -> Date {
    let months = i64::from(span.whole_months());
    day.saturating_add(months.months()).saturating_add((span.minutes() / 1_440).days())
}

/// Days from one day to a later one.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}
