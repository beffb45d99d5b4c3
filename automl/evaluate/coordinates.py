"""What new columns are made of and what they lose: the finder's own evidence with columns by name, maps of the best methods, a colour."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.features.view import View
from automl.finalize.places import Placed
from automl.inference.table import Field, Table, conform
from automl.plan.unlabelled import UnlabelledPlan

MAP_POINTS = 3000
MOST_COLUMNS = 8  # that are told of a component
MOST_COMPONENTS = 10
MOST_COLOURS = 12
MOST_MAPS = 3


def explain_coordinates(
    plan: UnlabelledPlan, dataset: Dataset, view: View, placed: Placed, evidence: Mapping[str, Any], hidden: Collection[str]
) -> dict[str, Any]:
    """Return what the report tells of the new columns, as JSON values.

    `evidence` is what the finder says: `influence` and `lost` with columns by position, `best` methods with the rows of a map. Of the
    columns in `hidden` no value is shown.
    """
    own = placed.output[view.rows].astype(np.float64)
    some = np.unique(np.linspace(0, len(own) - 1, min(len(own), MAP_POINTS)).astype(np.int64))
    names = view.shown_names(hidden)
    maps = [_map(own[some], some, view, plan, dataset, hidden) | {"family": None, "score": None}]
    for other in list(evidence.get("best") or [])[1:MOST_MAPS]:
        if other.get("points"):
            rows = np.asarray(other["rows"], dtype=np.int64)
            points = np.asarray(other["points"], dtype=np.float64)
            maps.append(_map(points, rows, view, plan, dataset, hidden) | {"family": other["family"], "scores": other.get("scores", {})})
    influence, lost = evidence.get("influence") or {}, evidence.get("lost") or {}
    return {
        "maps": maps, "components": own.shape[1], "colour": plan.asked.get("color_by") or plan.asked.get("target"),
        "loadings": [_component(f"c{i + 1}", told, names) for i, told in enumerate(list(influence.get("coordinates") or [])[:MOST_COMPONENTS])],
        "lost": {**{k: v for k, v in lost.items() if k != "columns"}, "columns": _named(lost.get("columns") or [], names, "lost")},
    }  # fmt: skip


def _component(name: str, told: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    return {"component": name, "columns": [c for c in _named(told, names, "correlation") if abs(c["correlation"]) > 0.05][:MOST_COLUMNS]}


def _named(told: Sequence[Mapping[str, Any]], names: Sequence[str], what: str) -> list[dict[str, Any]]:
    """Return figures of columns, which are named by position, by their names."""
    return [{"column": names[int(c["column"])], what: float(c[what])} for c in told]


def _map(points: NDArray[np.float64], rows: NDArray[np.int64], view: View, plan: UnlabelledPlan, dataset: Dataset, hidden: Collection[str]) -> dict[str, Any]:
    """Return two coordinates of some of the searched rows, and what colours them."""
    x = points[:, 0]
    y = points[:, 1] if points.shape[1] > 1 else np.zeros_like(x)
    return {"x": np.round(x, 4).tolist(), "y": np.round(y, 4).tolist(), "colour": colour_of(plan, dataset, view.rows[rows], hidden)}


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the known values that are below each, in hundredths; NaN stays."""
    known = np.sort(values[np.isfinite(values)])
    return np.where(np.isfinite(values), np.round(np.searchsorted(known, values) / max(1, len(known)), 2), np.nan)


def colour_of(plan: UnlabelledPlan, dataset: Dataset, rows: NDArray[np.int64], hidden: Collection[str]) -> dict[str, Any] | None:
    """Return what colours some rows of the table: levels with their codes, or numbers; None where no column was asked for.

    Of a column in `hidden` no value is told: its levels are numbered, its numbers are ranks from 0 to 1.
    """
    name = plan.asked.get("color_by") or plan.asked.get("target")
    if name is None:
        return None
    column = dataset.afterwards[name]
    if column.kind in ("number", "date") and len(np.unique(column.values[np.isfinite(column.values)])) > MOST_COLOURS:
        values = np.asarray(column.values[rows], dtype=np.float64)
        if name in hidden:  # the order colours as well, and tells no value
            values = _ranks(values)
        return {"column": name, "kind": "number", "ranks": name in hidden, "values": [float(v) if np.isfinite(v) else None for v in values]}
    coded = conform(Table({name: column}, len(dataset.y)), [Field(name, "label")]).columns[name]
    counts = np.bincount(coded.values[coded.values >= 0], minlength=len(coded.levels))
    most = [i for i in np.argsort(-counts, kind="stable")[:MOST_COLOURS].tolist() if counts[i]]
    place = np.full(len(coded.levels) + 1, len(most), dtype=np.int64)
    place[most] = np.arange(len(most))
    place[-1] = -1
    levels = [coded.levels[i] if name not in hidden else f"level {at + 1}" for at, i in enumerate(most)]
    others = int((counts > 0).sum()) - len(most)
    return {"column": name, "kind": "category", "levels": levels + ([f"{others} other levels"] if others else []), "codes": place[coded.values[rows]].tolist()}
