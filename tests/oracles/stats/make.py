"""Expected values of chs-stats by scikit-learn.

    python make.py        in this folder; writes scikit.json beside itself

Inputs come from the generator below, so that they are the same in every version. A higher
predictor announces label 1; `weighted` is the same figure under `sample_weight`.
"""

import json
import platform
import warnings
from pathlib import Path

import numpy
import sklearn
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


def main():
    warnings.simplefilter("error")
    cases = {
        "made_with": {
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": numpy.__version__,
        },
        "many_ties": case(5, 120, 1),
        "some_ties": case(6, 150, 2),
        "few_rows": case(8, 9, 2),
        "no_ties": case(7, 80, 9),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in cases.items()]
    target = Path(__file__).with_name("scikit.json")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
