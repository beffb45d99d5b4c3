"""A fresh process answers as the model in memory does, or it is said that it does not."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from automl.artifact.load import FEATURES
from automl.evaluate.fresh import LEAST_SECONDS, check_fresh, in_memory
from automl.inference.decision import Decision
from automl.testing.contract import FIELDS, sample
from tests.artifact.test_pack import packed


@pytest.mark.parametrize("decision", [Decision(), Decision(temperature=1.7, threshold=0.3)])
def test_it_agrees_and_measures(tmp_path, decision):
    from automl.artifact.pack import pack
    from tests.artifact.test_pack import FACTS

    given = replace(packed(tmp_path / "a", "xgboost", "int8"), decision=decision)
    pack(tmp_path / "a", given, FIELDS, FACTS)
    packed(tmp_path / "b", "xgboost")
    table, _ = sample(300, seed=9)
    found = check_fresh(tmp_path / "scratch", given, tmp_path / "a", [tmp_path / "b", tmp_path / "a"], FIELDS, table, 60.0)
    assert found["agrees"] and found["same_labels"] and found["largest_difference"] <= 1e-6 and found["rows"] == 256
    assert found["size_bytes"] > 0 and found["load_seconds"] > 0 and found["batch1_p50_ms"] > 0 and 10 < found["peak_memory_mb"] < 150
    assert len(found["memory_mb"]) == 2 and all(m > 0 for m in found["memory_mb"])
    assert list((tmp_path / "scratch").iterdir()) == []


def test_another_model_than_the_one_scored_is_noticed(tmp_path):
    given = packed(tmp_path / "a")
    other = replace(given, model=given.model.with_arrays({**given.model.arrays, "bias": given.model.arrays["bias"] + np.float32(0.5)}))
    table, _ = sample(100, seed=9)
    found = check_fresh(tmp_path, other, tmp_path / "a", [], FIELDS, table, 60.0)
    assert found["agrees"] is False and found["largest_difference"] > 1e-3


def test_an_artifact_that_cannot_be_loaded_is_noticed(tmp_path):
    given = packed(tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").write_bytes(b"")
    found = check_fresh(tmp_path, given, tmp_path / "a", [], FIELDS, sample(20)[0], 60.0)
    assert found["agrees"] is False and "take the original again" in found["why"] and str(tmp_path) not in found["why"]


@pytest.mark.parametrize(("task", "labels"), [("clustering", False), ("dimensionality_reduction", True)])
def test_tasks_without_a_label_are_compared_by_what_they_answer(tmp_path, task, labels):
    """Coordinates are far from 1, and differ by no more than single precision can tell; clusters are those that strengths come to."""
    from automl.finalize.candidate import Candidate
    from automl.inference.frame import table_of_frame
    from automl.inference.storage import from_bytes
    from tests.artifact import test_unlabelled as other

    form = other.projection()
    form = form.with_arrays({**form.arrays, "weights": form.arrays["weights"] * np.float32(1000.0)})
    artifact, table = other.packed(tmp_path / "a", task, form), table_of_frame(other.FRAME, ["a", "b"])
    features = from_bytes(zlib.decompress((artifact / FEATURES).read_bytes()), FEATURES)
    given = Candidate("some", "float32", "as fitted", features, form, (), 1)
    found = check_fresh(tmp_path / "s", given, artifact, [artifact], other.FIELDS, table, 60.0, task)
    assert found["agrees"] and found["rows"] == 40 and found["batch1_p50_ms"] > 0 and len(found["memory_mb"]) == 1
    turned = replace(given, model=form.with_arrays({**form.arrays, "weights": -form.arrays["weights"]}))
    found = check_fresh(tmp_path / "s", turned, artifact, [], other.FIELDS, table, 60.0, task)
    assert not found["agrees"] and found["same_labels"] is labels


def test_without_time_it_is_skipped_and_says_so(tmp_path):
    found = check_fresh(tmp_path, packed(tmp_path / "a"), tmp_path / "a", [], FIELDS, sample(20)[0], LEAST_SECONDS / 2)
    assert set(found) == {"skipped"} and "0.8 s were left" in found["skipped"]


def test_on_a_full_disk_it_is_skipped_and_says_so(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("automl.evaluate.fresh.write_rows", full)
    found = check_fresh(tmp_path, packed(tmp_path / "a"), tmp_path / "a", [], FIELDS, sample(20)[0], 60.0)
    assert found == {"skipped": "no fresh process could be asked: OSError"}


def test_in_memory_is_what_the_folds_were_judged_by(tmp_path):
    given = packed(tmp_path / "a")
    table, _ = sample(30, seed=2)
    assert in_memory(given, FIELDS, table).shape == (30, 2)
