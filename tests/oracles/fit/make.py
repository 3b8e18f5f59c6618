"""Expected values of the constrained logistic regression by scipy.

    python make.py        in this folder; writes constrained.json beside itself

Each case is solved over (a, b, k) as it is written in the design, k not eliminated, by SLSQP and by
trust-constr (where shares bind) or L-BFGS-B (where only signs do); both have to agree. What is kept is
the better of the two, after Newton steps in extended precision on the conditions that bind.
"""

import json
import platform
from pathlib import Path

import numpy
import scipy
from scipy.optimize import LinearConstraint, minimize

LONG = numpy.longdouble


def uniform(state):
    """Lehmer generator of Park and Miller."""
    while True:
        state = 16807 * state % 2147483647
        yield state / 2147483647


def rows(seed, count, truth, intercept, favourable):
    """Sub-scores 0..100 with something in common, and labels that follow the truth."""
    draw = uniform(seed)
    x, y, weight = [], [], []
    for _ in range(count):
        common = next(draw)
        row = [round(100 * (0.4 * common + 0.6 * next(draw)), 3) for _ in truth]
        sign = 1 if favourable else -1
        logit = intercept + sign * sum(b * s / 100 for b, s in zip(truth, row))
        y.append(int(next(draw) < 1 / (1 + numpy.exp(-logit))))
        weight.append(1 + int(next(draw) * 3))
        x.append(row)
    return x, y, weight


def conditions(shares, width):
    """Rows A with A (a, b, k) >= 0 beyond the signs."""
    found = []
    for members, low, high in shares:
        own = numpy.array([1.0 if j in members else 0.0 for j in range(width)])
        if low > 0:
            found.append(numpy.concatenate([[0], own - low, [0]]))
        if high < 1:
            found.append(numpy.concatenate([[0], high - own, [0]]))
    return numpy.array(found).reshape(-1, width + 2)


class Objective:
    def __init__(self, x, y, weight, prior, lam, favourable, kind=float):
        self.x = numpy.array(x, dtype=kind) / 100 * (1 if favourable else -1)
        self.y = numpy.array(y, dtype=kind)
        self.w = numpy.array(weight, dtype=kind)
        self.w /= self.w.sum()
        self.prior = numpy.array(prior, dtype=kind)
        self.lam = kind(lam)

    def linear(self, z):
        return z[0] + self.x @ z[1:-1]

    def value(self, z):
        eta = self.linear(z)
        off = z[1:-1] - z[-1] * self.prior
        return self.w @ (numpy.logaddexp(0, eta) - self.y * eta) + self.lam / 2 * off @ off

    def gradient(self, z):
        residual = self.w * (1 / (1 + numpy.exp(-self.linear(z))) - self.y)
        off = z[1:-1] - z[-1] * self.prior
        return numpy.concatenate(
            [[residual.sum()], self.x.T @ residual + self.lam * off, [-self.lam * self.prior @ off]]
        )

    def hessian(self, z):
        p = 1 / (1 + numpy.exp(-self.linear(z)))
        design = numpy.column_stack([numpy.ones(len(p), dtype=p.dtype), self.x])
        size = len(z)
        h = numpy.zeros((size, size), dtype=p.dtype)
        h[:-1, :-1] = design.T @ (design * (self.w * p * (1 - p))[:, None])
        h[1:-1, 1:-1] += self.lam * numpy.eye(size - 2)
        h[1:-1, -1] -= self.lam * self.prior
        h[-1, 1:-1] -= self.lam * self.prior
        h[-1, -1] += self.lam * self.prior @ self.prior
        return h


def refine(objective, z, binding):
    """Newton steps on the binding conditions, held at zero, in extended precision."""
    z = numpy.array(z, dtype=LONG)
    size = len(z)
    null = scipy.linalg.null_space(binding) if len(binding) else numpy.eye(size)
    null = null.astype(LONG)
    if len(binding):  # twice: the basis itself is double
        z = null @ (null.T @ z)
    for _ in range(30):
        g = null.T @ objective.gradient(z)
        h = null.T @ objective.hessian(z) @ null
        step = numpy.linalg.lstsq(h.astype(float), -g.astype(float), rcond=1e-13)[0]
        z = z + null @ step.astype(LONG)
    return z


def solve(case):
    args = [case[key] for key in ("x", "y", "weight", "prior", "lambda", "favourable")]
    objective, fine = Objective(*args), Objective(*args, kind=LONG)
    width = len(case["prior"])
    start = numpy.concatenate([[0.0], numpy.ones(width), [1.0]])
    signs = [(None, None)] + [(0, None)] * (width + 1)
    extra = conditions(case["shares"], width)
    found = []
    limits = {"type": "ineq", "fun": lambda z: extra @ z, "jac": lambda z: extra}
    result = minimize(
        objective.value, start, jac=objective.gradient, bounds=signs, method="SLSQP",
        constraints=[limits] if len(extra) else [], options={"ftol": 1e-16, "maxiter": 2000},
    )
    found.append(result.x)
    if len(extra):
        result = minimize(
            objective.value, start, jac=objective.gradient, hess=objective.hessian,
            bounds=signs, method="trust-constr",
            constraints=LinearConstraint(extra, 0, numpy.inf),
            options={"gtol": 1e-12, "xtol": 1e-14, "barrier_tol": 1e-12, "maxiter": 5000},
        )
    else:
        result = minimize(
            objective.value, start, jac=objective.gradient, bounds=signs, method="L-BFGS-B",
            options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 20000, "maxfun": 100000, "maxcor": 30},
        )
    found.append(result.x)
    values = [objective.value(z) for z in found]
    assert abs(values[0] - values[1]) < 1e-7, values
    best = found[int(numpy.argmin(values))]
    size = width + 2
    every = numpy.vstack([numpy.eye(size)[1:], extra])
    if case["lambda"] == 0:  # k is not determined
        every = numpy.vstack([every[: width], extra, numpy.eye(size)[-1:]])
        best = numpy.concatenate([best[:-1], [0.0]])
    slack = every @ best
    binding = every[slack < 1e-5 * max(1.0, abs(best).max())]
    exact = refine(fine, best, binding)
    value = float(fine.value(exact))
    outside = float((every @ exact).min())
    assert outside > -1e-10, outside
    assert value <= min(values) + 1e-8, (value, values)
    multipliers = numpy.linalg.lstsq(binding.T, fine.gradient(exact).astype(float), rcond=None)
    stationary = abs(binding.T @ multipliers[0] - fine.gradient(exact).astype(float)).max()
    assert stationary < 1e-12, stationary
    return {
        "objective": value,
        "intercept": float(exact[0]),
        "coefficients": [max(0.0, float(b)) for b in exact[1:-1]],
        "binding": len(binding),
    }


def main():
    truth = [2.0, 1.0, 0.6, 0.0]
    plain = {"prior": [0.25] * 4, "lambda": 0.0, "shares": [], "favourable": False}
    makers = {
        "free": (11, truth[:3], {"prior": [1 / 3] * 3}),
        "sign_binds": (12, [2.0, 1.0, 0.6, -3.0], {}),
        "sign_binds_favourable": (13, [2.0, 1.0, 0.6, -3.0], {"favourable": True}),
        "prior_weak": (14, truth, {"lambda": 1e-4, "prior": [0.1, 0.2, 0.3, 0.4]}),
        "prior_middle": (14, truth, {"lambda": 1e-2, "prior": [0.1, 0.2, 0.3, 0.4]}),
        "prior_strong": (14, truth, {"lambda": 1e2, "prior": [0.1, 0.2, 0.3, 0.4]}),
        "shares": (15, truth, {"shares": [[[0], 0.0, 0.3], [[3], 0.1, 1.0], [[1, 2], 0.3, 0.4]]}),
        "shares_and_prior": (
            15, truth,
            {"shares": [[[0], 0.0, 0.3], [[2, 3], 0.4, 1.0]], "lambda": 3e-3,
             "prior": [0.5, 0.2, 0.2, 0.1]},
        ),
        "share_fixed": (16, truth, {"shares": [[[1], 0.3, 0.3], [[0], 0.0, 0.4]], "lambda": 1e-3}),
        "shares_favourable": (
            17, truth,
            {"shares": [[[0], 0.0, 0.35], [[3], 0.15, 0.5]], "favourable": True, "lambda": 1e-3},
        ),
    }
    lines = [
        '"made_with": '
        + json.dumps({"python": platform.python_version(), "scipy": scipy.__version__,
                      "numpy": numpy.__version__})
    ]
    for name, (seed, of, changes) in makers.items():
        case = {**plain, **changes}
        intercept = -1.5 if case["favourable"] else 0.3
        case["x"], case["y"], case["weight"] = rows(seed, 150, of, intercept, case["favourable"])
        case["expected"] = solve(case)
        print(name, case["expected"])
        lines.append(f"{json.dumps(name)}: {json.dumps(case)}")
    target = Path(__file__).with_name("constrained.json")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
