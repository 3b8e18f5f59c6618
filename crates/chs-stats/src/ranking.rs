//! What the rows with the highest predictors hold.

use crate::{Observations, OutcomeOrder, Ranking};

/// Average precision of label 1, one threshold per distinct predictor, no interpolation.
///
/// `None` without a label 1. Reference: scikit-learn `average_precision_score`.
///
/// # Panics
/// When the columns differ in length.
pub fn average_precision(predictor: &[f64], label: &[bool]) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    ranking(predictor, label, &[]).average_precision
}

/// Lift at `share`: the event rate among the k = ceil(share x n) rows with the highest predictors
/// over the event rate of all rows. Rows tied at the cut count with their mean event rate.
///
/// `None` without an event, or with a share outside (0, 1].
///
/// # Panics
/// When the columns differ in length.
pub fn lift_at(predictor: &[f64], label: &[bool], share: f64) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    Some(ranking(predictor, label, &[share]).tops.first()?.as_ref()?.lift)
}

/// Capture at `share`: the fraction of all events found among the k = ceil(share x n) rows with the
/// highest predictors. Rows tied at the cut count with their mean event rate.
///
/// `None` without an event, or with a share outside (0, 1].
///
/// # Panics
/// When the columns differ in length.
pub fn capture_at(predictor: &[f64], label: &[bool], share: f64) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    Some(ranking(predictor, label, &[share]).tops.first()?.as_ref()?.capture)
}

/// The figures of the rows as they are: what does not cluster needs no accounts.
fn ranking(predictor: &[f64], label: &[bool], shares: &[f64]) -> Ranking {
    let cluster = vec![0; label.len()];
    let order = OutcomeOrder::new(&Observations { predictor, label, cluster: &cluster });
    order.ranking(&order.unweighted(), shares)
}

/// ceil(share x rows), where a product that misses an integer only by rounding is that integer
/// (0.07 x 100 is 7.000000000000001).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of rows"
)]
pub(crate) fn rows_at(share: f64, rows: u64) -> u64 {
    let product = share * rows as f64;
    ((product * (1.0 - 1e-12)).ceil() as u64).clamp(1, rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tied_rows_at_the_cut_count_with_their_mean() {
        // Ten rows; the top 20 % is row 0 and one of the four tied rows, two of which are events.
        let predictor = [9.0, 5.0, 5.0, 5.0, 5.0, 1.0, 1.0, 1.0, 1.0, 0.0];
        let label = [true, true, false, true, false, false, false, true, false, false];
        assert!((capture_at(&predictor, &label, 0.2).unwrap() - 1.5 / 4.0).abs() < 1e-15);
        assert!((lift_at(&predictor, &label, 0.2).unwrap() - (1.5 / 2.0) / 0.4).abs() < 1e-15);
        assert!((lift_at(&predictor, &label, 1.0).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(lift_at(&[1.0, 2.0], &[false, false], 0.5), None);
        assert_eq!(lift_at(&[1.0, 2.0], &[true, false], 0.0), None);
        assert_eq!(capture_at(&[1.0, 2.0], &[true, false], 1.5), None);
        assert_eq!(capture_at(&[], &[], 0.5), None);
    }

    #[test]
    fn share_of_rows_is_rounded_up_but_not_by_rounding_errors() {
        assert_eq!(rows_at(0.07, 100), 7);
        assert_eq!(rows_at(0.1, 30), 3);
        assert_eq!(rows_at(0.1, 31), 4);
        assert_eq!(rows_at(0.001, 10), 1);
        assert_eq!(rows_at(1.0, 10), 10);
    }

    proptest! {
        #[test]
        fn average_precision_equals_its_slow_twin(
            rows in prop::collection::vec((0..8_i32, any::<bool>()), 1..40),
        ) {
            let predictor: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let label: Vec<bool> = rows.iter().map(|row| row.1).collect();
            // Mean over positives of the precision at each one's own threshold.
            let count = |pass: &dyn Fn(&(i32, bool)) -> bool| rows.iter().filter(|row| pass(row)).count();
            let positives = count(&|row| row.1);
            let precisions = rows.iter().filter(|row| row.1).map(|at| {
                count(&|row| row.0 >= at.0 && row.1) as f64 / count(&|row| row.0 >= at.0) as f64
            });
            let slow = (positives > 0).then(|| precisions.sum::<f64>() / positives as f64);
            let found = average_precision(&predictor, &label);
            prop_assert_eq!(found.is_some(), slow.is_some());
            prop_assert!(found.zip(slow).is_none_or(|(found, slow)| (found - slow).abs() < 1e-14));
        }
    }
}
