"""Compares the optimizers of networks over a search: how good the best trial of each is, how soon it came, and the way there."""

from collections.abc import Sequence
from typing import Any

from automl.search.study import Trial
from automl.vocabulary import State

OPTION = "optimizer"


def compare_optimizers(trials: Sequence[Trial], greater_is_better: bool) -> list[dict[str, Any]]:
    """Return a record per family and optimizer that its trials chose, best score first; distilled and reference trials are left out.

    `seconds_to_best` is from the start of the run to the end of the best trial, `work_seconds` what all its trials took together; `curve`
    holds [seconds, best score so far] whenever that rose, `rounds` the mean epochs of the best trial.
    """
    sign = 1 if greater_is_better else -1
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        if isinstance(trial.params.get(OPTION), str) and not trial.reference and not trial.distilled:
            groups.setdefault((trial.family, trial.params[OPTION]), []).append(trial)
    out = []
    for (family, name), own in groups.items():
        scored = sorted((t for t in own if t.state == State.OK and t.score is not None), key=_end)
        curve: list[list[float]] = []
        best: Trial | None = None
        for trial in scored:
            assert trial.score is not None
            if best is None or best.score is None or sign * trial.score > sign * best.score:
                best = trial
                curve.append([round(_end(trial), 3), trial.score])
        out.append({
            "family": family, "optimizer": name, "trials": len(own), "complete": len(scored), "score": best.score if best else None,
            "trial": best.number if best else None, "seconds_to_best": curve[-1][0] if curve else None,
            "work_seconds": round(sum(t.work_seconds for t in own), 3), "rounds": sum(best.rounds) / len(best.rounds) if best and best.rounds else None,
            "curve": curve,
        })  # fmt: skip
    return sorted(out, key=lambda found: (found["score"] is None, -sign * (found["score"] or 0.0)))


def _end(trial: Trial) -> float:
    return trial.started + trial.seconds
