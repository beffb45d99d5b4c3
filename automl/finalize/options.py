"""The models that a study could ship, best first; where one that a person can follow is preferred and as good, that one first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.finalize.alternatives import Option
from automl.finalize.ensemble import Choice
from automl.metrics import Metric
from automl.plan.plan import Plan
from automl.search.limits import narrowest
from automl.search.paired import paired
from automl.search.store import Store
from automl.search.study import Trial

AS_GOOD = 0.01  # of a bounded metric, or of another one's value, that a model which a person can follow may be behind
MOST_PREFERRED = 2  # models that are tried because a person can follow them


def single(plan: Plan, trial: Trial) -> Option:
    """Return a trial as an option: what it scored and what its model should cost."""
    size, latency = _costs(plan, trial)
    readable = plan.record(trial.family).readable(trial.params)
    return Option((trial.number,), trial.family, trial.score, size, latency, narrowest(plan, trial.family), readable)


def together(plan: Plan, choice: Choice) -> Option:
    """Return an ensemble as an option: its members' bytes and time add up."""
    costs = [_costs(plan, t) for t in choice.trials]
    sizes, latency = [size or 0.0 for size, _ in costs], sum(ms or 0.0 for _, ms in costs)
    narrow = sum(size * narrowest(plan, t.family) for size, t in zip(sizes, choice.trials, strict=True)) / max(1.0, sum(sizes))
    return Option(tuple(t.number for t in choice.trials), "ensemble", choice.facts["score"], sum(sizes), latency, narrow)


def _costs(plan: Plan, trial: Trial) -> tuple[float | None, float | None]:
    """Return bytes and ms of the model of a trial as it would ship: several copies of it where its family has these."""
    copies = plan.record(trial.family).copies
    return tuple(None if value is None else float(value * copies) for value in (trial.size_bytes, trial.latency_ms))  # type: ignore[return-value]


def preferred_first(
    plan: Plan, options: Sequence[Option], outputs: Callable[[Option], Sequence[Any]], store: Store, seconds: float | None
) -> list[Option]:  # fmt: skip
    """Return the options with those first that a person can follow and that are as good as the best one.

    As good: behind it, out of fold, by no more than the standard error of the paired difference (bootstrap over units), or by a
    hundredth. `outputs` gives the predictions of an option per fold, nothing where they are not there.
    """
    readable = _by_family([o for o in options if o.readable and o.score is not None])
    if not readable or not options or options[0].score is None:
        return list(options)
    metric, best = plan.measure(), options[0]
    close = [o for o in readable if _as_good(plan, metric, best, o, outputs, store, seconds)][:MOST_PREFERRED]
    first = [replace(o, preferred=True) for o in close]
    return first + [o for o in options if o.trials not in {p.trials for p in first}]


def _by_family(options: Sequence[Option]) -> list[Option]:
    """Return the best option of each family, best first."""
    first: dict[str, Option] = {}
    for option in options:
        first.setdefault(option.family, option)
    return list(first.values())


def _as_good(
    plan: Plan, metric: Metric, best: Option, other: Option, outputs: Callable[[Option], Sequence[Any]], store: Store, seconds: float | None
) -> bool:  # fmt: skip
    assert best.score is not None and other.score is not None
    if metric.loss_of(best.score, other.score) <= AS_GOOD:
        return True
    both = [outputs(best), outputs(other)]
    if not all(both):
        return False
    rows = [valid for _, valid in store.folds]
    if plan.pooled:
        rows, both = [np.concatenate(rows)], [[np.concatenate(o)] for o in both]
    y, units, weights = [store.y[r] for r in rows], [store.unit_of(r) for r in rows], [store.weight_of(r) for r in rows]

    def score(codes: Any, output: Any, weight: Any = None) -> float:
        return metric.weighed(codes, output, plan.positive, weight)

    found = paired(score, y, units, both, plan.seed, seconds, weights=weights)
    if found is None:
        return False
    error = float(np.nanstd(found.draws[:, 0] - found.draws[:, 1], ddof=1))
    return metric.gain(best.score, other.score) <= error
