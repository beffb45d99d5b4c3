import copy
import json
import shutil

import pytest

from automl.report import view as under_test
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
    assert view["evaluation"] == read_json(files.evaluation) and view["profile"] == read_json(files.profile) and view["plan"] == read_json(files.plan)
    own = [t for t in read_json(files.study)["trials"] if not t["reference"]]
    assert view["n_trials"] == len(own) == sum(f["trials"] for f in view["families"])
    assert view["roc"].startswith("0.0,260.0 ") and view["roc"].endswith(" 260.0,0.0")


@pytest.mark.parametrize("greater", [True, False])
def test_trials_are_in_order_and_those_that_failed_come_last(run_copy, greater):
    _change(run_copy.plan, lambda p: p.update(greater_is_better=greater))

    def add_a_failure(study):
        broken = copy.deepcopy(study["trials"][0]) | {"number": 0, "state": "killed", "score": None}
        study["trials"].insert(0, broken)

    _change(run_copy.study, add_a_failure)
    board = build_view(run_copy)["leaderboard"]
    scores = [t["score"] for t in board if t["state"] == "ok"]
    last = [t["state"] for t in board[len(scores) :]]
    assert scores == sorted(scores, reverse=greater) and "killed" in last and "ok" not in last


def test_a_long_leaderboard_keeps_the_best_of_each_family_and_some_that_failed():
    trials = [{"family": "a", "state": "ok", "n": i} for i in range(40)] + [{"family": "b", "state": "ok", "n": 40}]
    trials += [{"family": "a", "state": "error", "n": 41 + i} for i in range(30)]
    shown = under_test._shown(trials)
    assert [t["n"] for t in shown] == [*range(under_test.BEST_TRIALS), 40, *range(41, 41 + under_test.BEST_TRIALS)]


def test_references_stand_in_the_leaderboard_by_their_score_and_count_nowhere(run_copy):
    def add(study):
        plain = copy.deepcopy(study["trials"][1]) | {"number": 99, "family": "xgboost", "params": {"eta": 0.3}, "score": 2.0, "reference": True, "state": "ok"}
        study["trials"].append(plain)

    before = build_view(run_copy)
    _change(run_copy.study, add)
    view = build_view(run_copy)
    assert view["leaderboard"][0]["number"] == 99 and view["leaderboard"][0]["reference"]
    assert {t["family"] for t in view["leaderboard"] if t["reference"]} >= {"baseline", "xgboost"}
    assert view["n_trials"] == before["n_trials"] and view["families"] == before["families"] and view["optimizers"] == before["optimizers"]
    constant = next(t for t in view["leaderboard"] if t["number"] == 0)
    assert "class shares" in constant["options"] and not any(b["title"].startswith("trial 0,") for b in view["timeline"]["bars"])


def test_families_are_summed_up_and_a_cancelled_trial_is_no_failure():
    def trial(family, state, score=None):
        return {"family": family, "state": state, "score": score, "seconds": 2.0, "device": "cpu"}

    trials = [trial("a", "ok", 0.7), trial("a", "ok", 0.9), trial("a", "cancelled"), trial("a", "killed"), trial("b", "error")]
    first, second = under_test._families(trials, True)
    assert (first["trials"], first["failed"], first["best"], first["seconds"]) == (4, 1, 0.9, 8.0)
    assert (second["failed"], second["best"]) == (1, None)
    assert under_test._families(trials, False)[0]["best"] == 0.7


def test_optimizers_are_compared_by_their_best_trial():
    def trial(name, state, score, seconds, rate):
        return {"params": {"optimizer": name, f"optimizer.{name}.lr": rate}, "state": state, "score": score, "seconds": seconds}

    trials = [
        trial("sgd", "ok", 0.7, 1.0, 0.1),
        trial("adam", "ok", 0.9, 2.0, 0.01),
        trial("adam", "ok", 0.8, 3.0, 0.02),
        trial("adagrad", "error", None, 1, 1),
    ]
    found = under_test._optimizers([*trials, {"params": {"C": 1}, "state": "ok", "score": 1.0}], True)
    assert [(o["optimizer"], o["trials"], o["best"], o["seconds"], o["rate"]) for o in found] == [
        ("adam", 2, 0.9, 2.0, 0.01), ("sgd", 1, 0.7, 1.0, 0.1), ("adagrad", 1, None, None, None),
    ]  # fmt: skip
    assert [o["optimizer"] for o in under_test._optimizers(trials, False)] == ["sgd", "adam", "adagrad"]


def test_options_are_written_short():
    trial = {"number": 1, "state": "ok", "score": 1.0, "params": {"optimizer": "sgd", "optimizer.sgd.lr": 0.0123456, "width": 64}}
    board = under_test._leaderboard({"trials": [trial]}, {"greater_is_better": True})
    assert board[0]["options"] == "optimizer sgd, lr 0.0123, width 64"


def _notes(study=None, **rung):
    chosen = {"chosen": True, "remark": "", "model_bytes": 500, "library_ratio": None, "judged_drop": 0.0} | rung
    return under_test._ladder_note({"precision_ladder": [chosen], "library_bytes": 2000}, study or {})


def test_the_notes_say_what_the_numbers_do_not():
    assert len(_notes()) == 1 and "25.0%" in _notes()[0]
    assert any("stays at float32" in n for n in _notes(judged_drop=None))
    assert any("1.50 times" in n for n in _notes(library_ratio=1.5))
    assert any("a few kB at most" in n for n in _notes(remark="the numbers fill 12 B"))
    assert "nothing narrower" in _notes({"no_scheme": "nothing narrower"})[0]


@pytest.mark.parametrize("name", ["plan", "profile", "evaluation", "study"])
def test_a_folder_that_is_not_whole_is_no_view(run_copy, name):
    getattr(run_copy, name).unlink()
    with pytest.raises(OSError):
        build_view(run_copy)


def test_numbers_as_a_reader_writes_them():
    assert (number(None), number(float("nan")), number(0.123456), number(0.5, 2)) == ("–", "–", "0.1235", "0.50")
    assert (thousands(1234567.8), short(0.000123456), short(123456.0)) == ("1,234,568", "0.0001235", "1.235e+05")
    assert FILTERS["words"]("roc_auc") == "ROC AUC"
