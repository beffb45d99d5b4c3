"""Modules that misbehave when a worker imports them, and an executor that starts quickly."""

import json
import time
from pathlib import Path

import pytest

from automl.search.workers import local
from automl.search.workers.local import LocalExecutor

MODULES = {
    "sleeper": "import time\ntime.sleep(60)",
    "stubborn": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
    "killer": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "leaver": "import os\nos._exit(3)",
    "parent": "import subprocess, os, time\nchild = subprocess.Popen(['sleep', '61'])\nopen('CHILD', 'w').write(str(child.pid))\ntime.sleep(60)",
    "litter": "import subprocess, os\nfor apart in (False, True):\n"
    "    child = subprocess.Popen(['sh', '-c', 'sleep 62 & sleep 62'], start_new_session=apart)\n    open('CHILD', 'a').write(f'{child.pid} ')\nos._exit(4)",
    "polite": "import sys\nsys.exit(0)",
    "impolite": "import sys\nsys.exit('no')",
    "talker": "print('words from the worker')\nraise ValueError('a\\nsecond line')",
    "slow_import": "import time\ntime.sleep(1.5)",
}


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """Put the modules on the path and return a function that writes the job that imports one of them."""
    for name, text in MODULES.items():
        (tmp_path / f"toy_{name}.py").write_text(text.replace("CHILD", str(tmp_path / "child")))
    monkeypatch.syspath_prepend(str(tmp_path))

    def job(name):
        path = tmp_path / f"{name}.json"
        context = {"task": "classification", "n_rows": 1, "n_columns": 1, "n_outputs": 2, "device": "cpu"}
        path.write_text(
            json.dumps(
                {"kind": "trial", "family": f"toy_{name}:X", "log": str(tmp_path / "log"), "memory_mb": None, "context": context, "trials": [{"number": 1}]}
            )
        )
        return path

    return job


@pytest.fixture
def executor(monkeypatch, toys):
    """Return a started executor that preloads nothing."""
    monkeypatch.setattr(local, "PRELOAD", ("automl.search.workers.job",))
    made = LocalExecutor(2).start()
    yield made
    made.close()


def until(executor, done, seconds=15.0):
    """Return the events up to those that came together with one for which `done` holds."""
    found = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        new = executor.events(0.1)
        found += new
        if any(done(event) for event in new):
            return found
    raise AssertionError(f"it did not come within {seconds} s; there was {found}")


def _stat(pid):
    """Return state and parent of a process; None when there is none."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        return state, int(parent)
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    """Return whether a process runs; a zombie does not."""
    found = _stat(pid)
    return found is not None and found[0] != "Z"


def gone(pid, seconds=5.0):
    """Return whether a process ends within some seconds."""
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def child_pids(pid):
    """Return the processes that a process has started."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if (_stat(number) or ("", 0))[1] == pid]
