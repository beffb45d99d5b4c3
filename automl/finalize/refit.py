"""The winner fitted on all training rows in a worker; when that fails or time is out, the best model there already is."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from automl.finalize.candidate import Candidate, Member
from automl.finalize.folds import fold_model, fold_models, out_of_fold_of
from automl.finalize.refits import Refitted, refit_all
from automl.inference.blend import Voice, blend, views
from automl.inference.forms import Form
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.objectives import OBJECTIVES
from automl.search.store import Store
from automl.search.study import Study, Trial
from automl.search.workers.local import LocalExecutor


def baseline_candidate(plan: Plan, store: Store) -> Candidate:
    """Return the constant predictor: the floor under every run, and what the score is compared with."""
    form = OBJECTIVES.get(plan.task, plan.task).baseline(store.y[store.train], plan.n_outputs, store.weight_of(store.train))
    nothing = Form("features", {"steps": [], "sparse": False})
    return Candidate("baseline", "float32", "class shares", nothing, form, (), None, {"made_by": "the class shares of the training rows"})


def refit(
    plan: Plan, study: Study, store: Store, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop,
    made: Mapping[int, Refitted] | None = None, trials: Sequence[Trial] | None = None,
) -> Candidate:  # fmt: skip
    """Return the best usable candidate of one trial; tries the next best when the winner's refit fails early enough.

    `made` has refits that were tried already, by number of the trial; `trials` are others to take than the best three.
    """
    for attempt, trial in enumerate(study.usable()[:3] if trials is None else trials):
        left = budget.refit_end - time.monotonic()
        fold_seconds = max(trial.fold_seconds, default=0.0)
        if made and trial.number in made:
            found = made[trial.number]
        elif stop.hard.is_set():
            found = Refitted(why="you asked for the end")
        elif left < (0.5 if attempt == 0 else 1.3) * fold_seconds:
            found = Refitted(why=f"{fold_seconds:.1f} s for a fit did not fit into the {max(left, 0):.1f} s left")
        else:
            found = refit_all(plan, [trial], files, executor, budget, on_event, stop)[trial.number]
        folds = fold_models(plan, trial, store, files)
        predictions = out_of_fold_of(plan, trial, store, files)
        if found.features is not None:
            features, model = together(trial.family, found)
            one = Candidate(trial.family, "float32", "as trained", features, model, folds, trial.number, {**found.facts, "made_by": made_by([found])})
            return replace(one, n_folds=plan.n_folds, out_of_fold=predictions, members=_alone(trial))
        if folds:
            most = max(folds, key=lambda f: len(store.folds[f.fold][0]))  # forward in time the first fold learned from the fewest rows
            facts = {"made_by": f"the model of fold {most.fold + 1}, in place of a fit on all training rows: {found.why}"}
            one = _of_fold(plan, trial, store, most.fold, most.model, facts)
            return replace(one, folds=folds, n_folds=plan.n_folds, out_of_fold=predictions)
    return baseline_candidate(plan, store)


def together(family: str, fit: Refitted) -> tuple[Form, Form]:
    """Return the features and the model of a trial's fits on all training rows: several copies answer with their mean."""
    assert fit.features is not None, "only what was fitted answers"
    if len(fit.models) == 1:
        return fit.features, fit.models[0]
    return views([fit.features]), blend([Voice(family, model, 0, 1.0) for model in fit.models])


def made_by(fits: Sequence[Refitted]) -> str:
    """Return in words how many fits on all training rows a model is made of."""
    count = sum(len(fit.models) for fit in fits)
    return "a fit on all training rows" if count == 1 else f"{count} fits on all training rows"


def fold_candidate(plan: Plan, trial: Trial, store: Store, files: RunDir) -> Candidate | None:
    """Return a trial's model of the fold that learned from the most rows, usable as it lies there; None where none was kept."""
    family = plan.record(trial.family)
    for fold in sorted(range(len(trial.fold_scores)), key=lambda f: (-len(store.folds[f][0]), f)):
        if store.made(family.needs_of(trial.params), fold) and (model := fold_model(files, trial, fold)) is not None:
            return _of_fold(plan, trial, store, fold, model, {"made_by": f"the model of fold {fold + 1} of trial {trial.number}, while the search went on"})
    return None


def _of_fold(plan: Plan, trial: Trial, store: Store, fold: int, model: Form, facts: dict[str, Any]) -> Candidate:
    features = store.form(plan.record(trial.family).needs_of(trial.params), fold)
    return Candidate(trial.family, "float32", "as trained", features, model, (), trial.number, facts, members=_alone(trial))


def _alone(trial: Trial) -> tuple[Member, ...]:
    return (Member(trial.family, trial.number, 1.0),)
