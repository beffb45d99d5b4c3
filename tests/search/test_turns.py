"""Which family has the next turn: the better and the quicker one more often, from trials told and from nothing else."""

import pytest

from automl.families.space import Float, Space
from automl.plan.plan import CandidateFamily
from automl.search.turns import FALL, POWER, TRIAL_SECONDS, Turns
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


def test_one_that_takes_four_times_as_long_comes_half_as_often():
    made = told(turns(), ("a", 0.8, 1.0 - TRIAL_SECONDS), ("b", 0.7, 3.0 - TRIAL_SECONDS), ("b", 0.7, 5.0 - TRIAL_SECONDS))
    quick, slow = made.weights(["a", "b"])
    assert slow / quick == pytest.approx(FALL * 4.0**-POWER)


@pytest.mark.parametrize(("greater", "order"), [(True, "cab"), (False, "bac")])
def test_of_those_as_quick_the_better_one_comes_more_often(greater, order):
    made = told(turns("abc", greater_is_better=greater), ("a", 0.5, 1.0), ("b", 0.1, 1.0), ("c", 0.9, 1.0))
    found = dict(zip("abc", made.weights(["a", "b", "c"]), strict=True))
    assert "".join(sorted(found, key=lambda f: -found[f])) == order and found[order[1]] / found[order[0]] == pytest.approx(FALL)


def test_a_worse_trial_of_a_family_takes_nothing_from_its_rank():
    made = told(turns(), ("a", 0.8, 1.0), ("b", 0.7, 1.0))
    before = made.weights(["a", "b"])
    assert told(made, ("a", 0.6, 1.0)).weights(["a", "b"]) == before


def test_one_that_was_ended_early_counts_for_its_seconds_alone():
    made = told(turns(), ("a", 0.8, 2.0), ("b", 0.8, 2.0), ("a", None, 1.0))
    a, b = made.weights(["a", "b"])
    assert made.best["a"] == made.best["b"] and a > b


def test_a_family_without_a_score_ranks_last_and_never_has_nothing():
    made = told(turns("abc"), ("b", None, 1.0), ("c", 0.2, 1.0))
    a, b, c = made.weights(["a", "b", "c"])
    assert 0 < b < c and 0 < a < c
    assert made.weights(["b"]) == [pytest.approx((1.0 + TRIAL_SECONDS) ** -POWER)]


def test_without_a_clock_nothing_measured_counts():
    played = [("a", 0.8), ("b", 0.7), ("a", 0.85)]
    fast, slow = (told(turns(clocked=False), *((f, score, s) for f, score in played)).weights(["a", "b"]) for s in (0.01, 9.0))
    assert fast == slow
    fast, slow = (told(turns(), *((f, score, s if f == "a" else 1.0) for f, score in played)).weights(["a", "b"]) for s in (0.01, 9.0))
    assert fast[0] > slow[0]
