//! What acting on a probability is worth, against acting on everybody and on nobody.

use crate::OutcomeOrder;
use crate::outcome_order::Outcomes;

/// Net benefit at one threshold: true alerts per row, minus false alerts per row times the odds of
/// the threshold. Acting on nobody is worth 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetBenefit {
    /// Probability from which on an account is acted on; its odds are the cost of a false alert in
    /// units of a true one.
    pub threshold: f64,
    /// Worth of acting where p is at least the threshold.
    pub model: f64,
    /// Worth of acting on everybody.
    pub everybody: f64,
    /// Event rate: what perfect foresight is worth.
    pub best: f64,
}

impl NetBenefit {
    /// Net benefit as a share of the best possible. `None` without events.
    pub fn standardised(&self) -> Option<f64> {
        (self.best > 0.0).then(|| self.model / self.best)
    }
}

/// Net benefit of `true_alerts` and `false_alerts` among `rows`: `(true - odds x false) / rows` at the
/// odds of `threshold`, 0 <= threshold < 1. For alerts that no single probability decides.
///
/// Source: Vickers & Elkin 2006, "Decision curve analysis".
pub fn net_benefit(true_alerts: u64, false_alerts: u64, rows: u64, threshold: f64) -> f64 {
    let odds = threshold / (1.0 - threshold);
    (true_alerts as f64 - false_alerts as f64 * odds) / rows as f64
}

impl OutcomeOrder {
    /// The decision curve at the thresholds in \[0, 1), in their order, with every row of account c
    /// counted `weights[c]` times; the predictor of the order is P(label = 1). Empty without weight.
    /// O(rows), for all thresholds together.
    ///
    /// Reference: `dcurves.dca`.
    ///
    /// # Panics
    /// With fewer weights than accounts, or with a threshold outside \[0, 1).
    pub fn decision_curve(&self, weights: &[u32], thresholds: &[f64]) -> Vec<NetBenefit> {
        let all = self.total(weights);
        if all.all() == 0 {
            return Vec::new();
        }
        // Alerts of each threshold, the highest one first: it ends where p falls below it.
        let mut highest_first: Vec<usize> = (0..thresholds.len()).collect();
        highest_first.sort_by(|&a, &b| thresholds[b].total_cmp(&thresholds[a]));
        let mut alerts = vec![all; thresholds.len()];
        let (mut reached, mut open) = (Outcomes::default(), highest_first.iter().peekable());
        self.descend_values(weights, |p, here| {
            while let Some(&place) = open.next_if(|place| p < thresholds[**place]) {
                alerts[place] = reached;
            }
            reached = reached + here;
        });
        let at = |(&threshold, alerts): (&f64, &Outcomes)| {
            assert!((0.0..1.0).contains(&threshold), "a threshold is a probability below 1");
            NetBenefit {
                threshold,
                model: net_benefit(alerts.events, alerts.others, all.all(), threshold),
                everybody: net_benefit(all.events, all.others, all.all(), threshold),
                best: all.events as f64 / all.all() as f64,
            }
        };
        thresholds.iter().zip(&alerts).map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Observations;

    #[test]
    fn a_curve_by_hand() {
        let rows = Observations {
            predictor: &[0.1, 0.2, 0.2, 0.6, 0.9],
            label: &[false, true, false, true, false],
            cluster: &[0, 1, 2, 3, 4],
        };
        let order = OutcomeOrder::new(&rows);
        let curve = order.decision_curve(&order.unweighted(), &[0.2, 0.0, 0.5, 0.95]);
        let model: Vec<f64> = curve.iter().map(|at| at.model).collect();
        let expected = [(2.0 - 2.0 * 0.25) / 5.0, 2.0 / 5.0, (1.0 - 1.0) / 5.0, 0.0];
        for (model, expected) in model.iter().zip(expected) {
            assert!((model - expected).abs() < 1e-15);
        }
        assert!((curve[0].everybody - (2.0 - 3.0 * 0.25) / 5.0).abs() < 1e-15);
        assert!((curve[0].standardised().unwrap() - 0.75).abs() < 1e-15);
        // The account with p = 0.9 away, that with 0.6 twice.
        let drawn = order.decision_curve(&[1, 1, 1, 2, 0], &[0.5]);
        assert!((drawn[0].model - 0.4).abs() < 1e-15 && (drawn[0].best - 0.6).abs() < 1e-15);
        assert!(order.decision_curve(&[0; 5], &[0.5]).is_empty());
        let quiet = OutcomeOrder::new(&Observations { label: &[false; 5], ..rows });
        assert_eq!(quiet.decision_curve(&[1; 5], &[0.5])[0].standardised(), None);
    }
}
