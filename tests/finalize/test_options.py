"""What a study could ship: trials as options, and a model that a person can follow first where that is as good."""

from dataclasses import replace

import numpy as np
import pytest

from automl.families.space import Space
from automl.finalize.ensemble import Choice
from automl.finalize.options import preferred_first, single, together
from automl.plan.candidates import CandidateFamily

from ..toys import toy_plan, toy_store, toy_trial

TREE = "automl.families.classifiers.decision_tree:FAMILY"


@pytest.fixture
def plan():
    plan = toy_plan(metric="roc_auc")
    return replace(plan, candidates=(*plan.candidates, CandidateFamily("tree", TREE, Space(), "cpu")))


def test_a_trial_tells_what_its_model_should_cost(plan):
    linear = single(plan, toy_trial(3, 0.8, size_bytes=400, latency_ms=0.2))
    assert (linear.trials, linear.score, linear.size_bytes, linear.latency_ms, linear.narrow, linear.readable) == ((3,), 0.8, 400, 0.2, 0.25, True)
    deep = single(plan, toy_trial(4, 0.8, family="tree", params={"max_depth": 9}, size_bytes=400))
    assert deep.narrow == 0.25 and not deep.readable


def test_an_ensemble_is_as_large_and_slow_as_its_members_together(plan):
    members = (toy_trial(1, 0.8, size_bytes=400, latency_ms=0.2), toy_trial(2, 0.7, family="tree", size_bytes=1200, latency_ms=0.5))
    found = together(plan, Choice(members, (0.6, 0.4), (), {}, (), {"score": 0.82}))
    assert found.trials == (1, 2) and found.score == 0.82 and found.size_bytes == 1600 and found.latency_ms == pytest.approx(0.7)
    assert found.narrow == pytest.approx(0.25) and not found.readable


def options(plan, behind, noise=0.0):
    best = replace(single(plan, toy_trial(1, 0.90, family="tree", params={"max_depth": 9})), readable=False)
    other = single(plan, toy_trial(2, 0.90 - behind))
    return [best, other]


@pytest.mark.parametrize(("behind", "first"), [(0.0, 2), (0.0099, 2), (0.011, 1), (0.2, 1)])
def test_a_hundredth_behind_is_as_good(plan, tmp_path, behind, first):
    found = preferred_first(plan, options(plan, behind), lambda o: (), toy_store(tmp_path / "s"), 1.0)
    assert found[0].trials == (first,) and found[0].preferred == (first == 2) and {o.trials for o in found} == {(1,), (2,)}


def test_within_the_standard_error_of_the_paired_difference_is_as_good(plan, tmp_path):
    """Few rows, answers that have nothing to do with each other: nobody can tell two hundredths apart. Of equal answers everybody can."""
    store = toy_store(tmp_path / "s", 200)
    rng = np.random.default_rng(0)
    y = [store.y[valid] for _, valid in store.folds]

    def answers(spoiled, seed):
        noise = np.random.default_rng(seed)
        return [np.stack([1 - p, p], axis=1) for p in (np.clip(0.5 + 0.15 * (2 * c - 1) + noise.normal(size=len(c)) * spoiled, 0.01, 0.99) for c in y)]

    best, noisy = answers(0.2, 1), answers(0.2, 2)
    same = [b + 1e-9 * rng.normal(size=b.shape) for b in best]
    for outputs, first in (({1: best, 2: noisy}, 2), ({1: best, 2: same}, 1)):
        found = preferred_first(plan, options(plan, 0.02), lambda o, outputs=outputs: outputs[o.trials[0]], store, 5.0)
        assert found[0].trials == (first,)


def test_the_best_that_can_be_followed_needs_no_preference_and_none_changes_nothing(plan, tmp_path):
    both = [single(plan, toy_trial(5, 0.95)), *options(plan, 0.0)]
    assert preferred_first(plan, both, lambda o: (), toy_store(tmp_path / "s"), 1.0)[0].trials == (5,)
    none = options(plan, 0.0)[:1]
    assert preferred_first(plan, none, lambda o: (), toy_store(tmp_path / "t"), 1.0) == none
