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


def test_other_forms_are_not_yet(finished_run):
    with pytest.raises(UsageError, match="`onnx` is not yet a form"):
        call(finished_run, "--to", "onnx")


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(UsageError, match="is not a run"):
        call(tmp_path, "--to", "optuna")
