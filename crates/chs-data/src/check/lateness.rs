//! How long after their event rows became known, and whether `blind_spot` covers it.
//!
//! Rows that carry their own `created` show how late a source is; `blind_spot` stands in for it in the
//! others. A source that shows nothing of its own is told what the other sources show.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chs_panel::{Finding, Level, Span};

use crate::check::rules::LATENESS;
use crate::load::{History, SourceRows};
use crate::project::{Project, Source};
use crate::time::{DAY, Micros, plus};

/// Share of the rows that a blind spot is to cover.
const COVERED: f64 = 0.95;

/// The same in hundredths, for ranks.
const COVERED_HUNDREDTHS: usize = 95;

/// Quantile of the normal distribution for intervals of 95 %.
const NORMAL: f64 = 1.959_963_984_540_054;

const HOUR: Micros = DAY / 24;

/// One finding per source; O(rows log rows) over rows with a `created` of their own.
pub(super) fn findings(project: &Project, history: &History) -> Vec<Finding> {
    let sources = || project.sources.iter().zip(&history.sources);
    let seen: Vec<Option<Lateness>> = sources().map(|(_, rows)| Lateness::of(rows)).collect();
    let told: Vec<String> = sources()
        .zip(&seen)
        .filter_map(|((plan, _), seen)| {
            let quantile = seen.as_ref()?.covered();
            let share = COVERED_HUNDREDTHS;
            Some(format!("{share} % of `{}` within {}", plan.name.value, quantile.words()))
        })
        .collect();
    sources()
        .zip(&seen)
        .map(|((plan, rows), seen)| match seen {
            Some(seen) => shown(plan, rows, seen),
            None => not_shown(plan, &told),
        })
        .collect()
}

/// A source whose rows, or some of them, tell when they became known.
fn shown(plan: &Source, rows: &SourceRows, seen: &Lateness) -> Finding {
    let name = &plan.name.value;
    let silent = rows.known_by_event.iter().filter(|by_event| **by_event).count();
    let (median, covered) = (seen.quantile(50), seen.covered());
    let mut sentence = format!(
        "`{name}`: {} of {} records tell when they became known, half of them within {} of their \
         event, {COVERED_HUNDREDTHS} % within {}",
        seen.late.len(),
        seen.late.len() + silent,
        duration(median),
        covered.words()
    );
    let mut level = Level::Passed;
    let later = seen.share_later(rows, plan.blind_spot);
    if silent > 0 {
        let [lower, upper] = [later.lower, later.upper].map(|share| 100.0 * share);
        let who = match silent {
            1 => "the other one is".to_owned(),
            silent => format!("the other {silent} are"),
        };
        // Writing to a String cannot fail.
        let _ = write!(
            sentence,
            "; {who} taken to be known {}, and {:.1} % [{lower:.1}, {upper:.1}] of those that tell were \
             later",
            declared(plan.blind_spot),
            100.0 * later.estimate,
        );
        if later.lower > 1.0 - COVERED {
            level = Level::Warning;
            sentence += &covered.remedy();
        }
    }
    let finding = LATENESS
        .finding(level, name, sentence)
        .with_figure("records", seen.late.len() as f64)
        .with_figure("accounts", seen.accounts() as f64)
        .with_figure("silent_rows", silent as f64)
        .with_figure("median_days", days(median))
        .with_figure("p95_days", days(covered.estimate))
        .with_figure("p95_days_lower", days(covered.lower))
        .with_figure("later_share", later.estimate)
        .with_figure("later_share_lower", later.lower)
        .with_figure("later_share_upper", later.upper);
    match covered.upper {
        Some(upper) => finding.with_figure("p95_days_upper", days(upper)),
        None => finding,
    }
}

/// A source that says nothing of when its rows became known, beside those that do.
fn not_shown(plan: &Source, told: &[String]) -> Finding {
    let (name, declared) = (&plan.name.value, declared(plan.blind_spot));
    let head = format!("the rows of `{name}` are taken to be known {declared}");
    if told.is_empty() {
        let sentence =
            format!("{head}: no source tells of its rows when they became known (`created`)");
        return LATENESS.finding(Level::NotApplicable, name, sentence);
    }
    let told = told.join(", ");
    let sentence =
        format!("{head}: they do not tell (`created`). Known were {told} of their event");
    LATENESS.finding(Level::Note, name, sentence)
}

fn declared(blind_spot: Option<Span>) -> String {
    match blind_spot.filter(|spot| !spot.is_zero()) {
        Some(spot) => format!("{spot} after their event"),
        None => "at their event".to_owned(),
    }
}

/// How late the records of a source became known.
struct Lateness {
    /// Time from event to knowledge, not below 0, and row, ascending.
    late: Vec<(Micros, usize)>,
    /// Account of each of these rows, in the same order.
    account: Vec<u32>,
}

/// A quantile of lateness with its interval; `upper` is `None` where it lies beyond the latest seen.
struct Quantile {
    estimate: Micros,
    lower: Micros,
    upper: Option<Micros>,
}

/// A share of records with its interval.
struct Share {
    estimate: f64,
    lower: f64,
    upper: f64,
}

impl Lateness {
    /// Of each record the version that was known first; `None` where no row tells.
    fn of(rows: &SourceRows) -> Option<Self> {
        if rows.known_by_event.is_empty() {
            return None;
        }
        let first = first_versions(rows);
        let late = |row: usize| (rows.known(row).saturating_sub(rows.at[row]).max(0), row);
        let mut late: Vec<(Micros, usize)> = first.into_iter().map(late).collect();
        late.sort_unstable();
        let account = late.iter().map(|(_, row)| rows.account[*row]).collect();
        (!late.is_empty()).then_some(Self { late, account })
    }

    fn accounts(&self) -> usize {
        let mut accounts = self.account.clone();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.len()
    }

    /// The lateness of the record at a share of all, in hundredths.
    fn quantile(&self, hundredths: usize) -> Micros {
        let rank = (self.late.len() * hundredths).div_ceil(100).max(1);
        self.at_rank(rank - 1)
    }

    fn at_rank(&self, rank: usize) -> Micros {
        self.late.get(rank).map_or(0, |(late, _)| *late)
    }

    /// The lateness that [`COVERED`] of the records do not exceed.
    ///
    /// Its interval turns that of a share into one of a quantile (R. S. Woodruff, Confidence intervals
    /// for medians and other position measures, 1952), the share being clustered by account.
    fn covered(&self) -> Quantile {
        let estimate = self.quantile(COVERED_HUNDREDTHS);
        let later = |place: usize| self.at_rank(place) > estimate;
        let records = self.effective(&later);
        let margin = NORMAL * (COVERED * (1.0 - COVERED) / records).sqrt();
        let rank = |share: f64| {
            (0..self.late.len())
                .position(|rank| (rank + 1) as f64 >= share * self.late.len() as f64)
        };
        Quantile {
            estimate,
            lower: self.at_rank(rank(COVERED - margin).unwrap_or(0)),
            upper: rank(COVERED + margin).map(|rank| self.at_rank(rank)),
        }
    }

    /// Share of the records that were known later than a blind spot allows, with the interval of Wilson
    /// over the effective number of records.
    fn share_later(&self, rows: &SourceRows, blind_spot: Option<Span>) -> Share {
        let later = |place: usize| {
            self.late.get(place).is_some_and(|(_, row)| {
                let at = rows.at[*row];
                rows.known(*row) > blind_spot.map_or(at, |spot| plus(at, spot))
            })
        };
        let count = (0..self.late.len()).filter(|place| later(*place)).count();
        let share = count as f64 / self.late.len() as f64;
        let (records, square) = (self.effective(&later), NORMAL * NORMAL);
        let middle = (share + square / (2.0 * records)) / (1.0 + square / records);
        let spread = share * (1.0 - share) / records + square / (4.0 * records * records);
        let margin = NORMAL * spread.sqrt() / (1.0 + square / records);
        Share {
            estimate: share,
            lower: (middle - margin).max(0.0),
            upper: (middle + margin).min(1.0),
        }
    }

    /// Number of independent records that would tell a share as well as these do, whose accounts are
    /// late together; at most the number of accounts, which also stands in where nothing varies.
    fn effective(&self, later: &dyn Fn(usize) -> bool) -> f64 {
        let mut by_account: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (place, account) in self.account.iter().enumerate() {
            let counts = by_account.entry(*account).or_default();
            counts.0 += 1;
            counts.1 += u64::from(later(place));
        }
        let (accounts, records) = (by_account.len() as f64, self.late.len() as f64);
        let count: u64 = by_account.values().map(|counts| counts.1).sum();
        let share = count as f64 / records;
        let excess = |(of, count): &(u64, u64)| (*count as f64 - share * *of as f64).powi(2);
        let squares: f64 = by_account.values().map(excess).sum();
        let variance = squares / (records * records);
        if variance > 0.0 { (share * (1.0 - share) / variance).min(accounts) } else { accounts }
    }
}

/// Rows that tell when they became known; of the versions of a record the one that was known first.
fn first_versions(rows: &SourceRows) -> Vec<usize> {
    let telling = (0..rows.len()).filter(|row| !rows.known_by_event(*row));
    let Some(records) = &rows.record_id else { return telling.collect() };
    let mut first: Vec<Option<usize>> = vec![None; records.words.len()];
    for row in telling {
        let place = records.codes.get(row).and_then(|code| code.place());
        let Some(kept) = place.and_then(|place| first.get_mut(place)) else { continue };
        if kept.is_none_or(|known| rows.known(row) < rows.known(known)) {
            *kept = Some(row);
        }
    }
    first.into_iter().flatten().collect()
}

impl Quantile {
    fn words(&self) -> String {
        let upper = self.upper.map_or("beyond the latest seen".to_owned(), duration);
        format!("{} [{}, {upper}]", duration(self.estimate), duration(self.lower))
    }

    /// What to declare: whole hours, or whole days from two of them on.
    fn remedy(&self) -> String {
        let enough = self.upper.unwrap_or(self.estimate);
        let whole = |unit: Micros| enough.max(1).div_euclid(unit) + i64::from(enough % unit != 0);
        let span =
            if enough < 2 * DAY { format!("{}h", whole(HOUR)) } else { format!("{}d", whole(DAY)) };
        let least = if self.upper.is_some() { "" } else { " at least" };
        format!("; declare{least} `blind_spot = \"{span}\"`")
    }
}

/// Days, or hours below two of them.
fn duration(micros: Micros) -> String {
    if micros < 2 * DAY {
        format!("{:.1} h", micros as f64 / HOUR as f64)
    } else {
        format!("{:.1} d", days(micros))
    }
}

fn days(micros: Micros) -> f64 {
    micros as f64 / DAY as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Code, Words};

    /// Rows of accounts, each known so many days after its event; `None` tells nothing.
    fn rows(late: &[(u32, Option<i64>)]) -> SourceRows {
        SourceRows {
            account: late.iter().map(|(account, _)| *account).collect(),
            at: vec![0; late.len()],
            known: late.iter().map(|(_, days)| days.unwrap_or(0) * DAY).collect(),
            known_by_event: late.iter().map(|(_, days)| days.is_none()).collect(),
            ..SourceRows::default()
        }
    }

    #[test]
    fn only_rows_that_tell_count_and_of_a_record_its_first_version() {
        assert!(Lateness::of(&rows(&[(0, None), (1, None)])).is_none());
        assert!(
            Lateness::of(&SourceRows { at: vec![0], account: vec![0], ..SourceRows::default() })
                .is_none()
        );
        let mut versions = rows(&[(0, Some(9)), (0, Some(2)), (1, None), (1, Some(-3))]);
        let records = Words {
            codes: [0, 0, 1, 2].map(|place| Code::new(Some(place))).into(),
            words: ["a", "b", "c"].map(str::to_owned).into(),
        };
        versions.record_id = Some(records);
        let seen = Lateness::of(&versions).unwrap();
        assert_eq!(seen.late, [(0, 3), (2 * DAY, 1)]);
        assert_eq!((seen.account.clone(), seen.accounts()), (vec![1, 0], 2));
    }

    #[test]
    fn quantiles_take_the_nearest_rank() {
        let late: Vec<(u32, Option<i64>)> =
            (0..100).map(|row| (row, Some(i64::from(row)))).collect();
        let seen = Lateness::of(&rows(&late)).unwrap();
        assert_eq!((seen.quantile(50), seen.quantile(95)), (49 * DAY, 94 * DAY));
        // 0.95 -+ 1.96 * sqrt(0.95 * 0.05 / 100) of 100 records: ranks 91 and 100.
        let covered = seen.covered();
        assert_eq!((covered.lower, covered.upper), (90 * DAY, Some(99 * DAY)));
        let few = Lateness::of(&rows(&late[..40])).unwrap().covered();
        assert_eq!((few.estimate, few.upper), (37 * DAY, None), "beyond the latest of 40");
        assert!(few.remedy().contains("at least `blind_spot = \"37d\"`"), "{}", few.remedy());
    }

    #[test]
    fn records_of_an_account_are_not_independent() {
        // Ten accounts of twenty records each; one account is always late.
        let late: Vec<(u32, Option<i64>)> =
            (0..200).map(|row| (row % 10, Some(if row % 10 == 0 { 5 } else { 0 }))).collect();
        let source = rows(&late);
        let seen = Lateness::of(&source).unwrap();
        let share = seen.share_later(&source, None);
        // Wilson, 1 of 10: 0.0179 to 0.4042.
        assert!((share.estimate - 0.1).abs() < 1e-12);
        assert!((share.lower - 0.017_876).abs() < 1e-6 && (share.upper - 0.404_150).abs() < 1e-6);
        let alone: Vec<(u32, Option<i64>)> =
            (0..200).map(|row| (row, late[row as usize].1)).collect();
        let source = rows(&alone);
        let share = Lateness::of(&source).unwrap().share_later(&source, None);
        // Wilson, 20 of 200: 0.0657 to 0.1494.
        assert!((share.lower - 0.065_670).abs() < 1e-6 && (share.upper - 0.149_406).abs() < 1e-6);
        let covered = Lateness::of(&source).unwrap().share_later(&source, Some(Span::days(5)));
        assert!(covered.estimate <= 0.0 && covered.lower < 1e-12 && covered.upper < 0.02);
    }

    #[test]
    fn durations_are_rounded_up_where_they_are_declared() {
        let remedy = |upper| Quantile { estimate: 0, lower: 0, upper: Some(upper) }.remedy();
        assert_eq!(remedy(HOUR + 1), "; declare `blind_spot = \"2h\"`");
        assert_eq!(remedy(3 * DAY), "; declare `blind_spot = \"3d\"`");
        assert_eq!(remedy(3 * DAY + 1), "; declare `blind_spot = \"4d\"`");
        assert_eq!([duration(36 * HOUR), duration(60 * HOUR)], ["36.0 h", "2.5 d"]);
    }
}
