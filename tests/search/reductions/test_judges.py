import numpy as np
import pytest

from automl.search.fits import Fit, Fitted, Inline, run_fit
from automl.search.reductions.judges import CompressJudge, FeatureJudge, MapJudge, folds_of, put_folds
from automl.search.reductions.objectives import reference
from automl.testing.reducers import TASK, sample
from automl.vocabulary import State


@pytest.mark.parametrize(("n", "count"), [(60, 5), (900, 3), (30_000, 1)])
def test_no_row_is_learned_from_and_scored(n, count):
    folds = folds_of(n, None, 0)
    assert len(folds) == count
    assert all(not np.intersect1d(f.learn, f.held).size for f in folds)
    if count > 1:
        assert np.sort(np.concatenate([f.held for f in folds])).tolist() == list(range(n))


def test_classes_are_spread_evenly():
    y = np.repeat([0, 1, 2], [100, 50, 10])
    for fold in folds_of(160, y, 0):
        assert np.bincount(y[fold.held]).tolist() == [20, 10, 2]


def _done(judge, family, x, y, folds, **params):
    rows = {f.name: f.learn for f in folds}
    return [run_fit(TASK, fit, x[rows[fit.data]], None if y is None else y[rows[fit.data]]) for fit in judge.fits(family, params, 0)]


def test_compression_is_judged_on_rows_held_out():
    x, _ = sample(90)
    folds = folds_of(90, None, 0)
    judge = CompressJudge(x, None, folds, 0)
    found = judge.score(_done(judge, "pca", x, None, folds, components=2, evening=0.0))
    expected = []
    for f in folds:
        mean = x[f.learn].mean(axis=0)
        ways = np.linalg.svd(x[f.learn] - mean, full_matrices=False)[2][:2]
        held = x[f.held] - mean
        expected.append(np.square(held - held @ ways.T @ ways).sum() / np.square(held).sum())
    assert found["reconstruction_error"] == pytest.approx(np.mean(expected), abs=1e-5) and found["score"] == -found["reconstruction_error"]
    with pytest.raises(ValueError, match="no way back"):
        judge.score(_done(judge, "isomap", x, None, folds, components=2, neighbours=5))


def test_features_are_judged_by_probes_with_a_label_and_by_neighbours_without():
    x, y = sample(90)
    folds = folds_of(90, y, 0)
    with_label, without = FeatureJudge(x, y, folds, 0), FeatureJudge(x, None, folds, 0)
    assert with_label.score(_done(with_label, "lda", x, y, folds, components=3, shrinkage="ledoit_wolf"))["neighbour_accuracy"] > 0.8
    assert set(without.score(_done(without, "pca", x, None, folds, components=3, evening=0.0))) == {"score", "neighbours_kept"}


def test_global_maps_weigh_far_distances_more():
    x, _ = sample(90)
    found = reference(x, 0)
    fit = Fitted(Fit("pca", {}), State.OK, 0.0, x[:, :2])
    near, far = (MapJudge(found, preserve, 90).score([fit]) for preserve in ("local", "global"))
    assert near["score"] == pytest.approx(np.mean([near[k] for k in ("trustworthiness", "continuity", "distance_rank_correlation")]))
    assert far["score"] == pytest.approx((near["trustworthiness"] + near["continuity"]) / 6 + 2 / 3 * near["distance_rank_correlation"])


def test_an_answer_that_is_no_number_is_refused():
    x, _ = sample(30)
    judge = MapJudge(reference(x, 0), "local", 30)
    for output in (None, np.zeros(30), np.zeros((29, 2)), np.full((30, 2), np.nan)):
        with pytest.raises(ValueError):
            judge.score([Fitted(Fit("pca", {}), State.OK, 0.0, output)])


def test_the_pool_knows_the_learning_rows():
    x, y = sample(90)
    pool = Inline(TASK)
    folds = folds_of(90, y, 0)
    put_folds(pool, x, y, folds)
    pool.submit(Fit("lda", {"components": 1, "shrinkage": "ledoit_wolf"}, 0, folds[1].name))
    assert len(pool.results(0)[0].output) == len(folds[1].learn)
