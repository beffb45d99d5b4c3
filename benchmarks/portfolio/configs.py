"""The configurations that a portfolio is learned from: every family's default, a merge of published lists, and random ones.

Each has a name, a family and the options that differ from the family's default, which may follow the table. The published
ones are those of AutoGluon's learned lists of 2023 and 2025 (AG23, AG25: numbers are positions there), pytabkit, FLAML and
TabArena, in the options that these families have: a LightGBM of `n` leaves is XGBoost that grows where the loss falls most,
rates end at 0.01, features that such a list prepares apart are left to the search of features. Nothing here prunes a
network: that is for those who want it small.
"""

import random
from dataclasses import dataclass
from typing import Any

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.space import Fixed, Params

TASK = "classification"
RANDOM = {
    "xgboost": 8, "lightgbm": 6, "catboost": 3, "hist_gradient_boosting": 6, "extra_trees": 6, "random_forest": 6, "mlp": 10, "tabm": 5, "realmlp": 5,
    "logistic_regression": 4, "svm": 6, "knn": 3,
}  # fmt: skip
SEED = 11


@dataclass(frozen=True)
class Config:
    """A configuration by name; `origin` says where it comes from."""

    name: str
    family: str
    params: Params
    origin: str


def leafwise(leaves: int, **options: float) -> dict[str, Any]:
    return {"grow_policy": "lossguide", "grow_policy.lossguide.max_leaves": leaves, "max_depth": 11, **options}


MERGED: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("01_logistic", "logistic_regression", {}, "AutoGluon's linear default"),
    (
        "02_xgb_td",
        "xgboost",
        {
            "learning_rate": 0.08,
            "max_depth": 6,
            "min_child_weight": 1e-3,
            "reg_lambda": 1e-3,
            "subsample": 0.65,
            "colsample_bylevel": 0.9,
            "colsample_bytree": 1.0,
        },
        "pytabkit XGB_TD_CLASS",
    ),
    ("03_xt", "extra_trees", {"max_features": 0.75, "min_samples_leaf": 1}, "AG23 #9"),
    (
        "04_xgb_prep",
        "xgboost",
        leafwise(64, learning_rate=0.0193, subsample=0.992, colsample_bytree=0.553, reg_alpha=0.914, reg_lambda=1.90),
        "AG25-CPU #2, without its feature preparation",
    ),
    ("05_rf", "random_forest", {"max_features": 0.75, "min_samples_leaf": 1}, "AG23 #13"),
    ("06_hist", "hist_gradient_boosting", {"learning_rate": 0.0121, "max_leaf_nodes": 53, "min_samples_leaf": 14, "max_features": 0.702}, "AG23 #3"),
    (
        "07_mlp",
        "mlp",
        {"layers": 4, "width": 108, "dropout": 0.10, "optimizer": "adam", "optimizer.adam.lr": 2.7e-3, "optimizer.adam.weight_decay": 1e-7},
        "AG23 #2, without batch norms",
    ),
    (
        "08_xgb",
        "xgboost",
        leafwise(68, learning_rate=0.0154, subsample=0.963, colsample_bytree=0.619, reg_alpha=0.164, reg_lambda=0.694, min_child_weight=1e-3),
        "AG25 (TabArena) #2",
    ),
    ("09_xgb", "xgboost", {"learning_rate": 0.018, "max_depth": 10, "min_child_weight": 0.603, "colsample_bytree": 0.692}, "AG23 #8"),
    (
        "10_xgb",
        "xgboost",
        leafwise(
            10, learning_rate=0.01, min_child_weight=0.0507, reg_alpha=4.245, reg_lambda=1.48, subsample=0.966, colsample_bylevel=0.921, colsample_bynode=0.644
        )
        | {"max_depth": 6},
        "AG25 (TabArena) #9",
    ),
    (
        "11_mlp",
        "mlp",
        {"layers": 3, "width": 109, "dropout": 0.089, "optimizer": "adam", "optimizer.adam.lr": 1e-2, "optimizer.adam.weight_decay": 1e-7},
        "AG25-CPU #4, without batch norms",
    ),
    ("12_xgb", "xgboost", {"learning_rate": 0.0878, "max_depth": 5, "min_child_weight": 0.629, "colsample_bytree": 0.663}, "AG23 #16"),
    (
        "13_xgb_prep",
        "xgboost",
        leafwise(8, learning_rate=0.01, subsample=0.722, colsample_bytree=0.425, reg_alpha=0.113, reg_lambda=0.262),
        "AG25-CPU #7, without its feature preparation",
    ),
    (
        "14_mlp",
        "mlp",
        {"layers": 3, "width": 256, "dropout": 0.15, "batch": 256, "optimizer": "adamw", "optimizer.adamw.lr": 4e-3, "optimizer.adamw.weight_decay": 2e-2},
        "RealMLP-TD-S in sizes and rates alone",
    ),
    (
        "15_hist",
        "hist_gradient_boosting",
        {"learning_rate": 0.0179, "max_leaf_nodes": 180, "min_samples_leaf": 12, "max_features": 0.404, "l2_regularization": 1.60},
        "AG25-CPU #8",
    ),
    ("16_xt", "extra_trees", {"max_features": 1.0, "min_samples_leaf": 4}, "AG23 #23"),
    ("17_mlp", "mlp", {"layers": 2, "width": 256, "dropout": 0.238, "batch": 256, "optimizer": "adamw", "optimizer.adamw.lr": 1e-2}, "AG23 #4, narrower"),
    ("18_xgb", "xgboost", leafwise(5, learning_rate=0.0127, subsample=0.854, colsample_bytree=0.733, reg_alpha=0.241, reg_lambda=0.298), "AG25-CPU #13"),
    (
        "20_xgb",
        "xgboost",
        leafwise(
            46, learning_rate=0.0804, min_child_weight=0.207, subsample=0.648, colsample_bylevel=0.545, colsample_bytree=0.421, reg_alpha=0.029, reg_lambda=4.6
        ),
        "FLAML xgboost/multiclass #1",
    ),
    (
        "21_xgb",
        "xgboost",
        {"learning_rate": 0.0136, "max_depth": 11, "min_child_weight": 0.621, "subsample": 0.567, "colsample_bylevel": 0.887, "reg_lambda": 3.11},
        "FLAML xgb_limitdepth/binary #1",
    ),
    ("22_stumps", "xgboost", {"learning_rate": 0.01, "max_depth": 1, "subsample": 0.841, "colsample_bytree": 0.588, "reg_lambda": 0.771}, "AG25-CPU #21"),
    ("23_rf", "random_forest", {"criterion": "entropy", "max_features": 0.245, "min_samples_leaf": 1}, "FLAML rf/binary #1"),
    (
        "25_xgb",
        "xgboost",
        leafwise(
            35, learning_rate=0.01125, min_child_weight=0.140, reg_alpha=3.50, reg_lambda=1.31, subsample=0.695, colsample_bylevel=0.638, colsample_bynode=0.924
        )
        | {"max_depth": 10},
        "AG25 (TabArena) #18",
    ),
    ("28_knn", "knn", {}, "TabArena's default"),
)

OURS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    (
        "stumps_fast",
        "xgboost",
        {"learning_rate": 0.08, "max_depth": 1, "subsample": 0.84, "colsample_bytree": 0.6},
        "the stumps of AG25-CPU #21 at a faster rate",
    ),
    ("small_fast", "xgboost", {"learning_rate": 0.05, "max_depth": 3, "subsample": 0.7, "colsample_bytree": 0.5}, "small trees at a middling rate"),
    ("quick", "xgboost", {"learning_rate": 0.2, "max_depth": 4, "subsample": 0.8, "colsample_bytree": 0.6}, "few rounds"),
    ("xt_small", "extra_trees", {"max_features": 0.4, "min_samples_leaf": 5}, "the default with larger leaves"),
    ("rf_whole", "random_forest", {"max_features": 0.35, "min_samples_leaf": 1, "bootstrap": "no"}, "TabArena's forest without draws"),
    ("rf_leaf", "random_forest", {"max_features": 0.2, "min_samples_leaf": 5}, "TabArena's forest, larger leaves"),
    ("strong_l2", "logistic_regression", {"C": 0.03}, "a strong penalty"),
    ("l1", "logistic_regression", {"C": 0.3, "penalty": "l1"}, "columns left out"),
    ("mlp_wide_drop", "mlp", {"layers": 2, "width": 256, "dropout": 0.4}, "much dropout"),
    ("mlp_one", "mlp", {"layers": 1, "width": 256, "dropout": 0.1, "optimizer": "adamw", "optimizer.adamw.lr": 4e-3}, "one layer"),
    ("mlp_parts", "mlp", {"bins": 16}, "numbers in parts"),
    ("mlp_parts_wide", "mlp", {"bins": 8, "layers": 3, "width": 256, "dropout": 0.3, "smoothing": 0.05}, "parts, smooth labels, much dropout"),
    ("mlp_muon", "mlp", {"optimizer": "muon"}, "another optimizer"),
    ("mlp_free", "mlp", {"optimizer": "schedule_free_adamw"}, "another optimizer"),
    ("mlp_rough", "mlp", {"layers": 1, "width": 64, "batch": 128, "optimizer": "adamw", "optimizer.adamw.lr": 8e-3}, "small and fast"),
    ("tabm_small", "tabm", {"width": 64, "batch": 128}, "narrow, large batches"),
    ("tabm_one", "tabm", {"layers": 1, "batch": 128}, "one layer"),
    ("tabm_plain", "tabm", {"bins": 0, "batch": 128, "dropout": 0.2}, "numbers as they are"),
    ("realmlp_plain", "realmlp", {"waves": "no"}, "numbers as they are"),
    ("realmlp_small", "realmlp", {"layers": 2, "width": 64}, "small"),
    ("svm_poly", "svm", {"kernel": "poly"}, "the family's own"),
    ("svm_wide", "svm", {"C": 1.0, "kernel.rbf.gamma": 0.3}, "a wider kernel"),
    ("svm_hard", "svm", {"C": 30.0, "kernel.rbf.gamma": 0.5}, "a weaker penalty"),
    ("knn_near", "knn", {"neighbours": 7, "metric": "manhattan"}, "few neighbours"),
    ("qda_free", "qda", {"pooling": 0.05, "sphere": 0.05}, "little pooling"),
)


class Drawn:
    """Draws options from a seeded generator."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def real(self, name: str, low: float, high: float, log: bool) -> float:
        """Draw a real number, of four digits."""
        value = low * (high / low) ** self.random.random() if log else self.random.uniform(low, high)
        return float(f"{value:.4g}")

    def whole(self, name: str, low: int, high: int, log: bool) -> int:
        """Draw a whole number."""
        return round(low * (high / low) ** self.random.random()) if log else self.random.randint(low, high)

    def one_of(self, name: str, options: list[str]) -> str:
        """Draw a word."""
        return self.random.choice(options)


def checked(family: str, changed: Params) -> Params:
    """Return the options. Raises ValueError for one that lies in no space."""
    params = FAMILIES.get(TASK, family).space(Context(TASK, 2000, 20, 2)).fitted(changed)
    lost = {name: value for name, value in changed.items() if params.get(name) != value}
    if lost:
        raise ValueError(f"{family}: {lost} lie outside of the space")
    return changed


def configs() -> list[Config]:
    """Return all configurations, the most useful first: defaults, the merged list, a few of our own, random ones in turn."""
    out = [Config(f"default_{name}", name, {}, "the family's default") for name in FAMILIES.names(TASK)]
    out += [Config(name, family, checked(family, changed), origin) for name, family, changed, origin in (*MERGED, *OURS)]
    drawn = []
    for family, number in RANDOM.items():
        space = FAMILIES.get(TASK, family).space(Context(TASK, 2000, 20, 2, categories=False))  # of ways to encode them only the usual one
        if "prune" in space:
            space = space.replace("prune", Fixed("no"))
        drawn += [(i, Config(f"random_{family}_{i}", family, space.sample(Drawn(f"{SEED}-{family}-{i}")), "drawn from the space")) for i in range(number)]
    out += [config for _, config in sorted(drawn, key=lambda pair: pair[0])]
    seen: dict[str, Config] = {}
    for config in out:  # the same options under two names are fitted once
        seen.setdefault(repr((config.family, sorted(config.params.items()))), config)
    return list(seen.values())
