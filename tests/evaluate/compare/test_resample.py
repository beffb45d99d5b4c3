"""The paired bootstrap: how often it is wrong, how often it sees what it says it sees, and what it does with many rows."""

import numpy as np
import pytest
from scipy.stats import norm, t, ttest_rel

from automl.evaluate.compare.resample import CELLS, Difference, _thinned, difference, holm
from automl.metrics import METRICS


def measured(metric: str, y, outputs, unit=None) -> Difference:
    chosen = METRICS.get("classification", metric)
    return difference(lambda codes, output: chosen.score(codes, output, 1), chosen.greater_is_better, y, outputs, unit)


def drawn(rng, n: int, gap: float = 0.0):
    """Two models of equal noise, the second noisier by `gap`, on rows of shared difficulty."""
    hard = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - 2 * hard))).astype(np.int64)
    outputs = []
    for noise in (1.0, 1.0 + gap):
        yes = 1 / (1 + np.exp(1 - 2 * hard - noise * rng.normal(size=n)))
        outputs.append(np.stack([1 - yes, yes], axis=1))
    return y, outputs


def test_it_is_the_t_interval_of_row_losses():
    """For a mean over rows the expanded percentile interval is close to Student's, also with few rows."""
    y, outputs = drawn(np.random.default_rng(0), 25)
    found = measured("log_loss", y, outputs)
    losses = [-np.log(o[np.arange(25), y]) for o in outputs]
    gains = losses[0] - losses[1]
    half = t.ppf(0.975, 24) * gains.std(ddof=1) / 5
    assert found.gain == pytest.approx(gains.mean())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)
    assert found.p == pytest.approx(ttest_rel(*losses).pvalue, abs=0.1)


def test_p_and_interval_agree():
    rng = np.random.default_rng(1)
    for gap in np.linspace(0, 3, 15):
        found = measured("roc_auc", *drawn(rng, 80, gap))
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0) or abs(found.p - 0.05) < 0.01


def test_the_same_twice():
    y, outputs = drawn(np.random.default_rng(0), 60)
    assert measured("roc_auc", y, outputs) == measured("roc_auc", y, outputs)


def test_models_that_decide_alike_have_no_difference_in_decisions():
    y, (one, _) = drawn(np.random.default_rng(0), 60)
    found = measured("accuracy", y, [one, one**2 / (one**2).sum(axis=1, keepdims=True)])
    assert (found.gain, found.low, found.high, found.p, found.smallest) == (0, 0, 0, 1, 0)


def test_thinned_rows_give_the_interval_of_all():
    rng = np.random.default_rng(2)
    y, outputs = drawn(rng, 2 * CELLS, 0.1)
    found = measured("log_loss", y, outputs)
    gains = np.log(outputs[1][np.arange(len(y)), y]) - np.log(outputs[0][np.arange(len(y)), y])
    assert found.n_rows == pytest.approx(CELLS // 2, abs=2) and found.gain == pytest.approx(gains.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * gains.std() / len(y) ** 0.5, rel=0.2)


def test_groups_are_thinned_whole_and_rows_by_class():
    y = np.repeat([0, 1], [9000, 1000])
    unit = np.arange(10_000) // 50
    rows = _thinned(y, unit, 2000)
    assert len(rows) == 2000 and set(np.bincount(unit[rows])) <= {0, 50}
    assert np.bincount(y[_thinned(y, None, 2000)]).tolist() == [1800, 200]
    assert np.array_equal(_thinned(y, None, 10_000), np.arange(10_000))


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0] and holm([]) == []
    assert holm([0.02, float("nan")])[0] == 0.02 and np.isnan(holm([0.02, float("nan")])[1])


@pytest.mark.slow
def test_differences_are_seen_as_often_as_stated():
    """The share of samples in which a true difference is seen is the one that the smallest difference seen implies."""
    rng = np.random.default_rng(4)
    gap = 0.55
    found = [measured("log_loss", *drawn(rng, 200, gap)) for _ in range(40)]
    y, outputs = drawn(np.random.default_rng(5), 500_000, gap)
    truth = METRICS.get("classification", "log_loss").score(y, outputs[1], 1) - METRICS.get("classification", "log_loss").score(y, outputs[0], 1)
    stated = np.median([f.smallest for f in found])
    seen = np.mean([f.high < 0 for f in found])
    expected = norm.cdf(truth / stated * 2.8 - 1.96)
    assert seen == pytest.approx(expected, abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "n", "size"), [("roc_auc", 113, 1), ("log_loss", 113, 1), ("accuracy", 113, 1), ("log_loss", 300, 10), ("roc_auc", 300, 10)]
)
def test_false_alarms_are_near_five_percent(metric, n, size):
    """200 pairs of equal models: 5 % of false alarms, within what 200 draws of that share give (3 standard deviations)."""
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(200):
        y, outputs = drawn(rng, n // size)
        unit = np.repeat(np.arange(n // size), size) if size > 1 else None
        rows = np.repeat(np.arange(n // size), size)
        found = measured(metric, y[rows], [o[rows] for o in outputs], unit)
        alarms += found.low > 0 or found.high < 0
    assert 200 * 0.005 <= alarms <= 200 * 0.096
