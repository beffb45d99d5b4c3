"""Gaps by place, pattern, company and class, each planted and found."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from automl.eda.clock import Clock
from automl.eda.missing import indicator_auc, missingness
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
N = 4000
Y = RNG.integers(0, 3, N)


def gaps(where, values=None):
    out = RNG.normal(size=N) if values is None else values.copy()
    out[where] = np.nan
    return out


def found(dataset, clock=None):
    out = missingness(dataset, rows_of(dataset), clock or Clock())
    json.dumps(out, allow_nan=False)
    return out


def test_a_complete_table():
    out = found(made(Y, a=RNG.normal(size=N)))
    assert out["columns"] == [] and out["map"]["shares"] == [] and out["groups"] == [] and out["complete_rows"] == N
    assert out["patterns"] == [{"columns": [], "rows": N, "share": 1.0}]


def test_gaps_stand_where_they_are_in_the_file():
    late = np.arange(N) >= 3 * N // 4
    codes = np.where(np.arange(N) < N // 2, -1, 0)
    out = found(made(Y, late=gaps(late), full=RNG.normal(size=N), word=(codes, "x")))
    shares = dict(zip(out["map"]["columns"], out["map"]["shares"], strict=True))
    assert list(shares) == ["word", "late"] and shares["late"] == [0.0] * 30 + [1.0] * 10 and shares["word"] == [1.0] * 20 + [0.0] * 20
    assert out["columns_missing"] == 2 and out["complete_rows"] == N // 4


def test_patterns_are_counted():
    a, b = np.arange(N) % 4 == 0, np.arange(N) % 8 == 0
    out = found(made(Y, a=gaps(a), b=gaps(b)))
    assert [(p["columns"], p["rows"]) for p in out["patterns"]] == [([], 3 * N // 4), (["a"], N // 8), (["a", "b"], N // 8)] or out["patterns"][1][
        "rows"
    ] == N // 8
    assert {tuple(p["columns"]) for p in out["patterns"]} == {(), ("a",), ("a", "b")} and sum(p["share"] for p in out["patterns"]) == pytest.approx(1)


def test_columns_missing_together():
    where = RNG.random(N) < 0.2
    nearly = where ^ (RNG.random(N) < 0.005)
    out = found(made(Y, a=gaps(where), b=gaps(nearly), c=gaps(RNG.random(N) < 0.2), d=gaps(~where)))
    assert [set(g["columns"]) for g in out["groups"]] == [{"a", "b"}] and out["groups"][0]["least"] > 0.95


def test_gaps_that_tell_the_target():
    where = (Y == 2) & (RNG.random(N) < 0.8)
    out = {c["column"]: c for c in found(made(Y, told=gaps(where), noise=gaps(RNG.random(N) < 0.3)))["columns"]}
    areas = [max(a, 1 - a) for a in (roc_auc_score(k == Y, where) for k in range(3))]
    assert out["told"]["auc"] == pytest.approx(np.mean(areas)) and out["noise"]["auc"] < 0.53
    assert indicator_auc(np.zeros(3, bool), np.zeros(3, int), 1) is None
    assert "auc" not in found(made(n=N, a=gaps(where)))["columns"][0]


def test_infinite_numbers_count_as_missing():
    assert found(made(Y, a=np.where(np.arange(N) < 40, np.inf, 1.0)))["columns"][0]["share"] == pytest.approx(0.01)


def test_out_of_time():
    assert "after 0 of 1" in missingness(made(Y, a=RNG.normal(size=N)), np.arange(N), Clock(-1, Hand()))["skipped"]
