"""Classes of training and test rows, and samples that keep every class."""

import numpy as np
import pytest

from automl.data.sources import Raw
from automl.data.target import labels_of, stratified
from automl.errors import DataError
from automl.inference.table import Column, Table

from ..builders import spec_of


def raw_of(*values):
    levels = tuple(dict.fromkeys(v for v in values if v is not None))
    column = Column("coded", np.array([-1 if v is None else levels.index(v) for v in values], dtype=np.int32), levels)
    return Raw(Table({"y": column}, len(values)), "t.csv", "")


def test_classes_are_those_of_the_training_rows_and_new_ones_are_told():
    train, test = raw_of(*["b", "a", None] * 10), raw_of("c", "a", None)
    labels = labels_of(spec_of(), [train, test], "y")
    assert labels.classes == ("a", "b") and labels.codes[1].tolist() == [-1, 0, -1] and labels.codes[0][:3].tolist() == [1, 0, -1]
    assert "`c` of `y` only occur in the test rows" in labels.notes[0] and "their 1 rows are not scored" in labels.notes[0] and "W310" in labels.notes[0]
    with pytest.raises(DataError, match=r"no row of .* has a target that can be scored"):
        labels_of(spec_of(), [train, raw_of("c", None)], "y")
    assert labels_of(spec_of(), [train], "y").notes == ()


def test_the_test_rows_decide_nothing_about_the_positive_class():
    train, test = raw_of(*["a"] * 20, *["b"] * 10), raw_of(*["b"] * 100)
    assert labels_of(spec_of(), [train, test], "y").positive == 1


def test_without_a_target_every_row_counts():
    labels = labels_of(spec_of(), [raw_of(*["a", None] * 10)], "")
    assert labels.classes == () and labels.codes[0].tolist() == [0] * 20
    with pytest.raises(DataError, match="at least 20 are needed"):
        labels_of(spec_of(), [raw_of("a", None)], "")


@pytest.mark.parametrize(("values", "words"), [
    (["a"] * 30, "the one class `a`"), ([None] * 30, "no value"), (["a", "b"] * 9, "at least 20"), (["a"] * 30 + ["b"], "a single row"), ([str(i) for i in range(60)], "60 classes"),
    (["a\n" + "x" * 10_000] * 30, "the one class `a\\nxxx"),
])  # fmt: skip
def test_targets_that_cannot_be_learned(values, words):
    with pytest.raises(DataError) as caught:
        labels_of(spec_of(), [raw_of(*values), raw_of("a", "b")], "y")
    assert words in caught.value.problem and len(caught.value.problem) < 300


@pytest.mark.parametrize("n", [20, 21, 57, 100, 999])
def test_a_sample_keeps_the_shares_and_every_class(n):
    y = np.repeat([0, 1, 2, 3], [700, 290, 8, 2])
    rows = stratified(y, n, 0)
    counts = np.bincount(y[rows], minlength=4)
    assert len(rows) == n == len(set(rows.tolist())) and (np.diff(rows) > 0).all()
    assert counts[3] == 2 and counts[2] >= 2 and abs(counts[0] / n - 0.7) < 3 / n + 0.02 and (counts <= [700, 290, 8, 2]).all()


def test_a_sample_is_drawn_by_the_seed_and_evenly_within_a_class():
    y = np.zeros(1000, dtype=np.int64)
    assert np.array_equal(stratified(y, 100, 1), stratified(y, 100, 1)) and not np.array_equal(stratified(y, 100, 1), stratified(y, 100, 2))
    hits = np.bincount(np.concatenate([stratified(y, 100, seed) for seed in range(200)]), minlength=1000)
    assert abs(hits.mean() - 20) < 1e-9 and 3 < hits.std() < 5.5  # binomial: sqrt(200 * 0.1 * 0.9) = 4.2


def test_more_classes_than_rows_and_more_rows_than_there_are():
    assert len(stratified(np.arange(50), 20, 0)) == 20
    assert stratified(np.array([0, 1, 0]), 5, 0).tolist() == [0, 1, 2]
