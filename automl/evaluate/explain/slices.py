"""Groups of rows scored apart: levels, quarters of numbers, rows without a value; which are worse or better than the rest beyond chance."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import sample
from automl.data.units import dense
from automl.eda.columns import LONGEST_NAME, moment
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import Floats, Rows, Scored
from automl.evaluate.explain.student import p_value, reach
from automl.evaluate.score import LEAST_REPLICATES, intervals
from automl.inference.table import Column
from automl.metrics import Costs, Metric
from automl.search.race import brier, log_loss, misplaced

ROWS = 50_000
LEAST_ROWS = 30  # of a group, and of the rest
LEAST_UNITS = 20
LEVELS = 20  # of a column, the most frequent
COLUMNS = 200
LISTED = 5
RATE = 0.05  # of the groups that are called clear, that may be called so by chance
WORDS = {
    "log_loss": "the negative log probability of the row's class", "brier": "the squared error of the probabilities",
    "wrong": "1 where the prediction is wrong",
    "misplaced": "the share of rows of the other class that the row stands on the wrong side of", "cost": "what the decision costs",
}  # fmt: skip


def slices(scored: Scored, metric: Metric, positive: int, costs: Costs, names: Sequence[str], hidden: frozenset[str], seed: int, pace: Pace) -> dict[str, Any]:
    """Return the groups of rows on which the model does worst and best, as JSON values, of the columns `names`, the first of them.

    Each group's mean loss per row (`loss`, in the words of `loss_words`) is compared with that of all other rows, by `compared`;
    a group is `clear` when its p-value passes the procedure of Benjamini and Hochberg (1995) at a false discovery rate of
    5 %, over all groups that were looked at. Groups overlap; for such dependence the procedure is known to hold where they
    go together [Benjamini and Yekutieli 2001]. `score` is the metric on the group's rows alone, None where it has none.
    """
    few = scored.take(sample(np.arange(scored.n_rows), ROWS, seed))
    kind = row_loss(metric, few.proba.shape[1], costs)
    loss = losses(few, kind, positive, costs)
    units = dense(few.units)
    found: list[dict[str, Any]] = []
    members: list[NDArray[np.bool_]] = []
    kinds = {f.name: f.kind for f in few.fields}
    looked, testing = 0, pace.share(0.7)
    for name in names[:COLUMNS]:
        if testing.left() <= 0:
            break
        looked += 1
        for words, inside in groups(few.table.columns[name], kinds[name], named=name not in hidden):
            if testing.left() <= 0:
                break
            if min(inside.sum(), (~inside).sum()) >= LEAST_ROWS and _distinct(units[inside]) >= LEAST_UNITS:
                difference, half, p = compared(loss, inside, units)
                found.append({
                    "column": name, **words, "rows": int(inside.sum()), "share": float(inside.mean()), "loss": float(loss[inside].mean()),
                    "rest": float(loss[~inside].mean()), "difference": difference, "interval": [difference - half, difference + half], "p": p,
                })  # fmt: skip
                members.append(inside)
    clear = discoveries(np.array([g["p"] for g in found]))
    for group, is_clear in zip(found, clear.tolist(), strict=True):
        group["clear"] = is_clear
    listed = {
        side: sorted((i for i, g in enumerate(found) if sign * g["difference"] > 0), key=lambda i: _rank(found[i]))[:LISTED]
        for side, sign in (("worst", 1), ("best", -1))
    }  # fmt: skip
    for i in {i for side in listed.values() for i in side}:
        found[i] |= _scored_apart(few, members[i], metric, positive, seed, pace)
    return {
        **{side: [found[i] for i in chosen] for side, chosen in listed.items()}, "tested": len(found), "columns": looked, "of_columns": len(scored.fields),
        "rows": few.n_rows, "of_rows": scored.n_rows, "loss": kind, "loss_words": WORDS[kind], "clear": int(clear.sum()), "mean_loss": float(loss.mean()),
        "corrected": f"Benjamini and Hochberg over {len(found)} groups, at a false discovery rate of {RATE:.0%}",
    }  # fmt: skip


def row_loss(metric: Metric, n_classes: int, costs: Costs = ()) -> str:
    """Return the name of what each row adds to a metric as a loss; the log loss for metrics that are no mean over rows.

    For the ROC AUC of two classes it is one minus the row's structural component: over the rows of either class its mean is one
    minus the area, so that the share of a class in a group makes no group worse.
    """
    if metric.name == "cost" and costs:
        return "cost"
    if metric.name == "roc_auc" and n_classes == 2:
        return "misplaced"
    return "brier" if metric.name == "brier_score" else "wrong" if metric.of_codes is not None else "log_loss"


def losses(few: Scored, kind: str, positive: int, costs: Costs = ()) -> Floats:
    """Return (n_rows,) the loss of each row, of a kind that `row_loss` named."""
    if kind == "cost":
        return np.asarray(costs, dtype=np.float64)[few.y, few.labels()]
    if kind == "wrong":
        return np.asarray(few.labels() != few.y, dtype=np.float64)
    return {"misplaced": misplaced, "brier": brier, "log_loss": log_loss}[kind](few.y, few.proba, positive)


def groups(column: Column, kind: str, *, named: bool) -> Iterator[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Yield the groups of rows of a column, each in words and as (n_rows,) members; levels only where they may be named."""
    missing = column.missing()
    if missing.any():
        yield {"what": "missing", "value": "missing"}, missing
    if column.kind == "coded":
        if kind == "text" or not named:
            return
        counts = np.bincount(column.values[~missing], minlength=len(column.levels))
        for code in np.argsort(-counts, kind="stable")[:LEVELS].tolist():
            yield {"what": "level", "value": column.levels[code][:LONGEST_NAME]}, column.values == code
        return
    values = column.values
    present = values[~missing]
    if not len(present):
        return
    cuts = np.unique(np.quantile(present, (0.25, 0.5, 0.75), method="closest_observation"))
    cuts = cuts[cuts < present.max()]
    ends = [-np.inf, *cuts.tolist(), np.inf]
    for low, high in pairwise(ends):
        inside = (values > low) & (values <= high) & ~missing
        if not inside.all():
            yield {"what": "range", "above": _end(low, kind), "up_to": _end(high, kind)}, inside


def _end(value: float, kind: str) -> float | str | None:
    return None if not np.isfinite(value) else moment(value) if kind == "date" else float(value)


def compared(loss: Floats, inside: NDArray[np.bool_], units: Rows) -> tuple[float, float, float]:
    """Return by how much the mean loss of a group is above that of the rest, how far its 95 % interval reaches, and the two-sided p-value.

    The error sums over units [Liang and Zeger 1986], and is no less than what a group drawn at random from all rows would
    have: a small group without a large loss by luck would seem to have next to none of its own. Student's t with the units of
    the smaller side, less one.
    """
    n, m = int(inside.sum()), int((~inside).sum())
    mean, rest = float(loss[inside].mean()), float(loss[~inside].mean())
    pull = np.where(inside, (loss - mean) / n, -(loss - rest) / m)
    sums = np.bincount(units, pull)
    n_units = len(sums)
    own = float((sums**2).sum()) * n_units / max(1, n_units - 1)
    even = np.where(inside, 1.0 / n, -1.0 / m) * (loss - loss.mean())
    drawn = float(loss.var()) * (1.0 / n + 1.0 / m)
    by_unit = np.bincount(units, even) if n_units < len(loss) else None
    drawn = max(drawn, float((by_unit**2).sum())) if by_unit is not None else drawn
    error = max(own, drawn) ** 0.5
    if error <= 0:
        return mean - rest, 0.0, 1.0
    smaller = min(_distinct(units[inside]), _distinct(units[~inside]))
    freedom = max(1, smaller - 1)
    return mean - rest, error * reach(freedom), p_value((mean - rest) / error, freedom)


def _distinct(units: Rows) -> int:
    """Return how many units there are, numbered without large gaps."""
    return int(np.count_nonzero(np.bincount(units)))


def discoveries(p: Floats, rate: float = RATE) -> NDArray[np.bool_]:
    """Return (n,) which of n p-values pass the step-up procedure of Benjamini and Hochberg (1995) at a false discovery rate."""
    order = np.argsort(p, kind="stable")
    passing = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / max(1, len(p)))
    out = np.zeros(len(p), dtype=bool)
    out[order[: passing[-1] + 1 if len(passing) else 0]] = True
    return out


def _rank(group: dict[str, Any]) -> tuple[bool, float]:
    """Return the place of a group: clear ones by how much they differ, the others by their p-value."""
    return (not group["clear"], -abs(group["difference"]) if group["clear"] else group["p"])


def _scored_apart(few: Scored, inside: NDArray[np.bool_], metric: Metric, positive: int, seed: int, pace: Pace) -> dict[str, Any]:
    """Return the metric on the rows of a group with its bootstrap interval, None where it is not defined or there is no time for it."""
    y, proba = few.y[inside], few.proba[inside]
    before = pace.left()
    score = metric.score(y, proba, positive)
    once = 2 * (before - pace.left())  # of a resample, which must be drawn, too
    if not np.isfinite(score):
        return {"score": None, "score_interval": [None, None]}
    seconds = min(0.5, pace.left() / (4 * LISTED))
    if LEAST_REPLICATES * once > seconds:
        return {"score": float(score), "score_interval": [None, None]}
    ((low, high),) = intervals([metric], y, proba, positive, seed, seconds=seconds, replicates=100, units=few.units[inside])
    known = np.isfinite([low, high]).all()
    return {"score": float(score), "score_interval": [low, high] if known else [None, None]}
