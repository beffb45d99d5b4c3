"""Finished fits of a search without labels on disk, so that a later start of the run has them answered instead of fitting again."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form
from automl.inference.storage import from_bytes, to_bytes
from automl.rundir import refused, write_bytes
from automl.search.fits import Fit, Fitted, Pool
from automl.vocabulary import State

FORMAT = 1
SETTLED = (State.OK, State.ERROR)  # how a fit ends that would end so again; what time, memory or a signal ended is tried again
MOST_BYTES = 500_000_000  # of all fits of a run
BYTES_PER_SECOND = 50e6  # that a slow disk writes; what is fitted again as quickly is not kept

Write = Callable[[Callable[[], None]], None]


def _now(write: Callable[[], None]) -> None:
    write()


@dataclass
class KeptPool:
    """A pool that keeps what came of its fits in `folder`, a file each, and answers from there what an earlier start was told.

    The same fit is the same family with the same options and seed on the same matrix, by a hash of all of these. A search that
    asks for the same fits in the same order so goes on where it was. `write` carries out a write, at once or later, but all in
    their order; the records of trials go through it too, so a trial is told of after its fits are on disk. `recalled` and `fresh`
    count, `unread` names the files that could not be read: these fits run again.
    """

    pool: Pool
    folder: Path
    write: Write = _now
    most_bytes: int = MOST_BYTES
    recalled: int = 0
    fresh: int = 0
    left_out: int = 0
    unread: list[str] = field(default_factory=list)
    _data: dict[str, str] = field(default_factory=dict)
    _ready: list[Fitted] = field(default_factory=list)
    _bytes: int = 0

    def __post_init__(self) -> None:
        with refused(self.folder, what="keep fits"):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._bytes = sum(path.stat().st_size for path in self.folder.glob("*.npz"))

    @property
    def slots(self) -> int:
        """Return how many fits run at once."""
        return self.pool.slots

    def put(self, name: str, x: NDArray[np.float32], y: NDArray[np.int64] | None = None) -> None:
        """Make a matrix known."""
        digest = hashlib.sha256()
        for array in (x, *(() if y is None else (y,))):
            digest.update(f"{array.dtype.str} {array.shape} ".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        self._data[name] = digest.hexdigest()
        self.pool.put(name, x, y)

    def submit(self, fit: Fit, deadline: float = float("inf")) -> None:
        """Queue a fit; one that is on disk comes back with the next results, whatever its deadline."""
        known = self._recall(fit)
        if known is None:
            self.fresh += 1
            self.pool.submit(fit, deadline)
        else:
            self.recalled += 1
            self._ready.append(known)

    def results(self, timeout: float) -> list[Fitted]:
        """Return what ended; its writing is in line. Raises EnvironmentFault where a write before it failed."""
        if self._ready:
            out, self._ready = self._ready, []
            return out
        out = self.pool.results(timeout)
        for fitted in out:
            self._keep(fitted)
        return out

    def pending(self) -> int:
        """Return how many fits were submitted and have not come back."""
        return len(self._ready) + self.pool.pending()

    def _place(self, fit: Fit) -> Path:
        told = [FORMAT, fit.family, sorted((k, _plain(v)) for k, v in fit.params.items()), fit.seed, fit.needs_form, self._data.get(fit.data, fit.data)]
        return self.folder / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}.npz"

    def _keep(self, fitted: Fitted) -> None:
        if fitted.state not in SETTLED:
            return
        size = 0 if fitted.output is None else fitted.output.nbytes
        size += 0 if fitted.form is None else sum(array.nbytes for array in fitted.form.arrays.values())
        if size > BYTES_PER_SECOND * fitted.seconds or self._bytes + size > self.most_bytes:
            self.left_out += 1
            return
        self._bytes += size
        place = self._place(fitted.fit)
        self.write(lambda: write_bytes(place, _packed(fitted)))

    def _recall(self, fit: Fit) -> Fitted | None:
        place = self._place(fit)
        if not place.exists():
            return None
        try:
            return _unpacked(fit, place.read_bytes())
        except Exception as fault:  # a torn archive can raise anything
            self.unread.append(f"{self.folder.name}/{place.name} cannot be read ({type(fault).__name__}); the fit is run again")
            return None


def _packed(fitted: Fitted) -> bytes:
    about = {"state": str(fitted.state), "seconds": fitted.seconds, "cause": fitted.cause, "facts": dict(fitted.facts)}
    arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about, default=float).encode(), np.uint8)}
    if fitted.output is not None:
        arrays["output"] = fitted.output
    if fitted.form is not None:
        arrays["form"] = np.frombuffer(to_bytes(fitted.form), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(fit: Fit, data: bytes) -> Fitted:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        output = arrays.get("output")
        form: Form | None = from_bytes(arrays["form"].tobytes(), "a kept fit") if "form" in arrays else None
    return Fitted(fit, State(about["state"]), float(about["seconds"]), output, form, about["cause"], about["facts"])


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
