"""What the report shows: how many dimensions and why, which columns matter, what is lost, and how well new rows are placed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.families.reduced import place, placed_by_neighbours
from automl.inference.forms import Form
from automl.inference.reconstruct import reconstructor
from automl.search.reductions.contest import TASK
from automl.search.reductions.dimension import intrinsic_dimension, knee
from automl.search.reductions.job import Job
from automl.search.reductions.objectives import kept_neighbours, map_scores, reference

SHOWN_ROWS = 2_000  # of a map beside others
SHOWN_COLUMNS = 10  # per coordinate, and of those that come back worst
SHOWN_COMPONENTS = 100  # of the spectrum
FIDELITY_SHARE = 0.2  # of the mapped rows, taken out and placed as if they were new
ROWS = 20_000  # of a table that these figures are taken from


def dimensions(job: Job) -> dict[str, Any]:
    """Return the estimates: intrinsic dimension by two neighbours, the knee of the spectrum, and its shares of variance."""
    kept = job.spectrum.share()
    return {
        "intrinsic_dimension": intrinsic_dimension(job.x, job.seed), "pca_knee": knee(job.spectrum.variances[:500]),
        "pca_share": [float(v) for v in kept[:SHOWN_COMPONENTS]],
        "pca_components": {f"{share:.0%}": job.share_components(share) for share in (0.8, 0.9, 0.95, 0.99)},
    }  # fmt: skip


def influence(x: NDArray[np.float32], z: NDArray[np.float32]) -> dict[str, Any]:
    """Return per coordinate the columns that go along with it most, by correlation, and the columns that matter most in all of them.

    Positions of columns in x (n_rows, n_features) with their correlation; for any method, linear or not.
    """
    rows = np.arange(len(x)) if len(x) <= ROWS else np.linspace(0, len(x) - 1, ROWS).astype(np.int64)
    found = _correlation(x[rows], z[rows])
    per = [
        [{"column": int(c), "correlation": round(float(found[c, j]), 4)} for c in np.argsort(-np.abs(found[:, j]), kind="stable")[:SHOWN_COLUMNS]]
        for j in range(min(found.shape[1], 20))
    ]
    overall = np.sqrt(np.square(found).mean(axis=1))
    order = np.argsort(-overall, kind="stable")[: 2 * SHOWN_COLUMNS]
    return {"coordinates": per, "columns": [{"column": int(c), "influence": round(float(overall[c]), 4)} for c in order]}


def _correlation(x: NDArray[Any], z: NDArray[Any]) -> NDArray[np.float64]:
    a, b = (v.astype(np.float64) - v.mean(axis=0) for v in (x, z))
    length = np.outer(np.linalg.norm(a, axis=0), np.linalg.norm(b, axis=0))
    out: NDArray[np.float64] = np.divide(a.T @ b, length, out=np.zeros_like(length), where=length > 1e-9)
    return out


def lost(job: Job, form: Form, z: NDArray[np.float32]) -> dict[str, Any]:
    """Return what the coordinates do not tell: neighbours that are none any more, and per column the share of variance that does not come back.

    The way back is the method's own, or where it has none, the best linear one.
    """
    rows = np.arange(job.n_rows) if job.n_rows <= ROWS else np.linspace(0, job.n_rows - 1, ROWS).astype(np.int64)
    x, z = job.x[rows], z[rows]
    back = reconstructor(form)
    centred = x - x.mean(axis=0)
    if back is not None:
        rest = x - back(z)
    else:
        around = np.concatenate([z - z.mean(axis=0), np.ones((len(z), 1), np.float32)], axis=1).astype(np.float64)
        rest = centred - around @ np.linalg.lstsq(around, centred.astype(np.float64), rcond=None)[0]
    whole = np.square(centred, dtype=np.float64).sum(axis=0)
    share = np.divide(np.square(rest, dtype=np.float64).sum(axis=0), whole, out=np.zeros_like(whole), where=whole > 1e-9)
    order = np.argsort(-share, kind="stable")[:SHOWN_COLUMNS]
    few = np.linspace(0, len(x) - 1, min(len(x), 2000)).astype(np.int64)
    return {
        "variance": float(np.square(rest, dtype=np.float64).sum() / max(float(whole.sum()), 1e-300)), "way_back": "own" if back is not None else "linear",
        "neighbours": 1.0 - kept_neighbours(x[few], x[few], z[few], z[few], k=16),
        "columns": [{"column": int(c), "lost": round(float(share[c]), 4)} for c in order],
    }  # fmt: skip


def fidelity(job: Job, family: str, z: NDArray[np.float32]) -> dict[str, Any]:
    """Return how well new rows are placed. A method of its own places them exactly; for others a fifth of the rows is placed among the rest.

    `r2` of their coordinates, and `neighbours`, the share of their 15 nearest in the map that they get. The method itself saw
    these rows, the placing did not.
    """
    record = FAMILIES.get(TASK, family)
    if record.places:
        return {"way": "own", "r2": 1.0, "neighbours": 1.0}
    rng = np.random.default_rng(job.seed)
    rows = rng.permutation(job.n_rows)[: min(job.n_rows, 5_000)]
    held, learn = rows[: max(1, int(FIDELITY_SHARE * len(rows)))], np.sort(rows[max(1, int(FIDELITY_SHARE * len(rows))) :])
    if len(learn) < 2:
        return {"way": "neighbours", "r2": 0.0, "neighbours": 0.0}
    form, _ = placed_by_neighbours(job.x[learn], np.arange(len(learn)), z[learn], job.seed)
    placed = place(form, job.x[held])
    whole = float(np.square(z[held] - z[held].mean(axis=0), dtype=np.float64).sum())
    rest = float(np.square(z[held] - placed, dtype=np.float64).sum())
    return {"way": "neighbours", "r2": 1.0 - rest / max(whole, 1e-300), "neighbours": kept_neighbours(z[learn], z[held], z[learn], placed)}


def shown(job: Job, z: NDArray[np.float32]) -> dict[str, Any]:
    """Return a map as it is drawn beside others: positions of at most 2,000 rows and their first three coordinates."""
    rows = np.arange(job.n_rows) if job.n_rows <= SHOWN_ROWS else np.linspace(0, job.n_rows - 1, SHOWN_ROWS).astype(np.int64)
    return {"rows": [int(r) for r in rows], "points": [[round(float(v), 4) for v in point] for point in z[rows, :3]]}


def as_map(job: Job, z: NDArray[np.float32]) -> dict[str, float]:
    """Return the measures of a map for coordinates of any purpose."""
    return map_scores(reference(job.x, job.seed), z)
