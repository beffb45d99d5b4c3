import shutil
from itertools import pairwise

import pytest

from automl.report.live import LEAST, SHARE, Live
from automl.report.render import is_written, render_report
from automl.rundir import RunDir


class Clock:
    """Seconds that pass when told; writing takes `cost` of them."""

    def __init__(self, cost=0.0):
        self.now, self.cost = 100.0, cost

    def __call__(self):
        return self.now


@pytest.fixture
def files(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    found = RunDir(tmp_path / "run")
    for path in (found.report_html, found.report_md, found.report_json, found.evaluation, found.study):
        path.unlink(missing_ok=True)
    return found


def _counted(files, clock, formats=("html",)):
    """Return a callback as a run would call it, and the list of what was written when."""
    written = []
    live = Live(files, list(formats), clock=clock)
    plain = live.write

    def write():
        written.append(clock.now)
        before = clock.now
        plain()
        clock.now = before + clock.cost
        live.seconds += clock.cost
        live._last = clock.now if live.wanted else live._last

    live.write = write
    return live.after(lambda event: None), written


def test_the_first_page_is_written_at_once_and_opened_once(files):
    opened = []
    live = Live(files, ["html"], lambda: opened.append(1))
    told = live.after(lambda event: None)
    told({"event": "phase", "phase": "search"})
    live.write()
    assert opened == [1] and files.report_html.is_file() and not is_written(files) and not files.report_json.exists()


def test_pages_are_some_seconds_apart_and_only_after_something_new(files):
    clock = Clock()
    told, written = _counted(files, clock)
    for step in range(40):
        told({"event": ("trial_ok", "trial_started", "note")[step % 3]})
        clock.now += 0.5
    assert len(written) >= 3 and all(b - a >= LEAST for a, b in pairwise(written))
    told({"event": "trial_started"})
    clock.now += 100
    before = len(written)
    told({"event": "note"})
    assert len(written) == before
    told({"event": "trial_failed"})
    assert len(written) == before + 1


def test_a_page_that_is_dear_is_written_seldom(files):
    clock = Clock(cost=1.0)
    told, written = _counted(files, clock)
    for _ in range(1000):
        told({"event": "trial_ok"})
        clock.now += 1.0
    assert len(written) * 1.0 <= SHARE * (clock.now - 100.0) + 2


def test_nothing_is_written_where_no_page_is_asked_for(files):
    told, written = _counted(files, Clock(), formats=("json", "md"))
    told({"event": "phase"})
    assert written == [] and not files.report_html.exists()


def test_a_page_that_cannot_be_written_ends_no_run(files):
    files.plan.write_text("{")
    heard = []
    live = Live(files, ["html"])
    told = live.after(heard.append)
    told({"event": "phase"})
    told({"event": "trial_ok"})
    assert len(heard) == 2 and not files.report_html.exists() and not live.wanted


def test_the_end_takes_the_place_of_the_page_while_it_ran(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    assert is_written(files)
    Live(files, ["html"]).write()
    assert not is_written(files)  # as a kill between the last page and the report leaves it
    render_report(files)
    assert is_written(files)
