"""The rows as a page shows them: dates and their order, outliers, and training against test rows."""

from collections.abc import Mapping
from typing import Any

from automl.report.eda_geometry import GREY, curve
from automl.report.geometry import bars
from automl.report.words import figure, listed, part_of, percent, plural, span, visible

Profile = Mapping[str, Any]

LISTED = 12
NAME = 60  # characters of a name
MOVED, MOVING = 0.25, 0.1  # population stability index (Siddiqi 2006, page 136)
SURE = 3.0  # times what chance stays below in 19 of 20 cases; one of many columns passes that line alone by chance


def dates_part(profile: Profile, colours: Mapping[str, int]) -> dict[str, Any]:
    """Return a timeline per date column, and what is odd about it."""
    part = profile.get("dates") or {}
    out: list[dict[str, Any]] = []
    for d in (part.get("columns") or [])[:LISTED]:
        name = visible(d["column"], NAME)
        if not d.get("rows") or "skipped" in d:
            out.append({"name": name, "note": f"{d.get('skipped', 'it has no date')}."})
            continue
        periods = d.get("periods") or {"counts": [], "starts": [], "unit": ""}
        table = [[start, f"{n:,}"] for start, n in zip(periods["starts"], periods["counts"], strict=False)]
        out.append({
            "name": name, "note": "", "bars": bars(periods["counts"]), "unit": periods["unit"], "top": f"{max(periods['counts'], default=0):,}",
            "first": str(d["min"])[:10], "last": str(d["max"])[:10], "table": table, "facts": _date_facts(d), "drift": _shares(d.get("drift") or {}, colours),
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
    lines = [{"class": visible(c["class"], 40), "colour": colours.get(str(c["class"]), GREY), "points": curve(c["shares"])} for c in classes]
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
    rails = [{"name": visible(c["column"], NAME), "share": percent(c["share"]), "width": round(100 * c["share"] / top, 1)} for c in far[:LISTED]]
    lof = part.get("lof") or {}
    if not part.get("columns"):
        return {"note": "Outliers were not looked for: there are no numbers that differ."}
    rows = [
        {"row": r["row"], "factor": f"{r['factor']:.1f}", "columns": [visible(c, 40) for c in r["columns"]]}
        for r in lof.get("top") or []
        if r["factor"] > lof.get("factor", 0)
    ]
    words = f"Rows far from all others were not looked for: {lof['skipped']}." if "skipped" in lof else ""
    if "share" in lof:
        words = f"{percent(lof['share'])} of {lof['rows']:,} rows lie in a place at least {lof['factor']:g} times as sparse as that of their neighbours."
    return {"note": "", "bars": rails, "more": max(0, len(far) - LISTED), "lof": words, "rows": rows}


def drift_part(profile: Profile) -> dict[str, Any]:
    """Return how much each column differs between training and test rows, and how many rows stand on both sides."""
    part, note = part_of(profile, "drift", "Training and test rows were")
    if note:
        return {"note": note}
    columns = part.get("columns") or []
    top = max([MOVED, *(c["psi"] for c in columns[:LISTED])])
    rows = [
        {
            "name": visible(c["column"], NAME), "psi": f"{c['psi']:.3f}", "chance": f"{c['psi_by_chance']:.3f}", "distance": f"{c['distance']:.3f}",
            "width": round(100 * c["psi"] / top, 1), "chance_at": round(min(100.0, 100 * c["psi_by_chance"] / top), 1), "word": moved(c),
            "unseen": _unseen(c.get("unseen") or {}),
        }
        for c in columns[:LISTED]
    ]  # fmt: skip
    words = [moved(c) for c in columns]
    n, unsure = words.count("moved"), words.count("unsure")
    sentence = (
        f"{plural(n, 'column has', 'columns have')} moved far: a stability index above 0.1, and three times what chance stays below."
        if n
        else "No column has moved far (a stability index above 0.1, and three times what chance stays below)."
    )
    if unsure:
        sentence += f" {unsure} of {len(columns)} pass the line that chance passes in 1 of 20."
    return {
        "note": "", "moved": n, "sentence": sentence, "rows": rows, "more": max(0, len(columns) - LISTED), "overlap": _overlap(part.get("overlap") or {}),
        "rest": str(part.get("columns_skipped", "")),
    }  # fmt: skip


def moved(c: Mapping[str, Any]) -> str:
    """Return whether a column is alike on both sides, has moved, or may have by chance."""
    if c["psi"] <= max(c["psi_by_chance"], MOVING):
        return "alike"
    return "moved" if c["psi"] > SURE * c["psi_by_chance"] else "unsure"


def _unseen(unseen: Mapping[str, Any]) -> str:
    if not unseen.get("levels"):
        return ""
    named = f": {listed([visible(level, 24) for level, _ in unseen['named']])}" if unseen.get("named") else ""
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
