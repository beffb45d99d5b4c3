import math
import time
from dataclasses import replace

import pytest

from automl.families.classifiers import logistic_regression
from automl.families.space import Space
from automl.plan.candidates import CandidateFamily
from automl.search.budget import Budget
from automl.search.schedule import Schedule, soft_deadline

from ..toys import toy_plan

CUT = replace(logistic_regression.FAMILY, cost=lambda context, params: params["seconds"])
WHOLE = replace(CUT, interruptible=False)


@pytest.fixture
def schedule():
    def make(seconds=60.0, n_folds=2, clocked=True):
        families = tuple(CandidateFamily(name, f"{__name__}:{name.upper()}", Space(), "cpu") for name in ("cut", "whole"))
        return Schedule(toy_plan(candidates=families, n_folds=n_folds, clocked=clocked), Budget(time.monotonic(), seconds if clocked else None))

    return make


def fits(made, family, seconds, first=False, none_yet=False):
    return made.fits(family, {"seconds": seconds}, first=first, none_yet=none_yet)


def test_a_trial_starts_only_when_all_its_folds_should_end_in_time(schedule):
    made = schedule()
    left = made.left()
    assert fits(made, "cut", 0.45 * left) and not fits(made, "cut", 0.55 * left)


def test_the_first_of_a_family_may_be_cut_to_a_third_of_its_length(schedule):
    made = schedule()
    left = made.left()
    assert fits(made, "cut", 0.55 * left, first=True) and not fits(made, "cut", 0.7 * left, first=True)


def test_as_long_as_there_is_no_model_anything_that_can_be_cut_may_start(schedule):
    made = schedule()
    assert fits(made, "cut", 1e6, none_yet=True) and not fits(made, "whole", 1e6, none_yet=True)


def test_what_cannot_be_cut_starts_only_where_it_surely_fits(schedule):
    made = schedule()
    left = made.left()
    assert fits(made, "whole", 0.01 * left) and not fits(made, "whole", 0.06 * left)


def test_nothing_starts_when_the_time_is_over(schedule):
    assert not fits(schedule(seconds=0.5), "cut", 1e-3, none_yet=True)


def test_without_a_limit_everything_fits_and_nothing_has_an_end(schedule):
    made = schedule(clocked=False)
    assert fits(made, "cut", 1e9) and fits(made, "whole", 1e9) and made.next_fits("cut", {"seconds": 1e9})
    allowed = made.allowance(made.end_of_trial(first=True, others_wait=True), 5, made.unit("cut", {"seconds": 1e9}))
    assert (allowed.soft, allowed.hard) == (math.inf, math.inf)


def test_a_first_trial_leaves_time_for_the_families_that_wait(schedule):
    made = schedule()
    now = time.monotonic()
    share = (made.end_of_trial(first=True, others_wait=True) - now) / (made.end_of_trial(first=True, others_wait=False) - now)
    assert share == pytest.approx(0.4, abs=0.01)


def test_folds_share_what_is_left_and_a_hang_is_ended_before_the_end(schedule):
    made = schedule(n_folds=5)
    end = made.end_of_trial(first=False, others_wait=False)
    first, last = (made.allowance(end, folds, made.unit("cut", {"seconds": 0.01})) for folds in (5, 1))
    now = time.monotonic()
    assert (first.soft - now) == pytest.approx((end - now) / 5, rel=0.01) and last.soft == pytest.approx(end, abs=0.1)
    assert first.soft < first.hard < made.budget.search_end and last.hard <= made.budget.search_end


def test_a_fold_is_not_started_that_would_hardly_begin(schedule):
    made = schedule()
    left = made.left()
    assert made.next_fits("cut", {"seconds": 2 * left}) and not made.next_fits("cut", {"seconds": 4 * left})
    assert not made.next_fits("whole", {"seconds": 0.5 * left})


def test_a_fit_ends_by_itself_before_it_is_killed():
    kill = time.monotonic() + 10
    assert 0.3 <= kill - soft_deadline(kill) <= 3.0
