"""What a run writes down of itself."""

from dataclasses import replace

import pytest

from automl.errors import EnvironmentFault
from automl.records import log_line, log_place, memory_mb, recorder, spending, stopped_words
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import Stop
from automl.search.study import Study
from automl.spec.sections.runtime import Log

from .toys import toy_plan, toy_trial


class Rung:
    precision, drop_upper = "float32", 0.0


def _rows(memory=None, trials=2, **plan):
    study = Study(True, 2, [toy_trial(n, 0.5, peak_memory_mb=300) for n in range(1, trials + 1)])
    found = spending(toy_plan(**plan), Budget(0.0, 1e9), study, {"chosen_precision": "float32"}, [Rung()], memory)
    return {row["name"]: row for row in found["constraints"]}


def test_a_limit_on_memory_is_held_against_all_processes_together():
    study = Study(True, 2, [toy_trial(n, 0.5, peak_memory_mb=mb) for n, mb in enumerate((500, 100, 400), 1)])
    assert memory_mb(study, 2) - memory_mb(Study(True, 2), 2) == 900
    assert "memory" not in _rows()
    assert _rows(memory=100_000_000_000)["memory"]["met"] and not _rows(memory=1_000_000)["memory"]["met"]


def test_trials_are_counted_without_references():
    assert _rows(max_trials=2)["trials"]["met"] and _rows(max_trials=1)["trials"]["met"] is False


def test_who_ended_the_run_is_said():
    stop = Stop()
    assert stopped_words(Budget(0.0, 60.0), stop) == ""
    stop.soft.set()
    assert "by you" in stopped_words(Budget(0.0, 60.0), stop)
    assert "SIGTERM" in stopped_words(Budget(0.0, 60.0), replace(stop, terminated=True))


FACTS = {"trial": 3, "family": "xgboost", "score": 0.9, "seconds": 1.5, "cause": "", "seconds_used": 12.0}


def test_the_log_says_more_at_each_level():
    done = {"event": "trial_ok", **FACTS}
    assert log_line(done, "error") == ""
    assert log_line(done, "info") == "[    12.0 s] trial 3 xgboost: ok, score 0.9000, 1.5 s"
    assert log_line({**done, "event": "trial_error", "score": None, "cause": "no luck"}, "info").endswith("trial 3 xgboost: error, 1.5 s: no luck")
    started = {"event": "trial_started", **FACTS, "pid": 77}
    assert log_line(started, "info") == "" and "pid 77" in log_line(started, "debug")
    assert log_line({"event": "phase", "phase": "search", "seconds_used": 1.0}, "info").endswith("search")
    assert log_line({"event": "note", "text": "careful", "seconds_used": 1.0}, "info").endswith("careful")
    assert log_line({"event": "refit_failed", "trial": 2, "cause": "out of time", "seconds_used": 1.0}, "info").endswith("trial 2 failed: out of time")
    assert log_line({"event": "refit_ok", "trial": 2, "cause": "", "seconds_used": 1.0}, "info") == ""


def test_a_log_of_its_own_is_added_to_and_its_folder_made(tmp_path):
    files = RunDir(tmp_path / "run")
    assert log_place(files, Log(), tmp_path) == files.log
    place = log_place(files, Log(file="logs/a.log"), tmp_path)
    assert place == tmp_path / "logs" / "a.log" and place.exists()
    place.write_text("before\n")
    files.log = log_place(files, Log(file="logs/a.log"), tmp_path)
    files.append_log("after")
    assert place.read_text() == "before\nafter\n"


def test_a_log_that_cannot_be_written_stops_the_run_before_it_begins(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot write the log"):
        log_place(RunDir(tmp_path), Log(file="file/a.log"), tmp_path)


@pytest.mark.parametrize(("level", "lines"), [("error", 0), ("info", 1), ("debug", 2)])
def test_events_reach_the_log_by_level_and_the_events_always(tmp_path, level, lines):
    files, told = RunDir(tmp_path), []
    record = recorder(files, Budget(0.0, None), told.append, level)
    record({"event": "phase", "phase": "search"})
    record({"event": "refit_ok", "trial": 1, "cause": ""})
    assert len(files.log.read_text().splitlines() if files.log.exists() else []) == lines
    assert len(told) == len(list(files.read_events())) == 2
