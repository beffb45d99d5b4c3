"""How many trials share a job: as many as the plan has, as fit into the time, and as are left to run."""

import time

import pytest

from automl.families.classifiers import mlp
from automl.plan.batching import MOST_WORK
from automl.search.batches import Batches
from automl.search.budget import Budget
from automl.search.schedule import Schedule

from ..toys import LINEAR, toy_plan
from .workers.test_batch import FORCED, MLP, SPACE

PARAMS = SPACE.default()


@pytest.fixture
def made():
    def make(seconds=None, **changes):
        plan = toy_plan(candidates=(MLP,), batching=(FORCED,), clocked=seconds is not None, n_rows=180, **changes)
        return Batches(plan), Schedule(plan, Budget(time.monotonic(), seconds))

    return make


def test_as_many_as_the_plan_has_and_no_more_than_are_left(made):
    batches, schedule = made()
    assert batches.size("mlp", PARAMS, schedule, 100) == 4 and batches.size("mlp", PARAMS, schedule, 3) == 3 and batches.size("mlp", PARAMS, schedule, 0) == 1


def test_with_little_time_left_fewer_train_side_by_side(made):
    wide = {**PARAMS, "width": 20_000}
    sizes = [made(seconds)[0].size("mlp", wide, made(seconds)[1], 100) for seconds in (600.0, 12.0, 0.5)]
    assert sizes[0] == 4 > sizes[1] > sizes[2] == 1, sizes


def test_what_differs_in_shape_or_is_too_large_for_the_cpu_does_not_share_a_job(made):
    batches, _ = made()
    alike = batches.key("mlp", PARAMS)
    assert alike and alike == batches.key("mlp", {**PARAMS, "optimizer": "sgd", "dropout": 0.4})
    assert batches.key("mlp", {**PARAMS, "layers": 2}) not in ("", alike) and batches.key("linear", {"C": 1.0}) == ""
    batches.of["mlp"] = FORCED.__class__(**{**vars(FORCED), "most_work": MOST_WORK})
    assert batches.key("mlp", PARAMS) == alike and batches.key("mlp", {**PARAMS, "width": 4096, "layers": 4}) == ""


def test_a_batch_that_breaks_makes_the_next_ones_smaller(made):
    batches, schedule = made()
    batches.shrink("mlp")
    assert batches.size("mlp", PARAMS, schedule, 100) == 2
    batches.shrink("mlp")
    assert batches.size("mlp", PARAMS, schedule, 100) == 1 and "mlp" not in batches.of


def test_time_is_kept_for_the_answers_of_all_fits(made):
    batches, _ = made(60.0)
    end = time.monotonic() + 50
    allowed = batches.allowance(end, 4, None, 0.1)
    assert time.monotonic() < allowed.soft <= end - 8 * 0.02 and allowed.hard > end
    assert made()[0].allowance(end, 4, None, 0.0).hard == float("inf")


def test_families_that_train_one_by_one_are_left_alone():
    assert Batches(toy_plan()).of == {} and LINEAR and mlp.FAMILY.together is not None
