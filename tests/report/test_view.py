import copy
import json
import shutil

import pytest

from automl.report.view import FILTERS, build_view, number, short, thousands
from automl.rundir import RunDir, read_json, write_json


@pytest.fixture
def run_copy(finished_run, tmp_path):
    """Return a copy of the finished run whose files may be changed."""
    shutil.copytree(finished_run, tmp_path / "run")
    return RunDir(tmp_path / "run")


def _change(path, change):
    value = read_json(path)
    change(value)
    write_json(path, value)


def test_the_view_is_json_and_the_same_every_time(finished_run):
    view = build_view(RunDir(finished_run))
    assert json.loads(json.dumps(view, allow_nan=False)) == json.loads(json.dumps(build_view(RunDir(finished_run)), allow_nan=False))


def test_the_view_says_what_the_files_say(finished_run):
    files, view = RunDir(finished_run), build_view(RunDir(finished_run))
    plan, profile = read_json(files.plan), read_json(files.profile)
    assert view["evaluation"] == read_json(files.evaluation) and view["plan"]["decisions"] == plan["decisions"] and view["plan"]["seed"] == plan["seed"]
    assert view["profile"]["rows"] == profile["rows"] and view["profile"]["columns"] == len(profile["columns"]) and view["title"] == plan["page"]["name"]
    own = [t for t in read_json(files.study)["trials"] if not t["reference"]]
    assert view["n_trials"] == len(own) == sum(f["trials"] for f in view["searched"]["families"])
    assert view["charts"]["roc"] and view["charts"]["thresholds"] and view["searched"]["history"] and view["searched"]["timeline"]


def test_references_stand_in_the_leaderboard_by_their_score_and_count_nowhere(run_copy):
    def add(study):
        plain = copy.deepcopy(study["trials"][1]) | {"number": 99, "family": "xgboost", "params": {"eta": 0.3}, "score": 2.0, "reference": True, "state": "ok"}
        study["trials"].append(plain)

    before = build_view(run_copy)
    _change(run_copy.study, add)
    view = build_view(run_copy)
    assert view["leaderboard"][0]["number"] == 99 and view["leaderboard"][0]["reference"]
    assert {t["family"] for t in view["leaderboard"] if t["reference"]} >= {"baseline", "xgboost"}
    assert view["n_trials"] == before["n_trials"] and view["searched"] == before["searched"]
    constant = next(t for t in view["leaderboard"] if t["number"] == 0)
    assert "class shares" in constant["options"] and not any(m["tip"].startswith("trial 0,") for m in view["searched"]["timeline"]["marks"])


@pytest.mark.parametrize("name", ["plan", "profile", "evaluation", "study"])
def test_a_folder_that_is_not_whole_is_no_view(run_copy, name):
    getattr(run_copy, name).unlink()
    with pytest.raises(OSError):
        build_view(run_copy)


def test_numbers_as_a_reader_writes_them():
    assert (number(None), number(float("nan")), number(0.123456), number(0.5, 2)) == ("–", "–", "0.1235", "0.50")
    assert (thousands(1234567.8), short(0.000123456), short(123456.0)) == ("1,234,568", "0.0001235", "1.235e+05")
    assert FILTERS["words"]("roc_auc") == "ROC AUC"
