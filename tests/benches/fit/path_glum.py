"""The same path by glum: path_glum.py FOLDER; writes glum.json into the folder."""

import json
import sys
import time
from pathlib import Path

import numpy
from glum import GeneralizedLinearRegressor

folder = Path(sys.argv[1])
y = numpy.fromfile(folder / "y.bin", dtype="u1").astype(float)
x = numpy.asfortranarray(numpy.fromfile(folder / "x.bin").reshape(len(y), -1))
lambdas = json.loads((folder / "lambdas.json").read_text())


def path(keep):
    own_x, own_y, start, points = x[keep], y[keep], None, []
    for own in lambdas:
        model = GeneralizedLinearRegressor(
            family="binomial", alpha=own, l1_ratio=0, lower_bounds=numpy.zeros(x.shape[1]),
            gradient_tol=1e-7, max_iter=500, start_params=start, scale_predictors=False,
        )
        model.fit(own_x, own_y)
        start = numpy.concatenate([[model.intercept_], model.coef_])
        points.append(start.tolist())
    return points


begin, cpu = time.perf_counter(), time.process_time()
points = path(slice(None))
fold = numpy.arange(len(y)) % 5
for own in range(5):
    path(fold != own)
seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
(folder / "glum.json").write_text(json.dumps({"seconds": seconds, "cpu": cpu, "points": points}))
