"""What a packed model keeps of what was asked, which constraint binds, and what the cheapest relaxation is; no file is read here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from automl.evaluate.fairness import Gap
from automl.evaluate.readable import Readable
from automl.metrics import Metric
from automl.plan.limits import Fair, Limits
from automl.spec.text import plain
from automl.spec.units import human_bytes, human_milliseconds

UNKNOWN = 10.0  # how far beyond its bound a thing counts that could not be measured
ROOM = 1.2  # of a proposed latency over the measured one: the next measurement is another


@dataclass(frozen=True)
class Measured:
    """What was measured of a model at one precision, packed and loaded again.

    `score` and `gap` are out of fold where they serve to choose, and those reported where they are the gate's. None where not
    asked for, or not known. `words` name the model; `features_ms` is the part of `latency_ms` that making features takes.
    """

    words: str
    precision: str
    size_bytes: int
    latency_ms: float | None = None
    score: float | None = None
    gap: float | None = None
    readable: Readable | None = None
    features_ms: float = 0.0


def beyond(limits: Limits, found: Measured, metric: Metric) -> dict[str, float]:
    """Return by how much each thing asked for is missed: a share of its bound, 0 where it is kept; gaps and bounded scores in their own unit."""
    out: dict[str, float] = {}
    for name in limits.asked:
        if name == "model_size" and limits.size_bytes is not None:
            missed = found.size_bytes / limits.size_bytes - 1
        elif name == "latency" and limits.latency_ms is not None:
            missed = UNKNOWN if found.latency_ms is None else found.latency_ms / limits.latency_ms - 1
        elif name == "quality" and limits.quality is not None:
            missed = UNKNOWN if found.score is None else metric.loss_of(limits.quality, found.score)
        elif name == "fairness" and limits.fair is not None:
            missed = UNKNOWN if found.gap is None else found.gap - limits.fair.max_gap
        else:
            missed = 0.0 if found.readable is not None and found.readable.met else 1.0
        out[name] = max(0.0, missed)
    return out


def broken(limits: Limits, found: Measured, metric: Metric) -> tuple[str, ...]:
    """Return the names of the hard constraints that are not kept."""
    missed = beyond(limits, found, metric)
    return tuple(name for name in limits.hard if missed[name] > 0)


def distance(limits: Limits, found: Measured, metric: Metric) -> tuple[int, float]:
    """Return (hard constraints that are missed, by how much together): the nearest model has the least."""
    missed = beyond(limits, found, metric)
    hard = [missed[name] for name in limits.hard if missed[name] > 0]
    return len(hard), sum(hard)


def kept_rungs(limits: Limits, rungs: Sequence[Measured], allowed: Sequence[int], metric: Metric) -> list[int]:
    """Return those of the allowed rungs that are nearest to the hard constraints and, among these, to the soft ones."""

    def rank(i: int) -> tuple[float, ...]:
        missed = beyond(limits, rungs[i], metric)
        count, total = distance(limits, rungs[i], metric)
        return count, total, sum(missed[name] > 0 for name in limits.soft if name in missed)

    best = min(rank(i) for i in allowed)
    return [i for i in allowed if rank(i) == best]


def constraint_rows(limits: Limits, found: Measured, metric: Metric, gap: Gap | None = None, rows: str = "") -> list[dict[str, Any]]:
    """Return the table of what was asked, what came, whether it is met, and whether it is hard; `rows` says what the score is of."""
    missed = beyond(limits, found, metric)
    return [
        {
            "name": name, "asked": asked_words(limits, name, metric), "got": got_words(limits, name, found, metric, gap, rows), "met": missed[name] == 0,
            "hard": name in limits.hard,
        }
        for name in limits.asked
    ]  # fmt: skip


def asked_words(limits: Limits, name: str, metric: Metric) -> str:
    """Return what was asked for, in words."""
    if name == "model_size":
        return f"at most {human_bytes(limits.size_bytes or 0)}"
    if name == "latency":
        rows = "one row" if limits.rows == 1 else f"{limits.rows:,} rows"
        return f"at most {human_milliseconds(limits.latency_ms or 0.0)} for {rows}, in {limits.percentile:g} % of the calls"
    if name == "quality":
        return f"{metric.name} {'at least' if metric.greater_is_better else 'at most'} {limits.quality:g}"
    if name == "fairness" and limits.fair is not None:
        return f"{limits.fair.metric} of `{limits.fair.column}`: gap at most {limits.fair.max_gap:g}"
    return "a model that a person can follow" + (", where it is as good" if limits.interpretable == "prefer" else "")


def got_words(limits: Limits, name: str, found: Measured, metric: Metric, gap: Gap | None = None, rows: str = "") -> str:
    """Return what came, in words."""
    if name == "model_size":
        return _exact_bytes(found.size_bytes, limits.size_bytes)
    if name == "latency":
        return "not measured" if found.latency_ms is None else human_milliseconds(found.latency_ms)
    if name == "quality":
        return "undefined" if found.score is None else f"{found.score:.5g}{rows}"
    if name == "fairness":
        if found.gap is None:
            return "cannot be judged: no two groups have rows enough"
        ends = f" ({gap.interval[0]:.3f} to {gap.interval[1]:.3f})" if gap is not None and gap.interval is not None else ""
        return f"{found.gap:.3f}{ends}{rows}"
    return "not known" if found.readable is None else f"{found.words}: {found.readable.words}"


def _exact_bytes(value: int, limit: int | None) -> str:
    """Return a size in words; in bytes where words would not tell it from the limit."""
    shown = human_bytes(value)
    return f"{value:,} B" if limit is not None and shown == human_bytes(limit) and value != limit else shown


@dataclass(frozen=True)
class Relaxation:
    """What would have to give: `words` a sentence, `paste` the line of the spec to change, `share` how much of the bound that is."""

    name: str
    words: str
    paste: str
    share: float


def relaxations(limits: Limits, tried: Sequence[Measured], metric: Metric) -> list[Relaxation]:
    """Return for each constraint that binds alone the least it would have to give, cheapest first.

    Only what was packed and measured counts. Where no single constraint stands alone between a model and what was asked, those
    that the nearest model misses are returned, all of which would have to give.
    """
    out: list[Relaxation] = []
    for name in limits.hard:
        near = [m for m in tried if broken(limits, m, metric) == (name,)]
        if near:
            best = min(near, key=lambda m: beyond(limits, m, metric)[name])
            out.append(_relaxation(limits, name, best, metric, [other for other in limits.hard if other != name]))
    if out or not tried:
        return sorted(out, key=lambda r: r.share)
    nearest = min(tried, key=lambda m: distance(limits, m, metric))
    return [_relaxation(limits, name, nearest, metric, []) for name in broken(limits, nearest, metric)]


def _relaxation(limits: Limits, name: str, found: Measured, metric: Metric, others: Sequence[str]) -> Relaxation:
    keeping = f" that keeps {_and(others)}" if others else " that was made"
    what = f"{found.words}, {found.precision}"
    asked = asked_words(limits, name, metric)
    paste = f"constraints: {{{_line(limits, name, found, metric)}}}"
    share = beyond(limits, found, metric)[name]
    got = got_words(limits, name, found, metric)
    kind = {"model_size": "smallest", "latency": "fastest", "quality": "best", "fairness": "fairest"}.get(name, "nearest")
    if name == "interpretable":
        has = found.readable.words if found.readable else "nothing to follow"
        return Relaxation(name, f"interpretable: the nearest model{keeping} has {has}.", paste, share)
    takes = {"model_size": "takes", "latency": "needs", "quality": "reaches", "fairness": "has a gap of"}[name]
    return Relaxation(name, f"{name}: the {kind} model{keeping} {takes} {got} ({what}); asked: {asked}.", paste, share)


def _line(limits: Limits, name: str, found: Measured, metric: Metric) -> str:
    """Return the key with a value that this model would keep."""
    if name == "model_size":
        return f"model_size: {_round_bytes(found.size_bytes)}"
    if name == "latency":
        most = f"{_up(ROOM * (found.latency_ms or 0.0), 2):g}ms"
        if limits.rows == 1 and limits.percentile == 95:
            return f"latency: {most}"
        return f"latency: {{max: {most}, rows: {limits.rows}, percentile: {limits.percentile:g}}}"
    if name == "quality":
        score = found.score or 0.0
        return f"quality: {(math.floor(score * 1000) if metric.greater_is_better else math.ceil(score * 1000)) / 1000:g}"
    if name == "fairness" and limits.fair is not None:
        return f"fairness: {{column: {plain(limits.fair.column)}, metric: {limits.fair.metric}, max_gap: {_gap_line(limits.fair, found):g}}}"
    return "interpretable: prefer"


def _gap_line(fair: Fair, found: Measured) -> float:
    return min(1.0, math.ceil((found.gap if found.gap is not None else fair.max_gap) * 100) / 100)


def _round_bytes(value: int) -> str:
    """Return the bytes rounded up to two digits that count, as a spec has them."""
    for limit, unit in ((1e3, "B"), (1e6, "kB"), (1e9, "MB")):
        if _up(value, 2) < limit:
            return f"{_up(value, 2) / (limit / 1e3):g}{unit}"
    return f"{_up(value, 2) / 1e9:g}GB"


def _up(value: float, digits: int) -> float:
    """Return a number rounded up to so many digits that count."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return math.ceil(value / unit - 1e-9) * unit


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"


def gate_of(limits: Limits, shipped: Measured, tried: Sequence[Measured], metric: Metric) -> dict[str, Any] | None:
    """Return what the gate says, as JSON values; None where nothing is asked of the winner.

    `shipped` is measured as reported, `tried` out of fold, the shipped one first. `failed` are hard constraints that are not
    met, `missed` soft ones; `relaxations` what would have to give, cheapest first.
    """
    if not limits.asked:
        return None
    missed = beyond(limits, shipped, metric)
    failed = [name for name in limits.hard if missed[name] > 0]
    others = [replace(m, words=f"{m.words}, out of fold") if {"quality", "fairness"} & set(limits.hard) else m for m in tried[1:]]
    found = relaxations(limits, [shipped, *others], metric) if failed else []
    return {
        "met": not failed, "failed": failed, "missed": [name for name in limits.soft if name != "interpretable" and missed.get(name, 0.0) > 0],
        "sentences": [_failed_words(limits, name, shipped, metric, missed[name]) for name in failed],
        "relaxations": [{"name": r.name, "words": r.words, "paste": r.paste} for r in found],
        "tried": [_record(limits, m, metric) for m in tried],
    }  # fmt: skip


def _failed_words(limits: Limits, name: str, found: Measured, metric: Metric, missed: float) -> str:
    asked, got = asked_words(limits, name, metric), got_words(limits, name, found, metric)
    by = ""
    if name in ("model_size", "latency"):
        times = f"{missed + 1:,.0f}" if missed >= 99 else f"{missed + 1:.3g}"
        by = f", {times} times as much" if missed >= 0.1 else f", {missed:.1%} too much"
    elif name == "quality" and found.score is not None and limits.quality is not None:
        by = f", {abs(found.score - limits.quality):.3g} short"
    elif name == "fairness" and found.gap is not None:
        by = f", {missed:.3f} too much"
    return f"{name}: asked {asked}, got {got}{by}"


def _record(limits: Limits, found: Measured, metric: Metric) -> dict[str, Any]:
    readable = found.readable
    return {
        "model": found.words, "precision": found.precision, "size_bytes": found.size_bytes, "latency_ms": found.latency_ms, "score": found.score,
        "gap": found.gap, "readable": None if readable is None else readable.words, "broken": list(broken(limits, found, metric)),
    }  # fmt: skip


def as_reported(found: Measured, score: float | None, gap: float | None) -> Measured:
    """Return what was measured with the score and the gap of the rows that are reported."""
    return replace(found, score=score, gap=gap)
