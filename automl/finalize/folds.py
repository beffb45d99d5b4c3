"""What a trial left of its folds: the models, and their answers to the rows that they did not see."""

from typing import Any

import numpy as np

from automl.errors import ArtifactError
from automl.finalize.candidate import FoldModel
from automl.inference.forms import Form
from automl.inference.storage import read_form
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.store import Store
from automl.search.study import Trial
from automl.search.workers.trial import PREDICTIONS


def out_of_fold_of(plan: Plan, trial: Trial, store: Store, files: RunDir) -> tuple[Any, ...]:
    """Return the out-of-fold predictions of the search, fold by fold; nothing when a fold is missing."""
    path = files.trial(trial.number) / PREDICTIONS
    try:
        found = np.load(path) if len(trial.fold_scores) == plan.n_folds else None
    except (OSError, ValueError):
        found = None
    return () if found is None else tuple(np.split(found, np.cumsum([len(valid) for _, valid in store.folds])[:-1]))


def fold_model(files: RunDir, trial: Trial, fold: int) -> Form | None:
    """Return the model of a fold; None where it was not kept, or cannot be read any more."""
    try:
        return read_form(files.trial(trial.number) / f"fold{fold}.model.safetensors")
    except (OSError, ArtifactError):
        return None


def fold_models(plan: Plan, trial: Trial, store: Store, files: RunDir) -> tuple[FoldModel, ...]:
    """Return the models of a trial's folds that were kept, with the rows they are judged on."""
    needs = plan.record(trial.family).needs_of(trial.params)
    out = []
    for fold in range(len(trial.fold_scores)):
        model = fold_model(files, trial, fold)
        if model is not None:
            rows = store.folds[fold][1]
            out.append(FoldModel(fold, model, store.scored(needs, fold)[1], store.y[rows], store.unit_of(rows), store.weight_of(rows), (needs,)))
    return tuple(out)
