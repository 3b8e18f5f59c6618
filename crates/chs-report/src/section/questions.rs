//! The questions that a score has to answer, each with its answer.

use chs_backtest::backtest_json::v1::{Backtest, Question};

use crate::document::Document;
use crate::escape::prose;
use crate::wording::{counted, spaced};

pub(crate) fn questions(document: &mut Document, backtest: &Backtest) {
    let questions = &backtest.questions;
    if questions.is_empty() {
        return;
    }
    document.section("Questions and answers");
    let open = questions.iter().filter(|question| question.answer == "cannot_tell").count();
    document.paragraph(&format!(
        "{}, each answered by findings that rest on interval bounds; {open} cannot be told from these data.",
        counted(questions.len(), "question", "questions")
    ));
    document.list(&questions.iter().map(answered).collect::<Vec<_>>());
}

/// `**7. How early does the alert come?** Cannot tell: no date. Needed: outcomes with their dates. (CHS219)`
fn answered(question: &Question) -> String {
    let answer = match question.answer.as_str() {
        "figure" => String::new(),
        "yes" => "**Yes:** ".to_owned(),
        "no" => "**No:** ".to_owned(),
        other => format!("**{}:** ", capitalised(&spaced(other))),
    };
    let needed = question
        .needed
        .as_ref()
        .map_or_else(String::new, |needed| format!(" Needed: {}.", prose(needed)));
    let findings = match question.findings.as_slice() {
        [] => String::new(),
        codes => format!(" ({})", codes.join(", ")),
    };
    format!(
        "**{}. {}** {answer}{}.{needed}{findings}",
        question.number,
        prose(&question.question),
        prose(&question.sentence)
    )
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::answered;
    use crate::examples;

    #[test]
    fn an_answer_says_what_it_rests_on_and_what_is_needed() {
        let questions = examples::backtest().questions;
        assert_eq!(
            answered(&questions[0]),
            "**5. Does the outcome follow the bands?** **Yes:** every step goes the right way. (CHS204)"
        );
        assert!(answered(&questions[1]).contains(
            "**Cannot tell:** every step goes the right way. Needed: outcomes with their dates. (CHS219)"
        ));
    }
}
