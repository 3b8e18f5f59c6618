//! The report as one HTML file: readable without script and without style.

mod findings;
mod inline;
mod table;

use std::fmt::Write as _;

use findings::{brief, findings};
use inline::inline;
use table::table;

use crate::ReportInput;
use crate::answer::{Answer, answer};
use crate::chart::{Chart, svg};
use crate::document::{Block, Document};
use crate::escape::{prose, xml};
use crate::section::{BAND_CHART, sections};

const STYLE: &str = include_str!("html/report.css");

/// The whole report as one HTML file.
///
/// It loads nothing and runs nothing: charts are drawn in it, colours follow the reader's light or dark
/// theme, wide tables scroll in their own box, and on paper every page of a finding is open. The same
/// input gives the same bytes.
pub fn html(report: &ReportInput) -> String {
    let answer = answer(report);
    let mut parts = sections(report);
    let first_chart = take_chart(&mut parts, BAND_CHART);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} | {}</title>\n\
         <style>{STYLE}{}</style>\n</head>\n<body>\n",
        xml(&answer.summary.heading),
        xml(&report.loading.provenance.project),
        svg::STYLE
    );
    first_screen(&mut page, report, (&answer, first_chart.as_ref()));
    navigation(&mut page, &parts);
    page.push_str("<main>\n");
    let mut is_open = false;
    for block in &parts.blocks {
        if let Block::Section(words) = block {
            page.push_str(if is_open { "</section>\n" } else { "" });
            let _ =
                writeln!(page, "<section id=\"{}\">\n<h2>{}</h2>", anchor(words), inline(words));
            is_open = true;
        } else {
            page.push_str(&written(block));
        }
    }
    page.push_str(if is_open { "</section>\n" } else { "" });
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Every chart of the report as a file of its own: its name, such as `bands.svg`, and its text.
pub fn charts(report: &ReportInput) -> Vec<(String, String)> {
    let parts = sections(report);
    parts.charts().map(|chart| (format!("{}.svg", chart.name), svg::standalone(chart))).collect()
}

/// A chart that is shown elsewhere.
fn take_chart(document: &mut Document, name: &str) -> Option<Chart> {
    let is_it = |block: &Block| matches!(block, Block::Chart(chart) if chart.name == name);
    let place = document.blocks.iter().position(is_it)?;
    match document.blocks.remove(place) {
        Block::Chart(chart) => Some(chart),
        _ => None,
    }
}

fn first_screen(
    page: &mut String,
    report: &ReportInput,
    (answer, chart): (&Answer, Option<&Chart>),
) {
    let summary = &answer.summary;
    let _ = writeln!(
        page,
        "<header class=\"{}\">\n<p class=\"asked\">{}: {}</p>\n<h1>{}</h1>\n<div class=\"screen\">\n\
         <div>\n<p class=\"verdict\">{}</p>\n<h2>What it rests on</h2>\n<p>{}</p>\n</div>",
        mood(&report.backtest.verdict.answer),
        xml(&report.loading.provenance.project),
        xml(&summary.question),
        xml(&summary.heading),
        inline(&prose(&summary.sentence)),
        inline(&prose(&summary.sufficiency))
    );
    page.push_str(&chart.map(figure).unwrap_or_default());
    page.push_str("<div>\n<h2>Findings</h2>\n");
    page.push_str(&brief(&answer.leading));
    let _ = writeln!(
        page,
        "<p class=\"tally\"><a href=\"#findings\">All findings</a>: {}.</p>\n<h2>Next</h2>\n\
         <p>{}</p>\n</div>\n</div>",
        xml(&answer.tally),
        inline(&answer.next_action)
    );
    page.push_str("<dl class=\"strip\">\n");
    for (name, words) in &answer.strip {
        let _ = writeln!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", inline(words));
    }
    page.push_str("</dl>\n</header>\n");
}

/// The class of an answer.
fn mood(answer: &str) -> &'static str {
    match answer {
        "works" => "works",
        "weak" => "weak",
        "does_not_work" | "wrong_way" => "fails",
        _ => "open",
    }
}

fn navigation(page: &mut String, parts: &Document) {
    page.push_str("<nav aria-label=\"Parts of the report\">\n<ul>\n");
    for block in &parts.blocks {
        if let Block::Section(words) = block {
            let _ = writeln!(page, "<li><a href=\"#{}\">{}</a></li>", anchor(words), inline(words));
        }
    }
    page.push_str("</ul>\n</nav>\n");
}

fn written(block: &Block) -> String {
    match block {
        Block::Section(words) => format!("<h2>{}</h2>\n", inline(words)),
        Block::Subsection(words) => format!("<h3>{}</h3>\n", inline(words)),
        Block::Paragraph(words) => format!("<p>{}</p>\n", inline(words)),
        Block::List(items) => {
            let items = joined(items.iter().map(|item| format!("<li>{}</li>\n", inline(item))));
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(found) => table(found),
        Block::Numbers(found) => {
            format!("<details>\n<summary>The figures</summary>\n{}</details>\n", table(found))
        }
        Block::Chart(chart) => figure(chart),
        Block::Findings(found) => findings(found),
    }
}

/// Elements one after the other.
fn joined(elements: impl Iterator<Item = String>) -> String {
    elements.collect::<Vec<_>>().concat()
}

fn figure(chart: &Chart) -> String {
    format!("<figure>{}</figure>\n", svg::inline(chart))
}

/// `Does it rank?` as `does-it-rank`.
fn anchor(words: &str) -> String {
    let lower = words.to_lowercase();
    let parts: Vec<&str> = lower
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("-")
}

#[cfg(test)]
mod tests;
