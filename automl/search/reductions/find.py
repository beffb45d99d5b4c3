"""Finds the reduction that serves a purpose best: `find` is all that others call."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.reducers import PURPOSES
from automl.families.space import Params
from automl.search.fits import Fit, Fitted, Pool
from automl.search.reductions import compress, evidence, features, visualize
from automl.search.reductions.contest import Candidate
from automl.search.reductions.job import AS_ASKED, Job, baseline, form_of, last_fit, make_job, run_one, with_output
from automl.search.reductions.options import Found, Options
from automl.vocabulary import State

BEST = 3  # methods that are shown side by side
WAYS: dict[str, Any] = {"visualize": visualize, "compress": compress, "features": features}


def find(
    pool: Pool, x: NDArray[np.float32], options: Options, *, deadline: float, seed: int = 0, n_jobs_hint: int = 1,
    on_trial: Callable[[dict[str, Any]], None] | None = None, should_stop: Callable[[], bool] | None = None,
) -> Found:  # fmt: skip
    """Return the best reduction of x (n_rows, n_features) float32, standardised, by `deadline` (time.monotonic()).

    Methods compete for the purpose: `visualize` by trustworthiness, continuity and the rank correlation of distances of the map;
    `compress` by the share of variation of held-out rows that does not come back; `features` by what two models read off the
    coordinates of held-out rows about `options.y`, or without it by the neighbours these keep. As many fits run at once as the pool has
    slots, whatever the hint. Raises ValueError where no family suits, and for less than three rows.
    """
    way = WAYS[options.purpose]
    job = make_job(pool, x, options, PURPOSES[options.purpose], deadline, seed, on_trial, should_stop)
    judge, m, ranked, facts = way.run(job)
    fitted, family, params, winner = _finish(job, ranked, m)
    z, form = np.ascontiguousarray(fitted.output, dtype=np.float32), form_of(fitted)
    reference = baseline(job, judge, m)
    scores = winner.scores if winner is not None else reference
    if z.shape[1] < m:
        why = f"{m} were asked for" if facts["because"] == AS_ASKED else facts["because"]
        facts |= {"n_components": z.shape[1], "because": f"{why}; {family} has no more than {z.shape[1]}"}
    less = options.purpose == "compress"
    shown = {
        "purpose": options.purpose, "objective": _objective(options), "scores": _plain(scores), "baseline": _plain(reference),
        "dimensions": evidence.dimensions(job), **facts, "influence": evidence.influence(job.x, z), "lost": evidence.lost(job, form, z),
        "fidelity": evidence.fidelity(job, family, z), "best": _best(job, ranked, family, params, z, scores),
    }  # fmt: skip
    return Found(
        z,
        form,
        family,
        dict(params),
        [c.record() for c in job.contest.candidates],
        shown,
        judge.sign * scores["score"],
        _metric(options),
        not less,
        judge.sign * reference["score"],
    )


def _finish(job: Job, ranked: list[Candidate], m: int) -> tuple[Fitted, str, Params, Candidate | None]:
    """Return the winner fitted on all rows: a map is that already."""
    if ranked and with_output(ranked[0]) and ranked[0].done[0].fit.data == "x" and ranked[0].done[0].form is not None:
        return ranked[0].done[0], ranked[0].family, ranked[0].params, ranked[0]
    return last_fit(job, _one_of_each(ranked), m)


def _one_of_each(ranked: list[Candidate]) -> list[Candidate]:
    """Return the best candidate of each family, best first."""
    out: dict[str, Candidate] = {}
    for candidate in ranked:
        out.setdefault(candidate.family, candidate)
    return list(out.values())


def _best(job: Job, ranked: list[Candidate], family: str, params: Params, z: NDArray[np.float32], scores: dict[str, float]) -> list[dict[str, Any]]:
    """Return the best three methods with their scores and coordinates; those not fitted to all rows yet are, while time is left."""
    out = [{"family": family, "params": dict(params), "scores": _plain(scores), **evidence.shown(job, z)}]
    for candidate in [c for c in _one_of_each(ranked) if c.family != family][: BEST - 1]:
        entry = {"family": candidate.family, "params": dict(candidate.params), "scores": _plain(candidate.scores)}
        own = candidate.done[0].output if with_output(candidate) and candidate.done[0].fit.data == "x" else None
        left = job.deadline - time.monotonic() - 1.0
        if own is None and job.contest.seconds_of(candidate.family, candidate.params) * 1.5 < left:
            fitted = run_one(job.pool, Fit(candidate.family, candidate.params, job.seed, "x"), job.deadline - 0.5)
            own = fitted.output if fitted is not None and fitted.state == State.OK else None
        out.append(entry | (evidence.shown(job, np.asarray(own, np.float32)) if own is not None else {}))
    return out


def _plain(scores: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in scores.items() if name != "score"} or {"score": float(scores["score"])}


def _metric(options: Options) -> str:
    if options.purpose == "visualize":
        return visualize.METRIC
    if options.purpose == "compress":
        return compress.METRIC
    return "neighbours_kept" if options.y is None else "probe_accuracy"


def _objective(options: Options) -> str:
    """Return in words what candidates are judged by."""
    if options.purpose == "visualize":
        weights = "far distances four times as much as each of the others" if options.preserve == "global" else "all three alike"
        return f"the mean of trustworthiness and continuity of 15 neighbours and the rank correlation of distances, {weights}, on the rows of the map"
    if options.purpose == "compress":
        return "the share of the variation of rows held out that does not come back"
    if options.y is None:
        return "the share of the 15 nearest rows that stay nearest, for rows held out"
    return "the accuracy on rows held out of two plain models of the coordinates: 15 nearest neighbours and logistic regression"
