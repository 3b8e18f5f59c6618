//! `scorecard.toml` as types, from which its JSON Schema is generated.
//!
//! The schema says what an editor can check; sums, orders and names that stand twice are the converter's.
#![expect(
    dead_code,
    reason = "the types are the schema; the converter reads the file with its places"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use crate::policy::GATES;

/// JSON Schema 2020-12 of `scorecard.toml`.
pub fn scorecard_schema() -> Value {
    chs_toml::schema_of::<Scorecard>()
}

/// A scorecard: components, indicators, normalisation, weights, missing policies, bands.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    title = "scorecard.toml",
    extend(
        "if" = { "properties": { "aggregation": { "const": "weighted" } } },
        "then" = { "properties": { "components": { "additionalProperties": { "required": ["weight"] } } } },
        "else" = {
            "properties": { "components": { "additionalProperties": { "properties": { "weight": false } } } }
        }
    )
)]
struct Scorecard {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    spec_version: i64,
    /// Name of the scorecard.
    name: Name,
    /// Its version, semver.
    #[schemars(regex(
        pattern = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$"
    ))]
    version: String,
    /// What a missing value does, unless its indicator says otherwise (default "reweight").
    missing: Option<Missing>,
    /// How weights are written (default "weighted": components in percent, indicators relative inside).
    aggregation: Option<Aggregation>,
    /// Components by name, in this order.
    #[schemars(extend("minProperties" = 1, "propertyNames" = { "pattern": "^[A-Za-z0-9_-]+$" }))]
    components: BTreeMap<String, Component>,
    /// Bands, lowest first (default: at-risk from 0, attention from 40, healthy from 70).
    #[schemars(length(min = 1))]
    bands: Option<Vec<Band>>,
    /// How the trend of a score is read.
    trend: Option<Trend>,
    /// How weights are learned.
    fit: Option<Fit>,
    /// What held-out evidence has to show before a model is exported.
    gates: Option<Gates>,
}

/// Letters, digits, `_`, `-`.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Name(#[schemars(regex(pattern = r"^[A-Za-z0-9_-]+$"))] String);

/// A text that says something.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Words(#[schemars(regex(pattern = r"\S"))] String);

/// 0 to 100.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Percent(#[schemars(range(min = 0, max = 100))] f64);

/// Points of the score, more than 0.
#[derive(JsonSchema)]
#[schemars(inline, extend("exclusiveMinimum" = 0))]
struct Points(#[schemars(range(max = 100))] f64);

/// Whole days, such as "30d".
#[derive(JsonSchema)]
#[schemars(inline)]
struct Days(#[schemars(regex(pattern = r"^[0-9]{1,5}d$"))] String);

/// How weights are written.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Aggregation {
    /// Components in percent, indicators relative inside their component.
    Weighted,
    /// Every indicator weighs the same.
    Mean,
    /// Weights are multipliers that sum to the number of indicators.
    SumOverCount,
}

/// What a missing value does: left out and the others share its weight, no score, or a sub-score.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Missing {
    Policy(MissingPolicy),
    Score(Percent),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum MissingPolicy {
    Reweight,
    Reject,
}

/// A weighted group of indicators.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Component {
    /// Percent of the score; the components sum to 100.
    weight: Option<Percent>,
    /// The kind of signal.
    category: Option<Category>,
    /// Least and most percent of the score that the fitter may give it.
    share: Option<(Percent, Percent)>,
    /// Its indicators, at least one.
    #[schemars(length(min = 1))]
    indicators: Vec<Indicator>,
    /// Bands of its own.
    #[schemars(length(min = 1))]
    bands: Option<Vec<Band>>,
    /// What is due when its sub-score falls.
    on_decline: Option<Vec<Action>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Category {
    Declarative,
    Behavioral,
    Operational,
    Financial,
    Qualitative,
    Relationship,
}

/// An indicator with exactly one normalisation: poor and good, knots, edges and scores, map, percentile.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend(
        "oneOf" = [
            { "required": ["poor"] },
            { "required": ["knots"] },
            { "required": ["edges"] },
            { "required": ["map"] },
            { "required": ["percentile"] }
        ],
        "dependentRequired" = { "poor": ["good"], "good": ["poor"], "edges": ["scores"], "scores": ["edges"] }
    )
)]
struct Indicator {
    /// Its name in the panel.
    name: Name,
    /// Weight relative to the others of its component (default 1).
    #[schemars(range(min = 0, max = 1_000_000))]
    weight: Option<f64>,
    /// The value with sub-score 0; above `good` where lower is better.
    poor: Option<f64>,
    /// The value with sub-score 100.
    good: Option<f64>,
    /// Points [value, sub-score]; linear between, clamped outside.
    #[schemars(length(min = 1))]
    knots: Option<Vec<(f64, Percent)>>,
    /// Edges between bins; an edge belongs to the bin on its right.
    #[schemars(length(min = 1))]
    edges: Option<Vec<f64>>,
    /// One sub-score per bin, one more than edges.
    scores: Option<Vec<Percent>>,
    /// Sub-score per word.
    #[schemars(extend("minProperties" = 1))]
    map: Option<BTreeMap<String, Percent>>,
    /// Rank against the reference distribution.
    percentile: Option<Percentile>,
    /// What a missing value does.
    missing: Option<Missing>,
    /// Least and most percent of the score that the fitter may give it.
    share: Option<(Percent, Percent)>,
    /// What is due when its sub-score falls.
    on_decline: Option<Vec<Action>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Percentile {
    HigherIsBetter,
    LowerIsBetter,
}

/// An interval of the score, up to the next band's edge.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Band {
    /// Its label.
    name: Words,
    /// Lower edge, which belongs to it; 0 for the first band.
    #[schemars(range(min = 0), extend("exclusiveMaximum" = 100))]
    from: f64,
    /// Colour to show.
    color: Option<Words>,
    /// Grade to show.
    grade: Option<Words>,
    /// What is due for an account in this band.
    actions: Option<Vec<Action>>,
}

/// Something that somebody does for an account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Action {
    /// What to do.
    r#do: Words,
    /// Who does it.
    owner: Option<Words>,
    /// When it is overdue.
    within: Option<Days>,
}

/// How the trend of a score is read.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Trend {
    /// How far back the score to compare with lies, at least a day (default one snapshot step).
    #[schemars(regex(pattern = r"^0{0,4}[1-9][0-9]{0,4}d$"))]
    window: Option<String>,
    /// Points from which a change is no longer stable (default 5).
    threshold: Option<Points>,
    /// Falls that cap the band.
    rules: Option<Vec<TrendRule>>,
}

/// A fall that leaves an account in a band at best.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TrendRule {
    /// Points of fall.
    fall: Points,
    /// Name of the best band that is left.
    at_best: Words,
}

/// How weights are learned.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Fit {
    /// Weights are multiples of this many percent (default 1).
    #[schemars(extend("enum" = [1, 2, 5, 10]))]
    steps: Option<i64>,
    /// How the edges of bands are found (default "likelihood"; "prior" with `--weights prior`).
    edges: Option<Edges>,
    /// Most indicators with a weight (default all): those that cost least are left out one by one.
    #[schemars(range(min = 1))]
    most_indicators: Option<u32>,
    /// Pairs of components: the first one's share is at least the second one's.
    order: Option<Vec<(Name, Name)>>,
    /// Days after which a row counts half (default never), such as "365d".
    #[schemars(regex(pattern = r"^0{0,4}[1-9][0-9]{0,4}d$"))]
    half_life: Option<String>,
    /// Whether a row counts by its account's value (default false).
    by_value: Option<bool>,
    /// Where the scales of indicators come from (default "given").
    scales: Option<Scales>,
    /// What turns a score into a probability (default "logistic").
    probability: Option<Probability>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Probability {
    /// Log-odds linear in the score.
    Logistic,
    /// Straight lines between the rates of neighbouring scores; refused with fewer than 300 accounts
    /// with an event.
    Isotonic,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Scales {
    /// As this scorecard has them.
    Given,
    /// Knots learned from the training rows, for indicators with `poor` and `good` or monotone knots.
    Learned,
}

/// How the edges of bands are found: a word, or a table with one limit.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Edges {
    Rule(EdgeRule),
    Limit(EdgeLimit),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum EdgeRule {
    /// The likeliest partition, at least 5 percent of the rows in each band.
    Likelihood,
    /// Those of this scorecard.
    Prior,
}

#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [
        { "required": ["capacity"] },
        { "required": ["minimum_share"] },
        { "required": ["miss_costs"] },
        { "required": ["precision"] },
        { "required": ["ratio"] }
    ])
)]
struct EdgeLimit {
    /// Most accounts in the lowest band at any snapshot; the other edges by likelihood.
    #[schemars(range(min = 1))]
    capacity: Option<u32>,
    /// The likeliest partition with at least this percent of the rows in each band.
    #[schemars(range(min = 0, max = 25))]
    minimum_share: Option<f64>,
    /// The alert band that costs least where a missed outcome costs so many false alarms.
    #[schemars(extend("exclusiveMinimum" = 0))]
    miss_costs: Option<f64>,
    /// The widest alert band of whose rows at least this percent have the outcome.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 100))]
    precision: Option<f64>,
    /// The widest alert band with at least so many times the outcome rate of all.
    #[schemars(extend("exclusiveMinimum" = 1))]
    ratio: Option<f64>,
}

/// What held-out evidence has to show before a model is exported.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Gates {
    /// The lower interval bound of the within-snapshot AUC lies above this (default 0.5).
    #[schemars(range(min = 0.5, max = 1))]
    auc_within_snapshot: Option<f64>,
    /// Smallest and largest calibration slope (default 0.8 and 1.25).
    #[schemars(inner(range(min = 0)))]
    calibration_slope: Option<[f64; 2]>,
    /// Whether a better band has to mean fewer adverse outcomes (default true).
    bands_monotone: Option<bool>,
    /// Smallest ratio of the lowest band's outcome rate to the base rate (default 2).
    #[schemars(range(min = 0, max = 1000))]
    lift_at_risk: Option<f64>,
    /// Fewest accounts with an event in training (default 100).
    event_accounts: Option<u32>,
    /// Gates that are passed over on somebody's word, each once.
    waive: Option<Vec<Waiver>>,
}

/// A gate that is passed over on somebody's word.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Waiver {
    /// Its name.
    #[schemars(extend("enum" = GATES))]
    gate: String,
    /// Why.
    reason: Words,
    /// The last day on which it holds, held against the last day of the data or `--as-of`.
    until: Day,
}

/// A day such as 2027-03-31.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Day(
    #[schemars(
        extend("format" = "date", "pattern" = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    )]
    String,
);
