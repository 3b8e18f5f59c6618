"""Rows of a logistic regression: make_rows.py FOLDER ROWS [COLUMNS].

Sub-scores 0..1 that share a common part; more of a column makes the label
likelier, but for a fifth of them, whose true coefficients are negative, so that signs bind.
"""

import json
import sys
from pathlib import Path

import numpy

folder, rows = Path(sys.argv[1]), int(float(sys.argv[2]))
columns = int(sys.argv[3]) if len(sys.argv) > 3 else 20
folder.mkdir(parents=True, exist_ok=True)
draw = numpy.random.default_rng(20260101)
truth = numpy.linspace(3.0, -0.75, columns)
with open(folder / "x.bin", "wb") as x, open(folder / "y.bin", "wb") as y:
    for start in range(0, rows, 250_000):
        count = min(250_000, rows - start)
        values = 0.4 * draw.random((count, 1)) + 0.6 * draw.random((count, columns))
        logit = values @ truth - 0.5 * truth.sum() - 2.5
        labels = draw.random(count) < 1 / (1 + numpy.exp(-logit))
        x.write(values.astype("<f8").tobytes())
        y.write(labels.astype("u1").tobytes())
lambdas = numpy.logspace(-1, -6, 20)
(folder / "lambdas.json").write_text(json.dumps(list(lambdas)))
