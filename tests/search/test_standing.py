"""The best trial, gains beyond noise, the fold models that stay, and the time that is kept to finish."""

import time
from dataclasses import replace

import pytest

from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.standing import Standing
from automl.search.study import Study
from automl.search.trialstore import TrialStore
from automl.vocabulary import State

from ..toys import toy_plan, toy_trial


@pytest.fixture
def standing(tmp_path):
    """Return a function that makes a standing; what it told stands in `told`."""

    def make(**changes):
        plan, files, told = toy_plan(**changes), RunDir(tmp_path / "run"), []
        files.create()
        study = Study(plan.greater_is_better, plan.n_folds)
        made = Standing(plan, Budget(time.monotonic(), 60.0), study, TrialStore(files), lambda s: s.ranked()[:1], lambda s: told.append(s.ranked()[0].number))
        made.told = told
        return made

    return make


def weigh(made, number, score, **changes):
    trial = replace(toy_trial(number, score), **changes)
    made.study.trials.append(trial)
    made.weigh(trial)


def test_only_another_best_is_told(standing):
    made = standing()
    for number, score in ((1, 0.7), (2, 0.6), (3, 0.8)):
        weigh(made, number, score)
    assert made.told == [1, 3] and made.best.number == 3


def test_where_less_is_better_the_least_is_the_best(standing):
    made = standing(greater_is_better=False, metric="log_loss")
    for number, score in ((1, 0.7), (2, 0.6), (3, 0.8)):
        weigh(made, number, score)
    assert made.best.number == 2 and made.since_gain == 1


def test_a_gain_is_more_than_a_tenth_of_the_spread_and_what_was_pruned_brings_none(standing):
    made = standing()
    weigh(made, 1, 0.7, spread=0.1)
    weigh(made, 2, 0.705, spread=0.1)
    weigh(made, 3, None, state=State.PRUNED)
    assert made.since_gain == 2 and made.best.number == 2
    weigh(made, 4, 0.72)
    assert made.since_gain == 0


def test_a_longer_fit_of_the_best_holds_back_more_time(standing):
    made = standing()
    weigh(made, 1, 0.7, fold_seconds=(0.1, 0.1))
    short = made.budget.refit_seconds
    weigh(made, 2, 0.8, fold_seconds=(9.0, 9.0))
    assert made.budget.refit_seconds > short + 5 and min(made.budget.diagnosis_needs) > 5
