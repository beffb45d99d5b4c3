"""What new columns are made of and what they lose, in numbers: a map, loadings, which columns each follows, how neighbours are kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.evaluate.groups import MAP_POINTS, principal_plane
from automl.features.view import View
from automl.finalize.places import Placed
from automl.inference.table import Field, Table, conform
from automl.plan.unlabelled import UnlabelledPlan

MOST_COLUMNS = 8  # that are told of a component
MOST_COMPONENTS = 10
MOST_COLOURS = 12
LOST_ROWS = 2000  # on which it is looked at what is lost
NEIGHBOURS = 15


def explain_coordinates(plan: UnlabelledPlan, dataset: Dataset, view: View, placed: Placed, found: Any, seconds: float, cells: bool) -> dict[str, Any]:
    """Return what the report tells of the new columns, as JSON values."""
    rng = np.random.default_rng(plan.seed)
    own = placed.output[view.rows].astype(np.float64)
    some = np.arange(len(own)) if len(own) <= MAP_POINTS else np.sort(rng.choice(len(own), MAP_POINTS, replace=False))
    return {
        "map": {**_plane(own, some, plan.seed), "colour": _colour(plan, dataset, view.rows[some], cells)},
        "loadings": loadings(view, own), "lost": lost(view.x, own, plan.seed), "others": _others(found, view, some),
    }  # fmt: skip


def _plane(embedding: NDArray[np.float64], some: NDArray[np.int64], seed: int) -> dict[str, Any]:
    """Return the two coordinates that are drawn: the first two columns, of one column that and nothing."""
    xy = embedding[:, :2] if embedding.shape[1] >= 2 else np.hstack([embedding, np.zeros_like(embedding)])
    return {**_places(xy, some), "columns": min(2, embedding.shape[1]), "of": embedding.shape[1]}


def _colour(plan: UnlabelledPlan, dataset: Dataset, rows: NDArray[np.int64], cells: bool) -> dict[str, Any] | None:
    """Return what colours the points: levels with their codes, or numbers; None where no column was asked for."""
    name = plan.asked.get("color_by") or plan.asked.get("target")
    if name is None:
        return None
    column = dataset.afterwards[name]
    if column.kind in ("number", "date") and len(np.unique(column.values[np.isfinite(column.values)])) > MOST_COLOURS:
        values = np.asarray(column.values[rows], dtype=np.float64)
        return {"column": name, "kind": "number", "values": [None if not np.isfinite(v) else float(v) for v in values]}
    coded = conform(Table({name: column}, len(dataset.y)), [Field(name, "label")]).columns[name]
    counts = np.bincount(coded.values[coded.values >= 0], minlength=len(coded.levels))
    most = [i for i in np.argsort(-counts, kind="stable")[:MOST_COLOURS].tolist() if counts[i]]
    place = np.full(len(coded.levels) + 1, len(most), dtype=np.int64)
    place[most] = np.arange(len(most))
    place[-1] = -1
    levels = [coded.levels[i] if cells else f"level {at + 1}" for at, i in enumerate(most)]
    rest = [f"{int((counts > 0).sum()) - len(most)} other levels"] if (counts > 0).sum() > len(most) else []
    return {"column": name, "kind": "category", "levels": levels + rest, "codes": place[coded.values[rows]].tolist()}


def loadings(view: View, embedding: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return for each new column (the first ten) the columns of the matrix that it follows most, by correlation over the searched rows."""
    x = view.x.astype(np.float64)
    x -= x.mean(axis=0)
    spread = np.sqrt((x**2).sum(axis=0))
    names, out = view.names, []
    for i in range(min(MOST_COMPONENTS, embedding.shape[1])):
        own = embedding[:, i] - embedding[:, i].mean()
        size = float(np.sqrt((own**2).sum()))
        with np.errstate(divide="ignore", invalid="ignore"):
            follows = np.nan_to_num(own @ x / (spread * size)) if size > 0 else np.zeros(x.shape[1])
        most = np.argsort(-np.abs(follows), kind="stable")[:MOST_COLUMNS]
        out.append({
            "component": f"c{i + 1}", "share": float((own**2).sum() / max(((embedding - embedding.mean(axis=0)) ** 2).sum(), 1e-300)),
            "columns": [{"column": names[j], "correlation": float(follows[j])} for j in most.tolist() if abs(follows[j]) > 0.05],
        })  # fmt: skip
    return out


def lost(x: NDArray[np.float32], embedding: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """Return what the new columns lose of some rows: the share of the 15 nearest neighbours that stay, and the rank correlation of distances.

    Both are plain to read, and the same for every purpose; the score is what methods were compared by.
    """
    from scipy.spatial.distance import cdist
    from scipy.stats import spearmanr

    rng = np.random.default_rng(seed)
    some = np.arange(len(x)) if len(x) <= LOST_ROWS else np.sort(rng.choice(len(x), LOST_ROWS, replace=False))
    if len(some) < 4:
        return {"rows": len(some), "neighbours": None, "neighbours_kept": None, "distances": None}
    before, after = cdist(x[some].astype(np.float64), x[some].astype(np.float64)), cdist(embedding[some], embedding[some])
    k = min(NEIGHBOURS, len(some) - 2)
    for d in (before, after):
        np.fill_diagonal(d, np.inf)
    near = np.argpartition(before, k, axis=1)[:, :k]
    then = np.argpartition(after, k, axis=1)[:, :k]
    kept = np.array([len(np.intersect1d(a, b, assume_unique=True)) for a, b in zip(near, then, strict=True)]) / k
    pairs = rng.integers(0, len(some), (20_000, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    ranks = float(spearmanr(before[pairs[:, 0], pairs[:, 1]], after[pairs[:, 0], pairs[:, 1]]).statistic)
    return {"rows": len(some), "neighbours": k, "neighbours_kept": float(kept.mean()), "distances": ranks if np.isfinite(ranks) else None}


def _others(found: Any, view: View, some: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the maps of the next best methods, where the finder kept them, and that of the first two principal axes."""
    out = []
    for other in (found.evidence.get("maps") or [])[:3]:
        points = np.asarray(other["embedding"], dtype=np.float64)
        if points.ndim == 2 and len(points) == len(view.rows) and points.shape[1] >= 2:
            out.append({"family": other["family"], "score": other.get("score"), **_places(points, some)})
    if not out and len(view.x) > 2:
        xy, _ = principal_plane(view.x)
        out.append({"family": "pca", "score": None, **_places(xy, some)})
    return out


def _places(points: NDArray[np.float64], some: NDArray[np.int64]) -> dict[str, list[float]]:
    return {"x": np.round(points[some, 0], 4).tolist(), "y": np.round(points[some, 1], 4).tolist()}
