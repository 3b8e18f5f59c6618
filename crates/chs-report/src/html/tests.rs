//! Laws of the HTML report, and its edges.

use super::{charts, html};
use crate::examples::{bare, emptied, fit, report, unlearnable};
use crate::{ReportInput, markdown};

/// A report whose every name tries to leave its place.
fn hostile() -> ReportInput {
    const NAME: &str = "\"><script>alert(1)</script>&'`*|\u{1}\n# x";
    let mut input = report();
    let backtest = &mut input.backtest;
    NAME.clone_into(&mut backtest.label.outcome);
    NAME.clone_into(&mut backtest.verdict.sentence);
    for score in &mut backtest.scorecards {
        NAME.clone_into(&mut score.name);
        score.bands.iter_mut().for_each(|band| NAME.clone_into(&mut band.name));
    }
    for finding in &mut backtest.findings {
        NAME.clone_into(&mut finding.subject);
        NAME.clone_into(&mut finding.sentence);
    }
    for segment in &mut backtest.sufficiency.segments {
        segment.slice = [(NAME.to_owned(), NAME.to_owned())].into();
    }
    for signal in &mut backtest.signals {
        NAME.clone_into(&mut signal.indicator);
        signal.goes_with = vec![NAME.to_owned()];
    }
    for rate in &mut backtest.same_rates {
        NAME.clone_into(&mut rate.segment);
        for metric in &mut rate.metrics {
            metric.slice = [(NAME.to_owned(), NAME.to_owned())].into();
        }
    }
    for variant in &mut backtest.sensitivity.variants {
        variant.indicators = vec![NAME.to_owned()];
    }
    backtest.drift.indices.iter_mut().for_each(|shift| NAME.clone_into(&mut shift.subject));
    NAME.clone_into(&mut input.loading.tables[0].name);
    input.loading.indicators.iter_mut().for_each(|own| NAME.clone_into(&mut own.name));
    NAME.clone_into(&mut input.loading.provenance.project);
    NAME.clone_into(&mut input.loading.provenance.input_digest);
    let mut fit = fit();
    NAME.clone_into(&mut fit.scorecard.name);
    NAME.clone_into(&mut fit.label.outcome);
    NAME.clone_into(&mut fit.evidence.candidate);
    fit.weights.iter_mut().for_each(|weight| NAME.clone_into(&mut weight.indicator));
    fit.bands.edges.iter_mut().for_each(|edge| NAME.clone_into(&mut edge.band));
    fit.gates.iter_mut().for_each(|gate| NAME.clone_into(&mut gate.sentence));
    fit.reasons.iter_mut().for_each(|reason| NAME.clone_into(&mut reason.sentence));
    fit.evidence.comparisons.iter_mut().for_each(|own| NAME.clone_into(&mut own.b));
    input.fit = Some(fit);
    input
}

fn fitted() -> ReportInput {
    ReportInput { fit: Some(fit()), ..report() }
}

fn refused() -> ReportInput {
    ReportInput { fit: Some(unlearnable()), ..report() }
}

/// Names of the elements that are opened and closed, in order; every attribute is quoted.
fn check_elements(text: &str) -> Vec<String> {
    const EMPTY: [&str; 1] = ["meta"];
    let mut open: Vec<String> = Vec::new();
    let mut seen = Vec::new();
    let mut rest = text;
    while let Some((_, from)) = rest.split_once('<') {
        let (tag, after) = from.split_once('>').unwrap();
        rest = after;
        if tag.starts_with(['!', '?']) {
            continue;
        }
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap().to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else {
            assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
            let is_empty = tag.ends_with('/') || EMPTY.contains(&name.as_str());
            seen.push(name.clone());
            open.extend((!is_empty).then_some(name));
        }
    }
    assert!(open.is_empty(), "{open:?}");
    seen
}

fn values<'a>(text: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    text.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn elements_are_closed_and_known() {
    let examples: [fn() -> ReportInput; 6] = [report, fitted, refused, emptied, bare, hostile];
    for input in examples.map(|example| Box::new(example())) {
        let page = html(&input);
        for name in check_elements(&page) {
            let active =
                ["script", "link", "iframe", "object", "img", "form", "base", "use", "image"];
            assert!(!active.contains(&name.as_str()), "{name}");
        }
        for (file, chart) in charts(&input) {
            assert_eq!(check_elements(&chart).first().map(String::as_str), Some("svg"), "{file}");
        }
    }
}

#[test]
fn nothing_is_loaded_or_run() {
    for input in [fitted(), hostile()] {
        let page = html(&input);
        let charts = charts(&input).into_iter().map(|(_, chart)| chart).collect::<String>();
        let text = format!("{page}{charts}").replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for word in
            ["http:", "https:", "url(", "@import", " src=", " style=", " onload", "javascript:"]
        {
            assert!(!text.contains(word), "{word}");
        }
        assert!(!text.contains("<script"), "names from outside stay text");
        let control = |letter: char| letter.is_control() && letter != '\n';
        assert!(!text.contains(control));
    }
}

#[test]
fn places_in_the_page_are_found() {
    let page = html(&hostile());
    let ids = values(&page, "id");
    let mut unlike = ids.clone();
    unlike.sort_unstable();
    unlike.dedup();
    assert_eq!(unlike.len(), ids.len(), "{ids:?}");
    let links = values(&page, "href");
    assert!(links.len() > 10);
    for link in links {
        assert!(ids.contains(&link.trim_start_matches('#')), "{link}");
    }
    for labels in values(&page, "aria-labelledby") {
        assert!(labels.split(' ').all(|label| ids.contains(&label)), "{labels}");
    }
}

#[test]
fn the_first_screen_answers() {
    let page = html(&fitted());
    let (first, rest) = page.split_once("</header>").unwrap();
    for expected in [
        "<header class=\"works\">",
        "<h1>The score works</h1>",
        "<code>acme</code> works: of two accounts on the same day",
        "76.3\u{a0}% of the cases (95\u{a0}% interval 74.3 to 78.3\u{a0}%), better than recency",
        "410 accounts with the outcome among 1,900",
        "acme: churn rate per band [95 %]",
        "all rows: 6.2 %",
        "16.0 % [14.0, 18.0], 32.8 % of rows",
        "<span class=\"badge error\">error</span> CHS204 bands not monotone",
        "Move the edges",
        "2 snapshots with a known label and a score, 2024-01-31 to 2024-02-29",
        "2024-07-01",
        "<code>abc123</code>",
        "1 of 2 passed: no model",
    ] {
        assert!(first.contains(expected), "{expected}\n{first}");
    }
    assert_eq!(first.matches("<span class=\"badge").count(), 3, "three findings");
    assert!(!rest.contains("id=\"bands-title\""), "the chart stands on the first screen alone");
    assert!(html(&report()).contains("none, nothing was fitted"));
    for (answer, class) in [
        ("weak", "weak"),
        ("does_not_work", "fails"),
        ("wrong_way", "fails"),
        ("cannot_tell", "open"),
    ] {
        let mut input = report();
        answer.clone_into(&mut input.backtest.verdict.answer);
        assert!(html(&input).contains(&format!("<header class=\"{class}\">")));
    }
}

/// What stands in a cell, a heading or a sentence of the one stands in the other.
#[test]
fn both_reports_say_the_same() {
    for input in [fitted(), refused(), emptied(), bare()] {
        let page = html(&input).replace('\u{a0}', " ");
        let text = markdown(&input);
        for line in text.lines() {
            let heading = line.trim_start_matches('#');
            if heading.len() < line.len() && !heading.contains('`') {
                assert!(page.contains(&format!(">{}</h", heading.trim())), "{line}");
            }
            let cells = line.split('|').skip(1).map(str::trim);
            for cell in cells.filter(|cell| !cell.is_empty() && !cell.starts_with("--")) {
                let has_marks = cell.contains(['`', '\\', '\'', '-']);
                assert!(has_marks || page.contains(&format!(">{cell}</t")), "{cell}");
            }
        }
    }
}

#[test]
fn findings_carry_their_pages() {
    let page = html(&report());
    let (_, findings) = page.split_once("<section id=\"findings\">").unwrap();
    let (grave, passed) = findings.split_once("<summary>1 passed</summary>").unwrap();
    assert!(grave.contains("<strong>Next:</strong> Move the edges"));
    assert!(grave.contains("<h4>How it is found</h4>") && grave.contains("CHS208"));
    assert!(passed.contains("CHS202") && !grave.contains("CHS202"));
    let place = |words: &str| grave.find(words).unwrap();
    assert!(place("CHS204") < place("CHS101") && place("CHS101") < place("CHS208"));
}

#[test]
fn a_figure_stays_on_its_line() {
    let page = html(&fitted());
    assert!(page.contains("<td class=\"figure\">[62.0, 78.5]</td>"));
    assert!(page.contains("<td class=\"figure\">+0.018 [+0.008, +0.028]</td>"));
}

#[test]
fn tick_labels_stay_in_the_chart() {
    let charts = charts(&fitted());
    for (name, chart) in charts {
        for text in chart.split("<text ").skip(1).filter(|text| text.contains("\"middle\"")) {
            let place: f64 = values(&format!(" {text}"), "x")[0].parse().unwrap();
            let words = text.split(['>', '<']).nth(1).unwrap();
            assert!(place + 3.5 * words.chars().count() as f64 <= 420.0, "{name}: {text}");
        }
    }
}

#[test]
fn every_chart_is_a_file() {
    let names = |input: &ReportInput| -> Vec<String> {
        charts(input).into_iter().map(|(name, _)| name).collect()
    };
    let expected = [
        "auc.svg",
        "bands.svg",
        "bands-2.svg",
        "warning.svg",
        "portfolio.svg",
        "distribution.svg",
        "distribution-2.svg",
        "reliability.svg",
        "signals.svg",
        "signal-groups.svg",
        "signal-lead.svg",
        "over-time.svg",
        "indicators.svg",
        "segments.svg",
        "weights.svg",
        "out-of-time.svg",
    ];
    assert_eq!(names(&fitted()), expected);
    assert_eq!(names(&bare()), ["auc.svg"]);
    for (name, chart) in charts(&fitted()) {
        assert!(chart.contains("<title id=") && chart.contains("<desc id="), "{name}");
        assert!(chart.contains("prefers-color-scheme: dark"), "{name}");
        assert!(!chart.contains("NaN") && !chart.contains("inf"), "{name}");
    }
}

#[test]
fn charts_hold_the_figures_in_words() {
    let chart = |name: &str| {
        let found = charts(&fitted()).into_iter().find(|(file, _)| file == name);
        found.unwrap().1
    };
    for (name, words) in [
        ("auc.svg", "acme: 0.763 [0.743, 0.783]"),
        ("bands-2.svg", "at-risk: 16.0 % [14.0, 18.0], 32.8 % of rows"),
        ("distribution.svg", "with churn: 1,980 rows"),
        ("reliability.svg", "6.0 % given, 6.4 % [4.0, 9.0] came"),
        ("over-time.svg", "2024-01-31: 0.770 [0.750, 0.790]"),
        ("segments.svg", "plan pro: none"),
        ("weights.svg", "logins_30d: 60 to 70 % [62, 78]"),
        ("out-of-time.svg", "acme: same-day AUC, fitted minus others [95 %]"),
        ("out-of-time.svg", "acme: +0.018 [+0.008, +0.028]"),
    ] {
        assert!(chart(name).contains(words), "{words}\n{}", chart(name));
    }
}

#[test]
fn an_empty_report_says_what_is_absent() {
    let page = html(&bare());
    for expected in [
        "It cannot be told whether the score works",
        "no limit was set",
        "No table was read.",
        "None.",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(!page.contains("NaN"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(html(&fitted()), html(&fitted()));
    assert_eq!(charts(&fitted()), charts(&fitted()));
}
