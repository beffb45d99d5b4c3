"""The pool of the caller's own process: fits come back in order, with their state."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.search.fits import Fit, Inline
from automl.vocabulary import State


@pytest.fixture
def family(monkeypatch):
    """A family of a made-up task, which says of each row whether its first column lies above its option."""
    FAMILIES.add("halves", "half", f"{__name__}:HALF")
    yield
    FAMILIES.remove("halves", "half")


def _fit(estimator, data, progress):
    if estimator["at"] is None:
        raise ValueError("where?")
    estimator["labels"] = (data.x[:, 0] > estimator["at"]).astype(np.int64)
    return estimator


class _Half:
    name = "half"
    build = staticmethod(lambda params, context: dict(params))
    fit = staticmethod(_fit)
    export = staticmethod(lambda estimator, context: ("form", context.n_rows))
    fitted = staticmethod(lambda estimator: estimator["labels"])


HALF = _Half()


def test_fits_come_back_in_order_and_a_fault_is_told(family):
    pool = Inline("halves")
    pool.put("x", np.array([[0.0], [1.0], [2.0]], np.float32))
    pool.submit(Fit("half", {"at": 0.5}, needs_form=True))
    pool.submit(Fit("half", {"at": None}))
    pool.submit(Fit("half", {"at": 1.5}), deadline=0.0)
    assert pool.pending() == 3
    first, second, third = pool.results(0)[0], pool.results(0)[0], pool.results(0)[0]
    assert (first.state, first.output.tolist(), first.form) == (State.OK, [0, 1, 1], ("form", 3))
    assert (second.state, second.output, second.cause) == (State.ERROR, None, "ValueError: where?")
    assert third.state == State.TIMEOUT
    assert pool.pending() == 0
    assert pool.results(0) == []
