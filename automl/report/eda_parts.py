"""What is said of the table as a whole: relations, gaps, dates, outliers, drift between the sides, its shape."""

from collections.abc import Mapping
from typing import Any

from automl.report.eda_geometry import GREY, SHADES, curve, seriate, strip
from automl.report.words import figure, listed, percent, plural, span, visible

Profile = Mapping[str, Any]

MATRIX = 20  # columns of the heat map; beyond, its values cannot be read
MOST_RELATED = 100  # columns whose pairs the profile holds
LEAST = 0.05  # of a relation that is shown
PAIRS, PAIRS_FOLDED = 10, 30
GAPS = 25  # columns of the missingness map
LISTED = 12
MEASURES = {"spearman": "rank correlation", "correlation_ratio": "correlation ratio", "cramers_v": "Cramér's V"}
MOVED, MOVING = 0.25, 0.1  # population stability index (Siddiqi 2006, page 136)


def part_of(profile: Profile, key: str, name: str) -> tuple[Mapping[str, Any], str]:
    """Return a part of the profile, and a sentence where it was not looked at."""
    part = profile.get(key)
    if not part:
        return {}, f"{name} not looked at."
    return part, f"{name} not looked at: {part['skipped']}." if "skipped" in part else ""


def _name(value: Any, longest: int = 60) -> str:
    return visible(str(value), longest)


def relations_part(profile: Profile) -> dict[str, Any]:
    """Return the heat map, the strongest pairs and the groups of columns that go together."""
    part, note = part_of(profile, "relations", "How columns go together was")
    if note:
        return {"note": note}
    matrix = part.get("matrix") or {"columns": [], "values": []}
    names, values = matrix["columns"][:MATRIX], [row[:MATRIX] for row in matrix["values"][:MATRIX]]
    order = seriate(values)
    rows = [{"name": _name(names[i], 28), "cells": [_heat(values[i][j]) for j in order[:k]]} for k, i in enumerate(order)]
    pairs = [_pair(p) for p in part.get("pairs") or [] if abs(p["value"]) >= LEAST]
    if len(names) < 2 or not pairs:
        return {"note": "Fewer than two columns can be compared." if len(names) < 2 else f"No two columns are related beyond {LEAST}."}
    groups = [{"columns": [_name(c) for c in g["columns"][:LISTED]], "more": max(0, len(g["columns"]) - LISTED)} for g in map(_group, part.get("groups") or [])]
    return {
        "note": "", "columns": [_name(names[i], 28) for i in order], "rows": rows,
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
    return {"text": ("−" if value < 0 and text != "0.00" else "") + (text[1:] if abs(value) < 0.995 else "1"), "share": round(abs(value), 2), "sign": "minus" if value < 0 else "plus"}


def _pair(p: Mapping[str, Any]) -> dict[str, Any]:
    value = p["value"]
    return {
        "a": _name(p["a"]), "b": _name(p["b"]), "measure": MEASURES.get(p["measure"], p["measure"].replace("_", " ")), "width": round(100 * abs(value), 1),
        "value": f"{value:.2f}".replace("-", "−"), "sign": "minus" if value < 0 else "plus",
    }  # fmt: skip


def missing_part(profile: Profile) -> dict[str, Any]:
    """Return a strip per column of where in the file its values are missing, the patterns, and groups missing together."""
    part, note = part_of(profile, "missing", "Where values are missing was")
    if note:
        return {"note": note}
    columns = part.get("columns") or []
    if not columns:
        return {"note": "Nothing is missing."}
    shares = dict(zip((part.get("map") or {}).get("columns", []), (part.get("map") or {}).get("shares", []), strict=False))
    strips = [
        {
            "name": _name(c["column"], 40), "share": percent(c["share"]), "width": round(100 * c["share"], 1), "auc": None if c.get("auc") is None else f"{c['auc']:.2f}",
            "tells": (c.get("auc") or 0.0) >= 0.6, "strip": strip(shares.get(c["column"]) or []), "blocks": len(shares.get(c["column"]) or []) or 1,
        }
        for c in columns[:GAPS]
    ]  # fmt: skip
    patterns = [
        {"columns": [_name(n, 28) for n in p["columns"][:6]], "more": max(0, len(p["columns"]) - 6), "rows": f"{p['rows']:,}", "share": percent(p["share"]), "width": round(100 * p["share"], 1)}
        for p in part.get("patterns") or []
    ]
    groups = [listed([_name(c) for c in _group(g)["columns"]], 6) for g in part.get("groups") or []]
    rows = part.get("rows") or profile["training_rows"]
    return {
        "note": "", "strips": strips, "more": max(0, part.get("columns_missing", len(columns)) - len(strips)), "patterns": patterns, "groups": groups[:LISTED],
        "complete": f"{part['complete_rows']:,} of {rows:,} rows ({percent(part['complete_rows'] / rows)})" if "complete_rows" in part and rows else "",
        "with_auc": any(s["auc"] for s in strips), "shades": [round(i / SHADES, 2) for i in range(1, SHADES + 1)],
    }  # fmt: skip


def dates_part(profile: Profile, colours: Mapping[str, int]) -> dict[str, Any]:
    """Return a timeline per date column, and what is odd about it."""
    part = profile.get("dates") or {}
    out = []
    for d in (part.get("columns") or [])[:LISTED]:
        name = _name(d["column"])
        if not d.get("rows") or "skipped" in d:
            out.append({"name": name, "note": f"{d.get('skipped', 'it has no date')}."})
            continue
        periods = d.get("periods") or {"counts": [], "starts": [], "unit": ""}
        top = max(periods["counts"], default=0)
        bars = [round(n / top, 4) if top else 0.0 for n in periods["counts"]]
        table = [[start, f"{n:,}"] for start, n in zip(periods["starts"], periods["counts"], strict=False)]
        out.append({
            "name": name, "note": "", "bars": bars, "unit": periods["unit"], "first": str(d["min"])[:10], "last": str(d["max"])[:10], "table": table,
            "top": f"{top:,}", "facts": _date_facts(d), "drift": _shares(d.get("drift") or {}, colours),
        })  # fmt: skip
    return {"note": f"Dates were not looked at: {part['skipped']}." if "skipped" in part else str(part.get("columns_skipped", "")), "columns": out}


def _date_facts(d: Mapping[str, Any]) -> list[dict[str, str]]:
    order = {"ascending": "the rows are in its order", "descending": "the rows are in its order, newest first", "same": "one moment in every row"}
    pairs = [("told to the", "fraction of a second" if d.get("granularity") == "fraction" else str(d.get("granularity", "")))]
    if d.get("step_median"):
        pairs.append(("usual step", span(d["step_median"])))
        pairs.append(("largest gap", f"{span(d['gap_largest'])}, from {str(d['gap_from'])[:10]} to {str(d['gap_to'])[:10]}"))
    pairs.append(("repeated", percent(d.get("duplicates_share", 0.0))))
    if d.get("future"):
        pairs.append(("in the future", f"{d['future']:,} ({percent(d['future_share'])})"))
    correlation = d.get("order_correlation")
    loose = f"rank correlation with the row number {correlation:.2f}".replace("-", "−") if abs(correlation or 0.0) >= 0.1 else "unrelated to that of the rows"
    pairs.append(("order", order.get(str(d.get("order")), loose)))
    return [{"label": label, "value": value} for label, value in pairs if value]


def _shares(drift: Mapping[str, Any], colours: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the shares of the classes over time as lines."""
    classes = drift.get("classes") or []
    if not classes or len(classes[0]["shares"]) < 2:
        return None
    lines = [{"class": _name(c["class"], 40), "colour": colours.get(str(c["class"]), GREY), "points": curve(c["shares"])} for c in classes]
    table = [[str(start)[:10], *(percent(c["shares"][i]) for c in classes)] for i, start in enumerate(drift.get("starts") or [])]
    v = drift.get("v")
    words = "no more than chance" if not v or v < 0.05 else f"Cramér's V {v:.2f}"
    return {"lines": lines, "table": table, "words": words}


def outliers_part(profile: Profile) -> dict[str, Any]:
    """Return the columns with values far from the middle, and the rows far from all others."""
    part, note = part_of(profile, "outliers", "Outliers were")
    if note:
        return {"note": note}
    far = [c for c in part.get("columns") or [] if c["rows"]]
    top = max((c["share"] for c in far), default=0)
    bars = [{"name": _name(c["column"]), "rows": f"{c['rows']:,}", "share": percent(c["share"]), "width": round(100 * c["share"] / top, 1)} for c in far[:LISTED]]
    lof = part.get("lof") or {}
    if not part.get("columns"):
        return {"note": "Outliers were not looked for: there are no numbers that differ."}
    rows = [{"row": r["row"], "factor": f"{r['factor']:.1f}", "columns": [_name(c, 40) for c in r["columns"]]} for r in lof.get("top") or [] if r["factor"] > lof.get("factor", 0)]
    words = f"Rows far from all others were not looked for: {lof['skipped']}." if "skipped" in lof else ""
    if "share" in lof:
        words = f"{percent(lof['share'])} of {lof['rows']:,} rows lie in a place at least {lof['factor']:g} times as sparse as that of their neighbours."
    return {"note": "", "bars": bars, "more": max(0, len(far) - LISTED), "lof": words, "rows": rows}


def drift_part(profile: Profile) -> dict[str, Any]:
    """Return how much each column differs between training and test rows, and how many rows stand on both sides."""
    part, note = part_of(profile, "drift", "Training and test rows were")
    if note:
        return {"note": note}
    columns = part.get("columns") or []
    top = max([MOVED, *(c["psi"] for c in columns[:LISTED])])
    rows = [
        {
            "name": _name(c["column"]), "psi": f"{c['psi']:.3f}", "chance": f"{c['psi_by_chance']:.3f}", "width": round(100 * c["psi"] / top, 1),
            "chance_at": round(min(100.0, 100 * c["psi_by_chance"] / top), 1), "distance": f"{c['distance']:.3f}", "word": _moved(c), "unseen": _unseen(c.get("unseen") or {}),
        }
        for c in columns[:LISTED]
    ]  # fmt: skip
    moved = sum(_moved(c) != "alike" for c in columns)
    sentence = f"{plural(moved, 'column differs', 'columns differ')} beyond chance." if moved else "No column differs beyond what chance explains."
    return {"note": "", "moved": moved, "sentence": sentence, "rows": rows, "more": max(0, len(columns) - LISTED), "overlap": _overlap(part.get("overlap") or {}), "rest": str(part.get("columns_skipped", ""))}


def _moved(c: Mapping[str, Any]) -> str:
    if c["psi"] <= max(c["psi_by_chance"], MOVING):
        return "alike"
    return "moved" if c["psi"] > MOVED else "moving"


def _unseen(unseen: Mapping[str, Any]) -> str:
    if not unseen.get("levels"):
        return ""
    named = f": {listed([_name(level, 24) for level, _ in unseen['named']])}" if unseen.get("named") else ""
    return f"{plural(unseen['levels'], 'level')} in {plural(unseen['rows'], 'test row')} only{named}"


def _overlap(overlap: Mapping[str, Any]) -> list[str]:
    out = []
    for key, words in (("exact", "have the inputs of a training row"), ("near", "nearly do, with numbers rounded and texts by their words")):
        found = overlap.get(key) or {}
        if "rows" in found:
            out.append(f"{found['rows']:,} of {overlap['holdout_rows']:,} test rows {words}; by chance it would be about {figure(round(found['by_chance']))}.")
        elif "skipped" in found:
            out.append(f"Whether test rows {words} was not looked at: {found['skipped']}.")
    return out


def structure_part(profile: Profile) -> dict[str, Any]:
    """Return the shape of the table without its target: scales, dimensions, groups; each with what it means."""
    part, note = part_of(profile, "structure", "The shape of the table was")
    if note:
        return {"note": note, "cards": []}
    cards = [card for card in (_clusters(part), _dimension(part), _pca(part), _scale(part)) if card]
    shares = (part.get("pca") or {}).get("shares") or []
    total = [sum(shares[: i + 1]) for i in range(len(shares))]
    bars = [{"share": round(s, 4), "label": f"{percent(s)}, together {percent(min(1.0, t))}"} for s, t in zip(shares, total, strict=True)]
    return {"note": "", "cards": cards, "bars": bars, "top": max(shares, default=0), "rows": f"{part['rows']:,}" if "rows" in part else ""}


def _clusters(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("clusterability") or {}
    if "structure" not in found:
        return {"value": "–", "label": "groups", "words": f"Not looked at: {found['skipped']}."} if "skipped" in found else None
    dip, hopkins = found.get("dip") or {}, found.get("hopkins") or {}
    p = dip.get("p", 1.0)
    chance = "below 0.001" if p < 0.001 else f"{p:.2g}"
    words = (
        f"More than one peak in {_name(dip.get('seen_in', ''))} (dip test, p {chance} after {dip.get('tests', 1)} tests): rows fall into groups."
        if found["structure"]
        else f"No view of the rows shows more than one peak (dip test, p {chance}): a method that finds clusters may be dividing one heap."
    )
    if "mean" in hopkins:
        words += f" Hopkins' statistic is {hopkins['mean']:.2f}; 0.5 is evenly spread, 1 is clumped."
    return {"value": "yes" if found["structure"] else "no", "label": "groups to be found", "words": words}


def _dimension(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("intrinsic_dimension") or {}
    if "two_nn" not in found:
        return {"value": "–", "label": "intrinsic dimension", "words": f"Not looked at: {found['skipped']}."} if "skipped" in found else None
    return {
        "value": f"{found['two_nn']:.1f}", "label": "intrinsic dimension",
        "words": f"Judged by nearest neighbours (TwoNN), the rows fill about {found['two_nn']:.1f} of {found['columns']} dimensions.",
    }  # fmt: skip


def _pca(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("pca") or {}
    if "for_90" not in found:
        return None
    return {
        "value": str(found["for_90"]), "label": "components for 90 % of the variance",
        "words": f"{found['for_95']} for 95 %, of {plural(found['columns'], 'column')} once categories are spread out. Alike in size, there would be {found['effective']:.1f}.",
    }  # fmt: skip


def _scale(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("scale") or {}
    if "largest" not in found:
        return None
    ratio = found["ratio"]
    words = f"{_name(found['largest']['column'])} spreads {figure(ratio)} times as widely as {_name(found['smallest']['column'])}"
    return {"value": f"{figure(round(ratio) if ratio >= 10 else round(ratio, 1))}×", "label": "largest over smallest spread", "words": words + ("; distances need scaling first." if ratio > 10 else ".")}
