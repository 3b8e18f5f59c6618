//! Which columns of a source a project reads, and as what.

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
    /// Columns of which an expression reads the cells as texts.
    texts: Vec<(String, Range<usize>)>,
    /// Columns whose cells have to be numbers.
    pub(super) numbers: Vec<(String, Range<usize>)>,
    /// Columns whose cells have to be dates.
    pub(super) times: Vec<(String, Range<usize>)>,
    /// Columns of the start and the end of spans.
    pub(super) spans: Vec<[String; 2]>,
    /// Whether ties are decided by whole rows.
    pub(super) whole_rows: bool,
}

impl Uses {
    fn expression(&mut self, parsed: &ParsedExpression) {
        for name in parsed.expression.names() {
            self.cells.push((name.clone(), parsed.place_of(name)));
        }
        let texts = parsed.expression.texts();
        self.texts.extend(texts.map(|name| (name.to_owned(), parsed.place_of(name))));
    }

    /// # Errors
    ///
    /// A column whose cells have to be numbers, and are compared as texts elsewhere: that would hold in no
    /// row.
    pub(super) fn check(&self, project: &Project) -> Result<(), Mistakes> {
        let number = |(name, _): &&(String, Range<usize>)| {
            self.numbers.iter().any(|(number, _)| number == name)
        };
        let Some((name, span)) = self.texts.iter().find(number) else { return Ok(()) };
        let message = format!(
            "`{name}` is read as a number elsewhere, so that it is no text here: this would hold in no row"
        );
        let help = format!("compare it with a number, as in `{name} = 7`");
        Err(project.mistake(span.clone(), message, Some(help)))
    }

    fn measure(&mut self, measure: &Measure) {
        let used = |name: &Name| (name.value.clone(), name.span.clone());
        match measure {
            Measure::Count { .. } | Measure::Recency | Measure::Open { amount: None, .. } => {}
            Measure::Statistic { value, .. } | Measure::Trend { value, .. } => self.value(value),
            Measure::Distinct { column, .. } => self.cells.push(used(column)),
            Measure::Open { amount: Some(amount), .. } => self.numbers.push(used(amount)),
            Measure::Until { column } => self.times.push(used(column)),
            Measure::Latest { column, reading, at, .. } => {
                match reading {
                    Reading::Numbers => self.numbers.push(used(column)),
                    Reading::Words | Reading::Mapped(_) => self.cells.push(used(column)),
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
            uses.cells.push((on.value.clone(), on.span.clone()));
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
