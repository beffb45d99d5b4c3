"""The record that is a model family: functions and facts, nothing inherited, so that one file tells all of it.

Family modules load no numpy on import: `automl validate` reads their spaces and must stay quick.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from automl.families.space import Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

Estimator = Any
ENCODE = "encode"
Scheme = Literal["linear", "network", "boosted_trees", "tables", "forest"]


@dataclass(frozen=True)
class Context:
    """What a family may know about the job: sizes, device, threads; `rounds` is set where a length was learned before.

    `rounds` is the number of boosting rounds or epochs for a fit that has no rows to stop on. `monotone` has one entry per
    column of the matrix (1: class 1 may only become likelier as it rises, -1: less likely, 0: free); empty: nothing asked.
    """

    task: str
    n_rows: int
    n_columns: int
    n_outputs: int
    device: str = "cpu"
    threads: int = 1
    seed: int = 0
    rounds: int | None = None
    text: bool = False
    monotone: tuple[int, ...] = ()
    categories: bool = True

    @property
    def rows_by_columns(self) -> float:
        """Return the cells of the matrix, roughly: words count as a hundred columns."""
        return float(self.n_rows) * (self.n_columns + 100 * self.text)


@dataclass(frozen=True)
class FitData:
    """Rows to learn from: x (n_rows, n_features), y (n_rows,) codes; `x_stop`, `y_stop` only to stop early or to calibrate on.

    `weight` (n_rows,) and `weight_stop` say how much each row counts, mean 1; None: all alike. The rows a fold is scored on
    are in none of them.
    """

    x: Any
    y: NDArray[np.int64]
    x_stop: Any = None
    y_stop: NDArray[np.int64] | None = None
    weight: NDArray[np.float32] | None = None
    weight_stop: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Progress:
    """A fit's view of the clock; `deadline` on time.monotonic()."""

    deadline: float = float("inf")

    def expired(self) -> bool:
        """Return whether the fit should end with what it has."""
        return time.monotonic() >= self.deadline


@dataclass(frozen=True)
class Watch:
    """Who looks on while many models are fitted as one: `ended` is told the position of each that is ready, while others go on;
    `wanted` is asked now and then whether one should still go on.
    """

    ended: Callable[[int], None] = lambda position: None
    wanted: Callable[[int], bool] = lambda position: True


@dataclass(frozen=True)
class Together:
    """How a family fits many models as one, each with options and rows of its own.

    `signature` says in words what they must have alike; equal words may share a batch. `alike` names the options that decide on it.
    `fit_many(estimators, data, progress, watch)` fits them, as `fit` does one. `work` is what a step of one by itself multiplies about (its numbers times
    the rows of a step): where that is little, calls cost more than sums and a batch pays. `memory` guesses the MB that each takes, `rows_memory`
    those of the rows of one fold.
    """

    alike: tuple[str, ...]
    signature: Callable[[Params], str]
    fit_many: Callable[[Sequence[Estimator], Sequence[FitData], Progress, Watch], None]
    work: Callable[[Context, Params], float]
    memory: Callable[[Context, Params], float]
    rows_memory: Callable[[Context, Params], float]


@dataclass(frozen=True)
class Needs:
    """What the features of a family must be.

    scaled: numbers imputed, centred, scaled and clipped (else raw with NaN); categories one-hot or in order of
    frequency; `terms`: most n-grams kept of a text column; `sparse`: the family takes CSR where there is text.
    `shares`: categories are encoded by the shares of the classes in their levels, where nothing else was asked for.
    """

    scaled: bool = True
    onehot_limit: int = 1000
    terms: int = 1000
    sparse: bool = False
    shares: bool = False

    def key(self) -> str:
        """Return a name for folders; equal needs share their features."""
        return f"{'scaled' if self.scaled else 'raw'}-{self.onehot_limit}-{self.terms}{'-sparse' if self.sparse else ''}{'-shares' if self.shares else ''}"


@dataclass(frozen=True)
class Family:
    """One kind of model.

    `space` is the only declaration of its options. `build` and `fit` make an estimator, `export` gives its form, which
    must predict what `predict`, the library's own way, does. `scheme` names how quantize stores it (by the kind of its form), None: at
    float32 only.
    `requires` are packages it trains with; `extra` is the extra of this project that brings them, if they are optional; `fault` says why one that is
    installed cannot be loaded on this machine, and what to do; None where it can.
    `rounds` reads off how long a fit that stopped early was; `calibrates` says that it fits its probabilities on rows held
    back (FitData.x_stop), in every fit. `library_bytes` is the size of the library's own file.

    `cost` guesses the seconds of one fit with these options on one thread of a server of 2024; the search corrects it by
    what it measures, so the shape matters (rows, columns, classes, options) more than the scale. `memory` guesses the MB of a
    fit beyond the matrix itself (float32). `scales` says that a fit is faster on several threads; `interruptible` that it
    looks at its Progress and ends with what it has: the others start only where they surely fit. `weighted` says that it
    takes FitData.weight, `monotone` that it keeps Context.monotone. `copies`: as many fits, with other seeds and other rows to stop
    on, answer together when it ships; for families whose fits differ much by chance alone. `interpretable` says that a person can
    follow such a model, with the most that some of its options may be for that (empty: any will do); None: nobody can. `only_text`: it
    competes only where there is a column of texts. `on_request` are options that are searched only where the spec names them, or where a small
    or fast model is an objective; else they keep their default. `heavy`: on a CPU it competes where a trial is a small part of the time, or where it is named.
    `together`: how many of its models are fitted as one, None where each is fitted by itself.

    Tasks without labels: `fitted` is what the fit says of its own rows, cluster numbers (n_rows,) int64 with -1 for noise, or
    coordinates (n_rows, m) float32. The form that `export` gives places new rows: for clusters (n_rows, n_clusters) strengths
    in 0 to 1, of which the largest names the cluster and a row of zeros is noise; for coordinates (n_rows, m). `places`
    is False where a family has no way of its own to place new rows (its form is then a model fitted to what the fit said).
    """

    name: str
    summary: str
    tasks: frozenset[str]
    space: Callable[[Context], Space]
    build: Callable[[Params, Context], Estimator]
    fit: Callable[[Estimator, FitData, Progress], Estimator]
    export: Callable[[Estimator, Context], Form]
    predict: Callable[[Estimator, Any], NDArray[np.float32]]
    needs: Needs = field(default_factory=Needs)
    devices: frozenset[str] = frozenset({"cpu"})
    requires: tuple[str, ...] = ()
    extra: str = ""
    fault: Callable[[], tuple[str, str] | None] | None = None
    scheme: Scheme | None = None
    unscheduled: str = ""
    rounds: Callable[[Estimator], int] | None = None
    library_bytes: Callable[[Estimator], int] | None = None
    explain: Callable[[Estimator], NDArray[np.float64]] | None = None
    cost: Callable[[Context, Params], float] | None = None
    memory: Callable[[Context], float] | None = None
    scales: bool = False
    interruptible: bool = True
    calibrates: bool = False
    weighted: bool = True
    monotone: bool = False
    copies: int = 1
    interpretable: Mapping[str, float] | None = None
    only_text: bool = False
    on_request: tuple[str, ...] = ()
    heavy: bool = False
    together: Together | None = None
    fitted: Callable[[Estimator], NDArray[Any]] | None = None
    places: bool = True

    def needs_of(self, params: Mapping[str, Any]) -> Needs:
        """Return what the features must be for a model with these options: the option `encode` says how categories are written."""
        return replace(self.needs, shares=True) if params.get(ENCODE) == "target" else self.needs

    def readable(self, params: Params) -> bool:
        """Return whether a person can follow a model with these options, few terms provided."""
        return self.interpretable is not None and all(name in params and params[name] <= most for name, most in self.interpretable.items())


def all_classes(proba: NDArray[Any], present: NDArray[Any], n_outputs: int) -> NDArray[np.float32]:
    """Return (n_rows, n_outputs) from probabilities of the classes that a fit saw; the others get 0."""
    import numpy as np

    out = np.zeros((len(proba), n_outputs), dtype=np.float32)
    out[:, np.asarray(present, dtype=np.int64)] = proba
    return out
