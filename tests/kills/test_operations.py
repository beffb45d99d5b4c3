"""A run is killed, or finds the disk full, at each thing it does to its folder, and the same command finishes it."""

import os
import re

import pytest

from .harness import Case, Runs, acknowledged, check_finished, check_usable

MOMENTS = (10, 45, 40, 30)  # of the operations of a whole run, in percent, at which starts of one run are killed; later ones have less to do
SOME_FULL = 2


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with Runs(Case(tmp_path_factory.mktemp("kills"))) as runs:
        yield runs


@pytest.fixture(scope="module")
def operations(runs):
    """Return what an undisturbed run does to its folder, in order."""
    found = runs.run(runs.case.folder / "undisturbed", "count")
    assert found["code"] == 0
    check_finished(runs.case.folder / "undisturbed", acknowledged(runs.case.folder / "undisturbed"))
    assert len(found["operations"]) > 150
    return found["operations"]


def _published(out):
    return (out / "artifact" / "manifest.json").exists()


def _killed(runs, out, n):
    """Kill a run at its n-th operation, and look at what is left; return the trials that it had told of."""
    before, usable = acknowledged(out), _published(out)
    ended = runs.run(out, "kill", n)
    runs.case.check_no_process()
    told = acknowledged(out)
    assert before.items() <= told.items()
    if usable:
        check_usable(out)
    if _published(out):
        check_usable(out)
    return told, ended["code"]


@pytest.mark.slow
def test_killed_again_and_again_it_loses_nothing(runs, operations):
    """Each start is killed later than the one before, and goes on from where that one was."""
    out = runs.case.folder / "again"
    told = {}
    for k in range(len(MOMENTS)):
        told, code = _killed(runs, out, MOMENTS[k] * len(operations) // 100)
        assert code in (-9, 0)
    assert runs.run(out)["code"] == 0
    check_finished(out, told)


def _each(operations):
    """Return the number of the first and of the last operation of each kind on each kind of file; all, where AUTOML_EVERY_OPERATION is set."""
    if os.environ.get("AUTOML_EVERY_OPERATION"):
        return list(range(1, len(operations) + 1))
    found = {}
    for n, text in enumerate(operations, 1):
        plain = re.sub(r"\d+", "#", re.sub(r"\.tmp-[A-Za-z0-9_]+", ".tmp", text))
        found[plain] = (found.get(plain, (n,))[0], n)
    return sorted({n for both in found.values() for n in both})


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_killed_at_every_operation(runs, operations, part):
    for n in _each(operations)[part::10]:
        out = runs.case.folder / f"kill{n}"
        told, _ = _killed(runs, out, n)
        ended = runs.run(out)
        assert ended["code"] == 0, n
        check_finished(out, told)


def _full(runs, out, n):
    """Let a run find the disk full from its n-th operation on, then make room."""
    ended = runs.run(out, "full", n)
    runs.case.check_no_process()
    assert ended["code"] in (0, 6), n
    told = acknowledged(out)
    if ended["code"] == 6 and _published(out):
        check_usable(out)
    assert runs.run(out)["code"] == 0, n
    check_finished(out, told)


@pytest.mark.slow
@pytest.mark.parametrize("k", range(SOME_FULL))
def test_with_a_full_disk_it_stops_in_order_and_goes_on_with_room(runs, operations, k):
    _full(runs, runs.case.folder / f"full{k}", 2 + (2 * k + 1) * (len(operations) - 40) // (2 * SOME_FULL))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_with_a_full_disk_at_every_operation(runs, operations, part):
    for n in _each(operations)[part::10]:
        _full(runs, runs.case.folder / f"full-all{n}", n)
