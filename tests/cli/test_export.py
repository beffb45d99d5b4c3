"""`automl export`: what it writes, what it says, and what it refuses."""

import json

import optuna
import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.errors import UsageError


def call(*words):
    return CliRunner().invoke(cli, ["export", *map(str, words)], catch_exceptions=False)


def test_it_writes_studies_and_says_where(finished_run, tmp_path):
    out = tmp_path / "s.db"
    done = call(finished_run, "--to", "optuna", "-o", out)
    assert done.exit_code == 0 and done.stdout.strip() == str(out) and "optuna-dashboard" in done.stderr
    names = optuna.get_all_study_names(f"sqlite:///{out}")
    more = call(finished_run, "--to", "optuna", "-o", tmp_path / "t.db", "--json")
    assert set(json.loads(more.stdout)["studies"]) == set(names) and json.loads(more.stdout)["file"] == str(tmp_path / "t.db")
    with pytest.raises(UsageError, match="already there"):
        call(finished_run, "--to", "optuna", "-o", out)


def test_a_form_that_nobody_writes_is_refused_with_the_nearest(finished_run):
    with pytest.raises(UsageError, match="`onxx` is not a form") as caught:
        call(finished_run, "--to", "onxx")
    assert caught.value.fix == "did you mean `onnx`?"


def test_a_package_says_where_it_is_and_what_it_was_compared_on(finished_run, tmp_path):
    done = call(finished_run, "--to", "python", "-o", tmp_path / "m.whl")
    assert done.exit_code == 0 and done.stdout.strip() == str(tmp_path / "m.whl") and "the same labels on 400 rows" in done.stderr
    more = call(finished_run, "--to", "python", "-o", tmp_path / "n.whl", "--json")
    assert json.loads(more.stdout)["largest_difference"] <= 1e-5


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(UsageError, match="is not a run"):
        call(tmp_path, "--to", "optuna")
