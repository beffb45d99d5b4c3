"""Rows on both sides of a split: planted copies and near-copies are counted, ids do not hide them, chance is told."""

import numpy as np
import pytest

from automl.data.split import Split
from automl.data.structure import row_groups
from automl.eda.clock import Clock
from automl.eda.overlap import overlap
from tests.eda.made import made

RNG = np.random.default_rng(0)
N = 2000
TRAIN, HELD = np.arange(1500), np.arange(1500, N)
SPLIT = Split(TRAIN, HELD, (), ())


def counted(dataset):
    out = overlap(dataset, SPLIT, Clock())
    return out["exact"], out["near"]


def test_copies_are_found_although_each_row_has_an_id():
    values, more, level = RNG.normal(size=N), RNG.normal(size=N), RNG.integers(0, 4, N)
    values[HELD[:7]], more[HELD[:7]], level[HELD[:7]] = values[:7], more[:7], level[:7]
    exact, near = counted(made(n=N, a=values, m=more, b=(level, "wxyz"), id=np.arange(N) * 1.0, key=(np.arange(N), [f"k{i}" for i in range(N)])))
    assert exact == {"rows": 7, "by_chance": 0.0, "repeats": 0} and near["rows"] == 7


def test_near_copies_are_equal_to_three_digits_by_day_and_by_words():
    a, b, day = RNG.normal(size=N), RNG.lognormal(size=N), 1e9 + 1e5 * RNG.permutation(N)
    texts = [f"the text number {i} of some" for i in range(N)]
    a[HELD[:20]], b[HELD[:20]], day[HELD[:20]] = a[:20] * 1.00001, b[:20], day[:20] // 86400 * 86400 + 5
    for k in range(20):
        texts[HELD[k]] = texts[k].upper().replace(" ", "  ") + "!"
    exact, near = counted(made(n=N, a=a, b=b, dates={"d": day}, texts={"t": texts}))
    assert exact["rows"] == 0 and 18 <= near["rows"] <= 20, "one or the other may fall on two sides of a rounding edge"


def test_what_chance_gives_is_that_among_the_training_rows():
    a, b = RNG.integers(0, 40, N), RNG.integers(0, 40, N)
    dataset = made(n=N, a=a * 1.0, b=b * 1.0)
    exact, _ = counted(dataset)
    groups = row_groups(dataset.table)
    assert exact["rows"] == np.isin(groups[HELD], groups[TRAIN]).sum()
    assert exact["repeats"] == (np.bincount(groups[TRAIN])[groups[TRAIN]] > 1).sum()
    assert exact["by_chance"] == pytest.approx(exact["repeats"] / 3, abs=0.01) and exact["rows"] == pytest.approx(exact["by_chance"], rel=0.1)


def test_missing_cells_are_equal_and_zero_has_no_sign():
    values = RNG.normal(size=N)
    values[HELD[:3]], values[:3] = np.nan, np.nan
    values[HELD[3]], values[3] = 0.0, -0.0
    assert counted(made(n=N, a=values, b=np.arange(N) % 2 * 0.0))[0]["rows"] == 4


def test_one_class_of_rows_and_none():
    assert counted(made(n=N, a=np.ones(N)))[0]["rows"] == len(HELD)
    assert "numbers the rows" in counted(made(n=N, id=np.arange(N) * 1.0))[0]["skipped"]
