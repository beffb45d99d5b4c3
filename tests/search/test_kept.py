"""Fits on disk: the same fit is answered from there by a later pool, another one is not, and a fault of the disk is told."""

import errno

import numpy as np
import pytest

from automl.errors import EnvironmentFault
from automl.families import FAMILIES
from automl.inference.forms import Form
from automl.rundir import writing
from automl.search.fits import Fit, Inline
from automl.search.kept import KeptPool
from automl.vocabulary import State

X = np.array([[0.0], [1.0], [2.0]], np.float32)
MADE = []


def _fit(estimator, data, progress):
    MADE.append(dict(estimator))
    if estimator["at"] is None:
        raise ValueError("where?")
    estimator["labels"] = (data.x[:, 0] > estimator["at"]).astype(np.int64)
    return estimator


class _Half:
    name = "half"
    build = staticmethod(lambda params, context: dict(params))
    fit = staticmethod(_fit)
    export = staticmethod(lambda estimator, context: Form("centroids", {"n": context.n_rows}, {"centres": X}))
    fitted = staticmethod(lambda estimator: estimator["labels"])


HALF = _Half()


@pytest.fixture(autouse=True)
def family():
    FAMILIES.add("halves", "half", f"{__name__}:HALF")
    MADE.clear()
    yield
    FAMILIES.remove("halves", "half")


def pool(tmp_path, x=X, **options):
    made = KeptPool(Inline("halves"), tmp_path / "fits", **options)
    made.put("x", x)
    return made


def one(made, fit):
    made.submit(fit)
    assert made.pending() == 1
    (found,) = made.results(0)
    assert made.pending() == 0
    return found


def test_the_same_fit_is_answered_from_disk(tmp_path):
    fit = Fit("half", {"at": np.float64(0.5)}, needs_form=True)
    first = one(pool(tmp_path), fit)
    later = pool(tmp_path)
    again = one(later, Fit("half", {"at": 0.5}, needs_form=True))
    assert len(MADE) == 1 and later.recalled == 1 and later.fresh == 0
    assert again.output.tolist() == first.output.tolist() == [0, 1, 1] and again.output.dtype == first.output.dtype
    assert (again.state, again.seconds, again.form.kind, again.form.config) == (State.OK, first.seconds, "centroids", {"n": 3})
    assert np.array_equal(again.form.arrays["centres"], X)


def test_another_fit_is_none_of_them(tmp_path):
    one(pool(tmp_path), Fit("half", {"at": 0.5}))
    for made, fit in [
        (pool(tmp_path), Fit("half", {"at": 0.6})), (pool(tmp_path), Fit("half", {"at": 0.5}, seed=1)),
        (pool(tmp_path), Fit("half", {"at": 0.5}, needs_form=True)), (pool(tmp_path, X + 1), Fit("half", {"at": 0.5})),
    ]:  # fmt: skip
        assert one(made, fit).state == State.OK and made.recalled == 0
    assert len(MADE) == 5


def test_a_fault_of_the_fit_is_kept_and_one_of_the_time_is_not(tmp_path):
    one(pool(tmp_path), Fit("half", {"at": None}))
    assert one(pool(tmp_path), Fit("half", {"at": None})).cause == "ValueError: where?" and len(MADE) == 1
    made = pool(tmp_path)
    made.submit(Fit("half", {"at": 0.1}), deadline=0.0)
    assert made.results(0)[0].state == State.TIMEOUT and one(pool(tmp_path), Fit("half", {"at": 0.1})).state == State.OK


def test_a_torn_file_is_told_and_the_fit_runs_again(tmp_path):
    one(pool(tmp_path), Fit("half", {"at": 0.5}))
    (path,) = (tmp_path / "fits").glob("*.npz")
    path.write_bytes(path.read_bytes()[:-30])
    made = pool(tmp_path)
    assert one(made, Fit("half", {"at": 0.5})).output.tolist() == [0, 1, 1] and len(MADE) == 2
    assert path.name in made.unread[0] and "is run again" in made.unread[0]


def test_no_more_is_kept_than_there_is_room_for(tmp_path):
    made = pool(tmp_path, most_bytes=30)
    one(made, Fit("half", {"at": 0.5}))
    one(made, Fit("half", {"at": 1.5}))
    assert made.left_out == 1 and len(list((tmp_path / "fits").glob("*.npz"))) == 1
    assert pool(tmp_path, most_bytes=30)._bytes > 0


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    made = pool(tmp_path)
    monkeypatch.setattr(writing.os, "fsync", full)
    made.submit(Fit("half", {"at": 0.5}))
    with pytest.raises(EnvironmentFault, match="the disk is full"):
        made.results(0)
