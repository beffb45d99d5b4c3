import json
import shutil

import pytest

from automl.report.running import running_view
from automl.rundir import RunDir, read_json, write_json


@pytest.fixture
def files(finished_run, tmp_path):
    """Return a run as it stands in the middle of its search."""
    shutil.copytree(finished_run, tmp_path / "run")
    found = RunDir(tmp_path / "run")
    for path in (found.evaluation, found.study, found.explanation, found.report_html, found.report_json):
        path.unlink(missing_ok=True)
    return found


def test_the_best_so_far_is_named_and_the_holdout_is_not_read(files):
    view = running_view(files, "running")
    best = next(t for t in view["leaderboard"] if t["place"] == 1)
    assert view["now"]["score"] == f"{best['score']:.3f}" and "holdout is read once, at the end" in view["now"]["sentence"]
    assert view["verdict"] is None and view["state"] == "running" and [s["id"] for s in view["sections"]] == ["now", "leaders", "search", "data"]
    assert view["searched"]["history"] and json.dumps(view, allow_nan=False)


def test_before_the_first_trial_there_is_a_page_too(files):
    shutil.rmtree(files.trials)
    files.trials.mkdir()
    files.events.write_text("")
    view = running_view(files)
    assert view["now"]["sentence"] == "No trial is complete yet." and view["now"]["score"] == "–" and view["searched"]["timeline"] is None
    assert view["study"]["counts"] == {"complete": 0, "pruned": 0, "failed": 0}


def test_the_time_is_told_with_and_without_a_limit(files):
    assert " of 2 min" in running_view(files)["now"]["time"] and running_view(files)["now"]["share"] is not None
    write_json(files.plan, read_json(files.plan) | {"seconds": None})
    found = running_view(files)["now"]
    assert " of " not in found["time"] and found["share"] is None


def test_a_folder_without_a_plan_has_no_page(files):
    files.plan.unlink()
    with pytest.raises(OSError):
        running_view(files)
