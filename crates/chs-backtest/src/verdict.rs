//! The answer to "does the score work?".

use chs_panel::{Label, Polarity};

use crate::wording::{listed, percent, points_with_interval, whole_percent};
use crate::{Baseline, CandidateResult, Comparison, Monotone};

/// The kind of an answer; decided on interval bounds, never on an estimate alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Better than chance, better than recency and tenure, and every step from band to band shown.
    Works,
    /// Better than chance, but one of the others is not shown.
    Weak,
    /// Not told from chance.
    DoesNotWork,
    /// Worse than chance: the score points the wrong way.
    WrongWay,
    /// The history does not carry an answer.
    CannotTell,
}

impl Answer {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Weak => "weak",
            Self::DoesNotWork => "does_not_work",
            Self::WrongWay => "wrong_way",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// The answer for the primary candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The kind of the answer.
    pub answer: Answer,
    /// The candidate that it speaks of.
    pub candidate: String,
    pub(crate) sentence: String,
}

impl Verdict {
    /// One plain sentence with the figures.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

/// The answer for the first candidate.
pub(crate) fn verdict(
    label: &Label,
    level: f64,
    candidates: &[CandidateResult],
    comparisons: &[Comparison],
) -> Verdict {
    let Some(primary) = candidates.first() else {
        let sentence = "there is nothing to test".to_owned();
        return Verdict { answer: Answer::CannotTell, candidate: String::new(), sentence };
    };
    let facts = Facts { label, level, primary, comparisons };
    let (answer, mut sentence) = facts.answer();
    if label.definition.window.is_none() {
        sentence
            .push_str(" In a cross-section nothing shows that the score stood before the outcome.");
    }
    Verdict { answer, candidate: primary.name.clone(), sentence }
}

/// What a verdict rests on.
struct Facts<'a> {
    label: &'a Label,
    level: f64,
    primary: &'a CandidateResult,
    comparisons: &'a [Comparison],
}

impl Facts<'_> {
    fn answer(&self) -> (Answer, String) {
        let name = &self.primary.name;
        let auc = self.primary.metric("auc_within_snapshot");
        let Some((bounds, accounts)) =
            auc.and_then(|auc| Some((auc.bounds()?, auc.counts.event_accounts)))
        else {
            let reason = auc
                .and_then(|auc| auc.reason.clone())
                .unwrap_or_else(|| "its ranking is not defined".to_owned());
            return (
                Answer::CannotTell,
                format!("It cannot be told whether `{name}` works: {reason}."),
            );
        };
        let ranking = self.ranking(bounds, accounts);
        let (_, lower, upper) = bounds;
        if upper < 0.5 {
            (
                Answer::WrongWay,
                format!("`{name}` points the wrong way: {ranking}; chance gives 50 %."),
            )
        } else if lower <= 0.5 {
            let sentence =
                format!("`{name}` is not shown to work: {ranking}, and chance gives 50 %.");
            (Answer::DoesNotWork, sentence)
        } else {
            self.above_chance(&ranking)
        }
    }

    fn above_chance(&self, ranking: &str) -> (Answer, String) {
        let name = &self.primary.name;
        let (mut better, mut doubts) = (Vec::new(), Vec::new());
        for rival in [Baseline::Recency, Baseline::Tenure] {
            let difference = self.comparisons.iter().find(|found| {
                found.a == *name
                    && found.b == rival.as_str()
                    && found.metric.name == "auc_within_snapshot"
            });
            let Some(difference) = difference else { continue };
            match difference.metric.bounds() {
                Some(bounds) if bounds.1 > 0.0 => {
                    better.push(format!("{} ({})", rival.as_str(), points_with_interval(bounds)));
                }
                Some(bounds) => doubts.push(format!(
                    "it is not shown to rank better than {} alone ({})",
                    rival.as_str(),
                    points_with_interval(bounds)
                )),
                None => doubts.push(format!("it could not be held against {}", rival.as_str())),
            }
        }
        match self.primary.bands.as_ref().map(|table| table.monotone) {
            Some(Monotone::No) => doubts.push("its bands do not follow the outcome".to_owned()),
            Some(Monotone::CannotTell) => {
                doubts.push("the data do not show that its bands follow the outcome".to_owned());
            }
            Some(Monotone::Yes) | None => {}
        }
        if doubts.is_empty() {
            let than = if better.is_empty() {
                "; there was neither recency nor tenure to hold it against".to_owned()
            } else {
                format!(", better than {}", listed(&better))
            };
            (Answer::Works, format!("`{name}` works: {ranking}{than}."))
        } else {
            (Answer::Weak, format!("`{name}` is weak: {ranking}, but {}.", listed(&doubts)))
        }
    }

    /// What the AUC means, in words.
    fn ranking(&self, (estimate, lower, upper): (f64, f64, f64), event_accounts: usize) -> String {
        let definition = &self.label.definition;
        let lower_or_higher = match definition.polarity {
            Polarity::Adverse => "lower",
            Polarity::Favourable => "higher",
        };
        let pair = match definition.window {
            Some(_) => "of two accounts on the same day",
            None => "of two accounts",
        };
        format!(
            "{pair} it scores the one with {} ahead {lower_or_higher} in {} of \
             the cases ({} interval {:.1} to {:.1} %, {event_accounts} accounts with the outcome)",
            definition.outcome,
            percent(estimate),
            whole_percent(self.level),
            100.0 * lower,
            100.0 * upper,
        )
    }
}
