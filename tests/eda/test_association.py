"""What columns tell of the target, against scikit-learn where it has it, against planted columns elsewhere."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from automl.eda.association import relations
from automl.eda.clock import Clock
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
