//! Tables for people.

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, Table as Grid, TableComponent, presets,
};

use chs::Alignment;

use crate::style::{WIDTH, wrapped};

/// A table of the library, with the notes below that its cells refer to.
pub(crate) fn rendered(table: &chs::Table) -> String {
    let columns: Vec<(&str, Alignment)> = (table.columns().iter())
        .map(|column| (column.heading.as_str(), column.alignment))
        .collect();
    let mut text = grid(&columns, table.rows());
    for (number, note) in (1..).zip(table.notes()) {
        text.push_str(&wrapped(&format!("({number}) {note}"), "    "));
    }
    text
}

/// Columns by heading, and rows of finished cells; long cells are wrapped.
pub(crate) fn grid(columns: &[(&str, Alignment)], rows: &[Vec<String>]) -> String {
    let mut grid = Grid::new();
    grid.load_preset(presets::NOTHING)
        .set_style(TableComponent::HeaderLines, '─')
        .set_style(TableComponent::MiddleHeaderIntersections, '─')
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(WIDTH).unwrap_or(u16::MAX));
    let cell = |text: &str, alignment: Alignment| {
        Cell::new(text).set_alignment(match alignment {
            Alignment::Left => CellAlignment::Left,
            Alignment::Right => CellAlignment::Right,
        })
    };
    grid.set_header(columns.iter().map(|(heading, alignment)| cell(heading, *alignment)));
    for row in rows {
        grid.add_row(row.iter().zip(columns).map(|(text, (_, alignment))| cell(text, *alignment)));
    }
    if let Some(first) = grid.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut text: String = grid.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    if rows.is_empty() {
        text.push_str("(none)\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_line_up_and_long_ones_wrap() {
        let columns =
            [("table", Alignment::Left), ("rows", Alignment::Right), ("why", Alignment::Left)];
        let rows = [
            vec!["usage".to_owned(), "374,180".to_owned(), "word ".repeat(40)],
            vec!["x".to_owned(), "1".to_owned(), String::new()],
        ];
        let text = grid(&columns, &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("table      rows   why"), "{text}");
        assert!(lines[1].chars().all(|sign| sign == '─'), "{text}");
        assert!(lines[2].starts_with("usage   374,180   word"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(grid(&columns, &[]).ends_with("(none)\n"));
    }
}
