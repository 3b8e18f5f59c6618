//! Which columns of a source a project reads, and as what.

use std::collections::BTreeSet;
use std::ops::Range;

use chs_toml::Mistakes;

use crate::project::{
    AccountKey, Measure, Name, OutcomeOrigin, ParsedExpression, Project, Question, Reading, Source,
    Verb,
};

/// What a project reads of a source.
#[derive(Default)]
pub(super) struct Uses {
    /// Columns of any type.
    pub(super) cells: Vec<(String, Range<usize>)>,
    /// Those of them that are read as the texts that stand there.
    pub(super) texts: BTreeSet<String>,
    /// Those of them that are compared with each other, as dates where that is what they hold.
    pub(super) compared: BTreeSet<String>,
    /// Columns whose cells have to be numbers.
    pub(super) numbers: Vec<(String, Range<usize>)>,
    /// Columns whose cells have to be dates.
    pub(super) times: Vec<(String, Range<usize>)>,
    /// Columns through which other sources find their accounts.
    pub(super) links: Vec<String>,
    /// Columns of the start and the end of spans.
    pub(super) spans: Vec<[String; 2]>,
    /// Whether ties are decided by whole rows.
    pub(super) whole_rows: bool,
}

impl Uses {
    /// What is no plain number.
    fn expression(&mut self, parsed: &ParsedExpression) {
        self.texts.extend(parsed.expression.column().map(str::to_owned));
        for name in parsed.expression.names() {
            self.cells.push((name.clone(), parsed.place_of(name)));
        }
        self.texts.extend(parsed.expression.texts().map(str::to_owned));
        self.compared.extend(parsed.expression.compared().map(str::to_owned));
    }

    fn text(&mut self, name: &Name) {
        self.cells.push((name.value.clone(), name.span.clone()));
        self.texts.insert(name.value.clone());
    }

    /// # Errors
    ///
    /// A column that is compared as a date, because the source has a `date_format`, and read as the text
    /// that stands there elsewhere.
    pub(super) fn check(&self, project: &Project, source: &Source) -> Result<(), Mistakes> {
        let is_both = |name: &String| self.is_dated(name, source) && self.texts.contains(name);
        let Some((name, span)) = self.cells.iter().find(|(name, _)| is_both(name)) else {
            return Ok(());
        };
        let message = format!(
            "`{name}` is compared with another column, as a date, and read as a text elsewhere"
        );
        let help = "leave one of them out, or write the dates in the file as 2024-01-31 and leave `date_format` out";
        Err(project.mistake(span.clone(), message, Some(help.to_owned())))
    }

    /// Whether the cells of a column that hold dates are read as such.
    pub(super) fn is_dated(&self, name: &str, source: &Source) -> bool {
        !source.table.read.date_formats.is_empty() && self.compared.contains(name)
    }

    fn measure(&mut self, measure: &Measure) {
        let used = |name: &Name| (name.value.clone(), name.span.clone());
        match measure {
            Measure::Count { .. } | Measure::Recency | Measure::Open { amount: None, .. } => {}
            Measure::Statistic { value, .. } | Measure::Trend { value, .. } => self.value(value),
            Measure::Distinct { column, .. } => self.text(column),
            Measure::Open { amount: Some(amount), .. } => self.numbers.push(used(amount)),
            Measure::Until { column } => self.times.push(used(column)),
            Measure::Latest { column, reading, at, .. } => {
                match reading {
                    Reading::Numbers => self.numbers.push(used(column)),
                    Reading::Words | Reading::Mapped(_) => self.text(column),
                }
                self.times.extend(at.iter().map(used));
                self.whole_rows = true;
            }
        }
    }

    fn value(&mut self, parsed: &ParsedExpression) {
        match parsed.expression.column() {
            Some(column) => self.numbers.push((column.to_owned(), parsed.place_of(column))),
            None => self.expression(parsed),
        }
    }
}

/// Collect what indicators, labels, outcomes and other sources read of a source.
pub(super) fn uses(project: &Project, index: usize, source: &Source) -> Uses {
    let mut uses = Uses { whole_rows: source.record_id.is_some(), ..Uses::default() };
    uses.times.extend(source.ended.iter().map(|name| (name.value.clone(), name.span.clone())));
    for indicator in &project.indicators {
        let Verb::Rows(verb) = &indicator.verb else { continue };
        if verb.source != index {
            continue;
        }
        if let Some(filter) = &verb.filter {
            uses.expression(filter);
        }
        uses.measure(&verb.measure);
    }
    for other in &project.sources {
        if let AccountKey::Via { source: through, on } = &other.key
            && through.value == source.name.value
        {
            uses.text(on);
            uses.links.push(on.value.clone());
        }
    }
    for outcome in &project.outcomes {
        if let OutcomeOrigin::Change { source: changing, sum, .. } = &outcome.origin
            && *changing == index
        {
            uses.value(sum);
        }
        if let OutcomeOrigin::Spans { source, start, end, .. } = &outcome.origin
            && *source == index
        {
            uses.times.extend([start, end].map(|name| (name.value.clone(), name.span.clone())));
            uses.spans.push([start, end].map(|name| name.value.clone()));
        }
    }
    for label in &project.labels {
        if let Question::Inactive { source, filter: Some(filter), .. } = &label.question
            && *source == index
        {
            uses.expression(filter);
        }
    }
    uses
}
