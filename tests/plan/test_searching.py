"""The section `search` resolved: each value with its reason, and what cannot work here falls to `none`."""

import pytest

from automl.errors import MissingPackageError, SpecError
from automl.families.base import Context
from automl.plan.searching import resolve_search
from tests.builders import spec_of


def resolved(search=None, **facts):
    made = []

    def decide(key, value, because):
        made.append((key, value, because))
        return value

    facts = {"metric": "log_loss", "n_outputs": 2, "n_folds": 5, "pooled": False, "clocked": True, **facts}
    context = Context("classification", 500, 5, facts.pop("n_outputs"))
    found = resolve_search(spec_of(search=search or {}), {}, context, decide, **facts)
    assert all(because for _, _, because in made)
    return found, {key: f"{value}: {because}" for key, value, because in made}


def test_left_out_it_is_tpe_and_the_race():
    found, why = resolved()
    assert (found.sampler, found.pruner, found.objectives, found.start_points) == ("tpe", "race", ("score",), ())
    assert "same rows" in why["search.pruner"] and set(why) == {"search.sampler", "search.pruner", "search.portfolio"}


@pytest.mark.parametrize(("asked", "facts", "pruner", "words"), [
    ("auto", {"n_folds": 1}, "none", "one fold"),
    ("auto", {"metric": "f1"}, "none", "row by row"),
    ("race", {"metric": "f1_macro", "n_outputs": 3}, "none", "race was asked for, but f1_macro"),
    ("auto", {"metric": "roc_auc"}, "race", "5 folds"),
    ("auto", {"metric": "roc_auc", "n_outputs": 3}, "none", "roc_auc of 3 classes"),
    ("auto", {"pooled": True}, "race", "5 folds"),
    ("none", {}, "none", "asked for"),
    ("median", {"metric": "f1"}, "median", "asked for"),
    ("median", {"pooled": True}, "none", "no score of their own"),
    ("wilcoxon", {"n_folds": 4}, "none", "before the last of 4 folds"),
    ("wilcoxon", {}, "wilcoxon", "asked for"),
])  # fmt: skip
def test_the_pruner(asked, facts, pruner, words):
    found, why = resolved({"pruner": asked}, **facts)
    assert found.pruner == pruner and words in why["search.pruner"]


@pytest.mark.parametrize("pruner", ["auto", "race", "median"])
def test_with_several_objectives_nothing_is_pruned(pruner):
    found, why = resolved({"objectives": ["score", "size"], "pruner": pruner})
    assert found.pruner == "none" and "smaller" in why["search.pruner"] and "best score ships" in why["search.objectives"]


def test_latency_without_a_time_limit_is_not_repeatable():
    assert "not repeatable" in resolved({"objectives": ["score", "latency"]}, clocked=False)[1]["search.objectives"]
    assert "not repeatable" not in resolved({"objectives": ["score", "latency"]})[1]["search.objectives"]
    assert "not repeatable" not in resolved({"objectives": ["score", "size"]}, clocked=False)[1]["search.objectives"]


def test_a_sampler_that_lacks_its_package(monkeypatch):
    monkeypatch.setattr("automl.plan.searching.find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="gp needs torch"):
        resolved({"sampler": "gp"})
    assert resolved({"sampler": "qmc"})[0].sampler == "qmc"


def test_an_earlier_run_that_is_not_there():
    with pytest.raises(SpecError, match="no folder"):
        resolved({"start_from": "nowhere"})
