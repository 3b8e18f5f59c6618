//! A table in a box of its own, in which it may scroll.

use super::inline::inline;
use super::joined;
use crate::escape::prose;
use crate::{Alignment, Column, Table};

pub(super) fn table(table: &Table) -> String {
    let columns = table.columns();
    let heads = joined(columns.iter().map(|column| {
        format!("<th scope=\"col\"{}>{}</th>", class(column, ""), words(&column.heading))
    }));
    let rows = joined(table.rows().iter().map(|row| line(columns, row)));
    let notes = joined(
        (1..)
            .zip(table.notes())
            .map(|(number, note)| format!("<li>({number}) {}</li>\n", words(note))),
    );
    let notes =
        if notes.is_empty() { notes } else { format!("<ul class=\"notes\">\n{notes}</ul>\n") };
    format!(
        "<div class=\"table\" role=\"region\" aria-label=\"Table\" tabindex=\"0\">\n<table>\n\
         <thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n{notes}"
    )
}

/// The first cell names its row.
fn line(columns: &[Column], row: &[String]) -> String {
    let cells = joined(columns.iter().zip(row).enumerate().map(|(number, (column, cell))| {
        let (class, words) = (class(column, cell), words(cell));
        if number == 0 {
            format!("<th scope=\"row\"{class}>{words}</th>")
        } else {
            format!("<td{class}>{words}</td>")
        }
    }));
    format!("<tr>{cells}</tr>\n")
}

/// Numbers stand to the right; a figure and its interval stay on one line.
fn class(column: &Column, cell: &str) -> &'static str {
    match column.alignment {
        Alignment::Right => " class=\"number\"",
        Alignment::Left if column.heading.ends_with(']') || cell.ends_with(']') => {
            " class=\"figure\""
        }
        Alignment::Left => "",
    }
}

fn words(text: &str) -> String {
    inline(&prose(text))
}
