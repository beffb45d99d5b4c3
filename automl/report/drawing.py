"""Maps, curves and trees of tasks without a label as places on a page: the templates draw, this computes."""

from collections.abc import Mapping, Sequence
from typing import Any

COLOURS = 8  # that the style sheet has for groups; further ones share the last
WIDTH, HEIGHT = 420, 320
GREY = "noise"


def scatter(xs: Sequence[float], ys: Sequence[float], groups: Sequence[int], width: int = WIDTH, height: int = HEIGHT) -> dict[str, Any]:
    """Return one path per group, each point a dot of it, both axes filled: `layers` with the group's number and its path.

    A group below 0 is drawn first and grey. Axes have no ticks: only nearness means anything on such a map.
    """
    if not xs:
        return {"width": width, "height": height, "layers": []}
    x_low, x_high, y_low, y_high = *_ends(xs), *_ends(ys)
    paths: dict[int, list[str]] = {}
    for x, y, group in zip(xs, ys, groups, strict=True):
        place = f"M{(x - x_low) / (x_high - x_low) * width:.1f} {(y_high - y) / (y_high - y_low) * height:.1f}h0"
        paths.setdefault(group, []).append(place)
    layers = [{"group": g, "colour": GREY if g < 0 else f"c{min(g, COLOURS - 1)}", "path": "".join(paths[g]), "points": len(paths[g])} for g in sorted(paths)]
    return {"width": width, "height": height, "layers": layers}


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = 0.03 * (high - low) or 1.0
    return low - pad, high + pad


def shades(values: Sequence[float | None], steps: int = COLOURS - 1) -> list[int]:
    """Return for each number which of some equally filled shades it has, from the smallest; -1 where there is none."""
    known = sorted(v for v in values if v is not None)
    if not known:
        return [-1] * len(values)
    cuts = [known[min(len(known) - 1, int(len(known) * (i + 1) / steps))] for i in range(steps - 1)]
    return [-1 if v is None else sum(v > cut for cut in cuts) for v in values]


def lines(series: Mapping[str, Sequence[tuple[float, float]]], chosen: float | None = None, width: int = WIDTH, height: int = 180) -> dict[str, Any] | None:
    """Return curves over one axis as polylines: `lines` per name, ticks of both axes, and where the chosen value stands; None without two points."""
    points = [p for line in series.values() for p in line]
    if len({x for x, _ in points}) < 2:
        return None
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    y_low, y_high = _ends([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        return round(width * (x - x_low) / (x_high - x_low), 1), round(height * (y_high - y) / (y_high - y_low), 1)

    marks = sorted({x for x, _ in points})
    step = max(1, len(marks) // 8)
    levels = [y_low + (y_high - y_low) * share for share in (0.08, 0.5, 0.92)]
    return {
        "width": width, "height": height, "chosen": place(chosen, y_low)[0] if chosen is not None and x_low <= chosen <= x_high else None,
        "lines": [
            {"name": name, "colour": f"c{i % COLOURS}", "points": " ".join(f"{a},{b}" for a, b in (place(x, y) for x, y in sorted(line)))}
            for i, (name, line) in enumerate(series.items()) if len(line) > 1
        ],
        "x_ticks": [(place(x, y_low)[0], f"{x:g}") for x in marks[::step]], "y_ticks": [(place(x_low, y)[1], f"{y:.3g}") for y in levels],
    }  # fmt: skip


def dendrogram(merges: Sequence[Sequence[float]], width: int = WIDTH, height: int = 180) -> dict[str, Any] | None:
    """Return a tree of merges as one SVG path: each merge (left, right, height, rows) joins two of the leaves 0 to n - 1, or earlier merges n, n + 1, ...

    Leaves are put in an order in which no lines cross. None without a merge.
    """
    if not merges:
        return None
    n = len(merges) + 1
    top = max(m[2] for m in merges) or 1.0
    children = {n + i: (int(m[0]), int(m[1])) for i, m in enumerate(merges)}
    order: list[int] = []
    stack = [2 * n - 2]
    while stack:
        node = stack.pop()
        if node < n:
            order.append(node)
        else:
            stack += [children[node][1], children[node][0]]
    gap = width / n
    x = {leaf: (i + 0.5) * gap for i, leaf in enumerate(order)}
    y = dict.fromkeys(range(n), float(height))
    path = []
    for i, merge in enumerate(merges):
        a, b = int(merge[0]), int(merge[1])
        level = height * (1 - 0.97 * merge[2] / top)
        path.append(f"M{x[a]:.1f} {y[a]:.1f}V{level:.1f}H{x[b]:.1f}V{y[b]:.1f}")
        x[n + i], y[n + i] = (x[a] + x[b]) / 2, level
    return {"width": width, "height": height, "path": "".join(path), "leaves": n, "order": order}
