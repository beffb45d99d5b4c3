"""What the model uses, as the report shows it: importance as bars, effects as small charts, the worst groups of rows, wrong cases."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from automl.report.words import figure, listed, percent, plural, signed, visible, words

BARS = 12
NAME, CELL, NOTE = 60, 40, 400  # characters
WIDTH, HEIGHT, FOOT = 200, 80, 14  # of an effect's chart, and of the rows under it
CURVES = 4
EVEN_BELOW = 0.2  # of the width, that the middle four fifths of the intervals have at least; else all are drawn as wide as any other
SLICES = 5
CASES = 5


def explanation_view(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the section, None where there is no explanation."""
    if not found or (not found["rows"] and not found["notes"]):
        return None
    metric = words(found["metric"])
    return {
        "rows": f"{found['rows']['n']:,} rows {found['rows']['words']}" if found["rows"] else "",
        "notes": [visible(n, NOTE) for n in found["notes"]], "metric": metric,
        "importance": _importance(found["importance"], metric) if found["importance"] else None, "effects": _effects(found["effects"]),
        "positive": visible(found["positive_class"], CELL) if found["positive_class"] is not None else "",
        "slices": _slices(found["slices"], metric) if found["slices"] else None, "cases": _cases(found["examples"]) if found["examples"] else None,
    }  # fmt: skip


def options_view(study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return per family of enough trials the options that set good trials apart, as a sentence."""
    out = []
    for family in study.get("importance") or []:
        if "skipped" in family:
            continue
        shares = [(o["option"], o["share"]) for o in family["options"] if o["beyond_chance"]]
        told = listed([f"{visible(name, NAME)} ({percent(share)})" for name, share in shares], 5)
        unknown = any(o["beyond_chance"] is None for o in family["options"])
        said = told or ("there was no time to tell" if unknown else "no option beyond chance")
        out.append({
            "family": family["family"], "trials": family["trials"] + family["ended_early"], "good": family["good"], "options": said,
            "shares": [round(100 * min(1.0, max(0.0, share)), 1) for _, share in shares[:5]],
        })  # fmt: skip
    return out


def _importance(found: Mapping[str, Any], metric: str) -> dict[str, Any]:
    entries = [{"names": [c["column"]], "group": False, **c} for c in found["columns"]]
    entries += [{"names": g["columns"], "group": True, **g} for g in found["groups"]]
    clear = sorted((e for e in entries if e["effect"] in ("helps", "harms")), key=lambda e: -abs(e["value"]))[:BARS]
    ends = [v for e in clear for v in e["interval"]]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    width = high - low or 1.0

    def place(value: float) -> float:
        return float(round(100 * (min(max(value, low), high) - low) / width, 1))

    bars = [
        {
            "names": [visible(n, NAME) for n in e["names"][:4]], "more": max(0, len(e["names"]) - 4), "group": e["group"], "value": signed(e["value"], 4),
            "interval": f"{signed(e['interval'][0], 4)} to {signed(e['interval'][1], 4)}", "tone": "plus" if e["value"] > 0 else "minus",
            "left": min(place(0.0), place(e["value"])), "width": round(abs(place(e["value"]) - place(0.0)), 1),
            "band": place(e["interval"][0]), "band_width": round(max(0.4, place(e["interval"][1]) - place(e["interval"][0])), 1),
        }
        for e in clear
    ]  # fmt: skip
    shown = {id(e) for e in clear}
    unclear = [visible(e["names"][0], NAME) for e in entries if not e["group"] and e["effect"] == "unclear"]
    unused = [visible(e["names"][0], NAME) for e in entries if not e["group"] and e["effect"] == "unused"]
    more = sum(e["effect"] in ("helps", "harms") and id(e) not in shown for e in entries)
    return {
        "bars": bars, "zero": place(0.0), "more": more, "unclear": listed(unclear, 12), "unused": listed(unused, 6), "n_unused": found["unused"],
        "rest": _rest(found["rest"], metric), "score": figure(round(found["score"], 4)),
        "how": f"{plural(found['repeats'], 'exchange')} of {found['rows']:,} rows each; 95 % intervals over rows and exchanges. "
        f"Of {plural(len(found['columns']), 'column')} without any effect about {found['by_chance']:g} would be called clear by chance.",
    }  # fmt: skip


def _rest(rest: Mapping[str, Any] | None, metric: str) -> str:
    """Return what the columns that were not measured one by one are worth together."""
    if rest is None or rest["value"] is None:
        return ""
    said = "no clear effect" if rest["effect"] != "helps" else f"{metric} {signed(rest['value'], 4)}"
    return f"The other {plural(rest['columns'], 'column')}, all exchanged together: {said}."


def _effects(effects: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the charts, all on one scale of probability."""
    drawn = [e for e in effects if "skipped" not in e]
    if not drawn:
        return None
    top = max((abs(v) for e in drawn for c in e["classes"][:CURVES] for v in _trusted(c["values"], e["few"])), default=0.0) or 0.01
    legend = [{"label": visible(c["class"], CELL), "colour": i} for i, c in enumerate(drawn[0]["classes"][:CURVES])]
    return {
        "charts": [_levels(e, top) if "levels" in e else _curve(e, top) for e in drawn],
        "top": f"{100 * top:.1f}",
        "legend": legend if len(legend) > 1 else [],
    }


def _trusted(values: Sequence[float], few: Sequence[bool]) -> list[float]:
    """Return the values that rows enough speak for: of edges those beside an interval that has them, of levels those that have them; else all."""
    near = [few[i] for i in range(len(few))] if len(values) == len(few) else [all(few[max(0, i - 1) : i + 1]) for i in range(len(values))]
    return [v for v, rare in zip(values, near, strict=True) if not rare] or list(values)


def _curve(e: Mapping[str, Any], top: float) -> dict[str, Any]:
    x, even = _places(e)
    most = max(e["rows"], default=0) or 1
    lines = [
        {"colour": i, "points": " ".join(f"{a},{round(HEIGHT / 2 * (1 - min(max(v / top, -1), 1)), 1)}" for a, v in zip(x, c["values"], strict=True))}
        for i, c in enumerate(e["classes"][:CURVES])
    ]
    support = [
        {"x": a, "width": round(max(b - a - 0.4, 0.3), 1), "height": round(max(0.6, FOOT * n / most), 1), "few": few}
        for (a, b), n, few in zip(pairwise(x), e["rows"], e["few"], strict=True)
    ]
    low, high = e["edges"][0], e["edges"][-1]
    missing = f"{e['missing']:,} of {e['of_rows']:,} rows have no value" if e["missing"] else ""
    return {
        "name": visible(e["column"], NAME), "kind": "curve", "width": WIDTH, "height": HEIGHT, "foot": FOOT, "lines": lines, "support": support,
        "low": _edge(low), "high": _edge(high), "even": even, "missing": missing, "table": _edges_table(e),
        "label": f"Effect of {visible(e['column'], NAME)} from {_edge(low)} to {_edge(high)}: "
        + ", ".join(_ends(c) for c in e["classes"][:CURVES]),
    }  # fmt: skip


def _edges_table(e: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a curve: each edge, the change of each class there in points, and the rows up to the next edge."""
    classes = e["classes"][:CURVES]
    counts = [*(f"{n:,}" for n in e["rows"]), ""]
    rows = [[_edge(edge), *(signed(100 * c["values"][i], 1) for c in classes), counts[i]] for i, edge in enumerate(e["edges"])]
    return {"head": ["value", *(visible(c["class"], CELL) for c in classes), "rows up to the next"], "rows": rows}


def _ends(c: Mapping[str, Any]) -> str:
    return f"{visible(c['class'], CELL)} {signed(100 * c['values'][0], 1)} to {signed(100 * c['values'][-1], 1)} points"


def _places(e: Mapping[str, Any]) -> tuple[list[float], bool]:
    """Return where the edges lie on the axis, and whether all intervals are drawn equally wide, as else most would be too narrow to see."""
    edges, n = e["edges"], len(e["edges"])
    if isinstance(edges[0], str):
        return [round(WIDTH * i / (n - 1), 1) for i in range(n)], True
    span = edges[-1] - edges[0]
    middle = edges[-1 - n // 10] - edges[n // 10]
    if not span > 0 or middle < EVEN_BELOW * span:
        return [round(WIDTH * i / (n - 1), 1) for i in range(n)], True
    return [round(WIDTH * (v - edges[0]) / span, 1) for v in edges], False


def _edge(value: float | str) -> str:
    return value[:10] if isinstance(value, str) else figure(value)


def _levels(e: Mapping[str, Any], top: float) -> dict[str, Any]:
    bars = []
    for i, level in enumerate(e["levels"]):
        change = e["classes"][0]["values"][i]
        reach = 50 * min(1.0, abs(change) / top)
        value = signed(100 * change, 1) if i else "against it"
        bars.append({
            "name": "missing" if level is None else visible(level, CELL), "left": round(50 - reach if change < 0 else 50, 1), "width": round(reach, 1),
            "few": e["few"][i], "tone": "plus" if change >= 0 else "minus", "value": value, "rows": f"{e['rows'][i]:,}",
        })  # fmt: skip
    of_class = visible(e["classes"][0]["class"], CELL) if len(e["classes"]) > 1 else ""
    table = {"head": ["level", "change, points", "rows"], "rows": [[b["name"], b["value"], b["rows"]] for b in bars]}
    return {"name": visible(e["column"], NAME), "kind": "levels", "bars": bars, "table": table, "left_out": e["left_out"], "of_class": of_class}


def _slices(found: Mapping[str, Any], metric: str) -> dict[str, Any]:
    def told(group: Mapping[str, Any]) -> dict[str, Any]:
        low, high = group.get("score_interval", [None, None])
        return {
            "column": visible(group["column"], NAME), "group": _group(group), "rows": f"{group['rows']:,}", "share": percent(group["share"]),
            "score": "–" if group.get("score") is None else f"{group['score']:.4f}", "interval": "" if low is None else f"{low:.4f} to {high:.4f}",
            "loss": f"{group['loss']:.4f}", "rest": f"{group['rest']:.4f}", "clear": group["clear"],
        }  # fmt: skip

    clear = {side: [told(g) for g in found[side] if g["clear"]][:SLICES] for side in ("worst", "best")}
    looked = f"{plural(found['tested'], 'group')} of rows by {plural(found['columns'], 'column')}"
    none = "" if clear["worst"] or not found["tested"] else f"None of {looked} is worse than the rest beyond chance."
    return {
        **clear, "none": none or ("" if found["tested"] else "No group of rows is large enough to be scored apart."), "metric": metric,
        "how": f"Loss is {found['loss_words']}, a mean over rows. Of {looked} those are shown that differ from all other rows beyond chance: "
        f"{found['corrected']}. Groups overlap, and a group may be harder by its nature.",
    }  # fmt: skip


def _group(group: Mapping[str, Any]) -> str:
    if group["what"] == "missing":
        return "no value"
    if group["what"] == "level":
        return visible(group["value"], CELL)
    above, up_to = (None if v is None else _edge(v) for v in (group["above"], group["up_to"]))
    return f"at most {up_to}" if above is None else f"above {above}" if up_to is None else f"above {above}, up to {up_to}"


def _cases(found: Mapping[str, Any]) -> dict[str, Any]:
    def told(row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "row": f"{row['row']:,}", "prediction": visible(row["prediction"], CELL), "probability": percent(row["probability"]),
            "true": visible(row["true"], CELL) if "true" in row else None, "cells": [_cell(c) for c in row.get("cells", [])],
        }  # fmt: skip

    return {
        "columns": [visible(c, CELL) for c in found["columns"]], "wrong": [told(r) for r in found["wrong"][:CASES]],
        "typical": [told(r) for r in found["typical"][:CASES]], "cells": found["cells"], "wrong_rows": f"{found['wrong_rows']:,}", "of": f"{found['rows']:,}",
        "masked": bool(found["masked"]),
    }  # fmt: skip


def _cell(value: float | str | None) -> str:
    return "–" if value is None else visible(value, CELL) if isinstance(value, str) else figure(value)
