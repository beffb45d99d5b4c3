"""Gaps between groups: planted ones are found, groups too small are told and not judged, equal treatment shows none."""

import numpy as np
import pytest

from automl.evaluate.fairness import gap_between
from automl.plan.limits import LEAST_GROUP

NAMES = ("a", "b", "tiny")


def rows(*groups):
    """Return y, predicted, codes of groups, each given as {(true, predicted): count}."""
    y, predicted, codes = [], [], []
    for code, cells in enumerate(groups):
        for (true, answer), count in cells.items():
            y += [true] * count
            predicted += [answer] * count
            codes += [code] * count
    return tuple(np.array(v, dtype=np.int64) for v in (y, predicted, codes))


A = {(1, 1): 80, (1, 0): 20, (0, 1): 10, (0, 0): 90}
B = {(1, 1): 50, (1, 0): 50, (0, 1): 40, (0, 0): 60}


@pytest.mark.parametrize(("metric", "gap"), [("equal_opportunity", 0.3), ("demographic_parity", 0.0), ("equalized_odds", 0.3)])
def test_a_planted_gap_is_found(metric, gap):
    y, predicted, codes = rows(A, B)
    found = gap_between(metric, y, predicted, 1, codes, NAMES)
    assert found.value == pytest.approx(gap) and found.interval is None
    other = gap_between(metric, 1 - y, 1 - predicted, 0, codes, NAMES)
    assert other.value == pytest.approx(gap), "which code is the positive one does not matter"


def test_equalized_odds_takes_the_larger_of_two_gaps():
    y, predicted, codes = rows(A, {(1, 1): 80, (1, 0): 20, (0, 1): 60, (0, 0): 40})
    assert gap_between("equalized_odds", y, predicted, 1, codes, NAMES).value == pytest.approx(0.5)
    assert gap_between("equal_opportunity", y, predicted, 1, codes, NAMES).value == pytest.approx(0.0)


def test_a_group_too_small_is_told_and_not_judged():
    few = {(1, 1): 0, (1, 0): LEAST_GROUP - 1, (0, 0): 200}
    found = gap_between("equal_opportunity", *_order(rows(A, A, few)), NAMES)
    told = {g["name"]: g for g in found.groups}
    assert found.value == pytest.approx(0.0) and not told["tiny"]["judged"] and told["tiny"]["counted"]["positive rows found"] == LEAST_GROUP - 1
    enough = gap_between("equal_opportunity", *_order(rows(A, A, {(1, 1): 0, (1, 0): LEAST_GROUP, (0, 0): 200})), NAMES)
    assert enough.value == pytest.approx(0.8)


def test_without_two_groups_to_judge_there_is_no_gap():
    found = gap_between("equalized_odds", *_order(rows(A, {(1, 1): 200}, {})), NAMES, seconds=0.1)
    assert found.value is None and found.interval is None and {g["name"] for g in found.groups} == {"a", "b"}


def test_the_interval_holds_the_gap_and_narrows_with_rows():
    wide = gap_between("equal_opportunity", *_order(rows(A, B)), NAMES, seconds=1.0)
    many = gap_between("equal_opportunity", *_order(rows({k: 20 * v for k, v in A.items()}, {k: 20 * v for k, v in B.items()})), NAMES, seconds=1.0)
    assert wide.interval[0] < 0.3 < wide.interval[1] and many.interval[0] < 0.3 < many.interval[1]
    assert many.interval[1] - many.interval[0] < 0.5 * (wide.interval[1] - wide.interval[0])


def test_rows_of_a_unit_are_drawn_together():
    y, predicted, codes = rows(A, B)
    alone = gap_between("equal_opportunity", y, predicted, 1, codes, NAMES, seconds=1.0)
    units = np.arange(len(y)) // 10
    together = gap_between("equal_opportunity", y, predicted, 1, codes, NAMES, units=units, seconds=1.0)
    assert together.interval[1] - together.interval[0] > 1.5 * (alone.interval[1] - alone.interval[0])


def _order(found):
    y, predicted, codes = found
    return y, predicted, 1, codes
