"""Expected values of chs-stats by scikit-learn, SciPy, model-diagnostics, dcurves and NumPy.

    python make.py        in this folder; writes scikit.json, scipy.json, corp.json, net_benefit.json
                          and closed_forms.json beside itself

`closed_forms` are definitions written out in NumPy where no package computes them. Inputs come from the generator below, so that they are the same in every version. A higher
predictor announces label 1; `weighted` is the same figure under `sample_weight`.
"""

import json
import platform
import warnings
from importlib.metadata import version
from pathlib import Path

import dcurves
import numpy
import pandas
from model_diagnostics.scoring import SquaredError, decompose
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

SCORES = {
    "roc_auc": roc_auc_score,
    "average_precision": average_precision_score,
    "brier": brier_score_loss,
    "log_loss": log_loss,
}


def uniform(state):
    """Lehmer generator of Park and Miller."""
    while True:
        state = 16807 * state % 2147483647
        yield state / 2147483647


def case(seed, rows, digits):
    """Probabilities on a grid of `digits` decimals (ties), labels, weights, expected values."""
    draw = uniform(seed)
    probability, label, weights = [], [], []
    for _ in range(rows):
        p = min(max(round(next(draw) ** 2, digits), 10.0**-digits), 1 - 10.0**-digits)
        probability.append(p)
        label.append(int(next(draw) < 0.1 + 0.7 * p))
        weights.append(int(next(draw) * 4))
    found = {"probability": probability, "label": label, "weights": weights}
    for kind, sample_weight in (("plain", None), ("weighted", weights)):
        found[kind] = {
            name: float(score(label, probability, sample_weight=sample_weight))
            for name, score in SCORES.items()
        }
    return found


def write(name, packages, cases):
    """One line per case, the versions first."""
    made_with = {"python": platform.python_version()}
    made_with |= {package: version(package) for package in packages}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in (("made_with", made_with), *cases.items())]
    Path(__file__).with_name(name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def scipy_cases():
    """Quantiles and tails, and correlations with ties."""
    counts = [(0, 10), (1, 10), (10, 10), (3, 57), (2.5, 7.3), (30, 200), (431.7, 5210.4), (1, 20000)]
    jeffreys = []
    for level in (0.8, 0.95):
        for events, n in counts:
            a, b, tail = events + 0.5, n - events + 0.5, (1 - level) / 2
            lower = 0.0 if events == 0 else stats.beta.ppf(tail, a, b)
            upper = 1.0 if events == n else stats.beta.ppf(1 - tail, a, b)
            jeffreys.append({"events": events, "n": n, "level": level, "limits": [float(lower), float(upper)]})
    draw = uniform(15)
    correlations = []
    for rows, levels in ((40, 6), (70, 50), (12, 3)):
        first = [int(next(draw) * levels) for _ in range(rows)]
        second = [0.3 * value + next(draw) * levels // 2 for value in first]
        correlations.append(
            {
                "first": first,
                "second": second,
                "pearson": float(stats.pearsonr(first, second).statistic),
                "spearman": float(stats.spearmanr(first, second).statistic),
            }
        )
    return {"jeffreys": jeffreys, "correlations": correlations}


def corp_cases():
    """Isotonic curve and the parts of the Brier score."""
    found = {}
    for name, seed, rows, digits in (("ties", 25, 160, 1), ("some_ties", 26, 240, 2), ("no_ties", 27, 120, 9)):
        rows = case(seed, rows, digits)
        p, y = numpy.array(rows["probability"]), numpy.array(rows["label"])
        parts = decompose(y, p, scoring_function=SquaredError(), functional="mean")
        found[name] = {
            "probability": rows["probability"],
            "label": rows["label"],
            "isotonic": IsotonicRegression().fit(p, y).predict(p).tolist(),
            **{key: float(parts[key][0]) for key in ("miscalibration", "discrimination", "uncertainty", "score")},
        }
    return found


def net_benefit_cases():
    """Decision curves."""
    found = {}
    for name, seed, digits in (("ties", 35, 1), ("some_ties", 36, 2)):
        rows = case(seed, 300, digits)
        thresholds = [0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 0.95]
        data = pandas.DataFrame({"p": rows["probability"], "label": rows["label"]})
        curve = dcurves.dca(data=data, outcome="label", modelnames=["p"], thresholds=thresholds)
        column = lambda model: curve[curve["model"] == model].sort_values("threshold")["net_benefit"].tolist()
        found[name] = {
            "probability": rows["probability"],
            "label": rows["label"],
            "thresholds": thresholds,
            "model": column("p"),
            "everybody": column("all"),
        }
    return found


def psi_case(before, now, level):
    """Population stability index and its critical value; every bin has rows on both sides."""
    p, q = numpy.array(before) / sum(before), numpy.array(now) / sum(now)
    critical = stats.chi2.ppf(level, len(before) - 1) * (1 / sum(before) + 1 / sum(now))
    index = float(((q - p) * numpy.log(q / p)).sum())
    return {"before": before, "now": now, "level": level, "index": index, "critical": float(critical)}


def ece_case(seed, rows, digits):
    """A group of equal p goes whole into bin floor(10 x middle rank / n), ranks from 0."""
    rows = case(seed, rows, digits)
    p, y = numpy.array(rows["probability"]), numpy.array(rows["label"])
    total = 0.0
    bins = numpy.array([10 * int((p < v).sum() * 2 + (p == v).sum()) // (2 * len(p)) for v in p])
    for bin in range(10):
        inside = bins == bin
        if inside.any():
            total += inside.sum() * abs(p[inside].mean() - y[inside].mean())
    return {"probability": rows["probability"], "label": rows["label"], "error": float(total / len(p))}


def top_case(seed, rows, digits):
    """Lift and capture, tied rows at the cut with their mean event rate."""
    rows = case(seed, rows, digits)
    p, y = numpy.array(rows["probability"]), numpy.array(rows["label"])
    found = []
    for percent in (5, 10, 20):
        k = -(-percent * len(p) // 100)
        cut = numpy.sort(p)[::-1][k - 1]
        above, tied = p > cut, p == cut
        events = y[above].sum() + (k - above.sum()) * y[tied].mean()
        found.append({"share": percent / 100, "lift": float(events / k / y.mean()), "capture": float(events / y.sum())})
    return {"probability": rows["probability"], "label": rows["label"], "tops": found}


def information_case(seed):
    """Information value of given bins."""
    draw = uniform(seed)
    bins = [[1 + int(next(draw) * 40), 1 + int(next(draw) * 300)] for _ in range(6)]
    events, others = numpy.array(bins).T / numpy.array(bins).sum(axis=0)[:, None]
    return {"bins": bins, "value": float(((events - others) * numpy.log(events / others)).sum())}


def obuchowski_case(seed, accounts, levels):
    """Covariance of two AUCs, from the components of Obuchowski (1997), pair by pair."""
    draw = uniform(seed)
    cluster, label, first, second = [], [], [], []
    for account in range(accounts):
        quality = next(draw)
        for _ in range(1 + int(next(draw) * 5)):
            event = int(next(draw) < 0.2 + 0.3 * quality)
            cluster.append(account)
            label.append(event)
            first.append(int((quality + next(draw) + 0.4 * event) * levels))
            second.append(int((quality + next(draw) + 0.3 * event) * levels))
    events = [i for i, value in enumerate(label) if value == 1]
    others = [i for i, value in enumerate(label) if value == 0]
    half = lambda a, b: 1.0 if a > b else 0.5 if a == b else 0.0
    found = []
    for score in (first, second):
        of_event = {i: numpy.mean([half(score[i], score[j]) for j in others]) for i in events}
        of_other = {j: numpy.mean([half(score[i], score[j]) for i in events]) for j in others}
        auc = numpy.mean(list(of_event.values()))
        sums = numpy.zeros((accounts, 2))
        for i, value in of_event.items():
            sums[cluster[i], 0] += value - auc
        for j, value in of_other.items():
            sums[cluster[j], 1] += value - auc
        found.append((auc, sums))
    m, n = len(events), len(others)
    with_event, with_other = len({cluster[i] for i in events}), len({cluster[j] for j in others})

    def covariance(a, b):
        s10 = with_event / ((with_event - 1) * m) * (a[:, 0] * b[:, 0]).sum()
        s01 = with_other / ((with_other - 1) * n) * (a[:, 1] * b[:, 1]).sum()
        s11 = accounts / (accounts - 1) * (a[:, 0] * b[:, 1]).sum()
        s11_turned = accounts / (accounts - 1) * (a[:, 1] * b[:, 0]).sum()
        return float(s10 / m + s01 / n + (s11 + s11_turned) / (m * n))

    (_, a), (_, b) = found
    return {
        "cluster": cluster,
        "label": label,
        "first": first,
        "second": second,
        "first_variance": covariance(a, a),
        "second_variance": covariance(b, b),
        "covariance": covariance(a, b),
    }


def main():
    scikit = {
        "many_ties": case(5, 120, 1),
        "some_ties": case(6, 150, 2),
        "few_rows": case(8, 9, 2),
        "no_ties": case(7, 80, 9),
    }
    write("scikit.json", ["scikit-learn", "numpy"], scikit)
    write("scipy.json", ["scipy"], scipy_cases())
    write("corp.json", ["scikit-learn", "model-diagnostics"], corp_cases())
    write("net_benefit.json", ["dcurves"], net_benefit_cases())
    closed_forms = {
        "stability": [
            psi_case([50, 60, 70, 20], [40, 80, 60, 30], 0.95),
            psi_case([5, 400], [9, 311], 0.99),
            psi_case([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], [31, 2, 5, 40, 8, 9, 10, 2, 1, 7], 0.95),
        ],
        "expected_calibration_error": [ece_case(45, 200, 1), ece_case(46, 333, 2), ece_case(47, 50, 9)],
        "tops": [top_case(55, 200, 1), top_case(56, 333, 2), top_case(57, 50, 9)],
        "information": [information_case(65), information_case(66)],
        "obuchowski": [obuchowski_case(75, 40, 6), obuchowski_case(76, 25, 1000)],
    }
    write("closed_forms.json", ["numpy", "scipy"], closed_forms)


if __name__ == "__main__":
    warnings.simplefilter("error", RuntimeWarning)
    main()
