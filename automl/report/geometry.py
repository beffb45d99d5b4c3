"""Numbers to places on a chart: the template draws, this computes."""

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
