"""What is exported answers as the artifact does, or is refused with the reason and nothing is written."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.artifact.exports import gate
from automl.artifact.exports.export import FORMS, export
from automl.artifact.exports.rows import made_up
from automl.artifact.exports.skops import estimator_of
from automl.artifact.load import MODEL, load
from automl.artifact.pack import pack
from automl.errors import MissingPackageError, UsageError
from automl.families import FAMILIES
from automl.families.tree_forms import tree_form
from automl.finalize.candidate import Candidate
from automl.inference.decision import Decision
from automl.inference.storage import read_form
from automl.quantize.ladder import rungs
from automl.testing.contract import FIELDS, fitted
from tests.artifact.test_load import frame
from tests.artifact.test_pack import FACTS
from tests.builders import random_tree


def made(folder, family="xgboost", precision="int8", n_classes=2, decision=None):
    record = FAMILIES.get("classification", family)
    _, form, features, _, _ = fitted(record, n_classes)
    given = Candidate(family, "float32", "as trained", features.form, form, (), 0, decision=decision or Decision())
    chosen = rungs(given, {family: record.scheme}, [precision])[-1]
    pack(folder, chosen, FIELDS, {**FACTS, "classes": [f"c{i}" for i in range(n_classes)]})
    return folder


ONNX = [("xgboost", "int8", 2), ("xgboost", "float32", 4), ("logistic_regression", "int8", 2), ("logistic_regression", "float16", 4), ("mlp", "int8", 4),
        ("mlp", "float32", 2), ("random_forest", "float32", 4), ("random_forest", "int8", 4), ("hist_gradient_boosting", "int8", 2), ("decision_tree", "float32", 2)]  # fmt: skip


@pytest.mark.parametrize(("family", "precision", "n_classes"), ONNX)
def test_onnx_answers_as_the_artifact_does(tmp_path, family, precision, n_classes):
    runtime = pytest.importorskip("onnxruntime")
    folder = made(tmp_path / "a", family, precision, n_classes)
    facts = export(folder, "onnx", tmp_path / "m.onnx")
    assert facts["largest_difference"] <= gate.TOLERANCE and facts["rows"] == 1000 and "made up" in facts["compared_on"]
    predictor, session = load(folder), runtime.InferenceSession(str(tmp_path / "m.onnx"))
    matrix = predictor.matrix(made_up(predictor, seed=7))
    dense = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
    found = session.run(None, {"features": dense})[0]
    assert np.abs(found - predictor.model.predict(matrix)).max() < 1e-5
    assert "features" in session.get_modelmeta().custom_metadata_map


@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_a_temperature_goes_into_the_graph(tmp_path, temperature):
    pytest.importorskip("onnxruntime")
    folder = made(tmp_path / "a", decision=Decision(temperature=temperature, threshold=0.3))
    assert export(folder, "onnx", tmp_path / "m.onnx")["largest_difference"] <= 1e-5


@pytest.mark.parametrize(("family", "n_classes"), [("xgboost", 2), ("xgboost", 4), ("hist_gradient_boosting", 2)])
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_xgboosts_own_file_answers_as_the_artifact_does(tmp_path, family, n_classes, precision):
    import xgboost

    folder = made(tmp_path / "a", family, precision, n_classes)
    facts = export(folder, "ubj", tmp_path / "m.ubj")
    assert facts["largest_difference"] <= 1e-5
    booster = xgboost.Booster(model_file=str(tmp_path / "m.ubj"))
    predictor = load(folder)
    matrix = predictor.matrix(made_up(predictor, seed=3))
    found = booster.inplace_predict(matrix)
    found = found if found.ndim == 2 else np.stack([1 - found, found], axis=1)
    assert np.abs(found - predictor.model.predict(matrix)).max() < 1e-5


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_linear_model_is_an_estimator_again(tmp_path, n_classes):
    folder = made(tmp_path / "a", "logistic_regression", "int8", n_classes)
    predictor = load(folder)
    estimator = estimator_of(predictor, read_form(folder / MODEL))
    matrix = predictor.matrix(made_up(predictor))
    assert np.abs(estimator.predict_proba(matrix) - predictor.model.predict(matrix)).max() < 1e-5
    assert estimator.predict(matrix).tolist() == predictor.labels(predictor.model.predict(matrix)).tolist()


@pytest.mark.parametrize(
    ("form", "family", "decision", "why"),
    [
        ("ubj", "logistic_regression", None, "no single boosted model"),
        ("ubj", "random_forest", None, "no single boosted model"),
        ("ubj", "xgboost", Decision(temperature=2.0), "calibrated"),
        ("ubj", "xgboost", Decision(threshold=0.2), "threshold"),
        ("onnx", "knn", None, "its kind is `neighbours`"),
        ("onnx", "xgboost", Decision(curves=(((0.2, 0.8), (0.1, 0.6)),)), "curves"),
        ("skops", "xgboost", None, "its kind is `trees`"),
        ("skops", "logistic_regression", Decision(threshold=0.2), "threshold"),
    ],
)
def test_what_has_no_such_form_is_refused_with_the_reason(tmp_path, form, family, decision, why):
    if form == "onnx":
        pytest.importorskip("onnxruntime")
    folder = made(tmp_path / "a", family, "float32", decision=decision)
    with pytest.raises(UsageError, match=why) as caught:
        export(folder, form, tmp_path / "out")
    assert not (tmp_path / "out").exists() and "--to python" in caught.value.fix


@pytest.mark.parametrize("to", ["onnx", "ubj"])
def test_trees_that_ask_about_sets_of_categories_are_packed_and_not_exported_as_others(tmp_path, to):
    if to == "onnx":
        pytest.importorskip("onnxruntime")
    features = fitted(FAMILIES.get("classification", "xgboost"), 2)[2].form
    form = tree_form([random_tree(np.random.default_rng(0), 3, 4, codes={1: 5})], "sum", [0.0], 2)
    given = Candidate("xgboost", "float32", "as trained", features, form, (), 0, decision=Decision())
    pack(tmp_path / "a", given, FIELDS, {**FACTS, "classes": ["c0", "c1"]})
    assert np.isfinite(load(tmp_path / "a").predict_proba(frame(5))).all()
    with pytest.raises(UsageError, match="sets of categories"):
        export(tmp_path / "a", to, tmp_path / "out")


@pytest.mark.parametrize(("form", "package", "family"), [("onnx", "onnxruntime", "xgboost"), ("skops", "skops.io", "logistic_regression")])
def test_a_package_that_is_absent_is_named_with_the_line_for_pip(tmp_path, monkeypatch, form, package, family):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError) as caught:
        export(made(tmp_path / "a", family, "float32"), form, tmp_path / "out")
    assert caught.value.exit_code == 5 and caught.value.fix.startswith("pip install ") and not (tmp_path / "out").exists()


def test_an_export_that_answers_otherwise_is_not_written(tmp_path, monkeypatch):
    folder = made(tmp_path / "a")
    import automl.artifact.exports.ubj as ubj

    honest = ubj.export

    def wrong(predictor, model):
        found = honest(predictor, model)
        return replace(found, answer=lambda matrix: np.clip(found.answer(matrix) + np.array([1e-3, -1e-3]), 0, 1))

    monkeypatch.setattr(ubj, "export", wrong)
    with pytest.raises(UsageError, match=r"differ by up to 0\.001"):
        export(folder, "ubj", tmp_path / "m.ubj")
    assert not (tmp_path / "m.ubj").exists()


def test_what_is_there_is_not_replaced(tmp_path):
    folder = made(tmp_path / "a")
    (tmp_path / "m.ubj").write_text("mine")
    with pytest.raises(UsageError, match="already there"):
        export(folder, "ubj", tmp_path / "m.ubj")
    assert (tmp_path / "m.ubj").read_text() == "mine"


def unpacked(folder, place, **more):
    facts = export(folder, "python", place / "m.whl", **more)
    with zipfile.ZipFile(place / "m.whl") as archive:
        names = archive.namelist()
        archive.extractall(place / "site")
    return facts, names


@pytest.mark.parametrize(("family", "precision"), [("xgboost", "int8"), ("qda", "float16"), ("random_forest", "float32")])
def test_a_package_predicts_with_numpy_alone(tmp_path, family, precision):
    folder = made(tmp_path / "a", family, precision)
    facts, names = unpacked(folder, tmp_path)
    assert facts["largest_difference"] == 0 and facts["load_seconds"] < 5 and not any("xgboost" in n or "sklearn" in n for n in names)
    code = "import sys; sys.path.insert(0, 'site'); import predict_y; p = predict_y.load(); print(p.predict_row({'number': 0.5, 'word': 'red', 'text': 'a note', 'day': '2024-01-31'})); print(sorted(m for m in ('automl', 'pandas', 'safetensors', 'xgboost', 'sklearn', 'torch') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PATH": "", "PYTHONPATH": ""}, check=False)
    assert done.returncode == 0, done.stderr
    row = {"number": 0.5, "word": "red", "text": "a note", "day": "2024-01-31"}
    assert done.stdout.splitlines()[0] == str(load(folder, warm=False).predict_row(row))
    loaded = done.stdout.splitlines()[1]
    assert "automl" not in loaded and "safetensors" not in loaded and "sklearn" not in loaded and "torch" not in loaded


def test_a_target_of_any_name_gives_a_package_that_python_reads(tmp_path):
    folder = made(tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "target": 'a\\x{b}"""\n\\'}))
    facts, names = unpacked(folder, tmp_path)
    assert facts["largest_difference"] == 0 and "predict_a_x_b/__init__.py" in names


def test_nothing_in_the_package_imports_the_package_it_came_from(tmp_path):
    _, names = unpacked(made(tmp_path / "a"), tmp_path)
    for path in (tmp_path / "site").rglob("*.py"):
        lines = [line for line in path.read_text().splitlines() if line.lstrip().startswith(("from automl", "import automl"))]
        assert not lines, (path, lines)
    assert {"predict_y/artifact/manifest.json", f"predict_y/artifact/{MODEL}", "predict_y-1.0.dist-info/RECORD"} <= set(names)


def test_the_same_artifact_gives_the_same_file_and_another_artifact_in_it_is_refused(tmp_path):
    folder = made(tmp_path / "a")
    unpacked(folder, tmp_path)
    again = export(folder, "python", tmp_path / "again.whl")
    assert (tmp_path / "m.whl").read_bytes() == (tmp_path / "again.whl").read_bytes() and again["bytes"] == (tmp_path / "m.whl").stat().st_size
    manifest = tmp_path / "site" / "predict_y" / "artifact" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"c0"', '"c9"'))
    code = "import sys; sys.path.insert(0, 'site'); import predict_y; predict_y.load()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode and "not the artifact that was expected" in done.stderr


def test_pip_takes_the_package(tmp_path):
    folder = made(tmp_path / "a", "qda", "float16")
    from automl.artifact.exports.python import wheel_name

    path = tmp_path / wheel_name(load(folder))
    export(folder, "python", path)
    target = tmp_path / "site"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--target", str(target)]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *quiet, str(path)], capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        pytest.skip("pip is not there")
    assert done.returncode == 0, done.stderr
    assert (target / "predict_y" / "artifact" / "manifest.json").exists()


def test_a_run_is_compared_on_its_own_rows(finished_run, tmp_path):
    facts = export(finished_run, "python", tmp_path / "m.whl", "float32")
    assert facts["compared_on"] == "400 rows of the run's data" and facts["precision"] == "float32"


def test_rows_that_are_made_up_hold_every_kind_of_value(tmp_path):
    predictor = load(made(tmp_path / "a", "logistic_regression"))
    table = made_up(predictor)
    assert {f.name for f in FIELDS} == set(table.columns)
    assert all(0 < column.missing().mean() < 0.2 for column in table.columns.values())
    assert "no level of this name" in table.columns["word"].levels
    proba = predictor.proba(table)
    assert proba.argmax(axis=1).std() > 0.1  # both classes are answered


def test_every_form_is_one_that_the_command_knows():
    from automl.cli import export as command

    assert set(command.FORMS) == {*FORMS, "optuna"}


def test_a_frame_predicts_the_same_in_the_package(tmp_path):
    folder = made(tmp_path / "a", "logistic_regression", "int8")
    unpacked(folder, tmp_path)
    frame().to_parquet(tmp_path / "rows.parquet")
    code = "import sys; sys.path.insert(0, 'site'); import pandas, predict_y; pandas.DataFrame(predict_y.load().predict_proba(pandas.read_parquet('rows.parquet'))).to_csv('out.csv')"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert np.allclose(pd.read_csv(io.StringIO((tmp_path / "out.csv").read_text()), index_col=0), load(folder).predict_proba(frame()), atol=1e-6)
