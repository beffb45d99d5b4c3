"""Boosted trees as XGBoost's own file: what runs on a GPU, and in every language that XGBoost is there for."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.exports.gate import Exported, needs, no_way
from automl.artifact.load import Predictor
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.trees import leaves_of, right_children, roots_of, thresholds_of


def export(predictor: Predictor, model: Form) -> Exported:
    """Return the UBJSON file of a single boosted model. Raises UsageError for other models, MissingPackageError without xgboost."""
    try:
        import xgboost
    except ImportError as fault:
        raise needs("xgboost", "ubj") from fault
    if model.kind != "trees" or model.config["mode"] != "sum":
        raise no_way("ubj", "it is no single boosted model")
    if not predictor.decision.plain or predictor.decision.calibrates:
        raise no_way("ubj", "its probabilities are calibrated, or its threshold is not that of the most probable class; XGBoost has no place for that")
    if model.arrays["leaf"].shape[1] != 1 or not model.config["n_trees"]:
        raise no_way("ubj", "it has no trees, or they answer for several classes at once")
    if "sets" in model.arrays:
        raise no_way("ubj", "its trees ask about sets of categories, which this export does not write yet")
    template = _template(xgboost, Features(predictor.features).width, model)
    learner = template["learner"]["gradient_booster"]["model"]
    trees = _trees(model, learner["trees"][0], Features(predictor.features).width)
    n_margins = len(model.config["base"])
    learner |= {"trees": trees, "tree_info": [i % n_margins for i in range(len(trees))], "iteration_indptr": list(range(0, len(trees) + 1, n_margins))}
    learner["gbtree_model_param"]["num_trees"] = str(len(trees))
    booster = xgboost.Booster(params={"nthread": 1})
    booster.load_model(bytearray(json.dumps(template).encode()))
    content = bytes(booster.save_raw("ubj"))

    def answer(matrix: Any) -> NDArray[Any]:
        found = np.asarray(booster.inplace_predict(matrix, missing=np.nan))
        return found if found.ndim == 2 else np.stack([1 - found, found], axis=1)

    return Exported(content, "it takes the features as numbers, in the order in which it names them; missing ones as NaN", answer)


def _template(xgboost: Any, n_features: int, model: Form) -> dict[str, Any]:
    """Return a model of this version of XGBoost with the same start, outputs and features, and a tree for each output."""
    base = [float(b) for b in model.config["base"]]
    n_classes = int(model.config["n_outputs"])
    objective: dict[str, Any] = {"objective": "binary:logistic", "base_score": float(1 / (1 + np.exp(-base[0])))}
    if n_classes > 2:
        objective = {"objective": "multi:softprob", "num_class": n_classes, "base_score": base}
    x = np.zeros((n_classes, n_features), dtype=np.float32)
    x[:, :1] = np.arange(n_classes)[:, None]
    booster = xgboost.train({**objective, "max_depth": 1, "nthread": 1}, xgboost.DMatrix(x, np.arange(n_classes)), 1)
    found: dict[str, Any] = json.loads(bytes(booster.save_raw("json")))
    return found


def _trees(model: Form, like: dict[str, Any], n_features: int) -> list[dict[str, Any]]:
    """Return the trees as XGBoost's JSON has them; nodes stay in their order, a root first."""
    n_nodes = int(model.config["n_nodes"])
    splits = np.unpackbits(model.arrays["splits"], count=n_nodes).astype(bool)
    roots, right = roots_of(splits), right_children(splits).astype(np.int64)
    ends = np.append(roots[1:], n_nodes)
    at = np.flatnonzero(splits)
    condition, feature, default = np.zeros(n_nodes, np.float32), np.zeros(n_nodes, np.int64), np.zeros(n_nodes, np.int64)
    condition[~splits] = leaves_of(model, splits, roots)[:, 0]
    condition[at], feature[at] = thresholds_of(model), model.arrays["feature"]
    missing_right = np.unpackbits(model.arrays["missing_right"], count=len(at)) if "missing_right" in model.arrays else np.zeros(len(at), np.uint8)
    default[at] = 1 - missing_right
    out = []
    for number, (start, end) in enumerate(zip(roots.tolist(), ends.tolist(), strict=True)):
        size, inner = end - start, splits[start:end]
        left = np.where(inner, np.arange(size) + 1, -1)
        far = np.where(inner, right[start:end] - start, -1)
        parents = np.full(size, 2147483647, dtype=np.int64)
        parents[left[inner]] = np.flatnonzero(inner)
        parents[far[inner]] = np.flatnonzero(inner)
        zeros = [0.0] * size
        out.append({
            **like, "id": number, "tree_param": {**like["tree_param"], "num_nodes": str(size), "num_deleted": "0", "num_feature": str(n_features)},
            "left_children": left.tolist(), "right_children": far.tolist(), "parents": parents.tolist(), "split_indices": feature[start:end].tolist(),
            "split_conditions": condition[start:end].tolist(), "default_left": default[start:end].tolist(), "split_type": [0] * size,
            "base_weights": np.where(inner, 0.0, condition[start:end]).tolist(), "loss_changes": zeros, "sum_hessian": zeros,
            "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [],
        })  # fmt: skip
    return out
