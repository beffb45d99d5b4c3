"""Columns for a later model: what two plain models read off them about a label, or without one, whether neighbours stay neighbours."""

from typing import Any

import numpy as np

from automl.inference.forms import Model
from automl.search.fits import Fit
from automl.search.reductions.contest import Candidate
from automl.search.reductions.dimension import ladder, smallest_good
from automl.search.reductions.job import REFIT_SHARE, Job, run_one
from automl.search.reductions.judges import FeatureJudge, coordinates, folds_of, form_of, put_folds
from automl.vocabulary import State

FIRST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pca", {}), ("lda", {}), ("gda", {}), ("kernel_pca", {}), ("gda", {"kernel": "rbf", "kernel.rbf.gamma": 0.15}), ("nystroem", {}), ("truncated_svd", {}),
    ("extra_trees", {}), ("chi2", {}), ("ica", {}), ("autoencoder", {}), ("tsne", {"far": 0.5, "steps": 300}), ("isomap", {}), ("random_fourier", {}),
    ("nmf", {}), ("random_projection", {}), ("umap", {}),
)  # fmt: skip
"""Unlike methods in turn, quick ones first; those that need a label are not there without one."""

MOST = 64  # coordinates that are looked at where their number is free
SLACK = 0.01  # of the score, within which fewer coordinates are preferred


def run(job: Job) -> tuple[FeatureJudge, int, list[Candidate], dict[str, Any]]:
    """Return the judge, the number of coordinates, the candidates best first, and why so many coordinates, with the curve of scores."""
    options = job.options
    folds = folds_of(job.n_rows, options.y, job.seed)
    put_folds(job.pool, job.x, options.y, folds)
    job.pool.put("x", job.x, options.y)
    judge = FeatureJudge(job.x, options.y, folds, job.seed)
    facts: dict[str, Any] = {"curve": {}}
    if options.n_components is None:
        m, facts = _choose(job, judge)
    else:
        m, because = job.asked()
        facts |= {"n_components": m, "because": because}
    slowest = max((f.seconds for c in job.contest.candidates for f in c.done), default=0.0)
    job.contest.given(job.entries(FIRST), judge, job.until(reserve=REFIT_SHARE * slowest), m)
    slowest = max((f.seconds for c in job.contest.ranked(judge)[:5] for f in c.done), default=0.0)
    job.contest.search(judge, job.until(reserve=REFIT_SHARE * slowest), m, list(job.spaces))
    return judge, m, job.contest.ranked(judge), facts


def _choose(job: Job, judge: FeatureJudge) -> tuple[int, dict[str, Any]]:
    """Return the fewest coordinates that are as good as any number, by methods whose first coordinates are those of a shorter fit."""
    most = min(MOST, job.most, min(len(f.learn) for f in judge.folds) - 1)
    dimensions = ladder(max(1, most))
    curves: dict[str, dict[int, list[float]]] = {}
    for family in [f for f in ("pca", "lda", "gda") if f in job.spaces]:
        params = {**job.spaces[family].default(), "components": dimensions[-1]}
        scores: dict[int, list[float]] = {}
        for fold in judge.folds:
            fitted = run_one(job.pool, Fit(family, params, job.seed, fold.name, needs_form=True), job.until(0.3))
            if fitted is None or fitted.state != State.OK:
                break
            z, z_held = coordinates(fitted, len(fold.learn)), Model(form_of(fitted)).predict(job.x[fold.held])
            for k in [k for k in dimensions if k <= z.shape[1]] or [z.shape[1]]:
                scores.setdefault(k, []).append(judge.read(z[:, :k], z_held[:, :k], fold)["score"])
        whole = {k: found for k, found in scores.items() if len(found) == len(judge.folds)}
        if whole:
            curves[family] = whole
    if not curves:
        return min(10, most), {"curve": {}, "n_components": min(10, most), "because": "no time was left to try several numbers"}
    best = {k: max(float(np.mean(found[k])) for found in curves.values() if k in found) for k in dimensions if any(k in found for found in curves.values())}
    m = smallest_good(list(best), list(best.values()), SLACK)
    return m, {
        "curve": {family: {str(k): float(np.mean(values)) for k, values in found.items()} for family, found in curves.items()},
        "n_components": m, "because": f"more than {m} gain less than {SLACK:.0%} on rows held out",
    }  # fmt: skip
