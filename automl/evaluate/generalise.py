"""Will it hold on new rows: the winner on rows it learned from, on folds, on the holdout; against its rivals; and as the diagnosis found it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.finalize.folds import out_of_fold_of
from automl.metrics import Metric
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.paired import paired
from automl.search.references import CONSTANT, constant_outputs
from automl.search.store import Rows, Store
from automl.search.study import Study, Trial

LEAK_DEVIATIONS = 4.0  # beyond chance, in deviations of the shuffled labels, that no luck explains
PERFECT = 0.005  # of a bounded metric: nearer to its best value there is nothing left to gain
LEAST_UNITS = 10  # scored units below which shuffled labels say nothing


def generalisation(
    plan: Plan, study: Study, store: Store, files: RunDir, evaluation: dict[str, Any], diagnosis: dict[str, Any] | None, seconds: float | None,
    mixed: Sequence[Any] = (),
) -> dict[str, Any] | None:  # fmt: skip
    """Return what speaks for and against the reported score, as JSON values; None where no trial won.

    `rivals` compares the winner with other trials on the out-of-fold rows of the search, margins in the direction of the metric
    (positive: the winner is better); `gap` its scores on three kinds of rows; `curve` and `permuted` are of the diagnosis, read.
    `seconds` limits the resampling, None: not limited. `notes` are sentences on what could not be done. `mixed` has per fold the
    answers (n_valid, n_outputs) of an ensemble; then it is what is compared, and `trial`, its best member, is what was diagnosed.
    """
    winner = next((t for t in study.own() if t.number == evaluation["trial"]), None)
    if winner is None:
        return None
    metric = plan.measure()
    notes = [diagnosis["note"]] if diagnosis and diagnosis["note"] else []
    try:
        rivals, note = _rivals(plan, study, store, files, winner, metric, seconds, mixed)
        notes += [note] if note else []
    except Exception as fault:  # a comparison must not cost the report
        rivals, note = [], f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
        notes.append(f"The winner was not compared with other trials: {note}.")
    return {
        "trial": winner.number, "greater_is_better": metric.greater_is_better, "gap": _gap(winner, evaluation, metric),
        "of_member": bool(mixed), "rivals": rivals,
        "curve": _curve(diagnosis, metric, study, winner), "permuted": _permuted(diagnosis, metric), "notes": notes,
    }  # fmt: skip


def _gap(winner: Trial, evaluation: dict[str, Any], metric: Metric) -> dict[str, Any]:
    """Return the winner's scores on rows it learned from, on rows of the folds and on the holdout, and how the last two agree."""
    decision = evaluation.get("decision") or {}
    decided = decision.get("rule", {}).get("kind", "argmax") != "argmax" or decision.get("calibrate", {}).get("method", "none") != "none"
    known = [s for s in winner.train_scores if s is not None] if not decided else []  # the search judged answers as they came
    ensemble = evaluation.get("ensemble")
    known = [] if ensemble else known  # of all members together nobody measured it
    folds = decision["folds"] if decided and decision.get("folds") is not None else ensemble["score"] if ensemble else winner.score
    held_out = evaluation["score_rows"] == "holdout"
    low, high = evaluation["interval"]
    reading = ""
    if held_out and folds is not None and low is not None and high is not None:
        reading = "agree" if low <= folds <= high else "promised" if metric.better(folds, high if metric.greater_is_better else low) else "easier"
    return {
        "train": sum(known) / len(known) if known else None, "folds": folds, "spread": winner.spread, "n_folds": len(winner.fold_scores),
        "holdout": evaluation["score"] if held_out else None, "interval": [low, high] if held_out else None, "reading": reading,
    }  # fmt: skip


def _rivals(
    plan: Plan, study: Study, store: Store, files: RunDir, winner: Trial, metric: Metric, seconds: float | None, mixed: Sequence[Any] = ()
) -> tuple[list[dict[str, Any]], str]:  # fmt: skip
    """Return the winner's margin over each rival with its paired interval, and a sentence where there is none."""
    chosen = ([("member", winner)] if mixed else []) + _chosen(study, winner)
    own = list(mixed) or _outputs(plan, winner, store, files)
    answers = {t.number: _outputs(plan, t, store, files) for _, t in chosen}
    chosen = [(kind, t) for kind, t in chosen if answers[t.number]]
    if not own:
        return [], "The winner did not finish all folds, so it is not compared with other trials on their rows."
    if not chosen:
        return [], "No other trial finished all folds, so there is none to compare the winner with."
    rows: list[Rows] = [valid for _, valid in store.folds]
    outputs = [own, *(answers[t.number] for _, t in chosen)]
    if plan.pooled:
        rows, outputs = [np.concatenate(rows)], [[np.concatenate(o)] for o in outputs]
    y, units, weights = [store.y[r] for r in rows], [store.unit_of(r) for r in rows], [store.weight_of(r) for r in rows]

    def score(codes: Rows, output: Any, weight: Any = None) -> float:
        return metric.weighed(codes, output, plan.positive, weight)

    found = paired(score, y, units, outputs, plan.seed, seconds, weights=weights)
    if found is None:
        return [], "There was no time to compare the winner with other trials on the same rows."
    out = []
    for place, (kind, trial) in enumerate(chosen, 1):
        difference, low, high = found.difference(0, place)
        if not all(math.isfinite(v) for v in (difference, low, high)):
            continue
        margin, ends = (difference, (low, high)) if metric.greater_is_better else (-difference, (-high, -low))
        reading = "ahead" if ends[0] > 0 else "behind" if ends[1] < 0 else "same"
        out.append({
            "kind": kind, "trial": trial.number, "family": trial.family, "note": trial.note, "score": trial.score, "margin": margin,
            "interval": list(ends), "reading": reading, "n_rows": len(np.unique(np.concatenate(rows))), "replicates": len(found.draws),
        })  # fmt: skip
    return out, ""


def _chosen(study: Study, winner: Trial) -> list[tuple[str, Trial]]:
    """Return the runner-up (another configuration), the best of another family, and the references."""
    others = [t for t in study.ranked() if (t.family, t.params) != (winner.family, winner.params)]
    elsewhere = [t for t in others if t.family != winner.family][:1]
    if others[:1] == elsewhere:
        chosen = [("runner_up_of_another_family", t) for t in elsewhere]
    else:
        chosen = [("runner_up", others[0]), *(("other_family", t) for t in elsewhere)]
    return chosen + [("reference", t) for t in study.references()]


def _outputs(plan: Plan, trial: Trial, store: Store, files: RunDir) -> list[Any]:
    """Return the answers of a trial per fold; nothing when a fold is missing."""
    return list(constant_outputs(plan, store)) if trial.reference and trial.number == CONSTANT else list(out_of_fold_of(plan, trial, store, files))


def _curve(diagnosis: dict[str, Any] | None, metric: Metric, study: Study, winner: Trial) -> dict[str, Any] | None:
    """Return the learning curve and what it says would help: `rows`, `richer`, `neither`, `unclear`, or nothing where it is too short.

    More rows help when the gain from half of them is clear, or when it is not but that from a quarter is and did not end there.
    A gain that may yet be large, against the spread between folds, is unclear. A model that does not fit its own rows better than
    others has a bias (Hastie, Tibshirani and Friedman 2009, section 7.3), unless closer fits were tried and were no better.
    """
    if not diagnosis or not diagnosis["points"]:
        return None
    points, growth = diagnosis["points"], diagnosis["growth"]
    curve: dict[str, Any] = {"points": points, "fold": diagnosis["fold"], "whole": None, "half": None, "quarter": None, "reading": "", "because": ""}
    whole = points[-1]
    if growth is None or None in (*growth["whole"], growth["half"]["difference"], *growth["half"]["interval"], whole["train"], whole["score"]):
        return curve
    curve |= {"whole": growth["whole"], "half": _gain(growth["half"], metric), "quarter": _gain(growth.get("quarter"), metric)}
    gain, (low, high), quarter = curve["half"]["gain"], curve["half"]["interval"], curve["quarter"]
    ideal, best_end = (1.0, growth["whole"][1]) if metric.greater_is_better else (0.0, growth["whole"][0])
    spread = winner.spread if winner.spread is not None else abs(growth["whole"][1] - growth["whole"][0]) / 4  # an interval is about four deviations
    if metric.bounded and abs(whole["score"] - ideal) < PERFECT:
        curve["reading"], curve["because"] = "neither", "perfect"
    elif low > 0:
        curve["reading"], curve["because"] = "rows", "half"
    elif gain > 0 and quarter is not None and quarter["interval"][0] > 0:
        curve["reading"], curve["because"] = "rows", "quarter"
    elif high > 2 * spread:
        curve["reading"], curve["because"] = "unclear", "wide"
    elif metric.better(whole["train"], best_end):
        curve["reading"], curve["because"] = "neither", "fits"
    elif _richer_tried(study, winner, metric):
        curve["reading"], curve["because"] = "neither", "tried"
    else:
        curve["reading"], curve["because"] = "richer", "alike"
    return curve


def _gain(found: dict[str, Any] | None, metric: Metric) -> dict[str, Any] | None:
    """Return a difference in the direction of the metric: positive is better."""
    if found is None or None in (found["difference"], *found["interval"]):
        return None
    low, high = found["interval"]
    return {"gain": found["difference"], "interval": [low, high]} if metric.greater_is_better else {"gain": -found["difference"], "interval": [-high, -low]}


def _richer_tried(study: Study, winner: Trial, metric: Metric) -> bool:
    """Return whether some trial fits its learning rows clearly better than the winner does, and yet is no better on the folds."""

    def train(trial: Trial) -> float | None:
        known = [s for s in trial.train_scores if s is not None]
        return sum(known) / len(known) if known else None

    own, spread = train(winner), winner.spread or 0.0
    return own is not None and any((other := train(t)) is not None and metric.gain(other, own) > 2 * spread for t in study.ranked() if t is not winner)


def _permuted(diagnosis: dict[str, Any] | None, metric: Metric) -> dict[str, Any] | None:
    """Return what the fit on permuted labels came to, with `leak` where it clearly beats chance."""
    found = diagnosis["permuted"] if diagnosis else None
    if found is None or "why_not" in found:
        return found
    beyond = metric.gain(found["score"], found["chance"])
    best = found["best"] if metric.greater_is_better else found["worst"]
    clear = found["deviation"] > 0 and beyond > LEAK_DEVIATIONS * found["deviation"] and metric.better(found["score"], best)
    return {**found, "deviations": beyond / found["deviation"] if found["deviation"] > 0 else 0.0, "leak": clear and found["n_units"] >= LEAST_UNITS}
