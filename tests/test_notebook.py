"""Progress in a notebook: one display, seldom rewritten."""

import sys
from types import SimpleNamespace

import pytest

import automl.notebook as module
from automl.notebook import Live, in_notebook


def ok(number, score, family="xgboost"):
    return {"event": "trial_ok", "trial": number, "score": score, "family": family, "seconds": 1.0, "cause": ""}


@pytest.fixture
def clock(monkeypatch):
    at = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: at.now)
    return at


def test_it_is_rewritten_twice_a_second_at_most_and_always_at_the_end(clock):
    shown = []
    live = Live(60.0, shown.append)
    live({"event": "phase", "phase": "search", "metric": "log_loss"})
    for n in range(100):
        clock.now += 0.01
        live(ok(n, 1.0 - n / 1000))
    assert len(shown) == 3
    live({"event": "finished"})
    assert shown[-1] == "finished"


def test_it_says_clock_phase_trials_and_the_best_in_the_direction_of_the_metric(clock):
    live = Live(60.0, lambda text: None)
    live({"event": "phase", "phase": "search", "metric": "log_loss"})
    for event in (ok(1, 0.5, "mlp"), ok(2, 0.3, "knn"), ok(3, 0.4), {"event": "trial_error", "trial": 4}, {"event": "trial_pruned", "trial": 5}):
        live(event)
    clock.now = 12.0
    assert live.line() == "12.0 s of 60.0 s · search · 3 trials, 1 failed · best log_loss 0.3000 (knn)" or "best log_loss 0.3000 (knn)" in live.line()
    assert "3 trials, 1 failed" in live.line() and "of" not in Live(None, lambda text: None).line().split("·")[0]


def _ipython(monkeypatch, kernel=True):
    displayed = []
    handle = SimpleNamespace(update=displayed.append)
    shell = SimpleNamespace(kernel=1) if kernel else SimpleNamespace()
    fake = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=lambda line, display_id: displayed.append(line) or handle))
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return displayed


def test_in_a_notebook_it_is_one_display(monkeypatch, clock):
    displayed = _ipython(monkeypatch)
    assert in_notebook()
    live = Live(None)
    clock.now = 1.0
    live({"event": "phase", "phase": "<b>search</b>"})
    assert len(displayed) == 2 and "&lt;b&gt;" in displayed[-1]._repr_html_() and "search" in repr(displayed[-1])


def test_elsewhere_it_is_lines_on_stderr(monkeypatch, capsys):
    _ipython(monkeypatch, kernel=False)
    assert not in_notebook()
    Live(None)({"event": "phase", "phase": "search"})
    assert "search" in capsys.readouterr().err
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()
