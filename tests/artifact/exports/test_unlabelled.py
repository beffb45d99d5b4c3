"""Models of clusters and of coordinates go into a package that needs numpy alone; other forms are refused with the reason."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from automl.artifact.exports import python
from automl.artifact.exports.export import export
from automl.artifact.exports.gate import judged
from automl.artifact.load import load
from automl.cli import cli
from automl.errors import UsageError
from tests.artifact.test_unlabelled import EVERY, form_of, packed, projection

QUICK = (("clustering", "gaussian_mixture"), ("dimensionality_reduction", "kernel_pca"))
ALL = [pytest.param(*pair, marks=() if pair in QUICK else pytest.mark.slow, id=f"{pair[0][:4]} {pair[1]}") for pair in EVERY]


@pytest.mark.parametrize(("task", "name"), ALL)
def test_a_package_answers_as_the_artifact_does_with_numpy_alone(tmp_path, task, name):
    folder = packed(tmp_path / "a", task, form_of(task, name))
    facts = export(folder, "python", tmp_path / "m.whl")
    package = {"clustering": "predict_cluster", "dimensionality_reduction": "reduce_columns"}[task]
    assert facts["largest_difference"] == 0 and facts["rows"] == 1000 and facts["task"] == task and f"import {package}" in facts["note"]
    with zipfile.ZipFile(tmp_path / "m.whl") as archive:
        archive.extractall(tmp_path / "site")
    code = f"import sys; sys.path.insert(0, 'site'); import {package}; print({package}.load().predict_row({{'a': 0.5, 'b': 4.0}})); print(*(m for m in ('automl', 'pandas', 'sklearn', 'scipy', 'torch') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PATH": "", "PYTHONPATH": ""}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(load(folder, warm=False).predict_row({"a": 0.5, "b": 4.0})), ""]


@pytest.mark.parametrize("form", ["onnx", "ubj", "skops"])
@pytest.mark.parametrize("task", ["clustering", "dimensionality_reduction"])
def test_other_forms_are_refused_with_the_reason_and_the_one_that_goes(tmp_path, monkeypatch, form, task):
    for package in ("onnx", "onnxruntime", "xgboost", "skops", "skops.io"):
        monkeypatch.setitem(sys.modules, package, None)  # that a package is absent is not what stands in the way
    folder = packed(tmp_path / "a", task, projection())
    with pytest.raises(UsageError, match=f"cannot be written as {form}: it is of {task.replace('_', ' ')}, and only classifiers") as caught:
        export(folder, form, tmp_path / "out")
    assert caught.value.exit_code == 2 and "--to python" in caught.value.fix and not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", [1e-3, np.nan])
def test_a_package_that_answers_otherwise_is_not_written(tmp_path, monkeypatch, change):
    folder = packed(tmp_path / "a", "clustering", projection())
    honest = python.judged
    monkeypatch.setattr(python, "judged", lambda predictor, expected, found, what: honest(predictor, expected, found + change, what))
    with pytest.raises(UsageError, match=r"its strengths differ by up to (0\.001|nan), and [0-9]+ clusters differ"):
        export(folder, "python", tmp_path / "m.whl")
    assert not (tmp_path / "m.whl").exists()


def test_coordinates_are_judged_by_the_largest_and_clusters_by_which_they_are(tmp_path):
    reducer, clusterer = (load(packed(tmp_path / task, task, projection()), warm=False) for task in ("dimensionality_reduction", "clustering"))
    far = np.array([[5000.0, 1.0], [0.5, 0.4]])
    assert judged(reducer, far, far + 0.02, "python")["largest_difference"] == pytest.approx(0.02)
    with pytest.raises(UsageError, match=r"coordinates differ by up to 0\.06\n"):
        judged(reducer, far, far + 0.06, "python")
    near = np.array([[0.500001, 0.5], [0.0, 0.0]])
    with pytest.raises(UsageError, match="2 clusters differ"):
        judged(clusterer, near, near + np.array([[-2e-6, 0.0], [1e-6, 0.0]]), "python")


def test_the_command_says_what_was_compared(tmp_path):
    for task, words in (("clustering", "the same clusters on 1,000 rows"), ("dimensionality_reduction", "coordinates within 0")):
        folder = packed(tmp_path / task, task, projection())
        done = CliRunner().invoke(cli, ["export", str(folder), "--to", "python", "-o", str(tmp_path / f"{task}.whl")], catch_exceptions=False)
        assert done.exit_code == 0 and words in done.stderr and done.stdout.strip().endswith(".whl")
    done = CliRunner().invoke(cli, ["export", str(folder), "--to", "python", "-o", str(tmp_path / "n.whl"), "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)["task"] == "dimensionality_reduction"
