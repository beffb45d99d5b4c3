"""The keys of clustering: every form of a number of groups, and what is refused."""

import pytest
from pydantic import ValidationError

from automl.spec.model import Spec
from automl.spec.sections.clustering import Clustering, ClusterRange


def task(**keys):
    return Spec.model_validate({"data": "t.csv", "task": {"type": "clustering", **keys}}).task


def test_defaults_decide_nothing():
    found = task()
    assert isinstance(found, Clustering)
    assert (found.n_clusters, found.noise, found.metric, found.compare_with) == ("auto", "allow", "auto", None)


@pytest.mark.parametrize(
    ("written", "read"), [("auto", "auto"), (3, 3), (4.0, 4), ({"min": 2, "max": 9}, ClusterRange(min=2, max=9)), ({"max": 9}, ClusterRange(min=2, max=9))]
)
def test_forms_of_a_number(written, read):
    assert task(n_clusters=written).n_clusters == read


@pytest.mark.parametrize(
    "written", [1, 0, -2, 2.5, True, "many", None, [], {"min": 3}, {"min": 5, "max": 4}, {"min": 1, "max": 4}, {"max": 3, "step": 1}, 100_000]
)
def test_what_is_refused(written):
    with pytest.raises(ValidationError):
        task(n_clusters=written)


def test_a_column_of_known_groups_is_text_however_it_looks():
    assert task(compare_with=7).compare_with == "7"
