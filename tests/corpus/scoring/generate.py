"""Writes the scoring cases beside it: a second, plain implementation of the score in Python.

Each case may carry figures worked out by hand; they are asserted before anything is written.
Run: python3 generate.py
"""

import itertools
import json
import math
import pathlib

FOLDER = pathlib.Path(__file__).parent
HEAD = 'spec_version = 1\nname = "case"\nversion = "1.0.0"\n'
BANDS = [("at-risk", 0), ("attention", 40), ("healthy", 70)]
NAN, INF = math.nan, math.inf


def above(x):
    return math.nextafter(x, INF)


def below(x):
    return math.nextafter(x, -INF)


def knots(*points):
    def sub_score(x):
        if x < points[0][0]:
            return float(points[0][1])
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if x0 <= x < x1:
                return y0 + (x - x0) / (x1 - x0) * (y1 - y0)
        return float(points[-1][1])

    return sub_score


def between(poor, good):
    return knots((poor, 0.0), (good, 100.0)) if poor < good else knots((good, 100.0), (poor, 0.0))


def bins(edges, scores):
    return lambda x: float(scores[sum(x >= edge for edge in edges)])


def total(numbers):
    """In order, without compensation."""
    result = 0.0
    for number in numbers:
        result += number
    return result


def weighted(pairs):
    pairs = [(weight, sub_score) for weight, sub_score in pairs if sub_score is not None]
    weight_in_all = total(weight for weight, _ in pairs)
    if weight_in_all == 0:
        return None
    return min(100.0, max(0.0, total(weight / weight_in_all * s for weight, s in pairs)))


def read(normalisation, value):
    """Sub-score or None, and whether a value was there that could not be used."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None, False
    is_map = isinstance(normalisation, dict)
    if isinstance(value, str):
        sub_score = normalisation.get(value) if is_map else None
        return sub_score, sub_score is None
    if is_map or math.isinf(value):
        return None, True
    return normalisation(value), False


def score(indicators, bands, inputs):
    """indicators: (weight in percent, component, normalisation, missing policy)."""
    inputs = inputs + [None] * (len(indicators) - len(inputs))
    sub_scores, observed, unusable, reason = [], [], 0, None
    for index, ((_, _, normalisation, missing), value) in enumerate(zip(indicators, inputs)):
        sub_score, bad = read(normalisation, value)
        unusable += bad
        observed.append(sub_score is not None)
        if sub_score is None and missing == "reject":
            reason = reason or {"rejected": index}
        elif sub_score is None and missing != "reweight":
            sub_score = float(missing)
        sub_scores.append(sub_score)
    weights = [weight for weight, *_ in indicators]
    available = total(w for w, s in zip(weights, sub_scores) if s is not None)
    weight_observed = total(w for w, seen in zip(weights, observed) if seen)
    if reason is None and weight_observed == 0:
        reason = "nothing observed"
    scored = reason is None
    overall = weighted(zip(weights, sub_scores)) if scored else None
    components = {}
    for (weight, component, *_), sub_score, seen in zip(indicators, sub_scores, observed):
        pairs, any_seen = components.get(component, ([], False))
        components[component] = (pairs + [(weight, sub_score)], any_seen or seen)
    return {
        "score": overall,
        "band": [name for name, edge in bands if edge <= overall][-1] if scored else None,
        "coverage": weight_observed / total(weights),
        "sub_scores": sub_scores,
        "components": [
            weighted(pairs) if seen and scored else None for pairs, seen in components.values()
        ],
        "contributions": [
            w / available * s - w / available * 100.0 if scored and s is not None else None
            for w, s in zip(weights, sub_scores)
        ],
        "unusable": unusable,
        "reason": reason,
    }


def encode(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "NaN" if math.isnan(value) else str(value)}
    return value


def write(name, about, scorecard, indicators, cases, bands=BANDS):
    rows = []
    for label, inputs, by_hand in cases:
        result = score(indicators, bands, inputs)
        for key, expected in by_hand.items():
            found = result[key]
            same = found == expected
            if isinstance(expected, float) and found is not None:
                same = abs(found - expected) <= 1e-12
            assert same, (name, label, key, found, expected)
        rows.append({"name": label, "inputs": [encode(value) for value in inputs], **result})

    def lines(values):
        return ",\n".join("    " + json.dumps(value) for value in values)

    text = (
        f'{{\n  "about": {json.dumps(about)},\n'
        f'  "scorecard": [\n{lines(scorecard.strip().split(chr(10)))}\n  ],\n'
        f'  "cases": [\n{lines(rows)}\n  ]\n}}\n'
    )
    (FOLDER / f"{name}.json").write_text(text)


def single(*indicators, extra=""):
    listed = ",\n  ".join(indicators)
    return f"{HEAD}{extra}[components.c]\nweight = 100\nindicators = [\n  {listed},\n]"


def around(points):
    """Each knot, and one ulp to either side."""
    for x, y in points:
        yield f"knot {x!r} - 1 ulp", [below(x)], {}
        yield f"knot {x!r}", [x], {"score": y}
        yield f"knot {x!r} + 1 ulp", [above(x)], {}


card = single('{ name = "i", poor = 0, good = 10 }')
indicators = [(100.0, "c", between(0.0, 10.0), "reweight")]
write(
    "poor-good",
    "Linear between poor and good, clamped outside.",
    card,
    indicators,
    [
        ("at poor", [0.0], {"score": 0.0, "band": "at-risk"}),
        ("below poor", [-5.0], {"score": 0.0}),
        ("just above poor", [above(0.0)], {}),
        ("minus zero", [-0.0], {"score": 0.0}),
        ("between", [2.5], {"score": 25.0, "contributions": [-75.0]}),
        ("a third", [10 / 3], {}),
        ("just below good", [below(10.0)], {}),
        ("at good", [10.0], {"score": 100.0, "band": "healthy"}),
        ("above good", [1e300], {"score": 100.0}),
        ("integer", [7], {"score": 70.0, "band": "healthy"}),
    ],
)
card = single('{ name = "i", poor = 30, good = 2 }')
indicators = [(100.0, "c", between(30.0, 2.0), "reweight")]
write(
    "lower-is-better",
    "poor above good: lower is better; two knots in ascending x.",
    card,
    indicators,
    [
        ("at good", [2.0], {"score": 100.0}),
        ("below good", [0.0], {"score": 100.0}),
        ("just above good", [above(2.0)], {}),
        ("middle", [16.0], {"score": 50.0}),
        ("ten days", [10.0], {}),
        ("just below poor", [below(30.0)], {}),
        ("at poor", [30.0], {"score": 0.0}),
        ("above poor", [31.0], {"score": 0.0}),
    ],
)
POINTS = ((0.0, 100.0), (2.0, 50.0), (5.0, 0.0))
card = single('{ name = "i", knots = [[0, 100], [2, 50], [5, 0]] }')
indicators = [(100.0, "c", knots(*POINTS), "reweight")]
cases = [
    ("between the first two", [1.0], {"score": 75.0}),
    ("between the last two", [3.5], {"score": 25.0}),
    ("0.1, not exact in binary", [0.1], {}),
]
cases += around(POINTS)
write(
    "knots",
    "Linear between knots; at a knot the segment on its right applies.",
    card,
    indicators,
    cases,
)
card = single(
    '{ name = "i", knots = [[-1.5, 20], [0.3, 90.1], [0.30000000000000004, 10], [7.7, 33.3]] }'
)
POINTS = ((-1.5, 20.0), (0.3, 90.1), (0.30000000000000004, 10.0), (7.7, 33.3))
cases = list(around(POINTS))
cases += [("inside 1", [-0.7], {}), ("inside 3", [math.pi], {})]
write(
    "knots-steep",
    "Knots that rise and fall, two of them one ulp apart.",
    card,
    [(100.0, "c", knots(*POINTS), "reweight")],
    cases,
)
card = single('{ name = "i", edges = [1, 3, 6.5], scores = [100, 80, 40, 0] }')
indicators = [(100.0, "c", bins([1, 3, 6.5], [100, 80, 40, 0]), "reweight")]
cases = [("lowest", [-10.0], {"score": 100.0}), ("highest", [1e9], {"score": 0.0})]
for edge, left, right in ((1.0, 100.0, 80.0), (3.0, 80.0, 40.0), (6.5, 40.0, 0.0)):
    cases += [
        (f"edge {edge:g} - 1 ulp", [below(edge)], {"score": left}),
        (f"edge {edge:g}", [edge], {"score": right}),
        (f"edge {edge:g} + 1 ulp", [above(edge)], {"score": right}),
    ]
write("bins", "An edge belongs to the bin on its right.", card, indicators, cases)
card = single(
    '{ name = "plan", map = { free = 0, "pro plus" = 60, "Zürich" = 99.5 } }',
    '{ name = "n", weight = 3, poor = 0, good = 10 }',
)
indicators = [
    (25.0, "c", {"free": 0.0, "pro plus": 60.0, "Zürich": 99.5}, "reweight"),
    (75.0, "c", between(0.0, 10.0), "reweight"),
]
write(
    "map",
    "Words compare by bytes; an unknown word is missing, and counted.",
    card,
    indicators,
    [
        ("known", ["pro plus", 5.0], {"score": 52.5, "coverage": 1.0}),
        ("accent", ["Zürich", 10.0], {"score": 99.875}),
        ("zero is a sub-score", ["free", 10.0], {"score": 75.0, "coverage": 1.0}),
        ("other case", ["Free", 5.0], {"score": 50.0, "coverage": 0.75, "unusable": 1}),
        ("space around", [" free", 5.0], {"unusable": 1}),
        ("missing", [None, 5.0], {"score": 50.0, "unusable": 0}),
        ("empty word", ["", 5.0], {"unusable": 1}),
        ("a number for a word", [3.0, 5.0], {"unusable": 1, "score": 50.0}),
        ("a word for a number", ["free", "5"], {"score": 0.0, "coverage": 0.25, "unusable": 1}),
    ],
)
card = single(
    '{ name = "a", weight = 5, poor = 0, good = 100 }',
    '{ name = "b", weight = 3, poor = 0, good = 100 }',
    '{ name = "c", weight = 2, poor = 0, good = 100 }',
)
PERCENT = between(0.0, 100.0)
indicators = [
    (100.0 * 5 / 10, "c", PERCENT, "reweight"),
    (100.0 * 3 / 10, "c", PERCENT, "reweight"),
    (100.0 * 2 / 10, "c", PERCENT, "reweight"),
]
write(
    "missing-reweight",
    "Missing indicators are left out and the others share their weight; nothing observed is no score.",
    card,
    indicators,
    [
        ("all there", [80.0, 40.0, 10.0], {"score": 54.0, "coverage": 1.0}),
        ("first missing", [None, 40.0, 10.0], {"score": 28.0, "coverage": 0.5}),
        ("second missing", [80.0, None, 10.0], {"score": 60.0, "coverage": 0.7}),
        ("third missing", [80.0, 40.0, None], {"score": 65.0, "coverage": 0.8}),
        ("NaN is missing", [NAN, 40.0, 10.0], {"score": 28.0, "unusable": 0}),
        (
            "infinite is missing, and counted",
            [INF, 40.0, -INF],
            {"score": 40.0, "coverage": 0.3, "unusable": 2},
        ),
        ("one left", [None, None, 10.0], {"score": 10.0, "coverage": 0.2}),
        ("too few inputs", [80.0], {"score": 80.0, "coverage": 0.5}),
        (
            "all missing",
            [None, None, None],
            {"score": None, "coverage": 0.0, "reason": "nothing observed"},
        ),
        ("no inputs", [], {"score": None}),
        ("all zero is a score", [0.0, 0.0, 0.0], {"score": 0.0, "band": "at-risk"}),
    ],
)
card = single(
    '{ name = "a", weight = 5, poor = 0, good = 100, missing = 20 }',
    '{ name = "b", weight = 3, poor = 0, good = 100, missing = "reweight" }',
    '{ name = "c", weight = 2, poor = 0, good = 100 }',
    extra="missing = 50\n",
)
indicators = [(50.0, "c", PERCENT, 20), (30.0, "c", PERCENT, "reweight"), (20.0, "c", PERCENT, 50)]
write(
    "missing-number",
    "A number stands in for a missing sub-score and keeps its weight; coverage counts what was observed.",
    card,
    indicators,
    [
        ("all there", [80.0, 40.0, 10.0], {"score": 54.0}),
        ("first missing", [None, 40.0, 10.0], {"score": 24.0, "coverage": 0.5}),
        ("third missing", [80.0, 40.0, None], {"score": 62.0, "coverage": 0.8}),
        ("second missing", [80.0, None, 10.0], {"score": 60.0}),
        ("only the reweighted one there", [None, 40.0, None], {"score": 32.0, "coverage": 0.3}),
        (
            "all missing: null, not the numbers",
            [None, None, None],
            {"score": None, "coverage": 0.0, "reason": "nothing observed"},
        ),
        ("infinite", [INF, 40.0, 10.0], {"score": 24.0, "unusable": 1}),
    ],
)
card = single(
    '{ name = "a", weight = 5, poor = 0, good = 100, missing = "reject" }',
    '{ name = "b", weight = 5, poor = 0, good = 100, missing = "reject" }',
)
indicators = [(50.0, "c", PERCENT, "reject"), (50.0, "c", PERCENT, "reject")]
write(
    "missing-reject",
    "A missing indicator that rejects leaves no score, and says which.",
    card,
    indicators,
    [
        ("all there", [80.0, 40.0], {"score": 60.0}),
        ("first", [None, 40.0], {"score": None, "coverage": 0.5, "reason": {"rejected": 0}}),
        ("second", [80.0, NAN], {"reason": {"rejected": 1}}),
        ("both: the first", [None, None], {"reason": {"rejected": 0}}),
    ],
)
card = (
    HEAD
    + """[components.one]
weight = 100
indicators = [{ name = "i", poor = 0, good = 100 }]
[[bands]]
name = "low"
from = 0
[[bands]]
name = "middle"
from = 39.5
[[bands]]
name = "high"
from = 70
[[bands]]
name = "top"
from = 99.9"""
)
cases = []
for edge, left, right in ((39.5, "low", "middle"), (70.0, "middle", "high")):
    cases += [
        (f"{edge:g} - 1 ulp", [below(edge)], {"band": left}),
        (f"{edge:g} + 1 ulp", [above(edge)], {"band": right}),
    ]
cases += [
    ("0", [0.0], {"band": "low"}),
    ("39.5", [39.5], {"band": "middle"}),
    ("70", [70.0], {}),
    ("69.99999, not rounded", [69.99999], {"band": "middle"}),
    ("100 closes the top band", [100.0], {"band": "top", "score": 100.0}),
    ("missing", [None], {"band": None}),
]
write(
    "band-edges",
    "Bands are decided on the unrounded score; an edge belongs to the band above it.",
    card,
    [(100.0, "one", PERCENT, "reweight")],
    cases,
    [("low", 0), ("middle", 39.5), ("high", 70), ("top", 99.9)],
)
card = (
    HEAD
    + """[components.activity]
weight = 60
indicators = [
  { name = "logins_30d", weight = 2, poor = 0, good = 25 },
  { name = "days_since_login", poor = 30, good = 2, missing = 0 },
]
[components.support]
weight = 40
indicators = [{ name = "p1_tickets_30d", knots = [[0, 100], [2, 50], [5, 0]] }]"""
)
indicators = [
    (60.0 * 2 / 3, "a", between(0.0, 25.0), "reweight"),
    (60.0 * 1 / 3, "a", between(30.0, 2.0), 0),
    (40.0, "s", knots((0.0, 100.0), (2.0, 50.0), (5.0, 0.0)), "reweight"),
]
write(
    "components",
    "Weights relative inside components; sub-scores per component by the same formula.",
    card,
    indicators,
    [
        ("all there", [12.5, 16.0, 1.0], {"score": 60.0}),
        ("support missing", [12.5, 16.0, None], {"score": 50.0, "coverage": 0.6}),
        (
            "activity missing but for its policy",
            [None, None, 2.0],
            {"score": 40 * 50 / 60, "coverage": 0.4},
        ),
        ("never logged in, no tickets known", [0.0, None, None], {"score": 0.0, "coverage": 0.4}),
        ("all missing", [None, None, None], {"score": None, "reason": "nothing observed"}),
        ("thirds", [7.0, 11.0, 0.1], {}),
        ("fractions", [3.3, 29.9, 4.9], {}),
    ],
)
card = (
    HEAD
    + 'aggregation = "mean"\n[components.a]\nindicators = [{ name = "x", poor = 0, good = 100 }, { name = "y", poor = 0, good = 100 }]\n[components.b]\nindicators = [{ name = "z", poor = 0, good = 100 }]'
)
indicators = [
    (100 / 3, "a", PERCENT, "reweight"),
    (100 / 3, "a", PERCENT, "reweight"),
    (100 / 3, "b", PERCENT, "reweight"),
]
write(
    "mean",
    "Every indicator weighs the same.",
    card,
    indicators,
    [
        ("three", [90.0, 60.0, 30.0], {"score": 60.0}),
        ("two", [90.0, None, 30.0], {"score": 60.0}),
        ("all 100", [100.0, 100.0, 100.0], {"score": 100.0}),
        ("tenths", [0.1, 0.2, 0.7], {}),
    ],
)
card = (
    HEAD
    + 'aggregation = "sum_over_count"\n[components.a]\nindicators = [\n  { name = "x", weight = 1.5, poor = 0, good = 100 },\n  { name = "y", weight = 0.5, poor = 0, good = 100 },\n]'
)
indicators = [
    (100.0 * 1.5 / 2, "a", PERCENT, "reweight"),
    (100.0 * 0.5 / 2, "a", PERCENT, "reweight"),
]
write(
    "sum-over-count",
    "Sum of weighted indicators over their number.",
    card,
    indicators,
    [
        ("(1.5 * 80 + 0.5 * 40) / 2", [80.0, 40.0], {"score": 70.0, "band": "healthy"}),
        ("missing", [80.0, None], {"score": 80.0}),
    ],
)
