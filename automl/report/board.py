"""The leaderboard as rows of a page: the best trials, the best of each family, the references and those that failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.searched import took
from automl.report.words import visible

BEST_TRIALS, FAILED_TRIALS = 100, 15
OPTIONS = 300  # characters
KEPT = ("number", "family", "state", "cause", "score", "spread", "seconds", "device", "size_bytes", "latency_ms", "reference", "options", "place")


def board(trials: Sequence[Mapping[str, Any]], greater: bool) -> list[dict[str, Any]]:
    """Return trials best first, then those that did not finish; with the options that differ from trial to trial, and the place of complete ones."""
    sign = -1 if greater else 1

    def key(t: Mapping[str, Any]) -> tuple[bool, float, int]:
        done = t["state"] == "ok" and t["score"] is not None
        return (not done, sign * t["score"] if done else 0.0, t["number"])

    rows, place = [], 0
    for t in sorted(trials, key=key):
        reference = bool(t.get("reference"))
        ranked = t["state"] == "ok" and not reference
        place += ranked
        told = ", ".join(f"{k.rpartition('.')[2]} {_short(v)}" for k, v in t["params"].items()) or t.get("note", "")
        facts = {"reference": reference, "options": visible(told, OPTIONS) if told else "", "place": place if ranked else None, "cause": ""}
        row = {"size_bytes": None, "latency_ms": None, "cause": "", **t, **facts}
        row["seconds"] = took(t)
        row["cause"] = visible(t["cause"], 200) if t.get("cause") else ""
        rows.append({k: row.get(k) for k in KEPT})
    return rows


def shown(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the best rows, the best of each family, references, and some that failed, in the order they came in."""
    families: set[str] = set()
    kept, failed = [], 0
    for rank, row in enumerate(rows):
        first = row["family"] not in families
        families.add(row["family"])
        failed += row["state"] != "ok"
        if rank < BEST_TRIALS or first or row.get("reference") or (row["state"] != "ok" and failed <= FAILED_TRIALS):
            kept.append(row)
    return kept


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
