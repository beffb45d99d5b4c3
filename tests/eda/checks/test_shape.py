"""Checks of tables without a target: whether rows fall into groups, and how many columns would tell as much."""

from dataclasses import replace

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.act import treat
from automl.eda.profile import profile_dataset
from automl.spec.model import Spec
from automl.spec.sections.checks import Checks

from ...builders import dataset_of, spec_of

NO_TARGET = Spec.model_validate({"data": "t.csv", "task": {"type": "clustering"}})


def look_at(x, checks=None):
    dataset = dataset_of(np.zeros(len(x), np.int64), **{f"v{i}": x[:, i] for i in range(x.shape[1])})
    dataset = replace(dataset, classes=(), target="")
    split = make_split(dataset, NO_TARGET)
    profile = profile_dataset(dataset, split, Checks.model_validate(checks or {}), {})
    return dataset, split, {f.check: f for f in profile.findings}


def blobs(k=3):
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(9 * i, 1, (150, 4)) for i in range(k)])


def flat():
    """Return six columns that are made of two."""
    rng = np.random.default_rng(0)
    return rng.uniform(size=(450, 2)) @ rng.normal(size=(2, 6)) + 0.01 * rng.normal(size=(450, 6))


def test_groups_that_are_there_are_seen_and_noise_is_not_taken_for_any():
    found = look_at(blobs())[2]["clusterability"]
    assert found.mode == "fix" and "fall into groups" in found.message and found.evidence["structure"] is True
    found = look_at(np.random.default_rng(0).uniform(size=(450, 4)))[2]["clusterability"]
    assert found.mode == "warn" and "no sign of groups" in found.message


def test_fewer_dimensions_are_told():
    found = look_at(flat())[2]["intrinsic_dimension"]
    assert found.evidence["for_90"] == 2 and 1.5 < found.evidence["two_nn"] < 5
    assert look_at(np.random.default_rng(0).uniform(size=(450, 6)))[2]["intrinsic_dimension"].evidence["for_90"] >= 5


@pytest.mark.parametrize("check", ["clusterability", "intrinsic_dimension"])
def test_modes_hold_and_nothing_of_the_table_changes(check):
    for mode in ("warn", "fail", "fix"):
        dataset, split, found = look_at(blobs(), {check: mode})
        assert found[check].mode == mode and check in found[check].override
        treated = treat(dataset, split, list(found.values()), NO_TARGET)
        assert treated.dataset.table is dataset.table or treated.dataset.table.columns.keys() <= dataset.table.columns.keys()
    assert check not in look_at(blobs(), {check: "off"})[2]


def test_with_a_target_the_profile_has_the_figures_and_no_finding():
    x = blobs()
    dataset = dataset_of(np.arange(len(x)) % 2, **{f"v{i}": x[:, i] for i in range(4)})
    profile = profile_dataset(dataset, make_split(dataset, spec_of()), Checks(), {})
    assert not {"clusterability", "intrinsic_dimension"} & {f.check for f in profile.findings}
    assert profile.parts["structure"]["clusterability"]["structure"] is True
