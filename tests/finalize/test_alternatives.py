"""What to make next: the best that should keep what is asked, learned from what was packed, within time and tries."""

import pytest

from automl.finalize.alternatives import MOST_TRIED, Learned, Option, following
from automl.metrics import ROC_AUC
from automl.plan.limits import Fair, Limits

BIG, MID, SMALL = (
    Option((1,), "forest", 0.95, 100_000, 5.0), Option((2,), "boost", 0.93, 10_000, 1.0, 0.25), Option((3,), "linear", 0.90, 400, 0.1, 0.25, readable=True),
)  # fmt: skip
OPTIONS = [BIG, MID, SMALL]


def after(limits, done=None, learned=None, options=OPTIONS, gap=lambda o: 0.0, fits=lambda o: True):
    return following(options, done or {}, limits, learned or Learned(), ROC_AUC, gap, fits)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), BIG), (Limits(size_bytes=100_000), BIG), (Limits(size_bytes=99_999), MID), (Limits(size_bytes=2000), SMALL), (Limits(size_bytes=10), SMALL),
        (Limits(latency_ms=2.0), MID), (Limits(latency_ms=0.5), SMALL), (Limits(interpretable="require"), SMALL), (Limits(quality=0.94), BIG),
        (Limits(size_bytes=2000, quality=0.92), SMALL), (Limits(quality=0.99), BIG), (Limits(size_bytes=10, soft=("model_size",)), BIG),
    ],
)  # fmt: skip
def test_the_first_is_the_best_that_should_keep_it_or_the_nearest(limits, expected):
    assert after(limits) == expected


def test_the_next_takes_in_what_was_packed():
    limits, learned = Limits(size_bytes=5000), Learned()
    assert after(limits) == MID, "a quarter of its bytes would do"
    learned.learn(MID, size_bytes=9000, model_bytes=6000, views=1)
    assert after(limits, {(2,): 0.8}, learned) == SMALL
    learned.learn(MID, size_bytes=10_000, model_bytes=5200, views=1)
    assert learned.size(SMALL) == 4800 + 100 and after(limits, {(2,): 1.0}, learned) == SMALL


def test_an_ensemble_has_several_views_of_a_row_and_a_single_trial_one():
    learned = Learned()
    both = Option((1, 2), "ensemble", 0.96, 110_000, 6.0, 0.9)
    learned.learn(both, size_bytes=111_000, model_bytes=100_000, views=2, latency_ms=20.0, features_ms=4.0)
    assert learned.beside_bytes == 5500 and learned.latency(SMALL) == pytest.approx(2.1) and learned.latency(both) == pytest.approx(2.0 + 16.0)


def test_groups_are_looked_at_of_those_that_fit_otherwise():
    seen = []

    def gap(option):
        seen.append(option.trials)
        return {(1,): 0.3, (2,): 0.01, (3,): 0.0}[option.trials]

    assert after(Limits(fair=Fair("b", "equal_opportunity", 0.1)), gap=gap) == MID and seen == [(1,), (2,)], "the best that keeps it, no more looked at"


def test_a_model_that_should_miss_it_too_is_made_only_where_it_should_come_nearer():
    limits = Limits(size_bytes=50)
    assert after(limits, {(1,): 2000.0}) == SMALL
    assert after(limits, {(1,): 2000.0, (3,): 1.1}, options=[BIG, MID, SMALL]) is None, "the next is predicted to be further off"
    assert after(limits, {(7,): 100.0, (8,): 99.0, (9,): 98.0}) is None, "three that missed it are enough"


def test_time_and_tries_end_it_but_something_is_made():
    limits = Limits(size_bytes=2000)
    assert after(limits, fits=lambda o: False) == BIG and after(limits, {(1,): 9.0}, fits=lambda o: False) is None
    assert after(limits, {(n,): 0.0 for n in range(10, 10 + MOST_TRIED)}) is None
    assert after(limits, {o.trials: 1.0 for o in OPTIONS}) is None and after(limits, options=[]) is None
    several = Option((1, 2), "ensemble", 0.97, 200_000, 9.0)
    assert after(Limits(), options=[several, *OPTIONS], fits=lambda o: len(o.trials) == 1) == BIG, "an ensemble only where it fits"
    assert after(Limits(), options=[several, *OPTIONS], fits=lambda o: False) == BIG, "else one model"
