import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from automl.report.running import running_view
from automl.report.schema import report_schema
from automl.report.view import build_view
from automl.rundir import RunDir, read_json, write_json

ROOT = Path(__file__).resolve().parents[2]


def valid(view):
    """Raise ValidationError where a view is no report."""
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(json.dumps(view, allow_nan=False)))


def test_the_schema_in_the_repository_is_that_of_the_declaration():
    assert json.loads((ROOT / "schemas" / "report.schema.json").read_text()) == report_schema(), "run: make docs"
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_the_report_of_a_run_keeps_to_it(finished_run):
    valid(build_view(RunDir(finished_run)))
    valid(read_json(RunDir(finished_run).report_json))


def test_that_of_a_run_that_goes_on_does_too(finished_run):
    for state in ("running", "unfinished"):
        valid(running_view(RunDir(finished_run), state))


def test_that_of_an_older_run_does_too(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    files.explanation.unlink()
    evaluation = read_json(files.evaluation)
    write_json(
        files.evaluation, {k: v for k, v in evaluation.items() if k not in ("generalisation", "also_intervals", "thresholds", "decision", "ensemble", "gate")}
    )
    write_json(files.plan, {k: v for k, v in read_json(files.plan).items() if k != "page"})
    valid(build_view(files))


@pytest.mark.parametrize(
    "change", [{"trust": {"light": "blue", "reasons": [], "checks": []}}, {"surprise": 1}, {"schema_version": 1}, {"leaderboard": [{"number": 1}]}]
)
def test_what_is_no_report_is_none(finished_run, change):
    with pytest.raises(jsonschema.ValidationError):
        valid(build_view(RunDir(finished_run)) | change)
