"""The rule that picks a partition: what its evidence speaks for, learned on tables whose groups are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PENALTY = 1e-3  # on the squared distance of weights from where they start
START = 15.0  # the start: weights of a ridge regression of the agreement, made steep
RIDGE = 10.0
WEIGHTS = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Rule:
    """`mean` and `spread` (f,) of what is known of candidates, and `weights` (f,): how much a standard deviation of it speaks for one."""

    names: tuple[str, ...]
    mean: Floats
    spread: Floats
    weights: Floats

    def belief(self, known: Floats) -> Floats:
        """Return (c,) how likely each candidate of a table is the one to take, from known values (c, f); they sum to one."""
        score = ((known - self.mean) / self.spread) @ self.weights
        share = np.exp(score - score.max())
        result: Floats = share / share.sum()
        return result

    def expected(self, known: Floats, agreement: Floats) -> Floats:
        """Return (c,) the adjusted Rand index to expect of each candidate: its agreement (c, c) with all of them, as likely as they are."""
        result: Floats = agreement @ self.belief(known)
        return result

    def reasons(self, known: Floats, winner: int, other: int) -> list[tuple[str, float]]:
        """Return what speaks for one candidate against another, the strongest first: the name and by how much (a log of odds)."""
        gap = (known[winner] - known[other]) / self.spread * self.weights
        return sorted(zip(self.names, gap.tolist(), strict=True), key=lambda item: -item[1])

    def record(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        numbers = {"mean": self.mean, "spread": self.spread, "weights": self.weights}
        return {"names": list(self.names), **{name: [float(f"{v:.6g}") for v in values] for name, values in numbers.items()}}


def learn(tables: Sequence[tuple[Floats, Floats]], names: Sequence[str]) -> Rule:
    """Return the rule under which the mean over tables of the agreement (c,) of a candidate drawn by belief is greatest.

    A table is known values (c, f) and agreements (c,). Only the foremost candidates of each table count, which a regression of
    the agreement does not see to (Cao et al. 2007 learn rankings by whole lists, too); one of these is the start.
    """
    from scipy.optimize import minimize

    known, agreement = np.concatenate([k for k, _ in tables]), np.concatenate([a for _, a in tables])
    table = np.repeat(np.arange(len(tables)), [len(a) for _, a in tables])
    starts = np.searchsorted(table, np.arange(len(tables)))
    mean, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    z = (known - mean) / spread
    weight = 1 / np.bincount(table)[table]
    weight *= len(weight) / weight.sum()
    y = agreement - np.average(agreement, weights=weight)
    start = START * np.linalg.solve((z * weight[:, None]).T @ z + RIDGE * np.eye(z.shape[1]), (z * weight[:, None]).T @ y)

    def loss(w: Floats) -> tuple[float, Floats]:
        score = z @ w
        share = np.exp(score - np.maximum.reduceat(score, starts)[table])
        share /= np.add.reduceat(share, starts)[table]
        expected = np.add.reduceat(share * agreement, starts)
        slope = -(z.T @ (share * (agreement - expected[table]))) / len(tables)
        return float(-expected.mean() + 0.5 * PENALTY * ((w - start) ** 2).sum()), slope + PENALTY * (w - start)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Rule(tuple(names), mean, spread, np.asarray(found, np.float64))


@cache
def shipped() -> Rule:
    """Return the rule of this version, which `benchmarks/cluster_rule.py` learned."""
    record = json.loads(WEIGHTS.read_text())
    mean, spread, weights = (np.array(record[name], np.float64) for name in ("mean", "spread", "weights"))
    return Rule(tuple(record["names"]), mean, spread, weights)
