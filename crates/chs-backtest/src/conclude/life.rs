//! Findings about the life of accounts: CHS216 to CHS226.

use chs_panel::{Finding, Level};

use super::{finding, reason, with_metric};
use crate::wording::{points_with_interval, whole_percent};
use crate::{
    AlertPolicy, CandidateResult, Evaluation, Interventions, Life, Metric, Misses, PolicyResult,
    PortfolioStep, Shipping, WarningClock, WarningPoint,
};

/// Days before the outcome at which lost and kept accounts are told apart.
const DAYS_BEFORE: u32 = 90;
/// Days of warning that are asked for.
const WARNING: u32 = 30;
/// Share of the value within which a forecast has to lie.
const FORECAST: f64 = 0.02;

/// All of them about the primary score; nothing where its life was not looked at.
pub(super) fn of_life(evaluation: &Evaluation) -> Vec<Finding> {
    let Some(primary) = evaluation.primary().filter(|primary| primary.life != Life::default())
    else {
        return Vec::new();
    };
    let told = Told { primary, level: evaluation.level };
    let mut findings: Vec<Finding> = [
        told.scored_lower(),
        told.healthy(),
        told.stayed(),
        told.early(),
        told.flaps(),
        told.useful(),
        told.moved(),
        told.foretold(),
        told.forecast(),
        told.interventions(),
    ]
    .into_iter()
    .flatten()
    .collect();
    findings.extend(told.shipped(&evaluation.shipping));
    findings
}

struct Told<'a> {
    primary: &'a CandidateResult,
    level: f64,
}

impl Told<'_> {
    fn life(&self) -> &Life {
        &self.primary.life
    }

    fn finding(&self, code: &str, level: Level, sentence: String) -> Option<Finding> {
        finding(code, level, &self.primary.name, sentence)
    }

    fn not_applicable(&self, code: &str, sentence: &str) -> Option<Finding> {
        self.finding(code, Level::NotApplicable, sentence.to_owned())
    }

    /// Why something before outcomes or on bands is left out.
    fn why_not(&self) -> &str {
        let life = self.life();
        let reason = life.no_outcomes.as_deref().or(life.no_bands.as_deref());
        reason.unwrap_or("the data do not carry it")
    }

    /// `45.1 % (95 % interval 40.2 to 50.1 %)`
    fn share(&self, metric: &Metric) -> String {
        match (metric.bounds(), metric.estimate) {
            (Some((estimate, lower, upper)), _) => format!(
                "{:.1} % ({} interval {:.1} to {:.1} %)",
                100.0 * estimate,
                whole_percent(self.level),
                100.0 * lower,
                100.0 * upper
            ),
            (None, Some(estimate)) => format!("{:.1} %", 100.0 * estimate),
            (None, None) => reason(metric).to_owned(),
        }
    }

    fn scored_lower(&self) -> Option<Finding> {
        let Some(anchored) = &self.life().renewal_anchored else {
            return self.not_applicable("CHS216", self.why_not());
        };
        let at = anchored.offsets.iter().find(|offset| offset.days == DAYS_BEFORE)?;
        let auc = at.auc()?;
        let level = match auc.bounds() {
            None => Level::NotApplicable,
            Some((_, lower, _)) if lower > 0.5 => Level::Passed,
            Some((_, _, upper)) if upper < 0.5 => Level::Error,
            Some(_) => Level::Note,
        };
        if level == Level::NotApplicable {
            return self.not_applicable("CHS216", reason(auc));
        }
        let offsets: Vec<String> = anchored
            .offsets
            .iter()
            .filter_map(|offset| {
                let mean = |name: &str| offset.metric(name)?.estimate;
                let (lost, kept) = (mean("mean_score_lost")?, mean("mean_score_kept")?);
                Some(format!("{lost:.1} against {kept:.1} at {} days", offset.days))
            })
            .collect();
        let others = if anchored.against == "kept" { "kept ones" } else { "those that stayed" };
        let sentence = format!(
            "lost accounts scored {} before, on average and beside {others}; at {DAYS_BEFORE} days \
             the AUC is {}",
            offsets.join(", "),
            number(auc, 3)
        );
        Some(with_metric(self.finding("CHS216", level, sentence)?, auc))
    }

    fn misses(&self) -> Option<&Misses> {
        self.life().misses.as_ref()
    }

    fn healthy(&self) -> Option<Finding> {
        let Some(misses) = self.misses() else {
            return self.not_applicable("CHS217", self.why_not());
        };
        let share = &misses.false_green_share;
        let chance = misses.healthy_share.estimate;
        let level = match (share.bounds(), chance) {
            (Some((_, _, upper)), Some(chance)) if upper < chance => Level::Passed,
            (Some((_, lower, _)), Some(chance)) if lower >= chance => Level::Warning,
            (Some(_), Some(_)) => Level::Note,
            _ => return self.not_applicable("CHS217", reason(share)),
        };
        let by_value = match misses.false_green_share_of_value.estimate {
            Some(_) => format!(", {} of the value", self.share(&misses.false_green_share_of_value)),
            None => String::new(),
        };
        let sentence = format!(
            "of {} losses with a score {DAYS_BEFORE} days before, {} stood in `{}` then{by_value}; \
             {} of all readings do",
            share.counts.n,
            self.share(share),
            misses.healthy_band,
            chance.map_or_else(String::new, |chance| format!("{:.1} %", 100.0 * chance)),
        );
        Some(with_metric(self.finding("CHS217", level, sentence)?, share))
    }

    fn stayed(&self) -> Option<Finding> {
        let Some(misses) = self.misses() else {
            return self.not_applicable("CHS218", self.why_not());
        };
        let [all, touched, untouched] = &misses.alerts_stayed;
        if all.estimate.is_none() {
            return self.not_applicable("CHS218", reason(all));
        }
        let split = if touched.estimate.is_some() || untouched.estimate.is_some() {
            format!("; touched {}, untouched {}", self.share(touched), self.share(untouched))
        } else {
            format!("; touched and untouched are not told apart: {}", reason(touched))
        };
        let sentence = format!(
            "of {} readings in `{}`, {} had no outcome in their window{split}",
            all.counts.n,
            misses.alert_band,
            self.share(all)
        );
        Some(with_metric(self.finding("CHS218", Level::Note, sentence)?, all))
    }

    fn early(&self) -> Option<Finding> {
        let Some(found) = &self.life().warning_time else {
            return self.not_applicable("CHS219", self.why_not());
        };
        let point = |clock: &str| -> Option<(&WarningClock, &WarningPoint)> {
            let clock = found.clocks.iter().find(|own| own.clock == clock)?;
            Some((clock, clock.curve.iter().find(|point| point.days == WARNING)?))
        };
        let (outcome, at) = point("outcome")?;
        let (_, notice) = point("notice")?;
        let level = match at.gain.bounds() {
            None => return self.not_applicable("CHS219", reason(&at.gain)),
            Some((_, lower, _)) if lower > 0.0 => Level::Passed,
            Some((_, _, upper)) if upper <= 0.0 => Level::Warning,
            Some(_) => Level::Note,
        };
        let sentence = format!(
            "{} of all lost accounts were on alert at least {WARNING} days before the outcome, {} before \
             the notice, missed ones counted; random alerts of the same burden give {}; the mean warning is \
             {} days, at {} alerts per 100 account-months",
            self.share(&at.warned),
            self.share(&notice.warned),
            at.random.estimate.map_or_else(String::new, |share| format!("{:.1} %", 100.0 * share)),
            number(&outcome.mean_days, 0),
            number(&found.burden, 1)
        );
        Some(with_metric(self.finding("CHS219", level, sentence)?, &at.gain))
    }

    fn flaps(&self) -> Option<Finding> {
        let Some(migration) = &self.life().migration else {
            return self.not_applicable("CHS220", self.why_not());
        };
        let rate = &migration.flap_rate;
        let level = match rate.bounds() {
            None => return self.not_applicable("CHS220", reason(rate)),
            Some((_, lower, _)) if lower > 0.5 => Level::Warning,
            Some((_, _, upper)) if upper < 0.5 => Level::Passed,
            Some(_) => Level::Note,
        };
        let sentence = format!(
            "of {} changes of band that another reading follows, {} are undone at it",
            rate.counts.n,
            self.share(rate)
        );
        Some(with_metric(self.finding("CHS220", level, sentence)?, rate))
    }

    fn useful(&self) -> Option<Finding> {
        let policies = &self.life().alerts;
        let level_policy = policies.iter().find(|policy| policy.policy == AlertPolicy::Level);
        let Some(benefit) = level_policy.and_then(|policy| policy.metric("net_benefit")) else {
            return self.not_applicable("CHS221", self.why_not());
        };
        let level = match benefit.bounds() {
            None => return self.not_applicable("CHS221", reason(benefit)),
            Some((_, lower, _)) if lower > 0.0 => Level::Passed,
            Some((_, _, upper)) if upper <= 0.0 => Level::Warning,
            Some(_) => Level::Note,
        };
        let told: Vec<String> = policies.iter().map(policy_words).collect();
        let sentence =
            format!("{}; net benefit of the level {}", told.join("; "), number(benefit, 4));
        Some(with_metric(self.finding("CHS221", level, sentence)?, benefit))
    }

    fn moved(&self) -> Option<Finding> {
        let portfolio = self.life().portfolio.as_ref();
        let Some(step) = portfolio.and_then(|portfolio| portfolio.steps.last()) else {
            return self.not_applicable("CHS222", "there are no two snapshots with scores");
        };
        let interval = step.change.as_ref().and_then(Metric::bounds);
        let interval = interval
            .map_or_else(String::new, |(_, lower, upper)| format!(" ({lower:+.2} to {upper:+.2})"));
        let sentence = format!(
            "from {} to {} the mean score went from {:.1} to {:.1}, {:+.2}{interval}: {}{}{}",
            step.from,
            step.to,
            step.mean_from,
            step.mean_to,
            step.mean_to - step.mean_from,
            parts(step),
            whose(step),
            behind(step)
        );
        let found = self.finding("CHS222", Level::Note, sentence)?;
        Some(found.with_figure("change", step.mean_to - step.mean_from))
    }

    fn foretold(&self) -> Option<Finding> {
        let Some(portfolio) = &self.life().portfolio else {
            return self.not_applicable("CHS223", self.why_not());
        };
        let found = &portfolio.correlation;
        let level = match found.bounds() {
            None => return self.not_applicable("CHS223", reason(found)),
            Some((_, lower, _)) if lower > 0.0 => Level::Passed,
            Some((_, _, upper)) if upper < 0.0 => Level::Warning,
            Some(_) => Level::Note,
        };
        let sentence = format!(
            "over {} periods the mean score correlates with the share of accounts kept until the next \
             snapshot by {}",
            found.counts.n,
            number(found, 2)
        );
        Some(with_metric(self.finding("CHS223", level, sentence)?, found))
    }

    fn forecast(&self) -> Option<Finding> {
        let portfolio = self.life().portfolio.as_ref();
        let Some(found) = portfolio.and_then(|portfolio| portfolio.forecast.first()) else {
            return self.not_applicable("CHS224", self.why_not());
        };
        let Some((estimate, lower, upper)) = found.bounds() else {
            return self.not_applicable("CHS224", reason(found));
        };
        let level = match () {
            () if lower >= -FORECAST && upper <= FORECAST => Level::Passed,
            () if lower > 0.0 || upper < 0.0 => Level::Warning,
            () => Level::Note,
        };
        let sentence = format!(
            "the value expected to stay misses the value that stayed by {} of the value at stake (above 0: \
             too hopeful)",
            points_with_interval((estimate, lower, upper))
        );
        Some(with_metric(self.finding("CHS224", level, sentence)?, found))
    }

    fn interventions(&self) -> Option<Finding> {
        let Some(found) = &self.life().interventions else {
            let why = "no indicator counts what was done for an account";
            return self.not_applicable("CHS225", why);
        };
        let Interventions { indicator, touched_share, alert_event_rates, aucs } = found;
        if touched_share.estimate.is_none() {
            return self.not_applicable("CHS225", "no reading in the alert band tells");
        }
        let [touched, untouched, bound] = alert_event_rates;
        let sentence = format!(
            "{} of the alerts were touched, as `{indicator}` has it; the outcome followed in {} of the \
             touched and {} of the untouched, in {} if all touched had been lost; AUC {} as observed, {} \
             without the touched, {} if all of them had been lost",
            self.share(touched_share),
            self.share(touched),
            self.share(untouched),
            self.share(bound),
            number(&aucs[0], 3),
            number(&aucs[1], 3),
            number(&aucs[2], 3)
        );
        Some(with_metric(self.finding("CHS225", Level::Note, sentence)?, touched_share))
    }

    fn shipped(&self, shipping: &[Shipping]) -> Vec<Finding> {
        if shipping.is_empty() {
            let why = "there is no second score with the same bands";
            return self.not_applicable("CHS226", why).into_iter().collect();
        }
        shipping.iter().filter_map(|shipping| self.ship(shipping)).collect()
    }

    fn ship(&self, shipping: &Shipping) -> Option<Finding> {
        let moved = shipping.moves.iter().filter(|own| own.from != own.to);
        let value: Option<f64> = moved.map(|own| own.value).sum();
        let of_value = match (value, shipping.value) {
            (Some(moved), Some(all)) if all > 0.0 => {
                format!(" and {:.1} % of the value", 100.0 * moved / all)
            }
            _ => String::new(),
        };
        let [lower, higher, same] = &shipping.event_rates;
        let sentence = format!(
            "with `{}` in its place {} of {} accounts at {}{of_value} change their band; over all \
             snapshots the outcome followed in {} of the readings that it puts lower, {} of those higher \
             and {} of the rest",
            shipping.to,
            self.share(&shipping.share_moved),
            shipping.accounts,
            shipping.snapshot,
            self.share(lower),
            self.share(higher),
            self.share(same)
        );
        Some(with_metric(self.finding("CHS226", Level::Note, sentence)?, &shipping.share_moved))
    }
}

/// `45.1 (40.2 to 50.1)`
fn number(metric: &Metric, decimals: usize) -> String {
    match (metric.bounds(), metric.estimate) {
        (Some((estimate, lower, upper)), _) => {
            format!("{estimate:.decimals$} ({lower:.decimals$} to {upper:.decimals$})")
        }
        (None, Some(estimate)) => format!("{estimate:.decimals$}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// What a policy costs and brings.
fn policy_words(policy: &PolicyResult) -> String {
    let estimate = |name: &str| policy.metric(name).and_then(|metric| metric.estimate);
    let percent = |name: &str| {
        estimate(name).map_or("unknown".to_owned(), |share| format!("{:.0} %", 100.0 * share))
    };
    let weekly = estimate("alerts_per_week");
    format!(
        "`{}`: {} alerts per week, {} followed by the outcome, {} of the losses on alert before",
        policy.policy.as_str(),
        weekly.map_or("unknown".to_owned(), |rate| format!("{rate:.1}")),
        percent("precision"),
        percent("recall")
    )
}

/// `stayed -0.20, came +0.01`
fn parts(step: &PortfolioStep) -> String {
    let told = step.parts.iter().filter(|part| part.accounts > 0);
    let told: Vec<String> = told.map(|part| format!("{} {:+.2}", part.name, part.points)).collect();
    told.join(", ")
}

/// How many fell, and the largest account.
fn whose(step: &PortfolioStep) -> String {
    let fell = step.fell_share.map_or_else(String::new, |share| {
        format!("; {:.0} % of those that stayed fell", 100.0 * share)
    });
    let largest = step.largest.as_ref().map_or_else(String::new, |largest| {
        format!("; one account alone moved the mean by {:+.3}", largest.points)
    });
    format!("{fell}{largest}")
}

/// The segment level and the component that moved the mean most.
fn behind(step: &PortfolioStep) -> String {
    let most = |parts: &[crate::PortfolioPart]| {
        let sized = parts.iter().filter(|part| part.accounts > 0);
        let most = sized.max_by(|a, b| a.points.abs().total_cmp(&b.points.abs()))?;
        Some(format!("`{}` {:+.2}", most.name, most.points))
    };
    let segment = most(&step.segments).map(|most| format!("; most by segment: {most}"));
    let component = most(&step.components).map(|most| format!("; most by component: {most}"));
    format!("{}{}", segment.unwrap_or_default(), component.unwrap_or_default())
}
