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

PENALTY = 1e-3  # on squared weights
START = 0.3  # the size of weights to start from
CUT, APART, NOISE = 0.5, 0.3, 0.05  # see Rule.vetoed
VETO = 50.0  # taken off the log of odds
FOR = (
    "silhouette", "disco", "dbcv", "least_validity", "apart", "all_apart", "all_apart_clusters", "no_border", "gap", "all_gap", "support", "twins",
    "bic_gain", "smallest", "agreement", "modularity", "silhouette_to_best", "disco_to_best", "dbcv_to_best", "bic_to_best", "support_to_best",
    "agreement_to_best", "modularity_to_best", "silhouette_rank", "disco_rank", "dbcv_rank", "bic_rank", "support_rank", "agreement_rank",
    "modularity_rank",
)  # fmt: skip
"""What is taken to speak for a partition where learning starts, and below, what against."""
AGAINST = ("cut", "crossing", "valley_most", "valley", "noise", "tiny", "inequality", "noise_in_many_columns")
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
        score = self.odds(known)
        share = np.exp(score - score.max())
        result: Floats = share / share.sum()
        return result

    def odds(self, known: Floats) -> Floats:
        """Return (c,) what the evidence of each candidate adds up to, from known values (c, f): the log of its odds, but for a constant."""
        result: Floats = ((known - self.mean) / self.spread) @ self.weights - VETO * self.vetoed(known)
        return result

    def vetoed(self, known: Floats) -> NDArray[np.bool_]:
        """Return (c,) which candidates cut through dense parts of the table although another parts it cleanly.

        Clean: every cluster farther from the others than its longest inner step, no border in a dense part, hardly any noise, and
        connected by density well above chance (DISCO). Weights add up evidence, and much that is weak can outweigh this; it must not.
        """
        if not {"least_validity", "cut", "noise", "disco"} <= set(self.names):
            return np.zeros(len(known), dtype=bool)
        least, cut, noise, disco = (known[:, self.names.index(name)] for name in ("least_validity", "cut", "noise", "disco"))
        clean = (least > 0) & (cut < 0.01) & (noise <= NOISE) & (disco > APART)
        out: NDArray[np.bool_] = clean.any() & (cut > CUT) & (least < 0)
        return out

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
    the agreement does not see to (Cao et al. 2007 learn rankings by whole lists, too).
    """
    from scipy.optimize import minimize

    known, agreement = np.concatenate([k for k, _ in tables]), np.concatenate([a for _, a in tables])
    table = np.repeat(np.arange(len(tables)), [len(a) for _, a in tables])
    starts = np.searchsorted(table, np.arange(len(tables)))
    mean, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    z = (known - mean) / spread

    def loss(w: Floats) -> tuple[float, Floats]:
        score = z @ w
        share = np.exp(score - np.maximum.reduceat(score, starts)[table])
        share /= np.add.reduceat(share, starts)[table]
        expected = np.add.reduceat(share * agreement, starts)
        slope = -(z.T @ (share * (agreement - expected[table]))) / len(tables)
        return float(-expected.mean() + 0.5 * PENALTY * (w @ w)), slope + PENALTY * w

    start = np.array([START if name in FOR else -START if name in AGAINST else 0.0 for name in names])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return Rule(tuple(names), mean, spread, np.asarray(found, np.float64))


@cache
def shipped() -> Rule:
    """Return the rule of this version, which `benchmarks/cluster_rule.py` learned."""
    record = json.loads(WEIGHTS.read_text())
    mean, spread, weights = (np.array(record[name], np.float64) for name in ("mean", "spread", "weights"))
    return Rule(tuple(record["names"]), mean, spread, weights)
