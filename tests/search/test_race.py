"""The race against direct computation: losses of rows, DeLong's error, units, and when a trial is let go on."""

import numpy as np
import pytest

from automl.metrics import METRICS
from automl.plan.searching import RACED
from automl.rundir import RunDir
from automl.search.race import LEAST_UNITS, LOSSES, Race, misplaced, read_rows
from automl.search.store import Store
from automl.search.workers.trial import PREDICTIONS, _append
from automl.testing.contract import FIELDS, sample

from ..toys import toy_plan, toy_trial

RNG = np.random.default_rng(0)


def classes(n, k):
    y = RNG.permutation(np.arange(n) % k)
    p = RNG.dirichlet(np.ones(k), n)
    p[np.arange(n), y] += 0.3
    return y, p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("name", [n for n in LOSSES if n in METRICS.names("classification")])
def test_losses_of_rows_average_to_the_metric(name, k):
    if name == "roc_auc" and k > 2:
        pytest.skip("an area of more than two classes is no mean over rows")
    y, p = classes(200, k)
    metric, loss = METRICS.get("classification", name), LOSSES[name](y, p, 1)
    expected = metric.score(y, p, 1)
    found = loss[y == 1].mean() if name == "roc_auc" else loss.mean()
    if name == "brier_score":  # of two classes the metric may count one of them
        assert found == pytest.approx(expected) or found == pytest.approx(2 * expected)
    else:
        assert found == pytest.approx(1 - expected if metric.greater_is_better else expected)


def test_what_the_plan_offers_is_what_there_is():
    assert set(RACED) == set(LOSSES)


def test_misplaced_rows_against_the_definition():
    y = RNG.integers(0, 2, 60)
    score = RNG.integers(0, 9, 60) / 9  # with ties
    p = np.column_stack([1 - score, score])
    for row in range(60):
        others = score[y != y[row]]
        above = others > score[row] if y[row] == 1 else others < score[row]
        assert misplaced(y, p, 1)[row] == pytest.approx((above + 0.5 * (others == score[row])).mean())
    assert np.allclose(misplaced(1 - y, p[:, ::-1], 0), misplaced(y, p, 1))  # the class of code 0 may be the positive one


def raced(tmp_path, quality, *, metric="log_loss", n=400, n_folds=4, done=2, units=None, pooled=False, n_classes=2, best_folds=None, folds=None, seed=0):
    """Write predictions of the best trial (quality 1) and of a running one; return what the race says, its gap and error."""
    rng = np.random.default_rng(seed)
    files = RunDir(tmp_path)
    files.create()
    table, y = sample(n, n_classes)
    rows = np.arange(n)
    parts = folds if folds is not None else [rows[rows // n_classes % n_folds == k] for k in range(n_folds)]
    store = Store.create(files.store, table, FIELDS, y, rows, [(np.setdiff1d(rows, part), part) for part in parts], units)
    noise = rng.normal(size=(n, n_classes))

    def predictions(strength):
        logits = noise + rng.normal(0, 0.3, size=(n, n_classes))
        logits[rows, y] += strength
        p = np.exp(logits)
        return (p / p.sum(axis=1, keepdims=True)).astype(np.float32)

    greater = metric in ("roc_auc", "accuracy")
    plan = toy_plan(metric=metric, n_folds=len(parts), pooled=pooled, greater_is_better=greater, pruner="race", n_outputs=n_classes)
    total = sum(map(len, parts))
    strong, tested = predictions(1.0), predictions(quality)
    files.trial(3).mkdir()
    for part in parts:
        _append(files.trial(3) / PREDICTIONS, strong[part], total)
    running = files.running_trial(9, 2)
    running.mkdir()
    for part in parts[:done]:
        _append(running / PREDICTIONS, tested[part], total)
    race = Race(plan, files)
    best = toy_trial(3, fold_scores=(0.5,) * (len(parts) if best_folds is None else best_folds))
    trial = toy_trial(9, attempt=2, fold_scores=(0.4,) * done)
    said = race.worse(best, trial)
    used = [np.concatenate(parts[:done])] if pooled else parts[:done]
    loss = LOSSES[metric]
    difference = [loss(y[part], tested[part].astype(float), 1) - loss(y[part], strong[part].astype(float), 1) for part in used]
    return said, race, store, difference, used


@pytest.mark.parametrize(("metric", "n_classes"), [("log_loss", 2), ("log_loss", 3), ("brier_score", 2), ("accuracy", 3), ("roc_auc", 2)])
def test_what_is_clearly_worse_ends_and_what_is_not_goes_on(tmp_path, metric, n_classes):
    said = raced(tmp_path / "bad", -0.5, metric=metric, n_classes=n_classes)[0]
    assert said.startswith("behind trial 3") and "after 2 of 4 folds" in said and " rows" in said
    assert raced(tmp_path / "same", 1.0, metric=metric, n_classes=n_classes)[0] == ""
    assert raced(tmp_path / "better", 2.0, metric=metric, n_classes=n_classes)[0] == ""


def test_the_error_of_a_mean_is_the_usual_one(tmp_path):
    _, race, _, difference, used = raced(tmp_path, 0.8, done=1)
    gap, error = race._gap(difference, used)
    d = difference[0]
    assert gap == pytest.approx(d.mean()) and error == pytest.approx(d.std(ddof=1) / np.sqrt(len(d)))


def test_the_error_of_an_area_is_delongs(tmp_path):
    """Against the variance of DeLong et al. (1988), which counts n - 1 within each class."""
    _, race, store, difference, used = raced(tmp_path, 0.5, metric="roc_auc", done=1)
    gap, error = race._gap(difference, used)
    d, hit = difference[0], store.y[used[0]] == 1
    delong = d[hit].var(ddof=1) / hit.sum() + d[~hit].var(ddof=1) / (~hit).sum()
    assert gap == pytest.approx(d[hit].mean()) == pytest.approx(d[~hit].mean())
    assert error == pytest.approx(np.sqrt(delong), rel=0.01)


def test_rows_of_a_unit_count_as_one(tmp_path):
    """Copies of rows, kept together as units, give the error of the rows they are copies of."""
    _, race, _, difference, used = raced(tmp_path / "a", 0.5, done=1, n=400)
    plain = race._gap(difference, used)[1]
    units = np.arange(400) // 8  # eight rows each; two folds' share of a unit
    _, race, _, difference, used = raced(tmp_path / "b", 0.5, done=1, n=400, units=units)
    sums = np.bincount(np.unique(units[used[0]], return_inverse=True)[1], (difference[0] - difference[0].mean()) / len(used[0]))
    assert race._gap(difference, used)[1] == pytest.approx(np.sqrt((sums**2).sum() * 50 / 49)) and plain > 0


def test_a_row_that_two_folds_score_counts_once(tmp_path):
    """Repeats of the same folds say nothing new: the error stays what it was."""
    rows = np.arange(400)
    halves = [rows[rows % 4 < 2], rows[rows % 4 >= 2]]
    _, race, _, difference, used = raced(tmp_path, 0.5, folds=halves * 3, done=6)
    once = race._gap(difference[:2], used[:2])
    thrice = race._gap([*difference[:2]] * 3, [*used[:2]] * 3)
    assert thrice == pytest.approx(once)


def test_pooled_folds_are_judged_together(tmp_path):
    folds = [np.array([i]) for i in range(100)]
    said = raced(tmp_path / "a", -1.0, metric="roc_auc", n=100, folds=folds, done=60, pooled=True)[0]
    assert "60 rows" in said
    assert raced(tmp_path / "b", -1.0, metric="roc_auc", n=100, folds=folds, done=LEAST_UNITS - 1, pooled=True)[0] == ""


def test_it_says_nothing_without_the_predictions_of_both(tmp_path):
    _, race, _, _, _ = raced(tmp_path, -1.0)
    best, trial = toy_trial(3, fold_scores=(0.5,) * 4), toy_trial(9, attempt=2, fold_scores=(0.4,) * 2)
    assert race.worse(best, trial)
    race._known.clear()
    assert race.worse(toy_trial(3, fold_scores=(0.5,) * 3), trial) == ""  # it did not do all folds
    assert race.worse(best, toy_trial(9, attempt=1, fold_scores=(0.4,) * 2)) == ""  # no such folder
    assert race.worse(best, toy_trial(9, attempt=2, fold_scores=(0.4,) * 3)) == ""  # not all rows are there yet


def test_a_fold_without_a_class_is_left_out(tmp_path):
    _, y = sample(400, 2)
    rows = np.arange(400)
    zeros = rows[y == 0][:60]
    rest = np.setdiff1d(rows, zeros)
    said, race, _, difference, used = raced(tmp_path, -1.0, metric="roc_auc", folds=[zeros, rest[::2], rest[1::2]], done=2)
    assert said and race._gap(difference, used) == race._gap(difference[1:], used[1:])


def test_rows_are_read_while_more_are_written(tmp_path):
    path = tmp_path / "p.npy"
    for k in range(3):
        _append(path, np.full((2, 3), k, dtype=np.float32), 8)
        assert read_rows(path, 2 * (k + 1))[-1].tolist() == [k] * 3 and read_rows(path, 2 * (k + 1) + 1) is None
    assert read_rows(tmp_path / "none.npy", 1) is None
