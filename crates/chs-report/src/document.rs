//! What a report says, block by block, before it is written as Markdown or HTML.

use crate::chart::Chart;
use crate::{ReportFinding, Table};

/// One block of a report. Texts are Markdown with code spans, bold and italic alone, in which
/// everything from outside is escaped; cells and notes of tables are plain.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Section(String),
    Subsection(String),
    Paragraph(String),
    List(Vec<String>),
    Table(Table),
    Chart(Chart),
    /// The figures of a chart, for those who want to know them all.
    Numbers(Table),
    Findings(Vec<ReportFinding>),
}

/// A report under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub(crate) blocks: Vec<Block>,
}

impl Document {
    pub(crate) fn section(&mut self, words: &str) {
        self.blocks.push(Block::Section(words.to_owned()));
    }

    pub(crate) fn subsection(&mut self, words: &str) {
        self.blocks.push(Block::Subsection(words.to_owned()));
    }

    pub(crate) fn paragraph(&mut self, words: &str) {
        self.blocks.push(Block::Paragraph(words.to_owned()));
    }

    /// One bullet per item; nothing where there is none.
    pub(crate) fn list(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items.to_vec()));
        }
    }

    pub(crate) fn table(&mut self, table: &Table) {
        self.blocks.push(Block::Table(table.clone()));
    }

    pub(crate) fn chart(&mut self, chart: Chart) {
        self.blocks.push(Block::Chart(chart));
    }

    pub(crate) fn numbers(&mut self, table: &Table) {
        self.blocks.push(Block::Numbers(table.clone()));
    }

    pub(crate) fn findings(&mut self, findings: &[ReportFinding]) {
        self.blocks.push(Block::Findings(findings.to_vec()));
    }

    pub(crate) fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Chart(chart) => Some(chart),
            _ => None,
        })
    }
}
