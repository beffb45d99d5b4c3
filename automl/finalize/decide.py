"""The decision of a model, chosen out of fold: how its probabilities are calibrated, and which class a row is given.

Every choice is fitted on some parts of the out-of-fold rows and judged on the others in turn (cross-fitting), and taken where it
pays beyond noise; then it is fitted on all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import share_of
from automl.data.units import Units, dense, mean_of, parts
from automl.finalize.calibration import FITS
from automl.finalize.candidate import Candidate
from automl.finalize.rule import ENDS, Gain, best_power, best_threshold, class_weights, gain_of
from automl.inference.decision import Decision
from automl.inference.forms import Model
from automl.metrics import Metric, decided
from automl.plan.plan import Plan
from automl.search.race import log_loss
from automl.search.store import Store

Rows = NDArray[np.int64]
Proba = NDArray[np.float32]

ERRORS = 1.0  # standard errors that a gain must reach: what it is compared with, no calibration or the most probable class, is right in theory
LESS_ERRORS = 0.5  # for metrics that 0.5 is not the best threshold of, even for true probabilities: measured, a higher bar loses more than it saves
CLEAR_ERRORS = 2.0  # for curves, which have many numbers where a temperature has one
LEAST_UNITS = 50  # out-of-fold rows, or groups of them, below which nothing is chosen
LEAST_OF_CLASS = 10
MANY_OF_CLASS = 1000  # rows of each class from which curves are tried unasked
TIES = 1e-6  # of a ranking, that rounding to single precision may cost
MOST_CELLS = 1_000_000  # probabilities that are looked at
CELL_SECONDS = 2e-6  # of one
PARTS = 5

AS_ACCURACY = ("accuracy", "f1_micro", "precision_micro", "recall_micro", "recall_weighted")
"""Metrics for which the most probable class is the best answer, if the probabilities are true."""


@dataclass(frozen=True)
class Judged:
    """Out-of-fold rows: y (n,) codes, proba (n, n_classes), units (n,), and pairs of positions (to fit on, to judge on)."""

    y: Rows
    proba: Proba
    units: Rows
    turns: tuple[tuple[Rows, Rows], ...]

    @property
    def rows(self) -> Rows:
        """Return the positions that some turn judges, in the order of the turns."""
        return np.concatenate([judge for _, judge in self.turns])


def with_decision(plan: Plan, candidate: Candidate, store: Store) -> Candidate:
    """Return the candidate with its decision, chosen on its out-of-fold predictions; what it bought stands in facts["decision"].

    Where the search has not all of these, those of the fold models that were kept serve; where there are none, nothing is chosen,
    and what was asked for as a value holds all the same.
    """
    shares = np.bincount(store.y[store.train], minlength=plan.n_outputs) / max(1, len(store.train))
    found = list(enumerate(candidate.out_of_fold)) or [(f.fold, Model(f.model).predict(f.x)) for f in candidate.folds]
    if not found or candidate.trial is None:
        why = "nothing was learned" if candidate.trial is None else "there are no out-of-fold predictions"
        decision, rule = _fixed_rule(plan, Decision())
        facts = {"calibrate": {"method": "none", "because": why}, "rule": rule or {"kind": "argmax", "because": f"{why}, so no other rule was tried"}}
        return replace(candidate, decision=decision, facts={**candidate.facts, "decision": facts})
    rows, proba = np.concatenate([store.folds[k][1] for k, _ in found]), np.concatenate([own for _, own in found]).astype(np.float32)
    fold = np.repeat(np.arange(len(found)), [len(own) for _, own in found])
    decision, facts = decide(plan, store.y[rows], proba, store.unit_of(rows), fold, shares, forward=store.time is not None, weight=store.weight_of(rows))
    return replace(candidate, decision=decision, facts={**candidate.facts, "decision": facts})


def decide(
    plan: Plan, y: Rows, proba: Proba, units: Rows, fold: Rows, shares: NDArray[np.float64], *, forward: bool = False,
    weight: NDArray[np.float64] | None = None,
) -> tuple[Decision, dict[str, Any]]:  # fmt: skip
    """Return the decision for out-of-fold rows, and what was chosen and what it buys, as JSON values.

    y (n,) codes, proba (n, n_classes), units (n,) rows of one unit stay together, fold (n,) the fold that scored each; a row may
    stand there several times. `shares` (n_classes,) of the classes among the training rows. `forward`: folds are in order of time,
    and a choice is judged on later folds only. `weight` (n,) is how much rows count in the score of the folds; the choices here,
    of a curve or a line that many rows are needed for, count all alike.
    """
    whole = y, proba, fold
    picked = share_of(y, MOST_CELLS / max(1, proba.size), plan.seed, units)
    y, proba, units, fold = y[picked], proba[picked], units[picked], fold[picked]
    judged = Judged(y, proba, units, _turns(y, units, fold, forward, plan.seed))
    calibrated, inner, about = _calibration(plan, judged)
    decision, rule = _rule(plan, judged, calibrated, inner, shares)
    return decision, {"calibrate": about, "rule": rule, "n_rows": len(y), "folds": fold_score(plan, *whole, decision, weight)}


def fold_score(
    plan: Plan, y: Rows, proba: Proba, fold: Rows, decision: Decision, weight: NDArray[np.float64] | None = None
) -> float | None:  # fmt: skip
    """Return the score under the decision on out-of-fold rows: the mean over folds, or of all rows where folds are pooled."""
    metric, calibrated = decided(plan.measure(), decision), decision.calibrate(proba).astype(np.float64)
    groups = [np.arange(len(y))] if plan.pooled else np.split(np.argsort(fold, kind="stable"), np.cumsum(np.bincount(fold))[:-1])
    own = (None if weight is None else weight[rows] for rows in groups)
    scores = [metric.weighed(y[rows], calibrated[rows], plan.positive, w) for rows, w in zip(groups, own, strict=True) if len(rows)]
    known = [s for s in scores if np.isfinite(s)]
    return float(np.mean(known)) if known else None


def _turns(y: Rows, units: Rows, fold: Rows, forward: bool, seed: int) -> tuple[tuple[Rows, Rows], ...]:
    """Return what is fitted on and judged on in turn: fold by fold where these are some and score a row once, else five parts of the units."""
    count = int(fold.max(initial=0)) + 1
    everything = np.arange(len(y))
    if forward and count > 2:
        return tuple((everything[fold < k], everything[fold == k]) for k in range(1, count))
    own = dense(units)
    once = np.bincount(np.unique(own * count + fold) // count).max(initial=0) <= 1
    if 3 <= count <= 2 * PARTS and once:
        part = fold
    else:
        part = parts(Units.make(y, own), PARTS, np.random.default_rng(seed))[own]
    return tuple((everything[part != k], everything[part == k]) for k in np.unique(part))


def _few(judged: Judged) -> str:
    """Return why the rows are too few to choose by, or an empty string."""
    n_units, rows = len(np.unique(judged.units)), np.sort(np.bincount(judged.y, minlength=2))
    if n_units < LEAST_UNITS:
        return f"{n_units} out-of-fold rows or groups are too few to choose by"
    one_sided = any(not len(fit) or not len(judge) or len(np.unique(judged.y[fit])) < 2 for fit, judge in judged.turns)
    second = int(rows[-2])
    return f"{second} out-of-fold rows beside the largest class are too few to choose by" if second < LEAST_OF_CLASS or one_sided else ""


def _calibration(plan: Plan, judged: Judged) -> tuple[Decision, list[Decision], dict[str, Any]]:
    """Return the calibration, that of each turn, and the facts about it."""
    none = [Decision()] * len(judged.turns)
    if plan.calibrate == "none":
        return Decision(), none, {"method": "none", "because": "asked for"}
    if plan.calibrate == "auto" and (why := _few(judged)):
        return Decision(), none, {"method": "none", "because": why}
    if plan.calibrate != "auto":
        return _calibrated(plan.calibrate, "asked for", judged, none)[:3]
    metric = plan.measure()
    best = _calibrated("temperature", "", judged, none)
    gained, loses = _pays(best[2]), _loses(metric, plan, judged, best)
    if gained and not loses:
        found = best[0], best[1], best[2] | {"because": "it lowers the log loss out of fold beyond noise"}
    else:
        why = f"a temperature would cost {metric.name}" if gained else "a temperature does not lower the log loss out of fold beyond noise"
        found = Decision(), none, {"method": "none", "because": why, "tried": best[2]}
    if not metric.ranks and int(np.bincount(judged.y, minlength=plan.n_outputs).min()) >= MANY_OF_CLASS:
        curves = _calibrated("isotonic", "", judged, none, found[1])
        if _pays(curves[2]["over"], CLEAR_ERRORS) and not _loses(metric, plan, judged, curves):
            rival = "a temperature" if found[0].calibrates else "no calibration"
            because = f"rows are plenty, and out of fold it clearly lowers the log loss, also against {rival}"
            return curves[0], curves[1], curves[2] | {"because": because}
    return found


def _calibrated(
    method: str, because: str, judged: Judged, none: list[Decision], rival: list[Decision] | None = None
) -> tuple[Decision, list[Decision], dict[str, Any]]:  # fmt: skip
    """Return a calibration fitted on all rows, that of each turn, and what it gains in log loss where it was not fitted."""
    fit = FITS[method]
    inner = [fit(judged.y[rows], judged.proba[rows]) if len(rows) else Decision() for rows, _ in judged.turns]
    outer = fit(judged.y, judged.proba)
    facts = {"method": method, "because": because, "metric": "log_loss", **_gain_in_loss(judged, none, inner)}
    if method == "temperature":
        facts["temperature"] = outer.temperature
    if rival is not None:
        facts["over"] = _gain_in_loss(judged, rival, inner)
    return outer, inner, facts


def _across(judged: Judged, inner: Sequence[Decision]) -> NDArray[np.float64]:
    """Return (n_judged, n_classes) probabilities, each calibrated by what was fitted on other parts."""
    return np.concatenate([d.calibrate(judged.proba[rows]) for d, (_, rows) in zip(inner, judged.turns, strict=True)]).astype(np.float64)


def _gain_in_loss(judged: Judged, before: Sequence[Decision], after: Sequence[Decision]) -> dict[str, Any]:
    """Return the mean gain in log loss, its standard error over units, and its interval."""
    rows = judged.rows
    first, second = (log_loss(judged.y[rows], _across(judged, inner), 1) for inner in (before, after))
    mean, error = mean_of(first - second, judged.units[rows])
    return {"before": float(first.mean()), "after": float(second.mean()), "gain": mean, "interval": [mean - 1.96 * error, mean + 1.96 * error], "error": error}


def _pays(found: dict[str, Any], errors: float = ERRORS) -> bool:
    return bool(found["gain"] > max(errors * found["error"], 0.0))


def _loses(metric: Metric, plan: Plan, judged: Judged, found: tuple[Decision, list[Decision], dict[str, Any]]) -> bool:
    """Return whether the metric is worse after calibration, where it was not fitted; as stored, in single precision.

    A ranking is judged after the one calibration of all rows: those of several turns would mix up the order of rows.
    """
    outer, inner, _ = found
    rows = judged.rows
    before, after = judged.proba[rows].astype(np.float64), _across(judged, [outer] * len(inner) if metric.ranks else inner)
    scores = [metric.score(judged.y[rows], p, plan.positive) for p in (before, after)]
    return bool(metric.gain(scores[1], scores[0]) < -TIES)


def _fixed_rule(plan: Plan, calibrated: Decision) -> tuple[Decision, dict[str, Any] | None]:
    """Return the decision with a rule that needs no rows to choose by, and the facts about it; None where there is none."""
    if plan.threshold is not None:
        found = replace(calibrated, threshold=plan.threshold, positive=plan.positive)
        return found, {"kind": "threshold", "threshold": plan.threshold, "because": "asked for"}
    if plan.costs and plan.n_outputs == 2:
        false_positive, false_negative = plan.costs[1 - plan.positive][plan.positive], plan.costs[plan.positive][1 - plan.positive]
        threshold = false_positive / (false_positive + false_negative)
        found = replace(calibrated, threshold=threshold, positive=plan.positive)
        return found, {"kind": "costs", "threshold": threshold, "because": "from there on the positive answer is cheaper in expectation"}
    if plan.costs:
        return replace(calibrated, costs=plan.costs), {"kind": "costs", "because": "each row is given the class that is cheapest in expectation"}
    return calibrated, None


def _rule(plan: Plan, judged: Judged, calibrated: Decision, inner: list[Decision], shares: NDArray[np.float64]) -> tuple[Decision, dict[str, Any]]:
    """Return the decision, rule included, and the facts about the rule: kind, why, and its gain over the most probable class."""
    metric = plan.measure("cost") if plan.costs else plan.measure()
    fixed, facts = _fixed_rule(plan, calibrated)
    if facts is not None:
        rules = [_fixed_rule(plan, d)[0] for d in inner]
        return fixed, facts | (_told(metric, _gain(plan, metric, judged, inner, rules)) if metric.of_codes else {})
    two = plan.n_outputs == 2
    plain: dict[str, Any] = {"kind": "argmax", "threshold": 0.5 if two else None}
    if metric.of_codes is None or (two and metric.of_counts is None):
        what = "the order of the probabilities" if metric.ranks else "the probabilities themselves"
        return calibrated, plain | {"because": f"{metric.name} judges {what}, whatever is decided from them"}
    if metric.name in ENDS and two:
        return calibrated, plain | {"because": f"{metric.name} alone is best {ENDS[metric.name]}, which nobody wants"}
    if not two and metric.name in (*AS_ACCURACY, *ENDS):
        return calibrated, plain | {"because": f"for {metric.name} the most probable class is the best answer"}
    if why := _few(judged):
        return calibrated, plain | {"because": why}

    def fitted(decision: Decision, y: Rows, proba: Proba) -> Decision:
        p = decision.calibrate(proba).astype(np.float64)
        if two:
            return replace(decision, threshold=best_threshold(metric, y, p[:, plan.positive], plan.positive, plan.seed), positive=plan.positive)
        power = best_power(metric, y, p, shares, plan.positive)
        return replace(decision, weights=tuple(class_weights(shares, power).tolist())) if power else decision

    rules = [fitted(d, judged.y[rows], judged.proba[rows]) for d, (rows, _) in zip(inner, judged.turns, strict=True)]
    gain = _gain(plan, metric, judged, inner, rules)
    final = fitted(calibrated, judged.y, judged.proba)
    errors = ERRORS if metric.name in AS_ACCURACY else LESS_ERRORS
    if final.plain or not gain.gain > max(errors * gain.error, 0.0):
        return calibrated, plain | {"because": f"no other rule gains enough of {metric.name} out of fold", "tried": _told(metric, gain)}
    kind = "threshold" if two else "weights"
    because = f"chosen for {metric.name} out of fold" + ("" if two else ": rare classes are answered sooner")
    return final, {"kind": kind, "threshold": final.threshold, "weights": list(final.weights), "because": because, "chosen": True, **_told(metric, gain)}


def _gain(plan: Plan, metric: Metric, judged: Judged, before: Sequence[Decision], after: Sequence[Decision]) -> Gain:
    """Return what rules gain over the most probable class, each on rows that it was not chosen on."""
    rows = judged.rows
    first, second = (
        np.concatenate([d.codes(d.calibrate(judged.proba[part])) for d, (_, part) in zip(rules, judged.turns, strict=True)]) for rules in (before, after)
    )
    return gain_of(metric, judged.y[rows], first, second, judged.units[rows], plan.n_outputs, plan.positive, plan.seed)


def _told(metric: Metric, gain: Gain) -> dict[str, Any]:
    ends = [gain.low, gain.high] if np.isfinite([gain.low, gain.high]).all() else None
    return {"metric": metric.name, "before": gain.before, "after": gain.after, "gain": gain.gain, "interval": ends}
