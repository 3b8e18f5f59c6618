//! Laws of the report, and its edges.

use chs_fit::fit_json::v1::{Fit, Reason};

use super::markdown;
use crate::examples::{bare, emptied, fit, no_life, report, unlearnable};
use crate::summary;

fn sections(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

#[test]
fn the_verdict_comes_first() {
    let text = markdown(&report());
    assert!(text.starts_with("# The score works\n\n`acme` works: of two accounts"));
    assert!(text.contains("410 accounts with the outcome among 1,900 (32,500 rows at 2 snapshots"));
    assert!(text.contains("**Findings.** 1 error, 2 warnings, 1 passed."));
}

#[test]
fn every_part_is_there() {
    let expected = [
        "Questions and answers",
        "What it was measured on",
        "Does it rank?",
        "What do the bands mean?",
        "How early does it warn?",
        "What did it miss?",
        "How do accounts move?",
        "Where do the scores lie?",
        "Do its probabilities hold?",
        "What is acting on it worth?",
        "What does each indicator say?",
        "Does it hold over time?",
        "Were the indicators there?",
        "Does it hold in every segment?",
        "What does the result hang on?",
        "Findings",
        "Row account",
        "How to read this",
        "Where it comes from",
    ];
    for input in [report(), emptied(), bare()] {
        assert_eq!(sections(&markdown(&input)), expected);
    }
}

#[test]
fn indicators_are_told_with_their_gaps_and_where_they_stand_still() {
    let text = markdown(&report());
    for expected in [
        "| logins_30d | 80.0 % | 50.0 %, 2024-01-28 | 2024-01-28  |        50.0 % | 2024-03-28  |",
        "| seats      | 75.0 % | 0.0 %, 2024-01-28  | 2024-02-28  |        26.7 % | 2024-02-28  |",
        "- `seats` stands still since 2024-02-28: no cell changed at the 2 snapshots after it",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("- `logins_30d` stands still"));
    let mut input = report();
    input.loading.indicators.iter_mut().for_each(|own| own.days.clear());
    let text = markdown(&input);
    assert!(
        text.contains("A cross-section has no time.") && text.contains("| seats      | 75.0 % |"),
        "{text}"
    );
}

#[test]
fn a_fit_is_told_of_where_there_is_one() {
    let mut input = report();
    assert!(!markdown(&input).contains("What did the fit find?"));
    input.fit = Some(fit());
    let text = markdown(&input);
    for expected in [
        "**No model left the fit.** The weights of `acme` version `0.1.0` stay in force.",
        "- A gate is closed: calibration slope.",
        "- **calibration slope, fail:** the slope is 0.71",
        "It is not for use.",
        "| use       | logins_30d     |        60 |        70 | [62.0, 78.5]",
        "that of 200 resamples of the accounts",
        "How they were held out: walk-forward over 4 origins.",
        "| AUC, same day         | 0.763 [0.743, 0.783]",
        "| acme              | +0.018 [+0.008, +0.028] | -0.0040 [-0.0140, +0.0060]",
        "| healthy |     70 |     59 | [52, 64] | 10,500 | 2.0 % [0.0, 4.0]",
        "the history alone asks for more; the old weight costs",
        "The edges were found by likelihood.",
        "Probability: logit P(churn) = 1.190 - 0.0782 x score.",
        "**Next.** Move the edges",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn the_next_action_follows_the_verdict() {
    let mut input = report();
    input.backtest.findings.clear();
    input.loading.findings.clear();
    let next = |input: &crate::ReportInput| {
        let text = markdown(input);
        let (_, next) = text.split_once("**Next.** ").unwrap();
        next.split("\n\n").next().unwrap().replace('\n', " ")
    };
    let start = "Start with the accounts in `at-risk`: churn rate 16.0 % [14.0, 18.0] against 6.2 % \
                 [4.2, 8.2] of all rows.";
    let asks = "Then let `chs fit` see whether the history can teach better weights.";
    assert_eq!(next(&input), format!("{start} {asks}"));
    input.backtest.label.polarity = "favourable".into();
    assert!(next(&input).starts_with("Start with the accounts in `healthy`"));
    input.backtest.scorecards[0].bands.clear();
    input.fit = Some(fit());
    assert!(next(&input).starts_with("Start with the accounts of the highest scores. Keep the"));
    input.fit = input.fit.map(|fit| Fit { outcome: "validated".into(), ..fit });
    assert!(next(&input).ends_with(
        "Then load the model file where scores are made: on rows that it had not seen, its same-day AUC was \
         +0.018 [+0.008, +0.028] against that of `acme`."
    ));
    if let Some(fit) = &mut input.fit {
        fit.settings.weights = "prior".into();
    }
    assert!(next(&input).ends_with("Then load the model file where scores are made."));
    input.backtest.verdict.answer = "cannot_tell".into();
    assert_eq!(next(&input), "Gather more history, and ask again.");
}

#[test]
fn a_fit_is_told_as_it_ended() {
    let told = |fit: Fit| markdown(&crate::ReportInput { fit: Some(fit), ..report() });
    let text = told(unlearnable());
    assert!(text.contains("**No model left the fit.**") && !text.contains("### Weights"));
    assert!(!text.contains("### Bands and probability"));
    assert!(text.contains("| log loss              | none (1)"));
    assert!(!text.contains("for use"));
    let mut refused = unlearnable();
    refused.reasons.clear();
    for (code, sentence) in [
        ("no_signal", "nothing tells the outcomes apart"),
        ("calibration_slope", ""),
        ("lift_at_risk", ""),
    ] {
        let sentence = sentence.to_owned();
        refused.reasons.push(Reason { code: code.to_owned(), sentence });
    }
    let text = told(refused);
    assert!(text.contains("- nothing tells the outcomes apart\n"));
    assert!(text.contains("- 2 gates are closed: calibration slope and lift at risk.\n"));
    let mut validated = Fit { outcome: "validated".into(), reasons: Vec::new(), ..fit() };
    let text = told(validated.clone());
    assert!(text.contains("The history moved 10 % of the weight away from `acme`"));
    assert!(!text.contains("for use"));
    validated.settings.weights = "prior".into();
    let text = told(validated);
    assert!(text.contains("with the weights of `acme` version `0.1.0` as they are"));
    assert!(!text.contains("### Weights"));
}

#[test]
fn the_auc_of_a_cross_section_has_no_day() {
    let mut fit = fit();
    fit.label.horizon = None;
    let mut input = report();
    input.backtest.label.horizon = None;
    input.backtest.verdict.sentence.clear();
    input.backtest.scorecards.iter_mut().for_each(|score| score.life = no_life());
    input.fit = Some(fit);
    let text = markdown(&input);
    assert!(!text.contains("on the same day") && !text.contains("AUC, same day"), "{text}");
    assert!(!text.contains("of a day"), "{text}");
}

#[test]
fn figures_stand_with_their_intervals() {
    let text = markdown(&report());
    for expected in [
        "churn within 90 days, starting 14 days after the snapshot",
        "2 snapshots with a known label and a score, 2024-01-31 to 2024-02-29",
        "0.763 [0.743, 0.783]",
        "+0.041 [+0.031, +0.051]",
        "16.0 % [14.0, 18.0]",
        "+13.0 points [+11.0, +15.0]",
        "-0.0021 [-0.0121, +0.0079]",
        "recency is `days_since_login`",
        "Every step from band to band goes the right way.",
        "| logins |    24 |   120,000 | 119,400 |      600 | 600 bad date |",
        "`logins`: 3 used rows before the start of the account",
        "digest `abc123`",
        "as of 2024-07-01",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn the_gravest_finding_comes_first_with_its_next_step() {
    let text = markdown(&report());
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}\n{text}"));
    let error =
        place("- **error: CHS204 bands not monotone**, `acme`: sentence of CHS204. *Next:* Move");
    let warning =
        place("- **warning: CHS101 survivorship**, `logins`: holds few churned accounts. *Next:*");
    assert!(error < warning && warning < place("- **warning: CHS208"));
    assert!(place("- **warning: CHS208") < place("- passed: CHS202"));
}

#[test]
fn what_is_missing_has_its_reason() {
    let text = markdown(&report());
    for reason in [
        "- (1) not enough data: 4 accounts with events, 10 needed",
        "no indicator of the panel measures tenure",
        "the fit did not converge",
        "the base rate is the same for all accounts of a day",
    ] {
        assert!(text.contains(reason), "{reason}\n{text}");
    }
    let text = markdown(&emptied());
    assert!(text.starts_with("# It cannot be told whether the score works\n"));
    assert!(text.contains("not enough data: 3 accounts with events, 10 needed"));
    assert!(text.contains("No row has a probability."));
    assert!(!text.contains("NaN") && !text.contains("Some("));
}

/// A cell with an estimate has an interval or a note, and every note exists.
#[test]
fn no_figure_stands_alone() {
    let fitted = |fit| crate::ReportInput { fit: Some(fit), ..report() };
    for input in [report(), emptied(), fitted(fit()), fitted(unlearnable())] {
        let text = markdown(&input);
        let lines: Vec<&str> = text.lines().collect();
        let (mut heads, mut highest) = (Vec::new(), 0);
        for (number, line) in lines.iter().enumerate() {
            if !line.starts_with('|') {
                continue;
            }
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if lines.get(number + 1).is_some_and(|next| next.starts_with("| --")) {
                (heads, highest) = (cells, 0);
                continue;
            }
            for (head, cell) in heads.iter().zip(&cells) {
                let note = cell.strip_suffix(')').and_then(|cell| cell.rsplit_once(" ("));
                let note = note.and_then(|(_, number)| number.parse::<usize>().ok());
                highest = highest.max(note.unwrap_or(0));
                let is_exempt = !head.contains('[')
                    || cell.starts_with("--")
                    || *cell == "the score under test";
                assert!(is_exempt || cell.ends_with(']') || note.is_some(), "{head}: {cell}");
            }
            if highest > 0 && lines.get(number + 1).is_some_and(|next| next.is_empty()) {
                let notes = lines[number + 2..].iter().take_while(|line| !line.is_empty());
                let notes = notes.filter(|line| line.starts_with("- (")).count();
                assert_eq!(notes, highest, "{line}");
            }
        }
    }
}

#[test]
fn lines_fit_the_page() {
    let text = markdown(&crate::ReportInput { fit: Some(fit()), ..report() });
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
    assert!(!text.contains("\n\n\n"));
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
}

#[test]
fn the_same_input_gives_the_same_text() {
    assert_eq!(markdown(&report()), markdown(&report()));
}

#[test]
fn names_cannot_break_the_page() {
    let mut input = report();
    for score in &mut input.backtest.scorecards {
        for band in &mut score.bands {
            band.name = "a|b\n# <i>`c".into();
        }
    }
    input.loading.provenance.project = "x\n# y`".into();
    let text = markdown(&input);
    assert!(!text.lines().any(|line| line.starts_with("# ") && !line.starts_with("# The score")));
    assert!(text.contains("a\\|b # \\<i>\\`c"));
    assert!(text.contains("project `x # y'`"));
}

#[test]
fn a_row_account_that_fails_says_so() {
    let mut input = report();
    assert!(markdown(&input).contains("Every row is accounted for"));
    input.loading.tables[0].used -= 1;
    assert!(markdown(&input).contains("**It does not add up:**"));
    assert!(markdown(&bare()).contains("No table was read."));
}

#[test]
fn the_bare_report_says_what_is_absent() {
    let text = markdown(&bare());
    for expected in [
        "**Findings.** none.",
        "No snapshot has a row with a known label and a score.",
        "The history has no segments.",
        "as of: no limit was set",
        "the verdict speaks of no score",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn the_summary_shows_the_same_cells() {
    let (summary, text) = (summary(&report().backtest), markdown(&report()));
    assert_eq!(summary.heading, "The score works");
    assert_eq!(summary.tally, "1 error, 1 warning, 1 passed");
    let codes: Vec<&str> = summary.findings.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["CHS204", "CHS208"]);
    let bands = summary.bands.unwrap();
    for cell in summary.scores.rows().iter().chain(bands.rows()).flatten() {
        let cell = cell.split(" (").next().unwrap_or_default();
        assert!(text.contains(cell), "{cell}");
    }
    let first = ["acme", "0.763 [0.743, 0.783]", "the score under test"];
    assert_eq!(summary.scores.rows()[0], first);
    let widths = summary
        .scores
        .rows()
        .iter()
        .map(|row| row.iter().map(|cell| cell.chars().count() + 3).sum::<usize>());
    assert!(widths.max() < Some(80));
}

#[test]
fn every_answer_has_its_words() {
    let mut backtest = report().backtest;
    let answers = ["works", "weak", "does_not_work", "wrong_way", "cannot_tell", "sur_prise"];
    let headings = answers.map(|answer| {
        backtest.verdict.answer = answer.into();
        summary(&backtest).heading
    });
    let expected = [
        "The score works",
        "The score is weak",
        "The score is not shown to work",
        "The score points the wrong way",
        "It cannot be told whether the score works",
        "Verdict: sur prise",
    ];
    assert_eq!(headings, expected);
}

#[test]
fn a_favourable_outcome_turns_the_ends() {
    let mut input = report();
    assert!(markdown(&input).contains("bad news, so that a low score"));
    input.backtest.label.polarity = "favourable".into();
    let text = markdown(&input);
    assert!(text.contains("good news, so that a high score should announce it"));
    assert!(text.contains("### Among the highest scores"));
}

#[test]
fn differences_on_fewer_rows_say_so() {
    let mut input = report();
    assert!(!markdown(&input).contains("common rows"));
    input.backtest.comparisons[0].n = 28_000;
    assert!(markdown(&input).contains("`acme` minus `vendor`: 28,000 common rows of 32,000"));
}

#[test]
fn a_recorded_score_borrows_its_bands() {
    let text = markdown(&report());
    assert_eq!(text.matches("The edges of its bands are those of `acme`.").count(), 1);
}
