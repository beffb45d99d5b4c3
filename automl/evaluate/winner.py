"""The model that ships where something is asked of it: candidates are made, packed and measured until one keeps it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.choice import Made, settle
from automl.evaluate.constraints import Measured
from automl.evaluate.measure import gap_of_rows, measure_rungs
from automl.finalize.alternatives import Option
from automl.finalize.candidate import Candidate
from automl.finalize.options import options_of
from automl.finalize.refit import baseline_candidate, out_of_fold_of
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.store import Store
from automl.search.study import Study, Trial


def settle_winner(
    plan: Plan, study: Study, store: Store, files: RunDir, dataset: Dataset, split: Split, budget: Budget, stop: Stop, record: OnEvent, *,
    refitted: Callable[[Sequence[Trial]], Candidate], rungs_of: Callable[[Candidate], list[Candidate]], packed: Callable[[list[Candidate]], list[Path]],
) -> Made:  # fmt: skip
    """Return the first candidate that keeps what is asked of the winner, or the nearest one; its rungs lie packed in its folders.

    `refitted` makes a candidate of the first of some trials that can be fitted on all rows, `rungs_of` its rungs, judged, and `packed`
    their folders, which take the place of those before. The first candidate is made whatever it takes, further ones while there is time.
    """
    trials = {t.number: t for t in study.usable()}
    last: list[list[Candidate]] = []
    spent: list[float] = []

    def make(option: Option) -> list[Candidate]:
        own = [trials[number] for number in option.trials]
        others = [t for t in trials.values() if t not in own][:2] if not spent else []  # something must ship
        began = time.monotonic()
        candidate = refitted([*own, *others])
        found = rungs_of(candidate) if candidate.trial is not None else []
        spent.append(time.monotonic() - began)
        return found

    def measure(rungs: Sequence[Candidate]) -> tuple[list[Path], list[Measured]]:
        began = time.monotonic()
        last[:] = [list(rungs)]
        folders = packed(list(rungs))
        found = measure_rungs(plan, dataset, split, rungs, folders)
        spent[-1:] = [(spent[-1] if spent else 0.0) + time.monotonic() - began]
        record({"event": "measured", "model": found[0].words, "size_bytes": min(m.size_bytes for m in found), "seconds": round(spent[-1], 3)})
        return folders, found

    def fits(option: Option) -> bool:
        """Return whether there is time to make one more: as much as it should take to fit, beside what the others took in all."""
        if stop.soft.is_set() or stop.hard.is_set():
            return False
        return budget.seconds is None or time.monotonic() + 1.3 * option.seconds + max(spent, default=0.0) < budget.refit_end

    def gap_of(option: Option) -> float | None:
        outputs: Sequence[Any] = out_of_fold_of(plan, trials[option.trials[0]], store, files)
        rows = np.concatenate([valid for _, valid in split.folds])
        return gap_of_rows(plan, dataset, rows, np.concatenate(outputs)).value if outputs else None

    found = settle(plan, options_of(plan, study, store, files, budget.comparison_seconds), make, measure, gap_of, fits)
    if found is None:
        baseline = [baseline_candidate(plan, store)]
        folders, measured = measure(baseline)
        return Made(None, tuple(baseline), tuple(folders), tuple(measured), (0,), tuple(measured))
    if last[0][0] is not found.rungs[0]:
        packed(list(found.rungs))
    return found
