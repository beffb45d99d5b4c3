import subprocess
import sys
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl.families import FAMILIES
from automl.families.base import Needs, Progress, all_classes


def test_a_deadline_is_over_when_it_is_reached_and_none_is_never_over():
    assert Progress(time.monotonic()).expired() and Progress(time.monotonic() - 1).expired()
    assert not Progress(time.monotonic() + 60).expired() and not Progress().expired()


NEEDS = st.builds(Needs, st.booleans(), st.integers(0, 2000), st.integers(0, 2000), st.booleans())


@given(NEEDS, NEEDS)
def test_needs_share_a_name_only_when_they_are_equal(first, second):
    assert (first.key() == second.key()) == (first == second)
    assert "/" not in first.key()


def test_classes_that_a_fit_did_not_see_get_nothing():
    found = all_classes(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([0, 2]), 4)
    assert found.dtype == np.float32 and found.tolist() == [[0.25, 0, 0.75, 0], [1, 0, 0, 0]]
    assert all_classes(np.zeros((0, 2)), np.array([0, 1]), 2).shape == (0, 2)


def test_every_family_is_listed_under_its_own_name_and_task():
    for name in FAMILIES.names("classification"):
        family = FAMILIES.get("classification", name)
        assert family.name == name and "classification" in family.tasks and "cpu" in family.devices and family.summary.endswith(".")
        assert (family.scheme is None) == bool(family.unscheduled)


def test_reading_the_families_loads_no_library():
    code = "import sys; from automl.families import FAMILIES as F; [F.get('classification', n) for n in F.names('classification')]; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"'numpy'", "'torch'", "'sklearn'", "'xgboost'"} & set(loaded.strip("[]\n").split(", "))
