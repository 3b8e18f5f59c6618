//! The report in Markdown: the answer first, then what it rests on.

mod writer;

use writer::Writer;

use crate::answer::{Answer, answer};
use crate::chart::{Drawing, text::text};
use crate::document::Block;
use crate::escape::{code, prose};
use crate::finding::gravest_first;
use crate::section::sections;
use crate::wording::spaced;
use crate::{ReportFinding, ReportInput};

/// The whole report in Markdown.
///
/// It reads well on a code host and, as it stands, in a terminal of 100 columns: paragraphs are wrapped
/// and tables line up. Of the charts, those of intervals on a common axis are drawn in text; tables hold
/// the figures of the others. The same input gives the same bytes.
pub fn markdown(report: &ReportInput) -> String {
    let mut writer = Writer::default();
    first_screen(&mut writer, &answer(report));
    for block in &sections(report).blocks {
        match block {
            Block::Section(words) => writer.section(words),
            Block::Subsection(words) => writer.subsection(words),
            Block::Paragraph(words) => writer.paragraph(words),
            Block::List(items) => writer.list(items),
            Block::Table(table) | Block::Numbers(table) => writer.table(table),
            Block::Chart(chart) => {
                if let Drawing::Forest(forest) = &chart.drawing {
                    writer.verbatim(&text(forest));
                }
            }
            Block::Findings(findings) => {
                writer.list(&gravest_first(findings).into_iter().map(finding).collect::<Vec<_>>());
            }
        }
    }
    writer.finish()
}

/// The verdict, whether there is enough data for it, and what to do now.
fn first_screen(writer: &mut Writer, answer: &Answer) {
    writer.title(&prose(&answer.summary.heading));
    writer.paragraph(&prose(&answer.summary.sentence));
    writer.paragraph(&format!("**What it rests on.** {}", prose(&answer.summary.sufficiency)));
    writer.paragraph(&format!("**Findings.** {}.", answer.tally));
    writer.paragraph(&format!("**Next.** {}", answer.next_action));
}

fn finding(finding: &ReportFinding) -> String {
    let sentence = prose(&finding.sentence);
    let head = format!("{} {}", prose(&finding.code), prose(&finding.name));
    let about = code(&finding.subject);
    if !finding.is_grave() {
        return format!("{}: {head}, {about}: {sentence}", prose(&spaced(&finding.level)));
    }
    let next = match finding.next_step() {
        "" => String::new(),
        next => format!(". *Next:* {next}"),
    };
    format!("**{}: {head}**, {about}: {sentence}{next}", prose(&finding.level))
}

#[cfg(test)]
mod tests;
