"""Predictors of tasks without a label: the right class for the task, what they answer, what they refuse, and damaged manifests."""

import json
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

import automl
from automl.artifact.pack import pack
from automl.artifact.unlabelled import Clusterer, Reducer
from automl.errors import ArtifactError
from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.cluster_forms import cores
from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form, Model
from automl.inference.frame import table_of_frame
from automl.inference.table import Field, conform
from automl.search.fits import Fit, run_fit

FIELDS = (Field("a", "number"), Field("b", "number"))
FRAME = pd.DataFrame({"a": [0.0, 1.0, 5.0, 6.0] * 10, "b": np.arange(40.0)}, index=np.arange(100, 140))


def packed(folder, task, model, **facts):
    view = view_of(conform(table_of_frame(FRAME, ["a", "b"]), FIELDS), FIELDS, Recipe(), np.arange(40))
    candidate = Candidate("some", "float32", "as fitted", view.form, model, (), 1)
    pack(folder, candidate, FIELDS, {"task": task, "target": "", "classes": [], "positive_class": None, "metric": "", "csv": {}, **facts})
    return folder


def projection(m=2):
    return Form("projection", {}, {"weights": np.eye(2, m, dtype=np.float32), "bias": np.zeros(m, np.float32)})


@pytest.fixture
def reducer(tmp_path):
    return automl.load(packed(tmp_path / "a", "dimensionality_reduction", projection()))


@pytest.fixture
def clusterer(tmp_path):
    return automl.load(packed(tmp_path / "a", "clustering", Form("projection", {}, {"weights": np.eye(2, dtype=np.float32), "bias": np.zeros(2, np.float32)})))


def test_coordinates_of_new_rows(reducer):
    assert isinstance(reducer, Reducer)
    found = reducer.transform(FRAME[["b", "a"]].assign(further=1))
    assert list(found.columns) == ["c1", "c2"] and list(found.index) == list(FRAME.index)
    one = reducer.predict_row({"a": 5.0, "b": 2.0})
    assert one["c1"] == pytest.approx(float(found["c1"].iloc[2])) and one["c2"] == pytest.approx(float(found["c2"].iloc[2]))


def test_clusters_of_new_rows(clusterer):
    assert isinstance(clusterer, Clusterer)
    found = clusterer.predict(FRAME)
    assert set(found.columns) == {"cluster", "strength"} and found["strength"].between(0, 1).all() and list(found.index) == list(FRAME.index)
    assert clusterer.transform(FRAME).shape == (40, 2)
    assert (found["cluster"] == -1).any()  # both strengths below zero


def test_no_rows_give_no_answers(reducer, clusterer):
    assert reducer.transform(FRAME[:0]).shape == (0, 2) and len(clusterer.predict(FRAME[:0])) == 0


@pytest.mark.parametrize("which", ["reducer", "clusterer"])
def test_probabilities_are_refused(which, request):
    with pytest.raises(ArtifactError, match="no probabilities"):
        request.getfixturevalue(which).predict_proba(FRAME)


@pytest.mark.parametrize(("task", "classes"), [("clustering", ["a", "b"]), ("classification", []), ("regression", []), (7, [])])
def test_a_manifest_whose_task_and_classes_do_not_fit_is_refused(task, classes, tmp_path):
    folder = packed(tmp_path / "a", "clustering", projection())
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "task": task, "classes": classes}))
    with pytest.raises(ArtifactError):
        automl.load(folder)


ROWS = np.concatenate([np.random.default_rng(0).normal(0, 0.4, (30, 2)), np.random.default_rng(1).normal(5, 0.4, (30, 2))]).astype(np.float32)
EVERY = [(task, name) for task in ("clustering", "dimensionality_reduction") for name in FAMILIES.names(task)]


def form_of(task, name):
    """Return the form that a family makes of ROWS; skip where its package is absent."""
    family = FAMILIES.get(task, name)
    if any(find_spec(package) is None for package in family.requires):
        pytest.skip(f"{name} needs a package that is not installed")
    context = Context(task, 60, 2, 2)
    params = {**family.space(context).default(), **({"clusters": 2} if "clusters" in family.space(context) else {})}
    params |= {"components": 1} if "components" in params else {}
    return run_fit(task, Fit(name, params, needs_form=True), ROWS, np.repeat([0, 1], 30)).form


@pytest.mark.parametrize(("task", "name"), EVERY, ids=[f"{task[:4]} {name}" for task, name in EVERY])
def test_what_a_family_makes_of_rows_is_the_same_after_a_way_through_a_file(task, name, tmp_path):
    """Whatever a form holds, the checks of a file let it through, and it answers as before."""
    form = form_of(task, name)
    model = automl.load(packed(tmp_path / "a", task, form))
    fields = {"a": ROWS[:, 0], "b": ROWS[:, 1]}
    x = model.matrix(table_of_frame(pd.DataFrame(fields), ["a", "b"]))
    assert np.allclose(model.model.predict(x), Model(form).predict(x), atol=1e-5) and len(model.answers(table_of_frame(pd.DataFrame(fields), ["a", "b"])))


def test_a_form_that_places_every_row_has_no_infinite_radius(tmp_path):
    form = cores(ROWS, np.repeat([0, 1], 30))
    assert np.isfinite(form.arrays["radius"]).all() and (Model(form).predict(np.float32([[900, -900]])) > 0).any()
    automl.load(packed(tmp_path / "a", "clustering", form))
