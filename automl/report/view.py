"""The view model: everything the report says, gathered from the files of a run folder and nothing else; all forms of the report read it."""

import json
from collections.abc import Mapping
from typing import Any

from automl.report.alternatives import alternatives
from automl.report.board import board, shown
from automl.report.contents import ORDER, contents
from automl.report.decision import decision_words
from automl.report.devices import devices_view
from automl.report.eda_findings import pieces
from automl.report.eda_view import eda_view
from automl.report.ensemble import ensemble_words
from automl.report.explanation import explanation_view, options_view
from automl.report.front import COSTS, cost_chart, front_view, ladder_bars
from automl.report.gate import fairness_view, gate_view
from automl.report.generalisation import generalisation_words
from automl.report.ladder import ladder_notes
from automl.report.model_card import GLOSSARY, card, cost_of
from automl.report.pictures import learning_curve, reliability_chart, roc_chart, threshold_chart
from automl.report.searched import drawn, failures, families, history, optimizers, phases, timeline
from automl.report.verdict import next_steps, scored_rows, trust, verdict
from automl.report.words import percent, sentence_case, signed, visible, words
from automl.rundir import RunDir, read_json
from automl.spec.units import human_bytes, human_milliseconds, human_seconds
from automl.versions import engine_version, package_version

VERSION = 2
PACKAGES = ("numpy", "pandas", "scikit-learn", "xgboost", "torch", "optuna")
PLANNED = (
    "task", "metric", "greater_is_better", "seed", "n_folds", "pooled", "workers", "threads_per_trial", "precisions", "max_drop", "prefer", "objectives",
)  # fmt: skip
PROFILED = ("source", "sha256", "rows", "target", "training_rows", "holdout_rows")
NAMED, CLASSES, CALLED = 3, 8, 40  # columns and classes in the example of a call, and their characters
PAGE = {"title": None, "theme": "auto", "formats": ["html", "md", "json"]}


def build_view(files: RunDir) -> dict[str, Any]:
    """Return the report of a finished run as JSON values. Raises OSError, KeyError, ValueError or StopIteration when the run folder is not whole."""
    plan, profile = read_json(files.plan), read_json(files.profile)
    evaluation, study = read_json(files.evaluation), read_json(files.study)
    explanation = read_json(files.explanation) if files.explanation.is_file() else None
    own = [t for t in study["trials"] if not t.get("reference")]
    used, greater = evaluation["budget"]["used_seconds"], evaluation["greater_is_better"]
    sure, uses, said = trust(evaluation, study, profile["findings"]), explanation_view(explanation), generalisation_words(evaluation)
    decision = decision_words(evaluation)
    rows = board(study["trials"], plan["greater_is_better"])
    missing = [part for part, there in (("new-rows", said), ("uses", uses)) if not there]
    view = {
        "schema_version": VERSION, "state": "finished", **head(plan, profile, study), "finished": study["finished"],
        "sections": contents(ORDER[plan["task"]], missing),
        "verdict": verdict(evaluation, profile, study), "trust": sure, "scored_rows": scored_rows(evaluation),
        "next_steps": next_steps(evaluation, study, plan),
        "constraints": evaluation["constraints"], "gate": gate_view(evaluation), "fairness": fairness_view(evaluation), "evaluation": evaluation,
        "ladder": evaluation["precision_ladder"], "ladder_bars": ladder_bars(evaluation["precision_ladder"], plan["max_drop"]),
        "ladder_note": ladder_notes(evaluation, study), "alternatives": alternatives(evaluation, study, plan), "front": front_view(study, plan),
        "leaderboard": shown(rows), "n_trials": len(own), "n_classes": len(profile["classes"]),
        "members": [m["trial"] for m in evaluation.get("members", [])] or [evaluation["trial"]], "ensemble": ensemble_words(evaluation),
        "searched": {
            **searched(own, greater, used, words(evaluation["metric"])), "phases": phases(list(files.read_events()), used), "options": options_view(study),
            "devices": devices_view(study),
        },
        "generalisation": said, "decision": decision, "uses": uses, "data": eda_view(profile, compact=True),
        "cost": cost_of(study, plan, used), "card": card(evaluation, profile, plan, study, uses, sure), "glossary": GLOSSARY,
        "calls": _calls(evaluation, plan),
        "made_with": {"automl": engine_version(), **{p: package_version(p) or "not installed" for p in PACKAGES}}, "hardware": study["hardware"],
        "study": {k: study[k] for k in ("stopped", "counts", "by_user")} | {"starts": study.get("starts", [])},
    }  # fmt: skip
    view["charts"] = _charts(view, study)
    return view


def head(plan: Mapping[str, Any], profile: Mapping[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands at the top of every page of a run: title, theme, what it is of, and the part of the plan that is told of."""
    page = {**PAGE, **plan.get("page", {})}
    return {
        "task": plan["task"], "title": visible(page["title"] or study["name"], 200),
        "description": visible(study["description"], 2000) if study["description"] else "",
        "theme": page["theme"], "profile": {k: profile.get(k) for k in PROFILED} | {"columns": len(profile["columns"])},
        "plan": {k: plan.get(k) for k in PLANNED} | {"decisions": plan["decisions"]},
    }  # fmt: skip


def searched(own: list[dict[str, Any]], greater: bool, used: float, metric: str) -> dict[str, Any]:
    """Return families, optimizers, failures and the pictures of the search; `own` are the trials without references."""
    some = drawn(own, greater)
    return {
        "families": families(own, greater), "optimizers": optimizers(own, greater), "failures": failures(own), "timeline": timeline(some, used),
        "history": history(some, metric, greater, used), "drawn": len(some),
    }  # fmt: skip


def _calls(evaluation: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the pieces of the example of a call: classes, and a row with the first columns."""
    labels = [visible(r["label"], CALLED) for r in (evaluation.get("per_class") or [])]
    more = f", and {len(labels) - CLASSES:,} more" if len(labels) > CLASSES else ""
    named = ", ".join(f"{json.dumps(visible(c['name'], CALLED), ensure_ascii=False)}: …" for c in plan["columns"][:NAMED])
    return {"classes": ", ".join(labels[:CLASSES]) + more, "row": named + (", …" if len(plan["columns"]) > NAMED else "")}


def _charts(view: Mapping[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pictures of how good the answers are and of what a better score costs."""
    e = view["evaluation"]
    found = e.get("generalisation") or {}
    rule = (e.get("decision") or {}).get("rule") or {}
    positive = e.get("positive_class")
    area = e["score"] if e["metric"] == "roc_auc" else e["also"].get("roc_auc")
    own = [t for t in study["trials"] if not t.get("reference")]
    metric = words(e["metric"])
    return {
        "learning": learning_curve(found.get("curve"), (view["generalisation"] or {}).get("curve"), e),
        "roc": roc_chart(e.get("roc"), positive or "", area),
        "reliability": reliability_chart((e.get("decision") or {}).get("reliability"), view["decision"]["reading"] if view["decision"] else ""),
        "thresholds": threshold_chart(e.get("thresholds"), positive, rule.get("threshold") if rule.get("kind") in ("argmax", "threshold", "costs") else None),
        **{cost: cost_chart(own, cost, metric, e["greater_is_better"], view["members"]) for cost in COSTS},
    }  # fmt: skip


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with at most `digits` after the point, or a dash."""
    return "–" if value is None or value != value else f"{value:.{digits}f}"


def thousands(value: float) -> str:
    """Return a whole number with thousands set apart."""
    return f"{value:,.0f}"


def short(value: float) -> str:
    """Return a statistic with four digits that matter."""
    return f"{value:.4g}"


FILTERS = {
    "words": words, "first_capital": sentence_case, "bytes": human_bytes, "seconds": human_seconds, "milliseconds": human_milliseconds,
    "number": number, "signed": signed, "thousands": thousands, "short": short, "percent": percent, "visible": visible, "pieces": pieces,
}  # fmt: skip
