"""One kind of picture for all: axes with ticks, marks with a tip each, a legend, and the table of what is drawn."""

from collections.abc import Sequence
from typing import Any

from automl.report.charts.axes import Axis

WIDTH, HEIGHT = 420, 220
LETTER = 8.6  # width of a digit of an axis' label, in the larger type of a narrow screen
FOOT = 40  # under the axis: its labels and its name


def line(points: Sequence[tuple[float, float]], look: str = "c0", tip: str = "") -> dict[str, Any]:
    """Return a line through places."""
    return {"kind": "line", "points": " ".join(f"{x},{y}" for x, y in points), "look": look, "tip": tip}


def dot(x: float, y: float, look: str = "c0", tip: str = "", radius: float = 3.5) -> dict[str, Any]:
    """Return a dot at a place."""
    return {"kind": "dot", "x": x, "y": y, "radius": radius, "look": look, "tip": tip}


def rect(x: float, y: float, width: float, height: float, look: str = "c0", tip: str = "") -> dict[str, Any]:
    """Return a box; `x`, `y` its upper left corner."""
    return {"kind": "rect", "x": x, "y": y, "width": round(width, 2), "height": round(height, 2), "look": look, "tip": tip}


def rule(x1: float, y1: float, x2: float, y2: float, look: str = "dashed", tip: str = "") -> dict[str, Any]:
    """Return a straight stroke from one place to another."""
    return {"kind": "rule", "x1": x1, "y1": y1, "x2": x2, "y2": y2, "look": look, "tip": tip}


def path(d: str, look: str = "c0") -> dict[str, Any]:
    """Return many strokes or points of one look as one path, which a page of thousands of points needs."""
    return {"kind": "path", "path": d, "look": look, "tip": ""}


def chart(
    ident: str, label: str, x: Axis, y: Axis | None, marks: Sequence[dict[str, Any]], head: Sequence[str], rows: Sequence[Sequence[str]], *,
    x_title: str, y_title: str = "", x_ticks: Sequence[tuple[float, str]] | None = None, legend: Sequence[tuple[str, str]] = (), caption: str = "",
    look: str = "", height: float = HEIGHT, foot: float = FOOT, note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Return a picture as values.

    `ident` is unique on the page; `label` tells the finding to who cannot see it; `head` and `rows` are the table of the data.
    `legend`: (name, look). `look`: "wide" for one that needs the whole width, "square" for one as high as wide, "map" for one of places
    alone. `foot`: the room under the picture. `note`: which part of the data the table holds, where it is not all.
    """
    y_ticks = y.ticks() if y is not None else []
    left = 8 + LETTER * max((len(text) for _, text in y_ticks), default=0) + (16 if y_title else 0)
    return {
        "id": ident, "label": label, "look": look, "width": x.size, "height": height, "marks": list(marks),
        "x_title": x_title, "y_title": y_title,
        "box": f"{-left:.0f} -8 {x.size + left + 14:.0f} {height + foot + 8:.0f}", "x_ticks": list(x.ticks() if x_ticks is None else x_ticks),
        "y_ticks": y_ticks,
        "legend": [{"name": name, "look": how} for name, how in legend], "caption": caption,
        "table": {"head": list(head), "rows": [list(row) for row in rows], "note": note},
    }  # fmt: skip
