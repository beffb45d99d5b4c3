"""From a model's probabilities to what it answers: calibrated probabilities, and the class that each row is given."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIP = float(np.finfo(np.float32).eps)  # below it the log loss knows no difference
FALL = 0.01  # what is left there of differences between logarithms, so that the order of rows stays
LEAST = 1e-45
Curve = tuple[tuple[float, ...], tuple[float, ...]]
"""Rising probabilities, and what each becomes; straight lines between them."""


def logs(proba: NDArray[Any]) -> NDArray[np.float64]:
    """Return the logarithms of probabilities as a temperature takes them: below single precision they hardly fall any further."""
    z = np.log(np.maximum(proba, LEAST, dtype=np.float64))
    low = math.log(CLIP)
    return np.asarray(np.where(z < low, low + FALL * (z - low), z), dtype=np.float64)


@dataclass(frozen=True)
class Decision:
    """What is done with probabilities, as data; the default changes nothing and takes the most probable class.

    Calibration: `temperature` divides their logarithms (Guo et al. 2017, section 4.2), or `curves` map them, one of the class of
    code 1 for two classes, else one per class, after which they are made to sum to 1. Rule, one of: `threshold`, above which the
    class `positive` is answered; `weights` (n_classes,) that multiply them first; `costs[true][predicted]`, of which the least is
    expected.
    """

    temperature: float = 1.0
    curves: tuple[Curve, ...] = ()
    threshold: float | None = None
    positive: int = 1
    weights: tuple[float, ...] = ()
    costs: tuple[tuple[float, ...], ...] = ()

    @property
    def calibrates(self) -> bool:
        """Return whether probabilities are changed."""
        return self.temperature != 1.0 or bool(self.curves)

    @property
    def plain(self) -> bool:
        """Return whether each row is given its most probable class."""
        return self.threshold is None and not self.weights and not self.costs

    def without_rule(self) -> "Decision":
        """Return the decision with the same calibration that gives each row its most probable class."""
        return Decision(self.temperature, self.curves)

    def calibrate(self, proba: NDArray[Any]) -> NDArray[Any]:
        """Return (n_rows, n_classes) calibrated probabilities, of the type that was given."""
        if not self.calibrates or not len(proba):
            return proba
        p = np.asarray(proba, dtype=np.float64)
        if not self.curves:
            z = logs(p) / self.temperature
            out = np.exp(z - z.max(axis=1, keepdims=True))
        elif len(self.curves) == 1:
            one = np.interp(p[:, 1], *self.curves[0])
            return np.stack([1.0 - one, one], axis=1).astype(proba.dtype)
        else:
            out = np.stack([np.interp(p[:, c], *curve) for c, curve in enumerate(self.curves)], axis=1)
            out += 1e-12  # where no curve thinks its class possible, all are alike
        return np.asarray(out / out.sum(axis=1, keepdims=True), dtype=proba.dtype)

    def codes(self, proba: NDArray[Any]) -> NDArray[np.int64]:
        """Return (n_rows,) class codes of calibrated probabilities (n_rows, n_classes); of equals the first."""
        if self.plain:
            return np.asarray(proba.argmax(axis=1))
        p = np.asarray(proba, dtype=np.float64)
        if self.threshold is not None:
            return np.where(p[:, self.positive] > self.threshold, self.positive, 1 - self.positive).astype(np.int64)
        return np.asarray((p * np.asarray(self.weights)).argmax(axis=1) if self.weights else (p @ np.asarray(self.costs)).argmin(axis=1))

    def as_dict(self) -> dict[str, Any]:
        """Return what differs from the default, as JSON values."""
        default = asdict(Decision())
        return {name: value for name, value in asdict(self).items() if value != default[name]}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any], n_classes: int) -> "Decision":
        """Return the decision that `as_dict` told of. Raises ValueError where it is none for so many classes."""
        if not isinstance(facts, Mapping) or not set(facts) <= set(asdict(cls())):
            raise ValueError("the decision has parts that are not known")
        temperature, threshold, positive = facts.get("temperature", 1.0), facts.get("threshold"), facts.get("positive", 1)
        curves = tuple(_curve(c) for c in _listed(facts.get("curves", ())))
        weights = _numbers(facts.get("weights", ()))
        costs = tuple(_numbers(row) for row in _listed(facts.get("costs", ())))
        sizes = {len(weights), len(costs), *map(len, costs)} - {0}
        fits = (
            sizes <= {n_classes} and len(curves) in (0, 1 if n_classes == 2 else n_classes) and _numbers([temperature])[0] > 0
            and (threshold is None or (n_classes == 2 and 0 <= _numbers([threshold])[0] <= 1)) and type(positive) is int and positive in (0, 1)
            and (threshold is not None) + bool(weights) + bool(costs) <= 1 and all(w > 0 for w in weights)
        )  # fmt: skip
        if not fits:
            raise ValueError(f"the decision does not fit {n_classes} classes")
        return cls(float(temperature), curves, None if threshold is None else float(threshold), positive, weights, costs)


def _listed(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("the decision lacks a list of numbers")
    return value


def _numbers(value: Any) -> tuple[float, ...]:
    """Return the numbers of a list, all of them finite."""
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in _listed(value)):
        raise ValueError("the decision holds something that is no number")
    return tuple(float(v) for v in value)


def _curve(value: Any) -> Curve:
    if len(_listed(value)) != 2:
        raise ValueError("a curve of the decision has two lists")
    at, to = _numbers(value[0]), _numbers(value[1])
    rising = all(a < b for a, b in pairwise(at)) and all(a <= b for a, b in pairwise(to))
    if not at or len(at) != len(to) or not rising or to[0] < 0 or to[-1] > 1:
        raise ValueError("a curve of the decision does not rise within 0 and 1")
    return at, to
