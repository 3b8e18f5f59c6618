//! What a fit was asked beside: an older model's probability, indicators of change, segments, few events.

use chs_fit::fit_json::v1::{
    Bounded, Corrected, Fit, Optimism, Segment, SegmentEdge, SegmentEdges,
};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::wording::{fixed, level, plain, thousands};
use crate::{Column, Table};

/// Nothing where nothing was asked.
pub(crate) fn further(document: &mut Document, fit: &Fit) {
    let lines = answers(fit);
    if lines.is_empty() {
        return;
    }
    document.subsection("Further questions");
    document.list(&lines);
    for segment in &fit.segments {
        if !segment.weights.is_empty() {
            document.paragraph(&format!(
                "Weights of the levels of {}, not exported:",
                code(&segment.segment)
            ));
            document.table(&weights(fit, segment));
        }
        if !segment.edges.is_empty() {
            document.paragraph(&format!(
                "Edges of the levels of {}, not exported:",
                code(&segment.segment)
            ));
            document.table(&edges(fit, segment));
        }
    }
}

fn answers(fit: &Fit) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(own) = &fit.recalibration {
        let since = own.trained_to.as_ref().map_or_else(String::new, |day| {
            format!(
                ", on {} rows after {day}, {} accounts with an event",
                thousands(own.rows),
                thousands(own.event_accounts)
            )
        });
        lines.push(format!("**The model before:** {}{}.", prose(&own.sentence), prose(&since)));
    }
    if let Some(own) = &fit.trends {
        let difference = own.difference.map_or_else(String::new, |own| {
            format!(" ({} nats per row with it)", loss_difference(own))
        });
        lines.push(format!("**Change beside level:** {}{difference}.", prose(&own.sentence)));
    }
    for own in &fit.segments {
        let figures = own.own_weights.zip(own.shrunken_weights).map_or_else(
            String::new,
            |(own, shrunken)| {
                format!(
                    " (against the shared ones {} nats per row for own weights, {} for weights drawn to them)",
                    loss_difference(own),
                    loss_difference(shrunken)
                )
            },
        );
        lines.push(format!("**Weights by segment:** {}{figures}.", prose(&own.sentence)));
        lines.push(format!("**Edges by segment:** {}.", prose(&own.edge_sentence)));
    }
    lines.extend(fit.optimism.as_ref().map(|own| second_opinion(fit, own)));
    lines
}

fn second_opinion(fit: &Fit, own: &Optimism) -> String {
    let figure = |own: &Corrected| {
        format!(
            "{} [{}, {}] instead of {}",
            fixed(own.estimate, 3),
            fixed(own.lower, 3),
            fixed(own.upper, 3),
            fixed(own.apparent, 3)
        )
    };
    format!(
        "**Few events, a second opinion:** on the rows that taught, less what fitting them flatters, the \
         within-snapshot AUC is {} and the calibration slope {} ({} % over {} resamples of the accounts, \
         {} without a fit; choosing lambda, rounding and edges are not repeated).",
        figure(&own.auc),
        figure(&own.slope),
        level(fit.settings.level),
        thousands(own.resamples),
        thousands(own.undefined_resamples)
    )
}

fn loss_difference(own: Bounded) -> String {
    let bounds = Some((own.lower, own.upper));
    Figure { estimate: Some(own.estimate), bounds, reason: None }.words(Format::LossDifference).0
}

fn weights(fit: &Fit, segment: &Segment) -> Table {
    let mut columns = vec![Column::words("indicator"), Column::numbers("shared, %")];
    columns.extend(segment.weights.iter().map(|own| Column::numbers(own.level.clone())));
    let mut table = Table::new(columns);
    for (index, shared) in fit.weights.iter().enumerate() {
        let mut row =
            vec![shared.indicator.clone(), shared.fitted.map_or("none".to_owned(), plain)];
        let of_level = |own: &chs_fit::fit_json::v1::SegmentWeights| {
            own.weights.get(index).map_or("none".to_owned(), |own| fixed(*own, 1))
        };
        row.extend(segment.weights.iter().map(of_level));
        table.push(row);
    }
    table
}

fn edges(fit: &Fit, segment: &Segment) -> Table {
    let mut columns = vec![Column::words("level")];
    columns.extend(fit.bands.edges.iter().skip(1).map(|own| Column::words(own.band.clone())));
    let mut table = Table::new(columns);
    let edge = |own: &SegmentEdge| {
        let range = own.lower.zip(own.upper).map_or_else(String::new, |(lower, upper)| {
            format!(" [{}, {}]", fixed(lower, 0), fixed(upper, 0))
        });
        format!("{}{range}", plain(own.edge))
    };
    for SegmentEdges { level, edges } in &segment.edges {
        let own = edges.iter().skip(1).map(edge);
        table.push(std::iter::once(level.clone()).chain(own).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use chs_fit::fit_json::v1::{
        Bounded, Corrected, Optimism, Recalibration, Segment, SegmentEdge, SegmentEdges,
        SegmentWeights, Trends,
    };

    use super::{answers, edges, further, weights};
    use crate::document::Document;
    use crate::examples::fit;

    fn asked() -> chs_fit::fit_json::v1::Fit {
        let difference = Bounded { estimate: -0.002, lower: -0.003, upper: -0.001 };
        let corrected =
            Corrected { apparent: 0.8, optimism: 0.02, estimate: 0.78, lower: 0.7, upper: 0.85 };
        let edge = |edge, lower, upper| SegmentEdge { edge, lower, upper };
        let mut fit = fit();
        fit.recalibration = Some(Recalibration {
            decision: Some("intercept".into()),
            sentence: "a new intercept is enough".into(),
            trained_to: Some("2024-01-31".into()),
            rows: 1_200,
            event_accounts: 80,
            p_none: Some(0.01),
            p_intercept: Some(0.4),
            p_intercept_and_slope: Some(0.5),
        });
        fit.trends = Some(Trends {
            indicators: vec!["logins_change".into()],
            difference: Some(difference),
            sentence: "it helps".into(),
        });
        fit.segments = vec![Segment {
            segment: "plan".into(),
            levels: vec!["basic".into(), "pro".into()],
            shared: 1,
            own_weights: Some(difference),
            shrunken_weights: Some(difference),
            sentence: "weights of its levels lose less".into(),
            weights: vec![SegmentWeights { level: "pro".into(), weights: vec![64.25, 35.75] }],
            same_rate: "no".into(),
            edge_sentence: "a score does not mean the same".into(),
            edges: vec![SegmentEdges {
                level: "pro".into(),
                edges: vec![edge(0.0, None, None), edge(44.0, Some(40.0), Some(51.0))],
            }],
        }];
        fit.optimism = Some(Optimism {
            auc: corrected,
            slope: corrected,
            resamples: 200,
            undefined_resamples: 3,
        });
        fit
    }

    #[test]
    fn each_question_is_answered_with_its_figures() {
        let lines = answers(&asked());
        assert_eq!(lines.len(), 5);
        assert!(
            lines[0].contains("enough, on 1,200 rows after 2024-01-31, 80 accounts"),
            "{}",
            lines[0]
        );
        assert!(lines[1].contains("0.0020 [-0.0030, -0.0010] nats per row"), "{}", lines[1]);
        assert!(lines[2].contains("drawn to them"), "{}", lines[2]);
        assert!(lines[4].contains("0.780 [0.700, 0.850] instead of 0.800"), "{}", lines[4]);
        assert!(answers(&fit()).is_empty());
    }

    #[test]
    fn what_levels_would_have_stands_in_tables() {
        let fit = asked();
        let rows = weights(&fit, &fit.segments[0]).rows().to_vec();
        assert_eq!(rows[0], ["logins_30d", "70", "64.2"]);
        let rows = edges(&fit, &fit.segments[0]).rows().to_vec();
        assert_eq!(rows, [["pro", "44 [40, 51]"]]);
        let mut document = Document::default();
        further(&mut document, &fit);
        assert_eq!(document.blocks.len(), 6);
    }
}
