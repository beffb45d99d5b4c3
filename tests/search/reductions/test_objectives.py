import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from automl.search.reductions.objectives import kept_neighbours, linear_accuracy, lost_share, map_scores, neighbour_accuracy, reference


def _table(n=120, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return x, (x[:, :2] + 0.5 * rng.normal(size=(n, 2))).astype(np.float32)


def test_the_measures_of_a_map_are_the_librarys():
    x, z = _table()
    found = map_scores(reference(x, 0), z)
    assert found["trustworthiness"] == pytest.approx(trustworthiness(x, z, n_neighbors=15), abs=1e-9)
    assert found["continuity"] == pytest.approx(trustworthiness(z, x, n_neighbors=15), abs=1e-9)
    assert found["distance_rank_correlation"] == pytest.approx(spearmanr(pdist(x), pdist(z)).statistic, abs=1e-3)


def test_the_table_itself_is_the_best_map_and_a_shuffled_one_is_bad():
    x, _ = _table()
    whole = map_scores(reference(x, 0), x)
    assert list(whole.values()) == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
    bad = map_scores(reference(x, 0), np.random.default_rng(1).permutation(x))
    assert bad["trustworthiness"] < 0.65 and abs(bad["distance_rank_correlation"]) < 0.1


def test_many_rows_are_sampled_and_few_are_borne():
    x, z = _table(300)
    sampled = map_scores(reference(x, 0, most=200), z)
    assert sampled["trustworthiness"] == pytest.approx(map_scores(reference(x, 0), z)["trustworthiness"], abs=0.05)
    for n in (1, 2, 3, 5, 10):
        scores = map_scores(reference(x[:n], 0), z[:n])
        assert all(0 <= scores[name] <= 1 for name in ("trustworthiness", "continuity")), n


def test_copies_of_rows_lose_nothing_where_they_stay_together():
    x, _ = _table(20)
    x = np.repeat(x, 5, axis=0)
    assert map_scores(reference(x, 0), x)["trustworthiness"] > 0.995


def test_nothing_is_lost_where_rows_come_back_and_all_where_their_mean_does():
    x, _ = _table()
    centre = x.mean(axis=0)
    assert lost_share(x, x, centre) == 0.0
    assert lost_share(x, np.tile(centre, (len(x), 1)), centre) == pytest.approx(1.0)
    assert lost_share(np.zeros((4, 2)), np.zeros((4, 2)), np.zeros(2)) == 0.0


def test_kept_neighbours_are_a_share():
    x, _ = _table(200)
    assert kept_neighbours(x[:150], x[150:], x[:150], x[150:]) == 1.0
    other = np.random.default_rng(1).normal(size=(200, 2)).astype(np.float32)
    assert kept_neighbours(x[:150], x[150:], other[:150], other[150:]) == pytest.approx(15 / 150, abs=0.06)


def test_probes_are_the_librarys():
    x, _ = _table(300)
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 1)
    model = KNeighborsClassifier(15).fit(x[:200], y[:200])
    assert neighbour_accuracy(x[:200], y[:200], x[200:], y[200:]) == pytest.approx(model.score(x[200:], y[200:]))
    assert linear_accuracy(x[:200], y[:200], x[200:], y[200:]) > 0.7
    assert linear_accuracy(x[:200], y[:200] * 0, x[200:], y[200:]) == pytest.approx((y[200:] == 0).mean())
