"""What the three purposes share: the families that may compete, the folds, the spectrum, and the last fit on all rows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.reducers import LABELLED
from automl.families.space import Params, Space
from automl.families.subspace import Subspace, leading
from automl.inference.forms import Form
from automl.search.fits import Fit, Fitted, Pool, run_fit
from automl.search.reductions.contest import TASK, Candidate, Contest, without_components
from automl.search.reductions.dimension import components_for
from automl.search.reductions.judges import Judge, Scores
from automl.search.reductions.options import Options
from automl.vocabulary import State

SPECTRUM_ROWS, SPECTRUM_SIDE = 20_000, 2_000  # rows that the spectrum is taken from; of a table wider than the side, as many rows as that
LEAST_ROWS = 3
AS_ASKED = "as asked"
REFIT_SHARE = 1.5  # of the seconds of a fit in the search that the last one may take, which has more rows
WAIT = 0.2


@dataclass
class Job:
    """One call: the table, what is asked, and the time; `ends` is when the last fit must begin its way back."""

    pool: Pool
    x: NDArray[np.float32]
    options: Options
    deadline: float
    began: float
    seed: int
    contest: Contest
    spaces: dict[str, Space]
    spectrum: Subspace

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.x)

    @property
    def most(self) -> int:
        """Return the most coordinates that the table allows."""
        return max(1, min(int(self.x.shape[1]), len(self.x) - 1))

    def until(self, share: float = 1.0, reserve: float = 0.0) -> float:
        """Return the time by which a part of the search ends: a share of what there is, less what the end needs."""
        whole = self.deadline - self.began
        end = self.deadline - max(1.0, min(6.0, 0.08 * whole)) - reserve
        return self.began + share * max(0.0, end - self.began)

    def entries(self, wanted: Sequence[tuple[str, Params]]) -> list[tuple[str, Params]]:
        """Return candidates with complete options: those given, where the family's space has them, and defaults of all others."""
        return [(family, self.spaces[family].fitted(params)) for family, params in wanted if family in self.spaces]

    def asked(self) -> tuple[int, str]:
        """Return as many coordinates as were asked for, or as the table allows, and the reason in words."""
        if self.options.share is not None:
            m = self.share_components(self.options.share)
            return m, f"{m} principal components keep {self.options.share:.0%} of the variance"
        wanted = int(self.options.n_components or 1)
        m = min(self.most, wanted)
        return m, AS_ASKED if m == wanted else f"{wanted} were asked for, and {self.n_rows} rows of {self.x.shape[1]} columns have no more than {m}"

    def share_components(self, share: float) -> int:
        """Return how many principal components keep a share of the variance."""
        return min(self.most, components_for(self.spectrum, share))


def make_job(
    pool: Pool, x: NDArray[np.float32], options: Options, families: Sequence[str], deadline: float, seed: int,
    on_trial: Callable[[dict[str, Any]], None] | None, should_stop: Callable[[], bool] | None,
) -> Job:  # fmt: skip
    """Return the job; `families` are those that suit the purpose. Raises ValueError where none may compete, or for too few rows."""
    began = time.monotonic()
    if len(x) < LEAST_ROWS:
        raise ValueError(f"{len(x)} rows are too few to reduce; at least {LEAST_ROWS} are needed")
    context = Context(TASK, len(x), x.shape[1], 1 if options.y is None else int(options.y.max(initial=0)) + 1, seed=seed)
    wanted = [f for f in (options.include or FAMILIES.usable(TASK)) if f not in options.exclude]
    plugins = [f for f in wanted if FAMILIES.origin(TASK, f)]
    names = [f for f in wanted if (f in families or f in plugins) and (options.y is not None or f not in LABELLED) and _installed(f)]
    if not names:
        raise ValueError(f"none of the families asked for ({', '.join(wanted)}) suits the purpose `{options.purpose}`; those that do: {', '.join(families)}")
    spaces = {f: without_components(options.space.get(f) or FAMILIES.get(TASK, f).space(context)) for f in names}
    rows = np.random.default_rng(seed)
    most = SPECTRUM_SIDE if x.shape[1] > SPECTRUM_SIDE else SPECTRUM_ROWS
    some = x if len(x) <= most else x[np.sort(rows.choice(len(x), most, replace=False))]
    spectrum = leading(some, min(some.shape), seed=seed)
    contest = Contest(pool, spaces, context, seed, on_trial, should_stop, options.most)
    return Job(pool, x, options, deadline, began, seed, contest, spaces, spectrum)


def _installed(family: str) -> bool:
    return all(find_spec(package) is not None for package in FAMILIES.get(TASK, family).requires)


def baseline(job: Job, judge: Judge, m: int) -> Scores:
    """Return the scores of principal components: from the contest where they took part, else from fits made here."""
    for candidate in job.contest.candidates:
        plain = candidate.params.get("evening", 0.0) == 0.0 and candidate.params.get("components") == m
        if candidate.family == "pca" and candidate.judge is judge and candidate.scores and plain:
            return candidate.scores
    done = []
    for fit in judge.fits("pca", {"components": m, "evening": 0.0}, job.seed):
        fold = {f.name: f.learn for f in getattr(judge, "folds", [])}.get(fit.data)
        done.append(run_fit(TASK, fit, job.x if fold is None else job.x[fold], None))
    return judge.score(done)


def last_fit(job: Job, ranked: Sequence[Candidate], m: int) -> tuple[Fitted, str, Params, Candidate | None]:
    """Fit the best candidate on all rows; where that fails or time is out, the next; principal components where all do."""
    for candidate in ranked[:3]:
        fit = Fit(candidate.family, candidate.params, job.seed, "x", needs_form=True)
        fitted = run_one(job.pool, fit, job.deadline - 0.5)
        if fitted is not None and fitted.state == State.OK and fitted.form is not None and np.isfinite(fitted.output).all():  # type: ignore[arg-type]
            return fitted, candidate.family, candidate.params, candidate
    params = {"components": m, "evening": 0.0}
    return run_fit(TASK, Fit("pca", params, job.seed, "x", needs_form=True), job.x, None), "pca", params, None


def run_one(pool: Pool, fit: Fit, deadline: float) -> Fitted | None:
    """Return what came of one fit, or None where it did not come in time; answers to others are passed over."""
    pool.submit(fit, deadline)
    while pool.pending() and time.monotonic() < deadline + 0.3:
        for fitted in pool.results(WAIT):
            if (fitted.fit.family, fitted.fit.data, dict(fitted.fit.params)) == (fit.family, fit.data, dict(fit.params)):
                return fitted
    return None


def form_of(fitted: Fitted) -> Form:
    """Return the form of a last fit, which has one."""
    if fitted.form is None:
        raise ValueError("the last fit has no form")
    return fitted.form


def with_output(candidate: Candidate) -> bool:
    """Return whether a candidate's coordinates are still known."""
    return bool(candidate.done) and candidate.done[0].output is not None
