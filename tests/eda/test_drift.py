"""Training rows against held-out rows: distances against scipy, chance against simulation, levels counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from automl.data.split import Split
from automl.eda.clock import Clock
from automl.eda.drift import drift, kolmogorov_smirnov, stability_index
from tests.eda.made import Hand, made

RNG = np.random.default_rng(0)
N = 4000
TRAIN, HELD = np.arange(3000), np.arange(3000, N)
SPLIT = Split(TRAIN, HELD, (), ())


def found(dataset, split=SPLIT, clock=None):
    out = drift(dataset, split, clock or Clock())
    json.dumps(out, allow_nan=False)
    return out, {c["column"]: c for c in out.get("columns", [])}


@pytest.mark.parametrize(
    ("left", "right"), [(RNG.normal(size=300), RNG.normal(0.5, size=200)), (RNG.integers(0, 4, 300), RNG.integers(1, 5, 150)), (np.ones(5), np.ones(3))]
)
def test_the_distance_is_that_of_scipy(left, right):
    assert kolmogorov_smirnov(np.sort(left * 1.0), np.sort(right * 1.0)) == pytest.approx(ks_2samp(left, right).statistic)


def test_the_stability_index_by_hand_and_by_chance():
    train, held = np.array([500, 300, 200, 0]), np.array([90, 60, 50, 0])
    p, q = (train[:3] + 0.5) / 1001.5, (held[:3] + 0.5) / 201.5
    assert stability_index(train, held)[0] == pytest.approx(((p - q) * np.log(p / q)).sum())
    assert stability_index(np.array([5, 0]), np.array([3, 0])) == (0.0, 0.0)
    drawn = [stability_index(RNG.multinomial(3000, np.full(10, 0.1)), RNG.multinomial(1000, np.full(10, 0.1))) for _ in range(2000)]
    beyond = np.mean([psi > chance for psi, chance in drawn])
    assert 0.03 < beyond < 0.07


def test_columns_that_moved_come_first():
    moved, gone = RNG.normal(size=N), RNG.normal(size=N)
    moved[HELD] += 0.5
    gone[HELD[:500]] = np.nan
    level = RNG.integers(0, 3, N)
    level[HELD] = RNG.integers(0, 2, len(HELD))
    out, by = found(
        made(RNG.integers(0, 2, N), same=RNG.normal(size=N), moved=moved, gone=gone, level=(level, "abc"), dates={"day": 1e9 + 86400.0 * np.arange(N)})
    )
    assert [c["column"] for c in out["columns"]][-1] == "same" and by["same"]["psi"] < by["same"]["psi_by_chance"] + 0.005
    assert by["moved"]["psi"] > 0.15 and by["moved"]["distance"] > 2 * by["moved"]["distance_by_chance"]
    assert by["moved"]["distance"] == pytest.approx(ks_2samp(moved[TRAIN], moved[HELD]).statistic)
    assert by["gone"]["missing_holdout"] == 0.5 and by["gone"]["psi"] > 1 and by["gone"]["distance"] < 2 * by["gone"]["distance_by_chance"]
    assert by["level"]["measure"] == "total_variation" and by["level"]["distance"] == pytest.approx(1 / 3, abs=0.03) and by["day"]["distance"] == 1


def test_levels_that_only_held_out_rows_have():
    codes = RNG.integers(0, 3, N)
    codes[HELD[:8]], codes[HELD[8:12]] = 3, 4
    _, by = found(made(n=N, a=(codes, ["a", "b", "c", "new", "rare"])))
    assert by["a"]["unseen"] == {"levels": 2, "rows": 12, "named": [["new", 8]]}


def test_total_variation_by_chance_is_about_what_chance_gives():
    ratio = []
    for _ in range(20):
        _, by = found(made(n=N, a=(RNG.integers(0, 400, N), [str(i) for i in range(400)])))
        ratio.append(by["a"]["distance"] / by["a"]["distance_by_chance"])
    assert np.mean(ratio) == pytest.approx(1, abs=0.03) and by["a"]["distance"] > 0.1


def test_texts_are_left_out_and_strange_columns_do_no_harm():
    strange = {"none": np.full(N, np.nan), "one": np.ones(N), "huge": np.where(np.arange(N) % 2, 1e308, -1e308), "empty": (np.full(N, -1), ())}
    _, by = found(made(n=N, texts={"t": ["a b c"] * N}, **strange))
    assert set(by) == set(strange) and by["none"]["psi"] == 0 and by["one"]["distance"] == 0 and by["huge"]["psi"] < 0.01


def test_the_holdout_is_looked_at_in_full_where_it_is_small():
    values = np.where(np.arange(N) < 3000, 0.0, 1.0)
    assert found(made(n=N, a=values))[1]["a"]["distance"] == 1


def test_without_held_out_rows_or_time():
    dataset = made(n=N, a=RNG.normal(size=N))
    assert "skipped" in found(dataset, replace(SPLIT, holdout=HELD[:0]))[0]
    out, by = found(dataset, clock=Clock(-1, Hand()))
    assert not by and "after 0 of 1" in out["columns_skipped"] and out["overlap"]["exact"] == {"skipped": "the time ran out"}
