import time

from automl.finalize.worker import events_of
from automl.search.loop import Stop

from ..toys import Script, ends_ok


def _kinds(executor, end=60.0, stop=None):
    return [(e.kind, e.data.get("by_user")) for e in events_of(executor, "a", time.monotonic() + end, stop or Stop())]


def test_all_that_a_job_says_and_nothing_of_others(tmp_path):
    executor = Script(lambda i: ends_ok(0.5) if i else [], slots=2)
    executor.submit("b", tmp_path)
    executor.submit("a", tmp_path)
    assert _kinds(executor) == [("started", None), ("fold", None), ("exited", None)] and list(executor.running) == ["b"]


def test_past_its_end_a_job_is_ended_and_that_is_told(tmp_path):
    executor = Script(lambda i: [])
    executor.submit("a", tmp_path)
    kinds = _kinds(executor, end=-1.0)
    assert kinds[0] == ("cancelled", False) and kinds[-1] == ("exited", None) and not executor.running


def test_the_user_can_end_it(tmp_path):
    stop = Stop()
    stop.hard.set()
    executor = Script(lambda i: [])
    executor.submit("a", tmp_path)
    assert _kinds(executor, stop=stop)[0] == ("cancelled", True)
