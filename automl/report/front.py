"""The Pareto front of a run as the report shows it: the trials that no other one beats in all that was asked for."""

from typing import Any


def front_view(study: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any] | None:
    """Return the objectives and the trials on the front, best score first, with the costs that were asked for; None for one objective."""
    objectives = plan.get("objectives", ["score"])
    if len(objectives) < 2:
        return None
    trials = {t["number"]: t for t in study["trials"]}
    rows = [trials[number] for number in study.get("front", [])]
    return {"objectives": objectives, "trials": [{k: t[k] for k in ("number", "family", "score", "latency_ms", "size_bytes")} for t in rows]}
