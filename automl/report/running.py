"""The view of a run that has not ended: the best so far, the leaderboard, what was searched, the data; from the run folder alone."""

from collections.abc import Mapping
from typing import Any

from automl.report.board import board, shown
from automl.report.contents import ORDER_WHILE_RUNNING, contents
from automl.report.eda_view import eda_view
from automl.report.searched import PHASES, phases
from automl.report.verdict import score_words
from automl.report.view import VERSION, head, searched
from automl.report.words import plural, words
from automl.rundir import RunDir, read_json
from automl.search.trialstore import TrialStore
from automl.spec.units import human_seconds
from automl.versions import engine_version

ENDED = {
    "running": "This page is written again as results come; it looks for a newer one every few seconds.",
    "unfinished": "This run has not ended. It may still be running; one that was ended from outside goes on with the same command.",
}


def running_view(files: RunDir, state: str = "unfinished", data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the report of an unfinished run as JSON values; `data` the view of its profile, where it was made before.

    Raises OSError, KeyError or ValueError when nothing is planned yet.
    """
    plan, profile = read_json(files.plan), read_json(files.profile)
    events = list(files.read_events())
    trials = [t.record() for t in TrialStore(files).records()]
    own = [t for t in trials if not t["reference"]]
    used = max([float(e["seconds_used"]) for e in events if isinstance(e.get("seconds_used"), int | float)], default=0.0)
    metric = words(plan.get("metric", "score"))
    greater, page = plan["greater_is_better"], plan.get("page", {})
    counts, named = _counts(own), {"name": page.get("name", files.root.name), "description": page.get("description", "")}
    return {
        "schema_version": VERSION, "state": state, **head(plan, profile, named),
        "finished": "not finished", "sections": contents(ORDER_WHILE_RUNNING), "verdict": None, "now": _now(own, plan, events, used, state),
        "leaderboard": shown(board(trials, greater)), "n_trials": len(own), "members": [],
        "searched": {**searched(own, greater, used, metric), "phases": phases(events, used), "options": [], "devices": None},
        "study": {"counts": counts, "stopped": "", "by_user": "", "starts": []}, "data": eda_view(profile, compact=True) if data is None else data,
        "made_with": {"automl": engine_version()},
    }  # fmt: skip


def _counts(own: list[dict[str, Any]]) -> dict[str, int]:
    states = [t["state"] for t in own]
    out = {"complete": states.count("ok"), "pruned": states.count("pruned")}
    return {**out, "failed": len(states) - sum(out.values()) - states.count("cancelled")}


def _now(own: list[dict[str, Any]], plan: Mapping[str, Any], events: list[dict[str, Any]], used: float, state: str) -> dict[str, Any]:
    """Return the best so far and how far the run is, in words and numbers."""
    done = [t for t in own if t["state"] == "ok" and t["score"] is not None]
    best = (max if plan["greater_is_better"] else min)(done, key=lambda t: t["score"]) if done else None
    phase = next((str(e["phase"]) for e in reversed(events) if e.get("event") == "phase"), "")
    asked = plan.get("seconds")
    metric = words(plan.get("metric", "score"))
    over = f", a mean over {plural(plan['n_folds'], 'fold')} of the training rows. The holdout is read once, at the end." if plan.get("metric") else "."
    sentence = (
        f"{words(best['family'])[:1].upper()}{words(best['family'])[1:]} leads, trial {best['number']}: {metric} {score_words(best['score'])}{over}"
        if best
        else "No trial is complete yet."
    )
    return {
        "score": score_words(best["score"]) if best else "–", "metric": metric, "sentence": sentence, "phase": PHASES.get(phase, phase), "words": ENDED[state],
        "time": f"{human_seconds(used)} of {human_seconds(asked)}" if asked else human_seconds(used),
        "share": round(100 * min(1.0, used / asked), 1) if asked else None,
    }  # fmt: skip
