"""The straightforward script: replicates.py FOLDER REPLICATES.

Per replicate, accounts drawn with replacement; AUC and Brier score by scikit-learn, the calibration slope by
NumPy, with the draws as weights, for two scores, on all rows and in each of ten segments. Prints seconds per
replicate, by the clock and of the processor. The probability of a score comes from one logistic regression,
which is not timed.
"""

import sys
import time
from pathlib import Path

import numpy
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score


def slope(logit, label, weights):
    """Newton's method on two coefficients; scikit-learn's solvers take two to ten times as long."""
    coefficients = numpy.array([0.0, 1.0])
    for _ in range(20):
        p = expit(coefficients[0] + coefficients[1] * logit)
        residual, spread = weights * (label - p), weights * p * (1 - p)
        first = numpy.array([residual.sum(), residual @ logit])
        off = spread @ logit
        second = numpy.array([[spread.sum(), off], [off, spread @ (logit * logit)]])
        step = numpy.linalg.solve(second, first)
        coefficients += step
        if numpy.abs(step).max() < 1e-8:
            break
    return coefficients[1]


def main():
    folder, replicates = Path(sys.argv[1]), int(sys.argv[2])
    account = numpy.fromfile(folder / "account.u32", "<u4")
    label = numpy.fromfile(folder / "label.u8", "u1")
    scores = [-numpy.fromfile(folder / f"{name}.f64", "<f8") for name in ("first", "second")]
    accounts = int(account.max()) + 1
    segments = [numpy.flatnonzero(account % 10 == level) for level in range(10)]
    probability, logit = [], []
    for score in scores:
        model = LogisticRegression(C=numpy.inf).fit(score[:, None], label)
        probability.append(model.predict_proba(score[:, None])[:, 1])
        logit.append(model.decision_function(score[:, None]))
    random = numpy.random.default_rng(1)
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(replicates):
        drawn = numpy.bincount(random.integers(0, accounts, accounts), minlength=accounts)
        weights = drawn[account]
        for score, p, z in zip(scores, probability, logit):
            for rows in (slice(None), *segments):
                roc_auc_score(label[rows], score[rows], sample_weight=weights[rows])
                brier_score_loss(label[rows], p[rows], sample_weight=weights[rows])
                slope(z[rows], label[rows], weights[rows])
    print(
        f"{(time.perf_counter() - start) / replicates:.3f}",
        f"{(time.process_time() - processor) / replicates:.3f}",
    )


if __name__ == "__main__":
    main()
