"""What the report says of the constraints on the winner: loudly at the top where one is not kept, and how groups were treated."""

from typing import Any

from automl.spec.units import human_bytes, human_milliseconds

WHERE = {"scored": "the rows that the score is of", "out_of_fold": "the training rows, out of fold: too few rows of two groups were kept apart"}


def gate_view(evaluation: dict[str, Any]) -> dict[str, Any] | None:
    """Return the headline, the sentences and what to change where a hard constraint is not kept, and what was tried; None where nothing is asked."""
    gate = evaluation.get("gate")
    if not gate:
        return None
    failed, missed = gate["failed"], gate["missed"]
    headline = f"Not kept: {', '.join(failed)}. The run failed (exit code 1); the nearest model ships." if failed else ""
    soft = [f"{row['name']}: asked {row['asked']}, got {row['got']}" for row in evaluation["constraints"] if row["name"] in missed]
    return {
        "met": gate["met"], "headline": headline, "sentences": gate["sentences"], "relaxations": gate["relaxations"], "wishes": soft,
        "tried": [_row(found) for found in gate["tried"]] if len(gate["tried"]) > 1 else [],
    }  # fmt: skip


def _row(found: dict[str, Any]) -> dict[str, Any]:
    latency = found["latency_ms"]
    return {
        "model": found["model"], "precision": found["precision"], "size": human_bytes(found["size_bytes"]),
        "latency": None if latency is None else human_milliseconds(latency), "score": found["score"], "gap": found["gap"],
        "readable": found["readable"], "broken": ", ".join(found["broken"]) or "none",
    }  # fmt: skip


def fairness_view(evaluation: dict[str, Any]) -> dict[str, Any] | None:
    """Return the rates of each group as rows of a table; None where no groups were compared."""
    found = evaluation.get("fairness")
    if not found:
        return None
    rates = list(found["groups"][0]["rates"]) if found["groups"] else []
    gap = "cannot be judged" if found["gap"] is None else f"{found['gap']:.3f}"
    ends = f" (95 % interval {found['interval'][0]:.3f} to {found['interval'][1]:.3f})" if found["interval"] else ""
    return {
        "column": found["column"], "metric": found["metric"].replace("_", " "), "rates": rates, "groups": found["groups"],
        "sentence": f"The largest gap between two groups is {gap}{ends}, on {WHERE[found['rows']]}.",
        "few": any(not group["judged"] for group in found["groups"]),
    }  # fmt: skip
