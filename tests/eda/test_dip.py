"""The dip against values of the published program, against the definition on small samples, and its p value on noise."""

import numpy as np
import pytest
from scipy.optimize import linprog

from automl.eda.dip import dip, dip_p

RNG = np.random.default_rng(0)
GRID = np.arange(30.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (GRID, 1 / 60), (np.append(GRID, GRID + 100), 0.1775), (np.repeat([0.0, 1.0], 10), 0.25),
        (GRID**2, 1 / 60), (np.array([1.0, 2, 3, 10, 11, 12]), 0.1944444), (np.array([5.0]), 0.5), (np.ones(8), 1 / 16),
    ],
    ids=["even", "two heaps", "two values", "falling", "six", "one", "equal"],
)  # fmt: skip
def test_known_values(values, expected):
    assert dip(RNG.permutation(values)) == pytest.approx(expected, abs=1e-6)


def _by_definition(values):
    """Return the least d such that a convex, then concave, rising function keeps within d of the steps, over every mode."""
    x, counts = np.unique(values, return_counts=True)
    after = np.cumsum(counts) / len(values)
    before = after - counts / len(values)
    n, best = len(x), 1.0
    for mode in range(n):  # variables: F just below x_k, F just above the mode, d
        a, b = [], []
        above = lambda k, mode=mode: n if k == mode else k  # noqa: E731  what F is on the upper side of x_k
        for k in range(n):
            for place, bound, sign in ((k, before[k], 1), (k, before[k], -1), (above(k), after[k], 1), (above(k), after[k], -1)):
                row = np.zeros(n + 2)
                row[place], row[-1] = sign, -1
                a.append(row)
                b.append(sign * bound)
        for k in range(1, n - 1):
            if k == mode:
                continue
            row = np.zeros(n + 2)
            left, right = 1 / (x[k] - x[k - 1]), 1 / (x[k + 1] - x[k])
            sign = 1 if k < mode else -1
            row[above(k - 1) if k - 1 == mode else k - 1] -= sign * left
            row[k] += sign * (left + right)
            row[k + 1] -= sign * right
            a.append(row)
            b.append(0.0)
        row = np.zeros(n + 2)
        row[mode], row[n] = 1, -1
        a.append(row)
        b.append(0.0)
        found = linprog(np.eye(n + 2)[-1], np.array(a), b, bounds=[(0, 1)] * (n + 1) + [(0, 1)])
        best = min(best, found.fun)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_small_samples_follow_the_definition(seed):
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=12), rng.integers(0, 6, 15) * 1.0, np.append(rng.normal(size=8), 6 + rng.normal(size=8))][seed % 3]
    assert dip(values) == pytest.approx(max(_by_definition(values), 0.5 / len(values)), abs=1e-6)


def test_noise_is_called_noise_and_two_heaps_are_seen():
    chances = np.array([dip_p(dip(RNG.random(500)), 500) for _ in range(400)])
    assert 0.01 < (chances < 0.05).mean() < 0.07 and (chances < 0.5).mean() == pytest.approx(0.47, abs=0.08)
    assert dip_p(dip(RNG.normal(size=500)), 500) > 0.3
    heaps = np.append(RNG.normal(size=250), 5 + RNG.normal(size=250))
    assert dip_p(dip(heaps), 500) == pytest.approx(1e-4)


def test_place_and_scale_do_not_matter():
    values = np.append(RNG.normal(size=100), 4 + RNG.normal(size=50))
    assert dip(values) == pytest.approx(dip(-3 * values + 1e4), abs=1e-9)
