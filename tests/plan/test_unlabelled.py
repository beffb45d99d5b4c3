"""The plan of a task without a label: what is asked, which families suit, how many rows are searched, and what a table cannot hold."""

import numpy as np
import pandas as pd
import pytest

from automl.data.dataset import load_dataset
from automl.data.split import make_split
from automl.errors import DataError, EnvironmentFault, SpecError
from automl.hardware import Hardware
from automl.plan.labels import label_codes
from automl.plan.unlabelled import LEAST_ROWS, MOST_ROWS, make_unlabelled_plan
from automl.spec.model import Spec

MACHINE = Hardware(2, 16_000, (), "cpu", "Linux")


def planned(tmp_path, task, frame=None, **sections):
    rng = np.random.default_rng(0)
    frame = frame if frame is not None else pd.DataFrame({"a": rng.normal(size=60), "b": rng.choice(["x", "y", "z"], 60), "k": np.arange(60) % 3})
    frame.to_csv(tmp_path / "t.csv", index=False)
    spec = Spec.model_validate({"data": "t.csv", "task": task, **sections})
    dataset = load_dataset(spec, tmp_path)
    return make_unlabelled_plan(spec, dataset, make_split(dataset, spec), {}, MACHINE)


def because(plan, key):
    return [(str(d.value), d.because) for d in plan.decisions if d.key == key]


def test_everything_is_decided_with_a_reason(tmp_path):
    plan, view = planned(tmp_path, {"type": "clustering", "compare_with": "k"})
    assert plan.asked == {"n_clusters": None, "noise": True, "metric": None, "compare_with": "k", "scaled": False} and plan.n_rows == plan.search_rows == 60
    assert view.x.shape == (60, plan.n_features) and "k" not in {f.name for f in plan.fields}
    keys = {d.key for d in plan.decisions}
    assert {"task.n_clusters", "task.noise", "task.metric", "search.rows", "models", "constraints.time", "runtime.workers"} <= keys
    assert all(d.because for d in plan.decisions) and "validation.test" not in keys
    assert plan.as_dict()["candidates"][0]["family"] == "kmeans"


def test_what_is_asked_is_taken(tmp_path):
    plan, _ = planned(tmp_path, {"type": "clustering", "n_clusters": {"min": 2, "max": 7}, "noise": "forbid", "metric": "dbcv"})
    assert plan.asked["n_clusters"] == [2, 7] and plan.asked["noise"] is False and plan.asked["metric"] == "dbcv" and plan.objective == "groups by dbcv"
    plan, _ = planned(tmp_path, {"type": "dimensionality_reduction", "purpose": "compress", "n_components": "90%"})
    assert plan.asked["n_components"] == 0.9 and because(plan, "task.n_components")[0][0] == "0.9 of the variance"


def test_how_numbers_are_scaled_is_searched_unless_the_user_says(tmp_path):
    plan, _ = planned(tmp_path, "clustering")
    assert [value for value, _ in because(plan, "features.numeric.scale")] == ["searched"] and not plan.asked["scaled"]
    for asked in ({"scale": "robust"}, {"outliers": "rank"}):
        plan, _ = planned(tmp_path, "clustering", features={"numeric": asked})
        assert plan.asked["scaled"] and "searched" not in [value for value, _ in because(plan, "features.numeric.scale")]
    plan, _ = planned(tmp_path, {"type": "clustering", "metric": "dbcv"})
    assert [value for value, _ in because(plan, "features.numeric.scale")] == ["held"]


def test_many_rows_are_searched_by_a_sample(tmp_path):
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=9000)})
    plan, view = planned(tmp_path, "clustering", frame, constraints={"time": "10s"})
    assert plan.search_rows == len(view.rows) == 5000 and plan.n_rows == 9000 and "5,000 of 9,000" in because(plan, "search.rows")[0][0]
    assert LEAST_ROWS < MOST_ROWS and len(set(view.rows.tolist())) == 5000


@pytest.mark.parametrize(("purpose", "gone"), [("compress", "tsne"), ("visualize", "chi2"), ("features", "lda")])
def test_families_that_do_not_suit_are_named(purpose, gone, tmp_path):
    plan, _ = planned(tmp_path, {"type": "dimensionality_reduction", "purpose": purpose})
    assert gone not in {c.family for c in plan.candidates} and because(plan, f"models.{gone}")[0][0] == "skipped"


def test_a_label_lets_those_compete_that_learn_from_it(tmp_path):
    plan, view = planned(tmp_path, {"type": "dimensionality_reduction", "purpose": "features", "target": "k"})
    assert {"lda", "chi2"} <= {c.family for c in plan.candidates} and plan.code.tolist() == [0, 1, 2] * 20 and len(view.rows) == 60


def test_rows_without_a_label_are_not_learned_from(tmp_path):
    frame = pd.DataFrame({"a": np.arange(90.0), "k": [None, "p", "q"] * 30})
    plan, view = planned(tmp_path, {"type": "dimensionality_reduction", "purpose": "features", "target": "k"}, frame)
    assert plan.n_rows == 90 and plan.search_rows == 60 and (plan.code[view.rows] >= 0).all() and "30 rows without" in because(plan, "task.target")[0][1]


def test_methods_that_cannot_place_new_rows_say_so(tmp_path):
    plan, _ = planned(tmp_path, {"type": "dimensionality_reduction"})
    assert "no way of its own" in because(plan, "models.tsne")[0][1]


def test_what_the_artifact_must_keep(tmp_path):
    plan, _ = planned(tmp_path, "clustering", constraints={"model_size": {"max": "1MB", "hard": False}, "latency": "5ms"})
    assert plan.limits.size_bytes == 1_000_000 and plan.limits.latency_ms == 5 and plan.limits.hard == ("latency",)


BAD = {
    "too many clusters": ({"type": "clustering", "n_clusters": 61}, None, "60 rows"),
    "too many columns": ({"type": "dimensionality_reduction", "n_components": 50}, None, "the table gives 9"),
    "all alike": ("clustering", pd.DataFrame({"a": [1.0] * 30, "b": [2.0] * 30}), "are alike"),
    "one class": ({"type": "dimensionality_reduction", "target": "k"}, pd.DataFrame({"a": np.arange(30.0), "k": ["p"] * 30}), "one class `p`"),
    "too many classes": ({"type": "dimensionality_reduction", "target": "k"}, pd.DataFrame({"a": np.arange(30.0), "k": np.arange(30)}), "30 classes"),
    "few labels": ({"type": "dimensionality_reduction", "target": "k"}, pd.DataFrame({"a": np.arange(30.0), "k": ["p", "q"] * 5 + [None] * 20}), "10 rows have"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_a_table_cannot_hold(name, tmp_path):
    task, frame, words = BAD[name]
    with pytest.raises(DataError, match=words):
        planned(tmp_path, task, frame)


def test_families_that_leave_none_are_an_error_of_the_spec(tmp_path):
    with pytest.raises(SpecError, match="suits `purpose: compress`"):
        planned(tmp_path, {"type": "dimensionality_reduction", "purpose": "compress"}, models={"include": ["tsne"]})


def test_a_device_that_is_required_must_be_there(tmp_path):
    with pytest.raises(EnvironmentFault, match="no CUDA device"):
        planned(tmp_path, "clustering", constraints={"gpu": "required"})


def test_codes_of_a_label_skip_levels_that_do_not_occur(tmp_path):
    frame = pd.DataFrame({"a": np.arange(40.0), "k": ["q", "p"] * 20})
    frame.to_csv(tmp_path / "t.csv", index=False)
    spec = Spec.model_validate({"data": "t.csv", "task": {"type": "dimensionality_reduction", "target": "k"}})
    classes, code = label_codes(spec, load_dataset(spec, tmp_path), "k")
    assert set(classes) == {"p", "q"} and sorted(set(code.tolist())) == [0, 1]
