"""The ladder has every number of clusters, fits the spaces of its families, and looks among components of wide tables."""

import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.search.clusters.ladder import KIND, Step, ladder, most_clusters


@pytest.mark.parametrize("columns", [2, 30])
def test_steps_are_whole(columns):
    steps = ladder(400, columns, 2, 20)
    assert {s.params["clusters"] for s in steps if s.family == "kmeans"} == set(range(2, 21))
    assert {s.data for s in steps} == ({"x", "p"} if columns > 8 else {"x"})
    for step in steps:
        space = FAMILIES.get("clustering", step.family).space(Context("clustering", 400, columns, 1))
        full = {**space.default(), **step.params}
        assert space.fitted(full) == full and step.kind in ("compact", "elliptical", "dense", "connected")
    assert len({repr(s) for s in steps}) == len(steps)


def test_every_family_has_a_kind_and_single_linkage_follows_density():
    assert set(KIND) == set(FAMILIES.names("clustering"))
    assert Step("agglomerative", {"linkage": "single"}).kind == "dense" and Step("agglomerative", {"linkage": "ward"}).kind == "compact"


def test_one_number_is_kept_to():
    assert {s.params["clusters"] for s in ladder(400, 2, 15, 15) if "clusters" in s.params} == {15}
    assert [most_clusters(n) for n in (3, 4, 100, 10_000)] == [2, 2, 10, 20]
