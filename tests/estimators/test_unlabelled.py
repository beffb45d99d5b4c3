"""AutoMLClusterer and AutoMLReducer: scikit-learn's own checks, and that what fit says of its rows is what new rows get."""

import importlib.util
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from automl import AutoMLClusterer, AutoMLReducer

X, GROUPS = make_blobs(150, n_features=4, random_state=3)
FINDS_GROUPS = importlib.util.find_spec("automl.search.clusters") is not None
needs_groups = pytest.mark.skipif(not FINDS_GROUPS, reason="the search over clustering methods is not there")


def reducer(**options):
    return AutoMLReducer(**{"time": None, "trials": 2, "families": ["pca"], "in_process": True, **options})


def clusterer(**options):
    return AutoMLClusterer(**{"time": None, "trials": 3, "families": ["kmeans"], "in_process": True, **options})


@pytest.mark.slow
@parametrize_with_checks([reducer(), *([clusterer()] if FINDS_GROUPS else [])])
def test_they_pass_scikit_learns_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


def test_coordinates_of_the_rows_of_fit_and_of_new_ones():
    model = reducer(n_components=2).fit(X)
    assert model.embedding_.shape == (150, 2) and np.allclose(model.transform(X), model.embedding_, atol=5e-3)  # the one is quantized
    assert model.get_feature_names_out().tolist() == ["c1", "c2"] and model.evaluation_["score"] is not None
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.transform(X[:5]), model.transform(X[:5]))
    frame = reducer(n_components=2).set_output(transform="pandas").fit_transform(pd.DataFrame(X, columns=list("abcd")))
    assert list(frame.columns) == ["c1", "c2"] and len(frame) == 150
    assert make_pipeline(StandardScaler(), reducer(n_components=2)).fit_transform(X).shape == (150, 2)


@needs_groups
def test_groups_of_the_rows_of_fit_and_of_new_ones():
    model = clusterer(n_clusters=3).fit(X)
    assert model.n_clusters_ == 3 and model.labels_.shape == (150,) and (model.predict(X) == model.labels_).mean() > 0.99
    assert all(len(np.unique(model.labels_[g == GROUPS])) == 1 for g in range(3))
    assert np.array_equal(clusterer(n_clusters=3).fit_predict(X), model.labels_)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


def test_one_group_is_all_rows():
    model = clusterer(n_clusters=1).fit(X)
    assert model.labels_.tolist() == [0] * 150 and pickle.loads(pickle.dumps(model)).predict(X[:3]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("model", [reducer(), clusterer()])
def test_one_row_is_refused(model):
    with pytest.raises(ValueError, match=r"n_samples = 1|minimum of"):
        model.fit(X[:1])
