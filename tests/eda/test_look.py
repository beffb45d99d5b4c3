"""The views that checks share: the sample, its folds, and the probe over the columns that matter."""

from dataclasses import replace

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.clock import Clock
from automl.eda.look import SAMPLE, WIDEST, Look, whole_folds
from automl.eda.profile import profile_dataset
from automl.spec.sections.checks import Checks

from ..builders import dataset_of, spec_of


def look_of(dataset, **spec):
    split = make_split(dataset, spec_of(**spec))
    profile = profile_dataset(dataset, split, Checks(default="off"), {})
    return Look(dataset, split, profile.as_dict(), Clock())


def test_the_sample_is_of_training_rows_and_noted():
    rng = np.random.default_rng(0)
    dataset = dataset_of(rng.integers(0, 2, 9000), a=rng.normal(size=9000))
    look = look_of(dataset)
    assert len(look.sample) == SAMPLE and len(look.clock.sampling) == 1 and look.clock.sampling[0]["of"] == len(look.split.train)
    np.testing.assert_array_equal(look.column("a").values, dataset.table.columns["a"].values[look.split.train[look.sample]])


def test_the_folds_are_those_of_the_split():
    rng = np.random.default_rng(0)
    look = look_of(dataset_of(rng.integers(0, 2, 500), a=rng.normal(size=500)))
    assert len(look.folds) == 5
    for (learn, score), (train, valid) in zip(look.folds, look.split.folds, strict=True):
        assert set(look.split.train[learn]) == set(train) and set(look.split.train[score]) == set(valid)


def test_one_part_is_too_few_and_own_folds_keep_entities_together():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 60, 500)
    dataset = replace(dataset_of(rng.integers(0, 2, 500), a=rng.normal(size=500)), group=group)
    look = look_of(dataset, validation={"strategy": "holdout"})
    own = group[look.split.train]
    assert len(look.folds) == 5 and all(not set(own[learn]) & set(own[score]) for learn, score in look.folds)


def test_whole_folds_divide_the_rows():
    units = np.random.default_rng(0).integers(0, 40, 300)
    folds = whole_folds(units, 0)
    assert sorted(np.concatenate([score for _, score in folds]).tolist()) == list(range(300))
    assert all(len(learn) + len(score) == 300 and not set(units[learn]) & set(units[score]) for learn, score in folds)


@pytest.mark.slow
def test_a_wide_table_is_probed_by_the_columns_that_tell_most():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    columns = {f"v{i}": rng.normal(size=300) for i in range(WIDEST + 50)}
    columns["v140"] = y + rng.normal(0, 0.3, 300)
    look = look_of(dataset_of(y, **columns))
    assert len(look.told) == WIDEST and "v140" in look.told


def test_without_a_target_nothing_is_measured():
    rng = np.random.default_rng(0)
    dataset = replace(dataset_of(np.zeros(200, np.int64), a=rng.normal(size=200), b=rng.normal(size=200)), classes=(), target="")
    look = look_of(dataset)
    assert not look.has_target and look.without(["a"]) is None and look.replaced({"a": look.piece("a")}) is None and look.without_lines(["a"]) is None
