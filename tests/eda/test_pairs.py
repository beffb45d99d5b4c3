"""How columns go together, against scipy where it has it, against planted pairs elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kruskal, spearmanr
from scipy.stats.contingency import association

from automl.eda.association import relations
from automl.eda.clock import Clock
from automl.eda.pairs import correlation_ratio, cramers_v, groups_of, spearman
from automl.eda.ranks import midranks
from tests.eda.made import made, rows_of

RNG = np.random.default_rng(0)
N = 2000
Y = RNG.integers(0, 2, N)


def told(dataset):
    found = relations(dataset, rows_of(dataset), Clock())
    json.dumps(found, allow_nan=False)
    return found


def test_rank_correlations_are_those_of_scipy():
    x = RNG.normal(size=(500, 3)) @ RNG.normal(size=(3, 5)) + RNG.integers(0, 3, (500, 5))
    assert np.allclose(spearman(np.stack([midranks(c) for c in x.T], axis=1)), spearmanr(x).statistic)


def test_gaps_leave_correlations_about_as_they_are_pair_by_pair():
    x = RNG.normal(size=(3000, 2)) @ [[1, 0.7], [0.2, 1]]
    x[RNG.random(x.shape) < 0.2] = np.nan
    ranks = np.full(x.shape, np.nan)
    for k in range(2):
        known = ~np.isnan(x[:, k])
        ranks[known, k] = midranks(x[known, k])
    assert spearman(ranks)[0, 1] == pytest.approx(spearmanr(*x.T, nan_policy="omit").statistic, abs=0.01)
    ranks[:, 0] = 1.0
    assert np.isnan(spearman(ranks)[0, 1])


def test_the_association_of_categories():
    a = RNG.integers(0, 5, 300)
    b = np.where(RNG.random(300) < 0.5, a % 3, RNG.integers(0, 3, 300))
    plain = association(pd.crosstab(a, b).to_numpy(), method="cramer")
    assert 0.8 * plain < cramers_v(a, b) < plain, "the correction takes a little off"
    assert cramers_v(a, a) == pytest.approx(1) and cramers_v(a, 0 * a) != cramers_v(a, 0 * a)
    noise = [cramers_v(RNG.integers(0, 20, 300), RNG.integers(0, 20, 300)) for _ in range(50)]
    assert np.mean(noise) < 0.06, "uncorrected, it would be 0.25"
    b[:100] = -1
    assert cramers_v(a, b) == pytest.approx(cramers_v(a[100:], b[100:]))


def test_the_correlation_ratio_is_that_of_kruskal_and_wallis():
    codes, x = RNG.integers(0, 4, 500), RNG.normal(size=(500, 2))
    x[:, 0] += codes
    ranks = np.stack([midranks(c) for c in x.T], axis=1)
    h = kruskal(*(x[codes == k, 0] for k in range(4))).statistic
    share = h / 499
    assert correlation_ratio(codes, ranks)[0] ** 2 == pytest.approx(share - (1 - share) * 3 / 496)
    assert correlation_ratio(codes, ranks)[1] < 0.15
    ranks[codes == 0] = np.nan
    assert correlation_ratio(codes, ranks)[0] == pytest.approx(correlation_ratio(np.where(codes == 0, -1, codes), ranks)[0])


def test_pairs_of_every_kind_are_found():
    a, c = RNG.normal(size=N), RNG.integers(0, 4, N)
    copy = np.where(RNG.random(N) < 0.1, np.nan, -(a**3))
    found = told(made(Y, a=a, copy=copy, c=(c, "abcd"), recoded=((c + 1) % 4, "wxyz"), mixed=c * 2.0 + RNG.normal(size=N), noise=RNG.normal(size=N)))
    by = {frozenset((p["a"], p["b"])): p for p in found["pairs"]}
    assert by[frozenset(("a", "copy"))]["value"] == pytest.approx(-1, abs=1e-3) and by[frozenset(("a", "copy"))]["measure"] == "spearman"
    assert by[frozenset(("c", "recoded"))]["value"] > 0.999 and by[frozenset(("c", "recoded"))]["measure"] == "cramers_v"
    assert by[frozenset(("c", "mixed"))]["value"] > 0.8 and by[frozenset(("c", "mixed"))]["measure"] == "correlation_ratio"
    assert max(p["value"] for pair, p in by.items() if "noise" in pair) < 0.1
    assert {frozenset((p["a"], p["b"])) for p in found["pairs"][:2]} == {frozenset(("a", "copy")), frozenset(("c", "recoded"))}
    assert found["groups"] == [{"columns": sorted(["a", "copy"], key=found["matrix"]["columns"].index), "least": pytest.approx(1, abs=1e-3)}]
    matrix = np.array(found["matrix"]["values"], dtype=float)
    assert matrix.shape == (6, 6) and np.allclose(matrix, matrix.T) and (np.diag(matrix) == 1).all()


def test_chains_are_no_groups():
    rho = np.array([[1, 0.95, 0.7, 0.1], [0.95, 1, 0.92, 0.1], [0.7, 0.92, 1, 0.1], [0.1, 0.1, 0.1, 1]])
    assert groups_of(list("abcd"), rho) == [{"columns": ["a", "b"], "least": 0.95}]
    every = np.full((3, 3), -0.95)
    assert groups_of(list("abc"), every) == [{"columns": ["a", "b", "c"], "least": 0.95}]
    assert groups_of([], np.zeros((0, 0))) == [] and groups_of(list("ab"), np.eye(2)) == []


def test_without_a_target_there_are_pairs_only():
    a = RNG.normal(size=N)
    found = told(made(n=N, a=a, b=a + 0.01 * RNG.normal(size=N), c=(RNG.integers(0, 3, N), "abc"), one=np.ones(N)))
    assert "target" not in found and [set(g["columns"]) for g in found["groups"]] == [{"a", "b"}]
    assert "one" not in found["matrix"]["columns"] and "c" in found["matrix"]["columns"]


def test_wide_tables_look_at_the_columns_that_tell_most():
    columns = {f"x{i}": RNG.normal(size=300) for i in range(150)}
    y = (columns["x7"] > 0).astype(int)
    found = told(made(y, **columns))
    assert found["columns"] == 100 and found["of"] == 150 and len(found["pairs"]) == 40 and len(found["matrix"]["columns"]) == 30
    assert found["matrix"]["columns"][0] == "x7" and len(found["target"]) == 150
