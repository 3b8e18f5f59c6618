"""Objectives of the three paths: compare.py FOLDER.

Prints for each rival the largest relative excess of its objective over that of chs, along the path.
"""

import json
import sys
from pathlib import Path

import numpy

folder = Path(sys.argv[1])
y = numpy.fromfile(folder / "y.bin", dtype="u1").astype(float)
x = numpy.fromfile(folder / "x.bin").reshape(len(y), -1)
lambdas = json.loads((folder / "lambdas.json").read_text())


def objective(point, own):
    eta = point[0] + x @ numpy.array(point[1:])
    loss = numpy.mean(numpy.logaddexp(0, eta) - y * eta)
    return loss + own / 2 * numpy.sum(numpy.square(point[1:]))


chs = json.loads((folder / "chs.json").read_text())
values = [objective([s["intercept"], *s["coefficients"]], own) for s, own in zip(chs["solutions"], lambdas)]
print("chs residual at most", chs["worst_residual"], "steps at most", chs["most_steps"])
for name in ("glmnet", "glum"):
    if not (folder / f"{name}.json").exists():
        continue
    rival = json.loads((folder / f"{name}.json").read_text())
    excess = [objective(p, own) / v - 1 for p, v, own in zip(rival["points"], values, lambdas)]
    print(f"{name}: {rival['seconds']:.1f} s ({rival['cpu']:.1f} s of processor);"
          f" objective {max(excess):.1e} above at most, {min(excess):.1e} at least")
