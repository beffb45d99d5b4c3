"""Drawn candidates take the kinds in turn, keep to the counts asked for, never repeat, and come to an end."""

from automl.families.base import Context
from automl.families.check import check_models
from automl.search.clusters.drawn import MOST, Drawer
from automl.search.clusters.ladder import Step


def test_draws():
    spaces = check_models("clustering", "all", (), {}, Context("clustering", 300, 2, 1))
    drawer, seen = Drawer(spaces, [(Step("kmeans", {"clusters": 3}), {})], 0, (3, 4), "x"), []
    while (asked := drawer.ask()) is not None:
        step, handle = asked
        seen.append(step)
        scores = {"dbcv": 0.1, "noise": 0.0, "disco": 0.1, "bic": -1.0, "silhouette": 0.2}
        drawer.tell(handle, step, None if len(seen) % 5 == 0 else scores)
    assert 0 < len(seen) <= MOST and len({repr(s) for s in seen}) == len(seen) and len({s.kind for s in seen}) == 4
    assert all(3 <= s.params["clusters"] <= 4 for s in seen if "clusters" in s.params)


def test_one_family_has_one_study():
    spaces = check_models("clustering", ("hdbscan",), (), {}, Context("clustering", 300, 2, 1))
    step, _ = Drawer(spaces, [], 0, (2, 9), "p").ask()
    assert step.family == "hdbscan" and step.data == "p" and set(step.params) == {"least", "neighbours", "branches"}
