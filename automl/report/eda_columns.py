"""The columns as a page shows them: ranked by what they tell of the target, the first ones drawn, all in one list."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from automl.report.eda_findings import flags_of
from automl.report.eda_geometry import GREY, HEIGHT, STEP, densities
from automl.report.words import figure, percent, visible

DRAWN, DRAWN_COMPACT = 60, 30
OPEN, OPEN_COMPACT = 24, 12  # of the drawn ones; the others fold away
LISTED = 2000
LEVELS = 7
NAME = 60
MANY_ZEROS = 0.05  # of the rows, from which it is worth a word
SAID = ("missing_values", "text", "datetime")  # checks whose finding the card itself shows


def columns_part(profile: Mapping[str, Any], colours: Mapping[str, int], *, compact: bool) -> dict[str, Any]:
    """Return the cards of the first columns and of flagged ones, and one line for every column."""
    strength = strengths(profile)
    names = [c["name"] for c in profile["columns"]]
    order = sorted(range(len(names)), key=lambda i: -strength.get(names[i], -1.0)) if strength else list(range(len(names)))
    flags = {name: [f for f in own if f["check"] not in SAID] for name, own in flags_of(profile).items()}
    ranked = [profile["columns"][i] for i in order]
    most = DRAWN_COMPACT if compact else DRAWN
    flagged = [c for c in ranked[most:] if any(f["mode"] in ("fail", "warn") for f in flags.get(c["name"], ()))][: most // 2]
    cards = [_card(c, strength.get(c["name"]), flags.get(c["name"], []), profile, colours, tables=not compact) for c in ranked[:most] + flagged]
    lines = [] if len(ranked) == 1 or (compact and len(ranked) == len(cards)) else [_line(c, strength.get(c["name"])) for c in ranked[:LISTED]]
    cut = OPEN_COMPACT if compact else OPEN
    return {
        "count": len(ranked), "open": cards[:cut], "folded": cards[cut:], "lines": lines, "more": max(0, len(ranked) - LISTED), "ranked": bool(strength),
        "flagged": len(flagged), "not_drawn": len(ranked) - len(cards),
    }  # fmt: skip


def strengths(profile: Mapping[str, Any]) -> dict[str, float]:
    """Return per column what it tells of the target alone, 0 to 1: how far its area under the ROC curve lies above chance."""
    out = {c["name"]: float(c["association"]) for c in profile["columns"] if c.get("association") is not None}
    for t in (profile.get("relations") or {}).get("target") or []:
        out.setdefault(t["column"], max(2 * (t.get("auc") or 0.5) - 1, t.get("nmi") or 0.0))
    for t in (profile.get("text") or {}).get("columns") or []:
        if t.get("auc"):
            out.setdefault(t["column"], max(0.0, 2 * t["auc"] - 1))
    return out


def _card(
    c: Mapping[str, Any], strength: float | None, flags: list[dict[str, str]], profile: Mapping[str, Any], colours: Mapping[str, int], *, tables: bool
) -> dict[str, Any]:
    out = {**_line(c, strength), "flags": flags, "facts": _facts(c), "chart": None, "levels": None, "note": ""}
    text = next((t for t in (profile.get("text") or {}).get("columns") or [] if t["column"] == c["name"]), None) if c["kind"] == "text" else None
    if text is not None:
        out["facts"] = _text_facts(text, c)
        c = {**c, "histogram": text.get("histogram"), "edges": text.get("edges")}
    if c.get("top") and c["kind"] == "category":
        out["levels"] = _levels(c, colours, profile.get("classes") or [])
    elif c.get("histogram"):
        out["chart"] = _histogram(c, colours, text is not None, tables=tables)
    else:
        out["note"] = "No value at all." if not c["distinct"] else "No level has five rows or more, so none is named." if c["kind"] == "category" else ""
    return out


def _line(c: Mapping[str, Any], strength: float | None) -> dict[str, Any]:
    return {
        "name": visible(c["name"], NAME), "kind": c["kind"], "strength": strength, "missing": c["missing"], "distinct": c["distinct"],
        "missing_share": percent(c["missing_share"]) if c["missing"] else "", "summary": _summary(c), "masked": bool(c.get("masked")),
    }  # fmt: skip


def _summary(c: Mapping[str, Any]) -> str:
    """Return the values of a column in a few words."""
    if not c["distinct"]:
        return "no value"
    if c.get("masked"):
        return "masked: personal data"
    if c["kind"] == "number" and "median" in c:
        return f"{figure(c['min'])} to {figure(c['max'])}, median {figure(c['median'])}"
    if c["kind"] == "date" and "min" in c:
        return f"{c['min']} to {c['max']}"
    if c.get("top"):
        return ", ".join(f"{visible(level, 24)} ({n:,})" for level, n in c["top"][:3])
    return ""


def _facts(c: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the statistics under a chart, each with its name."""
    if not c["distinct"]:
        return []
    if c["kind"] == "number" and "median" in c:
        skew = c.get("skewness", c.get("skew"))
        pairs = [("median", figure(c["median"])), ("mean", figure(c["mean"])), ("sd", figure(c["std"]))]
        pairs += [("skew", f"{skew:.1f}".replace("-", "−"))] if skew is not None else []
        pairs += [("zero", percent(c["zeros"] / n))] if (n := sum(c.get("histogram") or [])) and c.get("zeros", 0) > MANY_ZEROS * n else []
    elif c["kind"] == "date" and "min" in c:
        pairs = [("first", str(c["min"])), ("median", str(c["median"])), ("last", str(c["max"]))]
    else:
        pairs = []
    return [{"label": label, "value": value} for label, value in pairs]


def _text_facts(text: Mapping[str, Any], c: Mapping[str, Any]) -> list[dict[str, str]]:
    if "texts" not in text:
        return []
    pairs = [
        ("words", figure(round(text["words_mean"], 1))),
        ("characters", figure(round(text["characters_mean"]))),
        ("vocabulary", figure(text["vocabulary"])),
    ]
    return [{"label": label, "value": value} for label, value in pairs]


def _histogram(c: Mapping[str, Any], colours: Mapping[str, int], lengths: bool, *, tables: bool) -> dict[str, Any]:
    """Return the paths of a histogram, one per class where there are classes, each scaled to its own rows."""
    by_class = [] if lengths else [b for b in c.get("by_class") or [] if sum(b["counts"])]
    histograms = [b["counts"] for b in by_class] or [c["histogram"]]
    paths = densities(histograms)
    edges = c.get("edges") or []
    drawn = [{"path": path, "colour": colours.get(str(b["class"]), GREY)} for path, b in zip(paths, by_class, strict=True)] if by_class else []
    beyond = c.get("below", 0) + c.get("above", 0)
    table = None
    if tables and len(edges) == len(c["histogram"]) + 1:
        rows = [[f"{_edge(a)} to {_edge(b)}", *(f"{h[i]:,}" for h in histograms)] for i, (a, b) in enumerate(pairwise(edges))]
        table = {"head": [visible(b["class"], 24) for b in by_class] or ["rows"], "rows": rows}
    return {
        "width": STEP * len(histograms[0]), "height": HEIGHT, "paths": drawn or [{"path": paths[0], "colour": 0}], "low": _edge(edges[0]) if edges else "",
        "high": _edge(edges[-1]) if edges else "", "what": "characters" if lengths else "", "table": table, "by_class": bool(by_class),
        "beyond": f"{beyond:,} rows beyond this range are not drawn" if beyond else "",
    }  # fmt: skip


def _edge(value: Any) -> str:
    return value[:10] if isinstance(value, str) else figure(value)


def _levels(c: Mapping[str, Any], colours: Mapping[str, int], classes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return bars of the most frequent levels, each in segments by class; of two classes, the share of the rarer at each level."""
    rarer = str(min(classes, key=lambda k: k["rows"])["label"]) if len(classes) == 2 and c.get("by_class") else None
    top, by_class = c["top"][:LEVELS], c.get("by_class") or []
    greatest = max(n for _, n in top)
    known = sum(n for _, n in c["top"]) + (c.get("others") or {}).get("rows", 0)
    bars = []
    for i, (label, n) in enumerate(top):
        parts = [(colours.get(str(b["class"]), GREY), b["counts"][i]) for b in by_class if i < len(b["counts"])]
        rest = n - sum(count for _, count in parts)
        parts += [(GREY, rest)] if by_class and rest > 0 else []
        segments = [{"colour": colour, "width": round(100 * count / greatest, 1)} for colour, count in parts or [(0, n)] if count]
        table = [f"{count:,}" for _, count in parts] if by_class else []
        rate = next((b["counts"][i] / n for b in by_class if str(b["class"]) == rarer and i < len(b["counts"])), None) if n else None
        bars.append({"label": visible(label, 40), "rows": f"{n:,}", "share": percent(n / known if known else 0.0), "segments": segments, "counts": table,
                     "rate": percent(rate)})  # fmt: skip
    others = c.get("others") or {}
    left = len(c["top"]) - len(top) + others.get("levels", 0)
    rows = known - sum(n for _, n in top)
    rated = {"label": visible(rarer, 20), "colour": colours.get(rarer, GREY)} if rarer is not None else None
    return {"bars": bars, "rated": rated, "more": left, "more_rows": f"{rows:,}", "more_share": percent(rows / known if known else 0.0)}
