"""A search without labels is killed again and again, and the same command finishes it: what was told is there once, as it was."""

import json
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from ..test_unlabelled import SEARCHES, blobs
from .harness import Case, acknowledged, records

KILLED = 3  # times, each after two more trials


@pytest.mark.slow
@pytest.mark.parametrize("which", SEARCHES)
def test_killed_again_and_again_it_loses_nothing(which, tmp_path):
    case, out = Case(tmp_path, ""), tmp_path / "run"
    blobs(tmp_path)
    case.spec.write_text(f"data: t.csv\n{SEARCHES[which]}constraints: {{time: none, trials: 12}}\nruntime: {{workers: 2}}\n")
    told = {}
    for _ in range(KILLED):
        process, end = case.command(out), time.monotonic() + 60
        while len(acknowledged(out)) < len(told) + 2 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        case.check_no_process()
        now = acknowledged(out)
        assert len(now) >= len(told) + 2 and told.items() <= now.items() and not (out / "evaluation.json").exists()
        assert set(now) <= set(records(out))
        told = now
    before = {number: records(out)[number] for number in told}
    done = subprocess.run([sys.executable, "-m", "automl", "run", str(case.spec), "--out", str(out)], capture_output=True, text=True, env=case.environment)
    assert done.returncode == 0 and "going on:" in done.stderr, done.stderr
    after = records(out)
    assert all(after[number] == record for number, record in before.items())
    assert 12 <= len(after) <= 13  # the order of two workers may draw other options than before
    names = [(r["family"], json.dumps(r["params"], sort_keys=True)) for r in after.values()]
    assert len(set(names)) == len(names)
    assert not [p for p in out.rglob("*") if p.name.startswith(".")] and not (out / "fits").exists()
    assert pd.read_csv(out / "leaderboard.csv")["number"].is_unique
