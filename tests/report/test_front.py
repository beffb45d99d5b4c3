"""The Pareto front in the report: there where several objectives were asked for, and only then."""

import json
import shutil

from automl.report.front import cost_chart, front_view, ladder_bars, pareto
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


def _costed(number, score, size, **more):
    return {"number": number, "family": "a", "state": "ok", "score": score, "size_bytes": size, "latency_ms": (size or 0) / 1000, **more}


def test_the_front_of_score_and_size():
    trials = [_costed(1, 0.9, 100), _costed(2, 0.8, 10), _costed(3, 0.85, 200), _costed(4, 0.8, 20), _costed(5, 0.8, 10)]
    assert [t["number"] for t in pareto(trials, "size_bytes", True)] == [2, 1]
    assert [t["number"] for t in pareto(trials, "size_bytes", False)] == [2]


def test_trials_without_a_cost_or_a_score_are_not_drawn():
    trials = [_costed(1, 0.9, 100), _costed(2, None, 10), _costed(3, 0.8, None) | {"latency_ms": None}, _costed(4, 0.7, 0)]
    assert cost_chart(trials, "size_bytes", "ROC AUC", True, [1]) is None
    found = cost_chart([*trials, _costed(5, 0.95, 1000)], "size_bytes", "ROC AUC", True, [5])
    dots = [m for m in found["marks"] if m["kind"] == "dot"]
    assert len(dots) == 2 and sum("ring" in m["look"] for m in dots) == 1 and [r[0] for r in found["table"]["rows"]] == ["1", "5"]


def test_bars_of_the_ladder_are_shares_and_a_loss_stands_beside_what_is_allowed():
    rungs = [
        {"precision": "float32", "chosen": False, "passes": True, "size_bytes": 400, "rows_per_second": 10.0, "judged_drop_upper": 0.0},
        {"precision": "int8", "chosen": True, "passes": True, "size_bytes": 100, "rows_per_second": 20.0, "judged_drop_upper": 0.0005},
        {"precision": "float16", "chosen": False, "passes": False, "size_bytes": 200, "rows_per_second": 5.0, "judged_drop_upper": None},
    ]
    first, second, third = ladder_bars(rungs, 0.001)
    assert (first["size"], second["size"], second["speed"]) == (100.0, 25.0, 100.0) and first["loss"] == 0 < second["loss"] < second["limit"] < 100
    assert third["loss"] is None
