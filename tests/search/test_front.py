"""The Pareto front, by hand and against the definition."""

import itertools
import random

from automl.search.front import directions, front, values
from automl.search.study import Study
from automl.vocabulary import State

from ..toys import toy_trial

ALL = ("score", "latency", "size")


def trial(number, score, latency, size, **changes):
    return toy_trial(number, score, latency_ms=latency, size_bytes=size, **changes)


def test_a_single_objective_has_no_front():
    assert front([trial(1, 0.9, 1.0, 10)], ("score",), True) == []


def test_beaten_trials_are_off_and_equal_ones_stay():
    trials = [trial(1, 0.8, 1.0, 10), trial(2, 0.9, 2.0, 20), trial(3, 0.85, 2.0, 20), trial(4, 0.9, 2.0, 20), trial(5, 0.7, 1.0, 10)]
    assert front(trials, ALL, True) == [2, 4, 1]
    assert front(trials, ALL, False) == [5]


def test_only_complete_measured_trials_of_the_search_count():
    trials = [
        trial(1, 0.5, 1.0, 10), trial(2, 0.99, 0.1, 1, state=State.PRUNED), trial(3, 0.99, None, 1), trial(0, 0.99, 0.1, 1, reference=True),
    ]  # fmt: skip
    assert front(trials, ALL, True) == [1] and values(trials[2], ALL) is None
    assert values(trials[2], ("size", "score")) == (1.0, 0.99)


def test_it_is_the_set_that_nothing_dominates():
    chance = random.Random(0)
    trials = [trial(n, chance.randint(0, 9) / 10, chance.randint(1, 6) / 2, chance.randint(1, 6)) for n in range(120)]

    def dominates(a, b):
        better = (a.score >= b.score, a.latency_ms <= b.latency_ms, a.size_bytes <= b.size_bytes)
        return all(better) and (a.score, a.latency_ms, a.size_bytes) != (b.score, b.latency_ms, b.size_bytes)

    expected = set(range(120)) - {b.number for a, b in itertools.permutations(trials, 2) if dominates(a, b)}
    found = front(trials, ALL, True)
    assert set(found) == expected and len(found) == len(expected)
    scores = [trials[n].score for n in found]
    assert scores == sorted(scores, reverse=True)


def test_the_winner_is_the_first_of_the_front():
    trials = [trial(1, 0.9, 2.0, 20), trial(2, 0.9, 1.0, 30), trial(3, 0.9, 1.0, 20), trial(4, 0.8, 0.5, 1)]
    for objectives in (ALL, ("score", "latency"), ("score", "size")):
        study = Study(True, 2, trials, objectives=objectives)
        assert study.ranked()[0].number == front(trials, objectives, True)[0]
    assert Study(True, 2, trials).ranked()[0].number == 1
    assert Study(True, 2, [*trials, trial(5, 0.9, None, 1)], objectives=("score", "latency")).ranked()[-2].number == 5


def test_directions():
    assert directions(ALL, True) == ["maximize", "minimize", "minimize"] and directions(("size", "score"), False) == ["minimize", "minimize"]
