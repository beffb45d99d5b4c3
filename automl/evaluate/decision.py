"""What the decision of a model comes to on the scored rows: how true its probabilities are, and what its rule changes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.finalize.candidate import Candidate
from automl.metrics import decided
from automl.plan.plan import Plan

Codes = NDArray[np.int64]
Proba = NDArray[np.float64]

BINS = 10
Z = 1.96


def decision_facts(plan: Plan, candidate: Candidate, y: Codes, proba: Proba) -> dict[str, Any]:
    """Return what was chosen out of fold and what it bought there, with its scores on scored rows, as JSON values.

    y (n_rows,) codes, proba (n_rows, n_classes) calibrated. `scored` compares the rule with the most probable class there.
    """
    facts = dict(candidate.facts.get("decision", {}))
    name = facts.get("rule", {}).get("metric")
    if name and not candidate.decision.plain:
        metric = plan.measure(name)
        plain = candidate.decision.without_rule()
        before, after = (decided(metric, d).score(y, proba, plan.positive) for d in (plain, candidate.decision))
        facts["scored"] = {"metric": name, "before": before if before == before else None, "after": after if after == after else None}
    return {**facts, "reliability": reliability(y, proba, plan.positive)}


def reliability(y: Codes, proba: Proba, positive: int) -> dict[str, Any]:
    """Return in ten equal ranges of probability how many rows there are, their mean probability, and the share it came true for.

    Of two classes the probability is that of the positive one, of more that of the most probable class. `error` is the expected
    calibration error, the mean distance of the two over the rows (Guo et al. 2017, section 2); with few rows it is above 0 for true
    probabilities too, and `by_chance` says how much is expected of those. The 95 % intervals are Wilson's (1927).
    """
    two = proba.shape[1] == 2
    said = proba[:, positive] if two else proba.max(axis=1)
    true = (y == positive) if two else (proba.argmax(axis=1) == y)
    place = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    rows = np.bincount(place, minlength=BINS)
    mean = np.bincount(place, weights=said, minlength=BINS) / np.maximum(rows, 1)
    share = np.bincount(place, weights=true, minlength=BINS) / np.maximum(rows, 1)
    spread = np.bincount(place, weights=said * (1 - said), minlength=BINS)
    bins = [
        {"low": b / BINS, "high": (b + 1) / BINS, "rows": int(rows[b]), "said": float(mean[b]), "true": float(share[b]), "interval": _wilson(share[b], rows[b])}
        for b in range(BINS) if rows[b]
    ]  # fmt: skip
    error = float((rows * np.abs(mean - share)).sum() / max(1, len(y)))
    chance = float(np.sqrt(2 / np.pi) * np.sqrt(np.maximum(spread, 0)).sum() / max(1, len(y)))  # the mean of a half-normal in each range
    return {"of": "positive" if two else "most_probable", "bins": bins, "error": error, "by_chance": chance}


def _wilson(share: float, n: int) -> list[float]:
    """Return the 95 % interval of a share of n rows."""
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return [float(max(0.0, middle - half)), float(min(1.0, middle + half))]
