"""What the report is told of a search: scores by number of clusters, the best of each kind of structure, and the foremost candidates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.evidence import Candidate
from automl.search.clusters.indices import NAMED

UNLIKE = 0.95  # agreement from which two partitions count as the same


def unlike(order: Sequence[int] | NDArray[np.int64], candidates: Sequence[Candidate], most: int) -> list[int]:
    """Return the first candidates in an order that differ from one another."""
    out: list[int] = []
    for i in (int(position) for position in order):
        if all(adjusted_rand(candidates[i].labels, candidates[j].labels) < UNLIKE for j in out):
            out.append(i)
        if len(out) == most:
            break
    return out


def told(candidate: Candidate, expected: float, best: Candidate) -> dict[str, Any]:
    """Return a candidate as JSON values, `agreement` with the winner among them."""
    return {
        "family": candidate.step.family, "params": candidate.step.params, "note": candidate.step.note, "kind": candidate.step.kind,
        "clusters": candidate.clusters,
        "noise": round(candidate.scores["noise"], 4), "expected_agreement": round(expected, 4),
        "agreement": round(adjusted_rand(candidate.labels, best.labels), 4), "scores": {name: round(candidate.scores[name], 4) for name in NAMED},
    }  # fmt: skip


def curves(candidates: Sequence[Candidate]) -> dict[str, list[dict[str, Any]]]:
    """Return the named scores by number of clusters, for each method that was tried with several."""
    out: dict[str, list[dict[str, Any]]] = {}
    for candidate in candidates:
        for step in (candidate.step, *candidate.twins):
            if "clusters" in step.params:
                fixed = [str(v) for name, v in sorted(step.params.items()) if name != "clusters"]
                point = {"clusters": candidate.clusters} | {name: round(candidate.scores[name], 4) for name in NAMED}
                out.setdefault(" ".join([step.family, *fixed, *(["p"] if step.projected else [])]), []).append(point)
    return {name: sorted(points, key=lambda p: p["clusters"]) for name, points in out.items() if len(points) > 2}


def kinds(candidates: Sequence[Candidate], expected: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return the best candidate of each kind of structure, and by how much it falls short of the best of all."""
    best = candidates[int(expected.argmax())]
    out = []
    for kind in dict.fromkeys(c.step.kind for c in candidates):
        i = max((i for i, c in enumerate(candidates) if c.step.kind == kind), key=lambda i: float(expected[i]))
        out.append(told(candidates[i], float(expected[i]), best) | {"short_by": round(float(expected.max() - expected[i]), 4)})
    return sorted(out, key=lambda k: k["short_by"])
