"""The Evaluation: every rung loaded from disk, scored once, timed, and one of them chosen by what was judged out of fold."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.chunks import CHUNK
from automl.artifact.load import MODEL, Predictor
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.data.structure import row_groups
from automl.evaluate.batches import buys, time_batches
from automl.evaluate.decision import decision_facts
from automl.evaluate.measure import folder_bytes
from automl.evaluate.score import DETAILS, intervals
from automl.evaluate.speed import time_rungs
from automl.finalize.candidate import Candidate
from automl.inference.blend import holds_rows
from automl.inference.forms import Model
from automl.inference.table import Table
from automl.metrics import LOG_LOSS, Metric, decided
from automl.plan.plan import Plan
from automl.quantize.ladder import log_loss_holds, out_of_fold, passes, words_of
from automl.search.budget import Budget
from automl.spec.units import human_bytes

SMALL_MODEL = 16_384  # bytes at float32: below, names, scales and biases weigh as much as the weights


def allowed_rungs(candidates: Sequence[Candidate], plan: Plan) -> list[int]:
    """Return the positions of the rungs that were asked for and pass; the widest where none is."""
    return [i for i, c in enumerate(candidates) if c.precision in plan.precisions and passes(c, plan.max_drop)] or [0]


def choose(candidates: Sequence[Candidate], sizes: Sequence[int], speeds: Sequence[float], plan: Plan, among: Sequence[int] = ()) -> int:
    """Return the position of the rung that ships: of those that may (`among`, else those asked for that pass) the one preferred."""
    allowed = list(among) or allowed_rungs(candidates, plan)
    if plan.prefer == "fastest":
        return max(allowed, key=lambda i: speeds[i])
    if plan.prefer == "most_accurate":
        return min(allowed, key=lambda i: (candidates[i].drop or 0.0, sizes[i]))
    return min(allowed, key=lambda i: sizes[i])


def evaluate(
    plan: Plan, dataset: Dataset, split: Split, candidates: Sequence[Candidate], folders: Sequence[Path], baseline: Candidate, budget: Budget,
    among: Sequence[int] = (),
) -> tuple[dict[str, Any], int]:  # fmt: skip
    """Return the evaluation as JSON values, and the position of the chosen rung, one of `among` where these are given.

    Scores are of the packed artifacts on the holdout; with no holdout they are out of fold and `score_rows` says so: each
    row counts once, with the mean of its predictions where several folds scored it, and not at all where none did. Metrics of
    labels judge those that the candidates' decision gives.
    """
    decision = candidates[0].decision
    metric = decided(plan.measure(), decision)
    predictors = [Predictor(folder) for folder in folders]
    held_out = len(split.holdout) > 0
    rows = split.holdout if held_out else split.train
    table = dataset.table.take(rows)
    y = dataset.y[rows]
    timed = time_rungs(predictors, table, _seconds_for_timing(budget), budget.compile_seconds)
    in_batches = time_batches(predictors, table, _seconds_for_timing(budget))
    sizes = [folder_bytes(folder) for folder in folders]
    chosen = choose(candidates, sizes, [_clear_gain(t) for t in timed], plan, among)
    first = candidates[0]
    if not held_out and (first.whole or first.out_of_fold):
        score_rows = "out_of_fold"
        scored = np.concatenate([valid for _, valid in split.folds])
        rows, place = np.unique(scored, return_inverse=True)
        y = dataset.y[rows]
        kept = [out_of_fold(c) if first.whole else decision.calibrate(np.concatenate(first.out_of_fold)) for c in candidates]
        outputs = [_means(own.astype(np.float64), place) for own in kept]
    else:
        score_rows = "holdout" if held_out else "training"
        outputs = _outputs(predictors, table)
    rates = [{**one, **several} for one, several in zip(timed, in_batches, strict=True)]
    ladder = _ladder(plan, metric, candidates, folders, sizes, rates, outputs, y, chosen, None if dataset.weight is None else dataset.weight[rows])
    proba = outputs[chosen]
    codes = decision.codes(proba)
    units = split.unit_of(rows)
    weight = None if dataset.weight is None else dataset.weight[rows]
    beside = {m: decided(plan.measure(m), decision) for m in plan.also_report}
    seconds = budget.bootstrap_seconds / 2
    (low, high), *others = intervals([metric, *beside.values()], y, proba, plan.positive, plan.seed, seconds, units=units, weight=weight)
    base = Model(baseline.model).predict(np.zeros((len(y), 0), np.float32)).astype(np.float64)
    evaluation = {
        "metric": metric.name, "metric_summary": metric.summary, "greater_is_better": metric.greater_is_better,
        "score": _finite(metric.weighed(y, proba, plan.positive, weight)), "interval": [_finite(low), _finite(high)],
        "score_rows": score_rows, "n_scored": len(y), "n_units": len(np.unique(units)), "weighted": weight_facts(weight),
        "repeated_inputs": _repeated_inputs(plan, dataset, split) if held_out else None,
        "baseline_score": _finite(plan.measure().weighed(y, base, plan.positive, weight)),
        "also": {name: _finite(m.weighed(y, proba, plan.positive, weight)) for name, m in beside.items()},
        "also_intervals": {name: [_finite(a), _finite(b)] for name, (a, b) in zip(beside, others, strict=True)},
        "positive_class": dataset.classes[plan.positive] if plan.n_outputs == 2 else None,
        "precision_ladder": ladder, "chosen_precision": candidates[chosen].precision,
        "family": candidates[chosen].family, "trial": candidates[chosen].trial, "model_made_by": candidates[chosen].facts.get("made_by", ""),
        "holds_training_rows": holds_rows(candidates[chosen].model),
        "members": [asdict(member) for member in candidates[chosen].members],
        "library_bytes": candidates[0].facts.get("library_bytes"), "parity": candidates[0].facts.get("parity"),
        **DETAILS.get(plan.task, plan.task)(y, proba, codes, list(dataset.classes), plan.positive),
        "decision": decision_facts(plan, candidates[chosen], y, proba),
    }  # fmt: skip
    predictions = {"row": dataset.row_numbers[rows], "fold": _fold_of(split, rows, held_out), "y": y, "proba": proba, "codes": codes, "at": rows}
    predictions["unit"] = units if split.units is not None else None
    evaluation["_predictions"] = predictions
    return evaluation, chosen


def weight_facts(weight: Any) -> dict[str, float] | None:
    """Return how many rows that all count alike tell as much as these (Kish 1965, section 11.7), and the share of rows that count for nothing."""
    if weight is None:
        return None
    squares = float((weight**2).sum())
    return {"effective_rows": float(weight.sum() ** 2 / squares) if squares > 0 else 0.0, "without": float((weight == 0).mean())}


def _outputs(predictors: Sequence[Predictor], table: Table) -> list[Any]:
    """Return the calibrated answers of each rung; features are the same for all, so they are made once, some rows at a time."""
    parts: list[list[Any]] = [[] for _ in predictors]
    for start in range(0, table.n_rows, CHUNK):
        matrix = predictors[0].matrix(table.take(np.arange(start, min(start + CHUNK, table.n_rows))))
        for own, predictor in zip(parts, predictors, strict=True):
            own.append(predictor.decision.calibrate(predictor.model.predict(matrix)))
    return [np.concatenate(own).astype(np.float64) for own in parts]


def _repeated_inputs(plan: Plan, dataset: Dataset, split: Split) -> float:
    """Return the share of held-out rows whose inputs, as the model sees them, equal those of a training row."""
    learned = Table({f.name: dataset.table.columns[f.name] for f in plan.fields}, dataset.table.n_rows)
    groups = row_groups(learned)
    return float(np.isin(groups[split.holdout], groups[split.train]).mean())


def _seconds_for_timing(budget: Budget) -> float:
    if budget.brief:
        return 0.01
    return min(3.0, 0.01 * budget.seconds) if budget.seconds is not None else 3.0


def _clear_gain(timed: dict[str, Any]) -> float:
    """Return a rung's speed against float32, 1 unless the middle half of its measurements lies clear of 1."""
    low, high = timed["runtime_ratio_range"]
    return float(timed["runtime_ratio"]) if low > 1.02 or high < 0.98 else 1.0


def _finite(value: float) -> float | None:
    return value if value == value else None


def _fold_of(split: Split, rows: Any, held_out: bool) -> Any:
    """Return (n_rows,) the fold that scored a row, the first of several; -1 for the holdout."""
    fold = np.full(int(max(split.train.max(initial=0), split.holdout.max(initial=0))) + 1, -1, dtype=np.int64)
    if not held_out:
        for number, (_, valid) in reversed(list(enumerate(split.folds))):
            fold[valid] = number
    return fold[rows]


def _means(outputs: Any, place: Any) -> Any:
    """Return (n_rows, n_outputs) the mean of the predictions (n_scored, n_outputs) of each row; `place` (n_scored,) is its position."""
    counts = np.bincount(place)
    return np.stack([np.bincount(place, weights=column) / counts for column in outputs.T], axis=1)


def _ladder(
    plan: Plan, metric: Metric, candidates: Sequence[Candidate], folders: Sequence[Path],
    sizes: Sequence[int], timed: Sequence[dict[str, Any]], outputs: Sequence[Any], y: Any, chosen: int,
    weight: Any = None,
) -> list[dict[str, Any]]:  # fmt: skip
    facts = candidates[0].facts
    library = facts.get("form_rows_per_second", 0.0) / facts["library_rows_per_second"] if facts.get("library_rows_per_second") else None
    twin = (folders[0] / MODEL).stat().st_size
    reference_score = metric.weighed(y, outputs[0], plan.positive, weight)
    rows = []
    for i, (candidate, folder) in enumerate(zip(candidates, folders, strict=True)):
        ratio = timed[i]["runtime_ratio"]
        model_bytes = (folder / MODEL).stat().st_size
        score = metric.weighed(y, outputs[i], plan.positive, weight)
        rows.append({
            "precision": candidate.precision, "scheme": words_of(candidate), "size_bytes": sizes[i], "model_bytes": model_bytes,
            "model_share_of_float32": model_bytes / twin, **timed[i], "device": "cpu", "threads": 1,
            "library_ratio": library * ratio if library is not None else None,
            "score": _finite(score), "drop": _finite(metric.loss_of(reference_score, score)),
            "judged_drop": candidate.drop, "judged_drop_upper": candidate.drop_upper,
            "log_loss": _finite(LOG_LOSS.score(y, outputs[i], plan.positive)), "log_loss_holds": log_loss_holds(candidate, plan.max_drop),
            "buys": buys(timed[i]["batches"], candidate.precision),
            "passes": passes(candidate, plan.max_drop), "asked_for": candidate.precision in plan.precisions, "chosen": i == chosen,
            "remark": f"the numbers fill {human_bytes(candidate.model.n_bytes)}; the rest is the container" if twin < SMALL_MODEL else "",
            "agreement": float((candidate.decision.codes(outputs[i]) == candidate.decision.codes(outputs[0])).mean()),
        })  # fmt: skip
    return rows
