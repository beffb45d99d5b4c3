"""Fewer numbers from which rows come back: the share of their variation that is lost, on rows held out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.subspace import leading
from automl.search.reductions.contest import Candidate
from automl.search.reductions.job import REFIT_SHARE, Job
from automl.search.reductions.judges import CompressJudge, Fold, folds_of, put_folds
from automl.search.reductions.options import KEPT_SHARE

METRIC = "reconstruction_error"
CURVED = "autoencoder"
QUICK: dict[str, Any] = {"steps": 800}  # of a network, so that there is one also where time is short
SEARCHED = (CURVED, "nmf")  # the options of the others do not change what they lose
FIRST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pca", {}), (CURVED, QUICK), (CURVED, {}), ("truncated_svd", {}), ("nmf", {}), ("ica", {}), ("random_projection", {}),
)  # fmt: skip
PROBES = 4  # numbers of components tried on the way to the fewest
ALIKE = 1.005  # times the least error: a difference below that is chance, and the plainer method is taken
FEWER = 0.8  # of the components, tried while fewer are enough
MARGIN = 0.97  # of the error allowed: what was chosen among several looks a little better than it is


def run(job: Job) -> tuple[CompressJudge, int, list[Candidate], dict[str, Any]]:
    """Return the judge, the number of coordinates, the candidates best first, and why so many coordinates, with the curve of errors."""
    options = job.options
    folds = folds_of(job.n_rows, None, job.seed)
    put_folds(job.pool, job.x, options.y, folds)
    judge = CompressJudge(job.x, None, folds, job.seed)
    job.pool.put("x", job.x, options.y)
    share = options.share or (KEPT_SHARE if options.n_components is None else None)
    linear, because = (job.share_components(share), "") if share else job.asked()
    # of principal components, so that the report can show what more or fewer would lose
    curve = linear_curve(job.x, folds, min(job.most, max(linear, 2) * 2, min(len(f.learn) for f in folds) - 1))
    linear = min(linear, len(curve)) if share else linear
    facts: dict[str, Any] = {"curve": {"pca": curve.tolist()}}
    m = linear
    if share:
        allowed = float(curve[linear - 1])
        m = _fewest(job, judge, linear, allowed)
        because = f"{linear} principal components keep {share:.0%} of the variance, and lose {allowed:.1%} of it on rows held out"
        because += "" if m == linear else f"; {m} components of a network lose no more"
        facts |= {"linear_components": linear, "allowed_error": allowed, "share": share}
    job.contest.given(job.entries(FIRST), judge, job.until(reserve=_reserve(job)), m)
    job.contest.search(judge, job.until(reserve=_reserve(job)), m, [f for f in SEARCHED if f in job.spaces])
    scored = job.contest.ranked(judge)
    curved = [(int(c.params["components"]), -c.score) for c in scored if c.family == CURVED]
    facts["curve"][CURVED] = {str(k): min(error for components, error in curved if components == k) for k in sorted({k for k, _ in curved})}
    return judge, m, plainest_first([c for c in scored if c.params["components"] == m]), {**facts, "n_components": m, "because": because}


def plainest_first(ranked: list[Candidate]) -> list[Candidate]:
    """Return candidates, best first, with those that lose hardly more than the best by when they were tried: principal components come first."""
    least = -ranked[0].score if ranked else 0.0
    near = [c for c in ranked if -c.score <= ALIKE * least]
    return sorted(near, key=lambda c: c.number) + [c for c in ranked if c not in near]


def _fewest(job: Job, judge: CompressJudge, linear: int, allowed: float) -> int:
    """Return the fewest components that lose no more than `linear` principal components do: by bisection with short fits of a network, then by longer ones."""
    bar = MARGIN * allowed

    def enough(m: int, params: dict[str, Any], share: float) -> bool:
        return any(-c.score <= bar for c in job.contest.given(job.entries([(CURVED, params)]), judge, job.until(share, _reserve(job)), m))

    job.contest.given(job.entries([("pca", {})]), judge, job.until(), linear)
    if linear < 2 or not enough(linear, QUICK, 0.3):
        return linear
    low, high = 0, linear
    for _ in range(PROBES):
        m = max(1, (low + high + 1) // 2)
        if m >= high or high - low <= max(1, linear // 20):
            break
        low, high = (low, m) if enough(m, QUICK, 0.45) else (m, high)
    while high > 1 and enough(fewer := max(1, min(high - 1, int(FEWER * high))), {}, 0.6):
        high = fewer
    return high


def _reserve(job: Job) -> float:
    """Return the seconds to keep for the last fit: those of the slowest fit of a candidate that may still win."""
    slowest = max((f.seconds for c in job.contest.candidates if c.scores for f in c.done), default=0.0)
    return REFIT_SHARE * slowest


def linear_curve(x: NDArray[np.float32], folds: list[Fold], most: int) -> NDArray[np.float64]:
    """Return (most,) the share of variation of held-out rows that 1, 2, ... principal components lose; the mean over folds."""
    lost = []
    for fold in folds:
        found = leading(x[fold.learn], most)
        held = x[fold.held].astype(np.float64) - found.mean
        kept = np.cumsum(np.square(held @ found.directions.T).sum(axis=0)) / max(float(np.square(held).sum()), 1e-300)
        lost.append(1 - np.pad(kept, (0, most - len(kept)), mode="edge"))
    out: NDArray[np.float64] = np.mean(lost, axis=0)
    return out
