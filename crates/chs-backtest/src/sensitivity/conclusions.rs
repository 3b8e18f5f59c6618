//! What the variants come to.

use chs_panel::{Finding, Level, Polarity};

use super::{Sensitivity, Variant, VariantKind};
use crate::Metric;
use crate::conclude::{finding, with_metric};
use crate::wording::{listed, percent, points_with_interval};

/// Difference of AUC that is taken for none.
const SMALL: f64 = 0.01;
/// Difference of AUC that one would want to know of between rows with much and with little data.
const LARGE: f64 = 0.05;
/// What trends or a change have to add to be worth their explanation, in AUC.
const WORTH: f64 = 0.005;

/// Findings on the variants of the primary score.
pub(crate) fn findings(
    sensitivity: &Sensitivity,
    polarity: Polarity,
    primary: &str,
) -> Vec<Finding> {
    let of_kind =
        |kind: VariantKind| sensitivity.variants.iter().filter(move |variant| variant.kind == kind);
    let policies: Vec<&Variant> = of_kind(VariantKind::MissingPolicy).collect();
    let stale = of_kind(VariantKind::StaleAsMissing).next();
    let trends = of_kind(VariantKind::WithoutTrends).next();
    let suspects = of_kind(VariantKind::WithoutSuspects).next();
    let thin = sensitivity.thin_rows.as_ref();
    [
        trend(trends, (sensitivity.score_change.as_ref(), polarity), primary),
        leaky(suspects, primary),
        missing(&policies, primary),
        by_kind("CHS241", stale, primary),
        observed(thin, primary),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A difference of AUC as `-0.3 points, -0.6 to 0.0`; the reason where there is none.
fn difference_words(metric: Option<&Metric>) -> String {
    match metric.map(|metric| (metric.bounds(), metric.reason.as_deref())) {
        Some((Some(bounds), _)) => format!("{} of AUC", points_with_interval(bounds)),
        Some((None, Some(reason))) => reason.to_owned(),
        _ => "no difference can be told".to_owned(),
    }
}

/// Passed where a difference is surely small, a warning where it surely is not.
fn graded(metric: &Metric) -> Level {
    match metric.bounds() {
        // Without an interval the two rank alike, or nothing can be told.
        None if metric.estimate.is_some() => Level::Passed,
        None => Level::NotApplicable,
        Some((_, lower, upper)) if lower > SMALL || upper < -SMALL => Level::Warning,
        Some((_, lower, upper)) if lower >= -SMALL && upper <= SMALL => Level::Passed,
        Some(_) => Level::Note,
    }
}

fn missing(policies: &[&Variant], primary: &str) -> Option<Finding> {
    let differences: Vec<(&Variant, &Metric)> = policies
        .iter()
        .filter_map(|variant| Some((*variant, variant.difference("auc_within_snapshot")?)))
        .collect();
    let Some(level) = differences.iter().map(|(_, metric)| graded(metric)).min() else {
        let sentence = "the score is not computed from indicators here".to_owned();
        return finding("CHS240", Level::NotApplicable, primary, sentence);
    };
    let words: Vec<String> = differences
        .iter()
        .map(|(variant, metric)| {
            let scored = variant.metric("scored").and_then(|scored| scored.estimate);
            let scored = scored.map_or_else(String::new, |share| {
                format!(", {} of the rows scored", percent(share))
            });
            format!("against `{}` {}{scored}", variant.name, difference_words(Some(metric)))
        })
        .collect();
    let sentence = format!("its missing policies: {}", words.join("; "));
    let worst = differences.iter().max_by(|(_, a), (_, b)| {
        let size = |metric: &Metric| metric.estimate.map_or(0.0, f64::abs);
        size(a).total_cmp(&size(b))
    });
    let found = finding("CHS240", level, primary, sentence)?;
    Some(match worst {
        Some((_, metric)) => with_metric(found, metric),
        None => found,
    })
}

fn by_kind(code: &str, variant: Option<&Variant>, primary: &str) -> Option<Finding> {
    let untold =
        |why: &str| finding(code, Level::NotApplicable, primary, format!("cannot tell: {why}"));
    let Some(variant) = variant else {
        return untold("the score is not computed from indicators here");
    };
    if let Some(reason) = &variant.reason {
        return untold(reason);
    }
    let metric = variant.difference("auc_within_snapshot")?;
    let names: Vec<String> = variant.indicators.iter().map(|name| format!("`{name}`")).collect();
    let sentence = format!(
        "with values of {} that stand for more than {} days, minus the score without them: {}",
        listed(&names),
        super::STALE_DAYS,
        difference_words(Some(metric))
    );
    Some(with_metric(finding(code, graded(metric), primary, sentence)?, metric))
}

fn observed(thin: Option<&Metric>, primary: &str) -> Option<Finding> {
    let Some((metric, bounds)) = thin.and_then(|metric| Some((metric, metric.bounds()?))) else {
        let sentence =
            "cannot tell: there are not two classes of rows by weight observed with enough accounts"
                .to_owned();
        return finding("CHS242", Level::NotApplicable, primary, sentence);
    };
    let level = match bounds {
        (_, lower, _) if lower > LARGE => Level::Warning,
        (_, _, upper) if upper < LARGE => Level::Passed,
        _ => Level::Note,
    };
    let class = metric.slice.parts().get("weight_observed").map_or("", String::as_str);
    let sentence = format!(
        "rows with the most of the weight observed minus rows with {class} of it: {}",
        difference_words(Some(metric))
    );
    Some(with_metric(finding("CHS242", level, primary, sentence)?, metric))
}

/// What a measure of change says beside the level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It adds, the way it is meant: a fall is bad.
    Adds,
    /// It is the other way round, or the score is better without it.
    Turned,
    /// It adds next to nothing.
    Idle,
    /// Neither is shown.
    Open,
}

/// Indicators that tell a change: the AUC with them minus without.
fn of_indicators(lost: Option<&Metric>) -> Change {
    match lost.and_then(Metric::bounds) {
        Some((_, lower, _)) if lower > 0.0 => Change::Adds,
        Some((_, _, upper)) if upper < 0.0 => Change::Turned,
        Some((_, _, upper)) if upper < WORTH => Change::Idle,
        _ => Change::Open,
    }
}

/// The change of the score: by how much the outcome rate moves when it rose.
fn of_the_score(change: Option<&Metric>, polarity: Polarity) -> Change {
    match (change.and_then(Metric::bounds), polarity) {
        (Some((_, _, upper)), Polarity::Adverse) if upper < 0.0 => Change::Adds,
        (Some((_, lower, _)), Polarity::Favourable) if lower > 0.0 => Change::Adds,
        (Some((_, lower, _)), Polarity::Adverse) if lower > 0.0 => Change::Turned,
        (Some((_, _, upper)), Polarity::Favourable) if upper < 0.0 => Change::Turned,
        _ => Change::Open,
    }
}

fn trend(
    variant: Option<&Variant>,
    (change, polarity): (Option<&Metric>, Polarity),
    primary: &str,
) -> Option<Finding> {
    let dropped = variant.filter(|variant| variant.reason.is_none());
    let lost = dropped.and_then(|variant| variant.difference("auc_within_snapshot"));
    let told = (of_indicators(lost), of_the_score(change, polarity));
    let mut words = Vec::new();
    if let (Some(variant), Some(metric)) = (dropped, lost) {
        let names: Vec<String> =
            variant.indicators.iter().map(|name| format!("`{name}`")).collect();
        words.push(format!(
            "the score with {} minus the score without: {}",
            listed(&names),
            difference_words(Some(metric))
        ));
    }
    if let Some((estimate, lower, upper)) = change.and_then(Metric::bounds) {
        let turned = match told.1 {
            Change::Turned => {
                ", which is the other way round: the score jumps about, and what it was before counts too"
            }
            _ => "",
        };
        words.push(format!(
            "at the same score, a rise by one standard deviation since the snapshot before moves the \
             outcome rate by {:+.2} points ({:.2} to {:.2}){turned}",
            100.0 * estimate,
            100.0 * lower,
            100.0 * upper
        ));
    }
    let (level, verdict) = match told {
        _ if words.is_empty() => {
            let why = change.and_then(|metric| metric.reason.as_deref());
            let why = why.unwrap_or("no trend is measured and no change of the score is known");
            let sentence = format!("cannot tell: {why}");
            return finding("CHS234", Level::NotApplicable, primary, sentence);
        }
        (Change::Turned, _) => (Level::Warning, "the score ranks better without its trends"),
        (Change::Adds, _) | (_, Change::Adds) => (Level::Passed, "trends add to levels"),
        (Change::Idle, _) => (Level::Warning, "the trends in the score add nothing to speak of"),
        _ => (Level::Note, "trends are not shown to add to levels"),
    };
    let found = finding("CHS234", level, primary, format!("{verdict}; {}", words.join("; ")))?;
    Some(match lost.or(change) {
        Some(metric) => with_metric(found, metric),
        None => found,
    })
}

fn leaky(variant: Option<&Variant>, primary: &str) -> Option<Finding> {
    let Some(variant) = variant else {
        let sentence = "the score is not computed from indicators here".to_owned();
        return finding("CHS235", Level::NotApplicable, primary, sentence);
    };
    let names: Vec<String> = variant.indicators.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        let sentence = "no indicator of the score is suspect by what the panel shows; `chs check \
                        --leaks` looks at the sources too"
            .to_owned();
        return finding("CHS235", Level::Passed, primary, sentence);
    }
    let metric = variant.difference("auc_within_snapshot");
    let without = variant.metric("auc_within_snapshot").and_then(Metric::bounds);
    let without = without.map_or_else(String::new, |(estimate, lower, upper)| {
        format!("; without them the AUC is {estimate:.3} ({lower:.3} to {upper:.3})")
    });
    let sentence = format!(
        "{} look leaky; with them minus without: {}{without}",
        listed(&names),
        difference_words(metric)
    );
    let found = finding("CHS235", Level::Warning, primary, sentence)?;
    Some(match metric {
        Some(metric) => with_metric(found, metric),
        None => found,
    })
}

#[cfg(test)]
mod tests {
    use chs_panel::Polarity;
    use chs_stats::Interval;

    use super::{Change, graded, of_indicators, of_the_score};
    use crate::metric::{Figure, Method};
    use crate::{Counts, Metric, Slice};

    fn between(lower: f64, upper: f64) -> Metric {
        let interval = Some(Interval { lower, upper });
        let figure = Figure::new(f64::midpoint(lower, upper), interval, Method::PairedInfluence);
        Metric::new("x", &Slice::all(), Counts::default(), figure)
    }

    #[test]
    fn a_trend_adds_only_the_way_it_is_meant() {
        let told = |lower: f64, upper: f64| of_indicators(Some(&between(lower, upper)));
        let found = [told(0.001, 0.02), told(-0.02, -0.01), told(-0.002, 0.004), told(-0.01, 0.02)];
        assert!(found == [Change::Adds, Change::Turned, Change::Idle, Change::Open]);
        let [fall, rise] = [between(-0.02, -0.01), between(0.01, 0.02)];
        assert!(of_the_score(Some(&fall), Polarity::Adverse) == Change::Adds);
        assert!(of_the_score(Some(&rise), Polarity::Adverse) == Change::Turned);
        assert!(of_the_score(Some(&rise), Polarity::Favourable) == Change::Adds);
        assert!(of_the_score(Some(&fall), Polarity::Favourable) == Change::Turned);
        assert!(of_the_score(Some(&between(-0.01, 0.01)), Polarity::Adverse) == Change::Open);
    }

    #[test]
    fn a_variant_is_graded_by_whole_intervals() {
        use chs_panel::Level;
        assert_eq!(graded(&between(0.011, 0.03)), Level::Warning);
        assert_eq!(graded(&between(-0.03, -0.011)), Level::Warning);
        assert_eq!(graded(&between(-0.009, 0.009)), Level::Passed);
        assert_eq!(graded(&between(-0.02, 0.009)), Level::Note);
        let none = |reason: &str| {
            Metric::undefined("x", &Slice::all(), Counts::default(), reason.to_owned())
        };
        assert_eq!(graded(&none("too few")), Level::NotApplicable);
        assert_eq!(graded(&Metric { estimate: Some(0.0), ..none("alike") }), Level::Passed);
    }
}
