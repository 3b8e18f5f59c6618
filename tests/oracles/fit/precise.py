"""Constrained fits with forty digits: a ridge with signs, and the pull to a prior.

    python precise.py        in this folder; writes precise.json beside itself

Needs numpy, scipy, mpmath. Each problem is solved over (a, b, k) by L-BFGS-B, then by Newton steps in
mpmath on the signs that bind, until the gradient along the others is below 1e-30; the multipliers of the
binding signs have to be positive, so that what is written is the optimum and not a guess of it.
"""

import json
import platform
from pathlib import Path

import mpmath
import numpy
import scipy
from scipy.optimize import minimize

mpmath.mp.dps = 40


def solve(x, y, case):
    rows, width = x.shape
    prior, lam = numpy.array(case["prior"]), case["lambda"]
    has_prior = bool(prior.any())

    def value(z):
        eta = z[0] + x @ z[1 : width + 1]
        off = z[1 : width + 1] - (z[-1] * prior if has_prior else 0)
        return numpy.mean(numpy.logaddexp(0, eta) - y * eta) + lam / 2 * off @ off

    def gradient(z):
        residual = (1 / (1 + numpy.exp(-(z[0] + x @ z[1 : width + 1]))) - y) / rows
        off = z[1 : width + 1] - (z[-1] * prior if has_prior else 0)
        own = numpy.concatenate([[residual.sum()], x.T @ residual + lam * off])
        return numpy.append(own, -lam * prior @ off) if has_prior else own

    start = numpy.zeros(width + 1 + has_prior)
    bounds = [(None, None)] + [(0, None)] * (width + has_prior)
    found = minimize(value, start, jac=gradient, bounds=bounds, method="L-BFGS-B",
                     options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 20000, "maxfun": 100000}).x
    free = [0] + [j for j in range(1, len(found)) if found[j] > 1e-7]
    exact = [mpmath.mpf(float(v)) if j in free else mpmath.mpf(0) for j, v in enumerate(found)]
    design = [[mpmath.mpf(1)] + [mpmath.mpf(float(v)) for v in row] for row in x]

    def expand(z):
        size = len(z)
        grad = [mpmath.mpf(0)] * size
        hess = mpmath.zeros(size)
        total = mpmath.mpf(0)
        for row, label in zip(design, y):
            eta = mpmath.fdot(row, z[: width + 1])
            p = 1 / (1 + mpmath.exp(-eta))
            total += mpmath.log1p(mpmath.exp(eta)) - int(label) * eta
            for i in range(width + 1):
                grad[i] += (p - int(label)) * row[i] / rows
                for j in range(i + 1):
                    hess[i, j] += p * (1 - p) * row[i] * row[j] / rows
        for i in range(width + 1):
            for j in range(i):
                hess[j, i] = hess[i, j]
        w = [mpmath.mpf(float(v)) for v in prior]
        off = [z[i + 1] - (z[-1] * w[i] if has_prior else 0) for i in range(width)]
        own = mpmath.mpf(lam)
        for i in range(width):
            grad[i + 1] += own * off[i]
            hess[i + 1, i + 1] += own
            if has_prior:
                grad[-1] -= own * w[i] * off[i]
                hess[i + 1, size - 1] -= own * w[i]
                hess[size - 1, i + 1] -= own * w[i]
                hess[size - 1, size - 1] += own * w[i] ** 2
        return total / rows + own / 2 * mpmath.fsum(o * o for o in off), grad, hess

    for _ in range(12):
        total, grad, hess = expand(exact)
        step = mpmath.lu_solve(
            mpmath.matrix([[hess[i, j] for j in free] for i in free]),
            mpmath.matrix([-grad[i] for i in free]),
        )
        for place, i in enumerate(free):
            exact[i] += step[place]
    total, grad, _ = expand(exact)
    assert max(abs(grad[i]) for i in free) < mpmath.mpf("1e-30")
    assert all(exact[i] >= 0 for i in range(1, len(exact)))
    assert all(grad[i] > 0 for i in range(len(exact)) if i not in free), "the binding signs push"
    return {
        "objective": mpmath.nstr(total, 25),
        "intercept": mpmath.nstr(exact[0], 25),
        "coefficients": [mpmath.nstr(v, 25) for v in exact[1 : width + 1]],
        "binding": [i - 1 for i in range(1, width + 1) if i not in free],
    }


def rows():
    """Columns with something in common, and labels that follow the first three, less the last."""
    state, truth = 20260101, (2.4, 1.2, 0.6, 0.0, -1.0)

    def uniform():
        nonlocal state
        state = 16807 * state % 2147483647
        return state / 2147483647

    x, y = [], []
    for _ in range(400):
        common = uniform()
        row = [round(0.4 * common + 0.6 * uniform(), 5) for _ in truth]
        logit = sum(b * v for b, v in zip(truth, row)) - 2.2
        x.append(row)
        y.append(int(uniform() < 1 / (1 + numpy.exp(-logit))))
    return numpy.array(x), numpy.array(y)


def main():
    x, y = rows()
    none, prior = [0.0] * 5, [0.1, 0.3, 0.2, 0.3, 0.1]
    cases = {f"ridge_{lam:g}": {"lambda": lam, "prior": none} for lam in (1e-1, 1e-2, 1e-3, 1e-5)}
    cases |= {f"drawn_{lam:g}": {"lambda": lam, "prior": prior} for lam in (1e-1, 1e-2, 1e-3)}
    for name, case in cases.items():
        case.update(solve(x, y, case))
        print(name, case["objective"], "binding", case["binding"])
    found = {
        "made_with": {"python": platform.python_version(), "mpmath": mpmath.__version__,
                      "numpy": numpy.__version__, "scipy": scipy.__version__},
        "x": x.ravel().tolist(), "y": y.tolist(), "cases": cases,
    }
    Path(__file__).with_name("precise.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
