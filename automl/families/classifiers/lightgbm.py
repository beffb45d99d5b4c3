"""Gradient-boosted trees by LightGBM, grown leaf by leaf, stopped early on rows of their own; an optional package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.families.tree_forms import Tree
    from automl.inference.forms import Form

MOST_ROUNDS = 1000
PATIENCE = 30
DEFAULT_LEFT, MISSING = 2, 12  # bits of a split's decision type
MISSING_NAN = 8


def space(context: Context) -> Space:
    """Return the options; ranges around TabArena's lightgbm space (Erickson et al. 2025), the rate's lower end raised to fit short budgets."""
    return Space({
        "learning_rate": Float(0.02, 0.3, 0.08, log=True),
        "num_leaves": Int(6, 200, 31, log=True),
        "min_data_in_leaf": Int(2, 100, 20, log=True),
        "feature_fraction": Float(0.4, 1.0, 0.8),
        "bagging_fraction": Float(0.6, 1.0, 0.9),
        "lambda_l2": Float(1e-3, 20.0, 1.0, log=True),
        "lambda_l1": Float(1e-4, 5.0, 1e-3, log=True),
        "extra_trees": Choice.of("no", "yes"),
    })  # fmt: skip


class Boosting:
    """Options, and after the fit the booster, cut to the rounds that are kept."""

    def __init__(self, params: dict[str, Any], context: Context) -> None:
        self.params, self.context = params, context
        self.booster: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options in the library's words."""
    objective = {"objective": "binary"} if context.n_outputs == 2 else {"objective": "multiclass", "num_class": context.n_outputs}
    machine = {"num_threads": context.threads, "seed": context.seed, "deterministic": True, "force_col_wise": True, "verbosity": -1}
    signs = {"monotone_constraints": list(context.monotone)} if any(context.monotone) and context.n_outputs == 2 else {}
    fixed = {"bagging_freq": 1, "max_bin": 255, "feature_pre_filter": False, "extra_trees": params.get("extra_trees") == "yes"}
    return Boosting({**params, **objective, **machine, **signs, **fixed}, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Boost until the stopping rows no longer gain, the known number of rounds is reached, or time is out."""
    import lightgbm
    import numpy as np

    train = lightgbm.Dataset(data.x, data.y, weight=data.weight, params=estimator.params)
    booster = lightgbm.Booster(estimator.params, train)
    stops = data.x_stop is not None and len(data.x_stop) > 0
    if stops:
        booster.add_valid(lightgbm.Dataset(data.x_stop, data.y_stop, weight=data.weight_stop, reference=train, params=estimator.params), "stop")
    best, lowest = 0, np.inf
    for done in range(1, (estimator.context.rounds or MOST_ROUNDS) + 1):
        if booster.update():  # no split is left that gains
            break
        if stops and (loss := booster.eval_valid()[0][2]) < lowest:
            best, lowest = done, loss
        if (stops and done - best >= PATIENCE) or progress.expired():
            break
    kept = max(1, best if stops else booster.current_iteration())
    estimator.booster = lightgbm.Booster(model_str=booster.model_to_string(num_iteration=kept))
    return estimator


def rounds(estimator: Estimator) -> int:
    """Return the rounds that were kept."""
    return max(1, int(estimator.booster.current_iteration()))


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees from the library's own text; the first ones hold the start."""
    from automl.families.tree_forms import tree_form

    blocks = estimator.booster.model_to_string().split("\nend of trees")[0].split("\nTree=")[1:]
    n_margins = 1 if context.n_outputs == 2 else context.n_outputs
    return tree_form([_tree(block) for block in blocks], "sum", [0.0] * n_margins, context.n_outputs)


def _tree(block: str) -> Tree:
    """Return a tree from its lines `name=numbers`; splits are numbered from 0, and a child below 0 is the leaf -1 - child.

    x <= threshold goes left. A missing value goes where the split says if it knows missing values, else it counts as 0.
    """
    import numpy as np

    from automl.families.tree_forms import Tree, above

    lines = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array(lines.get(name, "").split(), dtype=np.float64)

    leaf, feature, kind = numbers("leaf_value"), numbers("split_feature").astype(np.int64), numbers("decision_type").astype(np.int64)
    n_splits, none = len(feature), np.full(len(leaf), -1)
    left, right = (numbers(side).astype(np.int64) for side in ("left_child", "right_child"))
    left, right = (np.concatenate([np.where(child >= 0, child, n_splits - 1 - child), none]) for child in (left, right))
    threshold = numbers("threshold")
    missing_right = np.where(kind & MISSING == MISSING_NAN, kind & DEFAULT_LEFT == 0, threshold < 0)

    def padded(values: NDArray[np.generic], length: int) -> NDArray[np.generic]:
        return np.concatenate([values, np.zeros(length, values.dtype)])

    value = np.concatenate([np.zeros(n_splits), leaf]).astype(np.float32)[:, None]
    at_leaves = len(leaf)
    return Tree(left, right, padded(feature, at_leaves), padded(above(threshold), at_leaves), padded(missing_right, at_leaves), value)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    import numpy as np

    out = np.asarray(estimator.booster.predict(x, num_threads=1), dtype=np.float32)
    return out if out.ndim == 2 else np.stack([1 - out, out], axis=1)


def library_bytes(estimator: Estimator) -> int:
    """Return the size of the library's own file, which is text."""
    return len(estimator.booster.model_to_string().encode())


def cost(context: Context, params: Params) -> float:
    return 1.0


def memory(context: Context) -> float:
    return 1.0


FAMILY = Family(
    name="lightgbm",
    summary="Many small trees, each correcting the ones before, by LightGBM.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=500),
    requires=("lightgbm",),
    extra="lightgbm",
    scheme="boosted_trees",
    rounds=rounds,
    library_bytes=library_bytes,
    cost=cost,
    memory=memory,
    scales=True,
    monotone=True,
)
