"""The Pareto front in the report: there where several objectives were asked for, and only then."""

import json
import shutil

from automl.report.front import front_view
from automl.report.render import render_report
from automl.rundir import RunDir

TRIALS = [{"number": n, "family": "xgboost", "score": s, "latency_ms": 0.5, "size_bytes": b, "state": "ok"} for n, s, b in [(1, 0.8, 2000), (2, 0.7, 1000)]]


def test_one_objective_has_no_front():
    assert front_view({"trials": TRIALS, "front": []}, {"objectives": ["score"]}) is None


def test_the_trials_stand_in_the_order_of_the_front():
    found = front_view({"trials": TRIALS, "front": [2, 1]}, {"objectives": ["score", "size"]})
    assert [t["number"] for t in found["trials"]] == [2, 1] and found["trials"][0]["size_bytes"] == 1000


def test_the_page_shows_what_was_asked_for(finished_run, tmp_path):
    def page(objectives, front):
        folder = tmp_path / "-".join(objectives)
        shutil.copytree(finished_run, folder)
        files = RunDir(folder)
        for path, changes in ((files.plan, {"objectives": objectives}), (files.study, {"front": front})):
            path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return render_report(files).read_text()

    number = next(t["number"] for t in json.loads((finished_run / "study.json").read_text())["trials"] if t["state"] == "ok" and not t["reference"])
    assert 'id="front"' not in page(["score"], [])
    text = page(["score", "size"], [number])
    section = text[text.index('id="front"') : text.index("<h3", text.index('id="front"') + 20)]
    assert f"<td>{number}</td>" in section and "size</th>" in section and "one row</th>" not in section
