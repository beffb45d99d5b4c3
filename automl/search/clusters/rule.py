"""The rule that picks a partition: the agreement with the truth that its evidence lets expect, learned on tables whose groups are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.evidence import KINDS

Floats = NDArray[np.float64]

CROSSED = ("bic_to_best", "disco_to_best", "dbcv_to_best", "silhouette_to_best", "valley", "support")
"""Evidence that may count differently for each kind of structure."""
MAIN_PENALTY, CROSSED_PENALTY = 10.0, 5000.0
WEIGHTS = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Rule:
    """`mean` and `spread` (f,) of what is known of candidates, `weights` (f + crossed,) and `base`: a linear guess at their agreement with the truth."""

    names: tuple[str, ...]
    mean: Floats
    spread: Floats
    weights: Floats
    base: float

    def expected(self, known: Floats) -> Floats:
        """Return (c,) the adjusted Rand index that known values (c, f) let expect; only the order of one table means much."""
        result: Floats = crossed((known - self.mean) / self.spread, self.names) @ self.weights + self.base
        return result

    def reasons(self, known: Floats, winner: int, other: int) -> list[tuple[str, float]]:
        """Return what speaks for one candidate against another, the strongest first: the name and how much it adds."""
        z = (known - self.mean) / self.spread
        gap = (crossed(z[[winner]], self.names) - crossed(z[[other]], self.names))[0] * self.weights
        owners = [*self.names, *[name for name in CROSSED for _ in KINDS]]
        total = {name: float(sum(g for g, owner in zip(gap, owners, strict=True) if owner == name)) for name in self.names}
        return sorted(total.items(), key=lambda item: -item[1])

    def record(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        numbers = {"mean": self.mean, "spread": self.spread, "weights": self.weights}
        return {"names": list(self.names), **{name: [float(f"{v:.6g}") for v in values] for name, values in numbers.items()}, "base": round(self.base, 6)}


def crossed(z: Floats, names: Sequence[str]) -> Floats:
    """Return values (c, f) with the products (c, 24) of the crossed ones and the kinds."""
    at = {name: i for i, name in enumerate(names)}
    products = [z[:, at[name]] * z[:, at[kind]] for name in CROSSED for kind in KINDS]
    return np.concatenate([z, np.stack(products, axis=1)], axis=1)


def learn(tables: Sequence[tuple[Floats, Floats]], names: Sequence[str]) -> Rule:
    """Return the ridge regression (Hoerl & Kennard 1970) of agreements (c,) on known values (c, f), every table of the same weight."""
    known, agreement = np.concatenate([k for k, _ in tables]), np.concatenate([a for _, a in tables])
    weight = np.concatenate([np.full(len(a), 1 / len(a)) for _, a in tables])
    weight *= len(weight) / weight.sum()
    mean, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    z = crossed((known - mean) / spread, names)
    z = np.concatenate([z, np.ones((len(z), 1))], axis=1)
    penalty = np.full(z.shape[1], CROSSED_PENALTY)
    penalty[: len(names)], penalty[-1] = MAIN_PENALTY, 0.0
    solved = np.linalg.solve((z * weight[:, None]).T @ z + np.diag(penalty), (z * weight[:, None]).T @ agreement)
    return Rule(tuple(names), mean, spread, solved[:-1], float(solved[-1]))


@cache
def shipped() -> Rule:
    """Return the rule of this version, which `benchmarks/cluster_rule.py` learned."""
    record = json.loads(WEIGHTS.read_text())
    mean, spread, weights = (np.array(record[name], np.float64) for name in ("mean", "spread", "weights"))
    return Rule(tuple(record["names"]), mean, spread, weights, float(record["base"]))
