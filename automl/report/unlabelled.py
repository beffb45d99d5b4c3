"""The view model of a task without a label: what is common to both, and the parts that each tells of its own."""

import json
from typing import Any

from automl.report.clusters import clusters_view
from automl.report.eda_view import eda_view
from automl.report.gate import gate_view
from automl.report.model_card import cost_of
from automl.report.parity import fresh_notes
from automl.report.reduction import reduction_view
from automl.report.searched import drawn, timeline
from automl.report.unlabelled_card import unlabelled_card, unlabelled_steps
from automl.report.view import PAGE, VERSION
from automl.report.words import visible, words
from automl.rundir import RunDir, read_json
from automl.spec.units import human_bytes, human_seconds
from automl.versions import engine_version, package_version

PACKAGES = ("numpy", "pandas", "scikit-learn", "torch", "optuna")
BEST_TRIALS = 20
SURE_ROWS = 3000  # without a change that put the share below 0.1 %: three over them, the "rule of three" (Hanley and Lippman-Hand 1983, JAMA 249)
CAUSE = 200  # characters
MOST_NAMED = 3  # columns in the example of a call
TOLD = ("silhouette", "dbcv", "bic", "noise")  # of a partition; study.json has all that was measured
OWN = {"clustering": clusters_view, "dimensionality_reduction": reduction_view}
TITLES = {
    "verdict": "Verdict", "clusters": "The groups", "map": "Map", "why": "Why these groups", "odd": "Rows apart", "known": "Against known groups",
    "columns": "What the columns are", "curve": "How many columns", "lost": "What is lost", "precision": "Precision", "tried": "What was tried",
    "data": "Your data", "use": "Use it", "reproduce": "Reproduce it", "card": "Model card",
}  # fmt: skip
ORDER = {
    "clustering": ("verdict", "map", "clusters", "why", "odd", "known", "precision", "tried", "data", "use", "reproduce", "card"),
    "dimensionality_reduction": ("verdict", "map", "curve", "columns", "lost", "precision", "tried", "data", "use", "reproduce", "card"),
}


def build_unlabelled_view(files: RunDir) -> dict[str, Any]:
    """Return the report as JSON values. Raises OSError or KeyError when the run folder is not whole."""
    plan, profile = read_json(files.plan), read_json(files.profile)
    evaluation, study = read_json(files.evaluation), read_json(files.study)
    explanation = read_json(files.explanation)
    page = {**PAGE, **plan.get("page", {})}
    own = OWN[plan["task"]](evaluation, explanation, study)
    used = evaluation["budget"]["used_seconds"]
    trials = _trials(study, evaluation)
    chosen = next(r for r in evaluation["precision_ladder"] if r["chosen"])
    return {
        "schema_version": VERSION, "state": "finished", "theme": page["theme"], "title": visible(page["title"] or study["name"], 200),
        "description": visible(study["description"], 2000) if study["description"] else "", "finished": study["finished"],
        "task": plan["task"], "sections": [{"id": part, "title": TITLES[part]} for part in ORDER[plan["task"]] if own.get(part, True)],
        "verdict": {**own["verdict"], "size": _size(evaluation, chosen), "stopped": study["by_user"]}, "own": own, "evaluation": evaluation,
        "next_steps": unlabelled_steps(evaluation, plan), "card": unlabelled_card(evaluation, profile, plan, study, own["verdict"]),
        "cost": cost_of(study, plan, used), "gate": gate_view(evaluation), "constraints": evaluation["constraints"],
        "ladder": evaluation["precision_ladder"], "ladder_note": _ladder_note(evaluation, study),
        "leaderboard": trials[:BEST_TRIALS], "n_trials": len(trials),
        "failed": [t for t in trials if t["state"] not in ("ok", "pruned", "cancelled")][:BEST_TRIALS],
        "timeline": timeline(drawn(study["trials"], evaluation["greater_is_better"]), used),
        "plan": plan, "profile": {k: profile[k] for k in ("source", "sha256", "rows")}, "data": eda_view(profile, compact=True),
        "called": [visible(c["name"], 40) for c in plan["columns"][:MOST_NAMED]], "more_columns": len(plan["columns"]) > MOST_NAMED,
        "made_with": {"automl": engine_version(), **{p: package_version(p) or "not installed" for p in PACKAGES}}, "hardware": study["hardware"],
        "study": {k: study[k] for k in ("stopped", "counts", "by_user")} | {"starts": study.get("starts", [])},
    }  # fmt: skip


def _size(evaluation: dict[str, Any], chosen: dict[str, Any]) -> str:
    rows = f"{evaluation['n_rows']:,} rows"
    if evaluation["search_rows"] < evaluation["n_rows"]:
        rows += f", of which the search saw {evaluation['search_rows']:,}; the others were placed by the model"
    return (
        f"It covers all {rows}. The model takes {human_bytes(chosen['size_bytes'])} at {chosen['precision']}; one new row takes "
        f"{chosen['batch1_p50_ms']:.2f} ms (median). The run took {human_seconds(evaluation['budget']['used_seconds'])}."
    )


def _trials(study: dict[str, Any], evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return trials best first, the winner before those that have no score of their own, then those that failed.

    The finder of groups scores partitions only beside each other: those that came near have what it guessed of them.
    """
    sign = -1 if evaluation["greater_is_better"] else 1
    evidence = evaluation["evidence"]
    near = [*(evidence.get("finalists") or []), *(evidence.get("kinds") or [])]
    guessed = {_key(found): found.get("expected_agreement") for found in reversed(near)}
    scored = [{**t, "score": guessed.get(_key(t)) if t["score"] is None and t["state"] == "ok" else t["score"]} for t in study["trials"]]
    order = sorted(scored, key=lambda t: (t["state"] != "ok", t["number"] != evaluation["trial"], t["score"] is None, sign * (t["score"] or 0.0), t["number"]))
    return [
        {**t, "cause": visible(t["cause"], CAUSE) if t["cause"] else "",
         "options": ", ".join([*(visible(f"{words(k.rpartition('.')[2])} {_short(v)}", CAUSE) for k, v in t["params"].items()), *_noted(t)]),
         "told": ", ".join(f"{words(k)} {_short(v)}" for k, v in (t.get("scores") or {}).items() if evaluation["task"] != "clustering" or k in TOLD)}
        for t in order
    ]  # fmt: skip


def _key(found: dict[str, Any]) -> str:
    return f"{found['family']} {json.dumps(found.get('params'), sort_keys=True, default=str)} {found.get('note') or ''}"


def _noted(trial: dict[str, Any]) -> list[str]:
    return [visible(str(trial["note"]), CAUSE)] if trial.get("note") else []


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _ladder_note(evaluation: dict[str, Any], study: dict[str, Any]) -> list[str]:
    """Return the sentences under the ladder."""
    ladder, notes = evaluation["precision_ladder"], []
    if len(ladder) == 1 and study.get("no_scheme"):
        notes.append(study["no_scheme"])
    chosen = next(r for r in ladder if r["chosen"])
    if chosen["remark"]:
        notes.append(f"The model is small: of the chosen rung's part {chosen['remark']}. Fewer bits buy little here.")
    if evaluation["task"] == "clustering" and chosen["precision"] != "float32" and not chosen["judged_drop_upper"] and evaluation["n_rows"] < SURE_ROWS:
        notes.append(
            f"None of {evaluation['n_rows']:,} rows changed its group, so the interval ends at 0; of so few rows that does not rule out that up to "
            f"{3 / evaluation['n_rows']:.1%} of new rows would."
        )
    if not evaluation["places"]:
        notes.append(f"{words(evaluation['family'])} has no way of its own to place new rows: what ships is a model that was fitted to its result.")
    return [*notes, *fresh_notes(evaluation)]
