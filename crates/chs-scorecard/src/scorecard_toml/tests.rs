//! Scorecards as text, sound and not.

use jiff::civil::date;

use crate::{
    BandRule, Better, Category, Input, Missing, Normalisation, Scorecard, scorecard_schema,
};

const WEIGHTED_7: &str = include_str!("../../../../datasets/saas-demo/scorecard.toml");

fn lines(text: &str) -> Vec<String> {
    let mistakes = Scorecard::from_toml("scorecard.toml", text).unwrap_err();
    mistakes.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn every_mistake_of_a_file_is_reported() {
    let text = r#"spec_version = 3
name = "two words"
version = "1"
mising = 50
[components.activity]
weight = 50
indicators = [
  { name = "logins", poor = 5, good = 5, share = [50, 10] },
  { name = "logins", knots = [[1, 0], [0, 101]], missing = "rejct" },
]
[[bands]]
name = "low"
from = 10
colour = "red"
"#;
    let expected = [
        "1:16: unknown `spec_version`; expected 1",
        "2:8: `two words` is no name",
        "3:11: `1` is no version",
        "4:1: unknown key `mising`",
        "6:10: the weights of the components sum to 50; expected 100",
        "8:29: `poor` and `good` are both 5",
        "8:50: `share` is no range",
        "9:12: indicator `logins` stands twice",
        "9:39: sub-score 101 is outside 0 to 100",
        "9:39: knot 0 follows 1",
        "9:60: `rejct` is not known",
        "11:1: the first band starts at 10",
        "14:1: unknown key `colour`",
    ];
    let lines = lines(text);
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(&format!("scorecard.toml:{expected}")), "{line}\n{expected}");
    }
}

#[test]
fn a_broken_component_brings_no_mistakes_about_others() {
    let text = "spec_version = 1\nname = \"x\"\nversion = \"1.0.0\"\n[components]\na = 3\n";
    let lines = lines(text);
    assert_eq!(lines, ["scorecard.toml:5:5: `a` is a number; expected a table"]);
}

#[test]
fn the_file_becomes_the_scorecard_that_it_says() {
    let scorecard = Scorecard::from_toml("scorecard.toml", WEIGHTED_7).unwrap();
    assert_eq!((scorecard.name(), scorecard.version()), ("weighted-7", "0.1.0"));
    let names: Vec<&str> =
        scorecard.components().iter().map(|component| component.name.as_str()).collect();
    let expected = [
        "satisfaction",
        "activity",
        "adoption",
        "service",
        "financial",
        "feedback",
        "relationship",
    ];
    assert_eq!(names, expected, "declared order, not that of the alphabet");
    assert_eq!(scorecard.components()[1].category, Some(Category::Behavioral));
    let weights = scorecard.weights();
    assert_eq!(weights[..5], [10.0, 10.0, 10.0, 5.0, 5.0]);
    assert!((weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    let recency = scorecard.indicators().nth(3).unwrap();
    assert_eq!((recency.name.as_str(), recency.missing), ("days_since_login", Missing::Score(0.0)));
    assert_eq!(recency.normalisation.direction(), Some(Better::Lower));
    let Normalisation::Knots(knots) = &recency.normalisation else { panic!("{recency:?}") };
    assert_eq!(knots.points(), [(1.0, 100.0), (21.0, 0.0)]);
    let action = &scorecard.bands()[0].actions[0];
    assert_eq!((action.owner.as_deref(), action.within_days), (Some("csm"), Some(2)));
    assert_eq!(scorecard.actions().count(), 5);
    assert_eq!(scorecard.trend().rules[0].at_best, 1);
    assert_eq!((scorecard.fit().steps, scorecard.gates().event_accounts), (1, 100));
}

#[test]
fn sections_are_read() {
    let text = include_str!("../../../../tests/corpus/scorecard/valid/all-sections.toml");
    let scorecard = Scorecard::from_toml("scorecard.toml", text).unwrap();
    let component = &scorecard.components()[0];
    assert_eq!(component.bands().unwrap()[1].name, "lively");
    assert_eq!(component.indicators[0].on_decline[0].owner, None);
    let trend = scorecard.trend();
    assert_eq!((trend.window_days, trend.rules[0].at_best), (Some(30), 0));
    assert!((trend.threshold - 2.5).abs() < f64::EPSILON);
    assert_eq!(scorecard.fit().steps, 5);
    assert_eq!(scorecard.fit().edges, Some(BandRule::Capacity { accounts: 50 }));
    let gates = scorecard.gates();
    assert_eq!(gates.calibration_slope, (0.8, 1.25));
    assert!(!gates.bands_monotone && gates.event_accounts == 30);
    assert!(gates.auc_within_snapshot > 0.59 && gates.lift_at_risk < 1.51);
    let waiver = gates.waiver("calibration_slope").unwrap();
    assert_eq!((waiver.reason.as_str(), waiver.until), ("a pilot", date(2027, 3, 31)));
    assert_eq!((gates.waivers.len(), gates.waiver("lift_at_risk")), (2, None));
}

#[test]
fn each_rule_of_edges_has_its_spelling() {
    let of = |edges: &str| {
        let text = include_str!("../../../../tests/corpus/scorecard/valid/minimal.toml");
        let text = format!("{text}\n[fit]\nedges = {edges}\n");
        Scorecard::from_toml("scorecard.toml", &text).unwrap().fit().edges
    };
    assert_eq!(of("\"likelihood\""), Some(BandRule::Likelihood { minimum_share: 0.05 }));
    assert_eq!(of("\"prior\""), Some(BandRule::Prior));
    assert_eq!(of("{ minimum_share = 25 }"), Some(BandRule::Likelihood { minimum_share: 0.25 }));
    assert_eq!(of("{ capacity = 1 }"), Some(BandRule::Capacity { accounts: 1 }));
}

#[test]
fn without_bands_the_usual_three_apply() {
    let text = include_str!("../../../../tests/corpus/scorecard/valid/minimal.toml");
    let scorecard = Scorecard::from_toml("scorecard.toml", text).unwrap();
    let names: Vec<&str> = scorecard.bands().iter().map(|band| band.name.as_str()).collect();
    assert_eq!(names, ["at-risk", "attention", "healthy"]);
}

#[test]
fn equal_weights_change_nothing_but_weights_and_name() {
    let scorecard = Scorecard::from_toml("scorecard.toml", WEIGHTED_7).unwrap();
    let equal = scorecard.equal_weights();
    assert_eq!(equal.name(), "weighted-7-equal-weights");
    assert!(equal.weights().windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()));
    assert!((equal.weights().iter().sum::<f64>() - 100.0).abs() < 1e-9);
    assert!((equal.components()[1].weight - 3.0 * equal.weights()[0]).abs() < 1e-12);
    let inputs: Vec<Input<'_>> = equal.weights().iter().map(|_| Input::Number(1.0)).collect();
    assert_eq!(equal.score(&inputs).sub_scores, scorecard.score(&inputs).sub_scores);
}

#[test]
fn the_schema_allows_no_null() {
    let schema = scorecard_schema().to_string();
    assert!(!schema.contains("null"), "{schema}");
    assert!(schema.contains("\"exclusiveMaximum\":100"), "{schema}");
}
