//! The questions that a health score has to answer, one by one, in the order in which they are asked.
//!
//! An answer rests on findings: nothing is computed here, and nothing is said that a finding does not carry.

use chs_panel::{Finding, Level};

use crate::Evaluation;

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes; decided on an interval bound.
    Yes,
    /// No; decided on an interval bound.
    No,
    /// The data do not carry an answer.
    CannotTell,
    /// A figure, in the sentence.
    Figure,
}

impl Reply {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CannotTell => "cannot_tell",
            Self::Figure => "figure",
        }
    }
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its number, from 1.
    pub number: usize,
    /// What is asked.
    pub question: &'static str,
    /// What is answered.
    pub reply: Reply,
    /// The answer with its figures, in one or more sentences.
    pub sentence: String,
    /// Codes of the findings that it rests on, ascending.
    pub codes: Vec<&'static str>,
    /// What would be needed where the answer is [`Reply::CannotTell`].
    pub needed: Option<String>,
}

/// How findings make an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Passed findings say yes, warnings and errors no.
    Decided,
    /// The findings hold figures.
    Figures,
}

/// A question, and the findings that answer it.
struct Asked {
    question: &'static str,
    kind: Kind,
    codes: &'static [&'static str],
    /// What is needed where there is no such finding, or none that applies.
    needed: &'static str,
}

const fn decided(
    question: &'static str,
    codes: &'static [&'static str],
    needed: &'static str,
) -> Asked {
    Asked { question, kind: Kind::Decided, codes, needed }
}

const fn figures(
    question: &'static str,
    codes: &'static [&'static str],
    needed: &'static str,
) -> Asked {
    Asked { question, kind: Kind::Figures, codes, needed }
}

const MORE: &str = "more accounts with the outcome, or a longer history";
const DATES: &str =
    "outcomes with their dates in a history of several snapshots, and a score with bands";
const INDICATORS: &str =
    "a scorecard over indicators, ten accounts with the outcome for each of them";
const BANDS: &str = "a score with bands, and accounts with the outcome";

/// All questions in their order: twenty about the score, two about the portfolio.
static ASKED: [Asked; 22] = [
    decided("Is there enough data?", &["CHS201", "CHS213"], MORE),
    decided(
        "Did lost accounts score lower 180, 90, 60 and 30 days before the renewal or the notice?",
        &["CHS216"],
        DATES,
    ),
    figures(
        "What share of the loss, in accounts and in revenue, was healthy 90 days before?",
        &["CHS217"],
        DATES,
    ),
    figures("What share of the alerts stayed, touched and untouched?", &["CHS218"], BANDS),
    decided("Does the outcome follow the bands?", &["CHS204"], BANDS),
    decided("Does the alert band clear the bar for its lift?", &["CHS208"], BANDS),
    figures(
        "How early does the alert come, missed accounts counted?",
        &["CHS219", "CHS221"],
        DATES,
    ),
    decided(
        "Is the score better than last activity, tenure, other scores and chance?",
        &["CHS202", "CHS205", "CHS206", "CHS209", "CHS210"],
        MORE,
    ),
    decided(
        "Is it better than the other score out of time, beyond noise?",
        &["CHS244"],
        "a second score to test beside the first",
    ),
    figures(
        "Which indicators carry signal alone, and after the others?",
        &["CHS230", "CHS231"],
        INDICATORS,
    ),
    decided(
        "Are all weights right in sign, needed and supported?",
        &["CHS231", "CHS232", "CHS233"],
        INDICATORS,
    ),
    decided(
        "Do trends add to levels?",
        &["CHS234"],
        "more accounts with the outcome over several snapshots, and indicators that tell a change",
    ),
    decided("Are the indicators free of leaks?", &["CHS235"], INDICATORS),
    figures(
        "Where would the edge of the alert band go, given capacity and costs?",
        &["CHS243", "CHS245"],
        BANDS,
    ),
    decided(
        "Does a score mean the same in every segment?",
        &["CHS212", "CHS236"],
        "segments with enough accounts with the outcome",
    ),
    decided("When it says 20 %, do 20 % have the outcome?", &["CHS207", "CHS237"], MORE),
    decided("Is it stable over time?", &["CHS238", "CHS239"], "a longer history"),
    figures(
        "How much hangs on missing values, stale ones and coverage?",
        &["CHS240", "CHS241", "CHS242"],
        INDICATORS,
    ),
    figures(
        "What could interventions have done to this?",
        &["CHS225"],
        "an indicator that counts what was done for an account, named as `touched` in `[backtest]` of chs.toml",
    ),
    figures(
        "What changes if another score is shipped, in accounts and in revenue?",
        &["CHS226"],
        "a second score with bands",
    ),
    figures(
        "Is a change of the mean score one account's, one segment's or everyone's?",
        &["CHS222"],
        "two snapshots with scores",
    ),
    decided(
        "Does health forecast the next renewals and the revenue?",
        &["CHS223", "CHS224"],
        "outcomes with their dates over at least twelve snapshots, and a probability",
    ),
];

/// Answer every question from the findings about the label and the primary score.
pub(crate) fn questions(evaluation: &Evaluation) -> Vec<Question> {
    let about = |finding: &&Finding| {
        finding.subject == evaluation.label.name
            || evaluation.primary().is_some_and(|primary| finding.subject == primary.name)
    };
    let findings: Vec<&Finding> = evaluation.findings.iter().filter(about).collect();
    ASKED.iter().zip(1..).map(|(asked, number)| asked.answer(number, &findings)).collect()
}

impl Asked {
    fn answer(&self, number: usize, findings: &[&Finding]) -> Question {
        let found: Vec<&Finding> = (findings.iter().copied())
            .filter(|finding| self.codes.contains(&finding.code))
            .collect();
        let applies = |finding: &&&Finding| finding.level != Level::NotApplicable;
        let told: Vec<&Finding> = found.iter().filter(applies).copied().collect();
        let reply = self.reply(&told);
        let said = if told.is_empty() { &found } else { &told };
        let sentences: Vec<&str> = said.iter().map(|finding| finding.sentence.as_str()).collect();
        let mut codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        codes.dedup();
        Question {
            number,
            question: self.question,
            reply,
            sentence: if sentences.is_empty() {
                "not examined in this backtest".to_owned()
            } else {
                sentences.join("; ")
            },
            codes,
            needed: (reply == Reply::CannotTell).then(|| self.needed.to_owned()),
        }
    }

    fn reply(&self, told: &[&Finding]) -> Reply {
        let is = |level: Level| told.iter().any(|finding| finding.level == level);
        match self.kind {
            _ if told.is_empty() => Reply::CannotTell,
            Kind::Figures => Reply::Figure,
            Kind::Decided if is(Level::Error) || is(Level::Warning) => Reply::No,
            Kind::Decided if is(Level::Note) => Reply::CannotTell,
            Kind::Decided => Reply::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use chs_panel::{Finding, Level};

    use super::{ASKED, Reply, decided, figures};
    use crate::rule;

    fn finding(code: &str, level: Level) -> Finding {
        rule(code).unwrap().finding(level, "own", format!("sentence of {code}"))
    }

    fn reply(levels: &[Level]) -> Reply {
        let found: Vec<Finding> = levels.iter().map(|level| finding("CHS204", *level)).collect();
        let found: Vec<&Finding> = found.iter().collect();
        decided("?", &["CHS204"], "more").answer(1, &found).reply
    }

    #[test]
    fn findings_decide() {
        assert_eq!(reply(&[Level::Passed, Level::Passed]), Reply::Yes);
        assert_eq!(reply(&[Level::Passed, Level::NotApplicable]), Reply::Yes);
        assert_eq!(reply(&[Level::Passed, Level::Note]), Reply::CannotTell);
        assert_eq!(reply(&[Level::Note, Level::Warning]), Reply::No);
        assert_eq!(reply(&[Level::Error]), Reply::No);
        assert_eq!(reply(&[Level::NotApplicable]), Reply::CannotTell);
        assert_eq!(reply(&[]), Reply::CannotTell);
    }

    #[test]
    fn an_answer_names_its_findings_and_what_is_needed() {
        let found = [finding("CHS204", Level::NotApplicable), finding("CHS208", Level::Passed)];
        let asked = figures("?", &["CHS204"], "bands");
        let open = asked.answer(3, &[&found[0], &found[1]]);
        assert_eq!((open.number, open.codes.as_slice()), (3, ["CHS204"].as_slice()));
        assert_eq!(open.sentence, "sentence of CHS204");
        assert_eq!(open.needed.as_deref(), Some("bands"));
        let told = figures("?", &["CHS208"], "bands").answer(3, &[&found[0], &found[1]]);
        assert_eq!((told.reply, told.needed), (Reply::Figure, None));
        let silent = asked.answer(3, &[]);
        assert_eq!((silent.reply, silent.codes.len()), (Reply::CannotTell, 0));
    }

    #[test]
    fn every_code_has_a_rule() {
        for asked in &ASKED {
            assert!(asked.codes.is_sorted());
            for code in asked.codes {
                assert!(rule(code).is_some(), "{code}");
            }
        }
    }
}
