"""Which strategy divides the rows and why: what the spec says, else what a check asked for, else what the rows suggest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.errors import DataError
from automl.spec.model import Spec
from automl.vocabulary import Decision, Role

TEXT_WIDTH = 100  # columns that a text counts as: so many of its words matter
REPEATS = {"repeated": 3, "bootstrap": 10}  # drawn again so often when the spec does not say


@dataclass
class Ways:
    """How to divide: the strategy, the order in time where it is forward, and what was decided so far.

    `groups` are (n_rows,) labels, negative for none; `dates` tells that times are seconds since 1970. `width` is what a row
    costs to learn from: its columns, a text as a hundred, times the classes where they are more than two.
    """

    spec: Spec
    strategy: str
    time: NDArray[np.float64] | None = None
    groups: tuple[NDArray[np.int64], ...] = ()
    repeats: int = 1
    dates: bool = False
    width: float = 0.0
    decisions: list[Decision] = field(default_factory=list)

    def decide(self, key: str, value: object, because: str) -> None:
        """Note a decision under `validation`."""
        self.decisions.append(Decision(f"validation.{key}", value, because))

    def moment(self, time: float) -> str:
        """Return a time in words: the day where times are dates."""
        dated = self.dates and np.isfinite(time)
        return str(np.datetime64(int(time), "s").astype("datetime64[D]")) if dated else f"{time:.15g}"

    def fault(self, code: str, path: tuple[str, ...], message: str, label: str = "", notes: tuple[str, ...] = ()) -> DataError:
        """Return an error that points into the spec."""
        text = self.spec.source.error(code, path, message, label, notes=notes) if self.spec.source is not None else ""
        return DataError(message, ".".join(path), label, text=text)


def choose(dataset: Dataset, spec: Spec, asked: Mapping[str, Any]) -> Ways:
    """Return how to divide; `asked` as in make_split."""
    wanted, columns = spec.validation.strategy, spec.data.columns
    automatic = wanted == "auto"
    hint = asked if automatic else {}
    time = dataset.time if dataset.time is not None else hint.get("time")
    groups = tuple(g for g in (dataset.group, hint.get("group")) if g is not None)
    repeats = spec.validation.repeats or (hint.get("repeats") if automatic else None) or REPEATS.get(wanted, 1)
    if not automatic:
        strategy, because = wanted, "asked for"
    elif time is not None:
        strategy = "time"
        because = f"`{columns.time}` orders the rows" if columns.time is not None else _why(hint, "time", "time orders the rows")
    elif groups:
        strategy = "group"
        because = f"rows of one `{columns.group}` belong together" if columns.group is not None else _why(hint, "group", "rows belong together")
    elif repeats > 1:
        strategy, because = "repeated", _why(hint, None, "a check asked for it")
    else:
        strategy, because = "kfold", "neither `data.columns.group` nor `data.columns.time` is named"
    forward = strategy == "time" or (strategy == "holdout" and time is not None)
    ways = Ways(spec, strategy, np.asarray(time, dtype=np.float64) if forward else None, groups, int(repeats))
    classes = len(dataset.classes) if len(dataset.classes) > 2 else 1
    ways.width = float(classes * sum(TEXT_WIDTH if f.kind == "text" else 1 for f in dataset.fields))
    if ways.time is not None:
        ways.dates = _are_dates(dataset, columns.time, ways.time)
    ways.decide("strategy", strategy, because)
    if time is not None and not forward:
        ways.decide("time", "not used", f"`strategy: {strategy}` was asked for: rows are dealt out whatever their time")
    return ways


def _why(hint: Mapping[str, Any], strategy: str | None, else_: str) -> str:
    """Return the reason that came with a hint, when the hint is for this strategy."""
    return str(hint.get("because", else_)) if hint.get("strategy") == strategy else else_


def _are_dates(dataset: Dataset, name: str | None, time: NDArray[np.float64]) -> bool:
    """Return whether times are seconds since 1970: by the column's role, else by size, as counters and years are small."""
    if any(role.key == name and role.value == Role.DATE for role in dataset.roles):
        return True
    known = time[np.isfinite(time)]
    return bool(len(known)) and 1e8 <= float(np.abs(known).max()) < 1e11
