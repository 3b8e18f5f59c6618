//! Laws of scoring that hold for any scorecard and any input.

use proptest::prelude::*;

use crate::{DriverSource, HealthScore, Input, InputColumn, Scorecard};

/// Four indicators with every kind of policy and normalisation, of the given relative weights.
fn scorecard(weights: [u32; 4]) -> Scorecard {
    let [a, b, c, d] = weights;
    let text = format!(
        r#"
        spec_version = 1
        name = "law"
        version = "1.0.0"
        [components.first]
        weight = 62.5
        indicators = [
          {{ name = "a", weight = {a}, poor = -3, good = 7 }},
          {{ name = "b", weight = {b}, knots = [[0, 90.3], [1.7, 20.1], [4, 60]], missing = 35.5 }},
        ]
        [components.second]
        weight = 37.5
        indicators = [
          {{ name = "c", weight = {c}, edges = [0, 2.5], scores = [0, 33.3, 100] }},
          {{ name = "d", weight = {d}, map = {{ x = 12.5, y = 99.9 }} }},
        ]
        "#
    );
    Scorecard::from_toml("law.toml", &text).unwrap()
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -10.0..10.0,
        2 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => any::<f64>(),
    ]
}

type Row = ([f64; 3], Option<u32>);

fn row() -> impl Strategy<Value = Row> {
    ([number(), number(), number()], prop::option::of(0_u32..4))
}

fn words() -> Vec<String> {
    ["x", "y", "z"].map(str::to_owned).to_vec()
}

fn inputs<'a>(row: &Row, words: &'a [String]) -> Vec<Input<'a>> {
    let word = match row.1 {
        None => Input::Missing,
        // A code without a word is as unusable as an unknown word.
        Some(code) => Input::Text(words.get(code as usize).map_or("?", String::as_str)),
    };
    row.0.iter().map(|number| Input::Number(*number)).chain([word]).collect()
}

proptest! {
    #[test]
    fn columns_give_the_bits_of_single_accounts(
        weights in [1_u32..9, 1_u32..9, 1_u32..9, 1_u32..9],
        rows in prop::collection::vec(row(), 0..12),
    ) {
        let (scorecard, words) = (scorecard(weights), words());
        let numbers: Vec<Vec<f64>> =
            (0..3).map(|column| rows.iter().map(|row| row.0[column]).collect()).collect();
        let codes: Vec<Option<u32>> = rows.iter().map(|row| row.1).collect();
        let mut columns: Vec<InputColumn<'_>> =
            numbers.iter().map(|column| InputColumn::Number(column)).collect();
        columns.push(InputColumn::Text { codes: &codes, words: &words });
        let scored = scorecard.score_columns(&columns);
        prop_assert_eq!(scored.score.len(), rows.len());
        let mut unusable = 0;
        for (index, row) in rows.iter().enumerate() {
            let single = scorecard.score(&inputs(row, &words));
            let bits = |number: Option<f64>| number.map(f64::to_bits);
            prop_assert_eq!(bits(scored.score[index]), bits(single.score.map(HealthScore::get)));
            prop_assert_eq!(bits(Some(scored.coverage[index])), bits(Some(single.coverage)));
            prop_assert_eq!(scored.band[index], single.band);
            prop_assert_eq!(scored.reason[index], single.reason);
            for indicator in 0..4 {
                prop_assert_eq!(
                    bits(scored.sub_scores[indicator][index]), bits(single.sub_scores[indicator]));
                prop_assert_eq!(
                    bits(scored.contributions[indicator][index]), bits(single.contributions[indicator]));
            }
            for component in 0..2 {
                prop_assert_eq!(
                    bits(scored.components[component][index]), bits(single.components[component]));
            }
            unusable += single.unusable;
        }
        prop_assert_eq!(scored.unusable.iter().sum::<usize>(), unusable);
    }

    #[test]
    fn scores_lie_within_0_to_100_and_drivers_sum_to_points_lost(
        weights in [0_u32..9, 1_u32..9, 0_u32..9, 1_u32..9],
        row in row(),
    ) {
        let scored = scorecard(weights).score(&inputs(&row, &words()));
        prop_assert_eq!(scored.score.is_none(), scored.coverage <= 0.0);
        prop_assert!((0.0..=1.0).contains(&scored.coverage));
        let Some(score) = scored.score else { return Ok(()) };
        prop_assert!((0.0..=100.0).contains(&score.get()));
        let lost: f64 = scored.drivers().iter().map(|driver| driver.points).sum();
        prop_assert!((lost - (score.get() - 100.0)).abs() < 1e-9);
    }

    #[test]
    fn drivers_of_a_change_sum_to_it(
        weights in [0_u32..9, 1_u32..9, 0_u32..9, 1_u32..9],
        before in row(),
        after in row(),
    ) {
        let (scorecard, words) = (scorecard(weights), words());
        let before = scorecard.score(&inputs(&before, &words));
        let after = scorecard.score(&inputs(&after, &words));
        let change = scorecard.change(&before, &after);
        let (Some(from), Some(to)) = (before.score, after.score) else {
            prop_assert!(change.is_none());
            return Ok(());
        };
        let drivers = change.unwrap();
        let sum: f64 = drivers.iter().map(|driver| driver.points).sum();
        prop_assert!((sum - (to.get() - from.get())).abs() < 1e-9);
        if before.observed == after.observed {
            prop_assert!(drivers.iter().all(|driver| driver.source != DriverSource::Availability));
        }
    }

    #[test]
    fn a_better_value_never_lowers_the_score(
        row in row(),
        better in 0.0..20.0_f64,
    ) {
        prop_assume!(row.0[0].is_finite());
        let (scorecard, words) = (scorecard([2, 1, 1, 1]), words());
        let raised = ([row.0[0] + better, row.0[1], row.0[2]], row.1);
        let (low, high) =
            (scorecard.score(&inputs(&row, &words)), scorecard.score(&inputs(&raised, &words)));
        prop_assert!(low.score <= high.score);
    }
}
