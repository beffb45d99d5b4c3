"""Statistics of columns against pandas, scipy and numpy; rare levels are counted and not named."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kurtosis, skew

from automl.eda.clock import Clock
from automl.eda.columns import bin_counts, describe_columns, moment, quantile, shown_classes
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
N = 600
Y = np.arange(N) % 3


def described(dataset, rows=None, clock=None):
    found = describe_columns(dataset, rows_of(dataset) if rows is None else rows, clock or Clock())
    json.dumps(found, allow_nan=False)
    return {c["name"]: c for c in found}


@pytest.mark.parametrize("values", [RNG.normal(5, 2, N), RNG.lognormal(size=N), RNG.integers(-3, 9, N) * 1.0], ids=["normal", "skewed", "whole"])
def test_numbers_are_those_of_scipy(values):
    column = described(made(Y, a=values))["a"]
    assert column["skewness"] == pytest.approx(skew(values)) and column["kurtosis"] == pytest.approx(kurtosis(values))
    assert column["mean"] == pytest.approx(values.mean()) and column["std"] == pytest.approx(values.std())
    for key, share in (("min", 0), ("q01", 0.01), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q99", 0.99), ("max", 1)):
        assert column[key] == pytest.approx(np.quantile(values, share))
    assert column["distinct"] == len(np.unique(values)) and column["zeros"] == (values == 0).sum() and column["negative"] == (values < 0).sum()
    assert column["whole"] is bool((values == values.round()).all())


def test_gaps_and_infinities_are_counted():
    values = RNG.normal(size=N)
    values[:30], values[30:40] = np.nan, np.inf
    column = described(made(Y, a=values))["a"]
    assert (column["missing"], column["infinite"], column["missing_share"]) == (40, 10, 40 / N)
    assert sum(column["histogram"]) == N - 40


def test_a_histogram_by_class_sums_to_the_whole():
    values = RNG.normal(size=N)
    column = described(made(Y, a=values))["a"]
    counts, edges = np.histogram(values, 20)
    assert column["histogram"] == counts.tolist() and np.allclose(column["edges"], edges)
    for entry in column["by_class"]:
        k = int(entry["class"].removeprefix("class"))
        assert entry["counts"] == np.histogram(values[k == Y], edges)[0].tolist()


def test_heavy_tails_are_cut_off_and_counted():
    values = np.append(RNG.normal(size=N - 2), [1e6, -1e6])
    column = described(made(Y, a=values))["a"]
    assert column["below"] >= 1 and column["above"] >= 1 and column["edges"][0] > -10 and column["edges"][-1] < 10
    assert sum(column["histogram"]) + column["below"] + column["above"] == N
    assert "below" not in described(made(Y, a=RNG.normal(size=N)))["a"]


@pytest.mark.parametrize("low", [0.0, -7.0, 1e9])
def test_values_on_an_edge_are_counted_as_numpy_does(low):
    values = low + RNG.integers(0, 41, 5000) * 0.1
    edges = np.linspace(values.min(), values.max(), 21)
    assert bin_counts(values, edges, np.zeros(0, int), 0)[0, 1:-1].tolist() == np.histogram(values, edges)[0].tolist()


def test_frequent_numbers_are_listed_once_five_rows_have_them():
    values = RNG.normal(size=N)
    values[:50], values[50:54], values[54:59] = -999, 4.0, 7.0
    assert described(made(Y, a=values))["a"]["top"] == [[-999.0, 50], [7.0, 5]]


def test_rare_levels_are_counted_and_not_named():
    words = ["often"] * 500 + ["five"] * 5 + ["four"] * 4 + [f"w{i}" for i in range(N - 509)]
    column = described(made(Y, a=words))["a"]
    assert column["top"] == [["often", 500], ["five", 5]] and column["distinct"] == 3 + N - 509
    assert column["others"] == {"levels": N - 508, "rows": N - 505} and column["rare_levels"] == N - 508
    assert sum(entry["counts"][0] for entry in column["by_class"]) == 500


def test_shares_of_classes_by_level():
    frame = pd.DataFrame({"a": RNG.choice(list("xyz"), N), "y": Y})
    column = described(made(Y, a=frame["a"].tolist()))["a"]
    table = pd.crosstab(frame["a"], frame["y"])
    for entry in column["by_class"]:
        assert entry["counts"] == [table.loc[level, int(entry["class"][-1])] for level, _ in column["top"]]


def test_the_most_frequent_classes_are_shown():
    y = np.repeat(np.arange(6), [1, 10, 2, 30, 20, 5])
    dataset = made(y, a=np.arange(68.0))
    codes, labels = shown_classes(dataset, rows_of(dataset))
    assert labels == ("class3", "class4", "class1", "class5") and codes[0] == -1 and codes[-1] == 3
    assert sum(map(sum, (e["counts"] for e in described(dataset)["a"]["by_class"]))) == 65


def test_dates_are_told_in_words():
    days = pd.Timestamp("2024-02-28").timestamp() + 86400.0 * (np.arange(N) % 3)
    column = described(made(Y, dates={"d": days}))["d"]
    assert (column["min"], column["median"], column["max"]) == ("2024-02-28", "2024-02-29", "2024-03-01")
    assert column["edges"][0] == "2024-02-28T00:00:00" and sum(column["histogram"]) == N and "mean" not in column
    assert moment(-1e300) < "0100" and moment(1e300).startswith("9")


def test_a_table_without_a_target_has_no_classes():
    column = described(made(n=N, a=RNG.normal(size=N), b=RNG.choice(list("xy"), N).tolist()))
    assert "by_class" not in column["a"] and "by_class" not in column["b"]


def test_only_the_given_rows_count():
    values = np.append(np.zeros(300), np.full(300, 9.0))
    assert described(made(Y, a=values), np.arange(300))["a"]["max"] == 0


def test_out_of_time_columns_are_sampled_and_say_so():
    n = 30_000
    dataset = made(np.arange(n) % 2, a=RNG.normal(size=n), b=(RNG.integers(0, 3, n), "xyz"))
    clock = Clock(-1.0, Hand())
    found = described(dataset, clock=clock)
    assert all(c["sampled"] for c in found.values()) and sum(found["a"]["histogram"]) == 20_000
    assert sum(e["counts"][0] for e in found["b"]["by_class"]) == found["b"]["top"][0][1]
    assert clock.sampling[0]["rows"] == 20_000 and clock.sampling[0]["of"] == n


def test_quantiles_of_one_value():
    assert quantile(np.array([3.0]), 0.99) == 3.0
