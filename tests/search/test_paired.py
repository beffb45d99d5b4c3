"""Models on the same rows: what they share cancels out, units stay whole, and time ends it."""

import numpy as np
import pytest

from automl.metrics import METRICS
from automl.search.paired import LEAST_REPLICATES, REPLICATES, paired

LOSS = METRICS.get("classification", "log_loss")


def _loss(y, output):
    return LOSS.score(y, output, 1)


def _case(seed=0, n=400, better=0.0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    margin = (2 * y - 1) * 1.0 + rng.normal(0, 2, n)
    noise = rng.normal(0, 0.3, (2, n))
    p, q = (1 / (1 + np.exp(-m)) for m in (margin + noise[0] + better * (2 * y - 1), margin + noise[1]))
    return y, [np.stack([1 - v, v], axis=1) for v in (p, q)]


def _parts(y, outputs, n_parts, units=None):
    split = np.array_split(np.arange(len(y)), n_parts)
    units = np.arange(len(y)) if units is None else units
    return [y[s] for s in split], [units[s] for s in split], [[o[s] for s in split] for o in outputs]


def test_a_score_is_the_mean_over_parts_and_the_point_is_without_resampling():
    y, outputs = _case()
    codes, units, answers = _parts(y, outputs, 3)
    found = paired(_loss, codes, units, answers, 0)
    assert found.points[0] == pytest.approx(np.mean([_loss(a, b) for a, b in zip(codes, answers[0], strict=True)]))
    assert found.draws.shape == (REPLICATES, 2)


def test_a_clear_difference_is_told_from_none():
    for better, clear in ((0.5, True), (0.0, False)):
        y, outputs = _case(better=better)
        difference, low, high = paired(_loss, *_parts(y, outputs, 2), 0).difference(0, 1)
        assert low <= difference <= high and (high < 0) == clear


def test_what_the_rows_have_in_common_cancels_out():
    """The interval of the difference is far narrower than that of either score."""
    y, outputs = _case()
    found = paired(_loss, *_parts(y, outputs, 2), 0)
    assert np.std(found.draws[:, 0] - found.draws[:, 1]) < 0.5 * np.std(found.draws[:, 0])


def test_rows_of_a_unit_are_drawn_together_across_parts():
    """Each row stands in both parts, as in repeated folds: drawn apart, they would say more than they do."""
    y, outputs = _case(n=60)
    twice = np.tile(np.arange(60), 2)
    codes, outs = y[twice], [o[twice] for o in outputs]
    together = paired(_loss, *_parts(codes, outs, 2, twice), 0)
    apart = paired(_loss, *_parts(codes, outs, 2, np.arange(120)), 0)
    alone = paired(_loss, *_parts(y, outputs, 1), 0)
    assert np.std(together.draws[:, 0]) == pytest.approx(np.std(alone.draws[:, 0]), rel=0.05)
    assert np.std(apart.draws[:, 0]) < 0.85 * np.std(together.draws[:, 0])


def test_a_part_without_a_class_is_left_out_for_all():
    auc = METRICS.get("classification", "roc_auc")
    y, outputs = _case(n=60)
    y[:30] = 0
    found = paired(lambda a, b: auc.score(a, b, 1), *_parts(y, outputs, 2), 0)
    assert found.points[0] == pytest.approx(auc.score(y[30:], outputs[0][30:], 1)) and np.isfinite(found.draws).all()


def test_too_little_time_gives_nothing_and_some_time_the_least(monkeypatch):
    ticks = iter(range(10_000))
    monkeypatch.setattr("automl.search.paired.time.monotonic", lambda: float(next(ticks)))  # every look at the clock takes a second
    y, outputs = _case(n=20)
    assert paired(_loss, *_parts(y, outputs, 1), 0, seconds=LEAST_REPLICATES) is None
    found = paired(_loss, *_parts(y, outputs, 1), 0, seconds=LEAST_REPLICATES + 10.0)
    assert LEAST_REPLICATES < len(found.draws) < REPLICATES


def test_the_same_seed_gives_the_same_intervals():
    y, outputs = _case()
    assert paired(_loss, *_parts(y, outputs, 2), 5).difference(0, 1) == paired(_loss, *_parts(y, outputs, 2), 5).difference(0, 1)
