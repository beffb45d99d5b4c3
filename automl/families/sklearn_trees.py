"""What the families of scikit-learn's trees have in common: growth by the clock, signs, export, predictions, cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, FitData, Progress, all_classes
from automl.families.space import Params

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

LONG, MOST_LEAVES = 50_000, 15_000  # AutoGluon's forests have as many leaves at most, for their memory
WORD = 0.3  # columns that a column of words is worth: where a node has a single value left, nothing is done


def signs(context: Context) -> list[int] | None:
    """Return the signs of the features for an estimator's `monotonic_cst`, None where nothing is asked."""
    return list(context.monotone) if any(context.monotone) and context.n_outputs == 2 else None


def options(params: Params) -> dict[str, Any]:
    """Return the options of a forest in the library's own words: whether each tree draws its rows is no word there."""
    return {**params, "bootstrap": params["bootstrap"] == "yes"} if "bootstrap" in params else dict(params)


def grow(estimator: Estimator, data: FitData, progress: Progress, trees: int) -> Estimator:
    """Grow a forest that starts warm, some trees at a time, until it has `trees` or time is out.

    How the trees are portioned changes none of them: each has a seed of its own, drawn in order.
    """
    from automl.families.pace import Pace

    pace = Pace(progress, trees)
    estimator.n_estimators = 0
    while portion := pace.next():
        estimator.n_estimators += portion
        estimator.fit(data.x, data.y, sample_weight=data.weight)
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees of a forest, or a lone one; the library sends x <= threshold left, so ours is the next float32 above."""
    import numpy as np

    from automl.families.tree_forms import Tree, above, tree_form

    trees = []
    for member in getattr(estimator, "estimators_", [estimator]):
        tree = member.tree_
        left = tree.children_left.astype(np.int64)
        share = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        value = all_classes(share, estimator.classes_, context.n_outputs)
        right = np.asarray(tree.missing_go_to_left) == 0
        trees.append(Tree(left, tree.children_right.astype(np.int64), tree.feature.astype(np.int64), above(tree.threshold), right & (left >= 0), value))
    return tree_form(trees, "mean", [], context.n_outputs)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    if hasattr(estimator, "n_jobs"):
        estimator.n_jobs = 1
    return all_classes(estimator.predict_proba(x), estimator.classes_, int(estimator.classes_.max()) + 1)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean decrease in impurity of each feature."""
    importance: NDArray[np.float64] = estimator.feature_importances_
    return importance


def most_leaves(context: Context) -> int | None:
    """Return the most leaves of a tree of a forest: long tables would grow hundreds of trees of a leaf for every few rows."""
    return MOST_LEAVES if context.n_rows > LONG else None


def levels(context: Context, leaf: int) -> float:
    """Return about how deep trees grow whose leaves have `leaf` rows or more."""
    return 1 + math.log2(1 + context.n_rows / leaf)


def forest_seconds(context: Context, trees: int, share: float, leaf: int, terms: int, each: float, more: float) -> float:
    """Return rough seconds of so many trees, `each` per row, level and column drawn (benchmarks/costs.py).

    `share` of the columns is drawn for a split, `more` is added for what is done once. Each class adds 2 %.
    """
    columns = max(1.0, share * (context.n_columns + WORD * terms * context.text)) + more
    return trees * (1e-3 + each * (0.96 + 0.02 * context.n_outputs) * context.n_rows * levels(context, leaf) * columns)


def nodes_mb(context: Context, trees: int, leaf: int, share: float) -> float:
    """Return the MB of the nodes of so many trees, in the library and once more on export; `share` for a row and the least leaf."""
    nodes = max(3.0, share * context.n_rows / leaf)
    if context.n_rows > LONG:
        nodes = min(nodes, 2.0 * MOST_LEAVES)
    return 5 + trees * nodes * (100 + 14 * context.n_outputs) / 2**20
