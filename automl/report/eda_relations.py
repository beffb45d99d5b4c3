"""How columns go together and where their values are missing, as a page shows it: heat map, pairs, strips."""

from collections.abc import Mapping
from typing import Any

from automl.report.eda_geometry import seriate, strip
from automl.report.words import listed, part_of, percent, visible

Profile = Mapping[str, Any]

MATRIX = 20  # columns of the heat map; beyond, its values cannot be read
MOST_RELATED = 100  # columns whose pairs the profile holds
LEAST = 0.05  # of a relation that is shown
PAIRS, PAIRS_FOLDED = 10, 30
GAPS = 25  # columns of the missingness map
TELLS = 0.6  # ROC AUC from which the gaps tell the target
LISTED = 12
NAME, SHORT = 60, 28  # characters of a name
MEASURES = {"spearman": "rank correlation", "correlation_ratio": "correlation ratio", "cramers_v": "Cramér's V"}


def relations_part(profile: Profile) -> dict[str, Any]:
    """Return the heat map, the strongest pairs and the groups of columns that go together."""
    part, note = part_of(profile, "relations", "How columns go together was")
    if note:
        return {"note": note}
    matrix = part.get("matrix") or {"columns": [], "values": []}
    names, values = matrix["columns"][:MATRIX], [row[:MATRIX] for row in matrix["values"][:MATRIX]]
    order = seriate(values)
    rows = [{"name": visible(names[i], SHORT), "cells": [_heat(values[i][j]) for j in order[:k]]} for k, i in enumerate(order)]
    pairs = [_pair(p) for p in part.get("pairs") or [] if abs(p["value"]) >= LEAST]
    if len(names) < 2 or not pairs:
        return {"note": "Fewer than two columns can be compared." if len(names) < 2 else f"No two columns are related beyond {LEAST}."}
    groups = [
        {"columns": [visible(c, NAME) for c in g["columns"][:LISTED]], "more": max(0, len(g["columns"]) - LISTED)}
        for g in map(_group, part.get("groups") or [])
    ]
    return {
        "note": "", "columns": [visible(names[i], SHORT) for i in order], "rows": rows,
        "pairs": pairs[:PAIRS], "folded": pairs[PAIRS : PAIRS + PAIRS_FOLDED], "groups": groups[:LISTED], "more_groups": max(0, len(groups) - LISTED),
        "looked_at": part.get("columns", len(names)), "capped": part.get("columns", 0) >= MOST_RELATED, "rest": str(part.get("pairs_skipped", "")),
        "strongest": f"{pairs[0]['a']} and {pairs[0]['b']}, {pairs[0]['value']}",
    }  # fmt: skip


def _group(group: Any) -> Mapping[str, Any]:
    return group if isinstance(group, Mapping) else {"columns": group}


def _heat(value: float | None) -> dict[str, Any]:
    if value is None:
        return {"text": "", "share": 0, "sign": ""}
    text = f"{abs(value):.2f}"
    return {
        "text": ("−" if value < 0 and text != "0.00" else "") + (text[1:] if abs(value) < 0.995 else "1"),
        "share": round(abs(value), 2),
        "sign": "minus" if value < 0 else "plus",
    }


def _pair(p: Mapping[str, Any]) -> dict[str, Any]:
    value = p["value"]
    return {
        "a": visible(p["a"], NAME), "b": visible(p["b"], NAME), "measure": MEASURES.get(p["measure"], p["measure"].replace("_", " ")),
        "width": round(100 * abs(value), 1), "value": f"{value:.2f}".replace("-", "−"), "sign": "minus" if value < 0 else "plus",
    }  # fmt: skip


def missing_part(profile: Profile) -> dict[str, Any]:
    """Return a strip per column of where in the file its values are missing, the patterns, and groups missing together."""
    part, note = part_of(profile, "missing", "Where values are missing was")
    if note:
        return {"note": note}
    columns = part.get("columns") or []
    if not columns:
        return {"note": "Nothing is missing."}
    drawn = part.get("map") or {"columns": [], "shares": []}
    shares = dict(zip(drawn["columns"], drawn["shares"], strict=True))
    patterns = [
        {
            "columns": [visible(n, SHORT) for n in p["columns"][:6]],
            "more": max(0, len(p["columns"]) - 6),
            "rows": f"{p['rows']:,}",
            "share": percent(p["share"]),
        }
        for p in part.get("patterns") or []
    ]
    groups = [listed([visible(c, NAME) for c in _group(g)["columns"]], 6) for g in part.get("groups") or []]
    rows = part.get("rows") or profile["training_rows"]
    strips = [_strip(c, shares.get(c["column"]) or []) for c in columns[:GAPS]]
    return {
        "note": "", "strips": strips, "more": max(0, part.get("columns_missing", len(columns)) - len(strips)), "patterns": patterns, "groups": groups[:LISTED],
        "complete": f"{part['complete_rows']:,} of {rows:,} rows ({percent(part['complete_rows'] / rows)})" if "complete_rows" in part and rows else "",
        "with_auc": any(s["auc"] for s in strips),
    }  # fmt: skip


def _strip(c: Mapping[str, Any], shares: list[float]) -> dict[str, Any]:
    auc = c.get("auc")
    return {
        "name": visible(c["column"], 40), "share": percent(c["share"]), "auc": None if auc is None else f"{auc:.2f}", "tells": (auc or 0.0) >= TELLS,
        "strip": strip(shares), "blocks": len(shares) or 1,
    }  # fmt: skip
