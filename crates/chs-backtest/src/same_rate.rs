//! Whether the same score means the same outcome rate in all levels of a segment.

use chs_panel::{Finding, Level, Named, WordColumn};
use chs_stats::{Estimate, Interval};

use crate::conclude::{finding, with_bounds};
use crate::metric::{Figure, Method};
use crate::sample::{Contender, Frame, Sample};
use crate::sufficiency::too_few;
use crate::within_logit::{WithinFit, within_fit};
use crate::wording::percent;
use crate::{Metric, Slice};

/// Odds over those of all levels that still count as the same.
const SAME: (f64, f64) = (0.8, 1.25);

/// The levels of a segment at the same score.
#[derive(Clone, Debug, PartialEq)]
pub struct SameRate {
    /// The segment.
    pub segment: String,
    /// Whether the levels are alike.
    pub alike: Alike,
    /// Per level `rate_at_same_score`, the outcome rate if every row had its own score and this level, and
    /// `odds_ratio_at_same_score` against the mean of all levels.
    pub metrics: Vec<Metric>,
    /// P value of "the level says nothing once the score is known" (Wald test, clustered by account).
    pub p_value: Option<f64>,
    /// The level that lies farthest from the others.
    pub farthest: Option<FarthestLevel>,
    /// Why there are no figures.
    pub reason: Option<String>,
}

/// A level of a segment that differs from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct FarthestLevel {
    /// Its name.
    pub level: String,
    /// Its odds of the outcome at the same score, over those of all levels.
    pub odds_ratio: f64,
    /// Their interval, widened for the number of levels: the one that decides.
    pub interval: Interval,
}

/// Whether groups are alike; decided on interval bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// Every odds ratio lies within 0.8 to 1.25 with its whole interval.
    Yes,
    /// One lies outside with its whole interval.
    No,
    /// Neither.
    CannotTell,
}

impl Alike {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// One test per segment and class, in their order.
pub(crate) fn same_rates(frame: &Frame<'_>, contender: &Contender) -> Vec<SameRate> {
    frame.classes.iter().map(|segment| same_rate(frame, contender, segment)).collect()
}

/// A level with enough accounts on both sides.
struct SegmentLevel<'a> {
    name: &'a str,
    code: u32,
    sample: Sample,
}

fn same_rate(frame: &Frame<'_>, contender: &Contender, segment: &Named<WordColumn>) -> SameRate {
    let untold = |reason: String| SameRate {
        segment: segment.name.clone(),
        alike: Alike::CannotTell,
        metrics: Vec::new(),
        p_value: None,
        farthest: None,
        reason: Some(reason),
    };
    let all = Sample::new(frame, &contender.predictor, |_| true);
    let code_of = |row: usize| segment.column.codes().get(row).copied().flatten();
    let levels: Vec<SegmentLevel<'_>> = (0_u32..)
        .zip(segment.column.words())
        .map(|(code, name)| {
            let sample = all.restrict(frame.panel, |row| code_of(row) == Some(code));
            SegmentLevel { name, code, sample }
        })
        .filter(|level| too_few(&level.sample).is_none())
        .collect();
    if levels.len() < 2 {
        return untold("fewer than two levels have enough accounts with events".to_owned());
    }
    let is_kept = |row: usize| levels.iter().any(|level| Some(level.code) == code_of(row));
    let sample = all.restrict(frame.panel, is_kept);
    // The first level is what the others are fitted against.
    let mut columns = vec![sample.predictor.clone()];
    columns.extend(levels.iter().skip(1).map(|level| {
        let is_of = |row: &usize| f64::from(u8::from(code_of(*row) == Some(level.code)));
        sample.rows.iter().map(is_of).collect()
    }));
    match within_fit(&sample, &columns) {
        Err(reason) => untold(reason),
        Ok(fit) => compared(frame, &segment.name, &levels, &fit),
    }
}

fn compared(
    frame: &Frame<'_>,
    segment: &str,
    levels: &[SegmentLevel<'_>],
    fit: &WithinFit,
) -> SameRate {
    let level = frame.settings.level;
    let widened = 1.0 - (1.0 - level) / levels.len() as f64;
    let rows: usize = levels.iter().map(|own| own.sample.rows.len()).sum();
    let dummies: Vec<usize> = (1..levels.len()).collect();
    let mut metrics = Vec::new();
    let mut ratios = Vec::new();
    for (place, own) in levels.iter().enumerate() {
        // The level minus the mean of all of them by rows; the first one's own term is 0.
        let factors: Vec<(usize, f64)> = (1..)
            .zip(levels.iter().skip(1))
            .map(|(other, of)| {
                let share = of.sample.rows.len() as f64 / rows as f64;
                (other, f64::from(u8::from(other == place)) - share)
            })
            .collect();
        let slice = Slice::of(segment, own.name);
        let counts = own.sample.counts();
        let at = |level: f64| fit.contrast(&factors, level);
        match (at(level), at(widened)) {
            (Ok(plain), Ok(wide)) => {
                let rate = rate_figure(fit, &dummies, &plain);
                metrics.push(Metric::new("rate_at_same_score", &slice, counts, rate));
                let ratio = plain.estimate.exp();
                let interval = Some(exponential(plain.interval));
                let figure = Figure::new(ratio, interval, Method::Sandwich);
                metrics.push(Metric::new("odds_ratio_at_same_score", &slice, counts, figure));
                ratios.push(FarthestLevel {
                    level: own.name.to_owned(),
                    odds_ratio: ratio,
                    interval: exponential(wide.interval),
                });
            }
            (Err(reason), _) | (_, Err(reason)) => {
                metrics.push(Metric::undefined("rate_at_same_score", &slice, counts, reason));
            }
        }
    }
    let intervals: Vec<Interval> = ratios.iter().map(|ratio| ratio.interval).collect();
    let distance =
        |ratio: &FarthestLevel| ratio.interval.lower.ln().max(-ratio.interval.upper.ln());
    SameRate {
        segment: segment.to_owned(),
        alike: alike(&intervals, levels.len()),
        metrics,
        p_value: fit.p_value(&dummies),
        farthest: ratios.into_iter().max_by(|a, b| distance(a).total_cmp(&distance(b))),
        reason: None,
    }
}

fn rate_figure(fit: &WithinFit, dummies: &[usize], log_odds: &Estimate) -> Figure {
    let rate = |log_odds: f64| fit.mean_probability(dummies, log_odds);
    let interval =
        Interval { lower: rate(log_odds.interval.lower), upper: rate(log_odds.interval.upper) };
    Figure::new(rate(log_odds.estimate), Some(interval), Method::Sandwich)
}

fn exponential(interval: Interval) -> Interval {
    Interval { lower: interval.lower.exp(), upper: interval.upper.exp() }
}

fn alike(ratios: &[Interval], levels: usize) -> Alike {
    let (low, high) = SAME;
    if ratios.iter().any(|ratio| ratio.lower > high || ratio.upper < low) {
        Alike::No
    } else if ratios.len() == levels
        && ratios.iter().all(|ratio| ratio.lower >= low && ratio.upper <= high)
    {
        Alike::Yes
    } else {
        Alike::CannotTell
    }
}

/// One finding per segment.
pub(crate) fn findings(rates: &[SameRate], primary: &str) -> Vec<Finding> {
    if rates.is_empty() {
        let sentence = "the panel has no segments".to_owned();
        return finding("CHS236", Level::NotApplicable, primary, sentence).into_iter().collect();
    }
    rates.iter().filter_map(|rate| of_segment(rate, primary)).collect()
}

fn of_segment(rate: &SameRate, primary: &str) -> Option<Finding> {
    let segment = &rate.segment;
    if let Some(reason) = &rate.reason {
        let sentence = format!("by `{segment}`: cannot tell: {reason}");
        return finding("CHS236", Level::NotApplicable, primary, sentence);
    }
    let farthest = rate.farthest.as_ref()?;
    let slice = Slice::of(segment, &farthest.level);
    let at_same_score = |own: &&Metric| own.name == "rate_at_same_score" && own.slice == slice;
    let of_level = rate.metrics.iter().find(at_same_score)?.bounds()?;
    let words = match rate.alike {
        Alike::Yes => "the same score means the same rate",
        Alike::No => "the same score means another rate",
        Alike::CannotTell => "it is not shown that the same score means the same rate",
    };
    let Interval { lower, upper } = farthest.interval;
    let sentence = format!(
        "by `{segment}`: {words}; farthest from the others is `{}`, {:.2} times their odds ({lower:.2} to \
         {upper:.2}, widened for the number of levels): {} of all rows ({:.1} to {:.1} %) if they had this \
         level at their own score",
        farthest.level,
        farthest.odds_ratio,
        percent(of_level.0),
        100.0 * of_level.1,
        100.0 * of_level.2
    );
    let level = match rate.alike {
        Alike::Yes => Level::Passed,
        Alike::No => Level::Warning,
        Alike::CannotTell => Level::Note,
    };
    let bounds = (farthest.odds_ratio, lower, upper);
    Some(with_bounds(finding("CHS236", level, primary, sentence)?, bounds))
}

#[cfg(test)]
mod tests {
    use chs_stats::Interval;

    use super::{Alike, alike};

    #[test]
    fn levels_are_alike_by_whole_intervals() {
        let ratio = |lower: f64, upper: f64| Interval { lower, upper };
        assert_eq!(alike(&[ratio(0.9, 1.1), ratio(0.85, 1.2)], 2), Alike::Yes);
        assert_eq!(alike(&[ratio(0.9, 1.1), ratio(0.7, 1.2)], 2), Alike::CannotTell);
        assert_eq!(alike(&[ratio(0.9, 1.1), ratio(1.3, 2.0)], 2), Alike::No);
        assert_eq!(alike(&[ratio(0.5, 0.79), ratio(0.9, 1.1)], 2), Alike::No);
        assert_eq!(alike(&[ratio(0.9, 1.1)], 2), Alike::CannotTell, "a level without a ratio");
    }
}
