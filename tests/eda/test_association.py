"""Associations against scipy and scikit-learn where they have them, against planted ones elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kruskal, spearmanr
from scipy.stats.contingency import association
from sklearn.metrics import roc_auc_score

from automl.eda.association import correlation_ratio, cramers_v, groups_of, relations, spearman
from automl.eda.clock import Clock
from automl.eda.ranks import midranks
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
N = 2000
Y = RNG.integers(0, 2, N)


def told(dataset, clock=None):
    found = relations(dataset, rows_of(dataset), clock or Clock())
    json.dumps(found, allow_nan=False)
    return found, {t["column"]: t for t in found.get("target", [])}


def test_numbers_are_judged_by_their_ranks():
    values = Y + RNG.normal(size=N)
    _, by = told(made(Y, up=values, down=-np.exp(values), noise=RNG.normal(size=N), day=np.where(RNG.random(N) < 0.5, np.nan, values)))
    assert by["up"]["auc"] == pytest.approx(roc_auc_score(Y, values)) == pytest.approx(by["down"]["auc"])
    assert by["up"]["direction"] == -1 and by["down"]["direction"] == 1, "the positive class of a made dataset is the first"
    assert by["noise"]["auc"] < 0.54 and by["noise"]["nmi"] < 0.01
    assert by["day"]["rows"] < N and by["day"]["auc"] == pytest.approx(by["up"]["auc"], abs=0.03)


def test_what_has_two_sides_is_found_by_information_not_by_ranks():
    values = RNG.normal(size=N)
    _, by = told(made((np.abs(values) > 0.67).astype(int), a=values, b=RNG.normal(size=N)))
    assert by["a"]["auc"] < 0.55 and by["a"]["nmi"] > 0.7 and by["b"]["nmi"] < 0.01


def test_many_levels_tell_nothing_by_themselves():
    many, few = RNG.integers(0, 800, N), RNG.integers(0, 4, N)
    telling = np.where(RNG.random(N) < 0.8, Y, RNG.integers(0, 2, N)) + 2 * few
    _, by = told(
        made(Y, many=(many, [f"l{i}" for i in range(800)]), telling=(telling, [f"t{i}" for i in range(8)]), keys=(np.arange(N), [f"k{i}" for i in range(N)]))
    )
    assert by["many"]["auc"] < 0.56 and by["many"]["nmi"] < 0.1 and by["keys"]["auc"] == 0.5 and by["keys"]["nmi"] == 0
    assert by["telling"]["auc"] == pytest.approx(0.9, abs=0.02)


def test_several_classes_and_the_order_of_columns():
    y = RNG.integers(0, 5, N)
    found, by = told(made(y, a=RNG.normal(size=N), exact=y * 2.0, same=(y, "abcde"), half=y + RNG.normal(size=N)))
    assert by["same"]["auc"] > 0.999 and by["same"]["nmi"] > 0.99 and by["exact"]["nmi"] > 0.99 and by["a"]["auc"] < 0.55
    assert [t["column"] for t in found["target"]][-1] == "a" and {t["column"] for t in found["target"][:2]} == {"exact", "same"}


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
    found, _ = told(made(Y, a=a, copy=copy, c=(c, "abcd"), recoded=((c + 1) % 4, "wxyz"), mixed=c * 2.0 + RNG.normal(size=N), noise=RNG.normal(size=N)))
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
    found, by = told(made(n=N, a=a, b=a + 0.01 * RNG.normal(size=N), c=(RNG.integers(0, 3, N), "abc"), one=np.ones(N)))
    assert (
        not by and "target" not in found and [g["columns"] for g in found["groups"]] == [["a", "b"]] or [g["columns"] for g in found["groups"]] == [["b", "a"]]
    )
    assert "one" not in found["matrix"]["columns"] and "c" in found["matrix"]["columns"]


def test_wide_tables_look_at_the_columns_that_tell_most():
    columns = {f"x{i}": RNG.normal(size=300) for i in range(150)}
    y = (columns["x7"] > 0).astype(int)
    found, _ = told(made(y, **columns))
    assert found["columns"] == 100 and found["of"] == 150 and len(found["pairs"]) == 40 and len(found["matrix"]["columns"]) == 30
    assert found["matrix"]["columns"][0] == "x7" and len(found["target"]) == 150


def test_strange_columns_do_no_harm():
    strange = {
        "none": np.full(50, np.nan),
        "one": np.ones(50),
        "some": np.append(np.full(48, np.nan), [1, 2]),
        "level": (np.zeros(50), "x"),
        "empty": (np.full(50, -1), ()),
    }
    found, by = told(made(np.arange(50) % 2, **strange))
    assert by["none"]["auc"] is None and by["none"]["rows"] == 0 and by["one"]["auc"] is None and found["pairs"] == []


@pytest.mark.parametrize("step", [0.3, 0.5, 3.0])
def test_out_of_time_it_says_what_is_left_out(step):
    columns = {f"c{i}": (RNG.integers(0, 3, 100), "abc") for i in range(12)}
    found, by = told(made(RNG.integers(0, 2, 100), **columns), Clock(3.0, Hand(step)))
    assert len(by) < 12 and f"after {len(by)} of 12" in found["target_skipped"]
    assert "skipped" in found or "pairs" in found
