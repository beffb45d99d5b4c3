"""Gradient-boosted trees by LightGBM, grown leaf by leaf, stopped early on rows of their own."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.boosting import Speed, boosting_mb, boosting_seconds
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.families.tree_forms import Tree
    from automl.inference.forms import Form

MOST_ROUNDS = 1000
PATIENCE = 30
TERMS = 500  # words kept of a text
SPEED = Speed(tree=5e-5, leaf=1.2e-5, split=6e-7, row=6e-9, cell=5e-10, rounds=1.4, word=0.1, bytes=3)
DEFAULT_LEFT, MISSING = 2, 12  # bits of a split's decision type
MISSING_NAN = 8


def space(context: Context) -> Space:
    """Return the options; ranges around TabArena's lightgbm space (Erickson et al. 2025), the rate's lower end raised to fit short budgets."""
    return Space({
        "learning_rate": Float(0.01, 0.3, 0.08, log=True),
        "num_leaves": Int(4, 200, 31, log=True),
        "min_data_in_leaf": Int(2, 100, 20, log=True),
        "feature_fraction": Float(0.4, 1.0, 0.8),
        "bagging_fraction": Float(0.6, 1.0, 0.9),
        "lambda_l2": Float(1e-3, 20.0, 1.0, log=True),
        "lambda_l1": Float(1e-4, 5.0, 1e-3, log=True),
        "extra_trees": Choice.of("no", "yes"),
    })  # fmt: skip


class Boosting:
    """Options, and after the fit the booster, cut to the rounds that are kept, None where the rows had one class only."""

    def __init__(self, params: dict[str, Any], context: Context) -> None:
        self.params, self.context = params, context
        self.booster: Any = None
        self.only: int = 0


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

    estimator.only = int(data.y[0])
    if (data.y == estimator.only).all():
        return estimator
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
    return 1 if estimator.booster is None else max(1, int(estimator.booster.current_iteration()))


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees from the library's own text; the first ones hold the start."""
    from automl.families.tree_forms import boosted_form, tree_form

    if estimator.booster is None:
        return boosted_form([], [], [estimator.only], context.n_outputs)
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
    n_splits, n_nodes = len(feature), len(feature) + len(leaf)
    sides = []
    for name in ("left_child", "right_child"):
        child = numbers(name).astype(np.int64)
        sides.append(np.concatenate([np.where(child >= 0, child, n_splits - 1 - child), np.full(len(leaf), -1)]))
    at, threshold = np.arange(n_splits), np.zeros(n_nodes, np.float32)
    features, missing_right, value = np.zeros(n_nodes, np.int64), np.zeros(n_nodes, bool), np.zeros((n_nodes, 1), np.float32)
    features[at], threshold[at] = feature, above(numbers("threshold"))
    missing_right[at] = np.where(kind & MISSING == MISSING_NAN, kind & DEFAULT_LEFT == 0, numbers("threshold") < 0)
    value[n_splits:, 0] = leaf
    return Tree(sides[0], sides[1], features, threshold, missing_right, value)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    import numpy as np

    if estimator.booster is None:
        return all_classes(np.ones((x.shape[0], 1)), np.array([estimator.only]), estimator.context.n_outputs)
    out = np.asarray(estimator.booster.predict(x, num_threads=1), dtype=np.float32)
    return out if out.ndim == 2 else np.stack([1 - out, out], axis=1)


def library_bytes(estimator: Estimator) -> int:
    """Return the size of the library's own file, which is text."""
    return 0 if estimator.booster is None else len(estimator.booster.model_to_string().encode())


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (1 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    options = {**space(context).default(), **params}  # a reference leaves some to the library
    leaves = int(options["num_leaves"])
    return boosting_seconds(context, options["learning_rate"], leaves, options["feature_fraction"], TERMS, MOST_ROUNDS, PATIENCE, SPEED)


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return boosting_mb(context, 0.08, 31, TERMS, MOST_ROUNDS, PATIENCE, SPEED)


def fault() -> tuple[str, str] | None:
    """Return why the installed package cannot be loaded, and what to do; None where it can. It takes OpenMP from the system; other packages bring theirs."""
    found = find_spec("lightgbm")
    for library in Path((found and found.origin) or "").parent.glob("lib/lib_lightgbm.*"):
        try:
            ctypes.CDLL(str(library))
        except OSError as why:
            reason = str(why).replace(str(library), library.name)
            return f"LightGBM cannot be loaded ({reason})", "install OpenMP for the system (Debian, Ubuntu: apt install libgomp1; macOS: brew install libomp)"
    return None


FAMILY = Family(
    name="lightgbm",
    summary="Many small trees, each correcting the ones before, by LightGBM.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=TERMS),
    requires=("lightgbm",),
    fault=fault,
    scheme="boosted_trees",
    rounds=rounds,
    library_bytes=library_bytes,
    cost=cost,
    memory=memory,
    scales=True,
    monotone=True,
)
