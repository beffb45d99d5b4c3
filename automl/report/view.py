"""The view model: everything the report says, gathered from the files of a run folder and nothing else."""

from typing import Any

from automl.report.decision import decision_words
from automl.report.ensemble import ensemble_words
from automl.report.explanation import explanation_view, options_view
from automl.report.front import front_view
from automl.report.gate import fairness_view, gate_view
from automl.report.generalisation import generalisation_words
from automl.report.geometry import learning_curve, roc_path, timeline
from automl.report.verdict import next_steps, scored_rows, trust, verdict
from automl.report.words import sentence_case, signed, words
from automl.rundir import RunDir, read_json
from automl.spec.units import human_bytes, human_seconds
from automl.versions import engine_version, package_version

PACKAGES = ("numpy", "pandas", "scikit-learn", "xgboost", "torch", "optuna")
BEST_TRIALS = 15


def build_view(files: RunDir) -> dict[str, Any]:
    """Return the report as JSON values. Raises OSError or KeyError when the run folder is not whole."""
    plan, profile = read_json(files.plan), read_json(files.profile)
    evaluation, study = read_json(files.evaluation), read_json(files.study)
    trials = _leaderboard(study, plan)
    own = [t for t in study["trials"] if not t.get("reference")]
    explanation = read_json(files.explanation) if files.explanation.is_file() else None
    curve = (evaluation.get("generalisation") or {}).get("curve")
    return {
        "schema_version": 1, "title": study["name"], "description": study["description"], "finished": study["finished"],
        "verdict": verdict(evaluation, profile, study), "trust": trust(evaluation, study, profile["findings"]),
        "scored_rows": scored_rows(evaluation), "next_steps": next_steps(evaluation, study, plan),
        "constraints": evaluation["constraints"], "gate": gate_view(evaluation), "fairness": fairness_view(evaluation),
        "evaluation": evaluation, "ladder": evaluation["precision_ladder"],
        "ladder_note": _ladder_note(evaluation, study), "leaderboard": _shown(trials), "n_trials": len(own), "n_classes": len(profile["classes"]),
        "families": _families(own, evaluation["greater_is_better"]), "optimizers": _optimizers(own, evaluation["greater_is_better"]),
        "generalisation": generalisation_words(evaluation), "curve": learning_curve(curve) if curve else None,
        "timeline": timeline([t for t in study["trials"] if t["seconds"] > 0], evaluation["budget"]["used_seconds"]),
        "roc": roc_path(evaluation.get("roc")), "profile": profile,
        "plan": plan, "decision": decision_words(evaluation), "ensemble": ensemble_words(evaluation),
        "front": front_view(study, plan), "members": [m["trial"] for m in evaluation.get("members", [])] or [evaluation["trial"]],
        "explanation": explanation, "uses": explanation_view(explanation), "options": options_view(study),
        "made_with": {"automl": engine_version(), **{p: package_version(p) or "not installed" for p in PACKAGES}}, "hardware": study["hardware"],
        "study": {k: study[k] for k in ("stopped", "counts", "by_user")} | {"starts": study.get("starts", [])},
    }  # fmt: skip


def _leaderboard(study: dict[str, Any], plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return trials best first, then those that did not finish; with the options that differ from trial to trial."""
    sign = -1 if plan["greater_is_better"] else 1
    order = sorted(study["trials"], key=lambda t: (t["state"] != "ok", sign * t["score"] if t["state"] == "ok" else 0, t["number"]))
    rows = [{**t, "reference": bool(t.get("reference"))} for t in order]
    return [{**t, "options": ", ".join(f"{k.rpartition('.')[2]} {_short(v)}" for k, v in t["params"].items()) or t.get("note", "")} for t in rows]


def _shown(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the best trials, the best of each family, and those that failed, in the order they came in."""
    families: set[str] = set()
    shown, failed = [], 0
    for rank, trial in enumerate(trials):
        first = trial["family"] not in families
        families.add(trial["family"])
        failed += trial["state"] != "ok"
        if rank < BEST_TRIALS or first or trial.get("reference") or (trial["state"] != "ok" and failed <= BEST_TRIALS):
            shown.append(trial)
    return shown


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _families(trials: list[dict[str, Any]], greater: bool) -> list[dict[str, Any]]:
    out = []
    for family in dict.fromkeys(t["family"] for t in trials):
        own = [t for t in trials if t["family"] == family]
        scores = [t["score"] for t in own if t["state"] == "ok"]
        out.append({
            "family": family, "trials": len(own), "failed": sum(t["state"] not in ("ok", "pruned", "cancelled") for t in own),
            "seconds": sum(t["seconds"] for t in own), "best": (max(scores) if greater else min(scores)) if scores else None,
            "device": own[0]["device"],
        })  # fmt: skip
    return out


def _optimizers(trials: list[dict[str, Any]], greater: bool) -> list[dict[str, Any]]:
    """Return the optimizers that networks were trained with: how often, the best score, the seconds to reach it."""
    out = []
    with_one = [t for t in trials if "optimizer" in t["params"]]
    for name in dict.fromkeys(t["params"]["optimizer"] for t in with_one):
        own = [t for t in with_one if t["params"]["optimizer"] == name]
        done = [t for t in own if t["state"] == "ok"]
        best = (max if greater else min)(done, key=lambda t: t["score"]) if done else None
        out.append({
            "optimizer": name, "trials": len(own), "best": best["score"] if best else None,
            "seconds": best["seconds"] if best else None, "rate": best["params"].get(f"optimizer.{name}.lr") if best else None,
        })  # fmt: skip
    return sorted(out, key=lambda o: (o["best"] is None, -(o["best"] or 0) if greater else (o["best"] or 0)))


def _ladder_note(evaluation: dict[str, Any], study: dict[str, Any]) -> list[str]:
    """Return the sentences under the ladder: what the numbers do and do not say."""
    ladder = evaluation["precision_ladder"]
    notes = []
    if len(ladder) == 1 and study.get("no_scheme"):
        notes.append(study["no_scheme"])
    chosen = next(r for r in ladder if r["chosen"])
    if chosen["remark"]:
        notes.append(f"The model is a few kB at most: of the chosen rung's part {chosen['remark']}. Fewer bits buy little here.")
    if evaluation.get("library_bytes"):
        share = chosen["model_bytes"] / evaluation["library_bytes"]
        notes.append(
            f"The library's own file of this model takes {human_bytes(evaluation['library_bytes'])}; the chosen rung takes {share:.1%} of that. "
            "Most of this difference is the format, not the precision."
        )
    if chosen["library_ratio"]:
        notes.append(
            f"Against the library's own predict the chosen rung runs at {chosen['library_ratio']:.2f} times the speed in batches, on one thread; "
            "against its own float32 twin, on the same runtime, at the ratio in the table."
        )
    if evaluation.get("holds_training_rows"):
        notes.append(
            f"A model of the family {words(evaluation['family'])} keeps training rows, as scaled numbers: whoever has the artifact has these rows. "
            f"`models: {{exclude: [{evaluation['family']}]}}` leaves the family out."
        )
    if chosen["judged_drop"] is None:
        notes.append("No fold models were kept, so no loss could be judged: the model stays at float32.")
    return notes


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
    "words": words, "first_capital": sentence_case, "bytes": human_bytes, "seconds": human_seconds,
    "number": number, "signed": signed, "thousands": thousands, "short": short,
}  # fmt: skip
