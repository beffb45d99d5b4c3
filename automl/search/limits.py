"""Which trials could keep what is asked of the winner, judged by what they measured: bytes of the numbers, ms of a row, options."""

from automl.plan.plan import Plan
from automl.search.study import Trial

NARROWEST = {"int8": 0.25, "float16": 0.5, "float32": 1.0}  # of the bytes at float32


def narrowest(plan: Plan, family: str) -> float:
    """Return the least share of its bytes at float32 that a model of a family can be stored in."""
    return min(NARROWEST[p] for p in plan.precisions) if plan.record(family).scheme is not None else 1.0


def possible(plan: Plan, trial: Trial) -> bool:
    """Return whether a trial's model could keep the hard constraints on size, latency and who can follow it; all do where nothing is asked."""
    limits = plan.limits
    size, latency = limits.size_bytes, limits.latency_ms
    if "model_size" in limits.hard and size is not None and trial.size_bytes is not None and narrowest(plan, trial.family) * trial.size_bytes > size:
        return False
    if "latency" in limits.hard and latency is not None and trial.latency_ms is not None and trial.latency_ms > latency:
        return False
    return limits.interpretable == "no" or plan.record(trial.family).readable(trial.params)
