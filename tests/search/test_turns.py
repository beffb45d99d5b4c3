"""Which family has the next turn: the one whose next gain should cost least, from trials told and from nothing else."""

import pytest

from automl.families.space import Float, Space
from automl.plan.plan import CandidateFamily
from automl.search.turns import TRIAL_SECONDS, Course, Turns
from automl.vocabulary import State

from ..toys import LINEAR, toy_plan, toy_trial

SPACE = Space({"C": Float(1e-3, 1e3, 1.0, log=True)})


def turns(names="ab", **changes):
    return Turns(toy_plan(candidates=tuple(CandidateFamily(name, LINEAR, SPACE, "cpu") for name in names), **changes))


def told(made, *trials):
    for number, (family, score, seconds) in enumerate(trials, 1):
        state = State.OK if score is not None else State.PRUNED
        made.tell(toy_trial(number, score, family=family, state=state, fold_scores=(score, score), fold_seconds=(seconds / 2, seconds / 2)))
    return made


def test_of_two_alike_the_quick_one_comes_ten_times_as_often():
    quick, slow = told(turns(), ("a", 0.8, 1.0 - TRIAL_SECONDS), ("b", 0.8, 10.0 - TRIAL_SECONDS)).weights(["a", "b"])
    assert quick / slow == pytest.approx(10.0)


@pytest.mark.parametrize("greater", [True, False])
def test_of_two_as_quick_the_better_one_comes_more_often(greater):
    better, worse = (0.9, 0.6) if greater else (0.1, 0.4)
    first, second = told(turns(greater_is_better=greater), ("a", worse, 1.0), ("b", better, 1.0)).weights(["a", "b"])
    assert 0 < first < second


def test_a_family_that_gains_no_more_comes_less_often():
    made = told(turns(), ("a", 0.8, 1.0), ("b", 0.8, 1.0))
    before = made.weights(["a", "b"])
    after = told(made, ("a", 0.7, 1.0), ("a", None, 1.0), ("a", 0.75, 1.0)).weights(["a", "b"])
    assert before[0] == before[1] and after[0] < before[0] and after[1] == before[1]


def test_the_cost_of_a_gain_by_hand():
    """Errors 0.5, 0.4 after 2 s and 5 s, then 4 s without a gain: 4 s; the gap of 0.1 to the leader at 0.1 in 3 s, twice: 6 s."""
    course = Course()
    for error, seconds in ((0.5, 2.0), (0.4, 3.0), (0.45, 2.0), (None, 2.0)):
        course.add(error, seconds)
    assert course.steps == [(2.0, 0.5), (5.0, 0.4)] and course.seconds == 9.0
    assert course.cost(0.4) == pytest.approx(4.0) and course.cost(0.3) == pytest.approx(6.0)


def test_a_family_without_a_score_has_next_to_nothing_and_never_nothing():
    made = told(turns("abc"), ("a", 0.8, 1.0), ("b", None, 1.0))
    a, b, c = made.weights(["a", "b", "c"])
    assert 0 < b == c < a / 50
    assert turns().weights(["a", "b"]) == [1.0, 1.0]


def test_without_a_clock_nothing_measured_counts():
    fast, slow = (told(turns(clocked=False), ("a", 0.8, s), ("b", 0.7, s), ("a", 0.85, s)).weights(["a", "b"]) for s in (0.01, 9.0))
    assert fast == slow
    fast, slow = (told(turns(), ("a", 0.8, s), ("b", 0.7, 1.0), ("a", 0.85, s)).weights(["a", "b"]) for s in (0.01, 9.0))
    assert fast != slow
