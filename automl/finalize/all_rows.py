"""`validation.refit`: the winner's members fitted once more, on the rows kept for the report too; for shipping alone, nothing is scored with it."""

import time
from dataclasses import replace

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.finalize.candidate import Candidate
from automl.finalize.ensemble import combined
from automl.finalize.refit import together
from automl.finalize.refits import refit_all
from automl.plan.plan import Plan
from automl.rundir import RunDir, refused
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.store import Store
from automl.search.study import Study
from automl.search.workers.local import LocalExecutor

MADE_BY = "a fit on all rows, those of the holdout among them; the scores are of the same model fitted without these"


def fit_on_all_rows(
    plan: Plan, study: Study, winner: Candidate, dataset: Dataset, split: Split, files: RunDir, executor: LocalExecutor, budget: Budget,
    on_event: OnEvent, stop: Stop,
) -> tuple[Candidate | None, str]:  # fmt: skip
    """Return the winner with the same options, weights and decision, fitted on training rows and holdout; else None and why there is none.

    Members, their shares and what is decided from probabilities were chosen without the holdout and stay as they are.
    """
    if winner.trial is None or "parity" not in winner.facts:
        return None, f"the model is {winner.facts['made_by']}, and no fit on all training rows" if winner.trial is not None else "the model is the baseline"
    if stop.soft.is_set() or stop.hard.is_set():
        return None, "you asked for the end"
    numbers = [member.trial for member in winner.members]
    trials = [next(t for t in study.trials if t.number == n) for n in numbers]
    need = max(max(t.fold_seconds, default=0.0) for t in trials)
    if (left := budget.refit_end - time.monotonic()) < 0.5 * need:
        return None, f"{need:.1f} s for a fit did not fit into the {max(left, 0.0):.1f} s left"
    place = files.scratch / "all_rows"
    rows = np.sort(np.concatenate([split.train, split.holdout]))
    with refused(place, what="write the rows for the workers"):
        Store.create(place, dataset.table, plan.fields, dataset.y, rows, (), split.units, split.time, plan.recipe, weight=dataset.weight)
    made = refit_all(plan, trials, files, executor, budget, on_event, stop, place)
    for number in numbers:
        if made[number].features is None:
            return None, f"the fit of trial {number} did not end well: {made[number].why}"
    facts = {**winner.facts, "made_by": MADE_BY}
    if len(numbers) == 1:
        features, model = together(trials[0].family, made[numbers[0]])
    else:
        features, model = combined(plan, trials, [member.weight for member in winner.members], made)
    return replace(winner, features=features, model=model, folds=(), facts=facts), ""
