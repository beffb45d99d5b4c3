"""What a run writes down of itself."""

from dataclasses import replace

from automl.records import memory_mb, spending, stopped_words
from automl.search.budget import Budget
from automl.search.loop import Stop
from automl.search.study import Study

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
