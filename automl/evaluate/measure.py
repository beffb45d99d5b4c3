"""Packed rungs measured for what was asked of the winner, without a look at the rows kept for the report."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.load import Predictor
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.constraints import Measured
from automl.evaluate.fairness import Gap, gap_between
from automl.evaluate.latency import latency_ms
from automl.evaluate.readable import readable
from automl.families import FAMILIES
from automl.finalize.candidate import Candidate
from automl.finalize.decide import fold_score
from automl.plan.plan import Plan
from automl.quantize.ladder import out_of_fold

TIMED_ROWS = 2000  # training rows that calls are timed on
LATENCY_SHARE, MOST_SECONDS = 0.01, 2.0  # of the budget, that the calls of all rungs of a model may take


def measure_rungs(plan: Plan, dataset: Dataset, split: Split, rungs: Sequence[Candidate], folders: Sequence[Path]) -> list[Measured]:
    """Return what each packed rung comes to: bytes of its folder, ms of a call, score and gap out of fold, and what there is to follow."""
    limits, out = plan.limits, []
    seconds = (MOST_SECONDS if plan.seconds is None else min(MOST_SECONDS, LATENCY_SHARE * plan.seconds)) / max(1, len(rungs))
    table = dataset.table.take(split.train[: max(TIMED_ROWS, limits.rows)]) if limits.latency_ms is not None else None
    for rung, folder in zip(rungs, folders, strict=True):
        latency, features = (None, 0.0) if table is None else latency_ms(Predictor(folder), table, limits.rows, limits.percentile, seconds)
        gap = gap_out_of_fold(plan, dataset, split, rung).value if limits.fair is not None else None
        family_can = rung.family in FAMILIES.names(plan.task) and FAMILIES.get(plan.task, rung.family).interpretable is not None
        can = family_can or rung.trial is None
        out.append(Measured(words_of(rung), rung.precision, folder_bytes(folder), latency, score_out_of_fold(plan, dataset, split, rung), gap,
                            readable(rung.features, rung.model, can) if limits.interpretable != "no" else None, features))  # fmt: skip
    return out


def words_of(candidate: Candidate) -> str:
    """Return what a candidate is called in the table of constraints."""
    if len(candidate.members) > 1:
        return f"an ensemble of {len(candidate.members)}"
    return candidate.family if candidate.trial is None else f"{candidate.family}, trial {candidate.trial}"


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files of an artifact."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def score_out_of_fold(plan: Plan, dataset: Dataset, split: Split, rung: Candidate) -> float | None:
    """Return the score on the rows of the folds: the mean over folds at float32, less what this rung was judged to lose."""
    if not rung.out_of_fold:
        return None
    metric, rows = plan.measure(), [valid for _, valid in split.folds]
    fold = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    every = np.concatenate(rows)
    weight = None if dataset.weight is None else dataset.weight[every]
    score = fold_score(plan, dataset.y[every], np.concatenate(rung.out_of_fold), fold, rung.decision, weight)
    if score is None:
        return None
    drop = rung.drop or 0.0
    lost = drop if metric.bounded else drop * abs(score)
    return float(score - lost if metric.greater_is_better else score + lost)


def gap_out_of_fold(plan: Plan, dataset: Dataset, split: Split, rung: Candidate, seconds: float = 0.0) -> Gap:
    """Return the gap between groups on the rows of the folds, by the models that did not see them; an interval where there are `seconds` for it."""
    assert plan.limits.fair is not None
    if not rung.out_of_fold and not rung.whole:
        return Gap(plan.limits.fair.metric, None)
    narrower = rung.whole and rung.precision != "float32"
    proba = out_of_fold(rung) if narrower or not rung.out_of_fold else rung.decision.calibrate(np.concatenate(rung.out_of_fold))
    rows = np.concatenate([valid for _, valid in split.folds])
    return gap_of_rows(plan, dataset, rows, rung.decision.codes(proba), split.unit_of(rows), seconds)


def gap_of_rows(plan: Plan, dataset: Dataset, rows: Any, predicted: Any, units: Any = None, seconds: float = 0.0) -> Gap:
    """Return the gap between groups of some rows of the dataset, from the classes (n_rows,) that each is given."""
    fair, groups = plan.limits.fair, dataset.groups
    assert fair is not None and groups is not None
    return gap_between(
        fair.metric, dataset.y[rows], predicted, plan.positive, groups.codes[rows], groups.names, units=units, seed=plan.seed, seconds=seconds
    )  # fmt: skip
