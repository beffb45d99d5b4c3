"""What the report tells of clusters: in words and rules by columns as they stand in the table, odd rows, a map, known groups beside."""

import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.evaluate.known import compare_labels
from automl.features.view import View
from automl.finalize.places import Placed
from automl.inference.bending import bending, in_blocks
from automl.inference.forms import Form
from automl.plan.unlabelled import UnlabelledPlan
from automl.search.clusters.describe import dendrogram, describe, map_of, odd_rows

MOST_CLUSTERS = 40  # that are described one by one, the largest
TOLD_ROWS, LEAST_TOLD = 20_000, 1000  # that words and rules are made from
CELLS_PER_SECOND = 400_000  # of those, that a rule is found in
DAY = 86_400.0  # seconds

Rows = NDArray[np.int64]


def explain_groups(
    plan: UnlabelledPlan, dataset: Dataset, view: View, form: Form, placed: Placed, seconds: float, hidden: Collection[str]
) -> dict[str, Any]:  # fmt: skip
    """Return what the report tells of the clusters, as JSON values; odd rows are None where there is no time to look for them.

    Of the columns in `hidden` no value is shown. The map and the tree are by the distances
    that the model's `form` goes by, odd rows by those of the table, where a wild value counts in full. Known groups (`compare_with`) are
    looked at here for the first time.
    """
    end = time.monotonic() + seconds
    cluster, searched = placed.output, placed.output[view.rows]
    x = in_blocks(bending(form), view.x)
    name = plan.asked.get("compare_with")
    known = None if name is None else compare_labels(dataset, name, cluster, shown=name not in hidden)
    out: dict[str, Any] = {
        "clusters": _described(plan, dataset, placed, seconds, hidden), "noise_rows": int((cluster < 0).sum()), "map": map_of(x, searched, seed=plan.seed),
        "tree": dendrogram(x, dense(searched)), "known": known, "odd_rows": None,
    }  # fmt: skip
    if time.monotonic() < end:
        found = odd_rows(view.x, searched, seed=plan.seed)
        out["odd_rows"] = {**found, "rows": [{**r, "row": int(dataset.row_numbers[view.rows[r["row"]]])} for r in found["rows"]]}
    return out


def with_names(evidence: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the evidence of a clustering with the names of the features that were scaled otherwise, in place of their positions."""
    ways = evidence.get("scalings")
    if ways is None:
        return evidence
    return {**evidence, "scalings": [{**way, **{how: [names[j] for j in way[how]] for how in ("logged", "held")}} for way in ways]}


def _described(plan: UnlabelledPlan, dataset: Dataset, placed: Placed, seconds: float, hidden: Collection[str]) -> list[dict[str, Any]]:
    """Return the clusters, largest first, with exact sizes; words and rules are of as many rows as there is time for."""
    cluster = placed.output
    names, sizes = np.unique(cluster[cluster >= 0], return_counts=True)
    largest = np.argsort(-sizes, kind="stable")[:MOST_CLUSTERS]
    fields = [f for f in plan.fields if f.name not in hidden and f.kind != "text"]
    most = int(CELLS_PER_SECOND * max(seconds, 0.1) / max(1, len(fields) * len(largest)))
    rows = np.unique(np.linspace(0, len(cluster) - 1, min(len(cluster), TOLD_ROWS, max(LEAST_TOLD, most))).astype(np.int64))
    told = {c["cluster"]: c for c in describe(plain_columns(dataset, [(f.name, f.kind) for f in fields], rows), cluster[rows], plan.seed)}
    out = []
    for at in largest.tolist():
        members = cluster == names[at]
        strength = None if placed.strength is None else float(placed.strength[members].mean())
        own = told.get(int(names[at]), {"words": [], "rule": None})
        out.append({"cluster": int(names[at]), "rows": int(sizes[at]), "share": float(sizes[at] / len(cluster)), "strength": strength, **_only(own)})
    return out


def _only(told: dict[str, Any]) -> dict[str, Any]:
    return {"words": told["words"], "rule": told["rule"]}


def dense(cluster: Rows) -> Rows:
    """Return clusters (n_rows,) numbered without gaps, as some may have none of these rows; noise stays -1."""
    names = np.unique(cluster[cluster >= 0])
    return np.where(cluster >= 0, np.searchsorted(names, cluster), -1).astype(np.int64)


def plain_columns(dataset: Dataset, fields: Collection[tuple[str, str]], rows: Rows) -> dict[str, NDArray[Any]]:
    """Return some rows of columns, (name, kind), as a reader knows them.

    Numbers with NaN, dates as days since the first, categories as words with "" for none.
    """
    out: dict[str, NDArray[Any]] = {}
    for name, kind in fields:
        column = dataset.table.columns[name]
        values = column.values[rows]
        if column.kind == "coded":
            out[name] = np.array([*column.levels, ""], dtype=object)[values]
            continue
        known = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
        if kind == "date" and np.isfinite(known).any():
            first = np.floor(np.nanmin(known) / DAY)
            out[f"{name} (days since {np.datetime64(int(first), 'D')})"] = known / DAY - first
        else:
            out[name] = known
    return out
