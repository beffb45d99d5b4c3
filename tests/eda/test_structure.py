"""The shape of tables: planted dimensions and groups are found, noise of a hundred seeds is called noise."""

import json

import numpy as np
import pytest

from automl.eda.clock import Clock
from automl.eda.structure import clusterability, hopkins, intrinsic_dimension, principal_components, smooth, structure
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)


def found(dataset, clock=None):
    out = structure(dataset, rows_of(dataset), clock or Clock())
    json.dumps(out, allow_nan=False)
    return out


def table(values, **more):
    return made(n=len(values), **{f"x{k}": column for k, column in enumerate(values.T)}, **more)


def judged(values):
    return found(table(values))["clusterability"]["structure"]


def test_even_noise_of_a_hundred_seeds_has_no_structure():
    assert sum(judged(np.random.default_rng(seed).random((300, 3))) for seed in range(100)) <= 5


@pytest.mark.parametrize(
    "make",
    [
        lambda r: r.normal(size=(600, 4)), lambda r: r.lognormal(sigma=1.5, size=(600, 4)), lambda r: r.integers(0, 8, (600, 3)) * 1.0,
        lambda r: r.standard_cauchy((600, 3)), lambda r: r.normal(size=(600, 2)) @ r.normal(size=(2, 6)), lambda r: r.poisson(3, (600, 3)) * 1.0,
    ],
    ids=["normal", "lognormal", "counts", "cauchy", "in a plane", "poisson"],
)  # fmt: skip
def test_other_heaps_have_none_either(make):
    assert sum(judged(make(np.random.default_rng(seed))) for seed in range(20)) <= 1


@pytest.mark.parametrize(
    "make",
    [
        lambda r: r.normal(size=(600, 2)) + 9 * np.array([[0, 0], [1, 0], [0, 1]])[r.integers(0, 3, 600)],
        lambda r: r.normal(size=(600, 20)) + 4 * np.random.default_rng(1).normal(size=(5, 20))[r.integers(0, 5, 600)],
        lambda r: r.normal(size=(600, 5)) + 5 * np.eye(5)[2] * r.integers(0, 2, 600)[:, None],
        lambda r: (lambda t, k: np.stack([k * np.cos(t), k * np.sin(t)], 1) + 0.2 * r.normal(size=(600, 2)))(r.random(600) * 6.28, r.integers(1, 3, 600) * 3),
    ],
    ids=["three blobs", "five in 20 columns", "two in one of five columns", "rings"],
)
def test_groups_are_seen(make):
    assert sum(judged(make(np.random.default_rng(seed))) for seed in range(20)) >= 19


def test_one_rounded_column_is_no_group():
    months = np.random.default_rng(0).choice([6.0, 12, 24, 36, 48], 600, p=[0.1, 0.4, 0.3, 0.1, 0.1]) + (RNG.random(600) < 0.2) * RNG.integers(-3, 4, 600)
    assert not judged(np.column_stack([months, RNG.normal(size=(600, 3))]))


def test_hopkins_is_half_for_even_rows_and_near_one_for_clumps():
    even = hopkins(RNG.random((1000, 3)), np.random.default_rng(0), Clock())
    assert even["low"] < 0.5 < even["high"] and even["mean"] == pytest.approx(0.5, abs=0.06)
    clumps = RNG.normal(size=(1000, 3)) + 20 * RNG.normal(size=(5, 3))[RNG.integers(0, 5, 1000)]
    assert hopkins(clumps, np.random.default_rng(0), Clock())["mean"] > 0.95


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_the_intrinsic_dimension(dimensions):
    inside = RNG.random((2000, dimensions))
    bent = np.concatenate([inside, np.sin(3 * inside), inside**2], axis=1)
    assert intrinsic_dimension(bent, Clock())["two_nn"] == pytest.approx(dimensions, rel=0.15)
    assert "equal" in intrinsic_dimension(np.ones((100, 2)), Clock())["skipped"]


def test_principal_components_hold_the_variance():
    factors = RNG.normal(size=(1000, 3)) @ RNG.normal(size=(3, 10)) + 1e-6 * RNG.normal(size=(1000, 10))
    out = principal_components(factors)
    assert out["for_95"] <= 3 and sum(out["shares"]) == pytest.approx(1, abs=1e-3) and 1 <= out["effective"] <= 3 and out["columns"] == 10
    free = principal_components(RNG.normal(size=(4000, 10)))
    assert free["for_90"] == 9 and free["effective"] > 9.8
    wide = RNG.normal(size=(60, 200))
    variances = np.linalg.eigvalsh(np.cov(wide.T))[::-1]
    assert principal_components(wide)["shares"][:5] == pytest.approx(variances[:5] / variances.sum(), abs=1e-4)


def test_scales_and_categories():
    words = RNG.integers(0, 3, 500)
    out = found(
        made(n=500, small=0.01 * RNG.normal(size=500), large=1e6 * RNG.normal(size=500), c=(words, "abc"), keys=(np.arange(500), [f"k{i}" for i in range(500)]))
    )
    assert out["scale"]["ratio"] == pytest.approx(1e8, rel=0.2) and (out["scale"]["largest"]["column"], out["scale"]["smallest"]["column"]) == (
        "large",
        "small",
    )
    assert out["pca"]["columns"] == 5 and out["pca"]["for_95"] == 4, "the third level follows from the other two"
    assert out["intrinsic_dimension"]["columns"] == 2


def test_shared_values_are_spread_and_tails_drawn_in():
    counts = smooth(RNG.integers(0, 5, (500, 1)) * 1.0)
    assert len(np.unique(counts)) == 500 and counts.std() == pytest.approx(1)
    reals = RNG.normal(size=(500, 1))
    assert np.allclose(smooth(reals), reals / reals.std())
    assert smooth(RNG.standard_cauchy((500, 1))).max() < 6


def test_what_cannot_be_judged_says_why():
    words = made(n=100, c=(RNG.integers(0, 3, 100), "abc"))
    out = found(words)
    assert out["pca"]["columns"] == 3 and "no numbers" in out["clusterability"]["skipped"] and "no numbers" in out["intrinsic_dimension"]["skipped"]
    assert "fewer than" in found(made(n=20, a=RNG.normal(size=20)))["skipped"]
    assert "no number" in found(made(n=100, a=np.ones(100), b=np.full(100, np.nan)))["skipped"]
    assert "time" in found(table(RNG.normal(size=(100, 2))), Clock(-1, Hand()))["clusterability"]["skipped"]
    assert clusterability(RNG.normal(size=(100, 1)), [""], Clock())["dip"]["tests"] == 1


def test_strange_numbers_do_no_harm():
    strange = np.stack(
        [np.where(np.arange(200) % 3, 1e308, -1e308), np.where(np.arange(200) == 0, np.inf, 0.0), np.where(np.arange(200) % 2, np.nan, 3.0)], axis=1
    )
    found(made(n=200, a=strange[:, 0], b=strange[:, 1], c=strange[:, 2], d=RNG.normal(size=200)))
