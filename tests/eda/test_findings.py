"""Each check finds what it is for, leaves alone what it is not for, and obeys its mode."""

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.profile import profile_dataset
from automl.vocabulary import Mode
from tests.builders import dataset_of, spec_of

N = 200
BALANCED = np.arange(N) % 2
NOISE = np.random.default_rng(0).normal(size=N)


def findings(y=BALANCED, checks=None, **columns):
    dataset, spec = dataset_of(y, **columns), spec_of(checks=checks or {})
    return profile_dataset(dataset, make_split(dataset, spec), spec.checks, {}).findings


def names(found, check):
    return [f.column for f in found if f.check == check]


def test_a_clean_table_has_none():
    assert findings(a=NOISE, b=(np.arange(N) % 3, "xyz")) == ()


def test_columns_with_one_value_or_none():
    found = findings(a=NOISE, one=np.ones(N), none=np.full(N, np.nan), word=(np.zeros(N), ("x",)), some=np.where(np.arange(N) % 2, 1.0, np.nan))
    assert names(found, "constant") == ["one", "none", "word"]
    assert all(f.drops and f.mode == Mode.FIX for f in found if f.check == "constant")


@pytest.mark.parametrize(
    ("values", "is_id"),
    [
        (np.random.default_rng(1).permutation(N).astype(float), True),
        (np.arange(N) * 10.0 + 5, True),
        (np.arange(N) * 0.5, False),
        (np.random.default_rng(1).permutation(10 * N)[:N].astype(float), False),
        (NOISE, False),
        ((np.arange(N), [f"k{i}" for i in range(N)]), True),
        ((np.arange(N) // 2, [f"k{i}" for i in range(N)]), False),
    ],
    ids=["counter", "counter in tens", "half steps", "gaps", "reals", "keys", "pairs of keys"],
)
def test_columns_that_number_the_rows(values, is_id):
    found = findings(a=NOISE, b=values)
    assert (names(found, "id_like") == ["b"]) is is_id


def test_a_short_table_has_no_ids():
    assert not names(findings(np.arange(40) % 2, a=np.arange(40.0)), "id_like")


def test_missing_values_are_counted():
    values = NOISE.copy()
    values[:20] = np.nan
    found = [f for f in findings(a=values, b=NOISE) if f.check == "missing_values"]
    assert [f.column for f in found] == ["a"] and not found[0].drops and "%" in found[0].message


def test_copies_of_rows():
    copied = NOISE.copy()
    copied[-10:] = copied[:10]
    (found,) = findings(a=copied)
    assert found.check == "duplicate_rows" and "10 of 200 rows" in found.message and "one side" in found.action
    (found,) = findings(a=np.arange(N) % 7)
    assert found.action.startswith("none")


@pytest.mark.parametrize(("rare", "there"), [(10, True), (40, False)])
def test_a_class_with_few_rows(rare, there):
    y = (np.arange(N) < rare).astype(int)
    found = [f for f in findings(y, a=NOISE) if f.check == "imbalance"]
    assert bool(found) is there
    if there:
        assert "class `class1` has 8 of 160 rows" in found[0].message


def test_modes_by_name_by_default_and_off():
    columns = {"a": np.where(np.arange(N) % 5, NOISE, np.nan), "b": NOISE, "one": np.ones(N)}
    modes = {f.check: f.mode for f in findings(checks={"default": "warn", "constant": "fail"}, **columns)}
    assert modes == {"constant": Mode.FAIL, "missing_values": Mode.WARN}
    assert [f.check for f in findings(checks={"missing_values": "off"}, **columns)] == ["constant"]
    assert findings(checks={"default": "off"}, **columns) == ()


def test_what_fails_comes_first():
    found = findings(checks={"missing_values": "fail", "constant": "warn"}, one=np.ones(N), a=np.where(np.arange(N) % 5, NOISE, np.nan), b=NOISE)
    assert [f.mode for f in found] == [Mode.FAIL, Mode.WARN]


def test_a_finding_names_the_line_that_overrides_it():
    for found in findings(one=np.ones(N), a=np.where(np.arange(N) % 5, NOISE, np.nan), b=NOISE):
        assert found.override == f"checks: {{{found.check}: warn}}" and found.as_dict()["mode"] == "fix"
