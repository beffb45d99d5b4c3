"""Several runs against the first of them: facts, what was asked differently, and a paired test on the rows that both scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np

from automl.errors import AutoMLError, UsageError
from automl.evaluate.compare.read import FinishedRun
from automl.evaluate.compare.resample import LEVEL, Score, difference, holm
from automl.evaluate.compare.shared import Shared, shared_rows
from automl.evaluate.compare.specs import finding_differences, spec_differences
from automl.evaluate.compare.words import notes_of, sentence
from automl.evaluate.decision import reliability
from automl.metrics import METRICS, Metric, metric_of
from automl.metrics.probabilities import brier_score, log_loss
from automl.vocabulary import Task


@dataclass(frozen=True)
class Compared:
    """`facts` are JSON values; `refused` is why the first pair that could not be compared was not."""

    facts: dict[str, Any]
    refused: AutoMLError | None

    @property
    def last_is_worse(self) -> bool:
        """Return whether the last run is clearly worse than the first, in the metric of the first."""
        first, last = self.facts["runs"][0]["letter"], self.facts["runs"][-1]["letter"]
        return any(t["run"] == last and first in t["asked_by"] and t["verdict"] == "worse" for t in self.facts["tests"])


def compare(paths: Sequence[Path], same_rows: bool = False) -> Compared:
    """Return what differs between finished runs, and each against the first on the rows that both scored.

    A test per run and metric: the metrics that the two optimised. Verdicts are "better" and "worse" where the interval keeps
    clear of zero and the p-value, corrected for the number of tests (Holm 1979), is below 0.05; "none" where not; "same" where
    both answer alike; "undefined" where the rows give no score. `same_rows` as for shared_rows. Raises UsageError when a path is
    no finished run, or there are fewer than two or more than 26.
    """
    if not 2 <= len(paths) <= len(ascii_uppercase):
        raise UsageError(f"runs to compare: {len(paths)}", "RUN RUN", f"give two run folders or more, at most {len(ascii_uppercase)}")
    runs = [FinishedRun.read(letter, path) for letter, path in zip(ascii_uppercase, paths, strict=False)]
    first = runs[0]
    tests: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    faults: list[tuple[FinishedRun, AutoMLError]] = []
    for run in runs[1:]:
        try:
            shared = shared_rows(first, run, same_rows)
            tests += _tests(first, run, shared)
            beside.append(_pair(first, run, shared))
        except AutoMLError as fault:
            faults.append((run, fault))
    for test, corrected in zip(tests, holm([t["p"] for t in tests]), strict=True):
        test["p_corrected"] = corrected
        test["verdict"] = _verdict(test)
        test["words"] = sentence(test, len(tests))
    facts: dict[str, Any] = {
        "runs": [run.facts() for run in runs], "spec": spec_differences(runs), "findings": finding_differences(runs),
        "pairs": beside, "tests": [{k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in t.items()} for t in tests],
        "refused": [{"run": run.letter, "against": first.letter, "why": fault.problem, "fix": fault.fix} for run, fault in faults],
    }  # fmt: skip
    facts["notes"] = notes_of(facts)
    return Compared(facts, faults[0][1] if faults else None)


def _metrics(first: FinishedRun, second: FinishedRun, shared: Shared) -> list[tuple[Metric, list[str]]]:
    """Return the metrics that the runs optimised, fit for the shared rows, each with the letters of who did. Raises UsageError where there is none."""
    asked: dict[Any, list[FinishedRun]] = {}
    for run in (first, second):
        name = run.evaluation["metric"]
        costs = run.costs() if METRICS.get(Task.CLASSIFICATION, name).with_costs is not None else {}
        asked.setdefault((name, tuple(sorted(costs.items()))), []).append(run)
    out: list[tuple[Metric, list[str]]] = []
    whys: list[str] = []
    for (name, _), runs in asked.items():
        metric = METRICS.get(Task.CLASSIFICATION, name)
        why = metric.why_not(len(shared.classes))
        if metric.with_costs is not None:
            costs = runs[0].costs()
            cells = [[(true, told) for told in shared.classes] for true in shared.classes]
            unknown = [cell[0] for row in cells for cell in row if cell not in costs]
            why = f"the costs of {runs[0].letter} do not know the class `{unknown[0]}`" if unknown else why
            metric = metric if unknown else metric_of(Task.CLASSIFICATION, name, tuple(tuple(costs[cell] for cell in row) for row in cells))
        whys += [why] if why else []
        out += [] if why else [(metric, [run.letter for run in runs])]
    if not out:
        raise UsageError(f"{first.letter} and {second.letter} have no metric in common: {whys[0]}", "RUN", "compare runs of the same classes")
    return out


def _tests(first: FinishedRun, second: FinishedRun, shared: Shared) -> list[dict[str, Any]]:
    """Return a test per metric, without the verdict, which depends on the other tests."""
    out = []
    for metric, asked_by in _metrics(first, second, shared):
        outputs = [label[:, None].astype(np.float64) for label in shared.labels] if metric.of_codes is not None else list(shared.probas)
        found = difference(_score(metric, shared), metric.greater_is_better, shared.y, outputs, shared.unit)
        out.append({
            "run": second.letter, "against": first.letter, "metric": metric.name, "asked_by": asked_by, "greater_is_better": metric.greater_is_better,
            "rows": len(shared.y), "units": shared.n_units if shared.unit is not None else None,
            "score_against": found.scores[0], "score": found.scores[1], "better_by": found.gain, "low": found.low, "high": found.high,
            "p": found.p, "smallest_seen": found.smallest, "replicates": found.replicates, "rows_resampled": found.n_rows,
            "same_answers": bool(np.array_equal(outputs[0], outputs[1])),
        })  # fmt: skip
    return out


def _score(metric: Metric, shared: Shared) -> Score:
    """Return the score of (n_rows, 1) decided classes for a metric of those, for any other of probabilities (n_rows, n_classes)."""
    of_codes, n_classes = metric.of_codes, len(shared.classes)
    if of_codes is not None:
        return lambda y, output: float(of_codes(y, output[:, 0].astype(np.int64), n_classes, shared.positive))
    return lambda y, output: float(metric.score(y, output, shared.positive))


def _verdict(test: dict[str, Any]) -> str:
    if test["same_answers"]:
        return "same"
    if not np.isfinite(test["p"]):
        return "undefined"
    clear = test["p_corrected"] < LEVEL
    return "better" if clear and test["low"] > 0 else "worse" if clear and test["high"] < 0 else "none"


def _pair(first: FinishedRun, second: FinishedRun, shared: Shared) -> dict[str, Any]:
    """Return how two runs stand beside each other on the rows that both scored: how well calibrated, and where they agree."""
    right = [label == shared.y for label in shared.labels]
    beside = [
        {
            "log_loss": log_loss(shared.y, proba), "brier_score": brier_score(shared.y, proba),
            "calibration_error": reliability(shared.y, proba, shared.positive)["error"],
            "share_right": float(hit.mean()), "rows_scored": len(run.scored.row),
        }
        for run, proba, hit in zip((first, second), shared.probas, right, strict=True)
    ]  # fmt: skip
    return {
        "run": second.letter, "against": first.letter, "same_folder": first.path.resolve() == second.path.resolve(),
        "rows": len(shared.y), "units": shared.n_units if shared.unit is not None else None, "positive_class": shared.classes[shared.positive],
        "only_in_against": [c for c in first.scored.classes if c not in second.scored.classes],
        "only_in_run": [c for c in second.scored.classes if c not in first.scored.classes],
        "beside": {"against": beside[0], "run": beside[1]},
        "agree": int((shared.labels[0] == shared.labels[1]).sum()), "both_right": int((right[0] & right[1]).sum()),
        "only_against_right": int((right[0] & ~right[1]).sum()), "only_run_right": int((right[1] & ~right[0]).sum()),
        "none_right": int((~right[0] & ~right[1]).sum()),
    }  # fmt: skip
