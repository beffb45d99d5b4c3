"""The verb alone, over a run that is played; tests/test_run.py has the real one."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from automl.cli import cli, main
from automl.cli.run import doubts
from automl.run import Run
from automl.search.budget import process_started

EVALUATION = {
    "family": "mlp", "metric": "roc_auc", "score": 0.91, "interval": [0.89, 0.93], "score_rows": "holdout", "n_scored": 80, "baseline_score": 0.5,
    "precision_ladder": [{"chosen": True, "precision": "int8", "size_bytes": 41_000}], "budget": {"used_seconds": 11.0}, "trials": {"complete": 5, "failed": 0},
}  # fmt: skip


@pytest.fixture
def played(tmp_path, monkeypatch):
    """Put a played run in place of the real one; `seen` holds what it was called with, `act` is what it does."""
    (tmp_path / "t.csv").write_text("kept,a\n")
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: kept}\n")
    monkeypatch.chdir(tmp_path)
    played = type("Played", (), {})()
    played.seen, played.act, played.by_user, played.found = {}, lambda options: None, False, False

    def run(spec, **options):
        played.seen = {"spec": spec, **options}
        played.act(options)
        return Run(Path("somewhere"), EVALUATION, played.by_user, played.found)

    monkeypatch.setattr(sys.modules["automl.run"], "run", run)
    return played


def test_the_path_of_the_report_is_all_of_stdout(played):
    done = CliRunner().invoke(cli, ["run", "s.yaml"])
    assert done.exit_code == 0 and done.stdout == "somewhere/report.html\n" and "roc_auc 0.9100" in done.stderr


def test_what_was_set_reaches_the_spec_and_the_record(played):
    CliRunner().invoke(cli, ["run", "s.yaml", "--set", "task.metric=f1", "--time", "90s", "--out", "here"])
    assert played.seen["spec"].task.metric == "f1" and played.seen["spec"].constraints.time == 90
    assert played.seen["overrides"] == {"task.metric": "f1", "constraints.time": "90s"} and played.seen["out"] == Path("here")


def test_the_budget_counts_from_the_start_of_the_process(played):
    CliRunner().invoke(cli, ["run", "s.yaml"])
    assert played.seen["started"] < time.monotonic()
    assert played.seen["started"] == pytest.approx(process_started(), abs=0.5)


def test_a_run_that_was_finished_before_says_so_and_prints_its_report(played):
    played.found = True
    done = CliRunner().invoke(cli, ["run", "s.yaml", "--out", "here"])
    assert done.exit_code == 0 and done.stdout == "somewhere/report.html\n" and "this run is finished; nothing was done" in done.stderr


@pytest.mark.parametrize("asked", [True, False])
def test_to_resume_is_asked_for(played, asked):
    CliRunner().invoke(cli, ["run", "s.yaml", *(["--resume"] if asked else [])])
    assert played.seen["resume"] is asked


def test_every_event_is_told_where_that_is_asked_for(played):
    played.act = lambda options: options["on_event"]({"event": "trial_started", "trial": 3, "pid": 77, "seconds_used": 1.0})
    assert "pid" not in CliRunner().invoke(cli, ["run", "s.yaml"]).stderr
    assert "trial_started trial 3, pid 77" in CliRunner().invoke(cli, ["run", "s.yaml", "-v"]).stderr


def test_quiet_leaves_the_summary(played):
    played.act = lambda options: options["on_event"]({"event": "phase", "phase": "search"})
    assert "search" in CliRunner().invoke(cli, ["run", "s.yaml"]).stderr
    quiet = CliRunner().invoke(cli, ["run", "s.yaml", "-q"])
    assert "search" not in quiet.stderr and "0.9100" in quiet.stderr


def _exit_code(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["automl", "run", "s.yaml", "-q"])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_was_stopped_tells_by_which_signal(played, monkeypatch, number, code):
    def act(options):
        options["stop"].active = True
        os.kill(os.getpid(), number)
        assert options["stop"].soft.is_set()

    played.act, played.by_user = act, True
    assert _exit_code(monkeypatch) == code


def test_a_stop_after_which_the_run_ended_in_order_is_a_success(played, monkeypatch):
    assert _exit_code(monkeypatch) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_was_ended_before_its_search_tells_by_which_signal(played, monkeypatch, capsys, number, code):
    played.act = lambda options: os.kill(os.getpid(), number)
    assert _exit_code(monkeypatch) == code
    assert "no trial was run" in capsys.readouterr().err


def test_a_run_that_was_left_in_its_search_does_not_claim_that_nothing_was_written(played, monkeypatch, capsys):
    """The third Ctrl-C; the folder with spec, plan, profile and trials is there by then."""

    def act(options):
        options["stop"].active = True
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)

    played.act = act
    assert _exit_code(monkeypatch) == 130
    assert "no trial was run" not in capsys.readouterr().err


def test_doubts_are_told_at_the_end():
    """The report's gravest doubt, and a class that occurs and is never answered."""
    red = {"light": "red", "reasons": ["it may have learned nothing", "few rows"]}
    rare = {"confusion": [[766, 0], [34, 0]], "per_class": [{"label": "0", "rows": 766}, {"label": "1", "rows": 34}]}
    assert doubts({}, red) == ["it may have learned nothing"]
    assert doubts(rare, red)[1].startswith("no scored row is answered `1` (34 rows); for two classes `task.threshold`")
    amber = {"light": "amber", "reasons": ["few rows"]}
    assert doubts(rare | {"confusion": [[700, 66], [30, 4]]}, amber) == [] and doubts(rare | {"confusion": None}, amber) == []


def test_an_artifact_that_answers_otherwise_is_the_first_doubt_of_every_task():
    differs = {"fresh_process": {"agrees": False, "same_labels": True, "largest_difference": 0.2, "rows": 256}}
    told = doubts(differs, {"light": "", "reasons": []})
    assert len(told) == 1 and told[0].startswith("the artifact does not answer as the model that was scored")
    assert doubts(differs, {"light": "red", "reasons": [told[0], "few rows"]}) == told
    assert doubts({"fresh_process": {"agrees": True}}, {"light": "green", "reasons": ["all is well"]}) == []


def test_such_a_doubt_is_printed(played, monkeypatch):
    monkeypatch.setitem(EVALUATION, "fresh_process", {"agrees": False, "why": "ArtifactError: cut off"})
    done = CliRunner().invoke(cli, ["run", "s.yaml", "-q"])
    assert "careful: the artifact does not answer as the model that was scored" in done.stderr and "cut off" in done.stderr
