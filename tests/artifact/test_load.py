"""An artifact is checked before it is believed; then it predicts, however the rows come."""

import hashlib
import json
import math
import shutil
import zlib

import numpy as np
import pandas as pd
import pytest

import automl.artifact.load as module
from automl.artifact.load import FEATURES, MODEL, Predictor, load
from automl.errors import ArtifactError, DataError
from automl.inference.forms import Form
from automl.inference.storage import to_bytes
from tests.artifact.test_pack import packed


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed") / "artifact"
    packed(folder)
    return folder


@pytest.fixture
def artifact(original, tmp_path):
    return shutil.copytree(original, tmp_path / "artifact")


def edit(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    changed = change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest if changed is None else changed))


def replace_part(folder, name, content):
    """Put another content in and make the manifest agree."""
    (folder / name).write_bytes(content)
    edit(folder, lambda m: m["parts"].update({name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}))


def frame(n=20):
    rng = np.random.default_rng(5)
    return pd.DataFrame({
        "number": np.where(np.arange(n) % 4, rng.normal(size=n), np.nan), "word": rng.choice(["red", "green", "never seen"], n),
        "text": ["a note on class b" if i % 2 else None for i in range(n)], "day": pd.date_range("2024-01-01", periods=n),
    })  # fmt: skip


def test_frames_labels_and_single_rows_agree(original):
    predictor, rows = load(original), frame()
    proba = predictor.predict_proba(rows)
    assert proba.shape == (20, 2) and proba.dtype == np.float32 and np.allclose(proba.sum(axis=1), 1)
    assert predictor.predict(rows).tolist() == [predictor.classes_[i] for i in proba.argmax(axis=1)]
    for i in range(4):
        found = predictor.predict_row(rows.iloc[i].to_dict())
        assert found["prediction"] == predictor.predict(rows)[i]
        assert found["proba"] == pytest.approx(dict(zip(predictor.classes_, proba[i].tolist(), strict=True)), abs=1e-6)
        assert math.isclose(sum(found["proba"].values()), 1, abs_tol=1e-6)


def test_columns_go_by_name_and_further_ones_are_ignored(original):
    predictor, rows = load(original), frame()
    other = rows[rows.columns[::-1]].assign(more=1)
    assert np.array_equal(predictor.predict_proba(other), predictor.predict_proba(rows))
    with pytest.raises(DataError, match="column `word` is missing"):
        predictor.predict_proba(rows.drop(columns="word"))


def test_no_rows_give_no_predictions(original):
    assert load(original).predict_proba(frame()[:0]).shape == (0, 2)


def test_a_classifier_does_not_transform(original):
    with pytest.raises(ArtifactError, match="does not transform"):
        load(original).transform(frame())


@pytest.mark.parametrize("name", [FEATURES, MODEL])
def test_every_byte_of_a_part_counts(artifact, name):
    content = (artifact / name).read_bytes()
    for at in (0, len(content) // 2, len(content) - 1):
        (artifact / name).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ArtifactError, match="changed after"):
            load(artifact)
    (artifact / name).write_bytes(content + b"\0")
    with pytest.raises(ArtifactError, match="changed after"):
        load(artifact)
    (artifact / name).unlink()
    with pytest.raises(ArtifactError, match="is missing"):
        load(artifact)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "3", '"x"', "{}", '{"format": 1}', "\ud800"], ids=repr)
def test_a_manifest_that_is_none_is_refused(artifact, text):
    (artifact / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ArtifactError, match="manifest"):
        load(artifact)


@pytest.mark.parametrize("version", [3, 0, "1", None, [1], {}])
def test_another_format_is_refused(artifact, version):
    edit(artifact, lambda m: m.update(format=version))
    with pytest.raises(ArtifactError):
        load(artifact)


@pytest.mark.parametrize("key", ["parts", "columns", "classes", "precision", "format"])
def test_a_manifest_without_a_key_is_refused(artifact, key):
    edit(artifact, lambda m: m.pop(key) and None)
    with pytest.raises(ArtifactError, match="manifest"):
        load(artifact)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["parts"].update({"../outside": {"sha256": "", "bytes": 0}}),
        lambda m: m["parts"].pop(MODEL) and None,
        lambda m: m["parts"].update({MODEL: {}}),
        lambda m: m["parts"].update({MODEL: None}),
        lambda m: m.update(parts=[FEATURES, MODEL]),
        lambda m: m.update(parts=3),
        lambda m: m.update(columns=[{"nom": "number"}]),
        lambda m: m.update(columns=["number"]),
        lambda m: m.update(columns=None),
        lambda m: m.update(classes=None),
    ],
    ids=["further part", "no model", "no digest", "no facts", "a list of parts", "a number of parts", "other keys", "bare names", "no columns", "no classes"],
)
def test_a_manifest_of_another_shape_is_refused(artifact, change):
    edit(artifact, change)
    with pytest.raises(ArtifactError):
        load(artifact)


def test_a_manifest_without_end_is_not_read(artifact, monkeypatch):
    monkeypatch.setattr(module, "MANIFEST_BYTES", 100)
    with pytest.raises(ArtifactError, match="too large"):
        load(artifact)


def test_a_part_that_unpacks_without_end_is_refused(artifact, monkeypatch):
    monkeypatch.setattr(module, "INFLATED_BYTES", 1 << 20)
    replace_part(artifact, FEATURES, zlib.compress(bytes(1 << 21), 9))
    with pytest.raises(ArtifactError, match="too large"):
        load(artifact)


@pytest.mark.parametrize("content", [b"", b"not deflated", zlib.compress(b"x" * 999)[:-3], zlib.compress(b"no form")])
def test_features_that_do_not_unpack_to_a_form_are_refused(artifact, content):
    replace_part(artifact, FEATURES, content)
    with pytest.raises(ArtifactError):
        load(artifact)


@pytest.mark.parametrize("content", [b"", b"x" * 100, to_bytes(Form("spell", {})), to_bytes(Form("features", {}))])
def test_a_model_of_no_known_kind_is_refused(artifact, content):
    replace_part(artifact, MODEL, content)
    with pytest.raises(ArtifactError):
        load(artifact)


def test_a_folder_that_holds_none_is_refused(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ArtifactError, match="no artifact here"):
            load(place)


@pytest.fixture
def run_folder(original, tmp_path):
    shutil.copytree(original, tmp_path / "run" / "rungs" / "float32")
    packed(tmp_path / "run" / "rungs" / "int8", precision="int8")
    shutil.copytree(tmp_path / "run" / "rungs" / "int8", tmp_path / "run" / "artifact")
    return tmp_path / "run"


def test_a_run_gives_its_artifact_or_the_rung_asked_for(run_folder):
    assert load(run_folder).precision == "int8" and load(str(run_folder), "float32").precision == "float32"
    with pytest.raises(ArtifactError, match="no rung float16") as caught:
        load(run_folder, "float16")
    assert caught.value.fix == "it has: float32, int8"
    with pytest.raises(ArtifactError, match="not a precision"):
        load(run_folder, "../artifact")


def test_an_artifact_gives_no_other_rung_than_its_own(original):
    assert isinstance(load(original, "float32"), Predictor)
    with pytest.raises(ArtifactError, match="holds float32, not int8"):
        load(original, "int8")


def test_a_manifest_from_before_cleaning_was_part_of_it_still_loads(artifact, original):
    new = ("aliases", "absent", "lenient")
    edit(artifact, lambda m: m.update(columns=[{k: v for k, v in c.items() if k not in new} for c in m["columns"]]))
    assert load(artifact).fields == load(original).fields
    assert np.array_equal(load(artifact).predict_proba(frame()), load(original).predict_proba(frame()))


@pytest.mark.parametrize("facts", [{"aliases": "no"}, {"aliases": {"a": 1}}, {"absent": 3}, {"absent": [3]}, {"unknown": 1}], ids=str)
def test_a_manifest_with_a_wrong_column_is_refused(artifact, facts):
    edit(artifact, lambda m: m["columns"][0].update(facts))
    with pytest.raises(ArtifactError, match="manifest"):
        load(artifact)


def test_a_manifest_of_before_there_were_decisions_loads_and_answers_as_it_did(artifact):
    before = load(artifact).predict(frame()).tolist()
    edit(artifact, lambda m: {k: v for k, v in m.items() if k != "decision"})
    assert load(artifact).predict(frame()).tolist() == before and load(artifact).decision.plain


@pytest.mark.parametrize(
    "facts", [None, [], "argmax", {"threshold": 2}, {"temperature": -1}, {"weights": [1]}, {"curves": [[[0.5], [0.1, 0.2]]]}, {"colour": 1}]
)
def test_a_damaged_decision_is_an_artifact_error(artifact, facts):
    edit(artifact, lambda m: m.update(decision=facts))
    with pytest.raises(ArtifactError, match="cannot be read"):
        load(artifact)
