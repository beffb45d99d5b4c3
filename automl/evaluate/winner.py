"""The model that ships where something is asked of it: candidates are made, packed and measured until one keeps it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.choice import Made, settle
from automl.evaluate.constraints import Measured
from automl.evaluate.measure import gap_of_rows, measure_rungs
from automl.finalize.alternatives import Option
from automl.finalize.candidate import Candidate
from automl.finalize.maker import Maker
from automl.inference.decision import Decision


def settle_winner(
    maker: Maker, dataset: Dataset, split: Split, rungs_of: Callable[[Candidate], list[Candidate]], packed: Callable[[list[Candidate]], list[Path]]
) -> Made:  # fmt: skip
    """Return the first candidate that keeps what is asked of the winner, or the nearest one; its rungs lie packed in its folders.

    `rungs_of` gives the rungs of a candidate, judged, `packed` their folders, which take the place of those before. One candidate is
    made whatever it takes, further ones while there is time.
    """
    plan, budget, stop = maker.plan, maker.budget, maker.stop
    last: list[list[Candidate]] = []
    spent: list[float] = []  # per model, beside its fits

    def make(option: Option) -> list[Candidate]:
        candidate = maker.make(option)
        began = time.monotonic()
        found = rungs_of(candidate) if candidate is not None and candidate.trial is not None else []
        spent.append(time.monotonic() - began)
        return found

    def measure(rungs: Sequence[Candidate]) -> tuple[list[Path], list[Measured]]:
        began = time.monotonic()
        last[:] = [list(rungs)]
        folders = packed(list(rungs))
        found = measure_rungs(plan, dataset, split, rungs, folders)
        spent.append(time.monotonic() - began + (spent.pop() if spent else 0.0))
        maker.on_event({"event": "measured", "model": found[0].words, "size_bytes": min(m.size_bytes for m in found), "seconds": round(spent[-1], 3)})
        return folders, found

    def fits(option: Option) -> bool:
        """Return whether there is time to make one more: its fits, and beside these as much as the slowest one took."""
        if spent and (stop.soft.is_set() or stop.hard.is_set()):
            return False
        return budget.seconds is None or time.monotonic() + maker.seconds(option) + max(spent, default=0.0) < budget.refit_end

    # what is answered is decided once a candidate is made; until then a threshold that was asked for, else the most probable class
    rule = Decision(threshold=plan.threshold, positive=plan.positive)

    def gap_of(option: Option) -> float | None:
        outputs = maker.outputs(option)
        rows = np.concatenate([valid for _, valid in split.folds])
        return gap_of_rows(plan, dataset, rows, rule.codes(np.concatenate(list(outputs)))).value if len(outputs) else None

    found = settle(plan, maker.options(), make, measure, gap_of, fits)
    if found is None:
        rungs = rungs_of(maker.last_resort())
        folders, measured = measure(rungs)
        return Made(None, tuple(rungs), tuple(folders), tuple(measured), (0,), tuple(measured[:1]))
    if last[0][0] is not found.rungs[0]:
        packed(list(found.rungs))
    return found
