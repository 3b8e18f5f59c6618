//! Blocks of Markdown, one below the other.

use crate::escape::{cell, prose};
use crate::{Alignment, Table};

/// Characters of a line of prose.
const WIDTH: usize = 98;

/// A text under construction. Words are Markdown; the cells and notes of tables are plain.
#[derive(Default)]
pub(crate) struct Writer {
    text: String,
}

impl Writer {
    pub(crate) fn title(&mut self, words: &str) {
        self.block(&format!("# {words}"));
    }

    pub(crate) fn section(&mut self, words: &str) {
        self.block(&format!("## {words}"));
    }

    pub(crate) fn subsection(&mut self, words: &str) {
        self.block(&format!("### {words}"));
    }

    pub(crate) fn paragraph(&mut self, words: &str) {
        self.block(&wrapped(words, "", ""));
    }

    /// One bullet per item; nothing where there is none.
    pub(crate) fn list(&mut self, items: &[String]) {
        let items: Vec<String> = items.iter().map(|item| wrapped(item, "- ", "  ")).collect();
        if !items.is_empty() {
            self.block(&items.join("\n"));
        }
    }

    /// Text that stays as it is, such as a chart.
    pub(crate) fn verbatim(&mut self, text: &str) {
        self.block(&format!("```text\n{text}\n```"));
    }

    /// The table, its cells padded, and below it its notes.
    pub(crate) fn table(&mut self, table: &Table) {
        self.block(&padded(table));
        let notes: Vec<String> = (1..)
            .zip(table.notes())
            .map(|(number, note)| format!("({number}) {}", prose(note)))
            .collect();
        self.list(&notes);
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn block(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }
}

fn padded(table: &Table) -> String {
    let heads: Vec<String> = table.columns().iter().map(|column| cell(&column.heading)).collect();
    let rows: Vec<Vec<String>> =
        table.rows().iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let width = |text: &String| text.chars().count();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(width);
            cells.chain([width(head), 3]).max().unwrap_or(3)
        })
        .collect();
    let shapes: Vec<(usize, Alignment)> =
        widths.into_iter().zip(table.columns()).map(|(w, column)| (w, column.alignment)).collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells
            .iter()
            .zip(&shapes)
            .map(|(text, (width, alignment))| match alignment {
                Alignment::Left => format!("{text:<width$}"),
                Alignment::Right => format!("{text:>width$}"),
            })
            .collect();
        format!("| {} |", cells.join(" | "))
    };
    let rules: Vec<String> = shapes
        .iter()
        .map(|(width, alignment)| match alignment {
            Alignment::Left => "-".repeat(*width),
            Alignment::Right => format!("{}:", "-".repeat(width - 1)),
        })
        .collect();
    let mut lines = vec![line(&heads), line(&rules)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Words in lines of at most [`WIDTH`] characters, where they can be broken.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        let length = line.chars().count() + 1 + word.chars().count();
        if is_empty || length <= WIDTH || !may_start_line(word) {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        } else {
            lines.push(format!("{rest}{word}"));
        }
    }
    lines.join("\n")
}

/// Whether Markdown would read the word at the start of a line as a word.
fn may_start_line(word: &str) -> bool {
    let is_marker = word.trim_matches(['-', '+', '*', '=', '#', '>', '%', '~']).is_empty();
    let starts_block = word.starts_with(['#', '>', '|']);
    let is_number = word.strip_suffix(['.', ')']).is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|character| character.is_ascii_digit())
    });
    !is_marker && !starts_block && !is_number
}

#[cfg(test)]
mod tests {
    use super::{Writer, wrapped};
    use crate::{Column, Table};

    #[test]
    fn cells_line_up() {
        let mut table = Table::new(vec![Column::words("band"), Column::numbers("rows")]);
        table.push(vec!["at|risk".into(), "1,200".into()]);
        table.push(vec!["é".into(), "7".into()]);
        let mut writer = Writer::default();
        writer.table(&table);
        let expected = "| band     |  rows |\n| -------- | ----: |\n| at\\|risk | 1,200 |\n\
                        | é        |     7 |\n";
        assert_eq!(writer.finish(), expected);
    }

    #[test]
    fn blocks_are_apart() {
        let mut writer = Writer::default();
        writer.title("One");
        writer.list(&[]);
        writer.list(&["a".into(), "b".into()]);
        writer.verbatim("  x");
        assert_eq!(writer.finish(), "# One\n\n- a\n- b\n\n```text\n  x\n```\n");
    }

    #[test]
    fn lines_are_wrapped_where_markdown_allows() {
        let words = "word ".repeat(40);
        let lines = wrapped(&words, "- ", "  ");
        assert!(lines.lines().all(|line| line.chars().count() <= 98));
        assert!(lines.lines().skip(1).all(|line| line.starts_with("  word")));
        for marker in ["-", "1.", "%", "#2", "12)"] {
            let text = format!("{}{marker} end", "a ".repeat(49));
            assert!(
                wrapped(&text, "", "").lines().all(|line| !line.starts_with(marker)),
                "{marker}"
            );
        }
    }
}
