"""Numbers to places on a chart: the template draws, this computes."""

import math
from collections.abc import Sequence
from typing import Any

PALETTE = 8  # colours the style sheet defines for families


def bars(counts: Sequence[float]) -> list[float]:
    """Return bar heights within 0 and 1."""
    top = max(counts, default=0)
    return [round(c / top, 4) for c in counts] if top else []


def roc_path(points: Sequence[Sequence[float]] | None, size: int = 260) -> str:
    """Return the SVG polyline of a ROC curve in a square of `size`, the origin at the lower left."""
    if not points:
        return ""
    return " ".join(f"{x * size:.1f},{(1 - y) * size:.1f}" for x, y in points)


def timeline(trials: Sequence[dict[str, Any]], used: float) -> dict[str, Any]:
    """Return the bars of a timeline: left and width in percent of the run, a lane per worker, a colour per family."""
    families = list(dict.fromkeys(t["family"] for t in trials))
    lanes: list[float] = []
    out = []
    for trial in sorted(trials, key=lambda t: t["started"]):
        lane = next((i for i, end in enumerate(lanes) if end <= trial["started"] + 0.05), len(lanes))
        if lane == len(lanes):
            lanes.append(0.0)
        lanes[lane] = trial["started"] + trial["seconds"]
        out.append({
            "left": round(100 * trial["started"] / used, 3), "width": round(max(0.25, 100 * trial["seconds"] / used), 3), "lane": lane,
            "colour": families.index(trial["family"]) % PALETTE, "failed": trial["state"] not in ("ok", "pruned", "cancelled"),
            "title": f"trial {trial['number']}, {trial['family']}, {trial['state']}, {trial['seconds']:.1f} s",
        })  # fmt: skip
    return {"bars": out, "lanes": len(lanes), "families": [{"name": f, "colour": i % PALETTE} for i, f in enumerate(families)], "seconds": used}


def learning_curve(curve: dict[str, Any], width: int = 420, height: int = 200) -> dict[str, Any] | None:
    """Return the polylines of a learning curve: rows to learn from on a log scale, scores on a linear one; None of a single point.

    `whisker` is the 95 % interval of the last score on rows not seen; ticks are (place, text).
    """
    points = [p for p in curve["points"] if p["score"] is not None and p["train"] is not None]
    if len(points) < 2:
        return None
    ends = [v for v in curve.get("whole") or [] if v is not None]
    values = [v for p in points for v in (p["score"], p["train"])] + ends
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 0.01
    low, high = low - pad, high + pad
    first, last = math.log(points[0]["rows"]), math.log(points[-1]["rows"])

    def x(rows: float) -> float:
        return round(width * (math.log(rows) - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(float(height * (high - value) / (high - low)), 1)

    lines = {kind: [(x(p["rows"]), y(p[kind])) for p in points] for kind in ("score", "train")}
    levels = [low + (high - low) * share for share in (0.08, 0.5, 0.92)]
    return {
        "width": width, "height": height, "x_ticks": [(x(p["rows"]), f"{p['rows']:,}") for p in points], "y_ticks": [(y(v), f"{v:.3f}") for v in levels],
        "lines": {kind: " ".join(f"{a},{b}" for a, b in found) for kind, found in lines.items()}, "dots": lines,
        "whisker": [y(v) for v in ends] if len(ends) == 2 else None,
    }  # fmt: skip
