//! Errors for people: where, what was expected, what to do.

use std::io::Write;

use chs::{Error, Mistake, Mistakes};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError,
    NamedSource, Report, SourceCode, SourceSpan, SpanContents,
};

use crate::style::{Style, WIDTH, wrapped};

/// Print an error to stderr.
pub(crate) fn print(error: &Error, style: Style) {
    let text = match error.mistakes() {
        Some(mistakes) => all(mistakes, style),
        None => plain(error, style),
    };
    // Nobody is left to tell if stderr is closed.
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// Print what is worth knowing beside a result to stderr.
pub(crate) fn note(text: &str, style: Style) {
    let word = style.level("note", "note:");
    let text = wrapped(&format!("{word} {text}"), "  ");
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

fn plain(error: &Error, style: Style) -> String {
    let word = style.level("error", "error:");
    let mut text = wrapped(&format!("{word} {error}"), "  ");
    if let Some(help) = error.help() {
        let word = style.level("note", "help:");
        text.push_str(&wrapped(&format!("{word} {help}"), "  "));
    }
    text
}

/// Every mistake of a file with its line, then their number.
fn all(mistakes: &Mistakes, style: Style) -> String {
    let theme = match style {
        Style::Plain => GraphicalTheme::unicode_nocolor(),
        Style::Colored => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_links(false)
        .with_context_lines(1);
    let mut text = String::new();
    for mistake in &mistakes.list {
        let report = report(mistakes, mistake);
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            text.push_str(&mistake.message);
        }
        text.push('\n');
    }
    let (count, file) = (mistakes.list.len(), &mistakes.file);
    let mistakes = if count == 1 { "mistake" } else { "mistakes" };
    let word = style.level("error", "error:");
    text + &format!("{word} {count} {mistakes} in {file}\n")
}

fn report(mistakes: &Mistakes, mistake: &Mistake) -> Report {
    let end = mistake.span.end.min(mistakes.text.len());
    let start = mistake.span.start.min(end);
    let label = LabeledSpan::new_primary_with_span(Some("here".to_owned()), start..end);
    let mut diagnostic = MietteDiagnostic::new(&mistake.message).with_label(label);
    diagnostic.help.clone_from(&mistake.help);
    let source = NamedSource::new(&mistakes.file, mistakes.text.clone());
    Report::new(diagnostic).with_source_code(WholeLines(source))
}

/// A file of which the lines concerned are shown, whole, and none around them: a file with seven mistakes
/// is still read on one screen.
struct WholeLines(NamedSource<String>);

impl SourceCode for WholeLines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if lines_before == 0 {
            // Only the position of the span is asked for.
            return self.0.read_span(span, lines_before, lines_after);
        }
        let (text, end_of_span) = (self.0.inner(), span.offset() + span.len());
        let start = text.get(..span.offset()).and_then(|before| before.rfind('\n'));
        let end = text.get(end_of_span..).and_then(|after| after.find(['\r', '\n']));
        let start = start.map_or(0, |newline| newline + 1);
        let end = end.map_or(text.len(), |newline| end_of_span + newline);
        self.0.read_span(&(start..end).into(), 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str, spans: &[std::ops::Range<usize>]) -> Mistakes {
        let list = spans.iter().map(|span| Mistake {
            span: span.clone(),
            message: format!("wrong from {}", span.start),
            help: Some("mend it".into()),
        });
        Mistakes::new("chs.toml", text, list.collect())
    }

    #[test]
    fn every_mistake_shows_its_line_and_the_remedy() {
        let text = all(&mistakes("a = 1\nb = 2\n", &[0..1, 10..11]), Style::Plain);
        for part in [
            "wrong from 0",
            "wrong from 10",
            "chs.toml:1:1",
            "chs.toml:2:5",
            "b = 2",
            "help: mend it",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.ends_with("error: 2 mistakes in chs.toml\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn no_place_makes_it_fail() {
        for (text, span) in [("", 0..0), ("a", 5..9), ("a\n", 2..2), ("é = 1", 1..2)] {
            let shown = all(&mistakes(text, std::slice::from_ref(&span)), Style::Plain);
            assert!(shown.contains("wrong from"), "{shown}");
        }
    }
}
