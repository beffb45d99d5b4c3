"""Python's way in: a spec in any form, overrides, problems as records, and what a run shows of itself."""

import json
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

import automl
from automl.api import loaded
from automl.errors import DataError, SpecError
from automl.result import Page, Run

from .conftest import mixed_frame

TASK = {"type": "classification", "target": "kept"}


@pytest.fixture
def table(tmp_path, monkeypatch):
    mixed_frame(120).to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_spec_may_be_a_dict_a_text_or_a_path(table):
    text = "data: t.csv\ntask: {type: classification, target: kept}\nseed: 3\n"
    (table / "s.yaml").write_text(text)
    forms = [{"data": Path("t.csv"), "task": TASK, "seed": np.int64(3)}, text, "s.yaml", table / "s.yaml"]
    specs = [loaded(form, {}).or_raise() for form in forms]
    assert all(spec.model_dump() == specs[0].model_dump() for spec in specs)
    assert loaded("{data: t.csv, task: {type: classification, target: kept}}", {}).or_raise().goal.target == "kept"


def test_the_text_of_a_cell_is_called_so_and_has_lines(table):
    found = automl.validate("data: t.csv\ntask: {type: classification, target: kept}\nsede: 1\nmodels: {include: [xgbost]}\n")
    assert [(d.code, d.file, d.span.line) for d in found] == [("S101", "<cell>", 3)]
    found = automl.validate("data: t.csv\ntask: {type: classification, target: kept}\nmodels: {include: [xgbost]}\n")
    assert [(d.code, d.span.line) for d in found] == [("C401", 3)]
    assert automl.validate({"data": "t.csv", "task": TASK}) == []
    assert [d.code for d in automl.validate({"data": "t.csv", "task": {**TASK, "target": "kep"}})] == ["D301"]
    assert automl.validate({"data": "t.csv", "task": {**TASK, "target": "kep"}}, with_data=False) == []
    assert [d.code for d in automl.validate({"data": "t.csv", "task": TASK}, set={"seed": "many"})] == ["S103"]


def test_an_error_has_the_records_and_ipython_shows_no_stack(table, monkeypatch):
    with pytest.raises(SpecError) as caught:
        automl.run("data: t.csv\ntask: {type: classification, target: kept}\nsede: 1\n", out="run")
    assert [d.code for d in caught.value.diagnostics] == ["S101"] and "<cell>:3:1" in str(caught.value)
    assert "\n".join(caught.value._render_traceback_()) == str(caught.value)
    monkeypatch.setenv("AUTOML_DEBUG", "1")
    with pytest.raises(NotImplementedError):
        caught.value._render_traceback_()
    with pytest.raises(DataError) as caught:
        automl.run({"data": "t.csv", "task": {**TASK, "target": "kep"}}, out="run")
    assert [d.code for d in caught.value.diagnostics] == ["D301"] and not Path("run").exists()


class Asked(Exception):
    pass


def _asked(monkeypatch, *arguments, **options):
    """Return what automl.run hands on, without carrying it out."""

    def carry_out(spec, **given):
        raise Asked(spec, given)

    monkeypatch.setattr("automl.api.carry_out", carry_out)
    with pytest.raises(Asked) as caught:
        automl.run(*arguments, **options)
    return caught.value.args


def test_overrides_by_keyword_and_by_dotted_key(table, monkeypatch):
    spec, given = _asked(
        monkeypatch, {"data": "t.csv", "task": TASK}, time="20s", task__metric="f1", set={"models.include": ["knn", "xgboost"]}, seed=5, out="x",
        overrides={"ensemble.method": "none"},
    )  # fmt: skip
    assert (spec.constraints.time, spec.goal.metric, spec.models.include, spec.seed, spec.ensemble.method) == (20.0, "f1", ["knn", "xgboost"], 5, "none")
    assert given["out"] == "x" and given["overrides"]["constraints.time"] == "20s"
    with pytest.raises(SpecError, match="metrik"):
        automl.run({"data": "t.csv", "task": TASK}, task__metrik="f1")


def test_the_stop_button_is_ctrl_c_and_only_the_main_thread_listens(table, monkeypatch):
    during = {}

    def carry_out(spec, stop, **given):
        during[threading.current_thread().name] = signal.getsignal(signal.SIGINT), stop

    monkeypatch.setattr("automl.api.carry_out", carry_out)
    given = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background are given one that ignores it
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    spec = {"data": "t.csv", "task": TASK}
    automl.run(spec)
    handler, stop = during.pop("MainThread")
    assert handler.__self__.stop is stop and (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    thread = threading.Thread(target=automl.run, args=(spec,), name="other")
    thread.start()
    thread.join()
    signal.signal(signal.SIGINT, given)
    assert during["other"] == (before[0], None)


def test_events_reach_listener_and_progress(table, monkeypatch, capsys):
    _, given = _asked(monkeypatch, {"data": "t.csv", "task": TASK}, progress=True, on_event=(told := []).append)
    given["on_event"]({"event": "phase", "phase": "search"})
    assert told and "search" in capsys.readouterr().err
    _, given = _asked(monkeypatch, {"data": "t.csv", "task": TASK})
    given["on_event"]({"event": "phase", "phase": "search"})
    assert capsys.readouterr().err == ""


def test_a_run_shows_itself(finished_run):
    evaluation = json.loads((finished_run / "evaluation.json").read_text())
    run = Run(finished_run, evaluation)
    assert run.leaderboard["rank"].tolist() == list(range(1, len(run.leaderboard) + 1)) and run.leaderboard["score"].dtype == float
    assert run.best["number"] == evaluation["trial"] and run.best["family"]
    assert all({"check", "mode"} <= set(f) for f in run.findings)
    bundle = run._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "text/markdown"} and len(bundle["text/html"].encode()) <= 20_000
    assert bundle["text/plain"] == repr(run) and bundle["text/html"] == run._repr_html_() and "report.html" in repr(run)
    assert run.to_markdown().startswith("#")
    assert run.report == finished_run / "report.html"
    page = run.show(500)
    assert (
        isinstance(page, Page)
        and page._repr_html_().startswith("<iframe srcdoc=")
        and "height:500px" in page._repr_html_()
        and "<html" not in page._repr_html_()
    )


def test_a_report_that_is_no_page_is_shown_as_text(tmp_path):
    (tmp_path / "report.md").write_text("# <b>x</b>")
    assert Run(tmp_path, {}).show()._repr_html_().startswith("<pre") and "&lt;b&gt;" in Run(tmp_path, {}).show()._repr_html_()


def test_without_its_report_a_run_shows_what_it_has(tmp_path):
    run = Run(tmp_path, {"metric": "f1", "score": 0.5, "trial": None, "constraints": []})
    assert "f1 0.5000" in repr(run) and "f1 0.5000" in run._repr_html_()


def test_a_leaderboard_without_trials_is_empty(tmp_path):
    from automl.rundir import write_json

    write_json(tmp_path / "plan.json", {"greater_is_better": True, "n_folds": 2, "objectives": ["score"]})
    board = Run(tmp_path, {}).leaderboard
    assert len(board) == 0 and {"rank", "family", "score", "front"} <= set(board.columns)
