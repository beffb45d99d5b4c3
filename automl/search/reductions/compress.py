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
PROBE, QUICK = {"steps": 1500}, {"steps": 800}  # of a network, so that there is one also where time is short
SEARCHED = (CURVED, "nmf")  # the options of the others do not change what they lose
FIRST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pca", {}), (CURVED, QUICK), (CURVED, {}), ("truncated_svd", {}), ("nmf", {}), ("ica", {}), ("random_projection", {}),
)  # fmt: skip
PROBES = 4  # numbers of components tried on the way to the fewest
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
        m, facts = _fewest(job, judge, linear, float(curve[linear - 1]), share, facts)
    else:
        facts |= {"n_components": m, "because": because}
    job.contest.given(job.entries(FIRST), judge, job.until(reserve=_reserve(job)), m)
    if share:
        m = _proved(job, judge, m, linear, facts)
    job.contest.search(judge, job.until(reserve=_reserve(job)), m, [f for f in SEARCHED if f in job.spaces])
    scored = job.contest.ranked(judge)
    curved = [(int(c.params["components"]), -c.score) for c in scored if c.family == CURVED]
    facts["curve"][CURVED] = {str(k): min(error for components, error in curved if components == k) for k in sorted({k for k, _ in curved})}
    return judge, m, [c for c in scored if c.params["components"] == m], facts


def _fewest(job: Job, judge: CompressJudge, linear: int, allowed: float, share: float, facts: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the fewest components that lose no more than `linear` principal components do, which keep the share.

    By bisection with a network, on the first fold only: what is found is proved on all of them afterwards.
    """
    quick = CompressJudge(job.x, None, judge.folds[:1], job.seed)
    bar = MARGIN * float(linear_curve(job.x, quick.folds, linear)[-1])
    low, high = 0, linear
    for _ in range(PROBES if CURVED in job.spaces else 0):
        m = max(1, (low + high + 1) // 2)
        if m >= high or high - low <= max(1, linear // 20):
            break
        scored = job.contest.given(job.entries([(CURVED, PROBE)]), quick, job.until(0.4, _reserve(job)), m)
        if not scored:
            break
        low, high = (low, m) if -scored[-1].score <= bar else (m, high)
    words = f"{linear} principal components keep {share:.0%} of the variance and lose {allowed:.1%} of rows held out"
    because = words if high == linear else f"{words}; {high} components of a network lose no more"
    return high, {**facts, "n_components": high, "because": because, "linear_components": linear, "allowed_error": allowed, "share": share}


def _proved(job: Job, judge: CompressJudge, m: int, linear: int, facts: dict[str, Any]) -> int:
    """Return the number of components, raised until all folds keep what the first one promised, then lowered while they still do."""
    while m < linear:
        best = max((c.score for c in job.contest.ranked(judge) if c.params["components"] == m), default=float("-inf"))
        if -best <= MARGIN * facts["allowed_error"]:
            break
        m = min(linear, m + max(1, (linear - m + 1) // 2))
        job.contest.given(job.entries([("pca", {}), (CURVED, {})]), judge, job.until(reserve=_reserve(job)), m)
    while m > 1:  # what was found with one fold and a short fit may be more than is needed
        fewer = max(1, min(m - 1, int(FEWER * m)))
        scored = job.contest.given(job.entries([(CURVED, {})]), judge, job.until(0.6, _reserve(job)), fewer)
        if not scored or -scored[-1].score > MARGIN * facts["allowed_error"]:
            break
        m = fewer
    words = facts["because"].partition(";")[0]
    facts |= {"n_components": m, "because": words if m == linear else f"{words}; {m} components of a network lose no more"}
    return m


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
