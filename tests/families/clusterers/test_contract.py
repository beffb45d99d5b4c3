"""Every family of clusters: it finds clear groups, its form places rows as the fit did, and small or dull tables do no harm."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.families.cluster_forms import labels_of
from automl.inference.forms import Model
from automl.inference.projection import projected
from automl.inference.storage import from_bytes, to_bytes

NAMES = FAMILIES.names("clustering")
EXTRA = {"dbscan": {"dense": 0.95}, "hdbscan": {"least": 0.1}, "mean_shift": {"window": 0.3}}


def blobs(n_rows=240, seed=0, d=3):
    rng = np.random.default_rng(seed)
    truth = np.arange(n_rows) % 3
    return (6 * np.eye(d)[truth] + rng.normal(0, 0.5, (n_rows, d))).astype(np.float32), truth


def fit(name, x, seed=0, **params):
    family = FAMILIES.get("clustering", name)
    context = Context("clustering", len(x), x.shape[1], 1, seed=seed)
    space = family.space(context)
    wanted = {**({"clusters": 3} if "clusters" in space else {}), **EXTRA.get(name, {}), **params}
    estimator = family.fit(family.build({**space.default(), **wanted}, context), FitData(x, np.zeros(len(x), np.int64)), Progress())
    return family, estimator, family.fitted(estimator), family.export(estimator, context)


def same(a, b):
    """Return whether two labellings without noise are one but for the numbers."""
    return len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(set(a.tolist())) == len(set(b.tolist()))


@pytest.mark.parametrize("name", NAMES)
def test_clear_groups_are_found_and_new_rows_placed(name):
    x, truth = blobs()
    _, _, labels, form = fit(name, x)
    assert labels.shape == (240,) and labels.dtype == np.int64
    assert same(labels[labels >= 0], truth[labels >= 0]) and (labels < 0).mean() < 0.1
    new, true = blobs(90, seed=1)
    strength = Model(form).predict(new)
    placed = labels_of(strength)
    assert strength.shape == (90, 3) and strength.dtype == np.float32 and np.isfinite(strength).all() and strength.min() >= 0 and strength.max() <= 1
    assert same(placed[placed >= 0], true[placed >= 0]) and (placed < 0).mean() < 0.2


@pytest.mark.parametrize("name", NAMES)
def test_the_form_says_of_the_rows_of_the_fit_what_the_fit_said(name):
    x = np.random.default_rng(3).normal(size=(300, 4)).astype(np.float32)
    x = np.concatenate([x, x[:20]])  # copies too
    _, _, labels, form = fit(name, x, **({"clusters": 6} if name not in EXTRA else {}))
    assert np.array_equal(labels_of(Model(form).predict(x)), labels)
    assert np.array_equal(labels[300:], labels[:20])


@pytest.mark.parametrize("name", NAMES)
def test_clusters_are_numbered_by_size(name):
    x, _ = blobs()
    x = np.concatenate([x, x[::3] + np.float32(0.01)])
    counts = np.bincount(fit(name, x)[2][fit(name, x)[2] >= 0])
    assert (np.diff(counts) <= 0).all() and counts.min() > 0


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_answer_and_input_untouched(name):
    x, _ = blobs()
    before = x.copy()
    first, second = fit(name, x, seed=5), fit(name, x, seed=5)
    assert np.array_equal(first[2], second[2]) and np.array_equal(x, before)
    assert np.array_equal(Model(first[3]).predict(x), Model(second[3]).predict(x))


@pytest.mark.parametrize("name", NAMES)
def test_the_form_survives_the_disk_and_takes_single_rows_and_none(name):
    x, _ = blobs()
    _, _, _, form = fit(name, x)
    strength = Model(form).predict(x)
    assert np.array_equal(strength, Model(from_bytes(to_bytes(form), "form")).predict(x))
    assert np.allclose(Model(form).predict(x[7:8])[0], strength[7], atol=1e-6)
    assert Model(form).predict(x[:0]).shape == (0, strength.shape[1])
    assert np.isfinite(Model(form).predict(np.full((2, 3), 1e6, np.float32))).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("table", ["one row", "two rows", "equal rows", "four rows"])
def test_small_and_dull_tables(name, table):
    x = {"one row": np.ones((1, 2)), "two rows": np.eye(2), "equal rows": np.ones((30, 2)), "four rows": np.arange(8).reshape(4, 2) % 5}[table].astype(
        np.float32
    )
    _, _, labels, form = fit(name, x, **({"clusters": 8} if name not in EXTRA else {}))
    assert labels.shape == (len(x),) and labels.max() < len(x)
    assert Model(form).predict(x).shape == (len(x), labels.max() + 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_of_projected_features_takes_the_features(name):
    x, _ = blobs(d=5)
    mean, axes = x.mean(axis=0), np.linalg.qr(np.random.default_rng(0).normal(size=(5, 3)))[0].astype(np.float32)
    low = ((x - mean) @ axes).astype(np.float32)
    _, _, labels, form = fit(name, low)
    whole = labels_of(Model(projected(form, mean, axes)).predict(x))
    assert (whole == labels).mean() > 0.98  # single precision may move a row on a border


@pytest.mark.parametrize("name", NAMES)
def test_facts(name):
    family = FAMILIES.get("clustering", name)
    few, many = Context("clustering", 500, 4, 1), Context("clustering", 5000, 4, 1)
    assert family.name == name and family.tasks == {"clustering"} and not family.weighted
    assert 0 < family.cost(few, family.space(few).default()) < family.cost(many, family.space(many).default())
    assert 0 < family.memory(few) < family.memory(many)
