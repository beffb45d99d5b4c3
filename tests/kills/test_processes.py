"""The program, the process that workers are forked from, and a worker, killed at any moment; and what else comes from outside."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time

import pandas as pd
import pytest

from .harness import TIMEOUT, Case, Runs, acknowledged, check_finished, check_usable, events, frame


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with Runs(Case(tmp_path_factory.mktemp("kills"))) as runs:
        yield runs


def _victim(case, pid, which):
    """Return the process to kill: the program itself, the zygote, or one of its workers; 0 where there is none at the moment."""
    if which == "program":
        return pid
    for process in case.processes():
        try:
            parent = int(open(f"/proc/{process}/stat").read().rpartition(")")[2].split()[1])  # noqa: SIM115, PTH123
        except OSError:
            continue
        if (parent == pid) == (which == "zygote") and process != pid:
            return process
    return 0


def _end(runs, out, which, victim):
    """Kill a process of a run that was begun, run it again where it was killed, and check all that must hold."""
    if victim:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    code = runs.end()["code"]
    runs.case.check_no_process()
    assert code in ((-9, 0) if which == "program" else (0,)), (which, code)
    told = acknowledged(out)
    if (out / "artifact" / "manifest.json").exists():
        check_usable(out)
    if code:
        assert runs.run(out)["code"] == 0
    check_finished(out, told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "kind", "n"), [("program", "trial_ok", 2), ("program", "refit_started", 1), ("zygote", "trial_started", 2), ("worker", "trial_started", 3)]
)
def test_killed_in_the_middle(runs, which, kind, n):
    out = runs.case.folder / f"{which}-{kind}"
    pid = runs.begin(out)
    _wait(out, kind, n)
    _end(runs, out, which, _victim(runs.case, pid, which))


@pytest.fixture(scope="module")
def seconds(runs):
    """Return how long a run takes that nobody disturbs."""
    began = time.monotonic()
    assert runs.run(runs.case.folder / "undisturbed")["code"] == 0
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_killed_at_a_random_moment(runs, seconds, seed):
    chance = random.Random(seed)
    which = chance.choice(("program", "program", "zygote", "worker"))
    out = runs.case.folder / f"random{seed}"
    pid = runs.begin(out)
    time.sleep(chance.random() * 1.1 * seconds)
    _end(runs, out, which, _victim(runs.case, pid, which))


def _wait(out, kind, n=1):
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        found = [e for e in events(out) if e["event"] == kind]
        if len(found) >= n:
            return found[-1]
        time.sleep(0.01)
    raise AssertionError(f"no {kind}")


def _board(out):
    board = pd.read_csv(out / "leaderboard.csv", keep_default_na=False)
    return board.drop(columns=["seconds", "peak_memory_mb", "attempt"])


@pytest.mark.slow
def test_killed_and_continued_it_comes_to_the_same_leaderboard(tmp_path):
    """Without a time limit nothing hangs on the clock, so that a kill changes nothing."""
    case = Case(tmp_path, "constraints: {trials: 6, time: none}\nruntime: {workers: 1}\n")
    with Runs(case) as runs:
        assert runs.run(tmp_path / "whole")["code"] == 0
        for n in (2, 5):
            pid = runs.begin(tmp_path / "killed")
            _wait(tmp_path / "killed", "trial_ok", n)
            os.kill(pid, signal.SIGKILL)
            assert runs.end()["code"] == -9
        told = acknowledged(tmp_path / "killed")
        assert runs.run(tmp_path / "killed")["code"] == 0
    check_finished(tmp_path / "killed", told)
    pd.testing.assert_frame_equal(_board(tmp_path / "whole"), _board(tmp_path / "killed"))


@pytest.mark.slow
def test_a_second_start_is_told_who_is_at_work_and_harms_nothing(tmp_path):
    case = Case(tmp_path, "constraints: {time: 5m, trials: 900}\n")
    first = case.command(tmp_path / "run")
    _wait(tmp_path / "run", "trial_ok")
    second = case.command(tmp_path / "run")
    problem = second.communicate(timeout=TIMEOUT)[1]
    assert second.returncode == 6 and f"in use by pid {first.pid} on " in problem and " since 20" in problem
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=TIMEOUT) == 143
    check_usable(tmp_path / "run")
    told = acknowledged(tmp_path / "run")
    case.spec.write_text(case.spec.read_text().replace("trials: 900", "trials: 3"))
    third = case.command(tmp_path / "run")  # evicted, and not stopped by its user: it goes on
    assert "going on" in third.communicate(timeout=TIMEOUT)[1] and third.returncode == 0
    check_finished(tmp_path / "run", told)


def _needs_mounts():
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode:
        pytest.skip("this user cannot mount a disk of a small size")


FULL = """mount -t tmpfs -o size=20m tmpfs "$OUT" && cd "$OUT" && fallocate -l {filled}k fill || exit 99
"$PYTHON" -m automl run "$SPEC" --out "$OUT/run"; echo "first $?"
ls "$OUT/run/trials" | grep -c '^0'
rm fill; "$PYTHON" -m automl run "$SPEC" --out "$OUT/run"; echo "second $?"
ls -A "$OUT/run/trials"; cp -r "$OUT/run" "$COPY"
"""


@pytest.mark.slow
@pytest.mark.parametrize("left_kb", [16, 64, 120, 160, 200, 260, 320])
def test_a_disk_that_is_really_full(tmp_path, left_kb):
    """Also the workers write to it; whoever meets its end first, the run stops in order and goes on with room."""
    import sys

    _needs_mounts()
    case = Case(tmp_path / "case")
    (tmp_path / "disk").mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL.format(filled=20 * 1024 - left_kb)], capture_output=True, text=True, timeout=2 * TIMEOUT,
        env={**case.environment, "OUT": str(tmp_path / "disk"), "SPEC": str(case.spec), "PYTHON": sys.executable, "COPY": str(tmp_path / "copy")},
    )  # fmt: skip
    assert "first 6" in done.stdout and "second 0" in done.stdout, (done.stdout, done.stderr)
    assert "the disk is full" in done.stderr and "goes on from here" in done.stderr
    check_finished(tmp_path / "copy", acknowledged(tmp_path / "copy"))
    assert frame().shape == (120, 3)
