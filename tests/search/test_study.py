import json
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.search.study import NOT_FAILED, Study, Trial, with_score
from automl.vocabulary import State

from ..toys import toy_trial

SCORES = st.lists(st.floats(-5, 5), min_size=1, max_size=12)


@given(SCORES, st.booleans())
def test_ranked_is_best_first_in_the_metrics_own_direction(scores, greater):
    study = Study(greater, 1, [toy_trial(i, s) for i, s in enumerate(scores)])
    found = [t.score for t in study.ranked()]
    assert found == sorted(scores, reverse=greater)


@pytest.mark.parametrize("greater", [True, False])
def test_ties_go_to_the_earlier_trial(greater):
    study = Study(greater, 1, [toy_trial(n, 0.5) for n in (3, 1, 2)])
    assert [t.number for t in study.ranked()] == [1, 2, 3]


def test_only_complete_trials_are_ranked():
    trials = [toy_trial(i, 0.9, state=state) for i, state in enumerate(State)]
    assert [t.state for t in Study(True, 1, trials).ranked()] == [State.OK]


def test_references_are_compared_with_and_never_shipped():
    plain = toy_trial(7, 0.95, reference=True)
    half = toy_trial(8, None, state=State.TIMEOUT, fold_scores=(0.99,), reference=True)
    own = [toy_trial(1, 0.8, fold_scores=(0.8, 0.8)), toy_trial(2, 0.7, state=State.ERROR)]
    study = Study(True, 2, [plain, half, *own])
    assert study.ranked() == own[:1] == study.usable() and study.own() == own and study.references() == [plain]
    assert study.counts() == Study(True, 2, own).counts()
    assert Study(True, 2, [plain, half]).usable() == []


def test_what_did_not_finish_is_compared_on_the_folds_that_all_did():
    trials = [
        toy_trial(1, None, state=State.ERROR),
        toy_trial(2, 0.9, state=State.TIMEOUT, fold_scores=(0.9,)),
        toy_trial(3, 0.7, state=State.TIMEOUT, fold_scores=(0.7, 0.7)),
        toy_trial(4, 0.8, state=State.KILLED, fold_scores=(0.8, 0.8)),
    ]
    assert [t.number for t in Study(True, 3, trials).usable()] == [2, 4, 3]
    assert [t.number for t in Study(True, 3, [*trials, toy_trial(5, 0.1, fold_scores=(0.1,) * 3)]).usable()] == [2, 4, 3, 5]
    assert [t.number for t in Study(True, 3, [*trials, toy_trial(5, 0.95, fold_scores=(0.95,) * 3)]).usable()] == [5]
    assert [t.number for t in Study(False, 3, [*trials, toy_trial(5, 0.1, fold_scores=(0.1,) * 3)]).usable()] == [5]
    assert Study(True, 3, trials[:1]).usable() == []


def test_pooled_trials_that_did_not_finish_are_usable_without_a_score():
    trials = [toy_trial(2, None, state=State.TIMEOUT, fold_scores=(None,) * 3), toy_trial(1, None, state=State.TIMEOUT, fold_scores=())]
    assert [t.number for t in Study(True, 9, trials, pooled=True).usable()] == [2] and Study(True, 9, trials).usable() == []
    done = toy_trial(3, 0.6, spread=0.1, fold_scores=(None,) * 9)
    assert [t.number for t in Study(True, 9, [*trials, done], pooled=True).usable()] == [3]
    assert with_score(done).score == 0.6 and with_score(done).spread == 0.1


def test_every_state_is_counted_once_or_is_cancelled():
    counts = Study(True, 1, [toy_trial(i, state=state) for i, state in enumerate(State)]).counts()
    assert counts == {"complete": 1, "pruned": 1, "failed": len(State) - len(NOT_FAILED)}
    assert sum(counts.values()) == len(State) - 1


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=10))
def test_score_and_spread_are_mean_and_deviation_of_the_folds(scores):
    found = with_score(toy_trial(score=None, fold_scores=tuple(scores)))
    assert found.score == pytest.approx(statistics.fmean(scores), abs=1e-9)
    assert found.spread == pytest.approx(statistics.stdev(scores), abs=1e-9)


def test_one_fold_has_no_spread_and_no_fold_no_score():
    assert (with_score(toy_trial(score=None, fold_scores=(0.4,))).score, with_score(toy_trial(fold_scores=(0.4,))).spread) == (0.4, None)
    assert with_score(toy_trial(score=None)).score is None


def test_a_trial_is_the_same_after_its_record():
    trial = toy_trial(7, 0.5, fold_scores=(0.4, None), rounds=(3, 5), params={"a.b": 1.5}, state=State.PRUNED, cause="worse", train_scores=(0.9, 0.8))
    assert Trial.from_record(json.loads(json.dumps(trial.record()))) == trial


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_known():
    assert Trial.from_record({**toy_trial(1).record(), "new": 1}) == toy_trial(1)
