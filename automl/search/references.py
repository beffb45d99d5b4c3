"""What every leaderboard holds beside the trials: a constant, and two libraries with their own defaults, to compare the winner with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.space import Space
from automl.inference.forms import Model
from automl.plan.candidates import CandidateFamily
from automl.plan.plan import Plan
from automl.search.objectives import OBJECTIVES
from automl.search.store import Store
from automl.search.study import Trial, with_score
from automl.vocabulary import State

CONSTANT = 0  # the trial number of the constant

DEFAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "xgboost": (
        # XGBoost 3, documentation, "XGBoost Parameters"; n_estimators of its scikit-learn interface
        {
            "learning_rate": 0.3,
            "max_depth": 6,
            "min_child_weight": 1.0,
            "subsample": 1.0,
            "colsample_bylevel": 1.0,
            "colsample_bytree": 1.0,
            "reg_lambda": 1.0,
            "reg_alpha": 0.0,
        },
        "XGBoost's own defaults: 100 rounds, depth 6, rate 0.3",
    ),
    "hist_gradient_boosting": (
        # scikit-learn 1.9, HistGradientBoostingClassifier
        {"learning_rate": 0.1, "max_leaf_nodes": 31, "min_samples_leaf": 20, "max_features": 1.0, "l2_regularization": 0.0},
        "scikit-learn's own defaults: 100 rounds, 31 leaves, rate 0.1",
    ),
}
ROUNDS = 100


@dataclass(frozen=True)
class Reference:
    """A configuration to compare with: options outside any space, a fixed number of rounds, `words` for a reader."""

    family: str
    locator: str
    params: dict[str, Any]
    words: str
    rounds: int | None = ROUNDS
    device: str = "cpu"

    def candidate(self) -> CandidateFamily:
        """Return the reference as plan.context and a job want it; it may be of a family that does not compete."""
        return CandidateFamily(self.family, self.locator, Space({}), self.device)


def references(plan: Plan) -> list[Reference]:
    """Return the references that can run here, on the features and the folds of the search; the constant needs no worker."""
    out = []
    for name, (params, words) in DEFAULTS.items():
        if name in FAMILIES.usable(plan.task):
            family: Family = FAMILIES.get(plan.task, name)
            if all(find_spec(package) is not None for package in family.requires):
                reference = Reference(name, FAMILIES.locator(plan.task, name), params, words)
                whole = family.space(Context(**plan.context(reference.candidate(), 1))).default()  # options that the library does not have stay ours
                out.append(replace(reference, params={**whole, **params}))
    return out


def constant_outputs(plan: Plan, store: Store) -> Iterator[NDArray[Any]]:
    """Yield per fold (n_valid, n_outputs): the class shares of its learning rows, for every row."""
    objective = OBJECTIVES.get(plan.task, plan.task)
    for learn, valid in store.folds:
        yield Model(objective.baseline(store.y[learn], plan.n_outputs, store.weight_of(learn))).predict(np.zeros((len(valid), 0), np.float32))


def constant_trial(plan: Plan, store: Store) -> Trial:
    """Return the constant as a trial, scored as the others are; a fold without a class has no score."""
    objective = OBJECTIVES.get(plan.task, plan.task)
    outputs = list(constant_outputs(plan, store))
    trial = Trial(CONSTANT, "baseline", {}, "cpu", State.OK, note="the class shares of the learning rows", reference=True)

    def score(rows: NDArray[np.int64], output: NDArray[Any]) -> float | None:
        value = objective.score(plan.metric, store.y[rows], output, plan.positive, plan.costs, store.weight_of(rows))
        return value if np.isfinite(value) else None

    rows = [valid for _, valid in store.folds]
    if plan.pooled:
        whole = score(np.concatenate(rows), np.concatenate(outputs))
        return Trial(**{**trial.record(), "fold_scores": (None,) * len(rows), "score": whole})
    return with_score(Trial(**{**trial.record(), "fold_scores": tuple(score(r, o) for r, o in zip(rows, outputs, strict=True))}))
