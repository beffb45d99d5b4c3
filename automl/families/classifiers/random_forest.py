"""A random forest: many deep trees on resampled rows, averaged (Breiman 2001)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

TREES = 200
STEP = 25  # trees between looks at the clock


def space(context: Context) -> Space:
    """Return the options."""
    return Space({
        "max_features": Float(0.1, 1.0, 0.35),
        "min_samples_leaf": Int(1, 50, 2, log=True),
        "criterion": Choice.of("gini", "entropy"),
    })  # fmt: skip


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator that grows in steps."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=STEP, warm_start=True, n_jobs=context.threads, random_state=context.seed, **params)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Grow trees, some at a time, until there are enough or time is out."""
    while True:
        estimator.fit(data.x, data.y)
        if estimator.n_estimators >= TREES or progress.expired():
            return estimator
        estimator.n_estimators += STEP


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees; the library sends x <= threshold left, so ours is the next float32 above."""
    import numpy as np

    from automl.families.tree_forms import Tree, tree_form

    trees = []
    for member in estimator.estimators_:
        tree = member.tree_
        left = tree.children_left.astype(np.int64)
        below = tree.threshold.astype(np.float32)
        below = np.where(below.astype(np.float64) > tree.threshold, np.nextafter(below, np.float32(-np.inf)), below)
        share = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        value = all_classes(share, estimator.classes_, context.n_outputs)
        right = np.asarray(tree.missing_go_to_left) == 0 if hasattr(tree, "missing_go_to_left") else np.ones(len(left), bool)
        trees.append(
            Tree(left, tree.children_right.astype(np.int64), tree.feature.astype(np.int64), np.nextafter(below, np.float32(np.inf)), right & (left >= 0), value)
        )
    return tree_form(trees, "mean", [], context.n_outputs)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    estimator.n_jobs = 1
    return all_classes(estimator.predict_proba(x), estimator.classes_, int(estimator.classes_.max()) + 1)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean decrease in impurity of each feature."""
    importance: NDArray[np.float64] = estimator.feature_importances_
    return importance


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (8 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    return 0.2 + 2.2e-5 * context.n_rows * context.n_columns + 4e-4 * context.n_rows * context.text


FAMILY = Family(
    name="random_forest",
    summary="Many deep trees on resampled rows, averaged.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=300),
    scheme=None,
    unscheduled="deep trees need binned thresholds and shared leaf rows, which a later version brings",
    explain=explain,
    cost=cost,
    scales=True,
)
