//! What kind of thing the indicators of a project tell.

use chs_data::{Indicator, Measure, Project, Verb};

/// Names of the indicators that carry forward a value that ages: the latest one, up to an age. Without an
/// age it is a state that holds until it changes.
pub(crate) fn carried(project: &Project) -> Vec<String> {
    named(project, |indicator| {
        matches!(measure(indicator), Some(Measure::Latest { max_age: Some(_), .. }))
    })
}

/// Names of the indicators that tell a change: trends, and formulas that read a shifted window.
pub(crate) fn trends(project: &Project) -> Vec<String> {
    let shifted = named(project, is_shifted);
    named(project, |indicator| match &indicator.verb {
        Verb::Formula(formula) => {
            formula.expression.names().iter().any(|name| shifted.contains(name))
        }
        _ => matches!(measure(indicator), Some(Measure::Trend { .. })),
    })
}

fn named(project: &Project, is_it: impl Fn(&Indicator) -> bool) -> Vec<String> {
    let found = project.indicators.iter().filter(|indicator| is_it(indicator));
    found.map(|indicator| indicator.name.value.clone()).collect()
}

fn measure(indicator: &Indicator) -> Option<&Measure> {
    match &indicator.verb {
        Verb::Rows(rows) => Some(&rows.measure),
        _ => None,
    }
}

fn is_shifted(indicator: &Indicator) -> bool {
    let window = match measure(indicator) {
        Some(
            Measure::Count { window }
            | Measure::Statistic { window, .. }
            | Measure::Distinct { window, .. },
        ) => window,
        _ => return false,
    };
    !window.shift.is_zero()
}

#[cfg(test)]
mod tests {
    use super::{carried, trends};

    #[test]
    fn carried_values_and_changes_are_told_by_their_verbs() {
        let text = r#"
            spec_version = 1
            [project]
            name = "acme"
            timezone = "UTC"
            [accounts]
            path = "accounts.csv"
            id = "id"
            start = "start"
            [sources.usage]
            path = "usage.csv"
            id = "id"
            at = "day"
            [indicators]
            last_answer = { source = "usage", latest = "answer", max_age = "90d" }
            seats = { source = "usage", latest = "seats" }
            now = { source = "usage", sum = "minutes", over = "28d" }
            before = { source = "usage", sum = "minutes", over = "28d", shift = "28d" }
            change = { formula = "now / before" }
            twice = { formula = "2 * now" }
            slope = { source = "usage", trend = "minutes", over = "56d", buckets = 8 }
            [snapshots]
            every = "1mo"
            from = 2024-01-31
            to = 2024-12-31
            [outcomes.churn]
            path = "outcomes.csv"
            id = "id"
            at = "at"
            [labels.churn_90d]
            outcome = "churn"
            horizon = "90d"
        "#;
        let project = chs_data::read_project("chs.toml", text).unwrap();
        let chs_data::ProjectFile::History(project) = project else { panic!("a history") };
        assert_eq!(carried(&project), ["last_answer"]);
        assert_eq!(trends(&project), ["change", "slope"]);
    }
}
