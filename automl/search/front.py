"""The Pareto front: trials that no other one beats in all objectives, and the order of those that are equal in score."""

from collections.abc import Sequence

from automl.search.study import Trial
from automl.vocabulary import State


def values(trial: Trial, objectives: Sequence[str]) -> tuple[float, ...] | None:
    """Return the score, ms of one row and bytes of a trial, as asked for; None where one was not measured."""
    found = [{"score": trial.score, "latency": trial.latency_ms, "size": trial.size_bytes}[name] for name in objectives]
    return None if any(value is None for value in found) else tuple(float(value) for value in found if value is not None)


def directions(objectives: Sequence[str], greater_is_better: bool) -> list[str]:
    """Return Optuna's word for each objective: the score has the metric's direction, what a model costs is to be small."""
    return ["maximize" if name == "score" and greater_is_better else "minimize" for name in objectives]


def front(trials: Sequence[Trial], objectives: Sequence[str], greater_is_better: bool) -> list[int]:
    """Return the numbers of the complete trials that no other one dominates, best score first; empty for a single objective.

    One trial dominates another when it is nowhere worse and somewhere better; equal ones stay both.
    """
    if len(objectives) < 2:
        return []
    signs = [-1.0 if way == "maximize" else 1.0 for way in directions(objectives, greater_is_better)]
    costs = {}
    for trial in trials:
        found = values(trial, objectives)
        if trial.state == State.OK and not trial.reference and found is not None:
            costs[trial.number] = tuple(sign * value for sign, value in zip(signs, found, strict=True))
    kept: list[int] = []
    for number in sorted(costs, key=lambda n: (costs[n], n)):  # in this order nothing that comes later dominates what came before
        if not any(_dominates(costs[other], costs[number]) for other in kept):
            kept.append(number)
    score = list(objectives).index("score")
    return sorted(kept, key=lambda n: (costs[n][score], costs[n], n))


def _dominates(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    return first != second and all(a <= b for a, b in zip(first, second, strict=True))
