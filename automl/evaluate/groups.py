"""What sets clusters apart, in numbers: sizes, columns that differ, a shallow tree of rules, a map, odd rows, known groups beside."""

import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.evaluate.known import compare_labels
from automl.evaluate.odd_rows import odd_rows
from automl.evaluate.plain_columns import PlainColumns, plain_columns
from automl.features.view import View
from automl.finalize.places import Placed
from automl.plan.unlabelled import UnlabelledPlan

MAP_POINTS = 3000
MOST_TOLD = 6  # differences that are told of a cluster
MOST_CLUSTERS = 40  # that are described one by one, the largest
RULE_DEPTH, RULE_ROWS, LEAST_PURITY = 3, 20_000, 0.5
LEAST_GAP = 0.5  # of a standard deviation, by which a number's mean must differ to be told
LEAST_LIFT = 0.15  # by which the share of a level must differ to be told

Rows = NDArray[np.int64]


def explain_groups(plan: UnlabelledPlan, dataset: Dataset, view: View, placed: Placed, seconds: float, hidden: Collection[str]) -> dict[str, Any]:
    """Return what the report tells of the clusters, as JSON values; parts that there is no time for are None.

    Of the columns in `hidden` no value is shown. Groups that are known (`compare_with`) are compared, and nothing else.
    """
    end = time.monotonic() + seconds
    cluster = placed.output
    plain = plain_columns(dataset, [f for f in plan.fields if f.name not in hidden])
    out: dict[str, Any] = {
        "clusters": describe(plain, cluster, placed.strength), "noise_rows": int((cluster < 0).sum()),
        "map": map_of(view, placed.output[view.rows], plan.seed), "rules": None, "odd_rows": None, "known": None,
    }  # fmt: skip
    name = plan.asked.get("compare_with")
    if name is not None:
        out["known"] = compare_labels(dataset, name, cluster, shown=name not in hidden)
    if time.monotonic() < end:
        out["rules"] = rules_of(plain, cluster, plan.seed)
    if time.monotonic() + 0.2 * seconds < end:
        out["odd_rows"] = odd_rows(view, cluster[view.rows], dataset.row_numbers, end - time.monotonic(), plan.seed)
    return out


def describe(plain: PlainColumns, cluster: Rows, strength: Any) -> list[dict[str, Any]]:
    """Return the clusters, largest first: rows, share, mean strength, and the columns in which they differ most from the rest.

    A number is told by how many standard deviations of all rows its mean lies from that of all rows; a level by how much more often,
    or more seldom, it occurs.
    """
    names, sizes = np.unique(cluster[cluster >= 0], return_counts=True)
    out = []
    for at in np.argsort(-sizes, kind="stable")[:MOST_CLUSTERS]:
        members = cluster == names[at]
        told = [*_numbers(plain, members), *_levels(plain, members)]
        told.sort(key=lambda d: -d["weight"])
        out.append({
            "cluster": int(names[at]), "rows": int(sizes[at]), "share": float(sizes[at] / len(cluster)),
            "strength": None if strength is None else float(np.asarray(strength)[members].mean()), "differs": told[:MOST_TOLD],
        })  # fmt: skip
    return out


def _numbers(plain: PlainColumns, members: NDArray[np.bool_]) -> list[dict[str, Any]]:
    out = []
    for number in plain.numbers:
        inside = number.values[members & number.known]
        if not len(inside) or number.spread == 0:
            continue
        mean = float(inside.mean())
        gap = (mean - number.mean) / number.spread
        if abs(gap) >= LEAST_GAP:
            out.append({"column": number.name, "kind": number.kind, "mean": mean, "of_all": number.mean, "gap": gap, "weight": abs(gap)})
    return out


def _levels(plain: PlainColumns, members: NDArray[np.bool_]) -> list[dict[str, Any]]:
    out = []
    n_inside = int(members.sum())
    for category in plain.categories:
        codes = category.codes[members]
        inside = np.bincount(codes[codes >= 0], minlength=len(category.levels)) / max(1, n_inside)
        lift = inside - category.shares
        best = int(np.argmax(np.abs(lift))) if len(lift) else -1
        if best >= 0 and abs(lift[best]) >= LEAST_LIFT:
            out.append({
                "column": category.name, "kind": "category", "level": category.levels[best], "share": float(inside[best]),
                "of_all": float(category.shares[best]), "weight": 3 * abs(float(lift[best])),
            })  # fmt: skip
    return out


def rules_of(plain: PlainColumns, cluster: Rows, seed: int) -> dict[str, Any] | None:
    """Return a shallow tree that tells clusters apart by columns as they stand in the table: one rule per leaf, and how often it is right.

    The tree is there to be read; a row is placed by the model, not by it. `right` is the share of rows that it puts into their
    cluster, on rows that it did not see. None where there is one cluster.
    """
    from sklearn.tree import DecisionTreeClassifier

    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(cluster >= 0)
    if len(np.unique(cluster[rows])) < 2:
        return None
    if len(rows) > RULE_ROWS:
        rows = np.sort(rng.choice(rows, RULE_ROWS, replace=False))
    x, names = plain.matrix(rows)
    if not x.shape[1]:
        return None
    held = rng.random(len(rows)) < 0.3
    y = cluster[rows]
    depth = max(RULE_DEPTH, min(5, int(np.ceil(np.log2(len(np.unique(y)) + 1)))))
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=max(2, len(rows) // 200), random_state=seed)
    right = float((tree.fit(x[~held], y[~held]).predict(x[held]) == y[held]).mean()) if held.any() and len(np.unique(y[~held])) > 1 else None
    return {"right": right, "rows": len(rows), "rules": _leaves(tree.fit(x, y), names, plain)}


def _leaves(tree: Any, names: Sequence[tuple[str, str | None]], plain: PlainColumns) -> list[dict[str, Any]]:
    """Return the leaves of a tree as conditions in words, those of most rows first."""
    found: list[dict[str, Any]] = []
    inner = tree.tree_

    def walk(node: int, conditions: tuple[tuple[int, bool, float], ...]) -> None:
        if inner.children_left[node] < 0:
            counts = inner.value[node][0] * inner.n_node_samples[node]
            best = int(counts.argmax())
            found.append({
                "cluster": int(tree.classes_[best]), "rows": int(inner.n_node_samples[node]), "pure": float(counts[best] / max(counts.sum(), 1e-12)),
                "conditions": plain.words(conditions, names),
            })  # fmt: skip
            return
        column, cut = int(inner.feature[node]), float(inner.threshold[node])
        walk(inner.children_left[node], (*conditions, (column, False, cut)))
        walk(inner.children_right[node], (*conditions, (column, True, cut)))

    walk(0, ())
    return sorted((leaf for leaf in found if leaf["pure"] >= LEAST_PURITY), key=lambda leaf: (leaf["cluster"], -leaf["rows"]))


def map_of(view: View, cluster: Rows, seed: int) -> dict[str, Any]:
    """Return two coordinates of some searched rows, the first principal axes of what the search saw, and the share of variance they hold."""
    x = view.x
    rng = np.random.default_rng(seed)
    some = np.arange(len(x)) if len(x) <= MAP_POINTS else np.sort(rng.choice(len(x), MAP_POINTS, replace=False))
    xy, share = principal_plane(x, seed)
    return {"x": np.round(xy[some, 0], 4).tolist(), "y": np.round(xy[some, 1], 4).tolist(), "cluster": cluster[some].tolist(), "variance": share}


def principal_plane(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[np.float64], float]:
    """Return (n_rows, 2) coordinates on the first two principal axes, and the share of the variance that these hold."""
    wide = np.asarray(x, dtype=np.float64) - np.asarray(x, dtype=np.float64).mean(axis=0)
    total = float((wide**2).sum())
    if wide.shape[1] == 1:
        return np.hstack([wide, np.zeros_like(wide)]), 1.0
    if min(wide.shape) <= 500:
        gram = wide.T @ wide if wide.shape[1] <= wide.shape[0] else wide @ wide.T
        values, vectors = np.linalg.eigh(gram)
        top, axes = np.maximum(values[::-1][:2], 0.0), vectors[:, ::-1][:, :2]
        xy = wide @ axes if wide.shape[1] <= wide.shape[0] else axes * np.sqrt(top)
    else:
        from sklearn.utils.extmath import randomized_svd

        u, s, _ = randomized_svd(wide, 2, random_state=seed)
        xy, top = u * s, s**2
    return xy, float(top.sum() / total) if total > 0 else 0.0
