"""How a candidate is judged for each purpose: which fits it takes, and what their answers score."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from automl.families.space import Params
from automl.inference.forms import Form, Model
from automl.inference.reconstruct import reconstructor
from automl.search.fits import Fit, Fitted, Pool
from automl.search.reductions.objectives import (
    Reference,
    kept_neighbours,
    linear_accuracy,
    lost_share,
    map_scores,
    neighbour_accuracy,
)  # fmt: skip

Scores = dict[str, float]

SMALL, LARGE = 400, 20_000  # rows: below the first five folds are affordable and needed, above the second one part held out tells enough
LEARN_ROWS, HELD_ROWS = 50_000, 5_000  # of a large table
MOST_CLASSES = 200  # that a logistic regression has time for
PROBE_ROWS, PROBED_ROWS = 8_000, 2_000  # rows that neighbours are looked for among, and for


class Judge(Protocol):
    """`fits` that a candidate takes, and `score` from their answers: `score` itself, greater is better, and what it is made of.

    `sign` turns a score into the metric, -1 where less of that is better.
    """

    sign: float

    def fits(self, family: str, params: Params, seed: int) -> list[Fit]:
        """Return the fits."""

    def score(self, done: list[Fitted]) -> Scores:
        """Return the scores; raises ValueError where an answer cannot be scored."""


@dataclass(frozen=True)
class Fold:
    """Rows learned from and rows scored; in neither are rows of the other."""

    name: str
    learn: NDArray[np.int64]
    held: NDArray[np.int64]


def folds_of(n_rows: int, y: NDArray[np.int64] | None, seed: int) -> list[Fold]:
    """Return five folds of few rows, three of more, one part held out of many; classes of y are spread evenly over them."""
    n_folds = 5 if n_rows < SMALL else 3 if n_rows <= LARGE else 1
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_rows)
    if n_folds == 1:
        held, learn = order[:HELD_ROWS], order[HELD_ROWS : HELD_ROWS + LEARN_ROWS]
        return [Fold("fold0", np.sort(learn), np.sort(held))]
    if y is not None:
        order = order[np.argsort(y[order], kind="stable")]
    part = np.empty(n_rows, np.int64)
    part[order] = np.arange(n_rows) % n_folds
    return [Fold(f"fold{i}", np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(n_folds) if (part == i).any() and (part != i).sum() > 1]


def put_folds(pool: Pool, x: NDArray[np.float32], y: NDArray[np.int64] | None, folds: list[Fold]) -> None:
    """Make the learning rows of each fold known to the pool."""
    for fold in folds:
        pool.put(fold.name, x[fold.learn], None if y is None else y[fold.learn])


class MapJudge:
    """Maps are compared with the table itself, on the rows that they are maps of: there is nothing to hold out of a picture."""

    sign = 1.0

    def __init__(self, reference: Reference, preserve: str, n_rows: int) -> None:
        self.reference, self.n_rows = reference, n_rows
        near, far = (1 / 6, 2 / 3) if preserve == "global" else (1 / 3, 1 / 3)
        self.weights = {"trustworthiness": near, "continuity": near, "distance_rank_correlation": far}

    def fits(self, family: str, params: Params, seed: int) -> list[Fit]:
        """Return one fit of all rows."""
        return [Fit(family, params, seed, "x", needs_form=True)]

    def score(self, done: list[Fitted]) -> Scores:
        """Return the three measures and their weighted mean."""
        found = map_scores(self.reference, coordinates(done[0], self.n_rows))
        return {"score": sum(weight * found[name] for name, weight in self.weights.items()), **found}


class FoldJudge:
    """Candidates are fitted on each fold's learning rows and judged on the rows held out of it."""

    sign = 1.0

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.int64] | None, folds: list[Fold], seed: int) -> None:
        self.x, self.y, self.folds, self.seed = x, y, folds, seed

    def fits(self, family: str, params: Params, seed: int) -> list[Fit]:
        """Return a fit per fold."""
        return [Fit(family, params, seed, fold.name, needs_form=True) for fold in self.folds]

    def score(self, done: list[Fitted]) -> Scores:
        """Return the mean over folds of each measure."""
        by_name = {fitted.fit.data: fitted for fitted in done}
        parts = [self.judge(by_name[fold.name], fold) for fold in self.folds]
        return {name: float(np.mean([part[name] for part in parts])) for name in parts[0]}

    def judge(self, fitted: Fitted, fold: Fold) -> Scores:
        """Return the scores of one fold."""
        raise NotImplementedError


class CompressJudge(FoldJudge):
    """What is lost on the way there and back, of rows held out."""

    sign = -1.0

    def judge(self, fitted: Fitted, fold: Fold) -> Scores:
        """Return the share of variation about the learning rows' mean that does not come back."""
        form = form_of(fitted)
        back = reconstructor(form)
        if back is None:
            raise ValueError("it gives no way back")
        held = self.x[fold.held]
        lost = lost_share(held, finite(back(Model(form).predict(held))), self.x[fold.learn].mean(axis=0))
        return {"score": -lost, "reconstruction_error": lost}


class FeatureJudge(FoldJudge):
    """What can be read off the coordinates of held-out rows: a label by two plain models, or without one, who is near whom."""

    def judge(self, fitted: Fitted, fold: Fold) -> Scores:
        """Return accuracies of a vote of 15 neighbours and of a logistic regression, or the share of neighbours kept."""
        form = form_of(fitted)
        z, z_held = coordinates(fitted, len(fold.learn)), finite(Model(form).predict(self.x[fold.held]))
        return self.read(z, z_held, fold)

    def read(self, z: NDArray[np.float32], z_held: NDArray[np.float32], fold: Fold) -> Scores:
        """Return the scores of coordinates of a fold's learning rows (n_learn, m) and held-out ones (n_held, m)."""
        rng = np.random.default_rng(self.seed)
        some, probed = (np.arange(n) if n <= most else rng.choice(n, most, replace=False) for n, most in ((len(z), PROBE_ROWS), (len(z_held), PROBED_ROWS)))
        z, z_held, learn, held = z[some], z_held[probed], fold.learn[some], fold.held[probed]
        if self.y is None:
            kept = kept_neighbours(self.x[learn], self.x[held], z, z_held)
            return {"score": kept, "neighbours_kept": kept}
        near = neighbour_accuracy(z, self.y[learn], z_held, self.y[held])
        few = self.y.max(initial=0) < MOST_CLASSES
        line = linear_accuracy(z, self.y[learn], z_held, self.y[held]) if few else near
        return {"score": (near + line) / 2, "neighbour_accuracy": near, "linear_accuracy": line}


def form_of(fitted: Fitted) -> Form:
    """Return the form of a fit. Raises ValueError where it has none."""
    if fitted.form is None:
        raise ValueError("it cannot place new rows")
    return fitted.form


def coordinates(fitted: Fitted, n_rows: int) -> NDArray[np.float32]:
    """Return what a fit says of its own rows. Raises ValueError for a wrong shape or values that are no numbers."""
    found: Any = fitted.output
    if found is None or found.ndim != 2 or len(found) != n_rows or found.shape[1] < 1:
        raise ValueError("it did not answer with coordinates for each row")
    return finite(found)


def finite(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return coordinates as they are. Raises ValueError where they are not all numbers."""
    if not np.isfinite(z).all():
        raise ValueError("some of its coordinates are not numbers")
    return z
