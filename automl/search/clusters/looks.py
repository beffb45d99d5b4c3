"""A table scaled in one way, and every partition that was tried on it; and which of several ways shows groups best."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.evidence import Candidate, Known, candidates_of, features, scores_of
from automl.search.clusters.ladder import Step
from automl.search.clusters.rule import shipped
from automl.search.clusters.views import View

Ints = NDArray[np.int64]


@dataclass
class Look:
    """`measured` are step, labels (n,), scores and seconds of each fit on the matrices of a view; scores are empty where one group was found."""

    view: View
    measured: list[tuple[Step, Ints, dict[str, float], float]] = field(default_factory=list)
    _scored: dict[bytes, dict[str, float]] = field(default_factory=dict)

    def take(self, step: Step, labels: Ints, seconds: float) -> dict[str, float]:
        """Judge the labels (n,) of a fit and keep them; returns their scores."""
        scores: dict[str, float] = {}
        if labels.max(initial=-1) > 0:
            key = labels.tobytes()
            if key not in self._scored:
                self._scored[key] = scores_of(self.view.geometry, labels)
            scores = self._scored[key]
        self.measured.append((step, labels, scores, seconds))
        return scores

    def partitions(self, low: int, high: int) -> list[Candidate]:
        """Return the distinct partitions of at least two clusters that have `low` to `high` of them."""
        return [c for c in candidates_of([m for m in self.measured if m[2]]) if low <= c.clusters <= high]

    def known(self, candidates: Sequence[Candidate]) -> Known:
        """Return what is known of partitions."""
        return features(candidates, self.view.alone, self.view.columns)


def odds_of(known: Known) -> float:
    """Return what the evidence of all partitions adds up to: the log of the sum of their odds, but for a constant.

    The weights are those of the rule, which was learned within tables; that they also tell scalings of one table apart was measured
    (benchmarks/scalings.py). The sum tells it better than the odds of the best partition do: one that is right is often near to others.
    """
    odds = shipped().odds(known.values)
    return float(odds.max() + np.log(np.exp(odds - odds.max()).sum()))


def gain_of(known: Known, columns: int) -> float:
    """Return by how many nats per row the partition that tells the rows most shortly does so."""
    return float(known.values[:, known.names.index("bic_gain")].max()) * columns
