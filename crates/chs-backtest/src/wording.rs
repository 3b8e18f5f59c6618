//! Figures as people read them.

use crate::Metric;

/// `76.3 %`
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// `+4.1 points`
pub(crate) fn points(difference: f64) -> String {
    format!("{:+.1} points", 100.0 * difference)
}

/// `0.763 (95 % interval 0.741 to 0.784)`; the reason where there is no interval.
pub(crate) fn with_interval(metric: &Metric, level: f64) -> String {
    match (metric.bounds(), metric.estimate) {
        (Some((estimate, lower, upper)), _) => {
            format!("{estimate:.3} ({} interval {lower:.3} to {upper:.3})", whole_percent(level))
        }
        (None, Some(estimate)) => format!("{estimate:.3}, without an interval"),
        (None, None) => metric.reason.clone().unwrap_or_else(|| "not defined".to_owned()),
    }
}

/// `+4.1 points, 2.0 to 6.1`
pub(crate) fn points_with_interval((estimate, lower, upper): (f64, f64, f64)) -> String {
    format!("{}, {:.1} to {:.1}", points(estimate), 100.0 * lower, 100.0 * upper)
}

/// `95 %`, `99.9 %`
pub(crate) fn whole_percent(level: f64) -> String {
    let text = format!("{:.1}", 100.0 * level);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// `recency`, `recency and tenure`, `a, b and c`
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, percent, points_with_interval, whole_percent};

    #[test]
    fn figures_are_worded() {
        assert_eq!(percent(0.763), "76.3 %");
        assert_eq!(points_with_interval((0.041, -0.01, 0.061)), "+4.1 points, -1.0 to 6.1");
        assert_eq!((whole_percent(0.95), whole_percent(0.999)), ("95 %".into(), "99.9 %".into()));
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&words), "a, b and c");
        assert_eq!(listed(&words[..2]), "a and b");
    }
}
