"""The driver of a search without labels: trials are numbered, kept and told; what is asked reaches the finder."""

import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from automl.errors import EnvironmentFault
from automl.families.space import Int, Space
from automl.plan.candidates import CandidateFamily
from automl.plan.unlabelled import UnlabelledPlan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.fits import Fit
from automl.search.loop import Past
from automl.search.processes import Begun
from automl.search.study import Study, Trial
from automl.search.trialstore import TrialStore
from automl.search.unlabelled import Recorder, _enough, options_of, plain
from automl.vocabulary import State


def toy_plan(**changes):
    values = {
        "task": "clustering", "asked": {"n_clusters": [2, 5], "noise": True, "metric": None, "compare_with": "y"}, "objective": "", "seed": 0, "fields": (),
        "candidates": (CandidateFamily("kmeans", "", Space({"clusters": Int(2, 9, 3)}), "cpu"),), "n_rows": 10, "search_rows": 10, "n_features": 2,
        "seconds": 30.0, "max_trials": None, "workers": 1, "threads_per_trial": 1, "cores": 1, "memory_mb_per_worker": 1000, "precisions": ("float32",),
        "max_drop": 0.001, "prefer": "smallest", "decisions": (),
    }  # fmt: skip
    return UnlabelledPlan(**{**values, **changes})


@pytest.fixture
def recorder(tmp_path):
    files = RunDir(tmp_path / "run")
    files.create()
    events = []
    made = Recorder(toy_plan(), TrialStore(files), Budget(0.0, None), events.append, Study(True, 1))
    made.events, made.files = events, files
    return made


def record(k=3, **changes):
    return {"family": "kmeans", "params": {"clusters": np.int64(k)}, "state": "ok", "seconds": 0.5, "scores": {"silhouette": np.float64(0.4), "bic": float("nan")},
            "cause": "", **changes}  # fmt: skip


def test_a_trial_is_on_disk_before_it_is_told(recorder):
    recorder.began(Begun(1, Fit("kmeans", {"clusters": 3}), 77))
    recorder.ended(record(score=0.4))
    recorder.close()
    assert [e["event"] for e in recorder.events] == ["trial_started", "trial_ok"] and recorder.events[0]["pid"] == recorder.events[1]["pid"] == 77
    kept = json.loads((recorder.files.trial(1) / "result.json").read_text())
    assert kept["params"] == {"clusters": 3} and kept["scores"] == {"silhouette": 0.4} and kept["score"] == 0.4
    assert recorder.study.trials[0].number == 1 and recorder.number_of("kmeans", {"clusters": 3}) == 1


def test_further_fits_of_a_configuration_are_part_of_its_trial(recorder):
    for number, data in enumerate(("x", "half", "other half"), 1):
        recorder.began(Begun(number, Fit("kmeans", {"clusters": 3}, data=data), 5))
    recorder.began(Begun(4, Fit("kmeans", {"clusters": 4}), 5))
    recorder.ended(record(4))
    recorder.ended(record(3))
    recorder.close()
    assert [e["trial"] for e in recorder.events] == [1, 2, 2, 1]


def test_a_configuration_once_more_is_another_trial(recorder):
    recorder.ended(record())
    recorder.ended(record())
    recorder.close()
    assert [t.number for t in recorder.study.trials] == [1, 2]


def test_records_may_be_objects_and_faults_have_causes(recorder):
    recorder.ended(SimpleNamespace(**record(state="timeout", cause="too slow" * 100)))
    recorder.close()
    (trial,) = recorder.study.trials
    assert trial.state == State.TIMEOUT and len(trial.cause) == 300 and recorder.study.counts()["failed"] == 1


def test_a_disk_that_refuses_is_told(recorder):
    recorder.files.trials.rmdir()
    with pytest.raises(EnvironmentFault):  # at once or at the end: another thread writes
        recorder.ended(record())
        recorder.close()


def test_a_trial_of_an_earlier_start_keeps_its_record_and_is_not_told_again(recorder):
    old = [Trial(n, "kmeans", {"clusters": n}, "cpu", state, score=0.5, seconds=9.0) for n, state in [(2, State.OK), (3, State.TIMEOUT), (4, State.OK)]]
    made = Recorder(toy_plan(max_trials=4), recorder.store, Budget(0.0, None), recorder.events.append, Study(True, 1), Past(tuple(old)))
    made.began(Begun(1, Fit("kmeans", {"clusters": 2}), 77))
    made.ended(record(2, score=0.1))
    assert made.waits and not recorder.events and not _enough(made.plan, made)
    made.ended(record(4))
    assert not made.waits
    for n in (3, 5):  # one that time had ended is tried again
        made.began(Begun(n, Fit("kmeans", {"clusters": n}), 77))
        made.ended(record(n))
    made.close()
    assert [(t.number, t.params["clusters"]) for t in made.study.trials] == [(2, 2), (3, 3), (4, 4), (5, 3), (6, 5)]
    assert made.study.trials[0] is old[0] and {e["trial"] for e in recorder.events} == {5, 6}
    assert (made.told, made.added) == (4, 2) and _enough(made.plan, made)


def test_what_is_written_for_a_trial_is_on_disk_before_it_is_told(recorder):
    order = []
    recorder.on_event = lambda event: order.append(event["event"])
    recorder.write(lambda: order.append("fit"))
    recorder.ended(record())
    recorder.close()
    assert order == ["fit", "trial_ok"]


@dataclass(frozen=True)
class Options:
    n_clusters: object = None
    noise: bool = False
    y: object = None
    include: tuple = ()
    space: object = None


def test_what_is_asked_reaches_the_finder():
    view = SimpleNamespace(rows=np.array([0, 2]), numbers=(0, 1))
    options = options_of(SimpleNamespace(Options=Options), toy_plan(code=np.array([0, 1, 2]), space={"kmeans": {"clusters": 3}}), view)
    assert options.n_clusters == (2, 5) and options.noise and options.include == ("kmeans",) and options.y.tolist() == [0, 2]
    assert options.space == {"kmeans": {"clusters": 3}}
    reduction = options_of(SimpleNamespace(Options=Options), toy_plan(task="dimensionality_reduction", asked={}), view)
    assert reduction.space["kmeans"]["clusters"].high == 9 and reduction.y is None


def test_values_become_plain():
    assert plain({"a": np.float32(0.5), "b": [np.int64(2), float("nan")], 3: np.arange(2)}) == {"a": 0.5, "b": [2, None], "3": [0, 1]}


def test_a_configuration_on_rows_treated_otherwise_is_a_trial_of_its_own(recorder):
    for note in ("", "log"):
        recorder.began(Begun(1, Fit("kmeans", {"clusters": 3}, note=note), 77))
    recorder.began(Begun(1, Fit("kmeans", {"clusters": 3}, data="half", note="log"), 78))
    for note in ("log", ""):
        recorder.ended(record(note=note))
    recorder.close()
    assert [e["event"] for e in recorder.events][:2] == ["trial_started"] * 2 and all(t.pid == 77 for t in recorder.study.trials)
    assert [recorder.number_of("kmeans", {"clusters": 3}, note) for note in ("", "log", "else")] == [1, 2, None]


def test_a_record_of_an_earlier_start_is_taken_for_the_same_rows_only(tmp_path):
    files = RunDir(tmp_path / "again")
    files.create()
    earlier = (Trial(3, "kmeans", {"clusters": 3}, "cpu", State.OK, note="log", scores={"silhouette": 0.9}),)
    made = Recorder(toy_plan(), TrialStore(files), Budget(0.0, None), lambda event: None, Study(True, 1), Past(earlier))
    made.ended(record())
    made.ended(record(note="log"))
    made.close()
    assert made.number_of("kmeans", {"clusters": 3}, "log") == 3 and made.number_of("kmeans", {"clusters": 3}) == 4 and made.added == 1
