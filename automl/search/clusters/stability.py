"""Whether a partition comes back on half of the rows."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.evidence import Candidate
from automl.search.clusters.views import View
from automl.search.fits import Fit, Pool

HALVES = 4
CLOSE = 0.03  # of the rule's score, within which the stabler partition is taken
STABLER = 0.2  # by how much more stable it must be


def stability(pool: Pool, view: View, finalists: Sequence[Candidate], noise: bool, seed: int, deadline: float) -> dict[int, float]:
    """Return for each finalist, by position, the mean agreement of its fits on random halves of the rows with itself; those that time allows."""
    rng, n = np.random.default_rng(seed), len(view.rows)
    if n < 20:
        return {}
    halves = [np.sort(rng.choice(n, n // 2, replace=False)) for _ in range(HALVES)]
    matrices = view.matrices()
    for h, rows in enumerate(halves):
        for name in {c.step.data for c in finalists}:
            pool.put(f"clusters.{name}.{h}", np.ascontiguousarray(matrices[name][rows]))
    owner: dict[tuple[str, str, str], int] = {}
    for position, candidate in enumerate(finalists):
        for h in range(HALVES):
            step = candidate.step
            fit = Fit(step.family, step.params, seed, f"clusters.{step.data}.{h}", note=step.note)
            owner[fit.family, repr(sorted(fit.params.items())), fit.data] = position
            pool.submit(fit, deadline)
    agreed: dict[int, list[float]] = {}
    for _ in range(10_000):
        back = pool.results(0.5)
        for fitted in back:
            key = fitted.fit.family, repr(sorted(fitted.fit.params.items())), fitted.fit.data
            if fitted.output is not None and key in owner:
                rows, labels = halves[int(fitted.fit.data.rsplit(".", 1)[1])], fitted.output.astype(np.int64)
                whole = finalists[owner[key]].labels[rows]
                agreed.setdefault(owner[key], []).append(_agreement(whole, labels, noise))
        if not pool.pending():
            break
        if not back and time.monotonic() > deadline + 5:
            break
    return {position: round(float(np.mean(values)), 4) for position, values in agreed.items()}


def _agreement(whole: NDArray[np.int64], half: NDArray[np.int64], noise: bool) -> float:
    """Return the agreement; where no row may be noise, on the rows that the half fit did not call noise."""
    kept = np.ones(len(half), dtype=bool) if noise else half >= 0
    return adjusted_rand(whole[kept], half[kept]) if kept.sum() > 1 else 0.0


def stabler(ranked: Sequence[tuple[int, float | None]], value: NDArray[np.float64]) -> int:
    """Return the first of candidates (position, stability), or one about as good that comes back far more surely."""
    first, own = ranked[0]
    if own is None:
        return first
    for i, how in ranked[1:]:
        if how is not None and how > own + STABLER and value[i] > value[first] - CLOSE:
            return i
    return first
