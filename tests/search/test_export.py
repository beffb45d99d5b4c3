"""A run as Optuna studies: loaded again by Optuna itself, every trial with all that is known of it."""

import json
import shutil

import optuna
import pytest

from automl.errors import EnvironmentFault, UsageError
from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.plan.plan import CandidateFamily
from automl.rundir import RunDir, write_json
from automl.search.export import export_optuna
from automl.vocabulary import State

from ..toys import LINEAR, toy_plan, toy_trial

SPACE = Space({"C": Float(1e-3, 1e3, 1.0, log=True), "k": Int(1, 9, 3), "kept": Fixed("x"), "how": Choice({"slow": Space({"r": Float(0, 1, 0.5)})}, "slow")})
PARAMS = {"C": 2.0, "k": 4, "kept": "x", "how": "slow", "how.slow.r": 0.25}


def made(folder, trials, **changes):
    files = RunDir(folder)
    files.create()
    candidates = (CandidateFamily("linear", LINEAR, SPACE, "cpu"), CandidateFamily("other", LINEAR, Space(), "cpu"))
    write_json(files.plan, toy_plan(candidates=candidates, **changes).as_dict())
    for trial in trials:
        write_json(files.trial(trial.number) / "result.json", trial.record())
    files.running_trial(99, 1).mkdir()
    return files


def study_of(path, name="linear"):
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def test_every_field_is_there(tmp_path):
    trials = [
        toy_trial(1, 0.8, params=PARAMS, fold_scores=(0.7, 0.9), seconds=3.0, spread=0.1, fold_seconds=(1.0, 2.0), note="given", latency_ms=0.5, size_bytes=9),
        toy_trial(2, None, params={**PARAMS, "C": 9e9}, state=State.ERROR, cause="it broke", fold_scores=(0.6,)),
        toy_trial(3, 0.4, params=PARAMS, state=State.PRUNED, cause="behind trial 1", fold_scores=(None, 0.4)),
        toy_trial(4, 0.9, params={}, family="other"),
        toy_trial(5, 0.9, params={"rounds": 7}, reference=True),
    ]
    counts = export_optuna(made(tmp_path / "run", trials, sampler="qmc"), tmp_path / "s.db")
    assert counts == {"linear": 3, "other": 1}
    study = study_of(tmp_path / "s.db")
    assert study.direction.name == "MAXIMIZE" and study.metric_names == ["roc_auc"] and study.user_attrs["sampler"] == "qmc"
    one, two, three = study.trials
    assert (one.state.name, one.value, one.intermediate_values) == ("COMPLETE", 0.8, {0: 0.7, 1: 0.9})
    assert one.params == {"C": 2.0, "k": 4, "how": "slow", "how.slow.r": 0.25}
    assert one.distributions["C"] == optuna.distributions.FloatDistribution(1e-3, 1e3, log=True) and one.distributions["how"].choices == ("slow",)
    assert one.duration.total_seconds() == pytest.approx(3.0)
    expected = {"number": 1, "state": "ok", "seconds": 3.0, "spread": 0.1, "note": "given", "fold_seconds": [1.0, 2.0], "fixed kept": "x", "size_bytes": 9}
    assert expected.items() <= one.user_attrs.items()
    assert (two.state.name, two.value, two.user_attrs["cause"]) == ("FAIL", None, "it broke")
    assert "C" not in two.params and two.user_attrs["fixed C"] == 9e9
    assert (three.state.name, three.value, three.intermediate_values) == ("PRUNED", 0.4, {1: 0.4})
    assert study.best_trial.number == 0 and study_of(tmp_path / "s.db", "other").best_value == 0.9
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "s.db"]


def test_several_objectives(tmp_path):
    trials = [toy_trial(n, s, params=PARAMS, fold_scores=(s,), size_bytes=b) for n, s, b in [(1, 0.8, 10), (2, 0.9, 30), (3, 0.7, 20), (4, 0.99, None)]]
    export_optuna(made(tmp_path / "run", trials, objectives=("score", "size")), tmp_path / "s.db")
    study = study_of(tmp_path / "s.db")
    assert study.metric_names == ["roc_auc", "size_bytes"] and [t.values for t in study.best_trials] == [[0.8, 10.0], [0.9, 30.0]]
    assert study.trials[3].state.name == "FAIL" and study.trials[3].user_attrs["state"] == "ok"


def test_nothing_is_overwritten(tmp_path):
    files = made(tmp_path / "run", [])
    (tmp_path / "s.db").write_text("mine")
    with pytest.raises(UsageError, match=r"s\.db is already there"):
        export_optuna(files, tmp_path / "s.db")
    assert (tmp_path / "s.db").read_text() == "mine"


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(EnvironmentFault, match=r"cannot write s\.db"):
        export_optuna(made(tmp_path / "run", []), tmp_path / "nowhere" / "s.db")


@pytest.mark.parametrize("harm", [lambda plan: plan.pop("objectives"), lambda plan: plan["candidates"][0]["space"]["C"].pop("kind")])
def test_a_run_that_cannot_be_read(tmp_path, harm):
    files = made(tmp_path / "run", [])
    plan = json.loads(files.plan.read_text())
    harm(plan)
    files.plan.write_text(json.dumps(plan))
    with pytest.raises(UsageError, match="not the folder of a run"):
        export_optuna(files, tmp_path / "s.db")


def test_a_real_run_unfinished(finished_run, tmp_path):
    """A copy without its last files, as a kill leaves it; the studies hold the trials of the record."""
    folder = tmp_path / "run"
    shutil.copytree(finished_run, folder, ignore=shutil.ignore_patterns("study.json", "report.*", "artifact", "rungs", "evaluation.json"))
    counts = export_optuna(RunDir(folder), tmp_path / "s.db")
    records = [r for p in sorted(folder.glob("trials/*/result.json")) if not (r := json.loads(p.read_text()))["reference"]]
    assert sum(counts.values()) == len(records) > 0
    for name in optuna.get_all_study_names(f"sqlite:///{tmp_path / 's.db'}"):
        own = [r for r in records if r["family"] == name]
        study = study_of(tmp_path / "s.db", name)
        assert [t.user_attrs["number"] for t in study.trials] == [r["number"] for r in own]
        complete = [k for k, r in enumerate(own) if r["state"] == "ok"]  # the value of a pruned one is its last fold's, as Optuna has it
        assert [study.trials[k].value for k in complete] == [own[k]["score"] for k in complete]
