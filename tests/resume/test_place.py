"""One run, killed in its search; copies of its folder are gone on with, or refused, in every way there is."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib import import_module

import pytest

import automl
from automl.errors import DataError, EnvironmentFault, UsageError
from automl.resume import place as module
from automl.rundir import RunDir
from automl.rundir.lock import acquire

from ..kills.harness import SPEC, Case, acknowledged, check_finished, check_usable, frame, records

MORE = "constraints: {trials: 4, time: none}\nruntime: {workers: 1}\n"


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a folder with a spec, its table and a run that was killed after two trials, in runs/first."""
    case = Case(tmp_path_factory.mktemp("killed"), MORE)
    process = case.command(case.folder / "runs" / "first")
    end = time.monotonic() + 60
    while len(acknowledged(case.folder / "runs" / "first")) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(acknowledged(case.folder / "runs" / "first")) >= 2 and not (case.folder / "runs" / "first" / "evaluation.json").exists()
    case.check_no_process()
    return case.folder


@pytest.fixture
def copy(killed, tmp_path):
    """Return a copy of all of it, elsewhere."""
    shutil.copytree(killed, tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def _go_on(copy, **options):
    told = []
    run = automl.run(copy / "spec.yaml", on_event=told.append, **options)
    return run, told


def _respec(copy, text):
    (copy / "spec.yaml").write_text(SPEC + text)


def _content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "lock"}


def test_it_goes_on_at_another_place_and_tells_so(copy):
    """Nothing that is needed holds a path of the machine."""
    out, before = copy / "runs" / "first", acknowledged(copy / "runs" / "first")
    run, told = _go_on(copy, out=out)
    check_finished(out, before)
    assert not run.found and len(records(out)) == 6
    resumed = next(e for e in told if e["event"] == "resumed")
    assert resumed["trials"] >= 2 and resumed["spent_seconds"] > 0
    assert any("its lock was taken over" in str(e.get("text")) for e in told)
    study = json.loads((out / "study.json").read_text())
    assert [s["number"] for s in study["starts"]] == [1] and study["starts"][0]["used_seconds"] > 0
    assert run.evaluation["budget"]["used_seconds"] > study["starts"][0]["used_seconds"]
    assert "started 2 times" in (out / "report.html").read_text()
    kept = b"".join(data for name, data in _content(out).items() if name.suffix in (".json", ".ndjson", ".csv", ".yaml") and name.name != "job.json")
    assert str(copy).encode() not in kept


def test_a_finished_run_says_so_and_does_nothing(copy):
    out = copy / "runs" / "first"
    _go_on(copy, out=out)
    before = _content(out)
    _respec(copy, MORE.replace("trials: 4", "trials: 9").replace("none", "5m"))
    run, _ = _go_on(copy, out=out)
    assert run.found and _content(out) == before and run.report == out / "report.html"
    (out / "report.html").unlink()  # as a kill at the last moment leaves it
    assert _go_on(copy, out=out)[0].found and (out / "report.html").exists()


@pytest.mark.parametrize("line", ["task.metric: log_loss", "validation.folds: 3", "seed: 4", "models.exclude: [xgboost]"])
def test_another_spec_is_refused_and_nothing_is_touched(copy, line):
    key, _, value = line.partition(": ")
    out = copy / "runs" / "first"
    before = _content(out)
    with pytest.raises(UsageError, match=key) as fault:
        _go_on(copy, out=out, overrides={key: value})
    assert fault.value.exit_code == 2 and _content(out) == before
    with pytest.raises(UsageError, match="no unfinished run"):
        _go_on(copy, resume=True, overrides={key: value})


def test_other_data_are_refused_and_nothing_is_touched(copy):
    out = copy / "runs" / "first"
    before = _content(out)
    frame(130).to_csv(copy / "t.csv", index=False)
    with pytest.raises(DataError, match=r"there: 120 rows.*\n.*now:   130 rows") as fault:
        _go_on(copy, out=out)
    assert fault.value.exit_code == 3 and _content(out) == before
    frame().to_csv(copy / "t.csv", index=False)
    _go_on(copy, out=out)  # the same rows again, in a file that is not the same


@pytest.mark.slow
def test_the_same_rows_in_another_form_are_the_same_data(copy):
    frame().to_parquet(copy / "t.parquet")
    (copy / "spec.yaml").write_text((SPEC + MORE).replace("t.csv", "t.parquet"))
    assert not _go_on(copy, out=copy / "runs" / "first")[0].found


def test_a_folder_with_other_things_is_refused_with_one_of_them(copy):
    (copy / "mine").mkdir()
    (copy / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match=r"letter\.txt") as fault:
        _go_on(copy, out=copy / "mine")
    assert fault.value.exit_code == 2 and [p.name for p in (copy / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.slow
def test_resume_finds_the_newest_unfinished_run_of_the_spec(copy):
    runs = copy / "runs"
    shutil.copytree(runs / "first", runs / "older")
    identity = json.loads((runs / "older" / "identity.json").read_text())
    (runs / "older" / "identity.json").write_text(json.dumps({**identity, "created": "2001-01-01"}))
    (runs / "broken").mkdir()
    (runs / "broken" / "identity.json").write_text("{")
    assert _go_on(copy, resume=True)[0].folder == runs / "first"
    assert _go_on(copy, resume=True)[0].folder == runs / "older"
    with pytest.raises(UsageError, match="no unfinished run of this spec in") as fault:
        _go_on(copy, resume=True)
    assert "leave out --resume" in fault.value.fix
    assert sorted(p.name for p in runs.iterdir()) == ["broken", "first", "older"]


@pytest.mark.slow
def test_resume_with_a_new_folder_starts_there(copy):
    run, told = _go_on(copy, resume=True, out=copy / "new")
    assert not [e for e in told if e["event"] == "resumed"] and run.folder == copy / "new"


@pytest.mark.slow
def test_without_resume_and_out_a_new_run_starts(copy):
    run, _ = _go_on(copy)
    assert run.folder.parent == copy / "runs" and run.folder.name != "first"


def test_a_folder_in_use_is_refused_also_to_resume(copy):
    lock = acquire(copy / "runs" / "first" / "lock")
    for options in ({"out": copy / "runs" / "first"}, {"resume": True}):
        with pytest.raises(EnvironmentFault, match=f"in use by pid {os.getpid()}"):
            _go_on(copy, **options)
    lock.release()


def test_what_the_look_decided_is_not_decided_again(copy, monkeypatch):
    monkeypatch.setattr(import_module("automl.run"), "profile_dataset", lambda *given: pytest.fail("looked again"))
    out = copy / "runs" / "first"
    before = acknowledged(out)
    _go_on(copy, out=out)
    check_finished(out, before)


@pytest.mark.slow
def test_without_the_files_of_the_look_it_is_taken_again_and_trials_count_while_it_says_the_same(copy):
    out = copy / "runs" / "first"
    before = acknowledged(out)
    (out / "split.npz").unlink()
    shutil.rmtree(out / ".work")
    _, told = _go_on(copy, out=out)
    check_finished(out, before)
    assert next(e for e in told if e["event"] == "resumed")["trials"] >= 2


def test_trials_on_other_terms_are_set_aside_and_told(copy):
    out = copy / "runs" / "first"
    identity = json.loads((out / "identity.json").read_text())
    identity["decided"]["sha256"] = "0" * 64
    (out / "identity.json").write_text(json.dumps(identity))
    _, told = _go_on(copy, out=out)
    assert any("set aside" in str(e.get("text")) for e in told) and next(e for e in told if e["event"] == "resumed")["trials"] == 0
    assert len(list((out / "trials").glob(".bad-*"))) >= 2 and len(records(out)) == 6


def _half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.slow
def test_a_half_record_and_one_that_is_gone_cost_these_trials_only(copy):
    out = copy / "runs" / "first"
    before = acknowledged(out)
    first, second = sorted(before)[:2]
    _half(out / "trials" / f"{first:06d}" / "result.json")
    shutil.rmtree(out / "trials" / f"{second:06d}")
    with (out / "events.ndjson").open("a") as log:
        log.write('{"event": "trial_o')
    _, told = _go_on(copy, out=out)
    words = " ".join(str(e.get("text")) for e in told)
    assert f"trials/{first:06d}/result.json" in words and f"trials/{second:06d} is gone" in words
    assert f"trials/{first:06d}" in (out / "run.log").read_text()
    assert sorted(records(out)) == [1, 2, 3, 4, 5, 6] and records(out)[first]["score"] == before[first]
    _half(out / "trials" / f"{first:06d}" / "result.json")  # and in the finished run
    for verb in ("report", "leaderboard"):
        assert subprocess.run([sys.executable, "-m", "automl", verb, str(out)], capture_output=True).returncode == 0
    check_usable(out)


@pytest.mark.slow
def test_without_any_event_it_goes_on(copy):
    out = copy / "runs" / "first"
    (out / "events.ndjson").unlink()
    before = {n: r["score"] for n, r in records(out).items()}
    _go_on(copy, out=out)
    check_finished(out, before)


def test_an_unfinished_run_predicts_and_lists_its_trials_and_says_that_it_is_not_finished(copy):
    out = copy / "runs" / "first"

    def call(*words):
        return subprocess.run([sys.executable, "-m", "automl", *map(str, words)], capture_output=True, text=True, cwd=copy)

    done = call("predict", out, copy / "t.csv", "-o", copy / "o.csv")
    assert done.returncode == 0 and "not finished" in done.stderr and " of trial " in done.stderr and (copy / "o.csv").exists()
    done = call("leaderboard", out)
    assert done.returncode == 0 and "not finished" in done.stderr and done.stdout.count("logistic_regression") >= 1
    done = call("report", out)
    assert done.returncode == 0 and "not finished" in done.stderr and "So far" in (out / "report.html").read_text()
    assert call("predict", out, copy / "t.csv", "-o", copy / "o.csv", "--precision", "int8").returncode == 7


def test_a_run_that_its_user_stopped_goes_on_only_when_asked_to(copy):
    from automl.search.loop import Stop

    out, stop = copy / "runs" / "first", Stop()
    stop.soft.set()
    assert _go_on(copy, out=out, stop=stop)[0].stopped_by_user
    before = acknowledged(out)
    assert _go_on(copy, out=out)[0].found
    run, told = _go_on(copy, resume=True)
    assert not run.found and run.folder == out and not run.stopped_by_user and [e for e in told if e["event"] == "resumed"]
    check_finished(out, before)


def test_what_time_was_used_counts_but_every_start_has_some(copy):
    out = copy / "runs" / "first"
    with (out / "events.ndjson").open("a") as log:
        log.write(json.dumps({"event": "phase", "seconds_used": 300.0}) + "\n")
    run, _ = _go_on(copy, out=out, overrides={"constraints.time": "40s"})
    assert 300 < run.evaluation["budget"]["used_seconds"] < 330
    assert not next(c for c in run.evaluation["constraints"] if c["name"] == "time")["met"]


def test_an_identity_that_cannot_be_read_is_no_licence_to_begin_anew(copy):
    out = copy / "runs" / "first"
    _half(out / "identity.json")
    before = _content(out)
    with pytest.raises(UsageError, match="cannot be read"):
        _go_on(copy, out=out)
    assert _content(out) == before


def test_a_failed_check_fails_again_in_the_same_folder(tmp_path):
    from automl.errors import GateFailed

    made = frame()
    made.assign(told=(made["y"] == "yes").astype(int)).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "spec.yaml").write_text(SPEC + MORE)
    for _ in range(2):
        with pytest.raises(GateFailed, match="target_leakage"):
            automl.run(tmp_path / "spec.yaml", out=tmp_path / "run")
    assert not RunDir(tmp_path / "run").finished() and (tmp_path / "run" / "lock").read_text() == ""


def test_b118_a_fresh_folder_is_never_one_that_is_there(tmp_path, monkeypatch):
    first = module._fresh(tmp_path, "my run")
    first.mkdir()
    monkeypatch.setattr(
        module, "datetime", type("Stopped", (), {"now": staticmethod(lambda zone: type("T", (), {"strftime": lambda self, form: first.name[7:]})())})
    )
    assert module._fresh(tmp_path, "my run").name == f"{first.name}-2"
