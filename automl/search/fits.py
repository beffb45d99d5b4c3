"""Fits without labels, one candidate at a time: what is asked, what came of it, and what runs it."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.inference.forms import Form
from automl.vocabulary import State


@dataclass(frozen=True)
class Fit:
    """One candidate: a family with its options (complete, by the names of its space), fitted on the matrix called `data`.

    `needs_form`: the model as data is asked for as well, not only what it says of the rows it was fitted on. `note` says what was done to
    the rows before, and tells trials of the same options apart; fits on some of the rows have that of their trial.
    """

    family: str
    params: Mapping[str, Any]
    seed: int = 0
    data: str = "x"
    needs_form: bool = False
    note: str = ""


@dataclass(frozen=True)
class Fitted:
    """What became of a fit: `output` has a row per row of its matrix, labels (n_rows,) int64 or coordinates (n_rows, m) float32.

    None where it failed; `state` and `cause` say how. `form` places new rows, where that was asked for.
    """

    fit: Fit
    state: State
    seconds: float
    output: NDArray[Any] | None = None
    form: Form | None = None
    cause: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Pool(Protocol):
    """Where fits run: a process each, killed past its deadline, or the caller's own process.

    `put` makes a matrix (and codes of a label, where one may be learned from) known by a name; `submit` queues a fit and
    `results` waits up to `timeout` seconds for the first that ended and returns all that did. `slots` run at once.
    """

    @property
    def slots(self) -> int:
        """Return how many fits run at once."""

    def put(self, name: str, x: NDArray[np.float32], y: NDArray[np.int64] | None = None) -> None:
        """Make a matrix (n_rows, n_features) known."""

    def submit(self, fit: Fit, deadline: float = float("inf")) -> None:
        """Queue a fit that must end by `deadline` (time.monotonic())."""

    def results(self, timeout: float) -> list[Fitted]:
        """Return what ended."""

    def pending(self) -> int:
        """Return how many fits were submitted and have not come back."""


def run_fit(
    task: str, fit: Fit, x: NDArray[np.float32], y: NDArray[np.int64] | None, threads: int = 1, deadline: float = float("inf"), device: str = "cpu",
) -> Fitted:  # fmt: skip
    """Fit one candidate in this process, on a device where its family can use it; faults are raised.

    A family of such a task has `fitted`, what the fit says of its own rows, and an `export` whose form answers new ones.
    """
    began = time.monotonic()
    family = FAMILIES.get(task, fit.family)
    if family.fitted is None:
        raise ValueError(f"`{fit.family}` does not say what it makes of its own rows")
    device = device if device in getattr(family, "devices", ()) else "cpu"
    context = Context(task, len(x), x.shape[1], 1 if y is None else int(y.max(initial=0)) + 1, device, threads=threads, seed=fit.seed)
    data = FitData(x, np.zeros(len(x), np.int64) if y is None else y)
    estimator = family.fit(family.build(dict(fit.params), context), data, Progress(deadline))
    output = np.asarray(family.fitted(estimator))
    form = family.export(estimator, context) if fit.needs_form else None
    ran_on = getattr(estimator, "device", "cpu")
    return Fitted(fit, State.OK, time.monotonic() - began, output, form, facts={} if ran_on == "cpu" else {"device": ran_on})


class Inline:
    """A pool that fits in the caller's process, one after the other: for tests, benchmarks and notebooks."""

    def __init__(self, task: str, threads: int = 1) -> None:
        self.slots = 1
        self._task = task
        self._threads = threads
        self._data: dict[str, tuple[NDArray[np.float32], NDArray[np.int64] | None]] = {}
        self._queue: deque[tuple[Fit, float]] = deque()

    def put(self, name: str, x: NDArray[np.float32], y: NDArray[np.int64] | None = None) -> None:
        """Make a matrix known."""
        self._data[name] = (x, y)

    def submit(self, fit: Fit, deadline: float = float("inf")) -> None:
        """Queue a fit."""
        self._queue.append((fit, deadline))

    def results(self, timeout: float) -> list[Fitted]:
        """Run the next fit of the queue and return it; nothing where the queue is empty. A fit past its deadline is a timeout."""
        if not self._queue:
            return []
        fit, deadline = self._queue.popleft()
        began = time.monotonic()
        if began >= deadline:
            return [Fitted(fit, State.TIMEOUT, 0.0, cause="no time was left")]
        try:
            return [run_fit(self._task, fit, *self._data[fit.data], self._threads, deadline)]
        except Exception as fault:
            return [Fitted(fit, State.ERROR, time.monotonic() - began, cause=f"{type(fault).__name__}: {fault}".splitlines()[0][:300])]

    def pending(self) -> int:
        """Return the length of the queue."""
        return len(self._queue)
