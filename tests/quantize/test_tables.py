"""Tables in fewer bits: smaller, almost the same answers, and what is not named stays as it was."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.schemes import precisions_of, steps_of, store
from automl.quantize.tables import TABLES
from automl.testing.contract import fitted

KINDS = {"svm": "kernel", "knn": "neighbours", "naive_bayes": "naive_bayes", "qda": "quadratic"}


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("name", KINDS)
def test_answers_stay_and_bytes_go(name, n_classes):
    _, form, _, x, _ = fitted(FAMILIES.get("classification", name), n_classes)
    assert form.kind == KINDS[name]
    reference = Model(form).predict(x)
    sizes = [form.n_bytes]
    for precision, most in (("float16", 0.01), ("int8", 0.1)):
        stored, words = store(form, precision)
        assert precision != "int8" or "8-bit" in words
        again = from_bytes(to_bytes(stored), "m")
        proba = Model(again).predict(x)
        assert np.abs(proba - reference).max() < most and (proba.argmax(axis=1) == reference.argmax(axis=1)).mean() > 0.98
        sizes.append(stored.n_bytes)
    assert sizes[0] > sizes[1] and sizes[1] >= sizes[2] and store(form, "float32")[0] is form


@pytest.mark.parametrize("kind", TABLES)
def test_every_step_says_something_else(kind):
    words = {TABLES[kind].words, *(said for _, said in TABLES[kind].steps)}
    assert len(words) == steps_of(Form(kind, {}))


def test_a_kind_without_a_scheme_stays_as_it_is():
    form = Form("constant", {}, {"output": np.ones(2, np.float32)})
    assert store(form, "int8")[0] is form and precisions_of(form) == ("float32",)


def test_triangles_of_many_sizes_are_scaled_row_by_row():
    rng = np.random.default_rng(0)
    for n in (9, 12, 20):
        whiten = rng.normal(size=(3, n * (n + 1) // 2)) * 10.0 ** rng.integers(-3, 3, size=(3, 1))
        form = Form(
            "quadratic", {"slope": 1.0, "present": [0, 1, 2], "n_outputs": 3}, {"means": rng.normal(size=(3, n)), "whiten": whiten, "bias": np.zeros(3)}
        )
        stored = store(form, "int8")[0]
        assert stored.arrays["whiten.scale"].shape == (3, n)
        x = rng.normal(size=(50, n)).astype(np.float32)
        assert np.median(np.abs(Model(stored).predict(x) - Model(form).predict(x))) < 0.01


def test_numbers_too_large_for_halves_stay_wide():
    form = Form("naive_bayes", {"present": [0, 1], "n_outputs": 2}, {
        "numbers": np.array([0], np.int32), "marks": np.zeros(0, np.int32), "means": np.array([[0.0], [1.0]]),
        "precision": np.array([[1e6], [1e6]]), "weights": np.zeros((0, 2)), "bias": np.zeros(2),
    })  # fmt: skip
    stored = store(form, "int8")[0]
    assert stored.arrays["precision"].dtype == np.float32 and stored.arrays["means"].dtype == np.float16
    x = np.array([[0.0], [1.0]], np.float32)
    assert Model(stored).predict(x).argmax(axis=1).tolist() == [0, 1]
