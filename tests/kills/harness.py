"""What the tests of kills share: a tiny run, a process to kill, and what must hold afterwards."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

import automl

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 90.0  # seconds; a run takes two, on a quiet machine
GONE = 2.0  # seconds after a kill by which no process of a run may be left
SPEC = "data: t.csv\ntask: {type: classification, target: y}\nmodels: {include: [logistic_regression]}\n"


def frame(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x, c = rng.normal(size=n), rng.choice(list("abc"), n)
    return pd.DataFrame({"x": x.round(4), "c": c, "y": np.where(x + (c == "a") + rng.normal(0, 0.5, n) > 0, "yes", "no")})


@dataclass
class Case:
    """A table, a spec and a place for runs of it; `mark` stands in the environment of every process that comes of it."""

    folder: Path
    more: str = "constraints: {trials: 4, time: 40s}\n"
    mark: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        frame().to_csv(self.folder / "t.csv", index=False)
        self.spec.write_text(SPEC + self.more)

    @property
    def spec(self) -> Path:
        return self.folder / "spec.yaml"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "AUTOML_TEST_MARK": self.mark, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def command(self, out: Path, *more: object) -> "subprocess.Popen[str]":
        """Start `automl run` as a user would."""
        return subprocess.Popen(
            [sys.executable, "-m", "automl", "run", str(self.spec), "--out", str(out), *map(str, more)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=self.environment, cwd=self.folder, start_new_session=True,
        )  # fmt: skip

    def processes(self) -> list[int]:
        """Return the living processes that come of this case, but for those that fork runs."""
        found = []
        for place in Path("/proc").iterdir():
            try:
                if place.name.isdecimal() and self.mark.encode() in (place / "environ").read_bytes():
                    state = (place / "stat").read_text().rpartition(")")[2].split()[0]
                    words = (place / "cmdline").read_bytes()
                    if state not in "ZX" and (b"kills/child.py" not in words):
                        found.append(int(place.name))
            except OSError:
                continue
        return found

    def check_no_process(self) -> None:
        """Fail when a process is left two seconds from now."""
        end = time.monotonic() + GONE
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.02)
        assert not left, f"processes {left} are left"


class Runs:
    """Runs of a case in forks of one process; as a context it ends that process."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __enter__(self) -> "Runs":
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("child.py")), str(self.case.folder / "operations.json")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.case.environment,
        )  # fmt: skip
        return self

    def __exit__(self, *fault: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    def begin(self, out: Path, how: str = "", n: int = 0) -> int:
        """Start a run and return the id of its process."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"spec": str(self.case.spec), "out": str(out), "how": how, "n": n}) + "\n")
        self.process.stdin.flush()
        return int(self._answer()["pid"])

    def end(self) -> dict[str, Any]:
        """Return the exit code of the run that was begun, negative for a signal, and the operations it did."""
        return self._answer()

    def run(self, out: Path, how: str = "", n: int = 0) -> dict[str, Any]:
        """Carry out a run and return how it ended."""
        pid = self.begin(out, how, n)
        watch = time.monotonic()
        found = self._answer(lambda: os.kill(pid, signal.SIGKILL))
        assert time.monotonic() - watch < TIMEOUT, "the run hung"
        return found

    def _answer(self, late: Any = None) -> dict[str, Any]:
        import select

        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], TIMEOUT)
        if not ready and late is not None:
            late()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def events(out: Path) -> list[dict[str, Any]]:
    """Return the events of a run that can be read."""
    found = []
    path = out / "events.ndjson"
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def acknowledged(out: Path) -> dict[int, float]:
    """Return the trials that a run has told to be done, with their scores."""
    return {e["trial"]: e["score"] for e in events(out) if e["event"] == "trial_ok"}


def records(out: Path) -> dict[int, dict[str, Any]]:
    """Return the trials on disk by number."""
    found: dict[int, dict[str, Any]] = {}
    for path in (out / "trials").glob("[0-9]*/result.json"):
        record = json.loads(path.read_text())
        assert record["number"] not in found and path.parent.name == f"{record['number']:06d}"
        found[record["number"]] = record
    return found


def check_usable(out: Path) -> None:
    """Fail unless the run, finished or not, has an artifact that predicts."""
    proba = automl.load(out).predict_proba(frame())
    assert proba.shape == (120, 2) and np.isfinite(proba).all()


def check_finished(out: Path, told: dict[int, float]) -> None:
    """Fail unless the run is finished, whole and clean, and every trial that was told of is there once, as it was."""
    kept = records(out)
    for number, score in told.items():
        assert kept[number]["score"] == score and kept[number]["state"] == "ok", f"trial {number}"
    left = [str(p.relative_to(out)) for p in out.rglob("*") if p.name.startswith(".")]
    assert not left, left
    for name in ("report.html", "report.json", "study.json", "evaluation.json", "leaderboard.csv", "predictions.parquet"):
        assert (out / name).stat().st_size > 0
    board = pd.read_csv(out / "leaderboard.csv")
    assert board["number"].is_unique and set(told) <= set(board["number"])
    check_usable(out)
