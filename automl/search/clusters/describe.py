"""Found clusters for people: what sets each apart, a rule that tells it, odd rows, a map and a dendrogram; all as JSON values.

Columns come raw, by name: (n_rows,) floats with NaN for missing ones are numbers, all else are words, None or "" where missing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.eda.clock import Clock
from automl.eda.outliers import local_outlier_factor
from automl.search.clusters.projections import components

Columns = Mapping[str, NDArray[Any]]
Ints = NDArray[np.int64]

SHOWN = 5  # words per cluster
LEVELS = 12  # of a column that a rule may ask for
DEPTH = 3
ROWS = 20_000  # that words and rules are made from
ODD_ROWS = 4000  # that factors of odd rows are worked out among
NEIGHBOURS = 20
NOTABLE = 0.15  # least effect that is told


def describe(columns: Columns, labels: Ints, seed: int = 0) -> list[dict[str, Any]]:
    """Return for each cluster, 0 and up: `cluster`, `rows`, `share`, `words` (see `words_of`) and `rule` (see `rule_of`)."""
    n, k = len(labels), int(labels.max(initial=-1)) + 1
    chosen = np.sort(np.random.default_rng(seed).choice(n, ROWS, replace=False)) if n > ROWS else np.arange(n)
    some: Columns = {name: values[chosen] for name, values in columns.items()}
    own, matrix, asks = labels[chosen], *_questions(some)
    counts = np.bincount(labels[labels >= 0], minlength=k)
    out: list[dict[str, Any]] = []
    for c in range(k):
        inside = own == c
        about = {"cluster": c, "rows": int(counts[c]), "share": round(float(counts[c] / n), 4)}
        out.append({**about, "words": words_of(some, inside), "rule": rule_of(matrix, asks, inside, seed)})
    return out


def words_of(columns: Columns, inside: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return what sets rows apart from the others, the most telling first: `column`, `effect` (0 to 1) and `text`.

    The effect of a number is Cliff's delta (1993): how much likelier a row of the cluster has the greater value than the
    other way round; of a word, by how much its share differs.
    """
    if not inside.any() or inside.all():
        return []
    found = []
    for name, values in columns.items():
        told = _of_number(name, values.astype(np.float64), inside) if values.dtype.kind == "f" else _of_word(name, values, inside)
        if told is not None and abs(told["effect"]) >= NOTABLE:
            found.append(told)
    return sorted(found, key=lambda f: -abs(f["effect"]))[:SHOWN]


def _of_number(name: str, values: NDArray[np.float64], inside: NDArray[np.bool_]) -> dict[str, Any] | None:
    from scipy.stats import rankdata

    known = np.isfinite(values)
    here, there = values[known & inside], values[known & ~inside]
    if not len(here) or not len(there):
        return None
    ranks = rankdata(np.concatenate([here, there]))[: len(here)]
    delta = 2 * (ranks.sum() - len(here) * (len(here) + 1) / 2) / (len(here) * len(there)) - 1
    middle, other = float(np.median(here)), float(np.median(there))
    much = "far " if abs(delta) > 0.8 else ""
    text = f"`{name}` is {much}{'higher' if delta > 0 else 'lower'}: {middle:.4g} in the middle, {other:.4g} elsewhere"
    return {"column": name, "kind": "number", "effect": round(float(delta), 3), "inside": middle, "elsewhere": other, "text": text}


def _words(values: NDArray[Any]) -> NDArray[np.str_]:
    return np.array(["" if v is None or v != v else str(v) for v in values.tolist()], dtype=str)


def _of_word(name: str, values: NDArray[Any], inside: NDArray[np.bool_]) -> dict[str, Any] | None:
    levels, code = np.unique(_words(values), return_inverse=True)
    here = np.bincount(code[inside], minlength=len(levels)) / inside.sum()
    there = np.bincount(code[~inside], minlength=len(levels)) / (~inside).sum()
    differs = here - there
    best = int(differs.argmin() if -differs.min() > differs.max() + 0.1 else differs.argmax())  # what rows are says more than what they are not
    word = f"`{levels[best]}`" if levels[best] else "missing"
    text = f"`{name}` is {word} in {here[best]:.0%} of the rows, in {there[best]:.0%} elsewhere"
    effect, share, other = (round(float(v), 3) for v in (here[best] - there[best], here[best], there[best]))
    return {"column": name, "kind": "word", "effect": effect, "level": str(levels[best]), "inside": share, "elsewhere": other, "text": text}


def _questions(columns: Columns) -> tuple[NDArray[np.float32], list[tuple[str, str | None]]]:
    """Return a matrix (n_rows, n_questions) for a tree, and the column of each with its level where it is a word."""
    parts: list[NDArray[np.float32]] = []
    asks: list[tuple[str, str | None]] = []
    n = 0
    for name, values in columns.items():
        n = len(values)
        if values.dtype.kind == "f":
            parts.append(np.where(np.isfinite(values), np.clip(values, -3e38, 3e38), np.nan).astype(np.float32))
            asks.append((name, None))
            continue
        told = _words(values)
        levels, counts = np.unique(told, return_counts=True)
        for level in levels[np.argsort(-counts, kind="stable")][:LEVELS]:
            parts.append((told == level).astype(np.float32))
            asks.append((name, str(level)))
    return np.stack(parts, axis=1) if parts else np.zeros((n, 0), np.float32), asks


def rule_of(matrix: NDArray[np.float32], asks: list[tuple[str, str | None]], inside: NDArray[np.bool_], seed: int = 0) -> dict[str, Any] | None:
    """Return the leaf of a shallow tree that tells a cluster best: `text`, `precision` and `recall`; None where no question helps."""
    from sklearn.tree import DecisionTreeClassifier

    if not matrix.shape[1] or not inside.any() or inside.all():
        return None
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=max(1, len(inside) // 200), class_weight="balanced", random_state=seed)
    leaf = tree.fit(matrix, inside).apply(matrix)
    nodes, place = np.unique(leaf, return_inverse=True)
    hits, rows = np.bincount(place, inside), np.bincount(place)
    precision, recall = hits / rows, hits / inside.sum()
    best = int((2 * precision * recall / np.maximum(precision + recall, 1e-12)).argmax())
    steps = _path(tree.tree_, int(nodes[best]))
    if not steps:
        return None
    text = " and ".join(_condition(asks[column], above, value) for column, above, value in _joined(steps))
    return {"text": text, "precision": round(float(precision[best]), 3), "recall": round(float(recall[best]), 3)}


def _path(tree: Any, leaf: int) -> list[tuple[int, bool, float]]:
    """Return the questions from the root to a leaf: column, whether the answer is above, and the value."""
    above = {
        int(child): (node, right) for node in range(tree.node_count) for child, right in ((tree.children_left[node], False), (tree.children_right[node], True))
    }
    out: list[tuple[int, bool, float]] = []
    while leaf in above and leaf != 0:
        node, right = above[leaf]
        out.append((int(tree.feature[node]), right, float(tree.threshold[node])))
        leaf = node
    return out[::-1]


def _joined(steps: list[tuple[int, bool, float]]) -> list[tuple[int, bool, float]]:
    """Return the questions with those of one column and side made one: the tightest."""
    tight: dict[tuple[int, bool], float] = {}
    for column, above, value in steps:
        known = tight.get((column, above))
        tight[column, above] = value if known is None else max(known, value) if above else min(known, value)
    return [(column, above, value) for (column, above), value in tight.items()]


def _condition(ask: tuple[str, str | None], above: bool, value: float) -> str:
    name, level = ask
    if level is None:
        return f"`{name}` {'>' if above else '<='} {value:.4g}"
    word = f"`{level}`" if level else "missing"
    return f"`{name}` is {'' if above else 'not '}{word}"


def odd_rows(x: NDArray[np.float32], labels: Ints, most: int = 20, seed: int = 0) -> dict[str, Any]:
    """Return the rows that fit least: `rows`, each with `row`, `cluster`, `factor`, `distance`; and `looked_at`, the rows of the sample.

    `factor` is the local outlier factor, about 1 inside a cluster; `distance` that to the middle of its cluster, over what is
    usual there. x (n_rows, n_features) are the features of the fit. They rank by the greater of the two, over what nine of ten rows have.
    """
    n = len(x)
    chosen = np.sort(np.random.default_rng(seed).choice(n, ODD_ROWS, replace=False)) if n > ODD_ROWS else np.arange(n)
    points, own = x[chosen].astype(np.float64), labels[chosen]
    if len(points) < 5:
        return {"looked_at": len(points), "rows": []}
    factor = local_outlier_factor(points, min(NEIGHBOURS, len(points) - 1), Clock())
    factor = np.ones(len(points)) if factor is None else factor
    distance = np.full(len(points), np.nan)
    for c in np.unique(own[own >= 0]):
        rows = own == c
        far = np.sqrt(((points[rows] - points[rows].mean(axis=0)) ** 2).sum(axis=1))
        distance[rows] = far / max(float(np.median(far)), 1e-12)
    usual = [max(float(np.nanquantile(v, 0.9)), 1e-12) if np.isfinite(v).any() else 1.0 for v in (factor, distance)]
    odd = np.fmax(factor / usual[0], distance / usual[1])
    order = np.argsort(-odd, kind="stable")[:most]
    order = order[odd[order] > 1]
    rows_out = [
        {
            "row": int(chosen[i]),
            "cluster": int(own[i]),
            "factor": round(float(factor[i]), 3),
            "distance": None if np.isnan(distance[i]) else round(float(distance[i]), 3),
        }
        for i in order
    ]
    return {"looked_at": len(points), "rows": rows_out}


def map_of(x: NDArray[np.float32], labels: Ints, most: int = 2000, seed: int = 0) -> dict[str, Any]:
    """Return up to `most` rows in two dimensions, their principal components: `rows`, `points` [[a, b], ...], `clusters`, `share` of the variance shown."""
    n = len(x)
    chosen = np.sort(np.random.default_rng(seed).choice(n, most, replace=False)) if n > most else np.arange(n)
    wide = x if x.shape[1] > 1 else np.concatenate([x, np.zeros_like(x)], axis=1)
    at = components(wide, 2)(wide[chosen])[:, :2].astype(np.float64)
    whole = float(wide.var(axis=0, dtype=np.float64).sum())
    scale = float(np.linalg.norm(components(wide, 2).axes[:, 0]))
    share = min(1.0, float(at.var(axis=0).sum()) / max(scale**2 * whole, 1e-12))
    return {"rows": chosen.tolist(), "points": np.round(at, 4).tolist(), "clusters": labels[chosen].tolist(), "share": round(share, 4)}


def dendrogram(x: NDArray[np.float32], labels: Ints) -> dict[str, Any]:
    """Return how the clusters would be joined further, by Ward's rule: `merges` [[a, b, height, rows], ...] and `leaves`, cluster numbers.

    Positions below the number of leaves are clusters, those above the merges in order, as scipy counts them.
    """
    k = int(labels.max(initial=-1)) + 1
    size = np.bincount(labels[labels >= 0], minlength=k).astype(np.float64)
    if k < 2:
        return {"leaves": list(range(k)), "merges": []}
    centre = np.stack([x[labels == c].mean(axis=0, dtype=np.float64) for c in range(k)])
    square = ((centre[:, None] - centre) ** 2).sum(axis=2)
    cost = square * np.outer(size, size) / (size[:, None] + size)  # by which the spread within grows
    number, rows, merges, alive = list(range(k)), size.copy(), [], np.ones(k, dtype=bool)
    np.fill_diagonal(cost, np.inf)
    for step in range(k - 1):
        a, b = (int(i) for i in np.unravel_index(cost.argmin(), cost.shape))
        merges.append([number[a], number[b], round(float(np.sqrt(2 * cost[a, b] / len(x))), 6), int(rows[a] + rows[b])])
        centre[a] = (rows[a] * centre[a] + rows[b] * centre[b]) / (rows[a] + rows[b])
        rows[a], alive[b], number[a] = rows[a] + rows[b], False, k + step
        cost[b], cost[:, b] = np.inf, np.inf
        fresh = ((centre - centre[a]) ** 2).sum(axis=1) * rows * rows[a] / (rows + rows[a])
        fresh[~alive] = np.inf
        fresh[a] = np.inf
        cost[a], cost[:, a] = fresh, fresh
    return {"leaves": list(range(k)), "merges": merges}
