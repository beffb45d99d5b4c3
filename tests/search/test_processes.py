"""Fits in processes of their own: results as in one process, and every way to end badly harms only the fit that does."""

import time

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.search.fits import Fit, Inline
from automl.search.processes import NO_TIME, ProcessPool
from automl.search.workers.local import LocalExecutor
from automl.vocabulary import State

X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def executor():
    FAMILIES.add("clustering", "wild", "tests.finders:WILD")
    made = LocalExecutor(2).start()
    yield made
    made.close()
    FAMILIES.remove("clustering", "wild")


@pytest.fixture
def make(executor, tmp_path):
    pools = []

    def pool(**changes):
        found = ProcessPool("clustering", executor, tmp_path / "fits", tmp_path / "log", **changes)
        found.put("x", X)
        pools.append(found)
        return found

    yield pool
    for one in pools:
        one.close()


def wild(how="ok", **params):
    return Fit("wild", {"how": how, **params})


def drained(pool, seconds=30.0):
    out, end = [], time.monotonic() + seconds
    while pool.pending() and time.monotonic() < end:
        out += pool.results(0.5)
    return out


def test_a_fit_gives_what_it_gives_in_one_process(make):
    pool, inline = make(), Inline("clustering")
    inline.put("x", X)
    fit = Fit("kmeans", {"clusters": 3}, seed=1, needs_form=True)
    pool.submit(fit)
    inline.submit(fit)
    (found,), (wanted,) = drained(pool), inline.results(0)
    assert found.state == State.OK and found.fit is fit
    assert (found.output == wanted.output).all() and found.form.kind == wanted.form.kind
    assert all((found.form.arrays[name] == wanted.form.arrays[name]).all() for name in wanted.form.arrays)


def test_a_process_stays_from_fit_to_fit_and_all_come_back(make):
    begun = []
    pool = make(on_begin=begun.append)
    for number in range(12):
        pool.submit(wild(number=number))
    assert pool.pending() == 12
    found = drained(pool)
    assert sorted(f.fit.params["number"] for f in found) == list(range(12)) and pool.pending() == 0
    assert len({b.pid for b in begun}) <= 2 and sorted(b.number for b in begun) == list(range(1, 13))


@pytest.mark.parametrize(
    ("how", "state", "words"),
    [("error", State.ERROR, "does not like"), ("leave", State.CRASHED, "code 3"), ("killed", State.KILLED, "SIGKILL")],
)
def test_a_fit_that_ends_badly_is_told_and_its_siblings_go_on(how, state, words, make):
    pool = make()
    for one in (wild(how), wild(), wild(again=1)):
        pool.submit(one)
    found = {f.fit.params["how"] + str(f.fit.params.get("again", "")): f for f in drained(pool)}
    assert found[how].state == state and words in found[how].cause and found[how].output is None
    assert found["ok"].state == found["ok1"].state == State.OK


def test_a_fit_is_ended_past_its_deadline(make):
    pool = make()
    began = time.monotonic()
    pool.submit(wild("hang"), time.monotonic() + 0.3)
    pool.submit(wild())
    found = {f.fit.params["how"]: f for f in drained(pool)}
    assert found["hang"].state == State.TIMEOUT and found["ok"].state == State.OK and time.monotonic() - began < 10


def test_nothing_runs_past_the_end_of_the_pool(make):
    pool = make(end=time.monotonic() - 1)
    pool.submit(wild())
    (found,) = drained(pool)
    assert found.state == State.TIMEOUT and found.cause == NO_TIME


def test_a_fit_that_takes_too_much_memory_is_ended(make):
    pool = make(memory_mb=700)
    pool.submit(wild("memory", bytes=3_000_000_000))
    pool.submit(wild())
    found = {f.fit.params["how"]: f for f in drained(pool)}
    assert found["memory"].state == State.MEMORY and "700 MB" in found["memory"].cause and found["ok"].state == State.OK


def test_a_stop_cancels_what_runs_and_what_waits(make):
    ended = []
    pool = make(ended=lambda: bool(ended))
    for _ in range(4):
        pool.submit(wild("hang"))
    pool.results(0.2)
    ended.append(True)
    found = drained(pool, 5)
    assert [f.state for f in found] == [State.CANCELLED] * 4


def test_a_matrix_has_one_name(make):
    pool = make()
    with pytest.raises(ValueError, match="there already"):
        pool.put("x", X)
    with pytest.raises(ValueError, match="no matrix `z`"):
        pool.submit(Fit("wild", {"how": "ok"}, data="z"))


def test_matrices_may_be_many_and_have_labels(make):
    pool = make()
    pool.put("half", X[:30], np.zeros(30, np.int64))
    pool.submit(Fit("wild", {"how": "ok"}, data="half"))
    pool.submit(wild())
    assert sorted(len(f.output) for f in drained(pool)) == [30, 60]


def test_the_late_end_of_another_pools_process_is_not_taken_for_that_of_an_own_one(make):
    begun = []
    first, second = make(), make(on_begin=begun.append)
    first.submit(wild("hang"))
    first.results(0.3)
    (job,) = first._workers
    first._workers.clear()  # a close that did not wait until the process had ended
    second.submit(wild("hang"))
    second.results(1.0)
    first.executor.cancel(job)
    assert second.results(1.0) == [] and second.pending() == len(begun) == 1
