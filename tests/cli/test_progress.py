import io
import time
from types import SimpleNamespace

import pytest

from automl.cli import progress as under_test
from automl.cli.progress import Progress, ended_words
from automl.search.study import NO_TIME


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def plain(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(under_test, "sys", SimpleNamespace(stderr=out))
    return out


@pytest.fixture
def terminal(monkeypatch):
    out = Terminal()
    monkeypatch.setattr(under_test, "sys", SimpleNamespace(stderr=out))
    monkeypatch.setenv("TERM", "xterm")
    return out


def _ok(number, score, family="mlp"):
    return {"event": "trial_ok", "trial": number, "family": family, "score": score, "seconds": 1.0, "cause": ""}


def _play(progress, *events, metric="roc_auc"):
    with progress:
        progress({"event": "phase", "phase": "search", "metric": metric})
        for event in events:
            progress(event)
    return progress


def test_where_there_is_no_terminal_there_are_whole_lines_only(plain):
    _play(Progress(60, time.monotonic()), _ok(1, 0.8), _ok(2, 0.7), _ok(3, 0.9, "xgboost"))
    assert "\r" not in plain.getvalue() and "\x1b" not in plain.getvalue() and plain.getvalue().endswith("\n")
    lines = plain.getvalue().splitlines()
    assert len(lines) == 3 and all(" s] " in line for line in lines)
    assert "trial 1 mlp: roc_auc 0.8000" in lines[1] and "trial 3 xgboost" in lines[2]


def test_less_may_be_better(plain):
    progress = _play(Progress(60, time.monotonic()), _ok(1, 0.8), _ok(2, 0.9), _ok(3, 0.5), metric="log_loss")
    assert progress.best == 0.5 and "trial 2" not in plain.getvalue() and "trial 3" in plain.getvalue()


def test_faults_are_told_with_their_cause(plain):
    fault = {"event": "trial_killed", "trial": 4, "family": "mlp", "cause": "killed by SIGKILL"}
    progress = _play(Progress(60, time.monotonic()), {"event": "trial_started", "trial": 4}, fault, {"event": "refit_failed", "cause": "out of time"})
    assert "trial 4 mlp: killed, killed by SIGKILL" in plain.getvalue() and "the refit failed: out of time" in plain.getvalue()
    assert (progress.done, progress.failed) == (0, 1)


@pytest.mark.parametrize("state", ["cancelled", "pruned"])
def test_what_was_stopped_on_purpose_is_not_counted_as_failed(plain, state):
    """As in the study's own counts, which the last line of the run repeats."""
    progress = _play(Progress(60, time.monotonic()), {"event": f"trial_{state}", "trial": 1, "family": "mlp", "cause": "stopped by the user"})
    assert progress.failed == 0


def test_events_it_does_not_know_are_passed_over(plain):
    _play(Progress(60, time.monotonic()), {"event": "refit_ok"}, {"event": "of a later version"})
    assert len(plain.getvalue().splitlines()) == 1


def test_quiet_says_nothing(terminal):
    _play(Progress(60, time.monotonic(), quiet=True), _ok(1, 0.8), {"event": "trial_error", "trial": 2, "family": "a", "cause": "b"})
    assert terminal.getvalue() == ""


def test_a_terminal_gets_one_line_that_is_wiped_in_the_end(terminal):
    progress = Progress(60, time.monotonic())
    with progress:
        progress({"event": "phase", "phase": "search", "metric": "roc_auc"})
        progress(_ok(1, 0.8))
        time.sleep(0.7)
    shown = terminal.getvalue()
    assert "\n" not in shown and "search" in shown and "1 trials" in shown and "0.8000 (mlp)" in shown and shown.endswith("\r\x1b[K")


def test_a_dumb_terminal_gets_plain_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    _play(Progress(60, time.monotonic()), _ok(1, 0.8))
    assert "\r" not in terminal.getvalue() and "\x1b" not in terminal.getvalue()


def test_the_live_line_fits_the_terminal(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    progress = Progress(60, time.monotonic())
    with progress:
        progress({"event": "phase", "phase": "a phase with a name that is far too long for it"})
        time.sleep(0.7)
    frames = [f for f in terminal.getvalue().replace("\x1b[K", "").split("\r") if f]
    assert frames and all(len(f) < 30 for f in frames)


def test_a_long_silence_is_broken(plain, monkeypatch):
    monkeypatch.setattr(under_test, "HEARTBEAT", 0.1)
    with Progress(60, time.monotonic()):
        time.sleep(0.7)
    assert "starting" in plain.getvalue()


@pytest.mark.parametrize(("seconds", "used", "filled"), [(100, 0, 0), (100, 50, 8), (100, 500, 16), (None, 50, 0)])
def test_the_bar_fills_with_the_budget(plain, seconds, used, filled):
    status = Progress(seconds, time.monotonic() - used)._status()
    assert status.count("█") == filled and ("░" in status) == (seconds is not None and filled < 16)


def test_the_summary_has_the_score_its_interval_the_size_and_the_time(plain):
    evaluation = {
        "family": "mlp", "metric": "roc_auc", "score": 0.91, "interval": [0.89, 0.93], "score_rows": "holdout", "n_scored": 80, "baseline_score": 0.5,
        "precision_ladder": [{"chosen": False, "precision": "float32", "size_bytes": 9}, {"chosen": True, "precision": "int8", "size_bytes": 41_000}],
        "budget": {"used_seconds": 61.0}, "trials": {"complete": 5, "failed": 1},
    }  # fmt: skip
    text = Progress(120, time.monotonic()).summary(evaluation)
    for words in ("mlp: roc_auc 0.9100 (0.8900 to 0.9300) on 80 rows kept apart", "baseline 0.5000", "int8, 41 kB", "1 min 1 s of 2 min", "5 trials, 1 failed"):
        assert words in text
    assert "out of fold" in Progress(None, time.monotonic()).summary(evaluation | {"score_rows": "out_of_fold"})


def test_what_earlier_starts_did_counts_on(plain):
    resumed = {"event": "resumed", "trials": 5, "complete": 4, "failed": 1, "spent_seconds": 90.0, "best": 0.9, "family": "mlp"}
    progress = _play(Progress(60, time.monotonic()), resumed, _ok(6, 0.8))
    assert "going on: 5 trials of earlier starts" in plain.getvalue() and "best so far" not in plain.getvalue()
    assert progress.done == 5 and progress.failed == 1 and progress.best == 0.9


def test_a_trial_that_the_end_of_the_time_cut_did_not_fail(plain):
    cut = {"event": "trial_timeout", "trial": 2, "family": "mlp", "cause": NO_TIME}
    progress = _play(Progress(60, time.monotonic()), _ok(1, 0.8), cut, {**cut, "trial": 3, "cause": "it hung"})
    assert (progress.done, progress.failed, progress.cut) == (1, 1, 1)
    assert ended_words({"complete": 5, "pruned": 0, "failed": 3, "cut": 1}) == "5 trials, 2 failed, 1 cut by the end of the budget"
    assert ended_words({"complete": 5, "pruned": 0, "failed": 0}) == "5 trials, 0 failed"


def test_columns_that_were_misread_are_told_again_at_the_end(plain):
    progress = _play(Progress(60, time.monotonic()), {"event": "note", "text": "`price`: read as text [W305]"}, {"event": "note", "text": "a sample [W308]"})
    assert progress.misread == ["`price`: read as text [W305]"]
