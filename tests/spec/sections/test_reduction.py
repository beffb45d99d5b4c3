"""The keys of dimensionality reduction: every form of a number of columns, and what is refused."""

import pytest
from pydantic import ValidationError

from automl.spec.model import Spec


def task(**keys):
    return Spec.model_validate({"data": "t.csv", "task": {"type": "dimensionality_reduction", **keys}}).task


def test_defaults_make_a_map():
    found = task()
    assert (found.purpose, found.n_components, found.preserve, found.target, found.color_by) == ("visualize", "auto", "local", None, None)


@pytest.mark.parametrize(("written", "read"), [("auto", "auto"), (3, 3), ("95%", 0.95), (0.9, 0.9), ("99.5 %", 0.995)])
def test_forms_of_a_number(written, read):
    assert task(n_components=written).n_components == pytest.approx(read) if read != "auto" else task(n_components=written).n_components == "auto"


@pytest.mark.parametrize("written", [0, -1, 2.5, True, "many", None, "0%", "100%", "150%", 100_000])
def test_what_is_refused(written):
    with pytest.raises(ValidationError):
        task(n_components=written)


def test_a_whole_number_stays_one():
    assert isinstance(task(n_components=2).n_components, int)
