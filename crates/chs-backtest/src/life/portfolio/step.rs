//! The change of a mean score between two snapshots, split exactly.

use chs_stats::{Estimate, exact_sum};
use jiff::civil::Date;

use crate::life::portfolio::Scored;
use crate::metric::{Figure, Method};
use crate::{Counts, Metric, Slice};

/// From one snapshot to a later one. With A the mean of those that stayed at each date, e and x the shares of
/// those that came and went and E and X their means: `change = (A1 - A0) + e (E - A1) - x (X - A0)`.
#[derive(Clone, Debug, PartialEq)]
pub struct PortfolioStep {
    /// The earlier snapshot.
    pub from: Date,
    /// The later one.
    pub to: Date,
    /// Mean score then.
    pub mean_from: f64,
    /// Mean score later.
    pub mean_to: f64,
    /// `mean_score_change`, with its interval by account; its slice is the later snapshot.
    pub change: Option<Metric>,
    /// The parts of the change; they add up to it: `stayed`, `came`, `went`, `became scored`, `lost their
    /// score`.
    pub parts: Vec<PortfolioPart>,
    /// The part of those that stayed, by level of each segment; those that changed level are a part of their
    /// own. The parts of one segment add up to `stayed`.
    pub segments: Vec<PortfolioPart>,
    /// The part of those that stayed, by component; empty where the score has none.
    pub components: Vec<PortfolioPart>,
    /// Share of those that stayed whose score fell.
    pub fell_share: Option<f64>,
    /// The account that moved the mean most.
    pub largest: Option<LargestAccount>,
    /// The same weighted by value, over those that stayed.
    pub by_value: Option<ValueWeighted>,
}

/// A part of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct PortfolioPart {
    /// The segment; empty where the part is none of a segment.
    pub segment: String,
    /// The part, level or component.
    pub name: String,
    /// Accounts in it.
    pub accounts: usize,
    /// Points of the mean score.
    pub points: f64,
}

/// The account that moved the mean most.
#[derive(Clone, Debug, PartialEq)]
pub struct LargestAccount {
    /// Its id.
    pub account: String,
    /// Change of its own score.
    pub change: f64,
    /// Points of the mean score.
    pub points: f64,
}

/// The change of the value-weighted mean: scores that moved, and value that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueWeighted {
    /// Mean then.
    pub mean_from: f64,
    /// Mean later.
    pub mean_to: f64,
    /// By changes of scores.
    pub by_score: f64,
    /// By changes of value between better and poorer accounts.
    pub by_value: f64,
}

/// An account scored at both dates.
struct Stayer {
    rows: [usize; 2],
    scores: [f64; 2],
}

impl Stayer {
    fn change(&self) -> f64 {
        self.scores[1] - self.scores[0]
    }
}

impl Scored<'_> {
    /// `None` where nobody is scored at one of the dates.
    pub(super) fn step(&self, (from, to): (usize, usize)) -> Option<PortfolioStep> {
        let frame = self.readings.frame;
        let days = frame.panel.snapshots();
        let [before, after] = [from, to].map(|snapshot| self.by_account(snapshot));
        let score = |row: usize| self.scores().score.get(row);
        let mut stayers = Vec::new();
        // Scores of those that came, went, became scored and lost their score.
        let mut others: [Vec<f64>; 4] = Default::default();
        for (before, after) in before.iter().zip(&after) {
            let scored = [before, after].map(|row| row.and_then(score));
            match (scored, before, after) {
                ([Some(then), Some(now)], Some(old), Some(new)) => {
                    stayers.push(Stayer { rows: [*old, *new], scores: [then, now] });
                }
                ([None, Some(now)], None, _) => others[0].push(now),
                ([Some(then), None], _, None) => others[1].push(then),
                ([None, Some(now)], Some(_), _) => others[2].push(now),
                ([Some(then), None], _, Some(_)) => others[3].push(then),
                _ => {}
            }
        }
        let [came, went, became, lost] = &others;
        let then =
            [stayers.iter().map(|stayer| stayer.scores[0]).collect(), went.clone(), lost.clone()];
        let now =
            [stayers.iter().map(|stayer| stayer.scores[1]).collect(), came.clone(), became.clone()];
        let (mean_from, mean_to) = (mean(&then.concat())?, mean(&now.concat())?);
        let [stayed_from, stayed_to] = [mean(&then[0])?, mean(&now[0])?];
        let sizes = [then.concat().len(), now.concat().len()];
        let part = |name: &str, scores: &[f64], (sign, size, stayed): (f64, usize, f64)| {
            let share = scores.len() as f64 / size as f64;
            let points = mean(scores).map_or(0.0, |mean| sign * share * (mean - stayed));
            part_of("", name, (scores.len(), points))
        };
        let parts = vec![
            part_of("", "stayed", (stayers.len(), stayed_to - stayed_from)),
            part("came", came, (1.0, sizes[1], stayed_to)),
            part("went", went, (-1.0, sizes[0], stayed_from)),
            part("became scored", became, (1.0, sizes[1], stayed_to)),
            part("lost their score", lost, (-1.0, sizes[0], stayed_from)),
        ];
        Some(PortfolioStep {
            from: *days.get(from)?,
            to: *days.get(to)?,
            mean_from,
            mean_to,
            change: None,
            parts,
            segments: self.by_segment(&stayers),
            components: self.by_component(&stayers),
            fell_share: fell_share(&stayers),
            largest: self.largest(&stayers),
            by_value: self.by_value(&stayers),
        })
    }

    /// The row of every account at a snapshot.
    fn by_account(&self, snapshot: usize) -> Vec<Option<usize>> {
        let frame = self.readings.frame;
        let mut rows = vec![None; frame.panel.accounts().len()];
        for row in frame.panel.rows_of(snapshot) {
            if let Some(cell) = rows.get_mut(frame.account(row)) {
                *cell = Some(row);
            }
        }
        rows
    }

    fn by_segment(&self, stayers: &[Stayer]) -> Vec<PortfolioPart> {
        let of = |changes: Vec<f64>| (changes.len(), exact_sum(changes) / stayers.len() as f64);
        let mut parts = Vec::new();
        for segment in self.readings.frame.panel.segments() {
            let levels = |stayer: &Stayer| stayer.rows.map(|row| segment.column.get(row));
            for word in segment.column.words() {
                let is_in = |stayer: &&Stayer| levels(stayer) == [Some(word.as_str()); 2];
                let found = of(stayers.iter().filter(is_in).map(Stayer::change).collect());
                parts.push(part_of(&segment.name, word, found));
            }
            let other = |stayer: &&Stayer| {
                let [then, now] = levels(stayer);
                then.is_none() || then != now
            };
            let found = of(stayers.iter().filter(other).map(Stayer::change).collect());
            parts.push(part_of(&segment.name, "(changed, or none)", found));
        }
        parts
    }

    /// Contributions of a row add up to its score less a reference that is the same for all.
    fn by_component(&self, stayers: &[Stayer]) -> Vec<PortfolioPart> {
        let contributions = &self.scores().contributions;
        let mut parts: Vec<PortfolioPart> = Vec::new();
        for (component, contribution) in self.components.iter().zip(contributions) {
            let at = |row: usize| contribution.column.get(row).unwrap_or(0.0);
            let changes = stayers.iter().map(|stayer| at(stayer.rows[1]) - at(stayer.rows[0]));
            let points = exact_sum(changes) / stayers.len() as f64;
            match parts.last_mut() {
                Some(part) if part.name == *component => part.points += points,
                _ => parts.push(part_of("", component, (stayers.len(), points))),
            }
        }
        parts
    }

    fn largest(&self, stayers: &[Stayer]) -> Option<LargestAccount> {
        let size = |stayer: &Stayer| stayer.change().abs();
        // Of equals the first by id.
        let largest = stayers.iter().rev().max_by(|a, b| size(a).total_cmp(&size(b)))?;
        Some(LargestAccount {
            account: self.readings.frame.panel.account_id(largest.rows[0]).to_owned(),
            change: largest.change(),
            points: largest.change() / stayers.len() as f64,
        })
    }

    fn by_value(&self, stayers: &[Stayer]) -> Option<ValueWeighted> {
        let frame = self.readings.frame;
        let valued: Vec<(&Stayer, [f64; 2])> = stayers
            .iter()
            .filter_map(|stayer| {
                let [then, now] = stayer.rows.map(|row| frame.value(row));
                Some((stayer, [then?, now?]))
            })
            .collect();
        let total = |date: usize| exact_sum(valued.iter().map(|(_, value)| value[date]));
        let totals = [total(0), total(1)];
        if valued.is_empty() {
            return None;
        }
        let shares = |value: &[f64; 2]| [value[0] / totals[0], value[1] / totals[1]];
        let mean = |date: usize| {
            exact_sum(valued.iter().map(|(own, value)| shares(value)[date] * own.scores[date]))
        };
        let [mean_from, mean_to] = [mean(0), mean(1)];
        let middle = f64::midpoint(mean_from, mean_to);
        let by_score = exact_sum(valued.iter().map(|(own, value)| {
            let [then, now] = shares(value);
            f64::midpoint(then, now) * own.change()
        }));
        let by_value = exact_sum(valued.iter().map(|(own, value)| {
            let [then, now] = shares(value);
            (now - then) * (f64::midpoint(own.scores[0], own.scores[1]) - middle)
        }));
        Some(ValueWeighted { mean_from, mean_to, by_score, by_value })
    }

    /// The means per snapshot, and the intervals of the steps' changes: from the influence of each account.
    pub(super) fn means(&self, steps: &mut [PortfolioStep]) -> Vec<Metric> {
        let frame = self.readings.frame;
        let days = frame.panel.snapshots();
        let plain: Vec<Option<Mean>> =
            (0..days.len()).map(|snapshot| self.mean(snapshot, |_| Some(1.0))).collect();
        let mut metrics = Vec::new();
        for (snapshot, (day, mean)) in days.iter().zip(&plain).enumerate() {
            let slice = Slice::of("snapshot", &day.to_string());
            let by_value = frame.panel.value().map(|_| self.mean(snapshot, |row| frame.value(row)));
            metrics.push(self.metric("mean_score", &slice, mean.as_ref()));
            let weighted = by_value.iter();
            metrics.extend(weighted.map(|mean| self.metric(WEIGHTED, &slice, mean.as_ref())));
        }
        let place = |day: Date| days.partition_point(|own| *own < day);
        for step in steps {
            let at = |day: Date| plain.get(place(day)).and_then(Option::as_ref);
            let change = at(step.from).zip(at(step.to)).map(|(from, to)| from.until(to));
            let slice = Slice::of("snapshot", &step.to.to_string());
            step.change = Some(self.metric("mean_score_change", &slice, change.as_ref()));
        }
        metrics
    }

    /// The mean score of a snapshot, each account with a weight.
    fn mean(&self, snapshot: usize, weight: impl Fn(usize) -> Option<f64>) -> Option<Mean> {
        let frame = self.readings.frame;
        let rows = frame.panel.rows_of(snapshot);
        let scored: Vec<(usize, f64, f64)> = rows
            .filter_map(|row| {
                Some((frame.account(row), self.scores().score.get(row)?, weight(row)?))
            })
            .collect();
        let total = exact_sum(scored.iter().map(|(_, _, weight)| *weight));
        let sum = exact_sum(scored.iter().map(|(_, score, weight)| score * weight));
        let estimate = (total > 0.0).then(|| sum / total)?;
        let mut influence = vec![0.0; frame.panel.accounts().len()];
        for (account, score, weight) in &scored {
            influence[*account] = weight * (score - estimate) / total;
        }
        Some(Mean { estimate, influence, accounts: scored.len() })
    }

    fn metric(&self, name: &str, slice: &Slice, mean: Option<&Mean>) -> Metric {
        let Some(mean) = mean else {
            let reason = "no account has a score".to_owned();
            return Metric::undefined(name, slice, Counts::default(), reason);
        };
        let n = mean.accounts;
        let counts = Counts { n, accounts: n, ..Counts::default() };
        let error = exact_sum(mean.influence.iter().map(|own| own * own)).sqrt();
        let level = self.readings.frame.settings.level;
        let interval = (n > 1).then(|| Estimate::new(mean.estimate, error, level).interval);
        Metric::new(name, slice, counts, Figure::new(mean.estimate, interval, Method::Influence))
    }
}

const WEIGHTED: &str = "value_weighted_mean_score";

/// A mean, or a difference of two, with what each account of the panel adds to its error.
struct Mean {
    estimate: f64,
    influence: Vec<f64>,
    accounts: usize,
}

impl Mean {
    fn until(&self, later: &Self) -> Self {
        let pairs = self.influence.iter().zip(&later.influence);
        Self {
            estimate: later.estimate - self.estimate,
            influence: pairs.map(|(from, to)| to - from).collect(),
            accounts: later.accounts,
        }
    }
}

fn part_of(segment: &str, name: &str, (accounts, points): (usize, f64)) -> PortfolioPart {
    PortfolioPart { segment: segment.to_owned(), name: name.to_owned(), accounts, points }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| exact_sum(values.iter().copied()) / values.len() as f64)
}

fn fell_share(stayers: &[Stayer]) -> Option<f64> {
    let fell = stayers.iter().filter(|stayer| stayer.change() < 0.0).count();
    (!stayers.is_empty()).then(|| fell as f64 / stayers.len() as f64)
}
